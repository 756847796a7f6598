"""Parallel rows: a source text and a target text each, from two files of lines or two columns of one file.

Also how they become ids (the target with END behind it) and batches, and how words become a sentence again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from wordfit.data.batches import Batch, Encoded, order_batches
from wordfit.data.table import read_table
from wordfit.data.tokenizer import PAD, UNK, Rules, Tokenizer
from wordfit.data.vocabulary import Vocabulary
from wordfit.errors import InputError
from wordfit.files import open_text

BEGIN, END = "<begin>", "<end>"
SPECIAL = [PAD, UNK, BEGIN, END]
"""The first words of a target vocabulary, ids 0 to 3."""


@dataclass(frozen=True)
class Parallel:
    """Source and target texts of one split, row by row."""

    file: str
    source: list[str]
    target: list[str]

    def __len__(self) -> int:
        return len(self.source)

    def first(self, number: int) -> Parallel:
        """The first rows."""
        return Parallel(self.file, self.source[:number], self.target[:number])


@dataclass(frozen=True)
class ParallelSplit:
    """A split as ids; `kept` are the numbers of the rows that fit the length limit."""

    rows: Parallel
    source: Encoded
    target: Encoded  # each text with END behind it
    kept: np.ndarray


def read_lines(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> Parallel:
    """Read two files of which line i of one is line i of the other."""
    sides = [_lines(path) for path in (source, target)]
    if len(sides[0]) != len(sides[1]):
        raise InputError(
            f"{source} has {len(sides[0]):,} lines, {target} has {len(sides[1]):,}: "
            "expected line i of one to be line i of the other"
        )
    if not sides[0]:
        raise InputError(f"{source}: expected lines of text, found an empty file")
    return Parallel(str(source), *sides)


def read_columns(path: str | os.PathLike[str], source: str | None = None, target: str | None = None) -> Parallel:
    """Read two columns of a TSV, CSV, JSONL or Parquet file; the first two when they are not named."""
    table = read_table(path, {"source", "target"} | {name for name in (source, target) if name})
    names = list(table.columns)
    if len(names) < 2:
        raise InputError(f"{path}: expected two columns, a source and a target, found {len(names)}")
    wanted = [source or ("source" if "source" in names else names[0])]
    wanted.append(target or ("target" if "target" in names else names[1]))
    for name in wanted:
        if name not in table.columns:
            raise InputError(f"{path}: expected a column '{name}', found none; there are {', '.join(names)}")
        for line, value in zip(table.lines, table.columns[name]):
            if not isinstance(value, str):
                raise InputError(f"{path}, line {line}: expected a text in column '{name}', found {value!r}")
    return Parallel(str(path), table.columns[wanted[0]], table.columns[wanted[1]])


def _lines(path: str | os.PathLike[str]) -> list[str]:
    with open_text(path) as file:
        try:
            lines = file.read().split("\n")
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: expected UTF-8, found: {error.reason} at byte {error.start}") from None
    return [line.removesuffix("\r") for line in (lines[:-1] if lines[-1] == "" else lines)]


def target_vocabulary(rules: Rules, texts: Sequence[str], min_count: int) -> list[str]:
    """The special words, then the words that the texts have `min_count` times, the most frequent first."""
    found = Vocabulary.build(Tokenizer(rules), texts, min_count=min_count)
    return [*SPECIAL, *(word for word in found.words if word not in SPECIAL)]


def encode_parallel(rows: Parallel, source: Tokenizer, target: Tokenizer, longest: int | None = None) -> ParallelSplit:
    """Encode rows; those without a word on a side, or with more than `longest`, are not kept."""
    texts = Encoded.of(rows.source, source)
    plain = Encoded.of(rows.target, target)
    answers = Encoded(
        np.where((plain.ids == 2) | (plain.ids == 3), 1, plain.ids), plain.offsets
    )  # a text may hold "<end>"
    fits = np.ones(len(rows), dtype=bool)
    if longest is not None:
        for side in (texts, answers):
            fits &= (side.lengths > 0) & (side.lengths <= longest)
    ended = np.insert(answers.ids, answers.offsets[1:], 3).astype(np.int32)
    return ParallelSplit(
        rows, texts, Encoded(ended, answers.offsets + np.arange(len(answers.offsets))), np.flatnonzero(fits)
    )


def parallel_batches(split: ParallelSplit, size: int, seed: int | None = None) -> Iterator[Batch]:
    """The kept rows once, in batches of rows of like length: the target's first, the source's second."""
    lengths = split.target.lengths[split.kept] + split.source.lengths[split.kept] / 1000.0
    for part in order_batches(lengths, size, seed):
        rows = split.kept[part]
        texts = (split.source.padded(rows), split.target.padded(rows))
        yield Batch(texts, texts[1][0], rows)


_BEFORE = re.compile(r" (?=(?:[.,;:!?%)\]}]|'(?:s|re|ve|ll|d|m)\b|n't\b))")
_AFTER = re.compile(r"(?<=[(\[{]) ")


def joined(words: Sequence[str]) -> str:
    """Words as a sentence: no space before a stop or a clitic, none after an opening bracket."""
    return _AFTER.sub("", _BEFORE.sub("", " ".join(words)))
