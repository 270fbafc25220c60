"""Motion of a jointed body: a skeleton, and how it moves. Validated at the door, immutable and trusted inside.

World: right-handed, Z up, metres. Quaternions are xyzw.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from .._typing import Array, Float
from ..errors import FormatError, UsageError, unknown_name
from ..recording import Note
from . import quaternion

RATE_RANGE_HZ = (5.0, 1000.0)
FAR_M = 1e6  # nobody walks as far; such a number is damage
UNIT_TOLERANCE = 1e-3  # a quaternion's length may differ from 1 by this; it is made exactly 1


@dataclass(frozen=True, eq=False)
class Skeleton:
    """Joints, how they hang together, and where they are at rest.

    Attributes:
        joints: names, unique, parents before children.
        parents: index of each joint's parent; -1 for the root, which comes first.
        offsets_m: (J, 3) from parent to joint in the parent's rest frame; the root's is not used. All rest frames are
            aligned with the world, so a chain of offsets is the rest pose.

    Raises:
        FormatError: names that repeat, a parent after its child, no or several roots, offsets that are not finite.
    """

    joints: tuple[str, ...]
    parents: tuple[int, ...]
    offsets_m: Float[Array, "joints 3"]

    def __post_init__(self) -> None:
        object.__setattr__(self, "joints", tuple(self.joints))
        object.__setattr__(self, "parents", tuple(int(parent) for parent in self.parents))
        object.__setattr__(self, "offsets_m", _frozen(self.offsets_m))
        count = len(self.joints)
        if count == 0 or len(self.parents) != count or self.offsets_m.shape != (count, 3):
            raise FormatError(
                "A skeleton's joints, parents and offsets do not fit together",
                expected="one parent and one offset (3 numbers) per joint, at least one joint",
                got=f"{count} joints, {len(self.parents)} parents, offsets of shape {self.offsets_m.shape}",
            )
        if len(set(self.joints)) != count:
            twice = sorted({name for name in self.joints if self.joints.count(name) > 1})
            raise FormatError("Two joints of a skeleton have the same name", got=", ".join(twice))
        if self.parents[0] != -1 or any(not 0 <= parent < joint for joint, parent in enumerate(self.parents) if joint):
            raise FormatError(
                "A skeleton is one tree, and its joints are listed from the root outwards",
                expected="-1 for the first joint, and for every other the index of a joint before it",
                got=str(self.parents),
            )
        if not np.isfinite(self.offsets_m).all():
            bad = int(np.flatnonzero(~np.isfinite(self.offsets_m).all(axis=1))[0])
            raise FormatError(
                "A bone's length is not a finite number", where=self.joints[bad], got=str(self.offsets_m[bad].tolist())
            )

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self.offsets_m.setflags(write=False)

    def __len__(self) -> int:
        return len(self.joints)

    def index(self, joint: str) -> int:
        """Index of a joint by name. Raises UsageError with the nearest names when there is none."""
        if joint not in self.joints:
            raise unknown_name("joint", joint, self.joints)
        return self.joints.index(joint)

    def children(self, joint: int) -> tuple[int, ...]:
        """Indices of the joints that hang from this one."""
        return tuple(child for child, parent in enumerate(self.parents) if parent == joint)

    def rest_positions_m(self) -> Float[Array, "joints 3"]:
        """Joints in the rest pose, the root at the origin."""
        positions = np.zeros((len(self), 3))
        for joint, parent in enumerate(self.parents):
            if parent >= 0:
                positions[joint] = positions[parent] + self.offsets_m[joint]
        return positions


@dataclass(frozen=True, eq=False)
class MotionClip:
    """A skeleton in motion, at a constant rate.

    Attributes:
        name: what to call it; the file's name without suffix.
        rate_hz: frames per second, 5 to 1000.
        skeleton: what moves.
        root_position_m: (T, 3) position of the first joint in the world.
        quat_world_from_joint: (T, J, 4) xyzw, turn of every joint's frame from the rest pose, in world axes; identity is
            the rest pose. A joint's rotation is that of the bone that begins there.
        unobservable_twist: joints whose turn about their own bone is not in the source.
        captions: what is done, in words.
        source: file or generator.
        licence: of the source, where known.
        notes: what was detected, converted, repaired or assumed.

    Raises:
        FormatError: wrong shapes, fewer than two frames, a rate out of range, quaternions that are not of unit length,
            values that are not finite.
    """

    name: str
    rate_hz: float
    skeleton: Skeleton
    root_position_m: Float[Array, "time 3"]
    quat_world_from_joint: Float[Array, "time joints 4"]
    unobservable_twist: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    source: str = ""
    licence: str = ""
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate_hz", float(self.rate_hz))
        for name in ("unobservable_twist", "captions", "notes"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        object.__setattr__(self, "root_position_m", _frozen(self.root_position_m))
        quat = np.asarray(self.quat_world_from_joint, dtype=np.float64)
        self._validate(quat)
        if quat.flags.writeable:
            quat = quaternion.normalised(quat)
            quat.setflags(write=False)
        object.__setattr__(self, "quat_world_from_joint", quat)

    def __setstate__(self, state: dict) -> None:
        # Pickle and deepcopy give arrays back writeable.
        self.__dict__.update(state)
        for values in (self.root_position_m, self.quat_world_from_joint):
            values.setflags(write=False)

    def _validate(self, quat: Array) -> None:
        where = self.name or self.source or None
        low, high = RATE_RANGE_HZ
        if not low <= self.rate_hz <= high:  # False for NaN, too
            raise FormatError(
                "The frame rate is out of range",
                where=where,
                expected=f"{low:g} to {high:g} frames per second",
                got=f"{self.rate_hz:g}",
                remedy="Give the true rate: --motion-rate 120",
            )
        frames = len(self.root_position_m) if self.root_position_m.ndim == 2 else 0
        expected = (frames, len(self.skeleton), 4)
        if self.root_position_m.shape != (frames, 3) or quat.shape != expected:
            raise FormatError(
                "Root positions, rotations and skeleton do not fit together",
                where=where,
                expected=f"(T, 3) and (T, {len(self.skeleton)}, 4)",
                got=f"{self.root_position_m.shape} and {quat.shape}",
            )
        if frames < 2:
            raise FormatError(
                "A motion needs at least two frames",
                where=where,
                got=f"{frames} frame{'s' if frames != 1 else ''}",
                remedy="Check that the file was exported completely",
            )
        good = np.isfinite(self.root_position_m).all(axis=1) & np.isfinite(quat).all(axis=(1, 2))
        if not good.all():
            bad = np.flatnonzero(~good)
            raise FormatError(
                "The motion holds values that are not finite",
                where=f"{where}, frame {bad[0]}",
                expected="a number for every channel of every frame",
                got=f"{len(bad)} of {frames} frames with gaps",
                remedy="Cut the clip around the gap, or export it again with gaps filled",
            )
        far = np.flatnonzero((np.abs(self.root_position_m) > FAR_M).any(axis=1))
        if len(far) or (np.abs(self.skeleton.offsets_m) > FAR_M).any():
            raise FormatError(
                "A position is no person's" if len(far) else "A bone is no person's",
                where=f"{where}, frame {far[0]}" if len(far) else where,
                expected=f"up to {FAR_M / 1000:g} km",
                got=f"{np.abs(self.root_position_m if len(far) else self.skeleton.offsets_m).max():.3g} m",
                remedy="Export the file again, or give the metres per unit",
            )
        lengths = np.linalg.norm(quat, axis=-1)
        if (np.abs(lengths - 1.0) > UNIT_TOLERANCE).any():
            frame, joint = np.argwhere(np.abs(lengths - 1.0) > UNIT_TOLERANCE)[0]
            raise FormatError(
                "A rotation is not a unit quaternion",
                where=f"{where}, frame {frame}, joint {self.skeleton.joints[joint]}",
                expected="length 1",
                got=f"length {lengths[frame, joint]:.4g}",
            )

    def __len__(self) -> int:
        return len(self.root_position_m)

    def __repr__(self) -> str:
        return (
            f"MotionClip({self.name!r}, {len(self)} frames, {self.rate_hz:g} Hz, {self.duration_s:.2f} s, "
            f"{len(self.skeleton)} joints)"
        )

    @property
    def duration_s(self) -> float:
        """Seconds from the first frame to the last."""
        return (len(self) - 1) / self.rate_hz

    @property
    def time_s(self) -> Float[Array, " time"]:
        """Seconds of every frame, from 0."""
        return np.arange(len(self)) / self.rate_hz

    def joint_positions_m(self) -> Float[Array, "time joints 3"]:
        """Every joint in the world, by forward kinematics: child = parent + R_parent offset."""
        positions = np.empty((len(self), len(self.skeleton), 3))
        positions[:, 0] = self.root_position_m
        # All bones at once, then sums along the tree.
        parents = np.array(self.skeleton.parents[1:], dtype=np.int64)
        bones = quaternion.rotate(self.quat_world_from_joint[:, parents], self.skeleton.offsets_m[1:])
        for joint, parent in enumerate(self.skeleton.parents):
            if parent >= 0:
                positions[:, joint] = positions[:, parent] + bones[:, joint - 1]
        return positions

    def slice(self, start_s: float, end_s: float) -> MotionClip:
        """The frames from ``start_s`` to ``end_s`` inclusive, in seconds of this clip.

        Raises:
            UsageError: fewer than two frames lie in between.
        """
        first = max(0, int(np.ceil(start_s * self.rate_hz - 1e-6)))
        last = min(len(self) - 1, int(np.floor(end_s * self.rate_hz + 1e-6)))
        if last - first < 1:
            raise UsageError(
                "A stretch of motion needs at least two frames",
                where=self.name,
                expected=f"two frames between 0 and {self.duration_s:.3f} s",
                got=f"{start_s:g} to {end_s:g} s",
            )
        rows = slice(first, last + 1)
        return replace(
            self, root_position_m=self.root_position_m[rows], quat_world_from_joint=self.quat_world_from_joint[rows]
        )

    def resampled(self, rate_hz: float) -> MotionClip:
        """The same motion at another rate: positions linear, rotations by slerp between neighbouring frames.

        The first frame stays at 0 s; the last is the last that fits. Going down does not filter.

        Raises:
            FormatError: a rate out of range, or so low that fewer than two frames are left.
        """
        if not RATE_RANGE_HZ[0] <= rate_hz <= RATE_RANGE_HZ[1]:
            raise FormatError(
                "The frame rate is out of range",
                where=self.name,
                expected=f"{RATE_RANGE_HZ[0]:g} to {RATE_RANGE_HZ[1]:g} frames per second",
                got=f"{rate_hz:g}",
            )
        if rate_hz == self.rate_hz:
            return self
        count = int(np.floor(self.duration_s * rate_hz + 1e-9)) + 1
        at = np.arange(count) / rate_hz * self.rate_hz
        before = np.clip(np.floor(at + 1e-9).astype(np.int64), 0, len(self) - 2)
        part = np.clip(at - before, 0.0, 1.0)
        root, quat = self.root_position_m, self.quat_world_from_joint
        return replace(
            self,
            rate_hz=rate_hz,
            root_position_m=root[before] + part[:, None] * (root[before + 1] - root[before]),
            quat_world_from_joint=quaternion.slerp(quat[before], quat[before + 1], part[:, None]),
            notes=(*self.notes, Note("converted", f"resampled from {self.rate_hz:g} to {rate_hz:g} Hz by slerp")),
        )

    def with_notes(self, *notes: Note) -> MotionClip:
        """The same motion with more notes."""
        return replace(self, notes=(*self.notes, *notes))


def _frozen(values) -> Array:
    if isinstance(values, np.ndarray) and values.dtype == np.float64 and not values.flags.writeable:
        return values
    array = np.array(values, dtype=np.float64, copy=True)
    array.setflags(write=False)
    return array
