"""Zips and folders of an export as one thing, a `Bundle`: the names of its members, and each of them open for reading.

Nothing is unpacked to disk and no member is held in memory. A zip is distrusted: what it declares is checked when it is
opened, what comes out of it is counted while it is read.
"""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ..errors import FormatError

MAX_MEMBER_BYTES = 4 << 30  # 4 GiB: some 30 hours of one sensor at 400 Hz as text
MAX_RATIO = 200  # text of sensors shrinks 3 to 30 times; deflate can do 1032, which only a bomb does
RATIO_FREE_BYTES = 64 << 20  # below this size a high ratio does no harm
MAX_DIRECTORY_BYTES = 32 << 20  # the list of members; some 300,000 of them
MAX_FOLDER_DEPTH = 3
MAX_FOLDER_FILES = 50_000

_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others can ask for gigabytes of working memory
_METHOD_NAMES = {9: "deflate64", 12: "bzip2", 14: "lzma", 93: "zstd", 95: "xz", 98: "ppmd"}
_DAMAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    IndexError,
    KeyError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)


class Bundle:
    """Files that belong together: the members of a zip, the files of a folder, or one file.

    Use as a context manager.

    Attributes:
        path: the zip, folder or file.
        names: paths of the members with forward slashes, sorted; hidden files and macOS leftovers are not among them.

    Example:
        >>> with open_bundle(Path("walk.zip")) as bundle:  # doctest: +SKIP
        ...     bundle.open("Accelerometer.csv").readline()
    """

    def __init__(self, path: Path, names: list[str]) -> None:
        self.path = path
        self.names: tuple[str, ...] = tuple(sorted(names))

    def __enter__(self) -> Bundle:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the zip."""

    def open(self, name: str) -> io.BufferedReader:
        """A member for reading from its start; can seek.

        Raises:
            FormatError: no such member; or, then or while it is read, a member that is damaged or far larger than it
                may be.
        """
        raise NotImplementedError

    def where(self, name: str) -> str:
        """Name of a member for messages."""
        return f"{self.path}, {name}"

    def head(self, name: str, count: int = 4096) -> bytes:
        """The first bytes of a member."""
        with self.open(name) as file:
            return file.read(count)

    def folders(self) -> dict[str, list[str]]:
        """Members by the folder they are in, ``""`` being the top."""
        grouped: dict[str, list[str]] = {}
        for name in self.names:
            parent = str(PurePosixPath(name).parent)
            grouped.setdefault("" if parent == "." else parent, []).append(name)
        return grouped


def open_bundle(path: Path) -> Bundle:
    """Open a zip, a folder or a single file as a Bundle.

    Raises:
        FormatError: an empty file; a zip that is empty, damaged, cut off, locked with a password, packed by an unusual
            method, or made to do harm (a zip bomb, paths that lead outside).
    """
    path = Path(path)
    if path.is_dir():
        return _Folder(path)
    if looks_like_zip(path):
        return _Zip(path)
    return _File(path)


def looks_like_zip(path: Path) -> bool:
    """Whether a file is a zip, or by its name should be one; never raises."""
    if not path.is_file():
        return False
    if path.suffix.lower() == ".zip":
        return True
    try:
        with path.open("rb") as file:
            return file.read(4) in _ZIP_MAGIC
    except OSError:
        return False


def no_recording(path: Path) -> FormatError:
    """The error for a zip or folder in which no reader finds a recording: says what is in it.

    Raises:
        FormatError: a zip that cannot even be listed.
    """
    with open_bundle(path) as bundle:
        kind = "folder" if path.is_dir() else "zip"
        zips = sum(name.lower().endswith(".zip") for name in bundle.names)
        remedy = "Give one CSV of it, or export the recording again"
        if zips:
            remedy = f"Unpack it and give each of its {zips} zip(s) by itself"
        more = f" and {len(bundle.names) - 8} more" if len(bundle.names) > 8 else ""
        return FormatError(
            f"The {kind} holds no recording that is known here",
            where=str(path),
            expected="the files of one recording, such as TotalAcceleration.csv or Accelerometer.csv",
            got=(", ".join(name[:60] for name in bundle.names[:8]) + more) or "no files",
            remedy=remedy,
        )


class _File(Bundle):
    def __init__(self, path: Path) -> None:
        super().__init__(path, [path.name])

    def open(self, name: str) -> io.BufferedReader:
        if name != self.path.name:
            raise _no_member(self, name)
        return _open_regular(self.path, str(self.path))

    def where(self, name: str) -> str:
        return str(self.path)


class _Folder(Bundle):
    def __init__(self, path: Path) -> None:
        super().__init__(path, list(_walk(path)))
        self._known = frozenset(self.names)

    def open(self, name: str) -> io.BufferedReader:
        if name not in self._known:
            raise _no_member(self, name)
        return _open_regular(self.path / name, self.where(name))

    def where(self, name: str) -> str:
        return str(self.path / name)


class _Zip(Bundle):
    def __init__(self, path: Path) -> None:
        size = _checked_size(path)
        try:
            self._zip = zipfile.ZipFile(path)
        except _DAMAGE as error:
            raise _damaged(str(path), error) from None
        try:
            self._members = self._checked_members(path, size)
        except BaseException:
            self._zip.close()
            raise
        super().__init__(path, list(self._members))

    def _checked_members(self, path: Path, size: int) -> dict[str, zipfile.ZipInfo]:
        """Members by name, after a look at everything that a zip declares about itself."""
        members: dict[str, zipfile.ZipInfo] = {}
        infos = [info for info in self._zip.infolist() if not info.is_dir()]
        if not infos:
            raise FormatError(
                "The zip is empty",
                where=str(path),
                expected="the files of a recording",
                got="no file in it",
                remedy="Export the recording again",
            )
        for info in infos:
            name = info.filename.replace("\\", "/")
            parts = PurePosixPath(name).parts
            if name.startswith("/") or ".." in parts or (parts and parts[0][1:2] == ":"):
                raise FormatError(
                    "The zip names a file outside of itself",
                    where=str(path),
                    got=repr(name[:80]),
                    remedy="Do not trust this zip; ask for a fresh export",
                )
            if info.flag_bits & 0x1:
                raise FormatError(
                    "The zip is locked with a password",
                    where=f"{path}, {name}",
                    remedy="Unpack it and give the folder instead",
                )
            _check_declared(f"{path}, {name}", info.file_size, info.compress_size)
            if _is_leftover(parts):
                continue
            if name in members:
                raise FormatError(
                    "The zip holds two files of one name",
                    where=str(path),
                    got=repr(name[:80]),
                    remedy="Export the recording again",
                )
            members[name] = info
        # Members that share their packed bytes escape the check of each by itself.
        _check_declared(str(path), sum(info.file_size for info in infos), size, largest=None)
        return members

    def close(self) -> None:
        self._zip.close()

    def open(self, name: str) -> io.BufferedReader:
        if name not in self._members:
            raise _no_member(self, name)
        info = self._members[name]
        where = self.where(name)
        if info.compress_type not in _METHODS:
            raise FormatError(
                "The zip is packed by a method that is not read here",
                where=where,
                expected="no compression, or deflate",
                got=_METHOD_NAMES.get(info.compress_type, f"method {info.compress_type}"),
                remedy="Unpack it and give the folder instead",
            )
        try:
            raw = self._zip.open(info)
        except _DAMAGE as error:
            raise _damaged(where, error) from None
        return io.BufferedReader(_Counted(raw, where, info.file_size), buffer_size=1 << 18)


class _Counted(io.RawIOBase):
    """A member while it is read: counts what comes out and turns the unpacker's errors into ours."""

    def __init__(self, raw, where: str, declared: int) -> None:
        self._raw = raw
        self._where = where
        self._limit = min(declared, MAX_MEMBER_BYTES)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        try:
            data = self._raw.read(len(buffer))
            position = self._raw.tell()
        except _DAMAGE as error:
            raise _damaged(self._where, error) from None
        if position > self._limit:
            raise _bomb(self._where, f"more than the {self._limit} bytes it declares")
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        try:
            return self._raw.seek(offset, whence)
        except _DAMAGE as error:
            raise _damaged(self._where, error) from None

    def tell(self) -> int:
        return self._raw.tell()

    def close(self) -> None:
        self._raw.close()
        super().close()


def _checked_size(path: Path) -> int:
    """Size of a file that is to be a zip, after a look at its ends."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(4)
            file.seek(max(0, size - 66_000))  # the end record and the longest comment
            tail = file.read()
    except OSError as error:
        raise _unreadable(str(path), error) from None
    if size == 0:
        raise FormatError("The file is empty", where=str(path), got="0 bytes", remedy="Export the recording again")
    if head not in _ZIP_MAGIC:
        raise FormatError(
            "The file is named like a zip and is none",
            where=str(path),
            expected="a file that begins with b'PK'",
            got=f"a file of {size} bytes that begins with {head!r}",
            remedy="Export the recording again, or give the file its right name",
        )
    directory = _directory_bytes(tail)
    if directory > MAX_DIRECTORY_BYTES:
        raise FormatError(
            "The zip lists more files than any recording has",
            where=str(path),
            expected=f"at most {MAX_DIRECTORY_BYTES} bytes of file names",
            got=f"{directory} bytes",
            remedy="Unpack it and give the folder of one recording",
        )
    return size


def _directory_bytes(tail: bytes) -> int:
    """Declared size of the list of members, 0 where there is none (which the unpacker will report)."""
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 16:
        return 0
    size = struct.unpack_from("<I", tail, end + 12)[0]
    large = tail.rfind(b"PK\x06\x06")
    if size == 0xFFFFFFFF and large >= 0 and len(tail) >= large + 48:
        size = struct.unpack_from("<Q", tail, large + 40)[0]
    return size


def _check_declared(where: str, size: int, packed: int, largest: int | None = MAX_MEMBER_BYTES) -> None:
    if largest is not None and size > largest:
        raise _bomb(where, f"{size / 2**30:.1f} GiB, the limit is {largest / 2**30:.0f} GiB")
    if size > RATIO_FREE_BYTES and size > MAX_RATIO * max(packed, 1):
        raise _bomb(where, f"{size} bytes out of {packed}, the limit is {MAX_RATIO} to 1")


def _is_leftover(parts: tuple[str, ...]) -> bool:
    return not parts or parts[0] == "__MACOSX" or any(part.startswith(".") for part in parts)


def _walk(top: Path) -> Iterator[str]:
    """Regular files below a folder, hidden ones left out, as deep and as many as an export can be."""
    count = 0
    for folder, subfolders, files in os.walk(top, onerror=None, followlinks=False):
        inside = Path(folder).relative_to(top)
        subfolders[:] = sorted(s for s in subfolders if not _is_leftover((s,)))
        if len(inside.parts) >= MAX_FOLDER_DEPTH:
            subfolders.clear()
        for file in sorted(files):
            if _is_leftover((file,)):
                continue
            count += 1
            if count > MAX_FOLDER_FILES:
                return
            yield (inside / file).as_posix()


def _open_regular(path: Path, where: str) -> io.BufferedReader:
    if not path.is_file():  # a pipe or a device would block or never end
        raise FormatError("This is no file that can be read", where=where, remedy="Give a regular file")
    try:
        return path.open("rb")
    except OSError as error:
        raise _unreadable(where, error) from None


def _no_member(bundle: Bundle, name: str) -> FormatError:
    return FormatError(
        "A file of the export is missing",
        where=str(bundle.path),
        expected=name,
        got=", ".join(bundle.names[:12]) or "nothing",
        remedy="Export the recording again",
    )


def _unreadable(where: str, error: OSError) -> FormatError:
    return FormatError(
        "The file cannot be read",
        where=where,
        got=error.strerror or str(error),
        remedy="Check the path and the rights of the file",
    )


def _damaged(where: str, error: BaseException) -> FormatError:
    said = str(error) or type(error).__name__
    return FormatError(
        "The zip is damaged or cut off",
        where=where,
        got="no list of files at its end" if "not a zip file" in said else said,
        remedy="Copy or export it again, completely",
    )


def _bomb(where: str, got: str) -> FormatError:
    return FormatError(
        "The zip unpacks to far more than a recording can be",
        where=where,
        got=got,
        remedy="Do not trust this zip; unpack a genuine one and give the folder",
    )
