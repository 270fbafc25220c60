"""ASF/AMC of Acclaim: a skeleton (ASF) and joint angles on it (AMC), as CMU and HDM05 give them away.

A bone's rotation is C M C^-1: M from the channels its ``dof`` names, C from its ``axis``; both are products of turns about
fixed axes, X first. Directions are given in the world at rest, so the rest pose is the skeleton with all M = 1. Lengths
count in 1/0.45 inch where ``length 0.45`` stands. Neither file holds the frame rate.

An AMC without an ASF can be read when its bones are CMU's: that rig's axes are the same for every CMU and HDM05 actor;
the bone lengths are then a stand-in.

Format: Lander, "Working with Motion Capture File Formats", Game Developer, January 1998.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .._typing import Array
from ..errors import FormatError
from ..recording import Note
from . import quaternion
from .bvh import cmu_rate_hz
from .clip import MotionClip
from .registry import MotionOptions, head_of, motion_reader, text_of
from .standin import CMU_ROOT_HEIGHT, height_from_ground, t_pose
from .world import SourceMotion, into_world

METRES_PER_INCH = 0.0254
CMU_UNIT_M = METRES_PER_INCH / 0.45
_CHANNELS = ("tx", "ty", "tz", "rx", "ry", "rz", "l")


@dataclass
class _Bone:
    name: str
    direction: Array = field(default_factory=lambda: np.zeros(3))  # unit, world at rest
    length: float = 0.0  # file units
    axis: Array = field(default_factory=lambda: np.array(quaternion.IDENTITY))
    dof: tuple[str, ...] = ()
    parent: str | None = None


@dataclass
class _Asf:
    bones: dict[str, _Bone]  # parents first; "root" is one of them
    metres: float
    degrees: bool


def _is_amc(path: Path) -> bool:
    return path.suffix.lower() == ".amc" or ":FULLY-SPECIFIED" in head_of(path)


@motion_reader("amc", "Acclaim joint angles (AMC) with the skeleton (ASF) beside them", _is_amc)
def read_amc(path: Path, options: MotionOptions) -> MotionClip:
    """Read one AMC file; its ASF is looked for beside it.

    The ASF is the one of the same name, the one whose name begins the AMC's (``HDM_bd.asf`` for
    ``HDM_bd_squat.amc``, ``13.asf`` for ``13_29.amc``), or the only one in the folder.

    Raises:
        FormatError: damaged file, no rate, no skeleton, bones that the skeleton lacks.
    """
    notes: list[Note] = []
    rate_hz = _rate_hz(path, options, notes)
    asf_path = _asf_beside(path)
    if asf_path is None:
        asf = _cmu_rig()
    else:
        asf = _parse_asf(text_of(asf_path), str(asf_path))
        notes.append(Note("detected", f"skeleton from {asf_path.name}"))
    order, degrees, values = _parse_amc(text_of(path), asf, str(path))
    if degrees != asf.degrees and asf_path is not None:
        unit = "degrees" if degrees else "radians"
        notes.append(Note("detected", f"angles are in {unit}, as the AMC says; the ASF says otherwise"))
    quat, root = _world_rotations(asf, order, values, degrees)
    metres = asf.metres if options.scale is None else options.scale
    if asf_path is None:
        _fit_stand_in(asf, quat, root, metres, notes)
    else:
        notes.append(Note("converted", f"lengths: one unit is {metres:.5f} m"))
    source = SourceMotion(
        name=path.stem, source=path.name, rate_hz=rate_hz, notes=notes, root_position=root, **_joints(asf, quat)
    )
    return into_world(source, scale=metres)


def _rate_hz(path: Path, options: MotionOptions, notes: list[Note]) -> float:
    if options.rate_hz is not None:
        notes.append(Note("assumed", f"rate {options.rate_hz:g} Hz as given; AMC files do not hold one"))
        return options.rate_hz
    suffix = re.search(r"_(\d{2,3})$", path.stem) if path.stem.upper().startswith("HDM_") else None
    if suffix:
        notes.append(Note("detected", f"rate {suffix[1]} Hz from the file's name, as HDM05 writes it"))
        return float(suffix[1])
    known = cmu_rate_hz(path.stem)
    if known is not None:
        notes.append(Note("assumed", f"rate {known:g} Hz: the name is a CMU trial's, and CMU's index lists it so"))
        return known
    raise FormatError(
        "An AMC file does not hold its frame rate",
        where=str(path),
        expected="a rate, or a name as in CMU (13_29.amc) or HDM05 (HDM_..._120.amc)",
        remedy="Give the rate: --motion-rate 120",
    )


def _asf_beside(path: Path) -> Path | None:
    candidates = sorted(p for p in path.parent.iterdir() if p.suffix.lower() == ".asf")
    beginning = [p for p in candidates if path.stem == p.stem or path.stem.startswith(p.stem + "_")]
    if beginning:
        return max(beginning, key=lambda p: len(p.stem))
    return candidates[0] if len(candidates) == 1 else None


def _parse_asf(text: str, where: str) -> _Asf:
    sections: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if not words:
            continue
        if words[0].startswith(":"):
            rows = sections.setdefault(words[0][1:].lower(), [])
            continue
        rows.append(words)
    for name in ("root", "bonedata", "hierarchy"):
        if not sections.get(name):
            raise FormatError(f"The skeleton file has no :{name}", where=where, remedy="Fetch the ASF file again")
    units = {row[0].lower(): row[-1] for row in sections.get("units", [])}
    degrees = units.get("angle", "deg").lower().startswith("deg")
    # The unit of length is a divisor: 0.45 means 1/0.45 inch.
    divisor = _float(units.get("length", "1.0"), where)
    if not 1e-3 <= divisor <= 1e3:
        raise FormatError("The unit of length is impossible", where=where, got=units.get("length"))
    root = _Bone("root")
    for row in sections["root"]:
        if row[0].lower() == "order":
            root.dof = tuple(word.lower() for word in row[1:])
            if sorted(set(root.dof) & set(_CHANNELS[:6])) != sorted(root.dof):
                raise FormatError("The root has an unknown channel, or one twice", where=where, got=" ".join(row)[:60])
        if row[0].lower() == "orientation" and len(row) >= 4:
            root.axis = _fixed_axes("XYZ", [_float(v, where) for v in row[1:4]], degrees)
    bones = {"root": root}
    for block in _blocks(sections["bonedata"]):
        bone = _bone(block, degrees, where)
        if bone.name in bones:
            raise FormatError("Two bones of the skeleton have the same name", where=where, got=bone.name)
        bones[bone.name] = bone
    ordered = {"root": root}
    for row in sections["hierarchy"]:
        if row[0].lower() in ("begin", "end"):
            continue
        for name in row[1:]:
            if name not in bones or row[0] not in ordered or name in ordered:
                raise FormatError("The bones' hierarchy does not hold together", where=where, got=" ".join(row)[:80])
            bones[name].parent = row[0]
            ordered[name] = bones[name]
    return _Asf(ordered, METRES_PER_INCH / divisor, degrees)


def _blocks(rows: list[list[str]]) -> list[list[list[str]]]:
    blocks: list[list[list[str]]] = []
    for row in rows:
        if row[0].lower() == "begin":
            blocks.append([])
        elif row[0].lower() != "end" and blocks:
            blocks[-1].append(row)
    return blocks


def _bone(rows: list[list[str]], degrees: bool, where: str) -> _Bone:
    bone = _Bone("")
    for row in rows:
        key = row[0].lower()
        if key == "name" and len(row) > 1:
            bone.name = row[1]
        elif key == "direction":
            bone.direction = np.array([_float(v, f"{where}, bone {bone.name}") for v in row[1:4]])
        elif key == "length" and len(row) > 1:
            bone.length = _float(row[1], f"{where}, bone {bone.name}")
        elif key == "axis" and len(row) >= 4:
            order = row[4].upper() if len(row) > 4 else "XYZ"
            bone.axis = _fixed_axes(order, [_float(v, f"{where}, bone {bone.name}") for v in row[1:4]], degrees)
        elif key == "dof":
            bone.dof = tuple(word.lower() for word in row[1:])
    if not bone.name or bone.direction.shape != (3,) or any(channel not in _CHANNELS for channel in bone.dof):
        raise FormatError("A bone of the skeleton is incomplete", where=f"{where}, bone {bone.name or '?'}")
    return bone


def _parse_amc(text: str, asf: _Asf, where: str) -> tuple[dict[str, tuple[str, ...]], bool, dict[str, Array]]:
    """Channels and their values (T, channels) by bone."""
    degrees = asf.degrees
    frames: list[dict[str, list[str]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or line.startswith("#"):
            continue
        if line.startswith(":"):
            degrees = True if line.upper().startswith(":DEG") else False if line.upper().startswith(":RAD") else degrees
        elif len(words) == 1 and words[0].isdecimal():
            if int(words[0]) != len(frames) + 1 and frames:
                raise FormatError(
                    "Frames are missing or out of order", where=f"{where}, line {number}",
                    expected=f"frame {len(frames) + 1}", got=f"frame {words[0][:20]}",
                )  # fmt: skip
            frames.append({})
        elif not frames:
            raise FormatError("Values before the first frame", where=f"{where}, line {number}", got=line[:60])
        elif words[0] not in asf.bones:
            raise FormatError(
                "The skeleton has no such bone", where=f"{where}, line {number}", expected=", ".join(asf.bones),
                got=words[0][:40], remedy="Put the ASF file that belongs to this AMC beside it",
            )  # fmt: skip
        elif words[0] in frames[-1]:
            raise FormatError(
                "A bone stands twice in a frame",
                where=f"{where}, line {number}, frame {len(frames)}",
                got=words[0][:40],
            )
        else:
            frames[-1][words[0]] = words[1:]
    if not frames:
        raise FormatError("The file holds no frames", where=where, expected="a frame number, then one line per bone")
    order = {bone: asf.bones[bone].dof for bone in frames[0]}
    for index, frame in enumerate(frames):
        if frame.keys() != order.keys() or any(len(frame[bone]) != len(order[bone]) for bone in order):
            odd = next((bone for bone in order if len(frame.get(bone, [])) != len(order[bone])), "an added bone")
            raise FormatError(
                "A frame does not hold what the skeleton asks for: the file is cut short or damaged",
                where=f"{where}, frame {index + 1}, bone {odd}",
                expected=f"{len(order.get(odd, ()))} values", got=f"{len(frame.get(odd, []))} values",
            )  # fmt: skip
    values = {}
    for bone in order:
        try:
            values[bone] = np.array([frame[bone] for frame in frames], dtype=np.float64).reshape(len(frames), -1)
        except ValueError as error:
            raise FormatError("A value is no number", where=f"{where}, bone {bone}", got=str(error)[-60:]) from None
        if not np.isfinite(values[bone]).all():
            bad = int(np.flatnonzero(~np.isfinite(values[bone]).all(axis=1))[0])
            raise FormatError("A value is not finite", where=f"{where}, bone {bone}, frame {bad + 1}")
    if "root" not in values:
        raise FormatError("The frames hold no root", where=where, expected="root tx ty tz rx ry rz")
    return order, degrees, values


def _world_rotations(asf: _Asf, order: dict, values: dict[str, Array], degrees: bool) -> tuple[Array, Array]:
    count = len(values["root"])
    quat = np.zeros((count, len(asf.bones), 4))
    names = list(asf.bones)
    root = np.zeros((count, 3))
    for index, (name, bone) in enumerate(asf.bones.items()):
        turn = np.tile(np.array(quaternion.IDENTITY), (count, 1))
        if name in order:
            turning = [i for i, channel in enumerate(order[name]) if channel[0] == "r"]
            angles = values[name][:, turning]
            axes = "".join(order[name][i][1] for i in turning).upper()
            turn = quaternion.from_axis_angles(axes[::-1], (np.deg2rad(angles) if degrees else angles)[:, ::-1])
            if name == "root":
                for i, channel in enumerate(order[name]):
                    if channel[0] == "t":
                        root[:, "xyz".index(channel[1])] = values[name][:, i]
        local = quaternion.multiply(quaternion.multiply(bone.axis, turn), quaternion.inverse(bone.axis))
        parent = None if bone.parent is None else names.index(bone.parent)
        quat[:, index] = local if parent is None else quaternion.multiply(quat[:, parent], local)
    return quat, root


def _joints(asf: _Asf, quat: Array) -> dict:
    """Bones to joints: a joint sits where its bone begins; the far ends of the last bones are joints, too."""
    names = list(asf.bones)
    parents = [-1 if bone.parent is None else names.index(bone.parent) for bone in asf.bones.values()]
    offsets = [
        np.zeros(3) if parent < 0 else asf.bones[names[parent]].direction * asf.bones[names[parent]].length
        for parent in parents
    ]
    ends = [i for i in range(len(names)) if i not in parents and asf.bones[names[i]].length > 0]
    for i in ends:
        offsets.append(asf.bones[names[i]].direction * asf.bones[names[i]].length)
    return {
        "joints": names + [f"{names[i]}_end" for i in ends],
        "parents": parents + ends,
        "offsets": np.array(offsets),
        "quat": np.concatenate([quat, quat[:, ends]], axis=1),
    }


def _cmu_rig() -> _Asf:
    """CMU's rig with stand-in lengths of a body 1 high: axes and rest pose as in every ASF of CMU and HDM05.

    At rest the arms point to the sides and the legs 20 degrees outwards.
    """
    starts, ends = t_pose()
    starts["pelvis"] = np.array([0.0, 0.0, CMU_ROOT_HEIGHT])
    bones = {"root": _Bone("root", dof=("tx", "ty", "tz", "rx", "ry", "rz"))}

    def add(name: str, parent: str, start: Array, end: Array, axis: tuple, dof: str, spread_deg: float = 0.0) -> None:
        # Body frame (forward, left, up) to the rig's (left, up, forward).
        bone = np.asarray(end - start)[[1, 2, 0]]
        bone = quaternion.rotate(_fixed_axes("XYZ", [0, 0, spread_deg], True), bone)
        length = float(np.linalg.norm(bone))
        bones[name] = _Bone(
            name,
            bone / length if length else bone,
            length,
            _fixed_axes("XYZ", list(axis), True),
            tuple(dof.split()),
            parent,
        )

    for name, parent, segment in (
        ("lowerback", "root", "abdomen"), ("upperback", "lowerback", "lower_chest"), ("thorax", "upperback", "chest"),
    ):  # fmt: skip
        start = starts["pelvis"] if name == "lowerback" else starts[segment]
        add(name, parent, start, ends[segment], (0, 0, 0), "rx ry rz")
    neck = ends["neck"] - starts["neck"]
    add("lowerneck", "thorax", starts["neck"], starts["neck"] + neck / 2, (0, 0, 0), "rx ry rz")
    add("upperneck", "lowerneck", starts["neck"] + neck / 2, ends["neck"], (0, 0, 0), "rx ry rz")
    add("head", "upperneck", starts["head"], ends["head"], (0, 0, 0), "rx ry rz")
    for s, side, sign in (("l", "left", 1), ("r", "right", -1)):

        def at(part: str, table=starts, side=side):
            return table[f"{side}_{part}"]

        add(f"{s}clavicle", "thorax", ends["chest"], at("upper_arm"), (0, 0, 0), "ry rz")
        add(f"{s}humerus", f"{s}clavicle", at("upper_arm"), at("forearm"), (180, -30 * sign, -90 * sign), "rx ry rz")
        add(f"{s}radius", f"{s}humerus", at("forearm"), at("hand"), (180, -30 * sign, -90 * sign), "rx")
        # The wrist bone lies between the radius and the hand and takes the forearm's turn.
        middle = at("hand") + 0.4 * (at("fingers") - at("hand"))
        add(f"{s}wrist", f"{s}radius", at("hand"), middle, (0, 90 * sign, 90 * sign), "ry")
        add(f"{s}hand", f"{s}wrist", middle, at("fingers"), (0, 90 * sign, 90 * sign), "rx rz")
        add(f"{s}fingers", f"{s}hand", at("fingers"), at("fingers", ends), (0, 90 * sign, 90 * sign), "rx")
        thumb = np.array([0.02, sign * 0.02, 0.0])
        add(f"{s}thumb", f"{s}wrist", middle, middle + thumb, (-90, 45 * sign, 0), "rx rz")
        add(f"{s}hipjoint", "root", starts["pelvis"], at("thigh"), (0, 0, 0), "")
        add(f"{s}femur", f"{s}hipjoint", at("thigh"), at("shank"), (0, 0, 20 * sign), "rx ry rz", 20.0 * sign)
        add(f"{s}tibia", f"{s}femur", at("shank"), at("foot"), (0, 0, 20 * sign), "rx", 20.0 * sign)
        add(f"{s}foot", f"{s}tibia", at("foot"), at("toes"), (-90, 0, 20 * sign), "rx rz", 20.0 * sign)
        add(f"{s}toes", f"{s}foot", at("toes"), at("toes", ends), (-90, 0, 20 * sign), "rx", 20.0 * sign)
    return _Asf(bones, CMU_UNIT_M, True)


def cmu_stand_in(local: dict[str, Array], root: Array, metres: float, notes: list[Note]) -> dict:
    """Joints, parents, offsets and world rotations of CMU's rig with stand-in lengths, from every bone's own turn.

    Args:
        local: (T, 4) by bone, in frames that are aligned with the world at rest.
        root: (T, 3) position in CMU units, Y up.
        metres: per unit.
        notes: what was assumed is added.
    """
    rig = _cmu_rig()
    names = list(rig.bones)
    quat = np.zeros((len(root), len(names), 4))
    for index, (name, bone) in enumerate(rig.bones.items()):
        quat[:, index] = local[name] if bone.parent is None else quaternion.multiply(
            quat[:, names.index(bone.parent)], local[name]
        )  # fmt: skip
    _fit_stand_in(rig, quat, root, metres, notes)
    return _joints(rig, quat)


def _fit_stand_in(asf: _Asf, quat: Array, root: Array, metres: float, notes: list[Note]) -> None:
    joints = _joints(asf, quat)
    positions = np.zeros((len(quat), len(joints["joints"]), 3))
    for joint, parent in enumerate(joints["parents"]):
        if parent >= 0:
            bone = quaternion.rotate(joints["quat"][:, parent], joints["offsets"][joint])
            positions[:, joint] = positions[:, parent] + bone
    height_m, found = height_from_ground(root[:, 1] * metres, -positions[:, :, 1].min(axis=1))
    how = "the feet stand on the ground" if found else "nothing tells the body's height"
    notes.append(
        Note("assumed", f"no bone lengths given: CMU's rig with lengths of a stand-in {height_m:.2f} m tall ({how})")
    )
    for bone in asf.bones.values():
        bone.length *= height_m / metres


def _fixed_axes(order: str, angles: list[float], degrees: bool) -> Array:
    """Turns about fixed axes in the order of the letters: the first letter's is done first."""
    values = np.deg2rad(angles) if degrees else np.asarray(angles, dtype=np.float64)
    if set(order) - set("XYZ") or len(order) != 3:
        raise FormatError("A bone's axis has an unknown order", expected="such as XYZ", got=order[:20])
    return quaternion.from_axis_angles(order[::-1], np.asarray(values)[::-1])


def _float(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise FormatError("A number of the skeleton is none", where=where, got=text[:40])
    return value
