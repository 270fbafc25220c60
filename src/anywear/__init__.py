"""anywear: understand human motion from any wearable, worn anywhere.

    import anywear
    model = anywear.load()
    timeline = model.recognize(anywear.read("walk.zip"), ["walking", "sitting", "standing"])

Names are loaded when first used, so that ``anywear --help`` need not wait for numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

__version__ = "0.1.0"

if TYPE_CHECKING:
    from pathlib import Path

    from .errors import AnywearError
    from .io import read, read_many, write
    from .placement import Mount, Placement
    from .recording import Note, Recording, Span, Stream
    from .runtime import (
        Activities,
        GestureClassifier,
        Gestures,
        GestureStream,
        LabelSet,
        LiveStream,
        Model,
        MotionIndex,
        Samples,
        Segment,
        Sensor,
        Timeline,
        describe,
    )
    from .runtime.llm import MotionLLM

_HOMES = {
    "Activities": "runtime",
    "AnywearError": "errors",
    "GestureStream": "runtime",
    "GestureClassifier": "runtime",
    "Gestures": "runtime",
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

__all__ = ["Activities", "AnywearError", "GestureClassifier", "GestureStream", "Gestures", "LabelSet", "LiveStream",
           "Model", "MotionIndex", "Mount", "Note", "Placement", "Recording", "Samples", "Segment", "Sensor", "Span",
           "Stream", "Timeline", "__version__", "describe", "index", "load", "read", "read_many", "write"]  # fmt: skip


@overload
def load(path: str | Path | None = None, *, threads: int = 1) -> Model: ...
@overload
def load(*, llm: str | Path, threads: int = 1) -> MotionLLM: ...
def load(path: str | Path | None = None, *, llm: str | Path | None = None, threads: int = 1) -> Model | MotionLLM:
    """The model, ready to answer.

    Args:
        path: folder of another artefact; the one in the package by default.
        llm: folder of an adapter that ``anywear train align`` wrote: a large language model that reads motion.
        threads: threads it may use.

    Raises:
        ArtefactError: the artefact is missing or damaged. UsageError: the ``llm`` extra is not installed.
    """
    if llm is not None:
        from .errors import UsageError
        from .runtime.llm import MotionLLM

        if path is not None:
            raise UsageError("One model is loaded at a time", got=f"{path} and {llm}")
        return MotionLLM(llm, threads=threads)
    from .runtime import Model

    return Model(path, threads=threads)


def index(
    folder: str | Path, path: str | Path, *, model: Model | None = None, window_s: float | None = None,
    hop_s: float | None = None, language: bool | None = None, prune: bool = False, **reading,
) -> MotionIndex:  # fmt: skip
    """An index of a folder of recordings, brought up to date; see `anywear.runtime.MotionIndex`.

    Args:
        folder: of recordings, or one recording.
        path: folder of the index; made where there is none.
        model: the shipped one by default.
        window_s, hop_s: of the windows; the model's own by default.
        language: whether the language model has a say; see `anywear.runtime.MotionIndex.create`.
        prune: drop recordings of this folder that are no longer there.
        reading: options of `anywear.read`.

    Raises:
        FormatError: no such folder, or no recording in it. UsageError: what `MotionIndex.create` and `update` refuse.

    Example:
        >>> anywear.index("recordings", "my.index").search("a person climbs stairs", k=3)  # doctest: +SKIP
    """
    from .runtime.index.motion_index import MotionIndex, recordings_in

    paths = recordings_in(folder, format=reading.get("format"), may_be_empty=prune)  # before anything is made
    made = MotionIndex.create(path, model, window_s=window_s, hop_s=hop_s, language=language)
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
