"""Count co-occurrences: kernels that fill one row of the matrix at a time, and the bands of rows they make.

A pair of words at distance d in a line counts 1/d. The kernels add up whole numbers (1/d in units that every d
divides), so a sum does not depend on the order, on the threads or on how a corpus was cut into parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from math import lcm
from queue import SimpleQueue
from typing import TypeVar

import numpy as np
from numba import njit

BAND_ROWS = 512  # rows of a band: what a tile of the training holds of the one table
BAND_ENTRIES = 1_000_000  # entries of a band, about, at most
NEIGHBOURS = 30  # words around a word, for that estimate

Result = TypeVar("Result")


@dataclass(frozen=True)
class Window:
    """What counts as an occurrence together."""

    size: int = 15
    """Words to each side; words outside the vocabulary take no place."""
    symmetric: bool = True
    """Both sides; else a row counts the words that follow it, as Stanford's `-symmetric 0` does."""
    by_distance: bool = True
    """A pair at distance d counts 1/d; else 1."""

    @property
    def units(self) -> int:
        """What a count is a whole number of, as 1/units: exact up to 20 words, to 2e-10 beyond."""
        if not self.by_distance:
            return 1
        return lcm(*range(1, self.size + 1)) if self.size <= 20 else 2**32

    def weights(self) -> np.ndarray:
        """Units that a pair at distance 1, 2, ... counts: (size,) int64."""
        distance = np.arange(1, self.size + 1)
        return np.rint(self.units / distance).astype(np.int64) if self.by_distance else np.ones_like(distance)


@dataclass(frozen=True)
class Band:
    """Rows `first` to `first + len(pointers) - 1` of the co-occurrence matrix, columns ascending in a row."""

    first: int
    pointers: np.ndarray  # (rows + 1,) int64
    columns: np.ndarray  # (entries,) int32
    values: np.ndarray  # (entries,) float64

    @property
    def rows(self) -> int:
        return len(self.pointers) - 1

    @property
    def nbytes(self) -> int:
        return self.columns.nbytes + self.values.nbytes


@njit(cache=True, nogil=True)
def positions_of(tokens: np.ndarray, begin: int, end: int, starts: np.ndarray, places: np.ndarray) -> None:
    """Where each word stands in `tokens[begin:end]`: word w in `places[starts[w]:starts[w + 1]]`."""
    for p in range(begin, end):
        if tokens[p] >= 0:
            starts[tokens[p] + 1] += 1
    for word in range(1, starts.shape[0]):
        starts[word] += starts[word - 1]
    free = starts.copy()
    for p in range(begin, end):
        word = tokens[p]
        if word >= 0:
            places[free[word]] = p
            free[word] += 1


@njit(cache=True, nogil=True)
def _lowest_bit(bits: np.uint64) -> int:
    """Which bit of a word that is not zero is the lowest set one."""
    low = 0
    for width in (32, 16, 8, 4, 2, 1):
        if bits & ((np.uint64(1) << np.uint64(width)) - np.uint64(1)) == 0:
            bits >>= np.uint64(width)
            low += width
    return low


@njit(cache=True, nogil=True)
def count_rows(
    tokens: np.ndarray,
    starts: np.ndarray,
    places: np.ndarray,
    first: int,
    weights: np.ndarray,
    symmetric: bool,
    units: float,
    total: np.ndarray,
    seen: np.ndarray,
    pointers: np.ndarray,
    columns: np.ndarray,
    values: np.ndarray,
) -> int:
    """Fill rows from `first` on; returns the number of entries.

    `total` (V,) and the bit set `seen` are scratch that starts and ends as zeros.
    """
    filled = 0
    length = tokens.shape[0]
    for row in range(pointers.shape[0] - 1):
        word = first + row
        low, high = seen.shape[0], -1
        for at in range(starts[word], starts[word + 1]):
            p = places[at]
            for step in range(1 if not symmetric else -1, 2, 2):
                q = p + step
                for weight in weights:
                    if q < 0 or q >= length:
                        break
                    other = tokens[q]
                    if other < 0:  # the end of a line
                        break
                    if total[other] == 0:
                        cell = other >> 6
                        seen[cell] |= np.uint64(1) << np.uint64(other & 63)
                        low, high = min(low, cell), max(high, cell)
                    total[other] += weight
                    q += step
        for cell in range(low, high + 1):
            bits = seen[cell]
            while bits != 0:
                other = (cell << 6) + _lowest_bit(bits)
                columns[filled] = other
                values[filled] = total[other] / units
                total[other] = 0
                filled += 1
                bits &= bits - np.uint64(1)
            seen[cell] = 0
        pointers[row + 1] = filled
    return filled


@dataclass(frozen=True)
class Block:
    """A stretch of word numbers with the words around it: `tokens[begin:end]` are its own."""

    tokens: np.ndarray  # (n,) int32, LINE_END between lines
    begin: int
    end: int


def plan_bands(counts: Sequence[int] | np.ndarray) -> list[tuple[int, int]]:
    """Cut the rows into bands that are neither too high nor too full, by how often each word occurs.

    Nothing else goes in: a tile is the same whatever memory and threads there were, or where counts came from.
    """
    bound = np.minimum(np.asarray(counts, np.int64) * NEIGHBOURS, len(counts))
    filled = np.concatenate([[0], np.cumsum(bound)])
    bands, first = [], 0
    while first < len(counts):
        last = int(np.searchsorted(filled, filled[first] + BAND_ENTRIES, side="right")) - 1
        last = min(max(last, first + 1), first + BAND_ROWS, len(counts))
        bands.append((first, last))
        first = last
    return bands


def count_block(
    block: Block, counts: Sequence[int], window: Window, finish: Callable[[Band], Result], threads: int
) -> Iterator[Result]:
    """Count a block over a vocabulary of words with these counts; `finish` takes each band in a thread."""
    size = len(counts)
    starts = np.zeros(size + 1, np.int64)
    places = np.empty(block.end - block.begin, np.int32)
    positions_of(block.tokens, block.begin, block.end, starts, places)
    weights, units = window.weights(), float(window.units)
    scratch: SimpleQueue[tuple[np.ndarray, np.ndarray]] = SimpleQueue()
    for _ in range(threads):
        scratch.put((np.zeros(size, np.int64), np.zeros((size + 63) // 64, np.uint64)))
    sides = 2 if window.symmetric else 1

    def work(limits: tuple[int, int]) -> Result:
        first, last = limits
        total, seen = scratch.get()
        bound = int(np.minimum(np.diff(starts[first : last + 1]) * sides * window.size, size).sum())
        pointers = np.zeros(last - first + 1, np.int64)
        columns, values = np.empty(bound, np.int32), np.empty(bound, np.float64)
        n = count_rows(
            block.tokens, starts, places, first, weights, window.symmetric, units, total, seen, pointers,
            columns, values,
        )  # fmt: skip
        scratch.put((total, seen))
        return finish(Band(first, pointers, columns[:n], values[:n]))

    yield from in_order(work, plan_bands(counts), threads)


def in_order(work: Callable[[tuple[int, int]], Result], tasks: list[tuple[int, int]], threads: int) -> Iterator[Result]:
    """Results of the tasks in their order, a few at a time in threads."""
    if threads == 1:
        yield from map(work, tasks)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: list[Future[Result]] = []
        for task in tasks:
            waiting.append(pool.submit(work, task))
            if len(waiting) > threads:
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()
