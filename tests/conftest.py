"""Shapes are checked in every test; tests on real files find them here, or say why they cannot."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from jaxtyping import install_import_hook

install_import_hook("anywear", "shape_checker.check")  # before anything imports anywear

UNPACKED = Path.home() / ".cache" / "anywear" / "data"


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder with the archives: ANYWEAR_DATA, else ``../shared/data`` beside the repository."""
    named = os.environ.get("ANYWEAR_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        _missing(f"there is no folder {folder}; set ANYWEAR_DATA to the folder with the data archives")
    return folder


@pytest.fixture(scope="session")
def dataset_root(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives the folder of an unpacked archive; unpacks it once per session where nobody has before."""
    unpacked: dict[str, Path] = {}

    def root(name: str) -> Path:
        if name not in unpacked:
            unpacked[name] = (
                UNPACKED / name if (UNPACKED / name).is_dir() else _unpack(name, data_dir, tmp_path_factory)
            )
        return unpacked[name]

    return root


@pytest.fixture(scope="session")
def small_model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model with a background, the same whatever the shipped one has; see `model_doubles`."""
    from model_doubles import write_small_model

    return write_small_model(tmp_path_factory.mktemp("small") / "model")


def _unpack(name: str, data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if (data_dir / name).is_dir():
        return data_dir / name
    archive = data_dir / f"{name}.tar.xz"
    if not archive.is_file():
        _missing(f"there is no {archive.name} in {data_dir}")
    folder = tmp_path_factory.mktemp("data") / name  # named as the archive: its parent is a folder of data sets
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder


def _missing(reason: str) -> None:
    if os.environ.get("ANYWEAR_REQUIRE_DATA") == "1":
        pytest.fail(f"ANYWEAR_REQUIRE_DATA=1, but {reason}")
    pytest.skip(reason)
