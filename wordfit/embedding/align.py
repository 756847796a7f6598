"""Align vectors to a vocabulary: a matrix with a row for every word, and how each row came about.

A word takes its own vector, or that of another spelling (case, digits, treebank signs, hyphenated parts); the rest
get a stated start. Starts are seeded by the word itself, so a word starts the same in every run.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from wordfit.errors import InputError
from wordfit.vectors import WordVectors

TREEBANK = {  # as the treebank writes it: as other sets write it
    "-lrb-": "(",
    "-rrb-": ")",
    "-lsb-": "[",
    "-rsb-": "]",
    "-lcb-": "{",
    "-rcb-": "}",
    "``": '"',
    "''": '"',
    "n't": "not",
    "'re": "are",
    "'ve": "have",
    "'ll": "will",
    "'m": "am",
    "'d": "would",
    "ca": "can",
    "wo": "will",
}
HOW = ["exact", "case", "tokeniser", "digits", "parts", "subwords", "missing"]  # in the order in which they are tried


@dataclass(frozen=True)
class Alignment:
    """The start of every row: `matrix` (V, D) float32, and per row how it was found, one of `HOW`."""

    matrix: np.ndarray
    how: list[str]

    @property
    def known(self) -> np.ndarray:
        """Which rows hold a pre-trained vector (V,)."""
        return np.array([how != "missing" for how in self.how])


def align(vectors: Sequence[WordVectors], words: Sequence[str], start: str = "normal") -> Alignment:
    """Rows for `words`, of which the first two are padding and unknown; several sets stand side by side.

    `start` is one of `STARTS`, for words without a vector. A word counts as found where any set has it.
    """
    if start not in STARTS:
        raise InputError(f"the start of unknown words '{start}' is not known; there are {', '.join(STARTS)}")
    parts = [_align_one(one, words, start) for one in vectors]
    matrix = np.hstack([part.matrix for part in parts])
    how = [min(row, key=HOW.index) for row in zip(*(part.how for part in parts))]
    return Alignment(matrix, how)


def _align_one(vectors: WordVectors, words: Sequence[str], start: str) -> Alignment:
    rows = vectors.indices(words)  # (V,)
    rows[:2] = -1
    matrix = np.zeros((len(words), vectors.vector_size), np.float32)
    matrix[rows >= 0] = vectors.vectors[rows[rows >= 0]]
    how = ["exact" if row >= 0 else "missing" for row in rows]
    for name, spellings in SPELLINGS.items():
        _fill(vectors, words, matrix, how, name, spellings)
    missing = [i for i, name in enumerate(how) if name == "missing" and i >= 1]
    if vectors.subwords is not None and missing[1:]:  # fastText's own vector of an unseen word
        matrix[missing[1:]] = vectors.subwords.vectors([words[i] for i in missing[1:]])
        for i in missing[1:]:
            how[i] = "subwords"
        missing = missing[:1]
    if missing:
        matrix[missing] = STARTS[start](vectors, [words[i] for i in missing])
        if start in ("normal", "subword"):
            matrix[1] = vectors.vectors.mean(axis=0)  # an unknown word stands for many: their middle
    return Alignment(matrix, how)


def _fill(
    vectors: WordVectors,
    words: Sequence[str],
    matrix: np.ndarray,
    how: list[str],
    name: str,
    spellings: Callable[[str], list[list[str]]],
) -> None:
    """Give missing words the mean of the first spelling of which every piece has a vector."""
    tried = [(i, pieces) for i in range(2, len(words)) if how[i] == "missing" for pieces in spellings(words[i])]
    rows = vectors.indices([piece for _, pieces in tried for piece in pieces])
    ends = np.cumsum([len(pieces) for _, pieces in tried])
    for (i, pieces), end in zip(tried, ends):
        found = rows[end - len(pieces) : end]
        if how[i] == "missing" and (found >= 0).all():
            matrix[i] = vectors.vectors[found].mean(axis=0)
            how[i] = name


def _case(word: str) -> list[list[str]]:
    return [[other] for other in dict.fromkeys((word.lower(), word.capitalize(), word.upper())) if other != word]


def _tokeniser(word: str) -> list[list[str]]:
    other = TREEBANK.get(word.lower())
    return [[other]] if other else []


def _digits(word: str) -> list[list[str]]:
    return [[re.sub(r"\d", sign, word)] for sign in "#0"] if re.search(r"\d", word) else []


def _parts(word: str) -> list[list[str]]:
    pieces = [piece for piece in re.split(r"[-_/'.]+", word) if piece]
    if len(pieces) < 2:
        return []
    return [pieces, [piece.capitalize() for piece in pieces]]


SPELLINGS: dict[str, Callable[[str], list[list[str]]]] = {
    "case": _case,
    "tokeniser": _tokeniser,
    "digits": _digits,
    "parts": _parts,
}


def _zero(vectors: WordVectors, words: list[str]) -> np.ndarray:
    return np.zeros((len(words), vectors.vector_size), np.float32)


def _mean(vectors: WordVectors, words: list[str]) -> np.ndarray:
    return np.tile(vectors.vectors.mean(axis=0), (len(words), 1))


def _normal(vectors: WordVectors, words: list[str]) -> np.ndarray:
    """Normal with the mean and the spread that the set has in each dimension."""
    mean, spread = vectors.vectors.mean(axis=0), vectors.vectors.std(axis=0)  # (D,)
    return np.stack([mean + spread * _noise(word, len(mean)) for word in words]).astype(np.float32)


def _subword(vectors: WordVectors, words: list[str], most: int = 50_000) -> np.ndarray:
    """The mean of a word's character n-grams, each the mean of the set's frequent words that have it.

    n-grams of 3 to 6 letters as in fastText (Bojanowski et al. 2017), hashed; scaled to the set's usual norm.
    """
    grams = [_ngrams(word) for word in words]
    wanted = {gram for row in grams for gram in row}
    known = [list(wanted.intersection(_ngrams(word))) for word in vectors.index_to_key[:most]]
    shared = sorted({gram for row in known for gram in row})
    places = {gram: place for place, gram in enumerate(shared)}
    middle = vectors.vectors.mean(axis=0)  # (D,)
    centred = vectors.vectors[:most] - middle  # (N, D)
    norm = float(np.median(np.linalg.norm(centred, axis=1)))
    has = _incidence(known, places)  # (N, G)
    counts = np.asarray(has.sum(axis=0)).ravel()  # (G,)
    of_grams = (has.T @ centred) / counts[:, None]  # (G, D)
    away = _incidence(grams, places) @ of_grams  # (W, D)
    length = np.linalg.norm(away, axis=1, keepdims=True)  # (W, 1), zero where no n-gram is known
    found = middle + away * (norm / np.maximum(length, 1e-9))
    return np.where(length > 0, found, _normal(vectors, words)).astype(np.float32)  # type: ignore[no-any-return]


def _incidence(grams: list[list[int]], places: dict[int, int]) -> sparse.csr_matrix:
    """Which row has which n-gram, and how often (rows, G); n-grams without a place are left out."""
    kept = [[places[gram] for gram in row if gram in places] for row in grams]
    ends = np.cumsum([0, *map(len, kept)])
    columns = np.fromiter((place for row in kept for place in row), np.int64, ends[-1])
    return sparse.csr_matrix((np.ones(len(columns), np.float32), columns, ends), shape=(len(grams), len(places)))


def _ngrams(word: str, shortest: int = 3, longest: int = 6) -> list[int]:
    marked = f"<{word}>".encode()
    return [
        zlib.crc32(marked[i : i + n])
        for n in range(shortest, longest + 1)
        for i in range(len(marked) - n + 1)
        if n < len(marked)
    ]


def _noise(word: str, width: int) -> np.ndarray:
    return np.random.default_rng(zlib.crc32(word.encode())).standard_normal(width)


STARTS: dict[str, Callable[[WordVectors, list[str]], np.ndarray]] = {
    "zero": _zero,
    "mean": _mean,
    "normal": _normal,
    "subword": _subword,
}
