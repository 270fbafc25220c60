"""Bad motion files: every reader gives one clear error of ours, or a clip; never a traceback, never silence."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anywear.errors import AnywearError, FormatError, UnitError
from anywear.motion import MOTION_READERS, read_motion, smpl

# Name, parent, offset in cm: Y up, facing Z, left along X.
BONES = [
    ("Hips", None, (0, 0, 0)), ("Spine", "Hips", (0, 30, 0)), ("Head", "Spine", (0, 35, 0)),
    ("LeftArm", "Spine", (17, 20, 0)), ("LeftForeArm", "LeftArm", (28, 0, 0)), ("LeftHand", "LeftForeArm", (25, 0, 0)),
    ("RightArm", "Spine", (-17, 20, 0)), ("RightForeArm", "RightArm", (-28, 0, 0)),
    ("RightHand", "RightForeArm", (-25, 0, 0)), ("LeftUpLeg", "Hips", (9, -4, 0)), ("LeftLeg", "LeftUpLeg", (0, -42, 0)),
    ("LeftFoot", "LeftLeg", (0, -41, 0)), ("RightUpLeg", "Hips", (-9, -4, 0)), ("RightLeg", "RightUpLeg", (0, -42, 0)),
    ("RightFoot", "RightLeg", (0, -41, 0)),
]  # fmt: skip


def bvh_text(frames: int = 4) -> str:
    def joint(name: str, offset: tuple) -> str:
        own = "".join(joint(child, to) for child, parent, to in BONES if parent == name)
        head = "ROOT" if name == "Hips" else "JOINT"
        channels = "6 Xposition Yposition Zposition " if name == "Hips" else "3 "
        return (
            f"{head} {name}\n{{\nOFFSET {' '.join(map(str, offset))}\nCHANNELS {channels}Zrotation Xrotation Yrotation\n"
            f"{own or f'End Site{chr(10)}{{{chr(10)}OFFSET 0 5 4{chr(10)}}}{chr(10)}'}}}\n"
        )

    rows = "".join("0 87 0" + " 0 0 0" * len(BONES) + f" {chr(10)}" for _ in range(frames))
    return f"HIERARCHY\n{joint('Hips', (0, 0, 0))}MOTION\nFrames: {frames}\nFrame Time: 0.01\n{rows}"


ASF_BONES = [
    ("lowerback", "root", (0, 1, 0), 2.5), ("thorax", "lowerback", (0, 1, 0), 4.5), ("head", "thorax", (0, 1, 0), 3.0),
    *(
        (f"{side}{name}", parent if parent in ("root", "thorax") else f"{side}{parent}", (sign * x, y, 0), length)
        for side, sign in (("l", 1), ("r", -1))
        for name, parent, x, y, length in (
            ("humerus", "thorax", 1, 0, 5.0), ("radius", "humerus", 1, 0, 3.5), ("hipjoint", "root", 0.8, -0.6, 2.0),
            ("femur", "hipjoint", 0.34, -0.94, 7.0), ("tibia", "femur", 0.34, -0.94, 7.0),
        )
    ),
]  # fmt: skip


def asf_text() -> str:
    bones = "".join(
        f"begin\nid {i}\nname {name}\ndirection {' '.join(map(str, way))}\nlength {length}\naxis 0 0 0 XYZ\n"
        f"{'' if 'hipjoint' in name else f'dof rx ry rz{chr(10)}'}end\n"
        for i, (name, _, way, length) in enumerate(ASF_BONES, 1)
    )
    tree = "".join(f"{parent} {name}\n" for name, parent, *_ in ASF_BONES)
    return (
        ":version 1.10\n:name T\n:units\nmass 1.0\nlength 0.45\nangle deg\n:root\norder TX TY TZ RX RY RZ\naxis XYZ\n"
        f"position 0 0 0\norientation 0 0 0\n:bonedata\n{bones}:hierarchy\nbegin\n{tree}end\n"
    )


def amc_text(frames: int = 3) -> str:
    own = "".join(f"{name} 0 5 0\n" for name, *_ in ASF_BONES if "hipjoint" not in name)
    return ":FULLY-SPECIFIED\n:DEGREES\n" + "".join(f"{f + 1}\nroot 0 17 0 0 0 {f}\n{own}" for f in range(frames))


def deepmimic_text(frames: int = 4) -> str:
    still = [0.033, 0.0, 0.86, 0.0]
    for channels in (4, 4, 4, 4, 1, 4, 4, 1, 4, 1, 4, 4, 1):
        still += [1, 0, 0, 0] if channels == 4 else [0]
    return json.dumps({"Loop": "none", "Frames": [still] * frames})


def amass_arrays(frames: int = 4) -> dict:
    return {"poses": np.full((frames, 66), 0.1), "trans": np.zeros((frames, 3)), "mocap_framerate": np.array(60.0)}


def positions(frames: int = 4) -> np.ndarray:
    return np.tile((smpl.rest_joints_m() + np.array([0, 0.9, 0])).astype(np.float32), (frames, 1, 1))


def write_good(folder: Path, name: str) -> Path:
    """One small sound file of a format."""
    path = folder / {"amc": "walk.amc", "amass": "a.npz", "humanml3d": "h.npy", "bvh": "b.bvh"}.get(name, f"{name}.txt")
    if name == "amass":
        np.savez(path, **amass_arrays())
    elif name == "humanml3d":
        np.save(path, positions())
    else:
        row = ",".join(["0", "17", *["0"] * 115])
        text = {"bvh": bvh_text(), "amc": amc_text(), "deepmimic": deepmimic_text(), "expmap": f"{row}\n{row}\n"}[name]
        path.write_text(text)
    if name == "amc":
        (folder / "walk.asf").write_text(asf_text())
    return path


def written(folder: Path, name: str, change: Callable[[str], str]) -> Path:
    path = write_good(folder, name)
    path.write_text(change(path.read_text()))
    return path


def error_of(path: Path, **options) -> AnywearError:
    with pytest.raises(AnywearError) as error:
        read_motion(path, **options)
    assert error.value.where and path.stem in error.value.where, str(error.value)
    return error.value


FORMATS = ("bvh", "amc", "deepmimic", "expmap", "amass", "humanml3d")


def test_every_reader_is_tested_here(tmp_path):
    assert {*FORMATS, "compact"} == set(MOTION_READERS)  # what is wrong with compact files: test_compact.py
    for name in FORMATS:
        assert len(read_motion(write_good(tmp_path, name), rate_hz=60.0)) >= 2


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("damage", ["empty", "binary", "half", "last bytes", "folder", "missing"])
def test_files_that_are_none(tmp_path, name, damage):
    path = write_good(tmp_path, name)
    good = path.read_bytes()
    if damage in ("folder", "missing"):
        path.unlink()
        if damage == "folder":
            path.mkdir()
    else:
        noise = np.random.default_rng(0).integers(0, 256, 5000, dtype=np.uint8).tobytes()
        path.write_bytes(
            {"empty": b"", "binary": noise, "half": good[: len(good) // 2], "last bytes": good[:-12]}[damage]
        )
    for chosen in (None, name):
        assert isinstance(error_of(path, format=chosen, rate_hz=60.0), FormatError)


@pytest.mark.parametrize("name", FORMATS)
def test_files_of_another_format_are_refused(tmp_path, name):
    for other in set(FORMATS) - {name}:
        error_of(write_good(tmp_path, other), format=name, rate_hz=60.0)


@pytest.mark.parametrize("name", FORMATS)
def test_a_single_frame_is_no_motion(tmp_path, name):
    if name == "amass":
        path = tmp_path / "a.npz"
        np.savez(path, **amass_arrays(1))
    elif name == "humanml3d":
        path = tmp_path / "h.npy"
        np.save(path, positions(1))
    else:
        one = {"bvh": bvh_text(1), "amc": amc_text(1), "deepmimic": deepmimic_text(1), "expmap": "0," * 116 + "0\n"}[
            name
        ]
        path = written(tmp_path, name, lambda _: one)
    error_of(path, format=name, rate_hz=60.0)


@pytest.mark.parametrize("time", ["0", "-0.01", "1e9", "1e-9", "inf", "nan", "soon", ""])
def test_impossible_frame_times(tmp_path, time):
    path = written(tmp_path, "bvh", lambda text: text.replace("Frame Time: 0.01", f"Frame Time: {time}"))
    error = error_of(path)
    assert "frame time" in error.what
    if time in ("0", "-0.01", "1e9", "1e-9"):  # a given rate is the remedy, and helps
        assert "--motion-rate" in str(error.remedy) and read_motion(path, rate_hz=60.0).rate_hz == 60.0


def test_no_rate_is_asked_for_or_told(tmp_path):
    assert "rate" in error_of(write_good(tmp_path, "amc")).what
    for name in ("expmap", "humanml3d"):  # one rate is known for all such files, and said to be assumed
        notes = read_motion(write_good(tmp_path, name)).notes
        assert any(note.kind == "assumed" and note.text.startswith("rate ") for note in notes)
    for rate in (0.0, -60.0, np.nan, np.inf):
        np.savez(tmp_path / "r.npz", **{**amass_arrays(), "mocap_framerate": np.array(rate)})
        assert "rate" in error_of(tmp_path / "r.npz").what
    np.savez(tmp_path / "r.npz", **amass_arrays(), mocap_frame_rate=np.array(120.0))
    assert "contradicts itself" in error_of(tmp_path / "r.npz").what
    assert read_motion(tmp_path / "r.npz", rate_hz=60.0).rate_hz == 60.0


def test_durations_that_differ(tmp_path):
    content = json.loads(deepmimic_text())
    content["Frames"][1][0] = 0.1
    path = written(tmp_path, "deepmimic", lambda _: json.dumps(content))
    assert "durations" in error_of(path).what


@pytest.mark.parametrize(("old", "new", "missing"), [
    ("LeftLeg", "Tentacle", "left_shank"), ("RightForeArm", "Wing", "right_forearm"), ("Hips", "Reference", "pelvis"),
])  # fmt: skip
def test_missing_segments_are_named(tmp_path, old, new, missing):
    error = error_of(written(tmp_path, "bvh", lambda text: text.replace(old, new)))
    assert missing in error.what and new in str(error.got)


@pytest.mark.parametrize("change", [
    lambda t: t.replace("Frames: 4", "Frames: 3"),
    lambda t: t.replace("Frames: 4", "Frames: 5"),
    lambda t: t.replace("Frames: 4", "Frames: 0"),
    lambda t: t.replace("Frames: 4", "Frames: -4"),
    lambda t: t.replace("Frames: 4", "Frames: 4.5"),
    lambda t: t.replace("CHANNELS 3 Zrotation", "CHANNELS 2 Zrotation", 1),
    lambda t: t.replace("CHANNELS 3 Zrotation", "CHANNELS 4 Zrotation", 1),
    lambda t: t.replace("CHANNELS 6 Xposition Yposition Zposition Z", "CHANNELS 3 Z", 1),
    lambda t: t.replace(" 0 0 0 \n", " 0 0 \n", 1),
    lambda t: t.replace("87", "nan", 1),
    lambda t: t.replace("87", "1e300", 1),
    lambda t: t.replace("OFFSET 28 0 0", "OFFSET nan 0 0"),
    lambda t: t.replace("OFFSET 28 0 0", "OFFSET 28 0"),
    lambda t: t + bvh_text(),
], ids=range(14))  # fmt: skip
def test_bvh_that_contradicts_itself(tmp_path, change):
    error_of(written(tmp_path, "bvh", change))


@pytest.mark.parametrize("change", [
    lambda t: t.replace("lradius", "ltail"),
    lambda t: t.replace("lradius 0 5 0", "lradius 0 5", 1),
    lambda t: t.replace("lradius 0 5 0\n", "", 1),
    lambda t: t.replace("lradius 0 5 0\n", "lradius 0 5 0\nlradius 9 9 9\n", 1),
    lambda t: t.replace("lradius 0 5 0", "lradius 0 nan 0", 1),
    lambda t: t.replace("root 0 17", "root 0 1e300", 1),
    lambda t: t.replace("\n2\n", "\n7\n"),
    lambda t: t.replace("\n2\n", "\n1\n"),
], ids=range(8))  # fmt: skip
def test_amc_that_contradicts_itself_or_its_asf(tmp_path, change):
    error_of(written(tmp_path, "amc", change), rate_hz=60.0)


@pytest.mark.parametrize("change", [
    lambda t: t.replace("name rfemur", "name lfemur"),
    lambda t: t.replace("TX TY TZ", "TX TY TL"),
    lambda t: t.replace("RX RY RZ", "RX RY RX"),
    lambda t: t.replace("dof rx", "dof qx", 1),
    lambda t: t.replace("thorax lowerback", "lowerback thorax").replace("lowerback thorax", "thorax thorax"),
    lambda t: t.replace("length 7.0", "length inf", 1),
    lambda t: t.replace("name lfemur", "name lwing").replace("lfemur", "lwing"),
    lambda _: "",
    lambda _: "\0\1\2",
], ids=range(9))  # fmt: skip
def test_asf_that_contradicts_itself(tmp_path, change):
    path = write_good(tmp_path, "amc")
    (tmp_path / "walk.asf").write_text(change(asf_text()))
    error_of(path, rate_hz=60.0)


@pytest.mark.parametrize("name", FORMATS)
def test_gaps_are_named_by_frame(tmp_path, name):
    path = write_good(tmp_path, name)
    if name == "amass":
        arrays = amass_arrays()
        arrays["poses"][2, 5] = np.nan
        np.savez(path, **arrays)
    elif name == "humanml3d":
        table = positions()
        table[2, 5] = np.nan
        np.save(path, table)
    else:
        old, new = {"bvh": ("87", "nan"), "amc": ("17", "nan"), "deepmimic": ("0.86", "NaN"), "expmap": ("17", "nan")}[
            name
        ]
        path.write_text(path.read_text().replace(old, new, 1))
    error = error_of(path, format=name, rate_hz=60.0)
    assert "finite" in error.what and any(word in str(error.where) for word in ("frame", "row"))


def test_bones_without_length_are_named(tmp_path):
    clip = read_motion(written(tmp_path, "bvh", lambda text: text.replace("OFFSET 28 0 0", "OFFSET 0 0 0")))
    assert any("bone length" in note.text and "left upper arm" in note.text for note in clip.notes)
    table = positions()
    table[:, 4] = table[:, 1]
    np.save(tmp_path / "h.npy", table)
    assert "left_knee" in str(error_of(tmp_path / "h.npy").where)
    still = written(tmp_path, "bvh", lambda text: text.replace("OFFSET 0 -42 0", "OFFSET 0 0 0"))
    error_of(still)  # legs without thighs do not stand


def test_other_units_are_found_or_refused(tmp_path):
    np.save(tmp_path / "mm.npy", 1000 * positions())
    error = error_of(tmp_path / "mm.npy")
    assert isinstance(error, UnitError) and "scale" in str(error.remedy)
    metres = read_motion(tmp_path / "mm.npy", scale=0.001)
    np.testing.assert_allclose(
        np.ptp(metres.joint_positions_m()[0], axis=0), np.ptp(positions()[0], axis=0)[[2, 0, 1]], atol=0.02
    )
    path = written(tmp_path, "bvh", lambda text: text.replace("OFFSET 0 -42 0", "OFFSET 0 -4200 0"))
    assert isinstance(error_of(path), UnitError)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from((*FORMATS, "asf")),
    cut=st.one_of(st.none(), st.floats(0, 1)),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
)
def test_any_damage_gives_a_clip_or_our_error(tmp_path, name, cut, flips):
    path = write_good(tmp_path, "amc" if name == "asf" else name)
    target = path.with_suffix(".asf") if name == "asf" else path
    damaged = bytearray(target.read_bytes())
    for place, value in flips:
        damaged[int(place * len(damaged))] = value
    target.write_bytes(damaged if cut is None else damaged[: int(cut * len(damaged))])
    for chosen in (None, "amc" if name == "asf" else name):
        with suppress(AnywearError):
            clip = read_motion(path, format=chosen, rate_hz=60.0)
            assert np.isfinite(clip.joint_positions_m()).all() and len(clip) >= 2
