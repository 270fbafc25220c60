"""Retrieval of motion by sentences and of sentences by motion: the protocol ``anywear-retrieval v1``.

Held-out captioned motion is worn by simulated devices at random places; the model sees the recordings alone. A motion's
vector is the mean over its windows, brought to unit length; the score is the cosine to a sentence. A sentence is right for
every motion that carries it, and equal sentences of several motions are one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .._typing import Array
from ..corpus import Corpus, build_corpus, open_corpus
from ..corpus.store import MANIFEST
from ..errors import AnywearError, UsageError
from ..motion import MotionClip
from ..runtime.together import Embedder
from .ranking import chance_figures, figures, first_right_ranks, mean_of, spread_of
from .registry import benchmark
from .retrieval_pools import (
    BODIES,
    DEVICES,
    HELD_OUT_SEED,
    LONGEST_S,
    CaptionedMotion,
    corpus_pool,
    generator_pool,
    worn,
)

PROTOCOL = "anywear-retrieval v1"
CORPUS, GENERATOR = "corpus-test", "generator"
WAYS = ("motion_to_text", "text_to_motion")
TOLD_EVERY = 50  # motions between two lines of progress


@dataclass(frozen=True)
class RetrievalConfig:
    """How the question is put.

    Attributes:
        candidates: in the small pools.
        draws: small pools drawn from each full one.
        seeds: of bodies, places and devices; figures are means over them.
        most_places: each motion is worn at 1 to so many sites.
        clips: of every program of the generator; 0 leaves it out.
        programs: their names; all when empty.
        window_s, hop_s: of the windows; the model's own when None.
    """

    candidates: int = 100
    draws: int = 100
    seeds: tuple[int, ...] = (0, 1, 2)
    most_places: int = 5
    clips: int = 1
    programs: tuple[str, ...] = ()
    window_s: float | None = None
    hop_s: float | None = None

    def __post_init__(self) -> None:
        checks = (
            (self.candidates >= 2, "candidates", "2 or more", self.candidates),
            (self.draws >= 1, "draws", "1 or more", self.draws),
            (len(self.seeds) > 0 and min(self.seeds, default=0) >= 0, "seeds", "one or more, not negative", self.seeds),
            (1 <= self.most_places <= 30, "places", "1 to 30", self.most_places),
            (0 <= self.clips <= 1000, "clips per program", "0 to 1000", self.clips),
        )
        for right, name, expected, got in checks:
            if not right:
                raise UsageError("The benchmark cannot be asked like this", where=name, expected=expected, got=str(got))


@dataclass(frozen=True)
class PoolResult:
    """One pool, scored.

    Attributes:
        name: of the pool.
        clips, texts: motions and different sentences in it.
        places: sensors worn, over all motions and seeds.
        full: per seed the figures both ways, over all candidates.
        small: the same, mean over small pools.
        chance_full, chance_small: figures both ways of a random order.
        candidates: motions in a small pool.
        left_out: motions that could not be simulated or were too short.
    """

    name: str
    clips: int
    texts: int
    places: int
    full: tuple[dict[str, dict[str, float]], ...]
    small: tuple[dict[str, dict[str, float]], ...]
    chance_full: dict[str, dict[str, float]]
    chance_small: dict[str, dict[str, float]]
    candidates: int
    left_out: int


@dataclass(frozen=True)
class RetrievalReport:
    """Every pool, and how it was done."""

    pools: tuple[PoolResult, ...]
    config: RetrievalConfig
    model_hash: str
    windows: tuple[float, float]

    @property
    def signature(self) -> str:
        """One line that states the protocol; equal lines mean comparable figures."""
        c = self.config
        pools = ", ".join(f"{p.name} {p.clips} clips {p.texts} texts {p.places} sensors" for p in self.pools)
        return (
            f"{PROTOCOL} | pools {pools} | simulated, 1 to {c.most_places} sites each, mount nothing/outward/full, "
            f"{len(DEVICES)} devices, {BODIES} bodies, seeds {','.join(map(str, c.seeds))} | at most {LONGEST_S:g} s | "
            f"window {self.windows[0]:g} s hop {self.windows[1]:g} s, mean vector | multi-positive, equal sentences merged, "
            f"ties against the model | small pools of {c.candidates}, {c.draws} draws | "
            f"generator seeds from {HELD_OUT_SEED} | model {self.model_hash}"
        )


@benchmark("retrieval", "find motion by sentences and sentences by motion, zero-shot: R@1/5/10, MRR")
def run_retrieval(
    model: Embedder,
    data_dir: Path | str,
    config: RetrievalConfig | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> RetrievalReport:
    """Score a model on held-out clips of a corpus and of the generator.

    Args:
        model: any that embeds recordings and sentences.
        data_dir: the folder of a corpus, one that holds it as ``corpus``, or one with the archives it is built from, which
            then takes a minute or two and is not kept.
        config: how the question is put.
        report: takes progress lines.

    Raises:
        FormatError: no corpus there and nothing to build one from, or a damaged one. UsageError: no captioned clip is held
        out.
    """
    return run_together([model], data_dir, config, report)[0]


def run_together(
    models: Sequence[Embedder],
    data_dir: Path | str,
    config: RetrievalConfig | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> list[RetrievalReport]:
    """`run_retrieval` of several models at once, in their order: every motion is simulated once, and all see the same."""
    config = config or RetrievalConfig()
    with corpus_in(Path(data_dir), report) as corpus:
        listed = corpus_pool(corpus.filter(split="test"))
        if not listed:
            raise UsageError("The corpus holds no captioned clip of the test split", where=str(data_dir))
        captured = ((motion, corpus.clip(entry).slice(a, b)) for motion, entry, a, b in listed)
        pools = [score_together(models, CORPUS, captured, config, report)]
    if config.clips:
        made = generator_pool(config.clips, config.programs)
        pools.append(score_together(models, GENERATOR, made, config, report))
    reports = []
    for model, scored in zip(models, zip(*pools, strict=True), strict=True):
        own = model.config
        windows = (config.window_s or own.window_s, config.hop_s or own.hop_s)  # type: ignore[attr-defined]
        reports.append(RetrievalReport(scored, config, model.sha256, windows))
    return reports


@contextmanager
def corpus_in(root: Path, report: Callable[[str], None]) -> Iterator[Corpus]:
    """The corpus in a folder, or built from what is there."""
    for folder in (root, root / "corpus"):
        if (folder / MANIFEST).is_file():
            yield open_corpus(folder)
            return
    with tempfile.TemporaryDirectory() as scratch:
        report("building the corpus (anywear data build-corpus keeps one)")
        yield build_corpus(root, Path(scratch) / "corpus")


def score_pool(
    model: Embedder,
    name: str,
    motions: Iterable[tuple[CaptionedMotion, MotionClip]],
    config: RetrievalConfig,
    report: Callable[[str], None] = lambda line: None,
) -> PoolResult:
    """Wear every motion once per seed, embed it, and rank.

    Raises:
        UsageError: fewer than two motions can be ranked.
    """
    return score_together([model], name, motions, config, report)[0]


def score_together(
    models: Sequence[Embedder],
    name: str,
    motions: Iterable[tuple[CaptionedMotion, MotionClip]],
    config: RetrievalConfig,
    report: Callable[[str], None] = lambda line: None,
) -> list[PoolResult]:
    """`score_pool` of several models on the same recordings; a motion that one of them cannot embed is left out of all."""
    kept: list[CaptionedMotion] = []
    vectors: list[list[Array]] = []  # per motion and model (seeds, D)
    places = left_out = 0
    for number, (motion, clip) in enumerate(motions, start=1):
        try:
            recordings = [worn(motion, clip, seed, config.most_places) for seed in config.seeds]
            found = [
                [own.embed(recording, window_s=config.window_s, hop_s=config.hop_s).vectors for recording in recordings]
                for own in models
            ]
        except AnywearError:
            recordings, found = [], []
        if found and all(len(own) for seeds in found for own in seeds):
            kept.append(motion)
            vectors.append([np.stack([_unit(own.mean(axis=0)) for own in seeds]) for seeds in found])
            places += sum(len(own.streams) for own in recordings)
        else:
            left_out += 1
        if number % TOLD_EVERY == 0:
            report(f"{name}: {number} motions simulated")
    if len(kept) < 2:
        raise UsageError("Too few motions to rank", where=name, expected="2 or more", got=str(len(kept)))
    texts = sorted({text for motion in kept for text in motion.texts})
    right = np.zeros((len(kept), len(texts)), dtype=bool)
    column = {text: number for number, text in enumerate(texts)}
    for row, motion in enumerate(kept):
        right[row, [column[text] for text in motion.texts]] = True
    report(f"{name}: {len(kept)} motions and {len(texts)} sentences ranked, {left_out} left out")
    results = []
    for number, model in enumerate(models):
        sentences = np.asarray(model.encode_texts(texts))
        scores = [np.stack([own[number][s] for own in vectors]) @ sentences.T for s in range(len(config.seeds))]
        full = tuple(both_ways(own, right) for own in scores)
        small, chance_small = small_pools(scores, right, config.candidates, config.draws)
        results.append(
            PoolResult(
                name, len(kept), len(texts), places, full, small, chance_both_ways(right), chance_small,
                min(config.candidates, len(kept)), left_out,
            )
        )  # fmt: skip
    return results


def both_ways(scores: Array, right: Array) -> dict[str, dict[str, float]]:
    """Figures of motions (rows) asked for sentences (columns), and of sentences asked for motions."""
    return dict(zip(WAYS, (figures(first_right_ranks(s, r)) for s, r in ((scores, right), (scores.T, right.T))),
                    strict=True))  # fmt: skip


def chance_both_ways(right: Array) -> dict[str, dict[str, float]]:
    """The same for a random order."""
    return {WAYS[0]: chance_figures(right), WAYS[1]: chance_figures(right.T)}


def small_pools(
    scores: list[Array], right: Array, candidates: int, draws: int
) -> tuple[tuple[dict[str, dict[str, float]], ...], dict[str, dict[str, float]]]:
    """Mean figures per seed, and chance, over pools of so many motions, each with one of its sentences.

    The same pools are drawn for every seed and every model.
    """
    rng = np.random.default_rng(0)
    own: list[list[dict[str, dict[str, float]]]] = [[] for _ in scores]
    chance = []
    for _ in range(draws):
        rows = rng.permutation(len(right))[:candidates]
        columns = np.unique([rng.choice(np.flatnonzero(right[row])) for row in rows])
        part = np.ix_(rows, columns)
        chance.append(chance_both_ways(right[part]))
        for seed, all_scores in enumerate(scores):
            own[seed].append(both_ways(all_scores[part], right[part]))
    return tuple(mean_ways(seed) for seed in own), mean_ways(chance)


def mean_ways(many: list[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Mean of every figure, each way."""
    return {way: mean_of([own[way] for own in many]) for way in WAYS}


def retrieval_json(report: RetrievalReport) -> dict:
    """The report as plain types: ``pools``, ``signature``, ``model``. Shares, not percent; means over seeds."""

    def both(many: tuple[dict[str, dict[str, float]], ...], chance: dict[str, dict[str, float]]) -> dict:
        spread = {way: spread_of([own[way] for own in many]) for way in WAYS}
        return {**mean_ways(list(many)), "spread": spread, "chance": chance}

    pools = {
        p.name: {
            "clips": p.clips, "texts": p.texts, "sensors": p.places, "left_out": p.left_out,
            "full": both(p.full, p.chance_full),
            f"of_{report.config.candidates}": {"candidates": p.candidates, **both(p.small, p.chance_small)},
        }
        for p in report.pools
    }  # fmt: skip
    return {
        "pools": pools, "seeds": list(report.config.seeds), "signature": report.signature, "model": report.model_hash,
    }  # fmt: skip


def retrieval_table(report: RetrievalReport) -> str:
    """The report as text, in percent, with the spread over seeds and what chance gives."""
    return figures_table(report) + "\n\n" + report.signature


def figures_table(report: RetrievalReport) -> str:
    """`retrieval_table` without the line that states the protocol."""
    from .tables import aligned

    told = retrieval_json(report)
    names = ("R@1", "R@5", "R@10", "MRR")
    several = len(report.config.seeds) > 1
    rows: list[tuple[str, ...]] = [("", *names, "chance R@1", "chance MRR", "motions", "texts")]
    for pool in report.pools:
        for kind, size in (("full", pool.clips), (f"of_{report.config.candidates}", pool.candidates)):
            own = told["pools"][pool.name][kind]
            for way in WAYS:
                cells = [
                    f"{100 * own[way][n]:.1f}" + (f"±{100 * own['spread'][way][n]:.1f}" if several else "")
                    for n in names
                ]
                chance = [f"{100 * own['chance'][way][n]:.1f}" for n in ("R@1", "MRR")]
                texts = str(pool.texts) if kind == "full" else "one each"
                rows.append(
                    (
                        f"{pool.name}, {kind.replace('_', ' ')}, {way.replace('_', ' ')}",
                        *cells,
                        *chance,
                        str(size),
                        texts,
                    )
                )
    return aligned(rows)


def _unit(vector: Array) -> Array:
    return vector / max(float(np.linalg.norm(vector)), 1e-12)
