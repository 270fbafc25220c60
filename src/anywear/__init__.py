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
    from .errors import AnywearError
    from .io import read, read_many, write
    from .placement import Mount, Placement
    from .recording import Note, Recording, Span, Stream
    from .runtime import LabelSet, Model, Segment, Timeline

_HOMES = {
    "AnywearError": "errors",
    "LabelSet": "runtime",
    "Model": "runtime",
    "Mount": "placement",
    "Note": "recording",
    "Placement": "placement",
    "Recording": "recording",
    "Segment": "runtime",
    "Span": "recording",
    "Stream": "recording",
    "Timeline": "runtime",
    "read": "io",
    "read_many": "io",
    "write": "io",
}

__all__ = ["AnywearError", "LabelSet", "Model", "Mount", "Note", "Placement", "Recording", "Segment", "Span", "Stream",
           "Timeline", "__version__", "load", "read", "read_many", "write"]  # fmt: skip


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


def __getattr__(name: str):
    import importlib

    if name in ("read", "read_many"):
        # The data sets' layouts are formats too; they register when imported.
        importlib.import_module(".datasets", __name__)
    if name in _HOMES:
        return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
