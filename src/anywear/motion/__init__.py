"""Motion of bodies: clips, readers of motion files, and a writer of BVH.

from anywear.motion import read_motion
clip = read_motion("walk.bvh")
"""

from __future__ import annotations

from . import amass, asf_amc, bvh, compact, deepmimic, expmap, humanml3d
from .body_motion import BodyMotion
from .bvh_writer import write_bvh
from .checks import Fault, find_faults
from .clip import MotionClip, Skeleton
from .folder import list_motions
from .joint_names import require_segments, segments_of
from .picture import draw_clip
from .registry import MOTION_READERS, MotionOptions, MotionReader, motion_reader, read_motion
from .retarget import Retargeting, plan_retargeting, retarget

__all__ = [
    "MOTION_READERS", "BodyMotion", "Fault", "MotionClip", "MotionOptions", "MotionReader", "Retargeting", "Skeleton",
    "amass", "asf_amc", "bvh", "compact", "deepmimic", "draw_clip", "expmap", "find_faults", "humanml3d", "list_motions",
    "motion_reader", "plan_retargeting", "read_motion", "require_segments", "retarget", "segments_of",
    "write_bvh",
]  # fmt: skip
