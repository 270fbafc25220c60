"""Downloads against a server of our own: broken off, gone on with, changed on the way, wrong."""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from anywear.data import Download, fetch
from anywear.errors import FormatError, UsageError

CONTENT = np.random.default_rng(0).bytes(900_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server:
    """Serves one file; ``cuts`` are bytes after which the next answers break off."""

    def __init__(self) -> None:
        self.content, self.tag, self.cuts, self.ranges, self.asked = CONTENT, '"one"', [], True, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.http.server_port}/set.zip"

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        wanted, condition = request.headers.get("Range"), request.headers.get("If-Range")
        self.asked.append(wanted)
        if request.path != "/set.zip":
            request.send_error(404)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        partial = bool(wanted) and self.ranges and condition == self.tag
        start = start if partial else 0
        request.send_response(206 if partial else 200)
        if partial:
            request.send_header("Content-Range", f"bytes {start}-{len(self.content) - 1}/{len(self.content)}")
        if self.tag:
            request.send_header("ETag", self.tag)
        request.send_header("Content-Length", str(len(self.content) - start))
        request.end_headers()
        cut = self.cuts.pop(0) if self.cuts else len(self.content)
        request.wfile.write(self.content[start : start + cut])

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    own = Server()
    yield own
    own.close()


def bring(server: Server, folder: Path, sha256: str | None = SHA256, **options) -> Path:
    return fetch(Download(server.url, "set.zip", sha256), folder, pause_s=0.0, **options)


def test_a_file_comes_whole(server, tmp_path):
    told: list[tuple[int, int | None]] = []
    path = bring(server, tmp_path, progress=lambda done, total: told.append((done, total)))
    assert path.read_bytes() == CONTENT and told[-1] == (len(CONTENT), len(CONTENT))
    assert [own.name for own in tmp_path.iterdir()] == ["set.zip"]
    bring(server, tmp_path)
    assert len(server.asked) == 1  # what is there is not asked for again


def test_a_broken_connection_is_gone_on_with(server, tmp_path):
    server.cuts = [300_000, 200_000]
    assert bring(server, tmp_path).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=300000-", "bytes=500000-"]


def test_a_later_run_goes_on(server, tmp_path):
    server.cuts = [100_000, 100_000, 100_000]
    with pytest.raises(UsageError, match="could not") as caught:
        bring(server, tmp_path)
    assert "300000" in str(caught.value.remedy) and not (tmp_path / "set.zip").exists()
    assert bring(server, tmp_path).read_bytes() == CONTENT
    assert server.asked[-1] == "bytes=300000-"


def test_an_interruption_keeps_what_came(server, tmp_path):
    def stop(done: int, total: int | None) -> None:
        if done >= 500_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring(server, tmp_path, progress=stop)
    assert bring(server, tmp_path).read_bytes() == CONTENT
    assert server.asked[1] is not None and int(server.asked[1][6:-1]) >= 500_000


def test_a_file_that_changed_meanwhile_is_begun_anew(server, tmp_path):
    server.cuts = [100_000] * 3
    with pytest.raises(UsageError):
        bring(server, tmp_path)
    server.content, server.tag = CONTENT[::-1], '"two"'
    path = bring(server, tmp_path, hashlib.sha256(CONTENT[::-1]).hexdigest())
    assert path.read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize(("ranges", "tag"), [(False, '"one"'), (True, ""), (True, 'W/"weak"')])
def test_servers_that_cannot_go_on_send_all_again(server, tmp_path, ranges, tag):
    server.ranges, server.tag, server.cuts = ranges, tag, [100_000]
    assert bring(server, tmp_path).read_bytes() == CONTENT


def test_a_wrong_checksum_is_refused_and_costs_nothing_else(server, tmp_path):
    (tmp_path / "other.zip").write_bytes(b"kept")
    server.content = b"x" + CONTENT[1:]
    with pytest.raises(FormatError, match="wrong checksum"):
        bring(server, tmp_path)
    assert [own.name for own in tmp_path.iterdir()] == ["other.zip"]
    server.content = CONTENT
    assert bring(server, tmp_path).read_bytes() == CONTENT
    assert (tmp_path / "other.zip").read_bytes() == b"kept"


def test_a_damaged_file_that_is_there_is_fetched_again(server, tmp_path):
    (tmp_path / "set.zip").write_bytes(b"half")
    assert bring(server, tmp_path).read_bytes() == CONTENT


def test_without_a_checksum_what_came_is_taken(server, tmp_path):
    assert bring(server, tmp_path, None).read_bytes() == CONTENT


def test_what_cannot_be_reached(server, tmp_path):
    with pytest.raises(UsageError, match="could not") as caught:
        fetch(Download(server.url.replace("set", "none"), "a.zip"), tmp_path, pause_s=0.0)
    assert "404" in str(caught.value.got)
    server.close()
    with pytest.raises(UsageError, match="could not"):
        bring(server, tmp_path)


def test_a_file_url(tmp_path):
    (tmp_path / "there.zip").write_bytes(CONTENT)
    path = fetch(Download((tmp_path / "there.zip").as_uri(), "here.zip", SHA256), tmp_path / "new")
    assert path.read_bytes() == CONTENT
