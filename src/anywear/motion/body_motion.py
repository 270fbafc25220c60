"""A body in motion: what moves once a clip has been brought onto the rig of one body."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .._typing import Array, Float
from ..body import BONE_NAMES, ShapedBody, bone_transforms, joint_positions
from ..errors import UsageError
from ..recording import Note


@dataclass(frozen=True, eq=False)
class BodyMotion:
    """Rotations of the rig's bones over time, and the body they move.

    Attributes:
        body: mesh, rig and weights.
        rate_hz: frames per second.
        quat_world_from_bone: (T, 31, 4) xyzw, in the order of `anywear.body.BONE_NAMES`, relative to the body's rest pose.
        root_position_m: (T, 3) of the root's joint in the world; the ground is z = 0.
        name: what to call it.
        unobservable_twist: segments whose turn about their own axis is not in the source.
        captions, source, licence, notes: as in `anywear.motion.MotionClip`.

    Raises:
        UsageError: arrays that do not fit the rig, or a rate that is not positive.
    """

    body: ShapedBody
    rate_hz: float
    quat_world_from_bone: Float[Array, "time bones 4"]
    root_position_m: Float[Array, "time 3"]
    name: str = ""
    unobservable_twist: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    source: str = ""
    licence: str = ""
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        frames = len(self.root_position_m)
        wanted = (frames, len(BONE_NAMES), 4)
        if self.quat_world_from_bone.shape != wanted or self.root_position_m.shape != (frames, 3):
            raise UsageError(
                "The motion does not fit the rig",
                where=self.name or None,
                expected=f"rotations {wanted} and root ({frames}, 3)",
                got=f"{self.quat_world_from_bone.shape} and {self.root_position_m.shape}",
            )
        if not (np.isfinite(self.rate_hz) and self.rate_hz > 0):
            raise UsageError("The frame rate is impossible", where=self.name or None, got=f"{self.rate_hz:g} Hz")

    def __len__(self) -> int:
        return len(self.root_position_m)

    @property
    def duration_s(self) -> float:
        """Seconds from the first frame to the last."""
        return (len(self) - 1) / self.rate_hz

    @property
    def time_s(self) -> Float[Array, " time"]:
        """Seconds of every frame, from 0."""
        return np.arange(len(self)) / self.rate_hz

    def transforms(self) -> Float[Array, "time skin_bones 3 4"]:
        """Rest to world transforms of the bones that move the skin; see `anywear.body.bone_transforms`."""
        return bone_transforms(self.body, self.quat_world_from_bone, self.root_position_m)

    def joints_m(self) -> Float[Array, "time bones 3"]:
        """World position of every bone's joint."""
        return joint_positions(self.body, self.quat_world_from_bone, self.root_position_m)

    def with_notes(self, *notes: Note) -> BodyMotion:
        """The same motion with more notes."""
        return replace(self, notes=(*self.notes, *notes))
