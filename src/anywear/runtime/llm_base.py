"""Causal language models of Hugging Face form: where they are, what they are, and tokens of motion in their vocabulary.

A model is a folder with ``config.json``, or a name of the hub. What is on this machine is taken first; the hub is asked for a
few seconds at most, and only for what is not. No code of a model's folder is run.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from .._typing import Array, Int
from ..errors import ArtefactError, UsageError

MOTION, MOTION_END = "<motion>", "</motion>"
NEEDED = ("torch", "transformers", "peft")
DTYPES = ("float32", "bfloat16")
PATIENCE_S = 8.0  # for the hub to answer
PROBED = 256  # numbers at either end of a tensor that tell one model from another
FILES = ("*.json", "*.safetensors", "*.txt", "*.model")  # of a model on the hub; no pickles, no code


@dataclass(frozen=True, eq=False)
class Base:
    """A language model before it knows of motion.

    Attributes:
        model: ``transformers`` causal language model, on the CPU.
        tokenizer: of the model.
        source: name or path it was asked for by.
        sha256: short hash of vocabulary and weights, the same for every number format they are read in.
        tied: whether words go in and out by the same table.
    """

    model: Any
    tokenizer: Any
    source: str
    sha256: str
    tied: bool

    @property
    def context(self) -> int:
        """Positions of the longest sequence."""
        return int(getattr(self.model.config, "max_position_embeddings", 1 << 20))


@dataclass(frozen=True)
class MotionWords:
    """Where tokens of motion lie in a vocabulary: the two marks, then every code of every book.

    Attributes:
        first: id of ``<motion>``.
        sizes: codes of each book.
    """

    first: int
    sizes: tuple[int, ...]

    @property
    def end(self) -> int:
        """Id of ``</motion>``."""
        return self.first + 1

    @property
    def code(self) -> int:
        """Id of the first code."""
        return self.first + 2

    @property
    def count(self) -> int:
        """Tokens, marks among them."""
        return 2 + sum(self.sizes)

    @property
    def stop(self) -> int:
        """The id behind the last."""
        return self.first + self.count

    def sentence(self, flat: Int[Array, " tokens"]) -> list[int]:
        """Ids of motion between its marks; `flat` as from `anywear.runtime.tokens.MotionTokens.flat`."""
        return [self.first, *(self.code + int(own) for own in flat), self.end]


def load_base(source: str | Path, dtype: str = "float32") -> Base:
    """A causal language model and its tokenizer.

    Args:
        source: a folder, or a name of the hub.
        dtype: number format of the weights, one of `DTYPES`.

    Raises:
        UsageError: the ``llm`` extra is not installed, or there is no such model here and the hub does not give it.
        ArtefactError: what is there is no causal language model, or damaged.
    """
    need_extra()
    if dtype not in DTYPES:
        raise UsageError("There is no such number format", where="dtype", expected=", ".join(DTYPES), got=repr(dtype))
    folder = find_base(source)
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging as told

    bars = told.is_progress_bar_enabled()
    told.disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, use_fast=True)
        model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, dtype=getattr(torch, dtype))
    except Exception as error:  # every architecture and file format has errors of its own
        raise ArtefactError(
            "This is no causal language model that can be read", where=str(folder),
            got=f"{type(error).__name__}: {error}".splitlines()[0][:300],
            remedy="Give a folder with config.json, tokenizer.json and model.safetensors",
        ) from error  # fmt: skip
    finally:
        if bars:
            told.enable_progress_bar()
    if tokenizer.eos_token_id is None or not tokenizer.is_fast:
        raise ArtefactError(
            "The language model's tokenizer does not do", where=str(folder),
            expected="a tokenizer.json and a token that ends a text",
        )  # fmt: skip
    head = model.get_output_embeddings()
    tied = head is not None and model.get_input_embeddings().weight is head.weight
    return Base(model.eval(), tokenizer, str(source), _hash(model, tokenizer), tied)


def need_extra() -> None:
    """Raises UsageError where the packages of the ``llm`` extra are missing."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"Large language models need {', '.join(missing)}", remedy='pip install "anywear[llm]"'
        )  # fmt: skip


def find_base(source: str | Path) -> Path:
    """The folder of a model: the one given, one of the cache of this machine, or one that the hub gives.

    Raises:
        UsageError: there is none. ArtefactError: a folder without a model.
    """
    folder = Path(source).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise ArtefactError(
                "There is no language model in this folder", where=str(folder), expected="config.json",
                got=", ".join(sorted(own.name for own in folder.iterdir())[:6]) or "nothing",
            )  # fmt: skip
        return folder
    name = str(source)
    if not _is_hub_name(name):
        raise UsageError(
            f"There is no language model {name!r}", expected="a folder, or a name as Qwen/Qwen2.5-0.5B",
            got=f"neither; on this machine: {_listed()}",
        )  # fmt: skip
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True, allow_patterns=list(FILES)))
    except Exception:  # it is not in the cache, or not all of it
        pass
    try:
        _within(PATIENCE_S, lambda: HfApi().model_info(name, timeout=PATIENCE_S / 2))
        return Path(snapshot_download(name, allow_patterns=list(FILES)))
    except RepositoryNotFoundError as error:
        raise UsageError(
            f"The hub has no language model {name!r}, or not for everybody", got=f"on this machine: {_listed()}",
            remedy="Check the name, or give the path of a folder",
        ) from error  # fmt: skip
    except Exception as error:  # no network, a proxy, a hub that is down
        raise UsageError(
            f"The language model {name!r} is not on this machine, and the hub cannot be reached",
            expected="a folder with config.json, tokenizer.json and model.safetensors",
            got=f"{type(error).__name__}; on this machine: {_listed()}",
            remedy=f"Where there is a network: hf download {name} --local-dir FOLDER; then give the path of FOLDER",
        ) from error  # fmt: skip


def motion_words(sizes: Sequence[int]) -> list[str]:
    """Texts of the tokens of motion, in the order of their ids."""
    codes = [f"<motion:{book}:{code}>" for book, size in enumerate(sizes) for code in range(size)]
    return [MOTION, MOTION_END, *codes]


def add_motion(base: Base, sizes: Sequence[int]) -> MotionWords:
    """Add tokens of motion to the vocabulary, and rows to the tables where there are not enough.

    The new rows are zeros; the others stay as they are.

    Raises:
        UsageError: the model has such tokens already.
    """
    words = motion_words(sizes)
    if MOTION in base.tokenizer.get_vocab():
        raise UsageError(
            "This language model already has tokens of motion", where=base.source,
            remedy="Give the language model that it was made from",
        )  # fmt: skip
    base.tokenizer.add_tokens(words, special_tokens=True)
    ids = base.tokenizer.convert_tokens_to_ids(words)
    found = MotionWords(ids[0], tuple(int(size) for size in sizes))
    if ids != list(range(found.first, found.stop)):
        raise ArtefactError("The language model's tokenizer takes no tokens in a row", where=base.source)
    if base.model.get_input_embeddings().weight.shape[0] < found.stop:
        base.model.resize_token_embeddings(found.stop, mean_resizing=False)
    for table in {
        id(own): own for own in (base.model.get_input_embeddings(), base.model.get_output_embeddings())
    }.values():
        table.weight.data[found.first : found.stop] = 0.0
    return found


def _hash(model: Any, tokenizer: Any) -> str:
    """Vocabulary, names, shapes and a few numbers of each tensor, as bfloat16 tells them."""
    import torch

    digest = hashlib.sha256(json.dumps(sorted(tokenizer.get_vocab().items())).encode())
    for name, own in sorted(model.named_parameters()):
        flat = own.detach().flatten()
        some = torch.cat([flat[:PROBED], flat[-PROBED:]]).to(torch.bfloat16).float()
        digest.update(f"{name} {tuple(own.shape)}".encode() + np.ascontiguousarray(some.cpu().numpy()).tobytes())
    return digest.hexdigest()[:12]


def _is_hub_name(name: str) -> bool:
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(name)
    except HFValidationError:
        return False
    return True


def _listed() -> str:
    """Names of models in the cache of this machine."""
    from huggingface_hub import constants, scan_cache_dir

    try:
        names = sorted(own.repo_id for own in scan_cache_dir(constants.HF_HUB_CACHE).repos if own.repo_type == "model")
    except Exception:  # there is no cache
        names = []
    return ", ".join(names) or "none"


def _within(seconds: float, ask: Callable[[], Any]) -> Any:
    """What a call gives, or TimeoutError; looking up a host's name has no limit of its own."""
    box: list[Any] = []

    def run() -> None:
        try:
            box.append((True, ask()))
        except BaseException as error:  # raised again where it is waited for
            box.append((False, error))

    logger = logging.getLogger("huggingface_hub")
    level = logger.level
    logger.setLevel(logging.ERROR)  # it tells of every further try
    worker = threading.Thread(target=run, daemon=True)
    worker.start()
    worker.join(seconds)
    logger.setLevel(level)
    if not box:
        raise TimeoutError(f"no answer within {seconds:g} s")
    went_well, got = box[0]
    if not went_well:
        raise got
    return got
