"""Words as arrays: their bytes one after the other, cut by offsets, with a hash table to find them.

Opened from a file, nothing is rebuilt: a look-up touches a slot and the bytes of one word. Words that are not
UTF-8 keep their bytes (as surrogates in Python).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

import numpy as np

_FACTOR, _WORD = 0x9E3779B97F4A7C15, 2**64 - 1
PADDING = 64  # bytes that follow the last word, for the kernels
MANY = 50_000  # so many look-ups are worth loading the kernels for


def encode(word: str) -> bytes:
    """The bytes of a word in a file."""
    return word.encode("utf-8", "surrogateescape")


def hash_word(word: bytes) -> int:
    """The hash of a word; `kernels.hash_word` says the same, compiled."""
    value = len(word)
    for start in range(0, len(word), 8):
        value = ((value ^ int.from_bytes(word[start : start + 8], "little")) * _FACTOR) & _WORD
        value ^= value >> 32
    return value


class WordIndex(Mapping[str, int]):
    """Word to row and back over three arrays: bytes (N,) uint8, offsets (V + 1,) int64, table (S,) int32."""

    def __init__(self, text: np.ndarray, offsets: np.ndarray, table: np.ndarray) -> None:
        self.text, self.offsets, self.table = text, offsets, table
        self._text, self._offsets, self._table = (a.data for a in (text, offsets, table))
        self._mask = len(table) - 1

    def __reduce__(self) -> tuple[Any, ...]:
        return WordIndex, (self.text, self.offsets, self.table)  # memory views cannot be pickled

    def row(self, word: str) -> int:
        """The row of a word, -1 where it is missing."""
        try:
            sought = encode(word)
        except UnicodeEncodeError:  # a lone surrogate, which no file can hold
            return -1
        slot = hash_word(sought) & self._mask
        while (row := self._table[slot]) >= 0:
            if self._text[self._offsets[row] : self._offsets[row + 1]] == sought:
                return row
            slot = (slot + 1) & self._mask
        return -1

    def rows(self, words: Sequence[str]) -> np.ndarray:
        """The row of each word, -1 where it is missing: (N,) int64."""
        if len(words) < MANY:
            return np.fromiter((self.row(word) for word in words), dtype=np.int64, count=len(words))
        from wordfit.vectors import packing  # the kernels load numba

        return packing.find(self, words)

    def __getitem__(self, word: str) -> int:
        row = self.row(word) if isinstance(word, str) else -1
        if row < 0:
            raise KeyError(word)
        return row

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self.row(word) >= 0

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    @property
    def words(self) -> WordList:
        """The words in the order of their rows."""
        return WordList(self.text, self.offsets)


class WordList(Sequence[str]):
    """The words in the order of their rows, decoded when asked for."""

    def __init__(self, text: np.ndarray, offsets: np.ndarray) -> None:
        self._array, self._text, self._offsets = text, text.data, offsets

    def __reduce__(self) -> tuple[Any, ...]:
        return WordList, (self._array, self._offsets)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> list[str]: ...
    def __getitem__(self, row: Any) -> str | list[str]:
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        if not -len(self) <= row < len(self):
            raise IndexError(f"row {row} of {len(self)} words")
        row %= len(self)
        return self._decode(self._offsets[row], self._offsets[row + 1])

    def __iter__(self) -> Iterator[str]:
        cuts = self._offsets.tolist()
        return map(self._decode, cuts, cuts[1:])

    def _decode(self, start: int, end: int) -> str:
        return bytes(self._text[start:end]).decode("utf-8", "surrogateescape")

    def __eq__(self, other: object) -> bool:
        """Equal to any sequence of the same words."""
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(repr(word) for word in self[:3])
        return f"<{len(self):,} words: {shown}{', ...' if len(self) > 3 else ''}>"


def join(words: Iterable[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Words to their bytes one after the other, padded for the kernels, and offsets (V + 1,) int64."""
    parts = list(words)
    offsets = np.zeros(len(parts) + 1, dtype=np.int64)
    np.cumsum([len(part) for part in parts], out=offsets[1:])
    return np.frombuffer(bytearray(b"".join([*parts, bytes(PADDING)])), dtype=np.uint8), offsets
