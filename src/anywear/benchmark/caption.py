"""How well motion is told in words: the protocol ``anywear-caption v2``.

Captioned clips of held-out subjects, and held-out clips of the generator, are worn by 1, 2 and 5 simulated sensors at random
sites, and one window from the middle of each is described; captions are compared with all that was said of the clip. Windows
of real recordings are described as well: asked is whether the true activity is named, by an explicit list of words.

Four speakers: the language model; the nearest caption of the training (the one whose sentence is nearest to the window, by
the encoder); the language model with the motion hidden from it; and its captions of other clips. The last two are chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from ..errors import UsageError
from ..motion import MotionClip
from ..runtime import Model
from .caption_clips import View, clip_views
from .caption_real import MOUNT, RealResult, score_real
from .caption_speakers import NearestCaption, Speaks, say, training_captions
from .caption_words import NAMED
from .har import MOUNT_TOLD
from .registry import benchmark
from .retrieval import CORPUS, GENERATOR, corpus_in
from .retrieval_pools import HELD_OUT_SEED, CaptionedMotion, corpus_pool, generator_pool
from .text import LIGHT, MEASURES, TextConfig, TextReport, score_texts

PROTOCOL = "anywear-caption v2"
TRAINING_CLIPS = 2  # of every program of the generator, whose sentences the nearest caption is sought among
SETS = tuple(NAMED)


@dataclass(frozen=True)
class CaptionConfig:
    """How the question is put.

    Attributes:
        sensors: how many are worn, in turn.
        seed: of bodies, sites, devices, and of the windows that are drawn.
        clips: of every program of the generator; 0 leaves it out.
        programs: their names; all when empty.
        sets: real recordings.
        per_label: windows drawn of every label of these, at most.
        measures: of captions; BERTScore where its packages are installed, by default.
    """

    sensors: tuple[int, ...] = (1, 2, 5)
    seed: int = 0
    clips: int = 1
    programs: tuple[str, ...] = ()
    sets: tuple[str, ...] = SETS
    per_label: int = 40
    measures: tuple[str, ...] = field(default_factory=lambda: _able())

    def __post_init__(self) -> None:
        checks = (
            (bool(self.sensors) and min(self.sensors, default=0) >= 1 and max(self.sensors, default=0) <= 30,
             "sensors", "1 to 30", self.sensors),
            (self.seed >= 0, "seed", "not negative", self.seed),
            (0 <= self.clips <= 1000, "clips per program", "0 to 1000", self.clips),
            (self.per_label >= 1, "windows per label", "1 or more", self.per_label),
        )  # fmt: skip
        for right, name, expected, got in checks:
            if not right:
                raise UsageError("The benchmark cannot be asked like this", where=name, expected=expected, got=str(got))


def _able() -> tuple[str, ...]:
    return MEASURES if all(find_spec(own) for own in ("torch", "onnx", "transformers")) else LIGHT


@dataclass(frozen=True)
class ClipResult:
    """One pool of clips, seen by so many sensors.

    Attributes:
        pool, sensors, clips, left_out: which, by how many, how many there are, and how many could not be simulated.
        reports: by speaker.
    """

    pool: str
    sensors: int
    clips: int
    left_out: int
    reports: dict[str, TextReport]


@dataclass(frozen=True)
class CaptionReport:
    """Everything, and how it was done.

    Attributes:
        clips: of simulated clips.
        sets: of real recordings.
        config: as asked.
        model, language, trained_on: hashes, and what the encoder learned from.
        known: training captions that the nearest is sought among.
        window_s: of a window.
    """

    clips: tuple[ClipResult, ...]
    sets: tuple[RealResult, ...]
    config: CaptionConfig
    model: str
    language: str
    trained_on: tuple[str, ...]
    known: int
    window_s: float

    @property
    def signature(self) -> str:
        """One line that states the protocol; equal lines mean comparable figures."""
        c = self.config
        pools = ", ".join(f"{own.pool} {own.clips} clips {own.sensors} sensors" for own in self.clips)
        sets = ", ".join(f"{own.name} {own.windows} win" for own in self.sets)
        seen = ",".join(own.name for own in self.sets if own.seen) or "no"
        return (
            f"{PROTOCOL} | simulated {pools or 'none'} | one window of {self.window_s:g} s at most from the middle, random "
            f"sites, devices, bodies, mount nothing/outward/full | real {sets or 'none'}, at most {c.per_label} per label, "
            f"mount {MOUNT_TOLD[MOUNT]}, placements told | seed {c.seed} | nearest of {self.known} training captions | "
            f"generator seeds from {HELD_OUT_SEED} | model {self.model} language {self.language} "
            f"(encoder trained on {','.join(self.trained_on) or 'nothing named'}) | seen: {seen}"
        )


@benchmark("caption", "motion told in words: held-out clips on simulated sensors, and real recordings")
def run_caption(
    model: Model,
    language: Speaks,
    data_dir: Path | str,
    config: CaptionConfig | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> CaptionReport:
    """Score a language model.

    Args:
        model: the encoder; its embedding finds the nearest caption.
        language: what describes.
        data_dir: a folder with a corpus, as `run_retrieval` takes it, and with the sets' archives or folders.
        config: how the question is put.
        report: takes progress lines.

    Raises:
        FormatError: data missing or damaged. UsageError: no captioned clip is held out.
    """
    config = config or CaptionConfig()
    rate_hz, window_s = model.config.rate_hz, model.config.window_s
    clips: list[ClipResult] = []
    with corpus_in(Path(data_dir), report) as corpus:
        captured = corpus_pool(corpus.filter(split="train"))
        known = training_captions(captured, config.programs, TRAINING_CLIPS if config.clips else 0)
        nearest = NearestCaption(model, known)
        listed = corpus_pool(corpus.filter(split="test"))
        if not listed:
            raise UsageError("The corpus holds no captioned clip of the test split", where=str(data_dir))
        pools: dict[str, Iterable[tuple[CaptionedMotion, MotionClip]]] = {
            CORPUS: ((motion, corpus.clip(entry).slice(a, b)) for motion, entry, a, b in listed)
        }
        if config.clips:
            pools[GENERATOR] = generator_pool(config.clips, config.programs)
        for name, motions in pools.items():
            views, left_out = clip_views(name, motions, config.sensors, config.seed, rate_hz, window_s, report)
            for count in config.sensors:
                clips.append(_score(name, count, views[count], left_out, language, nearest, config))
                report(f"{name}: {clips[-1].clips} clips by {count} sensor(s) described")
    sets = score_real(model, language, nearest, data_dir, config.sets, config.per_label, config.seed, report)
    return CaptionReport(
        tuple(clips), sets, config, model.sha256, str(getattr(language.about, "sha256", "?")), model.config.trained_on,
        len(known), window_s,
    )  # fmt: skip


def _score(
    name: str, count: int, views: Sequence[View], left_out: int, language: Speaks, nearest: NearestCaption,
    config: CaptionConfig,
) -> ClipResult:  # fmt: skip
    if len(views) < 2:
        raise UsageError("Too few clips to describe", where=name, expected="2 or more", got=str(len(views)))
    said = say(language, nearest, [(own.window, own.placements) for own in views], config.seed)
    texts = [own.texts for own in views]
    judge = TextConfig(config.measures)
    reports = {speaker: score_texts(own, texts, judge) for speaker, own in said.items()}
    return ClipResult(name, count, len(views), left_out, reports)
