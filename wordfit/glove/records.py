"""Stanford's co-occurrence file, read and written: records of int32 word, int32 context, float64 count.

Words count from 1, in the order of the vocabulary file. A sorted file is also what counting spills to disk when
memory is short, and what partial counts are saved as: `merge` adds such files up, a few rows at a time.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numba import njit

from wordfit.errors import InputError
from wordfit.glove.count import Band

RECORD = np.dtype([("word1", "<i4"), ("word2", "<i4"), ("value", "<f8")])
SORTED = "sorted.bin"  # what a shuffled file is sorted into
SCANNED = 1 << 20  # records read at a time


@dataclass(frozen=True)
class RecordFile:
    """A co-occurrence file whose records are sorted by word, then context: `starts[w]` is where row w begins."""

    path: Path
    starts: np.ndarray  # (V + 1,) int64

    @property
    def entries(self) -> int:
        return int(self.starts[-1])

    def read(self, start: int, end: int) -> np.ndarray:
        """Records `start` to `end`, (end - start,) RECORD."""
        with open(self.path, "rb") as file:
            file.seek(start * RECORD.itemsize)
            return np.fromfile(file, RECORD, end - start)


def to_records(band: Band) -> np.ndarray:
    """A band's entries as Stanford's records, (entries,) RECORD."""
    records = np.empty(len(band.columns), RECORD)
    records["word1"] = np.repeat(np.arange(band.rows) + band.first + 1, np.diff(band.pointers))
    records["word2"] = band.columns + 1
    records["value"] = band.values
    return records


class RecordWriter:
    """Appends bands, in the order of their rows, to a sorted co-occurrence file over `size` words."""

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        self._file = open(path, "wb")  # noqa: SIM115 - close() closes it
        self._lengths = np.zeros(size + 1, np.int64)

    def add(self, band: Band) -> None:
        to_records(band).tofile(self._file)
        self._lengths[band.first + 1 : band.first + 1 + band.rows] = np.diff(band.pointers)

    def close(self) -> RecordFile:
        self._file.close()
        return RecordFile(self.path, np.cumsum(self._lengths))


def write_records(bands: Iterable[Band], path: Path, size: int) -> RecordFile:
    """Write bands, in the order of their rows, as a sorted co-occurrence file over `size` words."""
    writer = RecordWriter(path, size)
    for band in bands:
        writer.add(band)
    return writer.close()


def open_records(path: str | os.PathLike[str], size: int, work: Path) -> RecordFile:
    """Open a co-occurrence file, Stanford's or ours, over `size` words; a shuffled one is sorted in folder `work`."""
    file = Path(path)
    if not file.is_file():
        raise InputError(f"{path}: no such file")
    if file.stat().st_size % RECORD.itemsize:
        raise InputError(
            f"{path}: expected records of {RECORD.itemsize} bytes, found {file.stat().st_size:,} bytes: "
            "not a co-occurrence file, or cut off"
        )
    lengths, sorted_so_far, last = np.zeros(size + 1, np.int64), True, -1
    for at, records in _scan(file):
        _check(path, at, records, size)
        place = records["word1"].astype(np.int64) * (size + 1) + records["word2"]
        sorted_so_far = sorted_so_far and place[0] > last and bool((np.diff(place) > 0).all())
        last = int(place[-1])
        lengths += np.bincount(records["word1"], minlength=size + 1)
    if sorted_so_far:
        return RecordFile(file, np.cumsum(lengths))
    return _sort(file, lengths, work)


def _scan(path: Path) -> Iterator[tuple[int, np.ndarray]]:
    with open(path, "rb") as file:
        at = 0
        while len(records := np.fromfile(file, RECORD, SCANNED)):
            yield at, records
            at += len(records)


def _check(path: str | os.PathLike[str], at: int, records: np.ndarray, size: int) -> None:
    words = np.minimum(records["word1"], records["word2"]), np.maximum(records["word1"], records["word2"])
    good = (words[0] >= 1) & (words[1] <= size) & np.isfinite(records["value"]) & (records["value"] > 0)
    if not good.all():
        wrong = int(np.argmin(good))
        one, two, value = records[wrong].tolist()
        raise InputError(
            f"{path}, record {at + wrong + 1}: expected words 1 to {size:,} and a count above 0, "
            f"found {one}, {two}, {value}. Does the vocabulary belong to this file?"
        )


def _sort(path: Path, lengths: np.ndarray, work: Path) -> RecordFile:
    """Sort by word and context: each record to its row's place first, then every row by itself."""
    starts = np.cumsum(lengths)
    work.mkdir(parents=True, exist_ok=True)
    result = work / SORTED
    with open(result, "wb") as file:
        file.truncate(int(starts[-1]) * RECORD.itemsize)
    free = starts.copy()
    if starts[-1]:
        table = np.memmap(result, RECORD, "r+")
        for _, records in _scan(path):
            records = records[np.argsort(records["word1"], kind="stable")]
            words, first, counts = np.unique(records["word1"], return_index=True, return_counts=True)
            where = np.arange(len(records)) - np.repeat(first, counts) + np.repeat(free[words - 1], counts)
            table[where] = records
            free[words - 1] += counts
        for word in range(len(starts) - 1):
            row = table[starts[word] : starts[word + 1]]
            row[:] = row[np.argsort(row["word2"], kind="stable")]
        table.flush()
    return RecordFile(result, starts)


@njit(cache=True, nogil=True)
def _add_rows(
    first: int,
    records: np.ndarray,
    total: np.ndarray,
    units: float,
    pointers: np.ndarray,
    columns: np.ndarray,
    values: np.ndarray,
) -> int:
    """Add up records that are sorted by word into rows; counts are whole numbers of 1/units (0: any)."""
    filled, at, end = 0, 0, records.shape[0]
    for row in range(pointers.shape[0] - 1):
        begin = filled
        while at < end and records[at].word1 == first + row + 1:
            column = records[at].word2 - 1
            if total[column] == 0.0:
                columns[filled] = column
                filled += 1
            total[column] += records[at].value
            at += 1
        columns[begin:filled].sort()
        for k in range(begin, filled):
            value = total[columns[k]]
            values[k] = np.rint(value * units) / units if units > 0 else value
            total[columns[k]] = 0.0
        pointers[row + 1] = filled
    return filled


def merge(files: Sequence[RecordFile], units: int, bands: Sequence[tuple[int, int]]) -> Iterator[Band]:
    """The sum of sorted files over one vocabulary, band by band."""
    total = np.zeros(len(files[0].starts) - 1)
    for first, last in bands:
        parts = [file.read(int(file.starts[first]), int(file.starts[last])) for file in files]
        records = np.concatenate(parts)
        if len(files) > 1:
            records = records[np.argsort(records["word1"], kind="stable")]
        pointers = np.zeros(last - first + 1, np.int64)
        columns, values = np.empty(len(records), np.int32), np.empty(len(records), np.float64)
        n = _add_rows(first, records, total, float(units), pointers, columns, values)
        yield Band(first, pointers, columns[:n], values[:n])
