"""Files of a data set, wherever they lie: a folder, or an archive that is read without unpacking it.

Either gives names and bytes in the order of the names, so that what is built from them does not depend on the disk.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path
from typing import Protocol, runtime_checkable

from ..errors import FormatError

ARCHIVE_ENDINGS = (".tar.xz", ".tar.gz", ".tar", ".zip")

# Far above any single file of the sets (the largest is below 1 MB), far below what would fill a small machine.
MAX_FILE_BYTES = 256 * 1024 * 1024


@runtime_checkable
class Source(Protocol):
    """Named files in a fixed order.

    Attributes:
        label: short name for messages.
    """

    label: str

    def names(self) -> list[str]:
        """Every file's path relative to the root, with forward slashes, sorted."""
        ...

    def read(self, names: Collection[str] | None = None) -> Iterator[tuple[str, bytes]]:
        """Names and bytes of these files (all when None), in the order of their names."""
        ...


class FolderSource:
    """A folder, at any depth."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self.label = self.root.name

    def names(self) -> list[str]:
        return sorted(p.relative_to(self.root).as_posix() for p in self.root.rglob("*") if p.is_file())

    def read(self, names: Collection[str] | None = None) -> Iterator[tuple[str, bytes]]:
        for name in self.names() if names is None else sorted(names):
            try:
                yield name, (self.root / name).read_bytes()
            except OSError as error:
                raise FormatError("The file cannot be read", where=name, got=str(error.strerror)) from error


class TarSource:
    """A tar archive, compressed or not, read as a stream."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.label = self.path.name
        self._order: list[str] | None = None

    def names(self) -> list[str]:
        return sorted(self._archive_order())

    def read(self, names: Collection[str] | None = None) -> Iterator[tuple[str, bytes]]:
        wanted = set(self._archive_order() if names is None else names)
        order = [name for name in self._archive_order() if name in wanted]
        if order == sorted(order):
            yield from self._stream(wanted)
        else:
            # xz cannot seek: an archive in another order is held in memory once rather than decompressed per file.
            yield from sorted(self._stream(wanted))

    def _archive_order(self) -> list[str]:
        if self._order is None:
            self._order = [member.name.removeprefix("./") for member, _ in self._members()]
        return self._order

    def _stream(self, wanted: set[str]) -> Iterator[tuple[str, bytes]]:
        for member, archive in self._members():
            name = member.name.removeprefix("./")
            if name not in wanted:
                continue
            _check_size(member.size, name, self.label)
            file = archive.extractfile(member)
            if file is not None:
                with self._damage_explained():
                    data = file.read()
                yield name, data

    def _members(self) -> Iterator[tuple[tarfile.TarInfo, tarfile.TarFile]]:
        with self._damage_explained():
            stream = _Tail(_decompressed(self.path))
            archive = tarfile.open(fileobj=stream, mode="r|")  # noqa: SIM115 - errors of the closing are not of interest
        with stream:
            while True:
                with self._damage_explained():
                    member = archive.next()
                if member is None:
                    break
                if member.isfile():
                    yield member, archive
            with self._damage_explained():
                stream.drain()
                if stream.tail.strip(b"\0") or len(stream.tail) < 2 * tarfile.BLOCKSIZE:
                    raise EOFError("the archive has no end")

    @contextmanager
    def _damage_explained(self) -> Iterator[None]:
        try:
            yield
        except (tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, OSError, ValueError) as error:
            raise _damaged(self.label, error) from error


class ZipSource:
    """A zip archive, as the UCI repository hands sets out."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.label = self.path.name

    def names(self) -> list[str]:
        with self._open() as archive:
            return sorted(info.filename for info in archive.infolist() if not info.is_dir())

    def read(self, names: Collection[str] | None = None) -> Iterator[tuple[str, bytes]]:
        with self._open() as archive:
            for name in self.names() if names is None else sorted(names):
                _check_size(archive.getinfo(name).file_size, name, self.label)
                try:
                    data = archive.read(name)
                except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
                    raise _damaged(self.label, error) from error
                yield name, data

    def _open(self) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(self.path)
        except (zipfile.BadZipFile, OSError) as error:
            raise _damaged(self.label, error) from error


def open_source(path: Path | str) -> Source:
    """The files of a folder or an archive.

    Raises:
        FormatError: there is no such path, or it is neither.
    """
    path = Path(path)
    if path.is_dir():
        return FolderSource(path)
    if not path.exists():
        raise FormatError("There is no such folder or archive", where=str(path), remedy="Check the path")
    if zipfile.is_zipfile(path):
        return ZipSource(path)
    if path.name.lower().endswith(ARCHIVE_ENDINGS):
        return TarSource(path)
    raise FormatError(
        "This is neither a folder nor an archive",
        where=str(path),
        expected="a folder, or a file ending in " + ", ".join(ARCHIVE_ENDINGS),
    )


def find_source(name: str, root: Path, belongs: Callable[[str], bool]) -> Source:
    """Where a set lies under a data folder: its folder, its archive, or the folder itself.

    Args:
        name: of the set.
        root: the data folder, the set's folder, or its archive.
        belongs: tells from a relative path whether a file is a recording of the set.

    Raises:
        FormatError: nothing of the set is there; the message lists where it was looked for.
    """
    if root.is_file():
        return open_source(root)
    looked = [root / name, *(root / f"{name}{ending}" for ending in ARCHIVE_ENDINGS)]
    if root.is_dir():
        for candidate in looked:
            if candidate.is_dir() and not any(map(belongs, FolderSource(candidate).names())):
                continue
            if candidate.exists():
                return open_source(candidate)
        if any(map(belongs, FolderSource(root).names())):
            return FolderSource(root)
    raise FormatError(
        f"The data set {name} is not there",
        where=str(root),
        expected="one of "
        + ", ".join(path.name + ("/" if path == looked[0] else "") for path in looked)
        + ", or its original files",
        got="no such folder" if not root.is_dir() else "none of them",
        remedy="Give the folder that holds the data sets: --data DIR",
    )


class _Tail(BufferedIOBase):
    """A stream that remembers its last two blocks, by which a cut archive is told: whole ones end in zeros.

    The tarfile module takes a missing end for the end.
    """

    def __init__(self, file: BufferedIOBase) -> None:
        self.file = file
        self.tail = b""

    def close(self) -> None:
        self.file.close()
        super().close()

    def read(self, size: int | None = -1, /) -> bytes:
        data = self.file.read(size)
        self.tail = (self.tail + data)[-2 * tarfile.BLOCKSIZE :]
        return data

    def drain(self) -> None:
        """Read to the end, so that check sums are compared."""
        while self.read(1 << 20):
            pass


def _decompressed(path: Path) -> BufferedIOBase:
    with path.open("rb") as file:
        magic = file.read(6)
    for start, opener in ((b"\xfd7zXZ\0", lzma.open), (b"\x1f\x8b", gzip.open), (b"BZh", bz2.open)):
        if magic.startswith(start):
            return opener(path, "rb")
    return path.open("rb")


def _check_size(size_bytes: int, name: str, archive: str) -> None:
    if size_bytes > MAX_FILE_BYTES:
        raise FormatError(
            "A file in the archive is too large to be a recording",
            where=f"{archive}: {name}",
            expected=f"at most {MAX_FILE_BYTES // 1024**2} MB",
            got=f"{size_bytes / 1024**2:.0f} MB",
            remedy="Get the archive again from its publisher",
        )


def _damaged(archive: str, error: Exception) -> FormatError:
    return FormatError(
        "The archive is damaged or incomplete",
        where=archive,
        got=f"{type(error).__name__}: {error}",
        remedy="Get the archive again from its publisher",
    )
