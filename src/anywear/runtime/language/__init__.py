"""Words from motion: captions, answers and choices by a small language model. No torch."""

from __future__ import annotations

from .artefact import LanguageAbout
from .model import Caption, Language
from .stillness import NO_MOTION, is_still

__all__ = ["NO_MOTION", "Caption", "Language", "LanguageAbout", "is_still"]
