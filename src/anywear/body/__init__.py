"""The human body: a mesh of any stature and build, its rig, points on its skin, and how motion moves them."""

from __future__ import annotations

from .anny import anny_body
from .asset import BodyAsset, load_asset
from .axes import SegmentAxis, segment_axes
from .kinematics import SKIN_BONE_NAMES, bone_transforms, joint_positions, neutral_pose, rest_pose
from .polar import nearest_rotation
from .rig import BONE_INDEX, BONE_NAMES, BONE_PARENTS, BONE_SEGMENTS, SEGMENT_BONES
from .shape import BodyShape, ShapedBody, shape_body
from .sites import all_sites, place, placements_of
from .smpl import SmplModel, read_smpl, smpl_body
from .surface import (
    SurfacePoints,
    blend_matrix,
    joined,
    points_on,
    rotations,
    sample_surface,
    skin,
    skin_blocks,
    world_frames,
)

__all__ = [
    "BONE_INDEX",
    "BONE_NAMES",
    "BONE_PARENTS",
    "BONE_SEGMENTS",
    "SEGMENT_BONES",
    "SKIN_BONE_NAMES",
    "BodyAsset",
    "BodyShape",
    "SegmentAxis",
    "ShapedBody",
    "SmplModel",
    "SurfacePoints",
    "all_sites",
    "anny_body",
    "blend_matrix",
    "bone_transforms",
    "joined",
    "joint_positions",
    "load_asset",
    "nearest_rotation",
    "neutral_pose",
    "place",
    "placements_of",
    "points_on",
    "read_smpl",
    "rest_pose",
    "rotations",
    "sample_surface",
    "segment_axes",
    "shape_body",
    "skin",
    "skin_blocks",
    "smpl_body",
    "world_frames",
]
