"""Answers without torch: load artefacts, recognise, embed, search, describe."""

from __future__ import annotations

from .description import Description, describe
from .index import Hit, IndexUpdate, MotionIndex
from .labels import UNKNOWN, LabelSet
from .model import Embeddings, Model, ModelConfig
from .text import TextTower
from .textspace import TextSpace
from .timeline import Segment, Timeline

__all__ = [
    "UNKNOWN", "Description", "Embeddings", "Hit", "IndexUpdate", "LabelSet", "Model", "ModelConfig", "MotionIndex",
    "Segment", "TextSpace", "TextTower", "Timeline", "describe",
]  # fmt: skip
