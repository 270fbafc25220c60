"""Recordings that can be found by a sentence: an index on disk, exact search, an approximate one for more."""

from __future__ import annotations

from .hits import Hit
from .motion_index import IndexUpdate, MotionIndex

__all__ = ["Hit", "IndexUpdate", "MotionIndex"]
