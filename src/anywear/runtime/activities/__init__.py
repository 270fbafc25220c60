"""Activities learned from labelled recordings, of whatever sensors they hold."""

from __future__ import annotations

from .activities import Activities
from .files import read_labelled

__all__ = ["Activities", "read_labelled"]
