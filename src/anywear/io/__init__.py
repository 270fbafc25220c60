"""Readers and writers of recordings: one module per format, one registry."""

from __future__ import annotations

from .registry import READERS, Reader, ReadOptions, read, reader

__all__ = ["READERS", "ReadOptions", "Reader", "read", "reader"]
