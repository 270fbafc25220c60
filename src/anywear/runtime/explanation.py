"""Why an answer was given: a window as it was recorded, and the imagined motion that is nearest to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import UsageError
from ..recording import Recording
from ..signal import Window
from ..signal.mount import MountEstimate
from .imagine import Setup
from .labels import LabelSet
from .model import Model
from .recognition import told_mounts

MOST = 8  # windows explained


@dataclass(frozen=True, eq=False)
class Explanation:
    """One window and its answer.

    Attributes:
        start_s, end_s: of the window.
        label: the answer that fits best, whether or not it fits well enough.
        probability: of it, given that one of the labels is right.
        shares: probability of every label by its words, by simulation and by both.
        window: as recorded, on the model's grid.
        names: of its streams.
        nearest: label for which the nearest imagined motion was made; None where nothing was imagined.
        program: of the generator, that made it.
        imagined: its window, streams in the same order.
        cosine: how near it is.
    """

    start_s: float
    end_s: float
    label: str
    probability: float
    shares: Mapping[str, Mapping[str, float]]
    window: Window
    names: tuple[str, ...]
    nearest: str | None
    program: str | None
    imagined: Window | None
    cosine: float

    def to_dict(self) -> dict:
        """Plain types, for JSON; without the signals."""
        return {
            "start_s": round(self.start_s, 3), "end_s": round(self.end_s, 3), "label": self.label,
            "probability": round(self.probability, 4),
            "by": {by: {name: round(p, 4) for name, p in own.items()} for by, own in self.shares.items()},
            "nearest": {"label": self.nearest, "program": self.program, "cosine": round(self.cosine, 4)},
        }  # fmt: skip


def explain(
    recording: Recording,
    labels: LabelSet | Sequence[str] | dict[str, str],
    *,
    model: Model | None = None,
    window_s: float | None = None,
    hop_s: float | None = None,
    mount: str | Mapping[str, MountEstimate] = "auto",
    most: int = MOST,
) -> list[Explanation]:
    """Explain the answers about a recording: for windows from the middle of its longest segments, in order of time.

    Args:
        recording: any number of streams.
        labels: what is asked.
        model: the shipped one by default.
        window_s, hop_s, mount: as in `Model.recognize`.
        most: how many windows.

    Raises:
        UsageError: as `Model.recognize`; a model that cannot imagine.
    """
    if most < 1:
        raise UsageError("At least one window is to be explained", where="most", got=str(most))
    model, labels = model or Model(), LabelSet.of(labels)
    recognizer = model.recognizer("both")
    timeline = recognizer.recognize(recording, labels, window_s=window_s, hop_s=hop_s, mount=mount)
    told, _ = told_mounts(recording, mount)
    found, _ = model.windows_of(told, window_s, hop_s)
    placements = [stream.placement for stream in told.streams]
    longest = sorted(timeline.segments, key=lambda own: own.start_s - own.end_s)[:most]
    middles = timeline.window_spans.mean(axis=1)
    chosen = {int(np.abs(middles - 0.5 * (own.start_s + own.end_s)).argmin()) for own in longest}
    out = []
    for number in sorted(chosen):
        window = found[number]
        setup = Setup.of(window, placements)
        vector = recognizer.encode_windows([window], placements)
        shares = {}
        for by in ("text", "simulation", "both"):
            own = model.recognizer(by, recognizer.basis.hubs, language=recognizer.basis.language)
            row = model.probabilities(own.question(labels, setup).scores(vector), own.basis.name)[0]
            shares[by] = dict(zip(labels.names, row.tolist(), strict=True))
        best = recognizer.nearest(recognizer.question(labels, setup), setup, vector[0])
        label = max(shares["both"], key=shares["both"].__getitem__)
        start_s, end_s = timeline.window_spans[number]
        out.append(
            Explanation(
                float(start_s), float(end_s), label, shares["both"][label], shares, window,
                tuple(told.streams[stream].name for stream in window.streams),
                best[0].label if best else None, best[1].program if best else None,
                best[1].windows[best[2]] if best else None, best[3] if best else 0.0,
            )
        )  # fmt: skip
    return out
