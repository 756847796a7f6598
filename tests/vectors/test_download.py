"""Fetching from a local server that cuts, lies and resumes as real ones do."""

import hashlib
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from wordfit import InputError, WordVectors
from wordfit.vectors import download as module
from wordfit.vectors.download import download, fetch
from wordfit.vectors.named_sets import NAMED_SETS, NamedSet, RemoteFile

CONTENT = bytes(range(256)) * 8192  # 2 MB


class Server(ThreadingHTTPServer):
    """What it serves, how it misbehaves, and what it was asked."""

    daemon_threads = True
    content, etag, ranges, cut_at, status = CONTENT, '"one"', True, [], []

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.cut_at, self.status = [], []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        asked = self.headers.get("Range", "")
        self.server.asked.append(asked)
        if self.server.status:
            self.send_response(self.server.status.pop(0))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) if asked and self.server.ranges else 0
        if start and self.headers.get("If-Range") != self.server.etag:
            start = 0
        content = self.server.content
        if asked and start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.send_header("ETag", self.server.etag)
        self.end_headers()
        end = self.server.cut_at.pop(0) if self.server.cut_at else len(content)
        self.wfile.write(content[start:end])
        if end < len(content):
            self.close_connection = True

    def log_message(self, *given: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(module, "WAIT", 0.001)
    running = Server()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def remote(server: Server, size: int | None = None, checksum: str | None = None) -> RemoteFile:
    return RemoteFile(f"http://127.0.0.1:{server.server_address[1]}/file.bin", size, checksum)


SHA256 = "sha256:" + hashlib.sha256(CONTENT).hexdigest()


def test_a_file_is_fetched_checked_and_not_fetched_again(server, tmp_path):
    seen = []
    for _ in range(2):
        fetch(remote(server, len(CONTENT), SHA256), tmp_path / "f", lambda *said: seen.append(said))
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert len(server.asked) == 1
    assert seen[-1] == ("file.bin", len(CONTENT), len(CONTENT))
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_cut_connections_go_on_where_they_stopped(server, tmp_path):
    server.cut_at = [500_000, 1_200_000]
    fetch(remote(server, checksum=SHA256), tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert server.asked == ["", "bytes=500000-", "bytes=1200000-"]


def test_an_interrupted_run_is_taken_up_by_the_next(server, tmp_path):
    def stop(name: str, done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(remote(server), tmp_path / "f", stop)
    assert not (tmp_path / "f").exists()
    fetch(remote(server, checksum=SHA256), tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert server.asked[1].startswith("bytes=")


def test_a_file_that_changed_meanwhile_is_fetched_from_its_start(server, tmp_path):
    (tmp_path / ".f.part").write_bytes(b"old" * 1000)
    (tmp_path / ".f.tag").write_text('"older"')
    fetch(remote(server, checksum=SHA256), tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert server.asked == ["bytes=3000-"]


def test_a_server_without_ranges_starts_over(server, tmp_path):
    server.ranges = False
    server.cut_at = [700_000]
    fetch(remote(server, checksum=SHA256), tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == CONTENT


def test_a_part_that_is_whole_already_is_taken(server, tmp_path):
    (tmp_path / ".f.part").write_bytes(CONTENT)
    (tmp_path / ".f.tag").write_text('"one"')
    fetch(remote(server, checksum=SHA256), tmp_path / "f")
    assert (tmp_path / "f").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("size", "checksum", "said"),
    [
        (None, "sha256:" + "0" * 64, "expected sha256 000"),
        (None, "md5:" + "0" * 32, "expected md5"),
        (5, None, "expected 5 bytes"),
    ],
)
def test_a_wrong_checksum_or_size_is_said_and_nothing_is_kept(server, tmp_path, size, checksum, said):
    with pytest.raises(InputError, match=said):
        fetch(remote(server, size, checksum), tmp_path / "f")
    assert [p.name for p in tmp_path.iterdir() if p.suffix != ".lock"] == []


def test_passing_trouble_is_waited_for_and_lasting_trouble_is_said(server, tmp_path):
    server.status = [503, 429]
    fetch(remote(server, checksum=SHA256), tmp_path / "f")
    server.status = [404]
    with pytest.raises(InputError, match="answered 404"):
        fetch(remote(server), tmp_path / "g")
    server.status = [500] * 9
    with pytest.raises(InputError, match="answered 500"):
        fetch(remote(server), tmp_path / "h")
    server.status, server.cut_at = [], [100_000] * 20
    server.ranges = False
    with pytest.raises(InputError, match="kept being cut"):
        fetch(remote(server), tmp_path / "i")


def test_offline_it_says_so_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "WAIT", 0.001)
    with pytest.raises(InputError, match="cannot be reached. Is there a network") as caught:
        fetch(RemoteFile("http://127.0.0.1:9/file.bin"), tmp_path / "f")
    assert "\n" not in str(caught.value)


def test_a_named_set_is_loaded_by_its_name(server, some, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    some.save(tmp_path / "v.txt")
    server.content = (tmp_path / "v.txt").read_bytes()
    monkeypatch.setitem(NAMED_SETS, "tiny", NamedSet("a test", (remote(server),), "file.bin"))
    with pytest.raises(InputError, match="wordfit vectors download tiny"):
        WordVectors.load("tiny")
    download("tiny")
    assert list(WordVectors.load("tiny")) == list(some)
    with pytest.raises(InputError, match="not a named set. Known are: glove.840B.300d"):
        download("840b")


def test_the_table_of_sets_is_sound():
    assert {"glove.6B.100d", "glove.42B.300d", "glove.840B.300d", "glove.twitter.27B.25d"} <= set(NAMED_SETS)
    for name, named in NAMED_SETS.items():
        for file in named.files:
            assert file.address.startswith("https://"), name
            kind, _, digest = (file.checksum or "md5:" + "0" * 32).partition(":")
            assert len(digest) == 2 * hashlib.new(kind).digest_size, name
