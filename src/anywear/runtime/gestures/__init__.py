"""Gestures: learned from a few examples, recognised in clips, told from everything else. No torch."""

from __future__ import annotations

from .classifier import GestureClassifier
from .clips import Signal, as_streams, cut_stream, on_grid
from .examples import NONE, Example, Examples, read_examples
from .features import FeatureConfig
from .gestures import GestureAnswer, Gestures, GestureTest
from .light import LightConfig

__all__ = [
    "NONE", "Example", "Examples", "FeatureConfig", "GestureAnswer", "GestureClassifier", "GestureTest", "Gestures",
    "LightConfig", "Signal", "as_streams", "cut_stream", "on_grid", "read_examples",
]  # fmt: skip
