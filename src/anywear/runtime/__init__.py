"""Answers without torch: load artefacts, recognise, embed."""

from __future__ import annotations

from .labels import UNKNOWN, LabelSet
from .model import Embeddings, Model, ModelConfig
from .text import TextTower
from .textspace import TextSpace
from .timeline import Segment, Timeline

__all__ = ["UNKNOWN", "Embeddings", "LabelSet", "Model", "ModelConfig", "Segment", "TextSpace", "TextTower", "Timeline"]
