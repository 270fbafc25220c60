"""What was done when, in sentences with figures, and questions about it. No torch."""

from __future__ import annotations

from .diary import Captioner, Diary, DiaryConfig, Entry, Saying, keep_diary
from .vocabulary import EVERYDAY, NO_MOTION, Activity, Vocabulary

__all__ = [
    "EVERYDAY", "NO_MOTION", "Activity", "Captioner", "Diary", "DiaryConfig", "Entry", "Saying", "Vocabulary",
    "keep_diary",
]  # fmt: skip
