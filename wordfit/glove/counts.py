"""`Counts`: co-occurrences of a corpus or of a part of it, in memory; saved, added up, and trained on."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from wordfit.errors import InputError
from wordfit.files import write_folder_whole
from wordfit.glove.count import Band, Window, plan_bands
from wordfit.glove.records import RecordFile, merge, open_records, write_records
from wordfit.glove.words import WordCounts

VOCABULARY, RECORDS, ABOUT = "vocab.txt", "cooccurrence.bin", "counts.json"


@dataclass(frozen=True)
class Counts:
    """The co-occurrence matrix over one vocabulary, rows compressed."""

    vocabulary: WordCounts
    window: Window
    matrix: csr_array  # (V, V) float64

    @property
    def entries(self) -> int:
        return int(self.matrix.nnz)

    def __add__(self, other: Counts) -> Counts:
        """Counts of both parts together: to the bit those of one pass over both."""
        if self.vocabulary != other.vocabulary or self.window != other.window:
            raise InputError(
                "these counts differ in vocabulary or window and cannot be added: count the words of all parts first, "
                "then each part with that one vocabulary"
            )
        total = (self.matrix + other.matrix).tocsr()
        total.data = np.rint(total.data * self.window.units) / self.window.units
        return Counts(self.vocabulary, self.window, total)

    def bands(self) -> Iterator[Band]:
        """The rows, a few hundred at a time."""
        starts = self.matrix.indptr.astype(np.int64)
        for first, last in plan_bands(self.vocabulary.counts):
            inside = slice(starts[first], starts[last])
            pointers = starts[first : last + 1] - starts[first]
            columns = self.matrix.indices[inside].astype(np.int32, copy=False)
            yield Band(first, pointers, columns, self.matrix.data[inside])

    @classmethod
    def of_bands(cls, vocabulary: WordCounts, window: Window, bands: Iterable[Band]) -> Counts:
        size, columns, values = len(vocabulary), [np.zeros(0, np.int32)], [np.zeros(0)]
        lengths = np.zeros(size + 1, np.int64)
        for band in bands:
            lengths[band.first + 1 : band.first + 1 + band.rows] = np.diff(band.pointers)
            columns.append(band.columns.copy())
            values.append(band.values.copy())
        data = (np.concatenate(values), np.concatenate(columns), np.cumsum(lengths))
        return cls(vocabulary, window, csr_array(data, shape=(size, size)))

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write a folder: Stanford's vocabulary and co-occurrence files, and how it was counted."""
        with write_folder_whole(folder) as inside:
            write_records(self.bands(), inside / RECORDS, len(self.vocabulary))
            describe(inside, self.vocabulary, self.window)

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Counts:
        """Read a folder that `save` or `wordfit glove train --save-counts` wrote."""
        vocabulary, window = read_description(folder)
        with tempfile.TemporaryDirectory() as work:
            file = open_records(Path(folder) / RECORDS, len(vocabulary), Path(work))
            return cls.of_bands(vocabulary, window, merge([file], 0, plan_bands(vocabulary.counts)))


@dataclass(frozen=True)
class SavedCounts:
    """Counts that stay on disk while they are trained on: saved by us, or made by Stanford's tools."""

    vocabulary: WordCounts
    file: RecordFile

    @classmethod
    def open(cls, path: str | os.PathLike[str], vocabulary: str | os.PathLike[str] | None, work: Path) -> SavedCounts:
        """Open a folder of saved counts, or a co-occurrence file together with its vocabulary file."""
        if Path(path).is_dir():
            words, _ = read_description(path)
            return cls(words, open_records(Path(path) / RECORDS, len(words), work))
        if vocabulary is None:
            raise InputError(f"{path}: a co-occurrence file needs its vocabulary file: give --vocab")
        words = WordCounts.load(vocabulary)
        return cls(words, open_records(path, len(words), work))

    def bands(self) -> Iterator[Band]:
        """The rows, a few hundred at a time."""
        return merge([self.file], 0, plan_bands(self.vocabulary.counts))


def describe(folder: Path, vocabulary: WordCounts, window: Window) -> None:
    """Write beside a co-occurrence file which words it is over and how it was counted."""
    vocabulary.save(folder / VOCABULARY)
    (folder / ABOUT).write_text(json.dumps({"schema": 1, "window": asdict(window)}, indent=1) + "\n")


def read_description(folder: str | os.PathLike[str]) -> tuple[WordCounts, Window]:
    """The vocabulary and the window of saved counts."""
    about = Path(folder) / ABOUT
    try:
        window = Window(**json.loads(about.read_text())["window"])
    except FileNotFoundError:
        raise InputError(f"{folder}: expected a folder of saved counts, found no {ABOUT} in it") from None
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise InputError(f"{about}: expected how the counts were made, found {error}") from None
    return WordCounts.load(Path(folder) / VOCABULARY), window
