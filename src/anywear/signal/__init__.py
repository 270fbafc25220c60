"""Signals of any device brought to one form: clocks, units, rate, gravity, windows, features."""

from __future__ import annotations

from .clock import build_stream, interpolate_onto, repair_clock
from .features import (
    CHANNELS,
    MOUNT_FEATURES,
    MOUNT_SLICE,
    PLACE_FEATURES,
    WORN_FEATURES,
    motion_features,
    mount_axes,
    mount_features,
    mounts_axes,
    place_features,
    rate_feature,
    worn_features,
)
from .gravity import GravityFilter, level_rotation, up_direction
from .nucleus import Nucleus, nucleus
from .resample import Piece, Resampler, ResamplerState, resample_uniform
from .segmentation import Candidate, SegmentConfig, Segmenter, SegmenterState, segment
from .units import parse_unit, parse_units, resolve_units
from .windows import Window, WindowConfig, Windower, WindowerState, cut_window, grid_pieces, intersect, windows

__all__ = [
    "CHANNELS",
    "MOUNT_FEATURES",
    "MOUNT_SLICE",
    "PLACE_FEATURES",
    "WORN_FEATURES",
    "Candidate",
    "GravityFilter",
    "Nucleus",
    "Piece",
    "Resampler",
    "ResamplerState",
    "SegmentConfig",
    "Segmenter",
    "SegmenterState",
    "Window",
    "WindowConfig",
    "Windower",
    "WindowerState",
    "build_stream",
    "cut_window",
    "grid_pieces",
    "interpolate_onto",
    "intersect",
    "level_rotation",
    "motion_features",
    "mount_axes",
    "mount_features",
    "mounts_axes",
    "nucleus",
    "parse_unit",
    "parse_units",
    "place_features",
    "rate_feature",
    "repair_clock",
    "resample_uniform",
    "resolve_units",
    "segment",
    "up_direction",
    "windows",
    "worn_features",
]
