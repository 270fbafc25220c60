"""BVH: a skeleton and its motion as text. Any Euler order, position channels on any joint, any skeleton.

Facts found in real files:

- The offsets of Reallusion's CC_Base skeletons are in bone-local frames: their zero pose is no pose at all, and frame 0
  holds the T-pose in some files only (10 of 61 in `cmu-iclone`). See `anywear.motion.reallusion`.
- Salsa files of CMU's subjects 60 and 61 say 120 frames per second and were recorded at 60 (CMU's own index).
- Blender writes position channels for every joint, equal to the offsets; they stand instead of the offset, not beside it.
- A root's offset is either added to its position channels or (LAFAN1 and others) already in them.

Format: Meredith & Maddock, "Motion Capture File Formats Explained", University of Sheffield, 2001.
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
from .clip import MotionClip
from .reallusion import t_pose_quat
from .registry import MotionOptions, head_of, motion_reader, text_of
from .world import SourceMotion, into_world, positions_of

# CMU subjects whose trials were all recorded at 60 Hz, and the one further trial: mocap.cs.cmu.edu, index of trials.
CMU_60_HZ_SUBJECTS = frozenset({33, 34, 42, 60, 61, 62, 74, 75, 77, 79, 80, 87, 88, 89})
CMU_60_HZ_TRIALS = frozenset({(136, 19)})
CMU_RATE_HZ = 120.0
MAX_JOINTS = 1000
MAX_VALUES = 200_000_000
MOVING_PART = 0.03  # of the skeleton's size: a joint that slides further than this along its parent is on the move


@dataclass
class _Node:
    name: str
    parent: int
    offset: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    channels: list[str] = field(default_factory=list)
    is_end: bool = False


@motion_reader(
    "bvh", "BVH skeletons and motion", lambda path: head_of(path, 512).lstrip("\ufeff \t\r\n")[:9] == "HIERARCHY"
)
def read_bvh(path: Path, options: MotionOptions) -> MotionClip:
    """Read one BVH file.

    Raises:
        FormatError: damaged or truncated file, channels that are no numbers, no or an impossible frame time.
    """
    where = str(path)
    header, found, body = text_of(path).partition("MOTION")
    if not found:
        raise FormatError("The file ends before its motion", where=where, expected="a line that says MOTION")
    nodes = _hierarchy(header, where)
    frame_time_s, values = _motion(body, sum(len(node.channels) for node in nodes), where)
    notes: list[Note] = []
    rate_hz = _rate_hz(path, frame_time_s, options, notes)
    local, positions = _channels(nodes, values)
    source = SourceMotion(
        name=path.stem,
        source=path.name,
        rate_hz=rate_hz,
        joints=_unique_names(nodes),
        parents=[node.parent for node in nodes],
        offsets=np.array([node.offset for node in nodes], dtype=np.float64),
        root_position=np.zeros((len(values), 3)),
        quat=_world(nodes, local),
        notes=notes,
    )
    source = _place(source, positions)
    source.rest_quat = t_pose_quat(source.joints, source.parents)
    return into_world(source, scale=options.scale)


def cmu_rate_hz(name: str) -> float | None:
    """Rate of a CMU trial by its name, such as ``60_05``; None when the name is not one of CMU's."""
    match = re.fullmatch(r"0*(\d{1,3})_(\d{1,3})", name)
    if not match or not 1 <= int(match[1]) <= 144:
        return None
    subject, trial = int(match[1]), int(match[2])
    return 60.0 if subject in CMU_60_HZ_SUBJECTS or (subject, trial) in CMU_60_HZ_TRIALS else CMU_RATE_HZ


def _hierarchy(header: str, where: str) -> list[_Node]:
    tokens = iter(header.replace("{", " { ").replace("}", " } ").split())
    nodes: list[_Node] = []
    stack: list[int] = []
    pending: _Node | None = None

    def fail(what: str, got: str = "") -> FormatError:
        inside = f"{where}, joint {nodes[-1].name}" if nodes else where
        return FormatError(what, where=inside, got=got or None, remedy="Export the file again; its header is damaged")

    def take(what: str) -> str:
        token = next(tokens, None)
        if token is None:
            raise fail(f"The header ends where {what} is expected")
        return token

    if take("HIERARCHY") != "HIERARCHY":
        raise fail("The file does not begin with HIERARCHY")
    for token in tokens:
        word = token.upper()
        if word in ("ROOT", "JOINT", "END"):
            name = take("a name")
            if word == "ROOT" and nodes:
                raise fail("The file holds more than one skeleton", got=name)
            if word != "ROOT" and not stack:
                raise fail("A joint hangs from nothing", got=name)
            pending = _Node(name, stack[-1] if stack else -1, is_end=word == "END")
            if pending.is_end:
                pending.name = f"{nodes[stack[-1]].name}_end"
            if len(nodes) >= MAX_JOINTS:
                raise fail(f"More than {MAX_JOINTS} joints")
        elif word == "{":
            if pending is None:
                # Names with blanks in them: the words after the first.
                raise fail("A brace opens without a joint")
            nodes.append(pending)
            stack.append(len(nodes) - 1)
            pending = None
        elif word == "}":
            if not stack:
                raise fail("A brace closes that was never opened")
            stack.pop()
        elif word == "OFFSET" and stack:
            nodes[stack[-1]].offset = [_number(take("an offset"), fail) for _ in range(3)]
        elif word == "CHANNELS" and stack:
            count = take("a number of channels")
            if not count.isdecimal() or int(count) > 12:
                raise fail("The number of channels is none", got=count)
            channels = [take("a channel").capitalize() for _ in range(int(count))]
            for channel in channels:
                if not re.fullmatch(r"[XYZ](position|rotation)", channel):
                    raise fail("Unknown channel", got=channel)
            nodes[stack[-1]].channels = channels
        elif pending is not None:
            pending.name += f" {token}" if not pending.is_end else ""
        else:
            raise fail("A word that does not belong here", got=token[:40])
    if stack or pending is not None:
        raise fail("The header ends inside a joint", got=f"{len(stack)} braces left open")
    if not nodes:
        raise fail("The header holds no joints")
    # An end site without length says nothing.
    return _without(nodes, {i for i, node in enumerate(nodes) if node.is_end and not any(node.offset)})


def _without(nodes: list[_Node], dropped: set[int]) -> list[_Node]:
    kept = [i for i in range(len(nodes)) if i not in dropped]
    index = {old: new for new, old in enumerate(kept)}
    for old in kept:
        nodes[old].parent = index.get(nodes[old].parent, -1)
    return [nodes[i] for i in kept]


def _number(text: str, fail) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise fail("An offset is no number", got=text[:40])
    return value


def _motion(body: str, channels: int, where: str) -> tuple[float, Array]:
    match = re.match(r"\s*Frames:\s*(\S+)\s+Frame\s*Time:\s*(\S+)[ \t\r]*(?:\n|$)", body, flags=re.IGNORECASE)
    if not match:
        raise FormatError(
            "The motion has no frame count or frame time",
            where=where,
            expected="Frames: and Frame Time: after MOTION",
            got=repr(body[:60]),
        )
    try:
        frames, frame_time_s = int(match[1]), float(match[2])
    except ValueError:
        raise FormatError(
            "The frame count or frame time is no number", where=where, got=f"{match[1][:40]}, {match[2][:40]}"
        ) from None
    if channels == 0:
        raise FormatError("The skeleton has no channels, so nothing can move", where=where)
    if not 2 <= frames <= MAX_VALUES // channels:
        raise FormatError("The frame count is impossible", where=where, expected="2 or more", got=str(frames))
    try:
        values = np.array(body[match.end() :].split(), dtype=np.float64)
    except ValueError as error:
        raise FormatError("A channel holds something that is no number", where=where, got=str(error)[-80:]) from None
    if len(values) != frames * channels:
        raise FormatError(
            "The frames do not fit the header: the file is cut short or its header is wrong",
            where=where,
            expected=f"{frames} frames of {channels} channels",
            got=f"{len(values) // channels} whole frames and {len(values) % channels} values",
            remedy="Export the file again",
        )
    values = values.reshape(frames, channels)
    bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if len(bad):
        raise FormatError(
            "The motion holds values that are not finite",
            where=f"{where}, frame {bad[0]}",
            expected="a number for every channel of every frame",
            got=f"{len(bad)} of {frames} frames with gaps",
            remedy="Cut the clip around the gap, or export it again with gaps filled",
        )
    return frame_time_s, values


def _rate_hz(path: Path, frame_time_s: float, options: MotionOptions, notes: list[Note]) -> float:
    if options.rate_hz is not None:
        notes.append(
            Note("assumed", f"rate {options.rate_hz:g} Hz as given; frame time in the file {frame_time_s:g} s")
        )
        return options.rate_hz
    if not 1e-3 <= frame_time_s <= 0.2:  # False for NaN, too
        raise FormatError(
            "The frame time is impossible",
            where=str(path),
            expected="0.001 to 0.2 s",
            got=f"{frame_time_s:g} s",
            remedy="Give the true rate: --motion-rate 120",
        )
    rate_hz = 1.0 / frame_time_s
    if abs(rate_hz - round(rate_hz)) < 0.01 * rate_hz / 24:  # 0.041667 s is 24 Hz, written with few digits
        rate_hz = float(round(rate_hz))
    known = cmu_rate_hz(path.stem)
    if path.parent.name.lower() == "salsa" and re.fullmatch(r"(6[01]_)?\d\d", path.stem):
        known = 60.0
    if known is not None and known == 60.0 and rate_hz == CMU_RATE_HZ:
        notes.append(
            Note(
                "repaired",
                "rate 60 Hz: the file says 120, but by its name it is a CMU trial that CMU's index lists at 60; "
                "give the rate to override",
            )
        )
        return known
    notes.append(Note("detected", f"rate {rate_hz:g} Hz from a frame time of {frame_time_s:g} s"))
    return rate_hz


def _channels(nodes: list[_Node], values: Array) -> tuple[Array, dict[int, Array]]:
    """Local rotations (T, J, 4), and the position channels (T, 3) of joints that have them, NaN where one is missing."""
    local = np.tile(np.array(quaternion.IDENTITY), (len(values), len(nodes), 1))
    positions: dict[int, Array] = {}
    column = 0
    for joint, node in enumerate(nodes):
        block = values[:, column : column + len(node.channels)]
        column += len(node.channels)
        turning = [i for i, channel in enumerate(node.channels) if channel.endswith("rotation")]
        axes = "".join(node.channels[i][0] for i in turning)
        local[:, joint] = quaternion.from_axis_angles(axes, np.deg2rad(block[:, turning]))
        for i, channel in enumerate(node.channels):
            if channel.endswith("position"):
                table = positions.setdefault(joint, np.full((len(values), 3), np.nan))
                table[:, "XYZ".index(channel[0])] = block[:, i]
    return local, positions


def _world(nodes: list[_Node], local: Array) -> Array:
    world = local.copy()
    for joint, node in enumerate(nodes):
        if node.parent >= 0:
            world[:, joint] = quaternion.multiply(world[:, node.parent], local[:, joint])
    return world


def _place(source: SourceMotion, positions: dict[int, Array]) -> SourceMotion:
    """Root positions and constant offsets out of position channels; re-rooted where a later joint carries the motion."""
    size = float(np.abs(source.offsets).sum(axis=0).max()) or 1.0
    moving: list[tuple[int, Array]] = []
    for joint, table in positions.items():
        offset = source.offsets[joint]
        table = np.where(np.isnan(table), offset if joint else 0.0, table)
        if joint == 0:
            source.root_position = _root_positions(source, table)
            continue
        # Either the channels stand instead of the offset, or they are what is added to it.
        if np.abs(np.median(table, axis=0)).max() < 0.5 * np.abs(offset).max():
            table = table + offset
        if np.ptp(table, axis=0).max() > MOVING_PART * size:
            moving.append((joint, table))
        else:
            source.offsets[joint] = np.median(table, axis=0)
    for joint, table in moving:
        if _carries_all(source, joint):
            return _rerooted(source, joint, table)
        source.offsets[joint] = np.median(table, axis=0)
        source.notes.append(
            Note(
                "repaired",
                f"{source.joints[joint]} slides along its parent by up to {np.ptp(table, axis=0).max():.3g} file units; "
                "bones do not stretch here, so the middle offset was taken",
            )
        )
    return source


def _root_positions(source: SourceMotion, table: Array) -> Array:
    offset = source.offsets[0].copy()
    if np.abs(offset).max() < 1e-3 * np.abs(source.offsets).max():
        return table
    # Whichever puts the lowest joint nearer to the ground, along the axis the offset points to.
    axis = int(np.abs(offset).argmax())
    some = np.unique(np.linspace(0, len(table) - 1, 15).astype(np.int64))
    lowest = np.percentile([table[i, axis] + positions_of(source, source.quat[i])[:, axis].min() for i in some], 10)
    added = abs(lowest + offset[axis]) < abs(lowest)
    text = "added to" if added else "already in"
    source.notes.append(
        Note("detected", f"the root's offset is {text} its position channels: so the feet are on the ground")
    )
    return table + offset if added else table


def _carries_all(source: SourceMotion, joint: int) -> bool:
    """Whether everything but a bare chain of ancestors hangs from this joint."""
    above, parent = set(), source.parents[joint]
    while parent >= 0:
        above.add(parent)
        parent = source.parents[parent]
    return all(
        child in above or child == joint or source.parents[child] not in above for child in range(len(source.joints))
    )


def _rerooted(source: SourceMotion, joint: int, table: Array) -> SourceMotion:
    base = source.root_position
    path, parent = [joint], source.parents[joint]
    while parent > 0:
        path.append(parent)
        parent = source.parents[parent]
    for step in reversed(path):
        offset = table if step == joint else source.offsets[step]
        base = base + quaternion.rotate(source.quat[:, source.parents[step]], offset)
    kept = list(range(joint, len(source.joints)))  # all others are its ancestors
    index = {old: new for new, old in enumerate(kept)}
    source.notes.append(Note("detected", f"{source.joints[joint]} carries the motion and became the root"))
    source.parents = [index.get(source.parents[i], -1) if i != joint else -1 for i in kept]
    source.joints = [source.joints[i] for i in kept]
    source.offsets, source.quat = source.offsets[kept], source.quat[:, kept]
    source.root_position = base
    return source


def _unique_names(nodes: list[_Node]) -> list[str]:
    names: list[str] = []
    taken: set[str] = set()
    for node in nodes:
        name, count = node.name, 2
        while name in taken:
            name, count = f"{node.name}_{count}", count + 1
        taken.add(name)
        names.append(name)
    return names
