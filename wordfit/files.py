"""Open compressed files by their content, and write files and folders whole or not at all."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import shutil
import struct
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from wordfit.errors import InputError

MAGIC = {"gzip": b"\x1f\x8b", "bzip2": b"BZh", "xz": b"\xfd7zXZ\x00", "zip": b"PK\x03\x04"}
DAMAGED = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, gzip.BadGzipFile)


def compression(head: bytes) -> str | None:
    """Name the compression by a file's first bytes; None for plain."""
    return next((name for name, magic in MAGIC.items() if head.startswith(magic)), None)


def open_bytes(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file unpacked: plain, gzip, bzip2, xz, or a zip with one member; `-` is standard input.

    `archive.zip/member` opens one of several members.
    """
    if str(path) == "-":
        return _unpacked(path, cast(io.BufferedReader, sys.stdin.buffer))
    archive = archive_of(Path(path))
    if archive is not None:
        return _member(archive, str(Path(path).relative_to(archive)))
    try:
        file = open(path, "rb")  # noqa: SIM115 - the caller closes it
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: expected a file, found a folder") from None
    except PermissionError:
        raise InputError(f"{path}: may not be read (permission denied)") from None
    try:
        opened = _unpacked(path, file)
    except BaseException:
        file.close()
        raise
    return opened if opened is file else cast(BinaryIO, _Closing(opened, file))


class _Closing(io.BufferedReader):
    """An unpacked file that closes the packed one with it."""

    def __init__(self, unpacked: BinaryIO, packed: BinaryIO) -> None:
        super().__init__(cast(io.RawIOBase, unpacked), 1 << 16)
        self._packed = packed

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._packed.close()


def open_text(path: str | os.PathLike[str], encoding: str = "utf-8-sig") -> io.TextIOWrapper:
    """Open a file for reading as text, unpacked; line ends stay as they are, a byte order mark goes."""
    return io.TextIOWrapper(open_bytes(path), encoding=encoding, newline="")


@contextmanager
def damage_named(path: str | os.PathLike[str]) -> Iterator[None]:
    """Say which file it was when packed data turn out damaged or cut off."""
    try:
        yield
    except DAMAGED as error:
        raise InputError(f"{path}: the packed data are damaged or cut off ({error}). Fetch it again.") from None
    except OSError as error:
        if error.errno is not None or isinstance(error, io.UnsupportedOperation):
            raise
        raise InputError(f"{path}: the packed data are damaged ({error}). Fetch it again.") from None


class Unpacked(io.BufferedReader):
    """The unpacked side of a packed file; closing it closes the file below too."""

    def __init__(self, unpacker: Any, file: BinaryIO) -> None:
        super().__init__(unpacker)
        self._file = file

    def close(self) -> None:
        """Close both."""
        super().close()
        self._file.close()


def _unpacked(path: str | os.PathLike[str], file: io.BufferedReader) -> BinaryIO:
    packed = compression(file.peek(8)[:8])
    if packed == "gzip":
        return Unpacked(gzip.GzipFile(fileobj=file), file)
    if packed == "bzip2":
        return Unpacked(bz2.BZ2File(file), file)
    if packed == "xz":
        return Unpacked(lzma.LZMAFile(file), file)
    if packed == "zip":
        whole = file if file.seekable() else io.BytesIO(file.read())
        return _only_member(path, cast(BinaryIO, whole))
    return file


def _only_member(path: str | os.PathLike[str], file: BinaryIO) -> BinaryIO:
    archive = open_zip(path, file)
    members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
    if len(members) != 1:
        names = ", ".join(m.filename for m in members[:8]) or "none"
        example = f" Name one: {path}/{members[0].filename}" if members else ""
        raise InputError(f"{path}: expected a zip with one file, found {len(members)}: {names}.{example}")
    with archive:  # the member keeps the archive open until it is closed
        return _opened(path, archive, members[0])


def _opened(path: str | os.PathLike[str], archive: zipfile.ZipFile, member: str | zipfile.ZipInfo) -> BinaryIO:
    try:
        return cast(BinaryIO, archive.open(member))
    except (OSError, RuntimeError, ValueError, struct.error) as error:  # encrypted, packed in no known way, damaged
        raise InputError(f"{path}: the zip archive cannot be unpacked ({error}). Fetch it again.") from None


def open_zip(path: str | os.PathLike[str], file: BinaryIO | None = None) -> zipfile.ZipFile:
    """Open a zip archive, or say that it is damaged."""
    try:
        return zipfile.ZipFile(file or path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        raise InputError(f"{path}: the zip archive is damaged or cut off ({error}). Fetch it again.") from None


def archive_of(path: Path) -> Path | None:
    """The zip archive that a path leads into, if it does."""
    for parent in path.parents:
        if parent.is_file():
            with open(parent, "rb") as file:
                return parent if compression(file.read(8)) == "zip" else None
    return None


def _member(archive: Path, name: str) -> BinaryIO:
    with open_zip(archive) as members:
        if name not in members.namelist():
            names = ", ".join(members.namelist()[:8])
            raise InputError(f"{archive}: expected a member {name}, found: {names}")
        return _opened(archive, members, name)


def check_writable(path: str | os.PathLike[str]) -> None:
    """Say that a file cannot be written, before the work whose outcome it should hold."""
    target = Path(path).absolute()
    above = next(parent for parent in target.parents if parent.exists())
    if target.is_dir():
        raise InputError(f"{path}: expected a file to write, found a folder. Name a file in it.")
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise InputError(f"{path}: cannot be written: {above} is no folder that may be written to. Name another place.")


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
