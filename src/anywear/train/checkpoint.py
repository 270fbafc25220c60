"""Checkpoints of a training: whole or not there, and refused with a reason when they belong to something else."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from .._files import write_whole
from ..errors import AnywearError, ArtefactError, UsageError
from . import distributed

NEW_START = "Give another output folder, or remove the checkpoint to start anew"


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training changes: the module, its average, the optimiser."""

    module: torch.nn.Module
    average: torch.nn.Module
    optimizer: torch.optim.Optimizer


def save(path: Path, step: int, trained: Trained, fingerprint: str) -> None:
    """Write a checkpoint after this many steps; a kill while writing leaves the last one."""
    state = {
        "step": step,
        "module": trained.module.state_dict(),
        "average": trained.average.state_dict(),
        "optimizer": trained.optimizer.state_dict(),
        "fingerprint": fingerprint,
    }
    try:
        write_whole(path, lambda partial: torch.save(state, partial))
    except RuntimeError as error:  # what torch makes of a full disk
        raise UsageError("The checkpoint cannot be written", where=str(path), got=str(error).splitlines()[0]) from error


def resume(path: Path, trained: Trained, fingerprint: str) -> int:
    """Load rank 0's checkpoint on every rank, or rank 0's weights where there is none.

    Returns:
        Steps done.

    Raises:
        ArtefactError: the file is damaged, of another architecture, or of another configuration.
    """
    state: dict[str, Any] | AnywearError | None = None
    if distributed.is_main():
        try:
            state = _read(path, trained.module, fingerprint) if path.exists() else None
        except AnywearError as error:
            state = error
        if state is None and distributed.world() > 1:
            state = {"step": 0, "module": _on_cpu(trained.module.state_dict()), "average": None, "optimizer": None}
    state = distributed.from_main(state)
    if isinstance(state, AnywearError):
        raise state
    if state is None:
        return 0
    trained.module.load_state_dict(state["module"])
    trained.average.load_state_dict(state["average"] or state["module"])
    if state["optimizer"] is not None:
        trained.optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])


def trim_log(path: Path, step: int) -> None:
    """Take away log lines of steps that a resumed training will do again, and a line cut off by a kill."""
    if not path.exists():
        return
    kept = [line for line in path.read_text(encoding="utf-8").splitlines() if _step(line) <= step]
    write_whole(path, lambda partial: partial.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8"))


def _step(line: str) -> float:
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return float("inf")


def _read(path: Path, module: torch.nn.Module, fingerprint: str) -> dict[str, Any]:
    try:
        state = torch.load(path, weights_only=True, map_location="cpu")
        weights, step, own = state["module"], state["step"], state["fingerprint"]
        missing = {"average", "optimizer"} - set(state)
    except (OSError, RuntimeError, EOFError, KeyError, TypeError, ValueError, pickle.UnpicklingError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}".splitlines()[0]) from error
    if missing or not isinstance(weights, Mapping) or not isinstance(step, int):
        raise _damaged(path, "parts of it are missing")
    differences = _differences(module.state_dict(), weights)
    if differences:
        raise ArtefactError(
            "The checkpoint is of another architecture",
            where=str(path),
            expected=differences[0][0],
            got=f"{differences[0][1]}; {len(differences)} tensors differ in all",
            remedy=NEW_START,
        )
    if own != fingerprint:
        raise ArtefactError(
            "The checkpoint belongs to another configuration, or to other data",
            where=str(path),
            expected=fingerprint,
            got=str(own),
            remedy=f"{NEW_START}, or go on with the configuration it was started with",
        )
    return state


def _damaged(path: Path, got: str) -> ArtefactError:
    return ArtefactError("The checkpoint cannot be read", where=str(path), got=got, remedy=NEW_START)


def _differences(module: Mapping[str, torch.Tensor], weights: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Expected and found, for every tensor that is not the same in both."""
    names = [*module, *(name for name in weights if name not in module)]
    told = [(_told(name, module), _told(name, weights)) for name in names]
    return [(expected, got) for expected, got in told if expected != got]


def _told(name: str, tensors: Mapping[str, Any]) -> str:
    if name not in tensors:
        return f"no {name}"
    return f"{name} of {' x '.join(map(str, tensors[name].shape)) or 'one number'}"


def _on_cpu(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: tensor.cpu() for name, tensor in tensors.items()}
