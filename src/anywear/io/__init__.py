"""Readers and writers of recordings: one module per format, one registry.

The order of the imports is the order in which formats are tried: what can be told for certain comes first, tables last.
"""

from __future__ import annotations

# isort: off
from . import native, arrays, sensor_logger, phyphox, tabular  # noqa: F401

# isort: on
from .folder import FolderListing, list_recordings, read_many
from .native import write
from .registry import READERS, Reader, ReadOptions, read, reader

__all__ = [
    "READERS",
    "FolderListing",
    "ReadOptions",
    "Reader",
    "list_recordings",
    "read",
    "read_many",
    "reader",
    "write",
]
