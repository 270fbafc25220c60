"""The ``.gestures`` file: one zip with all that answers need, the same bytes for the same gestures.

``manifest.json`` says what it is: format, labels, texts, preprocessing, thresholds, the encoder's hash, how it was made, and
the SHA-256 of every other file; ``head.npz`` holds the arrays; under ``encoder/`` lies the encoder where it is not the one of
the package; under ``reader/`` what reads the words, where some label has no example. Entries are stored in the order of their
names with one fixed date.
"""

from __future__ import annotations

import io
from dataclasses import asdict, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from ... import __version__
from ..._files import write_whole
from ..._typing import Array
from ...errors import ArtefactError
from ..bundle import check_files, npz, packed, unpacked
from ..model import Model
from ..ridge import Blocks, Ridge
from .augment import AugmentConfig
from .calibration import Calibration
from .clips import RATE_HZ
from .encoder import ClipEncoder, shipped_encoder
from .features import Convolutions, FeatureConfig, Looks
from .light import LightConfig, LightHead
from .words import ReadWords, Words

if TYPE_CHECKING:
    from .gestures import Gestures

PLAIN, READING = FORMATS = (1, 2)  # without and with a reader: what knows none must not open the second
HEAD, ENCODER, READER = "head.npz", "encoder/", "reader/"
ENCODER_FILES = ("model.json", "motion.onnx")
VIEWS = ("whole", "motion")
KINDS = ("stretched", "natural")


def save(gestures: Gestures, path: Path) -> None:
    """Write the file.

    Raises:
        UsageError: it cannot be written.
    """
    data = to_bytes(gestures)
    write_whole(path, lambda partial: partial.write_bytes(data))


def to_bytes(gestures: Gestures) -> bytes:
    """The file's bytes; the same for the same gestures."""
    files = {HEAD: npz(_arrays(gestures.head))}
    encoder = gestures.head.encoder
    assert encoder is not None  # `Gestures` are learned with one
    if encoder.sha256 != shipped_encoder().sha256:
        files |= {ENCODER + name: (encoder.model.folder / name).read_bytes() for name in ENCODER_FILES}
    reader = gestures.head.reader
    if reader is not None:
        files |= {READER + name: (reader.model.folder / name).read_bytes() for name in ENCODER_FILES}
    manifest = {
        "format_version": PLAIN if reader is None else READING,
        "made_with": __version__,
        "encoder": _named(encoder),
        **({} if reader is None else {"reader": _named(reader)}),
        "labels": list(gestures.labels),
        "texts": gestures.texts,
        "min_s": gestures.min_s,
        "max_s": gestures.max_s,
        "preprocessing": {"rate_hz": RATE_HZ, **asdict(gestures.config)},
        "calibration": asdict(gestures.head.calibration),
        "penalty": gestures.head.ridge.penalty,
        "about": gestures.about,
    }
    return packed(manifest, files)


def load(
    path: Path,
    encoder: ClipEncoder | Model | str | Path | None = None,
    reader: ClipEncoder | Model | str | Path | None = None,
) -> Gestures:
    """Read the file.

    Args:
        path: the file.
        encoder: one that is at hand; by default that in the file, or that of the package.
        reader: one that is at hand; by default that in the file. Not looked at where the file has none.

    Raises:
        ArtefactError: missing, truncated, changed, of another version, another encoder or another reader.
    """
    if not path.is_file():
        raise ArtefactError("There is no gestures file", where=str(path),
                            remedy="Make one: anywear gestures train DIR -o FILE")  # fmt: skip
    manifest, files = unpacked(path, lambda got: _damaged(path, got))
    version = manifest["format_version"]
    if version not in FORMATS:
        raise ArtefactError(
            "The gestures were made for another version", where=str(path), expected=f"format {PLAIN} or {READING}",
            got=f"format {version}", remedy="Install the matching version of anywear, or train them again",
        )  # fmt: skip
    try:
        check_files(manifest, files, lambda got: _damaged(path, got))
        own = _encoder("encoder", manifest, files, path, encoder)
        reads = _encoder("reader", manifest, files, path, reader) if version == READING else None
        return _gestures(manifest, files, path, own, reads)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from error


def _gestures(
    manifest: dict, files: dict[str, bytes], path: Path, encoder: ClipEncoder, reader: ClipEncoder | None
) -> Gestures:
    from .gestures import Gestures

    about = dict(manifest["preprocessing"])
    if about.pop("rate_hz") != RATE_HZ:
        raise _damaged(path, "another rate")
    parts = {
        "features": FeatureConfig(**_tuples(about.pop("features"))),
        "augment": AugmentConfig(**about.pop("augment")),
    }
    config = LightConfig(**_tuples(about), **parts)
    with np.load(io.BytesIO(files[HEAD]), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    head = _head(arrays, config, Calibration(**manifest["calibration"]), float(manifest["penalty"]), encoder, reader)
    labels = tuple(manifest["labels"])
    if head.ridge.weights.shape[1] != len(labels) + 1:
        raise _damaged(path, "labels and head do not fit each other")
    return Gestures(
        labels, head, texts=manifest["texts"], min_s=float(manifest["min_s"]), max_s=float(manifest["max_s"]),
        about=manifest["about"], config=config,
    )  # fmt: skip


def _encoder(
    what: str, manifest: dict, files: dict[str, bytes], path: Path, given: ClipEncoder | Model | str | Path | None
) -> ClipEncoder:
    """The encoder, or the reader, that the head was learned with."""
    told, inside = manifest[what], {"encoder": ENCODER, "reader": READER}[what]
    if given is None and (inside + ENCODER_FILES[0] in files or what == "reader"):
        folder = TemporaryDirectory(prefix="anywear-gestures-")
        for name in ENCODER_FILES:
            (Path(folder.name) / name).write_bytes(files[inside + name])
        found = ClipEncoder(Model(folder.name))
        found.kept = folder
    else:
        found = ClipEncoder.open(given)
    if found.sha256 != told["sha256"]:
        raise ArtefactError(
            f"The gestures were learned with another {what}", where=str(path), expected=f"{told['name']} {told['sha256']}",
            got=f"{found.model.config.name} {found.sha256}", remedy=f"Train them again, or give their {what}",
        )  # fmt: skip
    return found


def _named(encoder: ClipEncoder) -> dict[str, str]:
    return {"sha256": encoder.sha256, "name": encoder.model.config.name}


def _arrays(head: LightHead) -> dict[str, Array]:
    arrays = {"ridge/weights": head.ridge.weights, "ridge/offset": head.ridge.offset}
    arrays["blocks/weights"] = np.array(head.blocks.weights)
    if head.words is not None:
        arrays |= {f"words/{own.name}": np.asarray(getattr(head.words, own.name)) for own in fields(head.words)}
    for number, (mean, scale) in enumerate(zip(head.blocks.means, head.blocks.scales, strict=True)):
        arrays[f"blocks/{number}/mean"], arrays[f"blocks/{number}/scale"] = mean, scale
    for view in VIEWS:
        looks: Looks = getattr(head, view)
        for kind in KINDS:
            own: Convolutions = getattr(looks, kind)
            for dilation, weights, biases in zip(own.dilations, own.weights, own.biases, strict=True):
                arrays[f"{view}/{kind}/{dilation}/weights"] = weights.astype(np.int8)
                arrays[f"{view}/{kind}/{dilation}/biases"] = biases
    return arrays


def _head(
    arrays: dict[str, Array], config: LightConfig, calibration: Calibration, penalty: float, encoder: ClipEncoder,
    reader: ClipEncoder | None,
) -> LightHead:  # fmt: skip
    looks = []
    for view in VIEWS:
        kinds = []
        for kind in KINDS:
            dilations = getattr(config.features, kind)
            weights = tuple(arrays[f"{view}/{kind}/{d}/weights"].astype(np.float32) for d in dilations)
            biases = tuple(arrays[f"{view}/{kind}/{d}/biases"] for d in dilations)
            kinds.append(Convolutions(dilations, weights, biases, config.features.parts))
        looks.append(Looks(config.features, *kinds))
    weights = tuple(arrays["blocks/weights"].tolist())
    means = tuple(arrays[f"blocks/{number}/mean"] for number in range(len(weights)))
    scales = tuple(arrays[f"blocks/{number}/scale"] for number in range(len(weights)))
    words = None
    if "words/vectors" in arrays:
        kind = Words if reader is None else ReadWords
        words = kind(arrays["words/vectors"], float(arrays["words/scale"]), arrays["words/weights"])
    ridge = Ridge(arrays["ridge/weights"], arrays["ridge/offset"], penalty, np.zeros((0, 0)))
    return LightHead(looks[0], looks[1], encoder, words, Blocks(means, scales, weights), ridge, calibration, reader)


def _tuples(table: dict) -> dict[str, Any]:
    """As a configuration has them: JSON knows no tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}


def _damaged(path: Path, got: str) -> ArtefactError:
    return ArtefactError("The gestures file is damaged", where=str(path), got=got,
                         remedy="Copy it again, or train it again: anywear gestures train")  # fmt: skip
