"""Data sets and corpora: what there is, under which terms, and how it gets onto this machine."""

from __future__ import annotations

from .catalogue import CATALOGUE, KINDS, DataEntry, data_entry
from .fetch import Download, fetch
from .local import LocalState, check_layout, data_folder, get_data, import_data, local_state

__all__ = [
    "CATALOGUE", "KINDS", "DataEntry", "Download", "LocalState", "check_layout", "data_entry", "data_folder", "fetch",
    "get_data", "import_data", "local_state",
]  # fmt: skip
