"""Fetch published vectors: resumed where a transfer was cut, checked, kept, and said in one line when offline."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from wordfit import __version__
from wordfit.errors import InputError
from wordfit.files import write_whole
from wordfit.vectors.named_sets import NAMED_SETS, RemoteFile, home_of

CHUNK = 1 << 20  # bytes read at a time
TRIES = 5  # transfers without progress before it gives up
PATIENCE = 30.0  # seconds without a byte
WAIT = 1.0  # seconds before the second try; doubled for each further one
AGAIN = (408, 425, 429, 500, 502, 503, 504)  # statuses that may pass
Progress = Callable[[str, int, int | None], None]  # file, bytes there, bytes in all


class Cut(Exception):
    """A transfer ended early; the next try goes on from there."""


def download(name: str, folder: str | os.PathLike[str] | None = None, progress: Progress | None = None) -> Path:
    """Fetch a named set into a folder (the user's cache if none is given); the path to load comes back."""
    if name not in NAMED_SETS:
        near = [known for known in NAMED_SETS if name.lower() in known.lower()] or list(NAMED_SETS)
        raise InputError(f"{name!r} is not a named set. Known are: {', '.join(near)}")
    named, home = NAMED_SETS[name], home_of(name, folder)
    for file in named.files:
        fetch(file, home / file.name, progress)
    return home / named.opens


def fetch(file: RemoteFile, target: Path, progress: Progress | None = None) -> None:
    """Fetch one file to `target`, which appears whole and checked or not at all; a part of it is kept for next time."""
    if target.is_file() and (file.size is None or target.stat().st_size == file.size):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    with _alone(part):
        if target.is_file() and (file.size is None or target.stat().st_size == file.size):
            return  # another process fetched it meanwhile
        total = _transfer(file, part, progress)
        _check(file, part, total)
        os.replace(part, target)
        _tag(part).unlink(missing_ok=True)
        _note_source(file, target)


@contextmanager
def _alone(part: Path) -> Iterator[None]:
    """One process at a time, where the system has such locks; a killed one leaves none."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with open(part.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
        Path(lock.name).unlink(missing_ok=True)  # not after a fault: another may be waiting for it, to try itself


def _transfer(file: RemoteFile, part: Path, progress: Progress | None) -> int | None:
    """Fetch until the part is whole; the bytes that the server says there are come back."""
    failures, wait = 0, WAIT
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            return _once(file, part, progress)
        except (Cut, http.client.HTTPException, ConnectionError, TimeoutError, urllib.error.URLError) as error:
            if _hopeless(error):
                raise _said(file, error) from None
            after = part.stat().st_size if part.exists() else 0
            failures = 0 if after > before else failures + 1
            if failures >= TRIES or (failures and _unreachable(error)):
                raise _said(file, error) from None
            if failures:
                time.sleep(wait)
                wait *= 2


def _once(file: RemoteFile, part: Path, progress: Progress | None) -> int | None:
    """One request for what is missing of a file."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(file.address, headers={"User-Agent": f"wordfit/{__version__}"})
    tag = _tag(part).read_text() if have and _tag(part).exists() else ""
    if have and tag:
        request.add_header("Range", f"bytes={have}-")
        request.add_header("If-Range", tag)  # a file that changed is sent from its start
    try:
        answer = urllib.request.urlopen(request, timeout=PATIENCE)
    except urllib.error.HTTPError as error:
        if error.code == 416:  # nothing is missing, or another file
            _tag(part).unlink(missing_ok=True)
            total = _total(error.headers.get("Content-Range"))
            if total == have:
                return total
            part.unlink()
            raise Cut("the server no longer has this part") from None
        raise
    with answer:
        whole = answer.status != 206 or not _starts_at(answer.headers.get("Content-Range"), have)
        if whole and answer.status == 206:
            part.unlink()
            raise Cut("the server sent another part than was asked for")
        length = answer.headers.get("Content-Length")
        start = 0 if whole else have
        total = start + int(length) if length and length.isdigit() else None
        tag = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
        _tag(part).write_text("" if tag.startswith("W/") else tag)
        _copy(answer, part, start, total, file.name, progress)
    return total


def _copy(answer: Any, part: Path, start: int, total: int | None, name: str, progress: Progress | None) -> None:
    done = start
    with open(part, "ab" if start else "wb") as out:
        while data := answer.read(CHUNK):
            out.write(data)
            done += len(data)
            if progress:
                progress(name, done, total)
    if total is not None and done < total:
        raise Cut(f"{done:,} of {total:,} bytes came")


def _tag(part: Path) -> Path:
    return part.with_suffix(".tag")


def _starts_at(content_range: str | None, place: int) -> bool:
    return bool(content_range) and str(content_range).startswith(f"bytes {place}-")


def _total(content_range: str | None) -> int | None:
    end = (content_range or "").rpartition("/")[2]
    return int(end) if end.isdigit() else None


def _hopeless(error: Exception) -> bool:
    return isinstance(error, urllib.error.HTTPError) and error.code not in AGAIN


def _unreachable(error: Exception) -> bool:
    """Does no server answer at all?"""
    return isinstance(error, urllib.error.URLError) and not isinstance(error, urllib.error.HTTPError)


def _said(file: RemoteFile, error: Exception) -> InputError:
    host = urlsplit(file.address).netloc
    if isinstance(error, urllib.error.HTTPError):
        return InputError(f"{file.name}: {host} answered {error.code} {error.reason} ({file.address})")
    if _unreachable(error):
        return InputError(f"{file.name}: {host} cannot be reached. Is there a network? What came so far is kept.")
    return InputError(f"{file.name}: the transfer from {host} kept being cut ({error}). Run it again to go on.")


def _check(file: RemoteFile, part: Path, total: int | None) -> None:
    """Compare with the size and the checksum that are known; a part that differs is removed."""
    size = part.stat().st_size
    expected = file.size if file.size is not None else total
    if expected is not None and size != expected:
        _discard(part)
        raise InputError(f"{file.name}: expected {expected:,} bytes, found {size:,}. It was removed; fetch it again.")
    if file.checksum is None:
        return
    kind, _, wanted = file.checksum.partition(":")
    with open(part, "rb") as data:
        digest = hashlib.new(kind, usedforsecurity=False)
        while block := data.read(CHUNK):
            digest.update(block)
    if digest.hexdigest() != wanted:
        _discard(part)
        raise InputError(
            f"{file.name}: expected {kind} {wanted}, found {digest.hexdigest()}. It was removed; fetch it again."
        )


def _discard(part: Path) -> None:
    part.unlink()
    _tag(part).unlink(missing_ok=True)


def _note_source(file: RemoteFile, target: Path) -> None:
    """Note where a file came from, beside it."""
    with write_whole(target.with_name(target.name + ".source.json")) as out:
        json.dump({"address": file.address, "size": target.stat().st_size, "checksum": file.checksum}, out)
