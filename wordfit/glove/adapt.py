"""Adapt published vectors to a corpus: warm start, words held to where they were, new words taken in.

Words of the published set that the corpus lacks (or has fewer than `min_count` times) stay as they are, to the
bit. How far the others moved, and which changed most, is told by `Movement`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from zlib import crc32

import numpy as np

from wordfit.errors import InputError
from wordfit.glove.anchor import Anchor, fit_biases, row_weights
from wordfit.glove.corpus import Corpus
from wordfit.glove.counts import Counts, SavedCounts
from wordfit.glove.model import CHECKPOINT, GloVe, begin
from wordfit.glove.prepare import Ready, prepare, work_folder
from wordfit.glove.settings import Watch
from wordfit.glove.tiles import ENTRY
from wordfit.glove.train import State, Tables, train
from wordfit.glove.words import WordCounts
from wordfit.vectors.word_vectors import WordVectors

ANCHOR = 0.01  # by weight; what others cost and bring is in docs/results.md
SWEEPS = 3  # over all entries, to fit the biases before the first step


@dataclass(frozen=True)
class Movement:
    """How far words of the published set moved; rows are those that the corpus has."""

    words: tuple[str, ...]
    counts: np.ndarray  # (N,) int64, in the corpus
    cosine: np.ndarray  # (N,) float32, between the published vector and the adapted
    distance: np.ndarray  # (N,) float32, of the two, over the length of the published

    SEEN: ClassVar[int] = 50  # a word that was seen less often may turn for little reason

    @property
    def median(self) -> float:
        return float(np.median(self.cosine))

    @property
    def low(self) -> float:
        """The cosine that one word in twenty is below."""
        return float(np.quantile(self.cosine, 0.05))

    def most_changed(self, most: int = 20, min_count: int = SEEN) -> list[tuple[str, int, float, float]]:
        """Word, count, cosine and distance of the words that turned most, rare ones left out."""
        order = [int(i) for i in np.argsort(self.cosine, kind="stable") if self.counts[i] >= min_count]
        return [
            (self.words[i], int(self.counts[i]), float(self.cosine[i]), float(self.distance[i])) for i in order[:most]
        ]


@dataclass(frozen=True)
class Adapted:
    """Adapted vectors: the words of the published set in its order, then the new ones by frequency."""

    vectors: WordVectors
    movement: Movement
    new: tuple[str, ...]
    untouched: int
    """Words of the published set that stay as they were."""
    costs: tuple[float, ...]


def adapt(
    glove: GloVe,
    corpus: Corpus | Counts | SavedCounts,
    start: WordVectors,
    anchor: float = ANCHOR,
    by_weight: bool = True,
    work: str | os.PathLike[str] | None = None,
    resume: bool = False,
    watch: Watch | None = None,
    checkpoint_seconds: float = 60.0,
) -> Adapted:
    """Train on a corpus from published vectors, their words held by a penalty of strength `anchor`.

    With `by_weight` a word's penalty is `anchor` times its weight in the cost (the sum of f over its entries), so
    that frequent and rare words are held alike; else it is `anchor` for every word, as in Mittens.
    """
    watch, glove = watch or Watch(), replace(glove, dim=start.vector_size)
    if anchor < 0:
        raise InputError(f"anchor: expected 0 or more, found {anchor}")
    with work_folder(work, resume) as folder:
        also = {"start": crc32(start.vectors.tobytes()), "anchor": anchor, "by_weight": by_weight}
        ready = prepare(glove, corpus, folder, watch, resume, also=also)
        room = glove.room(len(ready.vocabulary), tables=2)  # the published vectors among them
        rows = start.indices(ready.vocabulary.words)  # (V,)
        if not (rows >= 0).any():
            raise InputError("the corpus and the published vectors have no word in common: do case and tokens agree?")
        state = begin(folder, resume, watch, lambda: warm_start(ready, start, rows, glove, room))
        held = hold(ready, start, rows, anchor, by_weight)
        plan = replace(glove.plan(ready, room, watch), pull=held.pull(glove.eta))
        if work is not None:
            plan = replace(plan, checkpoint=folder / CHECKPOINT, checkpoint_seconds=checkpoint_seconds)
        return merged(ready.vocabulary, start, rows, train(ready.file, state, plan), glove)


def warm_start(ready: Ready, start: WordVectors, rows: np.ndarray, glove: GloVe, room: int) -> Tables:
    """Half of each published vector for both of a word's vectors, the biases that fit them; new words random."""
    tables = Tables.random(len(rows), glove.dim, glove.seed)
    known = rows >= 0
    for table in (tables.words, tables.contexts):
        table[known, 0, : glove.dim] = start.vectors[rows[known]] / 2
    for bias in (tables.word_bias, tables.context_bias):
        bias[:, 0] = 0
    for sweep in range(2 * SWEEPS):
        sums = np.zeros((len(rows), 2))
        for entries, tiles in _read(ready, room):
            fit_biases(entries, tiles, *_arrays(tables), sums, sweep % 2 == 1)  # type: ignore[call-arg]
    return tables


def _arrays(tables: Tables) -> list[Any]:
    return list(vars(tables).values())


def _read(ready: Ready, room: int) -> Any:
    """Entries with the tiles in them, as many at a time as `room` holds."""
    tiles, most = ready.file.tiles, max(room // ENTRY.itemsize, 1)
    at = 0
    while at < len(tiles):
        filled = np.cumsum(tiles["entries"][at:])
        end = at + max(1, int(np.searchsorted(filled, most, side="right")))
        group = tiles[at:end].copy()
        entries = ready.file.read(int(group["start"][0]), int(group["entries"].sum()))
        group["start"] -= group["start"][0]
        yield entries, group
        at = end


def hold(ready: Ready, start: WordVectors, rows: np.ndarray, anchor: float, by_weight: bool) -> Anchor:
    """The anchor of the published words that the corpus has."""
    known = np.flatnonzero(rows >= 0)
    strength = np.full(len(known), anchor, np.float64)
    if by_weight:
        weights = np.zeros(len(rows))
        for entries, tiles in _read(ready, 64 << 20):
            row_weights(entries, tiles, weights)
        strength *= weights[known]
    return Anchor(known, np.ascontiguousarray(start.vectors[rows[known]]), strength)


def merged(vocabulary: WordCounts, start: WordVectors, rows: np.ndarray, state: State, glove: GloVe) -> Adapted:
    """Put the trained words into the published set, the new ones after it."""
    t, dim = state.tables, glove.dim
    trained = t.words[:, 0, :dim] + t.contexts[:, 0, :dim]  # (V, D)
    known = rows >= 0
    matrix = np.vstack([start.vectors, trained[~known]])
    matrix[rows[known]] = trained[known]
    new = tuple(word for word, old in zip(vocabulary.words, known) if not old)
    vectors = WordVectors([*start.index_to_key, *new], matrix)
    counts = np.array(vocabulary.counts, np.int64)[known]
    words = tuple(word for word, old in zip(vocabulary.words, known) if old)
    movement = Movement(words, counts, *_moved(start.vectors[rows[known]], trained[known]))
    return Adapted(vectors, movement, new, len(start) - len(words), state.costs)


def _moved(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    length = np.maximum(np.linalg.norm(before, axis=1), 1e-12)
    cosine = (before * after).sum(axis=1) / (length * np.maximum(np.linalg.norm(after, axis=1), 1e-12))
    return cosine, np.linalg.norm(after - before, axis=1) / length
