"""Many words at once, compiled: build a `WordIndex`, add to it, look up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wordfit.vectors.index import PADDING, WordIndex, encode, join
from wordfit.vectors.kernels import lines as kernels


class GrowingIndex:
    """Words added batch by batch; a word met again is not added, and said so."""

    def __init__(self, capacity: int = 4096) -> None:
        self.size = 0
        self._text = np.zeros(capacity * 8 + PADDING, dtype=np.uint8)
        self._offsets = np.zeros(capacity + 1, dtype=np.int64)
        self._table = np.full(_slots(capacity), -1, dtype=np.int32)

    def add(self, text: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """Add the words that stand in a text between starts and ends; (N,) bool says which were new."""
        size = self.size + len(starts)
        self._reserve(size, int(self._offsets[self.size]) + int((ends - starts).sum()))
        fresh = np.empty(len(starts), dtype=np.bool_)
        self.size = kernels.insert_words(
            text, starts, ends, len(starts), self._text, self._offsets, self._table, self.size, fresh
        )
        return fresh

    def finish(self) -> WordIndex:
        """The index of all words added; no more can be added."""
        used = int(self._offsets[self.size])
        self._text.resize(used + PADDING, refcheck=False)
        self._text[used:] = 0
        self._offsets.resize(self.size + 1, refcheck=False)
        return WordIndex(self._text, self._offsets, self._table)

    def _reserve(self, size: int, length: int) -> None:
        if length + PADDING > len(self._text):
            self._text.resize(2 * length + PADDING, refcheck=False)
        if size + 1 > len(self._offsets):
            self._offsets.resize(2 * size + 1, refcheck=False)
        if 2 * size > len(self._table):
            self._table = np.full(_slots(size), -1, dtype=np.int32)
            kernels.fill_table(self._text, self._offsets, self.size, self._table)


def _slots(size: int) -> int:
    """Slots for so many words: a power of two, at most half of them taken."""
    return 1 << max(2 * size - 1, 7).bit_length()


def pack(words: Sequence[str]) -> WordIndex:
    """An index of words that are all different."""
    return pack_bytes([encode(word) for word in words])


def pack_bytes(words: Sequence[bytes]) -> WordIndex:
    """An index of words, given as bytes, that are all different."""
    text, offsets = join(words)
    table = np.full(_slots(len(words)), -1, dtype=np.int32)
    kernels.fill_table(text, offsets, len(words), table)
    return WordIndex(text, offsets, table)


def find(index: WordIndex, words: Sequence[str]) -> np.ndarray:
    """The row of each word, -1 where it is missing: (N,) int64."""
    text, offsets = join([word.encode("utf-8", "surrogatepass") for word in words])
    rows = np.empty(len(words), dtype=np.int64)
    kernels.find_words(text, offsets[:-1], offsets[1:], index.text, index.offsets, index.table, rows)
    return rows
