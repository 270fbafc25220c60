"""Public data sets in their original layout: one small module each, and a reader of the same name."""

from __future__ import annotations

from . import basicmotions, broad, dsads, imu_digits, sisfall, sp_sw_har, uhh_gestures, usc_had, utd_mhad  # noqa: F401
from .base import DATASETS, Dataset, DatasetInfo, dataset, open_dataset
from .source import FolderSource, Source, TarSource, ZipSource, open_source

__all__ = [
    "DATASETS",
    "Dataset",
    "DatasetInfo",
    "FolderSource",
    "Source",
    "TarSource",
    "ZipSource",
    "dataset",
    "open_dataset",
    "open_source",
]
