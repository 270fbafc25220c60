"""anywear: understand human motion from any wearable, worn anywhere.

    import anywear
    model = anywear.load()
    timeline = model.recognize(anywear.read("walk.zip"), ["walking", "sitting", "standing"])

Names are loaded when first used, so that ``anywear --help`` need not wait for numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from pathlib import Path

    from .errors import AnywearError
    from .io import read, read_many, write
    from .placement import Mount, Placement
    from .recording import Note, Recording, Span, Stream
    from .runtime import LabelSet, LiveStream, Model, MotionIndex, Samples, Segment, Sensor, Timeline, describe

_HOMES = {
    "AnywearError": "errors",
    "LabelSet": "runtime",
    "LiveStream": "runtime",
    "Model": "runtime",
    "MotionIndex": "runtime",
    "Mount": "placement",
    "Note": "recording",
    "Placement": "placement",
    "Recording": "recording",
    "Samples": "runtime",
    "Segment": "runtime",
    "Sensor": "runtime",
    "Span": "recording",
    "Stream": "recording",
    "Timeline": "runtime",
    "describe": "runtime",
    "read": "io",
    "read_many": "io",
    "write": "io",
}

__all__ = ["AnywearError", "LabelSet", "LiveStream", "Model", "MotionIndex", "Mount", "Note", "Placement", "Recording",
           "Samples", "Segment", "Sensor", "Span", "Stream", "Timeline", "__version__", "describe", "index", "load",
           "read", "read_many", "write"]  # fmt: skip


def load(path: str | None = None, *, threads: int = 1) -> Model:
    """The model, ready to answer.

    Args:
        path: folder of another artefact; the one in the package by default.
        threads: threads it may use.

    Raises:
        ArtefactError: the artefact is missing or damaged.
    """
    from .runtime import Model

    return Model(path, threads=threads)


def index(
    folder: str | Path, path: str | Path, *, model: Model | None = None, window_s: float | None = None,
    hop_s: float | None = None, prune: bool = False, **reading,
) -> MotionIndex:  # fmt: skip
    """An index of a folder of recordings, brought up to date; see `anywear.runtime.MotionIndex`.

    Args:
        folder: of recordings, or one recording.
        path: folder of the index; made where there is none.
        model: the shipped one by default.
        window_s, hop_s: of the windows; the model's own by default.
        prune: drop recordings of this folder that are no longer there.
        reading: options of `anywear.read`.

    Raises:
        FormatError: no such folder, or no recording in it. UsageError: what `MotionIndex.create` and `update` refuse.

    Example:
        >>> anywear.index("recordings", "my.index").search("a person climbs stairs", k=3)  # doctest: +SKIP
    """
    from .runtime.index.motion_index import MotionIndex, recordings_in

    paths = recordings_in(folder, format=reading.get("format"), may_be_empty=prune)  # before anything is made
    made = MotionIndex.create(path, model, window_s=window_s, hop_s=hop_s)
    made.update(folder, prune=prune, paths=paths, **reading)
    return made


def __getattr__(name: str):
    import importlib

    if name in ("read", "read_many"):
        # The data sets' layouts are formats too; they register when imported.
        importlib.import_module(".datasets", __name__)
    if name in _HOMES:
        return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
