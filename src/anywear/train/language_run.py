"""One training of the language model from its configuration file to the artefact.

python -m anywear.train.language_run runs/language.toml --data DIR --model FOLDER -o OUT
"""

from __future__ import annotations

import argparse
import hashlib
import os
import pickle
import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from .._config import change, from_table
from ..corpus import build_corpus, open_corpus
from ..errors import AnywearError, ArtefactError, UsageError
from ..nn.language import LanguageConfig, LanguageModel
from ..runtime.language import LanguageAbout
from ..runtime.language.artefact import ABOUT, PIECES
from ..runtime.language.decoding import Drafting
from ..runtime.language.pieces import Pieces
from ..runtime.model import Model
from ..runtime.tokens import MotionTokens
from .corpus import load_corpus
from .engine import LoopConfig, train
from .export_language import read_language, write_language
from .language import PLACES, LanguageTask, Motions, ObjectivesConfig, fingerprint, motions_of
from .language_motions import (
    Moment,
    MomentsConfig,
    load_moments,
    moments_of_corpus,
    moments_of_takes,
    save_moments,
)
from .language_tasks import CANNOT_TELL, questions
from .language_texts import generated_sentences, humanml3d_captions, kept_subjects, learn_pieces
from .run import RunConfig
from .synthetic import synthetic_takes
from .vocabulary import CAPTURED, SIMULATED


@dataclass(frozen=True)
class LanguageRunConfig:
    """A configuration file.

    Attributes:
        name: of the language model.
        pieces: word pieces.
        model: dimensions that are not the default; see `anywear.nn.language.LanguageConfig`.
        moments: how motion is cut and worn.
        real_views: moments of each recorded take.
        rounds: how often captured clips are worn anew.
        objectives: what is learned of them.
        pretrain: the loop of the training on words alone.
        loop: of the training on motion.
        prior, scale, guidance, drafts: of choices and captions; see `anywear.runtime.language.LanguageAbout`.
    """

    name: str = "anywear-language"
    pieces: int = 4000
    model: dict[str, int] = field(default_factory=dict)
    moments: MomentsConfig = field(default_factory=MomentsConfig)
    real_views: int = 2
    rounds: int = 3
    objectives: ObjectivesConfig = field(default_factory=ObjectivesConfig)
    pretrain: LoopConfig = field(default_factory=LoopConfig)
    loop: LoopConfig = field(default_factory=LoopConfig)
    prior: float = 1.0
    scale: float = 1.0
    guidance: float = 0.0
    drafts: Drafting | None = None

    @classmethod
    def load(cls, path: Path, changes: Sequence[str] = ()) -> LanguageRunConfig:
        """Read a TOML file; `changes` are as in `anywear._config.change`. Raises UsageError where it cannot be."""
        if not path.is_file():
            raise UsageError("There is no such configuration", where=str(path), remedy="Give runs/language.toml")
        try:
            raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError("The configuration is not TOML", where=str(path), got=str(error)) from error
        for wish in changes:
            change(raw, wish)
        kinds = {"moments": MomentsConfig, "objectives": ObjectivesConfig, "pretrain": LoopConfig, "loop": LoopConfig}
        kinds |= {"drafts": Drafting} if "drafts" in raw else {}
        parts = {key: from_table(kind, raw.pop(key, {}), f"{path} [{key}]") for key, kind in kinds.items()}
        return from_table(cls, {**raw, **parts}, str(path))

    def model_config(self, pieces: Pieces, tokens: MotionTokens) -> LanguageConfig:
        """Dimensions of the model that reads these."""
        given = {
            "pieces": len(pieces), "places": 1 + len(PLACES), "code_sizes": tokens.codes.sizes,
            "code_width": tokens.codes.width,
        }  # fmt: skip
        return from_table(LanguageConfig, {**given, **self.model}, "[model]")


def moments_for(
    config: LanguageRunConfig,
    motion: RunConfig,
    tokens: MotionTokens,
    data_dir: Path,
    cache_dir: Path,
    report: Callable[[str], None] = print,
) -> list[Moment]:
    """All moments: recorded, generated, captured; those kept from training are marked.

    Args:
        config: how motion is cut and worn.
        motion: of the model whose tokens are read: its data sets, its held-out subjects, its generated clips.
        tokens: whose encoder reads them.
        data_dir: folder with the archives.
        cache_dir: keeps takes and moments; moments of other settings or another model are made anew.
    """
    facts = repr((asdict(config.moments), config.real_views, config.rounds, motion, tokens.about.model))
    key = hashlib.sha256(facts.encode()).hexdigest()[:12]
    out: list[Moment] = []
    sets = set(motion.align.sets)
    there = {
        "recorded": bool(sets - {SIMULATED, CAPTURED}),
        "generated": SIMULATED in sets,
        "captured": CAPTURED in sets,
    }
    for kind in (kind for kind, wanted in there.items() if wanted):
        path = cache_dir / f"moments-{kind}-{key}.pickle"
        if not path.exists():
            save_moments(path, _moments(kind, config, motion, tokens, data_dir, cache_dir, report))
        out += load_moments(path)
    return out


def texts_for(data_dir: Path, cache_dir: Path, moments: Sequence[Moment]) -> tuple[list[str], list[str]]:
    """Captions that others wrote, without those of subjects kept for validation and test, and sentences of moments."""
    build_corpus(data_dir, cache_dir / "corpus")
    captions = humanml3d_captions(data_dir, kept_subjects(open_corpus(cache_dir / "corpus")))
    said = {f"{n:08d}": own.texts for n, own in enumerate(moments) if not own.held_out}
    return captions, generated_sentences(said)


def train_language(
    config: LanguageRunConfig,
    moments: Sequence[Moment],
    texts: tuple[Sequence[str], Sequence[str]],
    tokens: MotionTokens,
    out_dir: Path,
    report: Callable[[str], None] = print,
    start_dir: Path | None = None,
) -> LanguageAbout:
    """Words first, then motion, then the artefact; goes on where an earlier call was stopped.

    Args:
        config: of the training.
        moments: all; those held out are not learned from.
        texts: captions, and sentences of the moments; see `texts_for`.
        tokens: that motion is read as.
        out_dir: gets ``words/``, ``motion/`` with checkpoints and logs, and ``model/``, the artefact.
        report: takes progress lines.
        start_dir: an earlier training's `out_dir`, or a language model's folder; its pieces and weights are taken instead
            of learning words first.
    """
    captions, sentences = texts
    every = [*captions, *sentences]
    if start_dir is None:
        pieces = learn_pieces([*every, *questions(), CANNOT_TELL], config.pieces)
    else:
        artefact = start_dir / "model" if (start_dir / "model").is_dir() else start_dir
        pieces = Pieces(artefact / PIECES)
    dims = config.model_config(pieces, tokens)
    report(f"{len(captions)} captions, {len(sentences)} sentences, {len(pieces)} pieces")
    facts = [str(len(every)), pieces.digest()]
    if start_dir is None:
        plain = replace(dims, quantised=False)  # weights learn to be few where they are last learned
        first = LanguageTask(config.objectives, config.pretrain, plain, pieces, every)
        key = fingerprint(config.objectives, config.pretrain, plain, facts)
        before: LanguageModel = train(first, config.pretrain, out_dir / "words", key, report)  # type: ignore[assignment]
    else:
        before, key = _learned(start_dir, dims)
    seen = [own for own in moments if not own.held_out]
    model = Model(tokens.folder)
    motions: Motions = motions_of(seen, tokens, model.encode_texts)
    report(f"{len(seen)} moments to train on, {len(moments) - len(seen)} held out")
    module = LanguageModel(dims)
    module.take_over(before)
    task = LanguageTask(config.objectives, config.loop, module, pieces, every, motions)
    key = fingerprint(config.objectives, config.loop, dims, [*facts, key, str(len(seen)), tokens.sha256])
    learned: LanguageModel = train(task, config.loop, out_dir / "motion", key, report)  # type: ignore[assignment]
    card = {
        "command": "python -m anywear.train.language_run CONFIG --data DIR --model FOLDER -o OUT",
        "config": asdict(config),
        "captions": len(captions),
        "sentences": len(sentences),
        "moments": len(seen),
        "torch": torch.__version__,
    }
    return write_language(
        out_dir / "model", learned, pieces, name=config.name, tokens=tokens.sha256, places=PLACES, prior=config.prior,
        scale=config.scale, guidance=config.guidance, drafts=config.drafts, card=card,
    )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m anywear.train.language_run", description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder with the archives")
    parser.add_argument("--model", type=Path, required=True, help="folder of a model with motion tokens")
    parser.add_argument(
        "--run", type=Path, help="configuration that the model was trained with; shipped.toml beside CONFIG"
    )
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder for checkpoints, logs and the artefact")
    parser.add_argument(
        "--start", type=Path, help="OUT of an earlier training, or a model's folder, to go on from its weights"
    )
    parser.add_argument("--cache", type=Path, help="folder for takes and moments; in OUT by default")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="change a field")
    args = parser.parse_args(arguments)
    try:
        config = LanguageRunConfig.load(args.config, args.set)
        motion = RunConfig.load(args.run or args.config.parent / "shipped.toml")
        tokens, cache = MotionTokens(args.model), args.cache or args.out / "cache"
        moments = moments_for(config, motion, tokens, args.data, cache)
        about = train_language(
            config, moments, texts_for(args.data, cache, moments), tokens, args.out, start_dir=args.start
        )
    except AnywearError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{about.name}: {about.card['parameters']} parameters, {args.out / 'model'}")
    return 0


def _learned(start_dir: Path, dims: LanguageConfig) -> tuple[LanguageModel, str]:
    """The averaged weights of an earlier training, or those of an artefact; and what they are of."""
    if (start_dir / ABOUT).is_file():
        return read_language(start_dir), LanguageAbout.load(start_dir / ABOUT).sha256
    path = start_dir / "motion" / "checkpoint.pt"
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        model = LanguageModel(dims)
        model.load_state_dict(state["average"])
    except (OSError, KeyError, RuntimeError, pickle.UnpicklingError) as error:
        raise ArtefactError(
            "There is no earlier training to go on from", where=str(path), got=str(error).splitlines()[0],
            remedy="Give the output folder of a training of the same pieces, sizes and tokenizer, or a language model's",
        ) from error  # fmt: skip
    return model, str(state["fingerprint"])


def _moments(
    kind: str,
    config: LanguageRunConfig,
    motion: RunConfig,
    tokens: MotionTokens,
    data_dir: Path,
    cache_dir: Path,
    report: Callable[[str], None],
) -> list[Moment]:
    own = config.moments
    if kind == "recorded":
        sets = [name for name in motion.align.sets if name not in (SIMULATED, CAPTURED)]
        takes = load_corpus(data_dir, sets, motion.align.rate_hz, cache_dir)
        return moments_of_takes(takes, tokens, replace(own, views=config.real_views), motion.held_out, report)
    if kind == "generated":
        takes = synthetic_takes(motion.generated, cache_dir, workers=os.cpu_count() or 1, report=report)
        return moments_of_takes(takes, tokens, own, motion.held_out, report)
    build_corpus(data_dir, cache_dir / "corpus")
    corpus, view, out = open_corpus(cache_dir / "corpus"), motion.generated.view, []
    for split in ("train", "val"):
        rounds = config.rounds if split == "train" else 1
        out += moments_of_corpus(
            corpus.filter(split=split), tokens, own, view, rounds=rounds, held_out=split != "train", report=report
        )
    return out


if __name__ == "__main__":
    sys.exit(main())
