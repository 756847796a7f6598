"""Open compressed files by their content, and write files and folders whole or not at all."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from wordfit.errors import InputError

MAGIC = {"gzip": b"\x1f\x8b", "bzip2": b"BZh", "xz": b"\xfd7zXZ\x00", "zip": b"PK\x03\x04"}


def compression(head: bytes) -> str | None:
    """Name the compression by a file's first bytes; None for plain."""
    return next((name for name, magic in MAGIC.items() if head.startswith(magic)), None)


def open_bytes(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file unpacked: plain, gzip, bzip2, xz, or a zip with one member; `-` is standard input."""
    if str(path) == "-":
        return sys.stdin.buffer
    try:
        file = open(path, "rb")  # noqa: SIM115 - the caller closes it
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: expected a file, found a folder") from None
    except PermissionError:
        raise InputError(f"{path}: may not be read (permission denied)") from None
    head = file.peek(8)[:8]
    packed = compression(head)
    if packed == "gzip":
        return cast(BinaryIO, gzip.GzipFile(fileobj=file))
    if packed == "bzip2":
        return cast(BinaryIO, bz2.BZ2File(file))
    if packed == "xz":
        return cast(BinaryIO, lzma.LZMAFile(file))
    if packed == "zip":
        return _only_member(path, file)
    return file


def open_text(path: str | os.PathLike[str], encoding: str = "utf-8-sig") -> io.TextIOWrapper:
    """Open a file for reading as text, unpacked; line ends stay as they are, a byte order mark goes."""
    return io.TextIOWrapper(open_bytes(path), encoding=encoding, newline="")


def _only_member(path: str | os.PathLike[str], file: BinaryIO) -> BinaryIO:
    archive = zipfile.ZipFile(file)
    members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
    if len(members) != 1:
        names = ", ".join(m.filename for m in members[:8]) or "none"
        raise InputError(
            f"{path}: expected a zip with one file, found {len(members)}: {names}. Unpack the one you mean."
        )
    return cast(BinaryIO, archive.open(members[0]))


@contextmanager
def write_whole(path: str | os.PathLike[str], mode: str = "w") -> Iterator[IO[Any]]:
    """Write a file that appears whole or not at all: into a neighbour first, then renamed over `path`."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    text = {} if "b" in mode else {"encoding": "utf-8", "newline": "\n"}
    try:
        with os.fdopen(handle, mode, **text) as file:  # type: ignore[call-overload]
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def write_folder_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Fill a folder that appears whole or not at all; an earlier one at `path` is replaced at the end."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    name = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
    os.chmod(name, 0o777 & ~_umask())
    try:
        yield name
        if target.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".old", dir=target.parent))
            os.replace(target, old / target.name)
            os.replace(name, target)
            shutil.rmtree(old)
        else:
            os.replace(name, target)
    except BaseException:
        shutil.rmtree(name, ignore_errors=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
