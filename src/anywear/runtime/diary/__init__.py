"""What was done when, in sentences with figures, and questions about it. No torch."""

from __future__ import annotations

from .answers import Answer, Answerer, Evidence, ask
from .diary import Captioner, Diary, DiaryConfig, Entry, Saying, keep_diary
from .vocabulary import EVERYDAY, NO_MOTION, Activity, Vocabulary

__all__ = [
    "EVERYDAY", "NO_MOTION", "Activity", "Answer", "Answerer", "Captioner", "Diary", "DiaryConfig", "Entry", "Evidence",
    "Saying", "Vocabulary", "ask", "keep_diary",
]  # fmt: skip
