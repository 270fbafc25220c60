"""Faults of motion: found and named, nothing is repaired."""

from __future__ import annotations
from .clip import MotionClip
class Fault: pass
def find_faults(clip: MotionClip): return ()
