"""Answers without torch: load artefacts, recognise, embed, search, describe, live."""

from __future__ import annotations

from .activities import Activities, read_labelled
from .description import Description, describe
from .gestures import Example, Examples, GestureAnswer, GestureClassifier, Gestures, read_examples
from .index import Hit, IndexUpdate, MotionIndex
from .labels import UNKNOWN, LabelSet
from .model import Embeddings, Model, ModelConfig
from .stream import LiveState, LiveStream
from .stream_gestures import GestureState, GestureStream
from .stream_input import Samples, Sensor
from .stream_many import Turn, step_many
from .text import TextTower
from .textspace import TextSpace
from .timeline import Segment, Timeline

__all__ = [
    "UNKNOWN", "Activities", "Description", "Embeddings", "Example", "Examples", "GestureAnswer", "GestureClassifier",
    "GestureState", "GestureStream", "Gestures", "Hit", "IndexUpdate", "LabelSet",
    "LiveState", "LiveStream", "Model", "ModelConfig", "MotionIndex", "Samples", "Segment", "Sensor", "TextSpace",
    "TextTower", "Timeline", "Turn", "describe", "read_examples",
    "read_labelled", "step_many",
]  # fmt: skip
