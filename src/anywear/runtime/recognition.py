"""How well labels fit windows: by their words, by what they would look like on the same sensors, or by both.

Both kinds of score are held against the same background of unlabelled windows and so have one unit; what is told is their
weighted mean. A label that no program of the generator does, as far as its words say, is judged by its words alone.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import logsumexp

from .._typing import Array, Float
from ..errors import UsageError, unknown_name
from ..placement import UNKNOWN_MOUNT, Placement
from ..recording import Recording, Stream
from ..signal import Window
from ..signal.mount import MountEstimate, calibrate_mount, with_mounts
from .background import DENSITY_SPREAD, TEXT_SPREAD, held_against, what_is_usual
from .imagine import Imagination, ImagineConfig, Seen, Setup
from .labels import LabelSet
from .model import Model
from .programs import ProgramMatch, ProgramMix, mix_programs
from .timeline import Timeline, build_segments

MOUNTS = ("unknown", "auto", "documented")
BY = ("text", "simulation", "both")
SIMULATION_WEIGHT = 0.3  # in "both", of a label whose program is certain; see docs/recognition.md
QUESTIONS = 64  # remembered
LEAST_OWN = 30  # windows that say what is usual
MOST_IMAGINED = 120  # labels; more are judged by their words alone, for imagining one takes a quarter of a second


@dataclass(frozen=True)
class Basis:
    """What an answer goes by.

    Attributes:
        by: ``text``, ``simulation`` or ``both``.
        hubs: whether a label's usual score is taken off; see `anywear.runtime.background`.
        weight: of simulation in ``both``.
        own: whether scores are held against the windows that are asked about instead, all together; of fewer than
            `LEAST_OWN` nobody can say what is usual, and the model's background is taken.
        language: whether words are compared with what the model and its language model make of a window together; see
            `anywear.runtime.together`.
    """

    by: str = "both"
    hubs: bool = True
    weight: float = SIMULATION_WEIGHT
    own: bool = False
    language: bool = False

    def __post_init__(self) -> None:
        if self.by not in BY:
            raise unknown_name("basis of an answer", self.by, BY)
        if not 0.0 <= self.weight <= 1.0:
            raise UsageError("The weight is out of range", where="weight", expected="0 to 1", got=f"{self.weight:g}")
        if self.own and not self.hubs:
            raise UsageError(
                "Scores are held against one's own windows to take hubs off", where="own", expected="hubs on"
            )

    @property
    def is_plain(self) -> bool:
        """Whether scores are cosines with texts and nothing else."""
        return self.by == "text" and not self.hubs

    @property
    def name(self) -> str:
        """Under which a model keeps what was calibrated for it."""
        told = self.language and self.by != "simulation"
        return f"{self.by}{' hubs' if self.hubs else ''}{' language' if told else ''}"

    @property
    def title(self) -> str:
        """For reports: the name, and whose windows scores are held against where they are the user's own."""
        return f"{self.name}{' by own windows' if self.own else ''}"


@dataclass(frozen=True)
class Imagined:
    """What was made of one label.

    Attributes:
        label: its name.
        mix: programs it may mean.
        used: those of them that could be made; empty where the label is judged by its words alone.
        clips: how many motions of each of these.
    """

    label: str
    mix: ProgramMix
    used: tuple[ProgramMatch, ...]
    clips: tuple[int, ...]

    @property
    def programs(self) -> list[str]:
        """What was made, in words."""
        return [str(match) for match in self.used]

    def __str__(self) -> str:
        if self.used:
            return f"{self.label}: imagined as {'; '.join(self.programs)}"
        near = f"nearest: {self.mix.matches[0].program}" if self.mix.matches else "nothing near"
        return f"{self.label}: by its words alone; no motion is known to do this ({near})"


class Question:
    """Labels made ready for one setup.

    Args:
        labels: what is asked.
        texts: (L, D) their vectors.
        basis: what the answer goes by.
        background: what scores are held against; not needed for plain cosines.
        imagined: per label what was made of it, and (shares, vectors) of its programs.
    """

    def __init__(
        self,
        labels: LabelSet,
        texts: Float[Array, "labels features"],
        basis: Basis,
        background: Array | None = None,
        precision: Array | None = None,
        imagined: Sequence[tuple[Imagined, Array, Array]] = (),
    ) -> None:
        self.labels, self.basis = labels, basis
        self.imagined = tuple(own for own, _, _ in imagined)
        self._made = tuple(imagined)
        self._texts, self._background, self._precision = texts, background, precision
        self._usual: dict[str, tuple[Array, Array]] = {}
        sure = np.array([own.mix.sure if own.used else 0.0 for own in self.imagined])
        self._weights = basis.weight * sure if basis.by == "both" else (sure > 0.0).astype(float)

    @property
    def width(self) -> int:
        """Features of a vector, D."""
        return self._texts.shape[1]

    def with_basis(self, basis: Basis) -> Question:
        """The same labels and motions, weighed otherwise."""
        return Question(self.labels, self._texts, basis, self._background, self._precision, self._made)

    def by_words(self, declined: Collection[str]) -> Question:
        """The same question with some labels judged by their words alone, as if no motion was known for them."""
        made = [
            (own, shares, means)
            if own.label not in declined
            else (replace(own, used=(), clips=()), shares[:0], means[:0])
            for own, shares, means in self._made
        ]
        return Question(self.labels, self._texts, self.basis, self._background, self._precision, made)

    def scores(
        self, vectors: Float[Array, "windows features"], own: Float[Array, "others features"] | None = None
    ) -> Float[Array, "windows labels"]:
        """How well every label fits every window; cosines for a plain basis, else standard deviations of the background.

        Args:
            vectors: of windows, as `Recognizer.encode_windows` gives them.
            own: all windows of the user, if the basis wants these for a background.
        """
        if self.basis.is_plain or not len(vectors):
            return self._cosines(vectors)
        others = own if self.basis.own and own is not None and len(own) >= LEAST_OWN else None

        def held(kind: str, score: Callable[[Array], Array], own_spread: float) -> Array:
            how = {"hubs": self.basis.hubs, "own_spread": own_spread}
            if others is not None:
                return held_against(score, vectors, others, **how)
            if kind not in self._usual:  # always the same, and most of the work for one window
                assert self._background is not None
                self._usual[kind] = what_is_usual(score(self._background), **how)
            mean, spread = self._usual[kind]
            return (score(vectors) - mean) / spread

        told = held("text", self._cosines, TEXT_SPREAD)
        drawn = np.flatnonzero(self._weights)
        if len(drawn):
            seen = held("simulation", lambda rows: self._likelihood(rows, drawn), DENSITY_SPREAD)
            words = told[:, drawn]
            both = words + self._weights[drawn] * (seen - words)
            if len(drawn) < told.shape[1]:
                # Simulation tells apart what was imagined; whether it is one of these at all is for the words to say.
                words_mass, both_mass = (np.asarray(logsumexp(own, axis=1)) for own in (words, both))
                both += (words_mass - both_mass)[:, None]
            told[:, drawn] = both
        return told

    def _cosines(self, vectors: Float[Array, "windows features"]) -> Float[Array, "windows labels"]:
        own = vectors[:, -self.width :] if self.basis.language else vectors[:, : self.width]
        return own @ self._texts.T

    def _likelihood(self, vectors: Float[Array, "windows features"], drawn: Array) -> Float[Array, "windows labels"]:
        """Log density of windows among those imagined for some labels, but for what all have in common: normal about the mean
        of each program, alike in spread."""
        vectors = vectors[:, : self.width]
        out = np.zeros((len(vectors), len(drawn)))
        for column, label in enumerate(drawn):
            _, shares, means = self._made[label]
            towards = self._precision @ means.T
            about = 0.5 * (means * towards.T).sum(axis=1)
            out[:, column] = logsumexp(vectors @ towards - about + np.log(shares), axis=1)
        return out


class Recognizer:
    """Scores windows for labels on one basis; questions and what was imagined for them are kept.

    Args:
        model: embeds windows and words.
        basis: what answers go by.
        imagine: how much is made.

    Raises:
        UsageError: the model has no background to hold scores against, or no language model, and the basis needs it.
    """

    def __init__(self, model: Model, basis: Basis | None = None, imagine: ImagineConfig | None = None) -> None:
        self.model, self.basis = model, basis or Basis()
        self.config, self.sha256 = model.config, model.sha256
        self.imagination = Imagination(model, model.config.rate_hz, imagine) if imagine else model.imagination
        self._questions: OrderedDict[tuple[LabelSet, Setup], Question] = OrderedDict()
        self._background = None if self.basis.is_plain else model.background
        self._precision: Array | None = None
        if not self.basis.is_plain and self._background is None:
            raise UsageError(
                "The model has no background to hold scores against", where=str(model.folder),
                expected="background.npz", remedy="Ask by text with hubs off, or train the model again",
            )  # fmt: skip
        if self.basis.language and model.together is None:
            raise UsageError(
                "No language model has a say in what this model recognises", where=str(model.folder),
                expected="a language model, and a background that was seen with it",
                remedy="Do without it: --language off; or fit the background again: python -m anywear.train.background",
            )  # fmt: skip

    def question(self, labels: LabelSet | Sequence[str] | dict[str, str], setup: Setup) -> Question:
        """Labels made ready for a setup; a question asked before costs nothing."""
        labels = LabelSet.of(labels)
        key = (labels, setup)
        if key not in self._questions:
            self._questions[key] = self._prepare(labels, setup)
            while len(self._questions) > QUESTIONS:
                self._questions.popitem(last=False)
        self._questions.move_to_end(key)
        return self._questions[key]

    def encode_windows(
        self, found: Sequence[Window], placements: Sequence[Placement]
    ) -> Float[Array, "windows features"]:
        """Windows as questions are scored with: unit vectors (N, D) of the model; where the language model has a say
        (N, 2 D), those of both together behind them."""
        if not self.basis.language or self.model.together is None:
            return self.model.encode_windows(found, placements)
        return np.concatenate(self.model.together.encode_each(found, placements), axis=1)

    def scores(
        self,
        found: Sequence[Window],
        placements: Sequence[Placement],
        labels: LabelSet | Sequence[str] | dict[str, str],
    ) -> Float[Array, "windows labels"]:
        """How well labels fit windows, (N, L); see `Question.scores`."""
        labels = LabelSet.of(labels)
        vectors = self.encode_windows(found, placements)
        out = np.zeros((len(found), len(labels)))
        groups: dict[Setup, list[int]] = {}
        for number, window in enumerate(found):
            groups.setdefault(Setup.of(window, placements), []).append(number)
        for setup, rows in groups.items():
            out[rows] = self.question(labels, setup).scores(vectors[rows], vectors)
        return out

    def score_windows(
        self,
        found: Sequence[Window],
        placements: Sequence[Placement],
        labels: LabelSet | Sequence[str] | dict[str, str],
    ) -> Float[Array, "windows labels"]:
        """Probability (N, L) of each label, given that one of them is right."""
        return self.model.probabilities(self.scores(found, placements, labels), self.basis.name)

    def recognize(
        self,
        recording: Recording,
        labels: LabelSet | Sequence[str] | dict[str, str],
        *,
        window_s: float | None = None,
        hop_s: float | None = None,
        threshold: float | None = None,
        mount: str | Mapping[str, MountEstimate] = "auto",
    ) -> Timeline:
        """See `Model.recognize`."""
        labels = LabelSet.of(labels)
        threshold = self.model.threshold_or_default(threshold, self.basis.name)
        recording, mounts = told_mounts(recording, mount)
        found, notes = self.model.windows_of(recording, window_s, hop_s)
        placements = [stream.placement for stream in recording.streams]
        raw = self.scores(found, placements, labels)
        scores = self.model.probabilities(raw, self.basis.name)
        fit = raw.max(axis=1) if len(raw) else np.zeros(0)
        spans = self.model.spans_s(found)
        cell_s = self.model.window_config(window_s, hop_s).hop_s
        segments = build_segments(labels.names, spans, scores, fit, threshold, cell_s)
        asked = dict.fromkeys(Setup.of(window, placements) for window in found)
        imagined = self.question(labels, next(iter(asked))).imagined if asked else ()
        alone = [own.label for own in imagined if not own.used]
        if self.basis.by != "text" and len(labels) > MOST_IMAGINED:
            notes = [*notes, f"more than {MOST_IMAGINED} labels: all judged by the words alone"]
        if alone:
            notes = [*notes, f"{', '.join(alone)}: judged by the words alone; no motion is known that does this"]
        used = {
            "by": self.basis.by, "hubs": self.basis.hubs, "own": self.basis.own, "language": self.basis.language,
            "mounts": mounts,
            "imagined": {own.label: own.programs for own in imagined},
        }  # fmt: skip
        return Timeline(labels.names, segments, spans, scores, fit, threshold, tuple(notes), used)

    def _prepare(self, labels: LabelSet, setup: Setup) -> Question:
        texts = self.model.encode_labels(labels)
        background = self._background
        if background is None:
            return Question(labels, texts, self.basis)
        near = background.near(setup.placements)
        if self.basis.by == "text" or len(labels) > MOST_IMAGINED:
            return Question(labels, texts, self.basis, near)
        if self._precision is None:
            self._precision = background.precision()
        imagined = [self._imagine(name, own, setup) for name, own in zip(labels.names, labels.texts, strict=True)]
        return Question(labels, texts, self.basis, near, self._precision, imagined)

    def _imagine(self, label: str, texts: Sequence[str], setup: Setup) -> tuple[Imagined, Array, Array]:
        # What a label is described as says more than what it is called.
        mix = mix_programs(texts[1:] or texts, self.model.text_tower)
        if mix.declined:
            return Imagined(label, mix, (), ()), np.zeros(0), np.zeros((0, 0))
        # Every program is made at least once; the likelier, the more of the clips are its.
        counts = np.maximum(1, np.round(self.imagination.config.clips * np.array(mix.shares))).astype(int).tolist()
        made = [
            (match, count, share, self.imagination.vectors(match.program, setup, count, match.tempo))
            for match, count, share in zip(mix.matches, counts, mix.shares, strict=True)
        ]
        made = [own for own in made if len(own[3])]
        shares = np.array([share for _, _, share, _ in made])
        imagined = Imagined(label, mix, tuple(own[0] for own in made), tuple(own[1] for own in made))
        return imagined, shares / shares.sum(), np.array([vectors.mean(axis=0) for _, _, _, vectors in made])

    def nearest(self, question: Question, setup: Setup, vector: Array) -> tuple[Imagined, Seen, int, float] | None:
        """The imagined window nearest to another, given as `encode_windows` does: its label, motion, number in it and cosine;
        None where none was made."""
        best, vector = None, vector[: question.width]
        for imagined in question.imagined:
            for match, count in zip(imagined.used, imagined.clips, strict=True):
                for clip in self.imagination.clips(match.program, setup, count, match.tempo):
                    cosines = clip.vectors @ vector
                    number = int(cosines.argmax()) if len(cosines) else -1
                    if number >= 0 and (best is None or cosines[number] > best[3]):
                        best = imagined, clip, number, float(cosines[number])
        return best


def told_mounts(
    recording: Recording, mount: str | Mapping[str, MountEstimate]
) -> tuple[Recording, dict[str, dict[str, object]]]:
    """A recording with as much told of its mounts as is wished, and what that is, by stream.

    Args:
        recording: as it was read.
        mount: ``unknown`` takes away what the recording says; ``documented`` leaves it; ``auto`` leaves it and looks for the
            mount of those streams of which it says nothing; else the estimates to use, by stream name.

    Raises:
        UsageError: no such way.
    """
    if isinstance(mount, str):
        if mount not in MOUNTS:
            raise unknown_name("way to know the mount", mount, MOUNTS)
        if mount == "unknown":
            bare = [
                s.with_placement(replace(s.placement, mount=UNKNOWN_MOUNT), "mount not told") for s in recording.streams
            ]
            recording = recording.with_streams(bare)
        estimates = {}
        if mount == "auto":
            silent = [s for s in recording.streams if s.placement.mount.knowledge == "nothing"]
            estimates = {stream.name: calibrate_mount(stream) for stream in silent}
    else:
        estimates = {name: found for name, found in mount.items() if name in {s.name for s in recording.streams}}
        if not estimates:
            raise UsageError(
                "The mounts are of other streams", expected=", ".join(s.name for s in recording.streams),
                got=", ".join(mount), remedy="Find the mounts of this recording: anywear mount FILE -o mounts.json",
            )  # fmt: skip
    recording = with_mounts(recording, estimates)
    return recording, {stream.name: _mount_used(stream, estimates) for stream in recording.streams}


def _mount_used(stream: Stream, estimates: Mapping[str, MountEstimate]) -> dict[str, object]:
    known = stream.placement.mount
    # A stream that was put on several times became several, each with the mount of its piece.
    own = [found for name, found in estimates.items() if stream.name == name or stream.name.startswith(f"{name} (")]
    piece = next((piece for found in own for piece in found.pieces if piece.mount == known), None)
    if piece is None:
        return {"known": known.knowledge, "source": known.source}
    return {
        "known": known.knowledge, "source": "found by itself", "reason": piece.reason,
        "up_error_deg": piece.up_error_deg, "forward_error_deg": piece.forward_error_deg,
    }  # fmt: skip
