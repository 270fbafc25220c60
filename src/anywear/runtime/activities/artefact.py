"""The ``.activities`` file: one zip with all that answers need but for the model, the same bytes for the same activities.

``manifest.json`` says what it is: format, labels, texts, windows, the setup, the model's hash, how it was made; ``heads.npz``
holds the arrays. The model is the shipped one, or lies where its user keeps it.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from ... import __version__
from ..._files import write_whole
from ..._typing import Array
from ...errors import ArtefactError
from ...signal.minirocket import MiniRocket
from ..bundle import check_files, npz, packed, unpacked
from ..model import Model
from ..ridge import Blocks, Ridge
from .activities import Activities
from .head import ActivityHead

FORMAT = 1
HEADS = "heads.npz"
ANYWHERE, WORN = "anywhere", "worn"


def save(activities: Activities, path: Path) -> None:
    """Write the file.

    Raises:
        UsageError: it cannot be written.
    """
    data = to_bytes(activities)
    write_whole(path, lambda partial: partial.write_bytes(data))


def to_bytes(activities: Activities) -> bytes:
    """The file's bytes; the same for the same activities."""
    heads = {ANYWHERE: activities.anywhere} | ({} if activities.worn is None else {WORN: activities.worn})
    arrays = {f"{name}/{key}": value for name, head in heads.items() for key, value in _arrays(head).items()}
    model = activities.model
    manifest = {
        "format_version": FORMAT,
        "made_with": __version__,
        "model": {"sha256": model.sha256, "name": model.config.name},
        "labels": list(activities.labels),
        "texts": activities.texts,
        "window_s": activities.window_s,
        "channels": [[site, number, columns] for (site, number), columns in activities.channels],
        "heads": {
            name: {"scale": head.scale, "threshold": head.threshold, "judged": head.judged, "penalty": head.ridge.penalty,
                   "accuracy": head.accuracy if head.judged else None}
            for name, head in heads.items()
        },
        "about": activities.about,
    }  # fmt: skip
    return packed(manifest, {HEADS: npz(arrays)})


def load(path: Path, model: Model | None = None) -> Activities:
    """Read the file.

    Args:
        path: the file.
        model: the one that was learned with; the shipped one by default.

    Raises:
        ArtefactError: missing, truncated, changed, of another version or another model.
    """
    if not path.is_file():
        raise ArtefactError(
            "There is no activities file", where=str(path), remedy="Make one: anywear learn DIR -o FILE"
        )
    manifest, files = unpacked(path, lambda got: _damaged(path, got))
    if manifest["format_version"] != FORMAT:
        raise ArtefactError(
            "The activities were learned for another version", where=str(path), expected=f"format {FORMAT}",
            got=f"format {manifest['format_version']}", remedy="Install the matching version of anywear, or learn them again",
        )  # fmt: skip
    try:
        check_files(manifest, files, lambda got: _damaged(path, got))
        told = manifest["model"]
        model = model or Model()
        if model.sha256 != told["sha256"]:
            raise ArtefactError(
                "The activities were learned with another model", where=str(path),
                expected=f"{told['name']} {told['sha256']}", got=f"{model.config.name} {model.sha256}",
                remedy="Learn them again, or give their model: --model FOLDER",
            )  # fmt: skip
        with np.load(io.BytesIO(files[HEADS]), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        heads = {name: _head(name, arrays, own) for name, own in manifest["heads"].items()}
        labels = tuple(manifest["labels"])
        if any(len(head.words) != len(labels) or head.ridge.weights.shape[1] != len(labels) for head in heads.values()):
            raise _damaged(path, "labels and heads do not fit each other")
        channels = tuple(((site, int(number)), int(columns)) for site, number, columns in manifest["channels"])
        return Activities(
            labels, heads[ANYWHERE], heads.get(WORN), channels, texts=manifest["texts"],
            window_s=float(manifest["window_s"]), about=manifest["about"], model=model,
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from error


def _arrays(head: ActivityHead) -> dict[str, Array]:
    out = {
        "weights": head.ridge.weights, "offset": head.ridge.offset, "blocks": np.array(head.blocks.weights),
        "words": head.words, "word_weights": head.weights, "usual": head.usual,
    }  # fmt: skip
    for number, (mean, scale) in enumerate(zip(head.blocks.means, head.blocks.scales, strict=True)):
        out[f"{number}/mean"], out[f"{number}/scale"] = mean, scale
    if head.rocket is not None:
        own = head.rocket
        chosen = np.zeros((len(own.chosen), own.channels), dtype=np.uint8)
        for row, columns in enumerate(own.chosen):
            chosen[row, list(columns)] = 1
        out |= {
            "rocket/shape": np.array([own.channels, own.length]), "rocket/dilations": own.dilations,
            "rocket/counts": own.counts, "rocket/chosen": chosen, "rocket/biases": own.biases,
        }  # fmt: skip
    return out


def _head(name: str, arrays: dict[str, Array], told: dict) -> ActivityHead:
    def own(key: str) -> Array:
        return arrays[f"{name}/{key}"]

    rocket = None
    if f"{name}/rocket/shape" in arrays:
        channels, length = own("rocket/shape").tolist()
        chosen = tuple(tuple(np.flatnonzero(row).tolist()) for row in own("rocket/chosen"))
        rocket = MiniRocket(
            channels, length, own("rocket/dilations"), own("rocket/counts"), chosen, own("rocket/biases")
        )
    weights = tuple(own("blocks").tolist())
    means, scales = ([own(f"{number}/{key}") for number in range(len(weights))] for key in ("mean", "scale"))
    blocks = Blocks(tuple(means), tuple(scales), weights)
    ridge = Ridge(own("weights"), own("offset"), float(told["penalty"]), np.zeros((0, 0)))
    accuracy = float("nan") if told["accuracy"] is None else float(told["accuracy"])
    return ActivityHead(
        rocket, blocks, ridge, own("words"), own("word_weights"), own("usual"), float(told["scale"]),
        float(told["threshold"]), int(told["judged"]), accuracy,
    )  # fmt: skip


def _damaged(path: Path, got: str) -> ArtefactError:
    return ArtefactError("The activities file is damaged", where=str(path), got=got,
                         remedy="Copy it again, or learn it again: anywear learn")  # fmt: skip
