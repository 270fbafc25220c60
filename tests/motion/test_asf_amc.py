"""ASF/AMC written here reads back as the rotations it was written from; damage is told."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from anywear.errors import AnywearError, FormatError
from anywear.motion import read_motion
from anywear.motion.asf_amc import CMU_UNIT_M

# Name, parent, direction, length, axis, dof.
BONES = [
    ("lowerback", "root", (0, 1, 0), 2.5, (0, 0, 0), "rx ry rz"),
    ("thorax", "lowerback", (0, 1, 0), 4.5, (0, 0, 0), "rx ry rz"),
    ("head", "thorax", (0, 1, 0), 3.0, (0, 0, 0), "rx ry rz"),
    ("lhumerus", "thorax", (1, 0, 0), 5.0, (180, -30, -90), "rx ry rz"),
    ("lradius", "lhumerus", (1, 0, 0), 3.5, (180, -30, -90), "rx"),
    ("rhumerus", "thorax", (-1, 0, 0), 5.0, (180, 30, 90), "rx ry rz"),
    ("rradius", "rhumerus", (-1, 0, 0), 3.5, (180, 30, 90), "rx"),
    ("lhipjoint", "root", (0.8, -0.6, 0), 2.0, (0, 0, 0), ""),
    ("lfemur", "lhipjoint", (0.34202, -0.939693, 0), 7.0, (0, 0, 20), "rx ry rz"),
    ("ltibia", "lfemur", (0.34202, -0.939693, 0), 7.0, (0, 0, 20), "rx"),
    ("rhipjoint", "root", (-0.8, -0.6, 0), 2.0, (0, 0, 0), ""),
    ("rfemur", "rhipjoint", (-0.34202, -0.939693, 0), 7.0, (0, 0, -20), "rx ry rz"),
    ("rtibia", "rfemur", (-0.34202, -0.939693, 0), 7.0, (0, 0, -20), "rx"),
]
TO_OURS = Rotation.from_matrix([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]])


def asf_text(angle: str = "deg") -> str:
    turn = 1.0 if angle == "deg" else np.pi / 180
    bones = "".join(
        f"  begin\n     id {i}\n     name {name}\n     direction {' '.join(map(str, direction))}\n     length {length}\n"
        f"     axis {' '.join(str(turn * a) for a in axis)} XYZ\n" + (f"    dof {dof}\n" if dof else "") + "  end\n"
        for i, (name, _, direction, length, axis, dof) in enumerate(BONES, 1)
    )
    parents = dict.fromkeys(parent for _, parent, *_ in BONES)
    tree = "".join(f"    {p} " + " ".join(n for n, parent, *_ in BONES if parent == p) + "\n" for p in parents)
    return (
        f"# made\n:version 1.10\n:name T\n:units\n  mass 1.0\n  length 0.45\n  angle {angle}\n:documentation\n  none\n"
        ":root\n   order TX TY TZ RX RY RZ\n   axis XYZ\n   position 0 0 0\n   orientation 0 0 0\n"
        f":bonedata\n{bones}:hierarchy\n  begin\n{tree}  end\n"
    )


def amc_text(values: dict[str, np.ndarray], angle: str = "deg") -> str:
    lines = ["#made here", ":FULLY-SPECIFIED", ":DEGREES" if angle == "deg" else ":RADIANS"]
    for frame in range(len(values["root"])):
        lines.append(str(frame + 1))
        lines.extend(f"{bone} " + " ".join(f"{v:.10g}" for v in rows[frame]) for bone, rows in values.items())
    return "\n".join(lines) + "\n"


def values_of(frames: int = 25) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    t = np.linspace(0, 1, frames)[:, None]
    values = {"root": np.concatenate([10 + t * [[1, 2, 3]], 30 * np.sin(t + rng.uniform(0, 6, (1, 3)))], axis=1)}
    for name, *_, dof in BONES:
        if dof:
            values[name] = 40 * np.sin(t + rng.uniform(0, 6, (1, len(dof.split()))))
    return values


def written(tmp_path, amc: str, asf: str | None = None, name: str = "one_1.amc"):
    if asf is not None:
        (tmp_path / "one.asf").write_text(asf)
    (tmp_path / name).write_text(amc)
    return tmp_path / name


@pytest.mark.parametrize("angle", ["deg", "rad"])
def test_turns_written_are_turns_read(tmp_path, angle):
    values = values_of()
    factor = 1.0 if angle == "deg" else np.pi / 180
    scaled = {
        k: np.concatenate([v[:, :3], factor * v[:, 3:]], 1) if k == "root" else factor * v for k, v in values.items()
    }
    clip = read_motion(written(tmp_path, amc_text(scaled, angle), asf_text(angle)), rate_hz=120.0)
    world = {"root": Rotation.from_euler("xyz", values["root"][:, 3:], degrees=True)}
    position = {"root": CMU_UNIT_M * values["root"][:, :3]}
    ends = dict(position)
    for name, parent, direction, length, axis, dof in BONES:
        frame = Rotation.from_euler("xyz", axis, degrees=True)
        local = Rotation.identity()
        if dof:
            angles = np.zeros((25, 3))
            angles[:, [["rx", "ry", "rz"].index(d) for d in dof.split()]] = values[name]
            local = frame * Rotation.from_euler("xyz", angles, degrees=True) * frame.inv()
        world[name] = world[parent] * local
        position[name] = ends[parent]
        ends[name] = position[name] + CMU_UNIT_M * length * world[name].apply(direction)
    positions = clip.joint_positions_m()
    for name in world:
        joint = clip.skeleton.index(name)
        seen = Rotation.from_quat(clip.quat_world_from_joint[:, joint])
        assert (seen.inv() * TO_OURS * world[name] * TO_OURS.inv()).magnitude().max() < 1e-6, name
        np.testing.assert_allclose(positions[:, joint], TO_OURS.apply(position[name]), atol=1e-6)
    np.testing.assert_allclose(
        positions[:, clip.skeleton.index("ltibia_end")], TO_OURS.apply(ends["ltibia"]), atol=1e-6
    )


def test_rate_comes_from_the_name_the_user_or_not_at_all(tmp_path):
    amc, asf = amc_text(values_of()), asf_text()
    assert read_motion(written(tmp_path, amc, asf, "HDM_bd_walk_001_120.amc")).rate_hz == 120.0
    assert read_motion(written(tmp_path, amc, asf, "13_29.amc")).rate_hz == 120.0
    assert read_motion(written(tmp_path, amc, asf, "60_05.amc")).rate_hz == 60.0
    with pytest.raises(FormatError, match="rate"):
        read_motion(written(tmp_path, amc, asf, "walk.amc"))


GOOD_AMC, GOOD_ASF = amc_text(values_of(6)), asf_text()


@pytest.mark.parametrize(
    ("amc", "asf"),
    [
        (GOOD_AMC[:-30], GOOD_ASF),
        (GOOD_AMC[: len(GOOD_AMC) // 2], GOOD_ASF),
        (GOOD_AMC.replace("lradius", "ltail"), GOOD_ASF),
        (GOOD_AMC.replace("\n3\n", "\n4\n"), GOOD_ASF),
        (GOOD_AMC.replace("rhumerus", "rhumerus nan", 1), GOOD_ASF),
        (":DEGREES\n", GOOD_ASF),
        (GOOD_AMC, GOOD_ASF[: GOOD_ASF.index(":hierarchy")]),
        (GOOD_AMC, GOOD_ASF.replace("length 7.0", "length long", 1)),
        (GOOD_AMC, GOOD_ASF.replace("length 0.45", "length 0")),
        (GOOD_AMC, GOOD_ASF.replace("thorax head", "thorax thorax")),
        (GOOD_AMC, GOOD_ASF.replace("XYZ", "XQZ")),
        (GOOD_AMC, "nonsense"),
    ],
)
def test_damage_is_a_clear_error(tmp_path, amc, asf):
    with pytest.raises(AnywearError):
        read_motion(written(tmp_path, amc, asf), rate_hz=120.0)
