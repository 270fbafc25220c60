"""From a language model that learned to read motion to an adapter's folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from .._files import write_whole
from ..errors import ArtefactError
from ..runtime.llm_adapter import ABOUT, ADDED, PEFT_FILES, LlmAbout, file_hash
from ..runtime.llm_base import Base
from ..runtime.tokens import MotionTokens
from .llm_model import MotionReader


@torch.no_grad()
def write_adapter(
    folder: Path, reader: MotionReader, base: Base, tokens: MotionTokens, *, name: str, prior: float, scale: float, card: dict
) -> LlmAbout:  # fmt: skip
    """Write what learned; ``llm.json`` comes last.

    Rows of the tables are written as they are used, so that nothing but peft is needed to put them where they belong.

    Args:
        folder: is made where there is none.
        reader: as trained.
        base: the language model that it holds.
        tokens: of motion.
        name, prior, scale, card: see `anywear.runtime.llm_adapter.LlmAbout`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ABOUT).unlink(missing_ok=True)
    _write_peft(folder, reader)
    added = {"soft": reader.soft, **{f"pooler.{own}": value for own, value in reader.pooler.named_parameters()}}
    added |= {f"projectors.{own}": value for own, value in reader.projectors.named_parameters()}
    kept = {own: value.detach().cpu().contiguous() for own, value in added.items()}
    write_whole(folder / ADDED, lambda partial: save_file(kept, partial))
    about = LlmAbout(
        name=name,
        base=_where(base.source),
        base_sha256=base.sha256,
        tokens=tokens.sha256,
        model=str(tokens.folder.resolve()),
        sizes=reader.words.sizes,
        first=reader.words.first,
        prior=prior,
        scale=scale,
        files={own: file_hash(folder / own) for own in (*PEFT_FILES, ADDED)},
        card=json.loads(json.dumps(card)),
    )
    about.save(folder / ABOUT)
    return about


def _write_peft(folder: Path, reader: MotionReader) -> None:
    learned: dict[str, Any] = dict(reader.host.named_parameters())
    own = {name: learned[name].data for name in reader.rows()}
    try:
        for name, rows in reader.rows().items():
            learned[name].data = rows.float()
        reader.host.peft.save_pretrained(folder, safe_serialization=True, save_embedding_layers=False)
    finally:
        for name, rows in own.items():
            learned[name].data = rows
    (folder / "README.md").unlink(missing_ok=True)  # a form to be filled in
    missing = [name for name in PEFT_FILES if not (folder / name).is_file()]
    if missing:
        raise ArtefactError("The adapter was not written", where=str(folder), expected=", ".join(missing))


def _where(source: str) -> str:
    """A folder's whole path, or a name of the hub as it is."""
    return str(Path(source).expanduser().resolve()) if Path(source).expanduser().is_dir() else source
