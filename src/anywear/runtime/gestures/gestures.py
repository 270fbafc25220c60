"""Teach it a gesture: a few examples in, answers about other clips out.

>>> gestures = Gestures.train(read_examples("my-gestures"))                       # doctest: +SKIP
>>> gestures.predict([anywear.read("clip.csv").streams[0]])[0].label              # doctest: +SKIP
'wave'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from ..._typing import Array, Float
from ...errors import UsageError, unknown_name
from ...recording import Stream
from ..labels import LabelSet
from ..model import Model
from ..phrases import worded
from .clips import MAX_S, MIN_S, RATE_HZ, Signal, as_streams, moving_part, on_grid
from .encoder import ClipEncoder
from .examples import NONE, Example, Examples, checked, read_examples
from .light import LightConfig, LightHead, Scored, fit_light

DEPTHS = ("light", "full")
FULL_WEIGHTS = (3.0, 1.0)  # of what an encoder says that was trained on the examples
UNSEEN_S = (0.6, 2.0)  # s; how long motions are taken to be where there is no example
TUNING = "anywear.train.gestures"  # named, not imported: it needs torch
LEAST_CLASSES = 2


@dataclass(frozen=True)
class GestureAnswer:
    """What a clip is.

    Attributes:
        label: of the gesture, or ``none``.
        confidence: probability of the likeliest gesture, given all that the clip could be.
        probabilities: of every label, given that one of them is right; they sum to one.
        is_none: whether it fits none of them.
        margin: how far the likeliest gesture is above none, in the head's scores.
    """

    label: str
    confidence: float
    probabilities: dict[str, float]
    is_none: bool
    margin: float


@dataclass(frozen=True)
class GestureTest:
    """Answers held against truth.

    Attributes:
        labels: rows and columns, ``none`` last.
        confusion: (L, L) counts: rows are true, columns what was said.
        accuracy: share of the gestures named right.
        macro_f1: mean over the gestures that occur.
        answers: one per clip.
    """

    labels: tuple[str, ...]
    confusion: Array
    accuracy: float
    macro_f1: float
    answers: tuple[GestureAnswer, ...]


class Gestures:
    """Gestures that were learned. Made by `train` or `load`.

    Attributes:
        labels: of the gestures, without none.
        texts: label to what it means in words.
        min_s, max_s: how long motions are that can be one of them; what is shorter or longer is none.
        recall: share of gestures that is not to be taken for none.
        about: how it was made.
    """

    def __init__(
        self, labels: Sequence[str], head: LightHead, *, texts: Mapping[str, str], min_s: float, max_s: float,
        about: Mapping[str, object], config: LightConfig,
    ) -> None:  # fmt: skip
        self.labels = tuple(labels)
        self.texts = dict(texts)
        self.min_s, self.max_s = min_s, max_s
        self.about = dict(about)
        self.config = config
        self.head = head

    @property
    def recall(self) -> float:
        return self.head.calibration.recall

    @property
    def threshold(self) -> float:
        """Least margin of an answer other than none."""
        return self.head.calibration.threshold

    @classmethod
    def train(
        cls,
        examples: Examples | Sequence[Example] | str | Path,
        *,
        depth: str = "light",
        texts: Mapping[str, str] | None = None,
        encoder: ClipEncoder | Model | str | Path | None = None,
        reader: ClipEncoder | Model | str | Path | None = None,
        recall: float = 0.9,
        seed: int = 0,
        config: LightConfig | None = None,
    ) -> Gestures:
        """Learn from examples.

        Args:
            examples: of `read_examples`, or a list of them, or a folder with a folder per label.
            depth: ``light`` fits a head in seconds; ``full`` trains the encoder as well and needs the train extra.
            texts: label to its meaning in words, where the label does not say it. A label without examples is known by its
                words alone.
            encoder: an artefact; that of the package by default.
            reader: an artefact that knows words; the main model of the package by default. Only looked at where some label
                has no example.
            recall: share of gestures that is not to be taken for none, 0.5 to 0.999.
            seed: of all that is drawn.
            config: how.

        Raises:
            UsageError: fewer than two classes, a clip that cannot teach, an unknown depth, no train extra for ``full``.
        """
        from .everyday import load as everyday

        examples = _gathered(examples)
        config = config or LightConfig()
        if depth not in DEPTHS:
            raise unknown_name("depth", depth, DEPTHS)
        if not 0.5 <= recall <= 0.999:
            raise UsageError("The recall is out of range", expected="0.5 to 0.999", got=f"{recall:g}")
        checked(examples.clips)
        labels, meanings = _labels(examples, texts)
        frozen = ClipEncoder.open(encoder)
        signals = [on_grid(clip.stream) for clip in examples.clips]
        truth = np.array([labels.index(clip.label) for clip in examples.clips], dtype=np.int64)
        shown = (_signal(own.stream) for own in examples.nothing)
        nothing = [*everyday(), *(signal for signal in shown if signal is not None)]
        counts = np.bincount(truth, minlength=len(labels))
        if depth == "full":
            frozen = fine_tuned(signals, truth, [meanings[label] for label in labels], frozen, nothing, seed)
            config = replace(config, weights=(*config.weights[:-2], *FULL_WEIGHTS))
        reads = None if counts.all() else ClipEncoder.open_reader(reader)
        head = fit_light(
            signals, truth, nothing, classes=len(labels), words=(reads or frozen).words(meanings, labels), encoder=frozen,
            reader=reads, recall=recall, seed=seed, config=config,
        )  # fmt: skip
        lengths = [_moving_s(signal) for signal in signals] or list(UNSEEN_S)
        about = {
            "depth": depth,
            "seed": seed,
            "examples": dict(zip(labels, counts.tolist(), strict=True)),
            "none_examples": len(examples.nothing),
            "placements": sorted({clip.stream.placement.name for clip in examples.clips}),
            "rates_hz": sorted({round(clip.stream.effective_rate_hz) for clip in examples.clips}),
            "gyroscope": sum(signal.gyr_radps is not None for signal in signals),
        }
        return cls(
            labels, head, texts=meanings, min_s=max(MIN_S, 0.5 * min(lengths)), max_s=min(MAX_S, 2.0 * max(lengths)),
            about=about, config=config,
        )  # fmt: skip

    def predict(
        self, clips: Sequence[Stream | Float[Array, "_ _"]] | Array, *, rate_hz: float = 50.0
    ) -> list[GestureAnswer]:
        """What each clip is.

        Args:
            clips: streams, or arrays of m/s2 (with gravity) and rad/s.
            rate_hz: of the arrays.

        Raises:
            UsageError: a clip that is none, or shorter or longer than any gesture.
        """
        signals = [on_grid(stream) for stream in as_streams(clips, rate_hz)]
        return self.answers(signals)

    def answers(self, signals: Sequence[Signal], looks: Sequence[Array] | None = None) -> list[GestureAnswer]:
        """What clips on the grid are; `looks` are their features, where those are known."""
        if not signals:
            return []
        scored = self.head(signals, looks)
        out = []
        for number, signal in enumerate(signals):
            best = int(scored.scores[number].argmax())
            _, _, moves = moving_part(signal)
            is_none = not moves or bool(scored.margin[number] < self.threshold)
            out.append(
                GestureAnswer(
                    NONE if is_none else self.labels[best],
                    float(scored.probabilities[number, best] * scored.gesture[number]),
                    {own: float(p) for own, p in zip(self.labels, scored.probabilities[number], strict=True)},
                    is_none,
                    float(scored.margin[number]),
                )
            )
        return out

    def score(self, clips: Sequence[Stream | Float[Array, "_ _"]] | Array, *, rate_hz: float = RATE_HZ) -> Scored:
        """Scores, margins and probabilities of clips as arrays; see `Scored`."""
        return self.head([on_grid(stream) for stream in as_streams(clips, rate_hz)])

    def test(self, examples: Examples | Sequence[Example] | str | Path) -> GestureTest:
        """Answers about labelled clips; those of none are asked, too.

        Raises:
            UsageError: a label that was not learned, or no clip at all.
        """
        if isinstance(examples, str | Path):
            examples = read_examples(examples)
        own = (
            [*examples.clips, *(replace(c, label=NONE) for c in examples.nothing)]
            if isinstance(examples, Examples)
            else [*examples]
        )
        if not own:
            raise UsageError("There is nothing to test", expected="one labelled clip or more")
        names = (*self.labels, NONE)
        for clip in own:
            if clip.label not in names:
                raise unknown_name("gesture", clip.label, names)
        answers = self.predict([clip.stream for clip in own])
        confusion = np.zeros((len(names), len(names)), dtype=np.int64)
        for clip, answer in zip(own, answers, strict=True):
            confusion[names.index(clip.label), names.index(answer.label)] += 1
        asked = confusion[:-1].sum()
        hits = np.diag(confusion)[:-1].astype(np.float64)
        f1 = 2.0 * hits / np.maximum(confusion[:-1].sum(axis=1) + confusion[:, :-1].sum(axis=0), 1)
        occurs = confusion[:-1].sum(axis=1) > 0
        return GestureTest(
            names, confusion, float(hits.sum() / asked) if asked else float("nan"),
            float(f1[occurs].mean()) if occurs.any() else float("nan"), tuple(answers),
        )  # fmt: skip

    def save(self, path: str | Path) -> None:
        """Write a ``.gestures`` file; see `anywear.runtime.gestures.artefact`."""
        from .artefact import save

        save(self, Path(path))

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        encoder: ClipEncoder | Model | str | Path | None = None,
        reader: ClipEncoder | Model | str | Path | None = None,
    ) -> Gestures:
        """Read a ``.gestures`` file.

        Args:
            path: the file.
            encoder: an encoder that is at hand already; it has to be the one that was learned with.
            reader: the same of what reads the words, where there is one.

        Raises:
            ArtefactError: missing, damaged, of another version, another encoder or another reader.
        """
        from .artefact import load

        return load(Path(path), encoder, reader)

    def __repr__(self) -> str:
        return f"Gestures({', '.join(self.labels)})"


def fine_tuned(
    signals: Sequence[Signal], truth: Array, texts: Sequence[str], encoder: ClipEncoder, nothing: Sequence[Signal], seed: int
) -> ClipEncoder:  # fmt: skip
    """The encoder after training on the examples, in a temporary folder that lasts as long as it does.

    Raises:
        UsageError: torch is not installed, or a class has no example.
    """
    if find_spec("torch") is None:
        raise UsageError("The depth full trains the encoder, which needs torch", expected="light, or torch installed",
                         remedy='pip install "anywear[train]"')  # fmt: skip
    folder = TemporaryDirectory(prefix="anywear-gestures-")
    tune = import_module(TUNING).fine_tune
    made = ClipEncoder(
        Model(tune(signals, truth, texts, encoder.model.folder, folder.name, nothing=nothing, seed=seed))
    )
    made.kept = folder
    return made


def _gathered(examples: Examples | Sequence[Example] | str | Path) -> Examples:
    """Whatever was given, with none apart."""
    if isinstance(examples, str | Path):
        return read_examples(examples)
    if isinstance(examples, Examples):
        return examples
    given = list(examples)
    nothing = tuple(own for own in given if own.label.lower() == NONE)
    return Examples(tuple(own for own in given if own.label.lower() != NONE), nothing)


def _labels(examples: Examples, texts: Mapping[str, str] | None) -> tuple[tuple[str, ...], dict[str, str]]:
    """All labels, sorted, and what each means."""
    told = dict(examples.texts or {}) | dict(texts or {})
    labels = tuple(sorted({clip.label for clip in examples.clips} | set(told)))
    if len(labels) < LEAST_CLASSES:
        raise UsageError(
            "At least two gestures are needed to choose between", got=", ".join(labels) or "no example",
            remedy="Add examples of another gesture, or describe one in words",
        )  # fmt: skip
    LabelSet.of(list(labels))  # words that cannot be asked for are refused
    return labels, {label: told.get(label, worded(label)) for label in labels}


def _signal(stream: Stream) -> Signal | None:
    try:
        return on_grid(stream)
    except UsageError:  # too short or too long to be taken for a gesture anyway
        return None


def _moving_s(signal: Signal) -> float:
    start, stop, _ = moving_part(signal)
    return (stop - start) / RATE_HZ
