"""Put the entries of the co-occurrence matrix in tiles: the order that training reads them in.

A step of training touches a row of each of two tables. In a random order every step waits for memory; in a tile
(at most 512 rows of the one table, 2,048 of the other) the rows stay in the processor's cache. Entries are
shuffled inside a tile here, tiles among each other anew in every epoch (`train`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numba import njit

from wordfit.glove.count import Band

TILE_COLUMNS = 2048
ENTRY = np.dtype([("row", "<u2"), ("column", "<u2"), ("log", "<f4"), ("weight", "<f4")])
"""Row and column within the tile, logarithm of the count, weight f(count) of its squared error."""
TILE = np.dtype([("row", "<i8"), ("column", "<i8"), ("start", "<i8"), ("entries", "<i8")])
"""First row and column of a tile, and where its entries stand in the file."""


@njit(cache=True, nogil=True)
def pair_weight(count: float, x_max: float, alpha: float) -> float:
    """Weight of a co-occurrence count, equation 9 of the GloVe paper."""
    return (count / x_max) ** alpha if count < x_max else 1.0


@njit(cache=True, nogil=True)
def scramble(x: np.uint64) -> np.uint64:
    """A well mixed number from any number (the finaliser of splitmix64)."""
    x += np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@njit(cache=True, nogil=True)
def tile_entries(
    first: int,
    pointers: np.ndarray,
    columns: np.ndarray,
    values: np.ndarray,
    x_max: float,
    alpha: float,
    seed: int,
    starts: np.ndarray,
    entries: np.ndarray,
) -> None:
    """Sort a band's entries into tiles, `entries[starts[t]:starts[t + 1]]`, shuffled inside each."""
    for column in columns:
        starts[column // TILE_COLUMNS + 1] += 1
    for tile in range(1, starts.shape[0]):
        starts[tile] += starts[tile - 1]
    free, full = starts.copy(), np.log(x_max)
    for row in range(pointers.shape[0] - 1):
        for at in range(pointers[row], pointers[row + 1]):
            tile = columns[at] // TILE_COLUMNS
            entry = entries[free[tile]]
            entry.row = row
            entry.column = columns[at] - tile * TILE_COLUMNS
            log = np.log(values[at])
            entry.log = log
            entry.weight = np.exp(alpha * (log - full)) if log < full else 1.0  # `pair_weight`, in half the time
            free[tile] += 1
    for tile in range(starts.shape[0] - 1):
        state = scramble(scramble(np.uint64(seed)) ^ scramble(np.uint64(first)) + np.uint64(tile))
        for at in range(starts[tile + 1] - 1, starts[tile], -1):  # Fisher and Yates
            state = scramble(state)
            other = starts[tile] + np.int64(
                ((state >> np.uint64(32)) * np.uint64(at - starts[tile] + 1)) >> np.uint64(32)
            )
            row, column, log, weight = entries[at].row, entries[at].column, entries[at].log, entries[at].weight
            entries[at] = entries[other]
            entries[other].row = row
            entries[other].column = column
            entries[other].log = log
            entries[other].weight = weight


def tiler(size: int, x_max: float, alpha: float, seed: int) -> Callable[[Band], tuple[np.ndarray, np.ndarray]]:
    """What turns a band into its tiles (TILE, `start` counted from the band's first entry) and their entries."""
    blocks = -(-size // TILE_COLUMNS)

    def tile(band: Band) -> tuple[np.ndarray, np.ndarray]:
        starts = np.zeros(blocks + 1, np.int64)
        entries = np.empty(len(band.columns), ENTRY)
        tile_entries(
            band.first, band.pointers, band.columns, band.values, x_max, alpha, seed, starts, entries
        )  # fmt: skip
        tiles = np.zeros(blocks, TILE)
        tiles["row"] = band.first
        tiles["column"] = np.arange(blocks) * TILE_COLUMNS
        tiles["start"] = starts[:-1]
        tiles["entries"] = np.diff(starts)
        return tiles[tiles["entries"] > 0], entries

    return tile


@dataclass(frozen=True)
class TileFile:
    """The entries of a whole matrix on disk, and where each tile stands."""

    path: Path
    tiles: np.ndarray  # (tiles,) TILE

    @property
    def entries(self) -> int:
        return int(self.tiles["entries"].sum())

    def read(self, start: int, entries: int, into: np.ndarray | None = None) -> np.ndarray:
        """Entries from `start` on, (entries,) ENTRY."""
        buffer = np.empty(entries, ENTRY) if into is None else into[:entries]
        with open(self.path, "rb", buffering=0) as file:
            file.seek(start * ENTRY.itemsize)
            view = buffer.view(np.uint8).data
            while len(view):
                read = file.readinto(view)
                if not read:
                    raise OSError(f"{self.path}: ends early")
                view = view[read:]
        return buffer


class TileWriter:
    """Appends tiles to a file, and notes where each stands."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._file = open(self.path, "wb", buffering=0)  # noqa: SIM115 - close() closes it
        self._tiles: list[np.ndarray] = []
        self._written = 0

    def add(self, tiles: np.ndarray, entries: np.ndarray) -> None:
        tiles = tiles.copy()
        tiles["start"] += self._written
        self._tiles.append(tiles)
        view = entries.view(np.uint8).data
        while len(view):
            view = view[self._file.write(view) :]
        self._written += len(entries)

    def close(self) -> TileFile:
        self._file.close()
        tiles = np.concatenate([np.zeros(0, TILE), *self._tiles])
        return TileFile(self.path, tiles)
