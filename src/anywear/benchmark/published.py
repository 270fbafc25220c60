"""Figures others have published, to be printed beside ours. Percent become shares."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """One system's zero-shot figures on one data set, and in what the protocol differs from ours."""

    system: str
    accuracy: float
    macro_f1: float
    recall_at_2: float
    citation: str
    remark: str


_UNIMTS = (
    "X. Zhang, D. Teng, R. R. Chowdhury, S. Li, D. Hong, R. K. Gupta, J. Shang: UniMTS: unified pre-training for motion "
    "time series. NeurIPS 2024"
)
_WINDOWS = "its windows differ: 10 s at 20 Hz, accelerometer only"

PUBLISHED: dict[str, tuple[Published, ...]] = {
    "dsads": (Published("UniMTS", 0.315, 0.237, 0.460, _UNIMTS, _WINDOWS),),
    "usc-had": (Published("UniMTS", 0.305, 0.278, 0.454, _UNIMTS, _WINDOWS),),
    "utd-mhad": (
        Published(
            "UniMTS", 0.228, 0.185, 0.326, _UNIMTS,
            f"{_WINDOWS}; the sensor's place was taken from the true class",
        ),
    ),
}  # fmt: skip
"""By name of the data set."""
