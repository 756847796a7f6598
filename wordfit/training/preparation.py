"""From vectors and rows to what a network needs: a tokenizer, a vocabulary, aligned vectors, encoded rows, targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wordfit.data import Dataset, Encoded, Rules, Task, Tokenizer, Vocabulary
from wordfit.data.examine import summary, warnings
from wordfit.embedding import Alignment, align, coverage
from wordfit.record import Record
from wordfit.training.settings import Settings
from wordfit.vectors import WordVectors


@dataclass(frozen=True)
class Split:
    """One split, encoded: per text of a row its ids; targets (B,) class numbers or scores, or (B, L) labels."""

    rows: Dataset
    texts: tuple[Encoded, ...]
    target: np.ndarray


@dataclass(frozen=True)
class Prepared:
    """All that training starts from."""

    task: Task
    tokenizer: Tokenizer
    vocabulary: Vocabulary
    alignment: Alignment
    train: Split
    dev: Split | None
    record: Record


def prepare(
    task: Task, train: Dataset, dev: Dataset | None, vectors: Sequence[WordVectors], settings: Settings
) -> Prepared:
    """Find the rules in the first vector set, build the vocabulary from the data, align, encode, measure coverage."""
    tokenizer = Tokenizer(Rules.matched_to(vectors[0]))
    sets = {name: rows for name, rows in (("train", train), ("dev", dev)) if rows}
    all_words = tokenizer.count([text for rows in sets.values() for column in rows.texts for text in column])
    tokenizer = tokenizer.with_words(all_words)
    splits = {name: encode(task, rows, tokenizer) for name, rows in sets.items()}
    vocabulary = Vocabulary.counted(all_words, np.concatenate([text.ids for text in splits["train"].texts]))
    alignment = align(vectors, vocabulary.words, settings.start)
    keep = np.flatnonzero(
        alignment.known | (vocabulary.counts >= settings.min_count) | (np.arange(len(vocabulary)) < 2)
    )
    vocabulary = Vocabulary([vocabulary.words[i] for i in keep], vocabulary.counts[keep])
    alignment = Alignment(alignment.matrix[keep], [alignment.how[i] for i in keep])
    tokenizer = tokenizer.with_words(vocabulary.words)
    record = Record()
    record.data = {"splits": {}, "warnings": warnings(task, train, dev)}
    new = np.array([0, *map(vocabulary.id, all_words[1:])], np.int32)  # of every word, of the unknown where it was cut
    splits = {
        name: replace(split, texts=tuple(text.renumbered(new) for text in split.texts))
        for name, split in splits.items()
    }
    for name, split in splits.items():
        record.data["splits"][name] = summary(task, split.rows, lengths(split))
        record.coverage[name] = _coverage(task, split, alignment, vocabulary.words)
    seen = np.concatenate([text.ids for text in splits["train"].texts])
    vocabulary.counts = np.bincount(seen, minlength=len(vocabulary)).astype(np.int64)  # with the unknown word's own
    return Prepared(task, tokenizer, vocabulary, alignment, splits["train"], splits.get("dev"), record)


def encode(task: Task, rows: Dataset, tokenizer: Tokenizer) -> Split:
    """Encode further rows; rows without targets get an empty target."""
    texts = tuple(Encoded.of(column, tokenizer) for column in rows.texts)
    return Split(rows, texts, targets(task, rows))


def targets(task: Task, rows: Dataset) -> np.ndarray:
    """Targets as numbers; a label that the task lacks is class -1, which no answer matches."""
    if task.kind == "score":
        return np.array(rows.targets, dtype=np.float32)
    number = {name: i for i, name in enumerate(task.labels)}
    if task.kind == "classes":
        return np.array([number.get(name, -1) for name in rows.targets], dtype=np.int64)
    marks = np.zeros((len(rows.targets), len(task.labels)), dtype=bool)
    for row, names in enumerate(rows.targets):
        marks[row, [number[name] for name in names if name in number]] = True
    return marks


def lengths(split: Split) -> np.ndarray:
    """Tokens of each row (B,), both texts of a pair together."""
    return np.sum([text.lengths for text in split.texts], axis=0)


def _coverage(task: Task, split: Split, alignment: Alignment, words: Sequence[str]) -> dict[str, Any]:
    """The coverage of a split; the texts of a pair count as one."""
    ids = np.concatenate([text.ids for text in split.texts])
    ends = [text.offsets[1:] + sum(len(t.ids) for t in split.texts[:i]) for i, text in enumerate(split.texts)]
    offsets = np.concatenate([[0], *ends])
    labels = split.rows.targets * len(split.texts) if task.kind == "classes" else []
    return coverage(alignment, words, ids, offsets, labels)
