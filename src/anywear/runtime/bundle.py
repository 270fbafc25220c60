"""One zip with all that something learned needs, the same bytes for the same content.

``manifest.json`` says what it is, with the SHA-256 of every other file. Entries are stored in the order of their names with
one fixed date.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from .._typing import Array
from ..errors import ArtefactError

MANIFEST = "manifest.json"
DATE = (1980, 1, 1, 0, 0, 0)  # the earliest a zip knows
LARGEST = 64 << 20  # bytes of one entry; a head has some, an encoder a few million


def packed(manifest: Mapping[str, object], files: Mapping[str, bytes]) -> bytes:
    """The bytes of the zip; the hashes of the files are added to the manifest."""
    told = {**manifest, "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}}
    entries = {**files, MANIFEST: (json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in sorted(entries):
            entry = zipfile.ZipInfo(name, DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            made.writestr(entry, entries[name], compresslevel=6)
    return out.getvalue()


def unpacked(path: Path, damaged: Callable[[str], ArtefactError]) -> tuple[dict, dict[str, bytes]]:
    """Manifest and files of a zip, the latter not held against their hashes yet.

    Args:
        path: the file.
        damaged: makes the error, of what was found.

    Raises:
        ArtefactError: it is no whole zip, or has no manifest with a ``format_version``.
    """
    try:
        with zipfile.ZipFile(path) as stored:
            files = {entry.filename: _entry(stored, entry) for entry in stored.infolist()}
    except (OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
        raise damaged(str(error)) from error
    except Exception as error:  # zlib has an error of its own
        raise damaged(f"{type(error).__name__}: {error}") from error
    try:
        manifest = json.loads(files[MANIFEST])
        manifest["format_version"]
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(f"no manifest: {error}") from error
    return manifest, files


def check_files(manifest: Mapping, files: Mapping[str, bytes], damaged: Callable[[str], ArtefactError]) -> None:
    """Hold the files against the manifest's hashes.

    Raises:
        ArtefactError: one differs. KeyError, TypeError: the manifest names none, or one that is not there.
    """
    for name, expected in manifest["files"].items():
        if hashlib.sha256(files[name]).hexdigest() != expected:
            raise damaged(f"{name} is another than when it was written")


def npz(arrays: Mapping[str, Array]) -> bytes:
    """As `numpy.savez` stores arrays, without the time of day."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
        for name in sorted(arrays):
            member = io.BytesIO()
            np.lib.format.write_array(member, np.asarray(arrays[name], order="C"), allow_pickle=False)
            made.writestr(zipfile.ZipInfo(name + ".npy", DATE), member.getvalue())
    return out.getvalue()


def _entry(stored: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.file_size > LARGEST:
        raise ValueError(f"{entry.filename} is too large for a part of such a file")
    return stored.read(entry)
