"""A large language model learns to read motion: from its name and a configuration file to an adapter's folder."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .._config import change, from_table
from .._typing import Array
from ..errors import UsageError
from ..runtime.llm_adapter import LlmAbout, put_together
from ..runtime.llm_base import Base, load_base
from ..runtime.llm_decoding import LlmDecoder
from ..runtime.llm_prompt import Prompts
from ..runtime.tokens import MotionTokens
from . import distributed
from .align import AlignConfig
from .engine import LoopConfig, train
from .language_motions import Moment, MomentsConfig
from .language_run import LanguageRunConfig, moments_for
from .llm_export import write_adapter
from .llm_judge import judge_choices
from .llm_model import MotionReader, ReaderConfig
from .llm_task import ReadingConfig, ReadingTask
from .run import RunConfig


@dataclass(frozen=True)
class LlmRunConfig:
    """A configuration file; every field may be left out.

    Attributes:
        name: of what is made.
        motion: file beside it with the data that the motion tokens were trained on; the model's own sets when empty.
        moments: how motion is cut and worn.
        real_views: moments of each recorded take.
        rounds: how often captured clips are worn anew.
        reader: what is added to the language model.
        reading: what is asked of it.
        first: steps on the next token of motion alone, before anything is asked; none when 0.
        judged: moments on which choices are fitted and counted.
        loop: of the training.
    """

    name: str = "anywear-llm"
    motion: str = ""
    moments: MomentsConfig = field(default_factory=MomentsConfig)
    real_views: int = 2
    rounds: int = 3
    reader: ReaderConfig = field(default_factory=ReaderConfig)
    reading: ReadingConfig = field(default_factory=ReadingConfig)
    first: int = 0
    judged: int = 64
    loop: LoopConfig = field(
        default_factory=lambda: LoopConfig(batch=8, chunks=8, learning_rate=2e-4, weight_decay=0.0)
    )

    def __post_init__(self) -> None:
        for name, least in (("real_views", 1), ("rounds", 1), ("first", 0), ("judged", 1)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise UsageError("A number is out of range", where=name, expected=f"{least} or more", got=repr(value))

    @classmethod
    def load(cls, path: Path | None, changes: Sequence[str] = ()) -> LlmRunConfig:
        """Read a TOML file, or take the defaults where there is none.

        Args:
            path: the file.
            changes: fields set otherwise than it says; see `anywear._config.change`.

        Raises:
            UsageError: no such file, no TOML, or a field that does not exist.
        """
        raw: dict[str, Any] = {}
        where = str(path) if path is not None else "the defaults"
        if path is not None:
            try:
                raw = tomllib.loads(path.read_text(encoding="utf-8"))
            except FileNotFoundError as error:
                raise UsageError("There is no such configuration", where=where, remedy="Give runs/llm.toml") from error
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise UsageError("The configuration is not TOML", where=where, got=str(error)) from error
            if raw.get("motion"):
                raw["motion"] = str(path.parent / str(raw["motion"]))
        for wish in changes:
            change(raw, wish)
        kinds = {"moments": MomentsConfig, "reader": ReaderConfig, "reading": ReadingConfig, "loop": LoopConfig}
        whole = cls()
        parts = {
            key: from_table(kind, {**_plain(getattr(whole, key)), **raw.pop(key, {})}, f"{where} [{key}]")
            for key, kind in kinds.items()
        }
        return from_table(cls, {**raw, **parts}, where)

    def data(self, tokens: MotionTokens) -> RunConfig:
        """The data that there is to learn from."""
        if self.motion:
            return RunConfig.load(Path(self.motion))
        own = tokens.model.config
        align = AlignConfig(sets=dict.fromkeys(own.trained_on, 1.0), rate_hz=own.rate_hz)
        return RunConfig(self.name, align, {name: list(subjects) for name, subjects in own.held_out.items()})

    def identity(self) -> dict[str, Any]:
        """All that a result depends on."""
        facts = {**asdict(self), "loop": self.loop.identity()}
        return {name: value for name, value in facts.items() if name not in ("motion", "judged", "name")}


def run(
    config: LlmRunConfig,
    llm: str | Path,
    model_dir: Path | None,
    data_dir: Path,
    out_dir: Path,
    cache_dir: Path | None = None,
    report: Callable[[str], None] = print,
) -> LlmAbout | None:
    """Teach a language model, and write the adapter; goes on where an earlier call was stopped.

    Args:
        config: what to train.
        llm: folder or hub name of the language model.
        model_dir: of a model with motion tokens; the weights of the package by default.
        data_dir: folder with the data sets' archives or unpacked folders.
        out_dir: gets checkpoints, logs and ``adapter/``.
        cache_dir: keeps takes and moments between runs; in `out_dir` by default.
        report: takes progress lines.

    Returns:
        What the adapter says of itself; None on all ranks but the first.
    """
    tokens = MotionTokens(model_dir)
    data = config.data(tokens)
    cut = LanguageRunConfig(moments=config.moments, real_views=config.real_views, rounds=config.rounds)
    with distributed.group(config.loop.device):
        with distributed.main_first():  # the others find the language model in the cache
            base = load_base(llm, config.reader.dtype)
        with distributed.main_first():
            moments = moments_for(cut, data, tokens, data_dir, cache_dir or out_dir / "cache", report)
        return teach(config, base, moments, tokens, out_dir, report)


def teach(
    config: LlmRunConfig,
    base: Base,
    moments: Sequence[Moment],
    tokens: MotionTokens,
    out_dir: Path,
    report: Callable[[str], None] = print,
) -> LlmAbout | None:
    """Train on moments, write the adapter, and fit choices with what was written.

    Args:
        config: of the training.
        base: the language model; it is changed.
        moments: those held out are judged on and not learned from.
        tokens: that motion is read as.
        out_dir: gets ``motion/`` (where there is a first training), ``reading/`` and ``adapter/``.
        report: takes progress lines.
    """
    flat = [tokens.flat(own) for own in tokens.encode_latents([own.latents.astype(np.float32) for own in moments])]
    seen = [number for number, own in enumerate(moments) if not own.held_out]
    torch.manual_seed(config.loop.seed)  # of the first weights
    reader = MotionReader(base, tokens.codes, config.reader)
    learning = sum(own.numel() for own in reader.parameters())
    frozen = sum(own.numel() for own in reader.host.parameters() if not own.requires_grad)
    report(f"{learning / 1e6:.2f} of {(learning + frozen) / 1e6:.1f} million parameters learn, on {len(seen)} moments")
    prompts = Prompts(base.tokenizer, reader.words)
    known, its_flat = [moments[n] for n in seen], [flat[n] for n in seen]

    def learn(reading: ReadingConfig, loop: LoopConfig, stage: str) -> None:
        task = ReadingTask(reading, loop, reader, prompts, known, its_flat, base.context)
        facts = [config.identity(), base.sha256, tokens.sha256, stage, _digest(known, its_flat)]
        key = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
        learned = train(task, loop, out_dir / stage, key, report)
        reader.load_state_dict(learned.state_dict())
        reader.to("cpu")

    if config.first:
        alone = replace(config.reading, answer=0.0, motion=1.0, contrast=0.0, label=0.0, no_motion=0.0)
        learn(alone, replace(config.loop, steps=config.first), "motion")
    learn(config.reading, config.loop, "reading")
    if not distributed.is_main():
        return None
    card: dict[str, Any] = {
        "command": "anywear train align --llm NAME_OR_PATH --data DIR -o OUT",
        "config": asdict(config),
        "moments": len(seen),
        "learned_parameters": learning,
        "torch": torch.__version__,
    }
    card["config"].pop("motion")
    folder, name = out_dir / "adapter", config.name
    about = write_adapter(folder, reader.eval(), base, tokens, name=name, prior=1.0, scale=1.0, card=card)
    reading = put_together(folder, about, base.source)  # what is judged is what was written
    decoder = LlmDecoder(reading, Prompts(reading.base.tokenizer, reading.words))
    fitted = judge_choices(decoder, moments, flat, config.judged, np.random.default_rng(config.loop.seed))
    report("  ".join(f"{key} {value}" for key, value in fitted.items()))
    about = replace(about, prior=fitted["prior"], scale=fitted["scale"], card={**about.card, "choices": fitted})
    about.save(folder / "llm.json")
    return about


def _digest(moments: Sequence[Moment], flat: Sequence[Array]) -> str:
    """Short hash of what is learned from."""
    digest = hashlib.sha256()
    for own, tokens in zip(moments, flat, strict=True):
        digest.update(repr((own.segments, own.dataset, own.name, own.texts, own.steps)).encode() + tokens.tobytes())
    return digest.hexdigest()[:16]


def _plain(config: Any) -> dict[str, Any]:
    return {name: getattr(config, name) for name in config.__dataclass_fields__}
