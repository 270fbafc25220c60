"""Downloads that can be broken off and gone on with, and whose checksum is compared before they count.

What has come so far lies beside the target as ``NAME.part``, with ``NAME.part.json`` that says of what. Going on asks the
server for the rest (HTTP Range), on the condition that its file is still the same (If-Range); a server that cannot do
that sends all of it again. Only a whole file with the right checksum gets the target's name.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..corpus.store import sha256_of
from ..errors import FormatError, UsageError

BLOCK_BYTES = 1 << 18
TIMEOUT_S = 60.0
ATTEMPTS = 3
_BROKEN = (http.client.HTTPException, ConnectionError, TimeoutError)


@dataclass(frozen=True)
class Download:
    """A file on a server.

    Attributes:
        url: where it is; http, https or file.
        name: what it is called here.
        sha256: what its bytes have to hash to; None where nobody published it.
    """

    url: str
    name: str
    sha256: str | None = None


def fetch(
    download: Download, folder: Path, *, progress: Callable[[int, int | None], None] | None = None, pause_s: float = 1.0
) -> Path:
    """Bring a file into a folder, or go on where it was broken off; a file that is there with the right checksum stays.

    Args:
        download: what.
        folder: where to; made when missing.
        progress: told the bytes so far and in all (None when the server does not say).
        pause_s: wait before each further attempt.

    Raises:
        UsageError: the server cannot be reached, or the connection breaks again and again; what came so far is kept.
        FormatError: the checksum is wrong; the file is thrown away, and may be fetched again.
    """
    target = folder / download.name
    if target.is_file() and (download.sha256 is None or sha256_of(target) == download.sha256):
        return target
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{download.name}.part"
    about = folder / f"{download.name}.part.json"
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _bring(download, part, about, progress)
            break
        except urllib.error.HTTPError as error:
            raise _unreachable(download, f"HTTP {error.code} {error.reason}") from error
        except (*_BROKEN, urllib.error.URLError) as error:
            if attempt == ATTEMPTS:
                raise _unreachable(download, str(getattr(error, "reason", error)), part) from error
            time.sleep(pause_s)
    found = sha256_of(part)
    if download.sha256 is not None and found != download.sha256:
        part.unlink()
        about.unlink(missing_ok=True)
        raise FormatError(
            "The file that came has the wrong checksum and was thrown away", where=download.url,
            expected=f"sha256 {download.sha256}", got=found, remedy="Try again; other files are not touched",
        )  # fmt: skip
    part.replace(target)
    about.unlink(missing_ok=True)
    return target


def _bring(
    download: Download, part: Path, about: Path, progress: Callable[[int, int | None], None] | None
) -> None:  # fmt: skip
    request = urllib.request.Request(download.url, headers={"User-Agent": "anywear", "Accept-Encoding": "identity"})
    before, validator = _so_far(download, part, about)
    if before:
        request.add_header("Range", f"bytes={before}-")
        request.add_header("If-Range", validator)
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
        rest = getattr(answer, "status", None) == 206 and _starts_at(answer.headers.get("Content-Range")) == before
        before = before if rest else 0
        length = answer.headers.get("Content-Length")
        total = before + int(length) if length and length.isdigit() else None
        validator = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
        about.write_text(json.dumps({"url": download.url, "validator": validator}), encoding="utf-8")
        done = before
        with part.open("ab" if rest else "wb") as file:
            while block := answer.read(BLOCK_BYTES):
                file.write(block)
                done += len(block)
                if progress is not None:
                    progress(done, total)
        if total is not None and done < total:
            raise ConnectionError(f"the connection ended after {done} of {total} bytes")


def _so_far(download: Download, part: Path, about: Path) -> tuple[int, str]:
    """Bytes that are there of the same file, and what tells that the server's is still the same; 0 to start anew."""
    try:
        said = json.loads(about.read_text(encoding="utf-8"))
        validator = str(said["validator"])
        weak = validator.startswith("W/")  # a weak tag does not promise equal bytes
        if said["url"] == download.url and validator and not weak:
            return part.stat().st_size, validator
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return 0, ""


def _starts_at(content_range: str | None) -> int | None:
    try:
        return int((content_range or "").removeprefix("bytes ").split("-")[0])
    except ValueError:
        return None


def _unreachable(download: Download, got: str, part: Path | None = None) -> UsageError:
    kept = part.stat().st_size if part is not None and part.is_file() else 0
    remedy = "Run the same command again"
    return UsageError(
        "The file could not be fetched", where=download.url, got=got,
        remedy=f"{remedy}: it goes on after {kept} bytes" if kept else f"{remedy} later, or give it with --from PATH",
    )  # fmt: skip
