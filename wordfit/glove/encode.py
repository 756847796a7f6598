"""Turn text into word numbers at the speed of the disk: a hash table in a compiled kernel.

Words get numbers in the order in which they first occur; which of them are kept, and in what order, is decided
later (`words`). Tokens are separated by space or tab, lines by a newline; a carriage return is dropped, as in
Stanford's tools. Whatever cuts text into tokens (a tokenizer) comes before this file.
"""

from __future__ import annotations

import numpy as np
from numba import njit

NEWLINE, TAB, SPACE = 10, 9, 32
LINE_END = -1  # stands between two lines in a stream of word numbers

_WORDS, _HEAP, _PLACE, _WRITTEN = range(4)  # what `state` counts


@njit(cache=True, nogil=True)
def _same(heap: np.ndarray, at: int, buffer: np.ndarray, start: int, length: int) -> bool:
    for k in range(length):  # noqa: SIM110 - numba compiles a loop
        if heap[at + k] != buffer[start + k]:
            return False
    return True


@njit(cache=True, nogil=True)
def encode_kernel(
    buffer: np.ndarray,
    table: np.ndarray,
    hashes: np.ndarray,
    starts: np.ndarray,
    heap: np.ndarray,
    counts: np.ndarray,
    ids: np.ndarray,
    state: np.ndarray,
) -> bool:
    """Number the tokens of `buffer` from `state[_PLACE]` on; False when a table is full and has to grow.

    `table` (a power of two) holds word numbers or -1, `hashes` the hash of each word, `heap[starts[i]:starts[i+1]]`
    its bytes. A buffer ends where a token ends.
    """
    mask = np.uint64(table.shape[0] - 1)
    limit = table.shape[0] // 2
    end = buffer.shape[0]
    words, used, place, written = state[_WORDS], state[_HEAP], state[_PLACE], state[_WRITTEN]
    room = True
    while place < end:
        byte = buffer[place]
        if byte == NEWLINE:
            ids[written] = LINE_END
            written += 1
            place += 1
            continue
        if byte in (SPACE, TAB):
            place += 1
            continue
        start = place
        value = np.uint64(14695981039346656037)  # FNV-1a
        while place < end and byte != SPACE and byte != NEWLINE and byte != TAB:
            value = (value ^ np.uint64(byte)) * np.uint64(1099511628211)
            place += 1
            if place < end:
                byte = buffer[place]
        value ^= value >> np.uint64(29)
        length = place - start
        slot = value & mask
        while True:
            word = table[slot]
            if word < 0:
                break
            same = hashes[word] == value and starts[word + 1] - starts[word] == length
            if same and _same(heap, starts[word], buffer, start, length):
                break
            slot = (slot + np.uint64(1)) & mask
        if word < 0:
            if words >= limit or used + length > heap.shape[0]:
                place = start
                room = False
                break
            word = words
            table[slot] = word
            hashes[word] = value
            heap[used : used + length] = buffer[start:place]
            used += length
            words += 1
            starts[words] = used
        counts[word] += 1
        ids[written] = word
        written += 1
    state[_WORDS], state[_HEAP], state[_PLACE], state[_WRITTEN] = words, used, place, written
    return room


@njit(cache=True, nogil=True)
def _fill_table(table: np.ndarray, hashes: np.ndarray, words: int) -> None:
    mask = np.uint64(table.shape[0] - 1)
    for word in range(words):
        slot = hashes[word] & mask
        while table[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        table[slot] = word


class Encoder:
    """Numbers words in the order of their first occurrence, and counts them."""

    def __init__(self, slots: int = 1 << 16) -> None:
        self._table = np.full(slots, -1, np.int32)
        self._hashes = np.zeros(slots // 2, np.uint64)
        self._starts = np.zeros(slots // 2 + 1, np.int64)
        self._counts = np.zeros(slots // 2, np.int64)
        self._heap = np.zeros(slots * 4, np.uint8)
        self._state = np.zeros(4, np.int64)

    def encode(self, text: bytes) -> np.ndarray:
        """Word numbers of a piece of text that ends where a token ends; `LINE_END` for every newline, int32."""
        buffer = np.frombuffer(text, np.uint8)
        ids = np.empty(len(buffer) // 2 + 2 + text.count(b"\n"), np.int32)
        self._state[_PLACE] = self._state[_WRITTEN] = 0
        while not encode_kernel(
            buffer, self._table, self._hashes, self._starts, self._heap, self._counts, ids, self._state
        ):
            self._grow(len(text))
        return ids[: self._state[_WRITTEN]]

    def _grow(self, at_least: int) -> None:
        words, used = int(self._state[_WORDS]), int(self._state[_HEAP])
        if used + at_least > len(self._heap):
            self._heap = _longer(self._heap, max(2 * len(self._heap), used + at_least))
        if words >= len(self._table) // 2:
            slots = 2 * len(self._table)
            self._hashes = _longer(self._hashes, slots // 2)
            self._counts = _longer(self._counts, slots // 2)
            self._starts = _longer(self._starts, slots // 2 + 1)
            self._table = np.full(slots, -1, np.int32)
            _fill_table(self._table, self._hashes, words)

    @property
    def nbytes(self) -> int:
        """Memory that the tables take, in bytes."""
        arrays = (self._table, self._hashes, self._starts, self._counts, self._heap)
        return sum(array.nbytes for array in arrays)

    @property
    def counts(self) -> np.ndarray:
        """How often each word occurred, (words,) int64, by number."""
        return self._counts[: self._state[_WORDS]]

    def words(self) -> list[bytes]:
        """The words in the order of their numbers, as the bytes that stood in the text."""
        total = int(self._state[_WORDS])
        heap = self._heap[: self._state[_HEAP]].tobytes()
        starts = self._starts[: total + 1].tolist()
        return [heap[starts[i] : starts[i + 1]] for i in range(total)]


def _longer(array: np.ndarray, length: int) -> np.ndarray:
    grown = np.zeros(length, array.dtype)
    grown[: len(array)] = array
    return grown
