"""Simulated wearables: from motion on a body to what a real sensor would have reported."""

from __future__ import annotations

from .allan import NoiseFigures, allan_deviation, read_noise
from .clock import DeviceClock, SampleTimes
from .parts import PARTS, Part, part
from .sensor import SensorModel, sensor_notes, sensor_seeds
from .triad import TriadErrors

__all__ = [
    "PARTS",
    "DeviceClock",
    "NoiseFigures",
    "Part",
    "SampleTimes",
    "SensorModel",
    "TriadErrors",
    "allan_deviation",
    "part",
    "read_noise",
    "sensor_notes",
    "sensor_seeds",
]
