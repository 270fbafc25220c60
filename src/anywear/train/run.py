"""One training from its configuration file to the artefact: corpus, training, calibration, export."""

from __future__ import annotations

import os
import platform
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .._config import change, from_table
from ..corpus import build_corpus, open_corpus
from ..errors import UsageError, unknown_name
from ..nn.encoders import AnyEncoder, encoder_config
from ..nn.tokenizer import MotionTokenizer
from ..runtime.model import WEIGHTS_DIR, ModelConfig
from ..runtime.text import TextTower
from ..signal import motion_features, worn_features
from . import distributed
from .align import AlignConfig, AlignTask, load_captions
from .background import finish
from .calibrate import Calibration, calibrate
from .corpus import Take, data_digest, load_corpus
from .engine import LoopConfig, train
from .export import write_artefact
from .export_tokens import write_tokens
from .follow import FollowTask, followed
from .gestures_task import GestureConfig, GestureTask, MaskedTask, sampler_of
from .pretrain import PretrainConfig, PretrainTask
from .sampler import AugmentConfig
from .simulated import ViewConfig
from .synthetic import EVERYDAY, CapturedConfig, FreshTakes, SyntheticConfig, captured_takes, synthetic_takes
from .texts import KeptTower, TunedTexts
from .tokenize import TokenizeTask, TokensConfig
from .vocabulary import CAPTURED, SIMULATED, concept_of

WINDOW_S = 5.0
GESTURE_WINDOW_S, SHORTEST_S = 3.0, 0.5  # of a model of gestures
ASKED_TAKES = 400  # that a model of gestures is calibrated on, at most, where none are held out


@dataclass(frozen=True)
class RunConfig:
    """A configuration file.

    Attributes:
        name: of the model.
        align: the training.
        held_out: data set to subjects kept for calibration.
        synthetic: what is generated, for trainings whose sets name ``simulated``.
        captured: what is simulated from the motion corpus, for those that name ``captured``.
        pretrain: a training without words that comes first, or None.
        tokens: a training of a motion tokenizer that comes last, or None.
        gestures: makes the model one of gestures: windows of their length, episodes beside words; or None.
    """

    name: str
    align: AlignConfig
    held_out: dict[str, list[str]] = field(default_factory=dict)
    synthetic: SyntheticConfig = field(default_factory=SyntheticConfig)
    captured: CapturedConfig = field(default_factory=CapturedConfig)
    pretrain: PretrainConfig | None = None
    tokens: TokensConfig | None = None
    gestures: GestureConfig | None = None

    @property
    def generated(self) -> SyntheticConfig:
        """What is generated, on the model's grid."""
        return replace(self.synthetic, view=replace(self.synthetic.view, rate_hz=self.align.rate_hz))

    @classmethod
    def load(cls, path: Path, changes: Sequence[str] = ()) -> RunConfig:
        """Read a TOML file.

        Args:
            path: the file.
            changes: fields set otherwise than it says; see `anywear._config.change`. A data set whose share is 0 is left
                out, with its held-out subjects.

        Raises:
            UsageError: no such file, no TOML, or a field that does not exist.
        """
        if not path.is_file():
            raise UsageError(
                "There is no such configuration", where=str(path), remedy="Give a file of runs/, or write one"
            )
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError("The configuration is not TOML", where=str(path), got=str(error)) from error
        for wish in changes:
            change(raw, wish)
        where = str(path)
        held_out = raw.pop("held_out", {})
        if isinstance(raw.get("sets"), dict):
            dropped = {name for name, share in raw["sets"].items() if share == 0}
            raw["sets"] = {name: share for name, share in raw["sets"].items() if name not in dropped}
            held_out = {name: subjects for name, subjects in held_out.items() if name not in dropped}
        view = from_table(ViewConfig, raw.pop("view", {}), f"{where} [view]")
        synthetic = from_table(SyntheticConfig, {**raw.pop("synthetic", {}), "view": view}, f"{where} [synthetic]")
        captured = from_table(CapturedConfig, {**raw.pop("captured", {}), "view": view}, f"{where} [captured]")
        pretrain = _pretraining(raw.pop("pretrain"), f"{where} [pretrain]") if "pretrain" in raw else None
        tokens = TokensConfig.from_table(raw.pop("tokens"), f"{where} [tokens]") if "tokens" in raw else None
        gestures = GestureConfig.from_table(raw.pop("gestures"), f"{where} [gestures]") if "gestures" in raw else None
        name = str(raw.pop("name", path.stem))
        parts: dict[str, Any] = {
            key: from_table(kind, raw.pop(key, {}), f"{where} [{key}]")
            for key, kind in (("augment", AugmentConfig), ("loop", LoopConfig))
        }
        parts["encoder"] = encoder_config(raw.pop("encoder", {}), f"{where} [encoder]")
        if "excluded" in raw:
            raw["excluded"] = tuple((str(a), str(b)) for a, b in raw["excluded"])
        if not isinstance(raw.get("sets"), dict) or not raw["sets"]:
            raise UsageError("A training needs data sets", where=where, expected="a table [sets] of name = share")
        return cls(
            name,
            from_table(AlignConfig, {**raw, **parts}, where),
            held_out,
            synthetic,
            captured,
            pretrain,
            tokens,
            gestures,
        )


def run(
    config: RunConfig,
    data_dir: Path,
    out_dir: Path,
    cache_dir: Path | None = None,
    report: Callable[[str], None] = print,
) -> ModelConfig | None:
    """Train, calibrate and export; goes on where an earlier call was stopped.

    Args:
        config: what to train.
        data_dir: folder with the data sets' archives or unpacked folders.
        out_dir: gets checkpoint, log and ``model/``, the artefact.
        cache_dir: keeps resampled corpora between runs.
        report: takes progress lines.

    Returns:
        What the artefact says of itself; None on all ranks but the first.
    """
    align = config.align
    report(f"reading {', '.join(align.sets)}")
    with distributed.group(align.loop.device):
        with distributed.main_first():  # the others find its caches
            takes = _takes(config, data_dir, out_dir, cache_dir, report)
        return _run(config, takes, data_dir, out_dir, cache_dir, report)


def _takes(
    config: RunConfig, data_dir: Path, out_dir: Path, cache_dir: Path | None, report: Callable[[str], None]
) -> list[Take]:
    """All that is trained and calibrated on."""
    align = config.align
    recorded = [name for name in align.sets if name not in (SIMULATED, CAPTURED)]
    takes = load_corpus(data_dir, recorded, align.rate_hz, cache_dir)
    if SIMULATED in align.sets:
        takes += synthetic_takes(config.generated, cache_dir, workers=os.cpu_count() or 1, report=report)
    if CAPTURED in align.sets:
        corpus_dir = (cache_dir or out_dir) / "corpus"
        build_corpus(data_dir, corpus_dir)
        wanted_views = replace(config.captured, view=config.generated.view)
        takes += captured_takes(open_corpus(corpus_dir), wanted_views, cache_dir, report=report)
    return takes


def divided_takes(
    config: RunConfig, data_dir: Path, out_dir: Path, cache_dir: Path | None, report: Callable[[str], None]
) -> tuple[list[Take], list[Take]]:
    """What a run trains on, and what it keeps for calibration. Arguments and errors as of `run`."""
    return _divided(config, _takes(config, data_dir, out_dir, cache_dir, report))


def _divided(config: RunConfig, takes: list[Take]) -> tuple[list[Take], list[Take]]:
    for name, subjects in config.held_out.items():
        known = {t.subject for t in takes if t.dataset == name}
        for subject in subjects:
            if subject not in known:
                raise unknown_name(f"subject of {name}", subject, known)
    seen = [t for t in takes if t.subject not in config.held_out.get(t.dataset, ())]
    unseen = [t for t in takes if t.subject in config.held_out.get(t.dataset, ())]
    return seen, unseen


def _run(
    config: RunConfig,
    takes: list[Take],
    data_dir: Path,
    out_dir: Path,
    cache_dir: Path | None,
    report: Callable[[str], None],
) -> ModelConfig | None:
    align = config.align
    seen, unseen = _divided(config, takes)
    hours = sum(t.values.shape[1] for t in seen) / align.rate_hz / 3600
    report(f"{len(seen)} takes, {hours:.2f} h to train on; {len(unseen)} takes held out for calibration")
    tower = KeptTower(WEIGHTS_DIR, cache_dir or out_dir)
    fresh = FreshTakes(config.generated) if config.synthetic.fresh else None
    favoured = {SIMULATED: (EVERYDAY, config.synthetic.everyday)}
    task = AlignTask(align, seen, tower, load_captions(data_dir), fresh, favoured)
    belongs_to = f"{align.fingerprint()} {data_digest(seen)} {config.synthetic.everyday:g} {config.synthetic.fresh:g}"
    if config.pretrain is not None:
        own = replace(config.pretrain, sets=config.pretrain.sets or align.sets)
        first = PretrainTask(own, align.encoder, seen, align.rate_hz)
        fingerprint = own.fingerprint(align.encoder, len(seen))
        learned = train(first, own.loop, out_dir / "pretrain", fingerprint, report)
        task.module.take_over(learned)  # type: ignore[arg-type]
        belongs_to += fingerprint
    if config.gestures is not None:
        belongs_to += config.gestures.fingerprint()
        module = _train_gestures(config.gestures, task, seen, out_dir, belongs_to, report)
    else:
        module = train(task, align.loop, out_dir, belongs_to, report)
    encoder: AnyEncoder = module.encoder  # type: ignore[assignment]
    tokenizer = _tokenizer(config, encoder, seen, out_dir, cache_dir, report)
    if not distributed.is_main():
        return None
    if isinstance(task.texts, TunedTexts):
        task.texts.export(module.text, out_dir / "model")  # type: ignore[arg-type]
        tower = TextTower(out_dir / "model")
    window_s = GESTURE_WINDOW_S if config.gestures is not None else WINDOW_S
    asked = unseen or (seen if config.gestures is None else seen[:: max(1, len(seen) // ASKED_TAKES)])
    calibration = calibrate_on(encoder, task, tower, asked, window_s)
    report(f"calibration {calibration}")
    card = {
        "command": "anywear train CONFIG --data DIR -o OUT",
        "config": asdict(align),
        **({"synthetic": asdict(config.synthetic)} if SIMULATED in align.sets else {}),
        **({"captured": asdict(config.captured)} if CAPTURED in align.sets else {}),
        **({"pretrain": asdict(config.pretrain)} if config.pretrain else {}),
        **({"gestures": asdict(config.gestures)} if config.gestures else {}),
        **({"stretched": config.gestures.episodes.samples} if config.gestures else {}),
        "seconds_of_data": round(hours * 3600),
        "torch": torch.__version__,
        "python": platform.python_version(),
    }
    write_artefact(
        out_dir / "model",
        encoder,
        task.space,
        calibration,
        name=config.name,
        rate_hz=align.rate_hz,
        trained_on=tuple(sorted(align.sets)),
        placements={p for take in seen for p in take.placements},
        held_out=config.held_out,
        card=card,
        half=True,
        **({} if config.gestures is None else {"window_s": window_s, "shortest_s": SHORTEST_S}),
    )
    if config.gestures is not None:  # it is asked about single gestures, not about days: no background
        return ModelConfig.load(out_dir / "model" / "model.json")
    made = finish(out_dir / "model", seen, unseen, task.table, report)
    if tokenizer is not None and config.tokens is not None:
        earlier = followed(config.tokens)
        told = asdict(replace(config.tokens, follow=earlier.sha256 if earlier else ""))
        about = write_tokens(out_dir / "model", tokenizer, align.encoder.patch, told, earlier)
        report(f"tokenizer: {about.tokens_per_s:g} tokens/s, {' x '.join(map(str, about.sizes))}")
    return made


def _train_gestures(
    config: GestureConfig,
    task: AlignTask,
    seen: list[Take],
    out_dir: Path,
    belongs_to: str,
    report: Callable[[str], None],
) -> torch.nn.Module:
    """Masked, where configured, then by episodes and words."""
    align = task.config
    sampler = sampler_of(config, seen, align.rate_hz, align.encoder, align.sets, align.loop.seed)
    if config.masked is not None:
        first = MaskedTask(config.masked, align.encoder, sampler)
        task.module.take_over(train(first, config.masked.loop, out_dir / "masked", belongs_to, report))  # type: ignore[arg-type]
    return train(GestureTask(config, task, sampler), align.loop, out_dir, belongs_to, report)


def _tokenizer(
    config: RunConfig,
    encoder: AnyEncoder,
    seen: list[Take],
    out_dir: Path,
    cache_dir: Path | None,
    report: Callable[[str], None],
) -> MotionTokenizer | None:
    """Trained on what the model was trained on, where the configuration asks for one."""
    if config.tokens is None:
        return None
    earlier = followed(config.tokens)
    given = (encoder, seen, config.align.rate_hz, config.align.sets, cache_dir, report)
    task = FollowTask(config.tokens, earlier, *given) if earlier else TokenizeTask(config.tokens, *given)
    fingerprint = config.tokens.fingerprint(encoder, len(seen)) + (earlier.sha256 if earlier else "")
    return train(task, config.tokens.loop, out_dir / "tokens", fingerprint, report)  # type: ignore[return-value]


def calibrate_on(
    encoder: AnyEncoder, task: AlignTask, tower: TextTower, takes: list[Take], window_s: float = WINDOW_S
) -> Calibration:
    """Fit scale and threshold on windows of takes, each seen by one of its streams and by all of them."""
    rate = task.config.rate_hz
    labels = sorted({(t.dataset, label) for t in takes for _, _, label in t.spans} - set(task.config.excluded))
    vectors = task.space.apply(tower.encode([label for _, label in labels]))
    concept = np.array([task.table.index(concept_of(*label)[0]) for label in labels])
    rng = np.random.default_rng(0)
    cosines, truth = [], []
    for take in takes:
        for start, stop, label in take.spans:
            if (take.dataset, label) not in labels:
                continue
            length = min(round(window_s * rate), take.values.shape[1])
            for first in range(start, max(start + 1, stop - length + 1), length):
                first = min(first, take.values.shape[1] - length)
                streams = range(len(take.placements))
                for chosen in {tuple(streams), (int(rng.integers(len(streams))),)}:
                    cosines.append(_embed(encoder, take, list(chosen), first, first + length) @ vectors.T)
                    truth.append(labels.index((take.dataset, label)))
    same_set = np.array([[a[0] == b[0] for b in labels] for a in labels])
    allowed = task.table.negative[np.ix_(concept, concept)] & same_set
    return calibrate(np.stack(cosines), np.array(truth), allowed[truth], rng)


@torch.no_grad()
def _embed(encoder: AnyEncoder, take: Take, streams: list[int], start: int, stop: int) -> np.ndarray:
    values = take.values[streams, start:stop].astype(np.float64)
    has_gyr = take.has_gyr[streams].astype(np.float32)
    motion = motion_features(values[..., :3], values[..., 3:] * has_gyr[:, None, None])
    # A take is on the model's grid, and does not know how slow its clocks were.
    rates_hz = np.full(len(streams), np.inf)
    place = worn_features([take.placements[s] for s in streams], values[..., :3], rates_hz, 1.0)
    ones = torch.ones(1, len(streams))
    inputs = torch.from_numpy(motion)[None], ones, torch.from_numpy(has_gyr)[None], torch.from_numpy(place)[None]
    return encoder(*inputs)[0].numpy()


def _pretraining(raw: dict[str, Any], where: str) -> PretrainConfig:
    parts = {
        key: from_table(kind, raw.pop(key), f"{where[:-1]}.{key}]")
        for key, kind in (("augment", AugmentConfig), ("loop", LoopConfig))
        if key in raw
    }
    return from_table(PretrainConfig, {**raw, **parts}, where)
