"""What every reader of vectors is given: what to read, and where rows go."""

from __future__ import annotations

import io
import os
import stat
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import numpy as np


@dataclass(frozen=True)
class Options:
    """What to read, and what to do with lines that are at fault."""

    words: frozenset[bytes] | None = None  # only these; None for all
    limit: int | None = None  # only the first so many words of the file
    lenient: bool = False  # leave lines at fault out and list them, rather than stop
    invalid: str = "replace"  # bytes that are not UTF-8: replace, keep, refuse


class Rows(Protocol):
    """Where rows go as they are read, in order: memory, or a file."""

    def start(self, width: int, guess: int) -> None:
        """Say how wide rows are, and about how many will come."""

    def add(self, values: np.ndarray) -> None:
        """Take rows (N, D)."""

    def room(self, count: int) -> np.ndarray:
        """Room for so many rows (N, D): what is filled in there and given to `add` next need not be copied."""


class RowsInMemory:
    """Rows gathered into one matrix; a good guess of their number spares a copy."""

    def start(self, width: int, guess: int) -> None:
        self._matrix = np.empty((guess, width), dtype=np.float32)
        self._size = 0

    def add(self, values: np.ndarray) -> None:
        room = self.room(len(values))
        if values.ctypes.data != room.ctypes.data:  # not filled in there already
            room[:] = values
        self._size += len(values)

    def room(self, count: int) -> np.ndarray:
        size = self._size + count
        if size > len(self._matrix):
            larger = np.empty((size + size // 2, self._matrix.shape[1]), dtype=np.float32)
            larger[: self._size] = self._matrix[: self._size]
            self._matrix = larger
        return self._matrix[self._size : size]

    def finish(self) -> np.ndarray:
        """The matrix (V, D) float32."""
        self._matrix.resize((self._size, self._matrix.shape[1]), refcheck=False)
        return self._matrix


def size_of(file: BinaryIO) -> int | None:
    """The bytes of a plain file; None for a pipe or a packed file."""
    if not (isinstance(file, io.BufferedReader) and isinstance(file.raw, io.FileIO)):
        return None
    status = os.fstat(file.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else None
