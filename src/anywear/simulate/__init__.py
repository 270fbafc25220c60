"""Simulated wearables: from motion on a body to what a real sensor would have reported."""

from __future__ import annotations

from .allan import NoiseFigures, allan_deviation, read_noise
from .clock import DeviceClock, SampleTimes
from .devices import DEVICES, Device, device
from .loose import Swing
from .parts import PARTS, Part, part
from .pendulum import Pendulum
from .sensor import SensorModel, sensor_notes, sensor_seeds
from .simulator import Signals, Simulator
from .smoothing import lowpass_of, residual_corner_hz
from .strikes import Shock, Strike, find_strikes
from .tissue import Wobble
from .triad import TriadErrors
from .wear import Wear, WornPoints, put_on, worn_signals

__all__ = [
    "DEVICES",
    "PARTS",
    "Device",
    "DeviceClock",
    "NoiseFigures",
    "Part",
    "Pendulum",
    "SampleTimes",
    "SensorModel",
    "Shock",
    "Signals",
    "Simulator",
    "Strike",
    "Swing",
    "TriadErrors",
    "Wear",
    "Wobble",
    "WornPoints",
    "allan_deviation",
    "device",
    "find_strikes",
    "lowpass_of",
    "part",
    "put_on",
    "read_noise",
    "residual_corner_hz",
    "sensor_notes",
    "sensor_seeds",
    "worn_signals",
]
