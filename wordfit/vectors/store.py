"""The cache of tables: a file of vectors is read once, then opened in milliseconds.

A table is kept under a hash of the whole content of its file and of how it was read. A receipt says which content
was seen at a path; it is believed while size, times and inode are the same and samples of the content agree, else
the content is hashed again. Tables appear whole or not at all, so two processes, a full disk or a killed writer leave
nothing broken; leftovers of a killed writer go after a day. Delete the folder at any time. WORDFIT_CACHE=off
switches it off.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from wordfit.files import archive_of, write_whole
from wordfit.vectors.formats.reading import Options, Rows
from wordfit.vectors.formats.recognised import Answer
from wordfit.vectors.tables import RowsInFile, table_folder

BLOCK = 1 << 20  # bytes hashed at a time
SAMPLES, SAMPLE = 16, 1024  # places that a receipt checks, and the bytes of each
DAY = 86400.0  # seconds


class Store:
    """The table of one file, read in one way."""

    def __init__(self, path: str | os.PathLike[str], options: Options) -> None:
        archive = archive_of(Path(path))
        self._path = archive or Path(path)
        self._name = Path(path).absolute()
        self._folder = table_folder()
        parts = [] if archive is None else [str(Path(path).relative_to(archive)).replace(os.sep, "-")]
        parts += ["lenient"] * options.lenient + [options.invalid] * (options.invalid != "replace")
        self._how = "".join(f"-{part}" for part in parts)
        self._seen = _identity(self._path)

    @staticmethod
    def serves(path: str | os.PathLike[str]) -> bool:
        """Can a file be kept: is it a regular one, and is the cache not switched off?"""
        return (
            os.environ.get("WORDFIT_CACHE") != "off"
            and str(path) != "-"
            and (os.path.isfile(path) or archive_of(Path(path)) is not None)
        )

    def known(self) -> Path | None:
        """The table of a file that was seen before and has not changed; no look at the whole content."""
        receipt = _read_json(self._receipt())
        if receipt is None or receipt.get("identity") != self._seen or receipt.get("samples") != self._samples():
            return None
        self._content = str(receipt.get("content"))
        return self._existing(self._content)

    def find(self) -> Path | None:
        """The table of a file by its content; the content is hashed if the path is not known."""
        known = self.known()
        if known is not None:
            return known
        self._content = content_hash(self._path)
        table = self._existing(self._content)
        if table is not None:
            self._write_receipt()
        return table

    def fill(self, read: Callable[[Rows], Answer]) -> Path:
        """Read the file into a new table; OSError where it cannot be written. Comes after `find`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._clear_leftovers()
        if shutil.disk_usage(self._folder).free < self._path.stat().st_size:
            raise OSError(f"too little space left in {self._folder}")
        table = self._table(self._content)
        with write_whole(table, "wb") as file:
            rows = RowsInFile(file)
            index, notes, others = read(rows)
            rows.finish(index, notes, others)
            if _identity(self._path) != self._seen:
                raise OSError("the file changed while it was read")
        self._write_receipt()
        return table

    def drop(self, table: Path) -> None:
        """Remove a table that does not open."""
        table.unlink(missing_ok=True)

    def _table(self, content: str) -> Path:
        return self._folder / f"{content}{self._how}.safetensors"

    def _existing(self, content: str) -> Path | None:
        table = self._table(content)
        return table if table.is_file() else None

    def _receipt(self) -> Path:
        name = hashlib.blake2b(os.fsencode(self._name), digest_size=16).hexdigest()
        return self._folder / "seen" / f"{name}.json"

    def _write_receipt(self) -> None:
        receipt = {
            "path": str(self._name),
            "identity": self._seen,
            "samples": self._samples(),
            "content": self._content,
        }
        with write_whole(self._receipt()) as file:
            json.dump(receipt, file)

    def _samples(self) -> str:
        """A hash of a few places of the file."""
        size = self._seen[0]
        digest = hashlib.blake2b(digest_size=16)
        with open(self._path, "rb", buffering=0) as file:
            for i in range(SAMPLES):
                file.seek(max(0, size - SAMPLE) * i // (SAMPLES - 1))
                digest.update(file.read(SAMPLE))
        return digest.hexdigest()

    def _clear_leftovers(self) -> None:
        for part in self._folder.glob(".*.part"):
            try:
                if time.time() - part.stat().st_mtime > DAY:
                    part.unlink()
            except FileNotFoundError:
                pass


def _identity(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, stat.S_IFMT(status.st_mode)]


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def content_hash(path: str | os.PathLike[str]) -> str:
    """A 128-bit hash of the whole content of a file (not a cryptographic one), 32 hexadecimal digits."""
    import numpy as np

    from wordfit.vectors.index import PADDING
    from wordfit.vectors.kernels import lines as kernels

    size = os.path.getsize(path)

    def hash_block(start: int) -> bytes:
        memory = bytearray(BLOCK + PADDING)
        with open(path, "rb", buffering=0) as file:
            file.seek(start)
            count = file.readinto(memoryview(memory)[:BLOCK])
        first, second = kernels.hash_content(np.frombuffer(memory, dtype=np.uint8), count)
        return int(first).to_bytes(8, "little") + int(second).to_bytes(8, "little")

    digest = hashlib.blake2b(size.to_bytes(8, "little"), digest_size=16)
    with ThreadPoolExecutor(2) as pool:
        for part in pool.map(hash_block, range(0, size, BLOCK)):
            digest.update(part)
    return digest.hexdigest()
