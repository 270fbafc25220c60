"""What motion tokens keep, and whether setups agree on them: the protocol ``anywear-tokens v2``.

Windows are those of `anywear.benchmark.har`. Each is seen by all sensors it has (the whole view) and by one of them, taken in
turn (one sensor). Ids of either are decoded to latents. Asked is how near these are to the latents of the whole view, what a
linear probe still tells from them about activities, how the codebooks are used, and how often two sensors of one window say
the same id at the same instant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from .._typing import Array, Float, Int
from ..datasets import Dataset, Source
from ..errors import UsageError
from ..runtime.codes import BookUse, book_use
from ..runtime.tokens import MotionTokens
from ..signal import Window
from ..signal.labelled import LabelledWindow
from .har import HarConfig, score_sets
from .probe_classifiers import MIDDLE, check_sklearn, linear_probe
from .probe_windows import Folds, ProbeWindows, collect, divide
from .registry import benchmark

PROTOCOL = "anywear-tokens v2"
VIEWS = ("whole", "one")


@dataclass(frozen=True, eq=False)
class TokensResult:
    """One data set.

    Attributes:
        name: of the set.
        windows, recordings: how many.
        subjects: their names.
        sensors: of a window, at most.
        folds: of the linear probe.
        seen: whether the model was trained on the set.
        accuracy: of the linear probe, by view and by what it learns from, ``latents`` or ``tokens``: mean over windows asked.
        r2: by view, share of the variance of the whole view's latents that decoded ids explain; ``one latents`` is what one
            sensor's own latents explain of it, without tokens. Empty where ids stand for the latents of an earlier encoder.
        same, chance: how often two sensors of a window have the same id, and how often ids drawn from the same counts would;
            None where there is one sensor.
        use: of each codebook, by the whole view.
    """

    name: str
    windows: int
    recordings: int
    subjects: tuple[str, ...]
    sensors: int
    folds: Folds
    seen: bool
    accuracy: dict[str, dict[str, float]]
    r2: dict[str, float]
    same: float | None
    chance: float | None
    use: tuple[BookUse, ...]


@dataclass(frozen=True, eq=False)
class TokensReport:
    """Every set, and of which tokenizer.

    Attributes:
        results: of the sets.
        config: how windows were cut, and what was told.
        kind, sizes, tokens_per_s: of the tokenizer.
        tokenizer, model: their hashes.
    """

    results: tuple[TokensResult, ...]
    config: HarConfig
    kind: str
    sizes: tuple[int, ...]
    tokens_per_s: float
    tokenizer: str
    model: str

    @property
    def variant(self) -> str:
        """Kind, sizes and rate of the tokenizer."""
        return f"{self.kind} {' x '.join(map(str, self.sizes))}, {self.tokens_per_s:g} tokens/s"

    @property
    def signature(self) -> str:
        """One line that states the protocol; equal lines mean comparable figures."""
        sets = ", ".join(
            f"{r.name} {len(r.subjects)} subj {r.folds.count} folds by {r.folds.by} {r.windows} win"
            for r in self.results
        )
        seen = ",".join(r.name for r in self.results if r.seen)
        return (
            f"{PROTOCOL} | sets {sets} | placements {','.join(self.config.placements) or 'all'}, "
            f"{'told' if self.config.placement_known else 'not told'} | mount {self.config.mount_told} | "
            f"linear probe on mean and spread of latents over time, C {MIDDLE:g} | model {self.model} | "
            f"tokenizer {self.tokenizer} ({self.variant}) | seen: {seen or 'no'}"
        )


@benchmark("tokens", "what motion tokens keep, and whether setups agree on them")
def run_tokens(
    tokens: MotionTokens,
    data_dir: Path | str,
    sets: Sequence[str],
    config: HarConfig | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> TokensReport:
    """Judge a tokenizer on several data sets.

    Args:
        tokens: the tokenizer.
        data_dir: folder with the sets' archives or unpacked folders.
        sets: their names.
        config: how windows are cut, and what is told.
        report: takes progress lines.

    Raises:
        UsageError: no set, an unknown one, one with one subject, or scikit-learn is not installed. FormatError: data missing
        or damaged.
    """
    return compare_tokens([tokens], data_dir, sets, config, report)[0]


def compare_tokens(
    tokenizers: Sequence[MotionTokens],
    data_dir: Path | str,
    sets: Sequence[str],
    config: HarConfig | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> tuple[TokensReport, ...]:
    """Judge several tokenizers of one model; windows and latents are worked out once. Arguments as in `run_tokens`.

    Raises:
        UsageError: tokenizers of different models.
    """
    check_sklearn()
    models = {own.about.model for own in tokenizers}
    if len(models) != 1:
        raise UsageError(
            "Only tokenizers of one model can be compared",
            expected="one model",
            got=", ".join(sorted(models)) or "none",
        )
    config = config or HarConfig()
    asked = score_sets(data_dir, sets, lambda dataset, source: _ask(tokenizers[0], dataset, source, config), report)
    out = []
    for tokens in tokenizers:
        about = tokens.about
        results = tuple(_judge(tokens, own) for own in asked)
        out.append(
            TokensReport(
                results, config, tokens.codes.kind, about.sizes, about.tokens_per_s, tokens.sha256, about.model
            )
        )
        report(f"judged {out[-1].variant}")
    return tuple(out)


@runtime_checkable
class Tokenizes(Protocol):
    """Windows to latents and ids, and back; `anywear.runtime.tokens.MotionTokens` does."""

    def latents(self, found: Sequence, placements: Sequence) -> list[Array]:
        """Per window (patches, D)."""
        ...

    def encode_latents(self, latents: Sequence[Array]) -> list[Array]:
        """Per window (instants, books) ids."""
        ...

    def decode(self, ids: Array) -> Array:
        """(patches, D) latents of ids."""
        ...


@dataclass(frozen=True, eq=False)
class Views:
    """Windows as latents, per window (patches, D): by all sensors (``whole``), by one in turn (``one``), by the sensor after
    it (``after``); and whether a window has more than one."""

    latents: dict[str, list[Array]]
    several: list[bool]


def views(tokens: Tokenizes, items: Sequence[LabelledWindow]) -> Views:
    """Latents of windows."""
    turn = [number % len(item.window.streams) for number, item in enumerate(items)]
    found = {
        "whole": [item.window for item in items],
        "one": [only(item.window, slot) for item, slot in zip(items, turn, strict=True)],
        "after": [
            only(own.window, (slot + 1) % len(own.window.streams)) for own, slot in zip(items, turn, strict=True)
        ],
    }
    worn = [item.placements for item in items]
    latents = {name: _each(tokens.latents, own, worn) for name, own in found.items()}
    return Views(latents, [len(item.window.streams) > 1 for item in items])


@dataclass(frozen=True, eq=False)
class Seen:
    """Windows as tokens: ids (instants, books) by view, what they are decoded to (patches, D), and ids by the sensor after;
    these are None where a window has one sensor."""

    ids: dict[str, list[Array]]
    decoded: dict[str, list[Array]]
    other: list[Array | None]


def see(tokens: Tokenizes, shown: Views) -> Seen:
    """Ids of views, and what is told by them."""
    ids = {name: tokens.encode_latents(own) for name, own in shown.latents.items()}
    decoded = {name: [tokens.decode(own) for own in ids[name]] for name in VIEWS}
    return Seen(ids, decoded, [own if two else None for own, two in zip(ids["after"], shown.several, strict=True)])


def only(window: Window, slot: int) -> Window:
    """The same stretch as one of its streams saw it."""
    part = slice(slot, slot + 1)
    return replace(
        window, streams=window.streams[part], acc_mps2=window.acc_mps2[part], gyr_radps=window.gyr_radps[part],
        rates_hz=window.rates_hz[part],
    )  # fmt: skip


def explained(found: Float[Array, "rows features"], wanted: Float[Array, "rows features"]) -> float:
    """R2 over all features together: 1 where found is wanted, 0 where it is no better than the mean of what is wanted."""
    spread = np.square(wanted - wanted.mean(axis=0)).sum()
    return float(1.0 - np.square(found - wanted).sum() / spread) if spread > 0.0 else float("nan")


def same_ids(a: Int[Array, "rows books"], b: Int[Array, "rows books"]) -> tuple[float, float]:
    """How often ids are equal, and how often they would be if either were drawn from its counts; means over books."""
    chance = []
    for book in range(a.shape[1]):
        size = int(max(a[:, book].max(), b[:, book].max())) + 1
        shares = [np.bincount(own[:, book], minlength=size) / len(own) for own in (a, b)]
        chance.append(float(shares[0] @ shares[1]))
    return float((a == b).mean()), float(np.mean(chance))


def summary(latents: Float[Array, "patches features"]) -> Float[Array, " both"]:
    """Mean and spread over time."""
    return np.concatenate([latents.mean(axis=0), latents.std(axis=0)]).astype(np.float64)


def probe_accuracy(groups: Sequence[ProbeWindows], rows: Sequence[Array], folds: Folds) -> float:
    """Share of windows a linear probe is right about, each fold asked of what was learned on the others.

    Its C is not searched for: see `anywear.benchmark.probe_classifiers.MIDDLE`.

    Args:
        groups: windows and truth.
        rows: (N, D) features of each group.
        folds: who is asked together.
    """
    right = asked = 0
    for group, features in zip(groups, rows, strict=True):
        own = folds.rows(group)
        for fold in np.unique(own):
            learn, ask = own != fold, own == fold
            if learn.any():
                together = np.zeros(int(learn.sum()), dtype=np.int64)
                answer = linear_probe(features[learn], group.truth[learn], together, features[ask])
                right, asked = right + int((answer == group.truth[ask]).sum()), asked + int(ask.sum())
    return right / max(1, asked)


def tokens_json(report: TokensReport) -> dict:
    """The report as plain types. Shares, not percent."""
    sets = {
        r.name: {
            "windows": r.windows, "subjects": len(r.subjects), "sensors": r.sensors, "seen": r.seen, "accuracy": r.accuracy,
            "r2": r.r2, "same_ids": r.same, "same_ids_by_chance": r.chance, "use": [own.to_dict() for own in r.use],
        }
        for r in report.results
    }  # fmt: skip
    return {
        "sets": sets, "variant": report.variant, "tokens_per_s": report.tokens_per_s, "sizes": list(report.sizes),
        "signature": report.signature, "model": report.model, "tokenizer": report.tokenizer,
    }  # fmt: skip


def tokens_table(report: TokensReport) -> str:
    """The report as text, in percent but for perplexities."""
    from .tables import SEEN, aligned

    head = ("", "R2 whole", "R2 one", "without", "acc whole", "latents", "acc one", "latents", "same id", "chance", "used",
            "perplexity", "")  # fmt: skip
    rows: list[tuple[str, ...]] = [head]
    for r in report.results:
        shares = [r.r2.get("whole"), r.r2.get("one"), r.r2.get("one latents")]
        shares += [r.accuracy[view][kind] for view in VIEWS for kind in ("tokens", "latents")]
        told = ["-" if own is None else f"{100 * own:.1f}" for own in (*shares, r.same, r.chance)]
        used = "/".join(f"{100 * own.used:.0f}" for own in r.use)
        perplexity = "/".join(f"{own.perplexity:.0f}" for own in r.use)
        rows.append((r.name, *told, used, perplexity, SEEN if r.seen else ""))
    return "\n\n".join([report.variant, aligned(rows), report.signature])


@dataclass(frozen=True, eq=False)
class _Asked:
    """A data set before any tokenizer: its windows as latents, and what a probe tells from these, by view."""

    name: str
    recordings: int
    seen: bool
    groups: tuple[ProbeWindows, ...]
    folds: Folds
    shown: tuple[Views, ...]
    accuracy: dict[str, float]

    @property
    def subjects(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(item.subject or "?" for item in self.items))

    @property
    def items(self) -> list[LabelledWindow]:
        return [item for group in self.groups for item in group.items]

    @property
    def windows(self) -> int:
        return len(self.items)

    def joined(self, view: str) -> Array:
        """(rows, D) latents of all windows."""
        return np.concatenate([own for shown in self.shown for own in shown.latents[view]])


def _ask(tokens: MotionTokens, dataset: Dataset, source: Source, config: HarConfig) -> _Asked:
    found, read = collect(_Means(tokens), dataset, source, config)
    groups = tuple(found.values())
    folds = divide(groups, dataset.info.name)
    shown = tuple(views(tokens, group.items) for group in groups)
    accuracy = {view: _told(groups, [own.latents[view] for own in shown], folds) for view in VIEWS}
    return _Asked(dataset.info.name, read, dataset.info.name in tokens.trained_on, groups, folds, shown, accuracy)


def _told(groups: Sequence[ProbeWindows], latents: Sequence[list[Array]], folds: Folds) -> float:
    return probe_accuracy(groups, [np.stack([summary(one) for one in own]) for own in latents], folds)


def _judge(tokens: MotionTokens, asked: _Asked) -> TokensResult:
    seen = [see(tokens, own) for own in asked.shown]
    whole = asked.joined("whole")
    r2: dict[str, float] = {}
    if not tokens.about.follows:
        r2 = {view: explained(np.concatenate([one for s in seen for one in s.decoded[view]]), whole) for view in VIEWS}
        r2["one latents"] = explained(asked.joined("one"), whole)
    accuracy = {
        view: {
            "latents": asked.accuracy[view],
            "tokens": _told(asked.groups, [own.decoded[view] for own in seen], asked.folds),
        }
        for view in VIEWS
    }
    pairs = [(a, b) for s in seen for a, b in zip(s.ids["one"], s.other, strict=True) if b is not None]
    same, chance = same_ids(*(np.concatenate(own) for own in zip(*pairs, strict=True))) if pairs else (None, None)
    ids = np.concatenate([own for s in seen for own in s.ids["whole"]])
    sensors = max(len(item.window.streams) for item in asked.items)
    return TokensResult(
        asked.name, asked.windows, asked.recordings, asked.subjects, sensors, asked.folds, asked.seen, accuracy, r2, same,
        chance, book_use(ids, tokens.about.sizes),
    )  # fmt: skip


class _Means:
    """Windows as means of their latents: what `collect` needs to gather windows."""

    def __init__(self, tokens: MotionTokens) -> None:
        self._tokens, self.config = tokens, tokens.model.config
        self.sha256 = tokens.about.model

    def encode_windows(self, found: Sequence[Window], placements: Sequence) -> Array:
        return np.stack([own.mean(axis=0) for own in self._tokens.latents(found, placements)])

    # Labels play no part; nobody asks for them.
    def encode_labels(self, labels: Sequence[str]) -> Array:
        return np.zeros((len(labels), self._tokens.about.latent_width))

    def score_windows(self, found: Sequence[Window], placements: Sequence, labels: Sequence[str]) -> Array:
        return np.zeros((len(found), len(labels)))


def _each(function: Callable, found: Sequence[Window], worn: Sequence[tuple]) -> list[Array]:
    """A function of windows and placements, over windows that may be worn differently."""
    out: list[Array] = [np.zeros(0)] * len(found)
    for placements in dict.fromkeys(worn):
        numbers = [number for number, own in enumerate(worn) if own == placements]
        for number, own in zip(numbers, function([found[n] for n in numbers], placements), strict=True):
            out[number] = own
    return out
