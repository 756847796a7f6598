"""Measure vectors on word similarity and analogies, with what was found and how sure the figure is.

A similarity set is lines of word, word, score; an analogy set is lines of four words, with `: section` lines.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from wordfit.errors import InputError
from wordfit.files import open_text
from wordfit.vectors.similarity import SMALLEST, top, unit

if TYPE_CHECKING:
    from wordfit.vectors.word_vectors import WordVectors

BLOCK = 512  # analogy questions answered at a time
Pair = tuple[str, str, float]
Question = tuple[str, str, str, str]


@dataclass(frozen=True)
class WordSet:
    """One file of pairs or of questions."""

    name: str
    pairs: tuple[Pair, ...] = ()
    questions: tuple[tuple[str, Question], ...] = ()  # section, four words


@dataclass(frozen=True)
class SimilarityScore:
    """Spearman's correlation of cosines with people's scores over the pairs found, with a bootstrap interval."""

    name: str
    pairs: int
    found: int
    spearman: float
    low: float
    high: float
    spearman_all: float  # pairs not found count with the mean cosine


@dataclass(frozen=True)
class AnalogyScore:
    """The share of the questions found that are answered right, by 3CosAdd and by 3CosMul, in all and by section."""

    name: str
    questions: int
    found: int
    add: float
    mul: float
    sections: dict[str, tuple[int, float, float]]  # found, add, mul


def read_set(path: str | os.PathLike[str]) -> WordSet:
    """Read a similarity or an analogy set, told apart by the columns of its lines."""
    name = Path(path).name.partition(".")[0]
    with open_text(path) as file:
        lines = [line.strip() for line in file.read().splitlines()]
    section = ""
    pairs: list[Pair] = []
    questions: list[tuple[str, Question]] = []
    for number, line in enumerate(lines, 1):
        parts = line.split("\t") if "\t" in line else line.split()
        if line.startswith(":") or not line or line.startswith("#"):
            section = line.lstrip(": ") if line.startswith(":") else section
        elif len(parts) == 4 and not pairs:
            questions.append((section, (parts[0], parts[1], parts[2], parts[3])))
        elif len(parts) == 3 and not questions and _is_number(parts[2]):
            pairs.append((parts[0], parts[1], float(parts[2])))
        else:
            raise InputError(f"{path}, line {number}: expected word, word, score or four words, found {line[:60]!r}")
    if not pairs and not questions:
        raise InputError(f"{path}: expected pairs or questions, found no line of either")
    return WordSet(name, tuple(pairs), tuple(questions))


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def read_sets(folder: str | os.PathLike[str]) -> list[WordSet]:
    """Every set of a folder and the folders in it; licences and readmes are passed over."""
    if Path(folder).is_file():
        return [read_set(folder)]
    files = sorted(p for p in Path(folder).rglob("*") if p.suffix in (".txt", ".tsv", ".csv") and p.is_file())
    sets = [read_set(p) for p in files if not p.name.upper().startswith(("LICENSE", "README"))]
    if not sets:
        raise InputError(f"{folder}: expected similarity or analogy sets (.txt, .tsv), found none")
    return sets


def rows_of(vectors: WordVectors, words: Sequence[str]) -> np.ndarray:
    """The row of each word, or of its lower-case form where it has none itself: (N,), -1 for neither."""
    rows = vectors.indices(words)
    lower = vectors.indices([word.lower() for word in words])
    return np.where(rows >= 0, rows, lower)


def similarity_score(vectors: WordVectors, pairs: WordSet, draws: int = 1000, seed: int = 0) -> SimilarityScore:
    """Spearman's correlation with a 95 % percentile interval from a bootstrap over the pairs."""
    first = rows_of(vectors, [a for a, _, _ in pairs.pairs])
    second = rows_of(vectors, [b for _, b, _ in pairs.pairs])
    found = (first >= 0) & (second >= 0)
    scores = np.array([score for _, _, score in pairs.pairs])
    cosines = np.zeros(len(scores))
    a, b = unit(vectors.vectors[first[found]]), unit(vectors.vectors[second[found]])  # (N, D)
    cosines[found] = (a * b).sum(axis=1)
    cosines[~found] = cosines[found].mean() if found.any() else 0.0
    own, people = cosines[found], scores[found]
    low, high = _bootstrap(own, people, draws, seed)
    return SimilarityScore(
        pairs.name, len(scores), int(found.sum()), spearman(own, people), low, high, spearman(cosines, scores)
    )


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's rank correlation, ties at their mean rank; nan for fewer than three pairs or a constant."""
    from scipy.stats import rankdata

    if len(a) < 3:
        return float("nan")
    x, y = rankdata(a), rankdata(b)
    x, y = x - x.mean(), y - y.mean()
    below = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / below) if below else float("nan")


def _bootstrap(own: np.ndarray, people: np.ndarray, draws: int, seed: int) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(draws):
        chosen = rng.integers(0, max(len(own), 1), len(own))
        values.append(spearman(own[chosen], people[chosen]))
    finite = np.array([value for value in values if np.isfinite(value)])
    if not len(finite):
        return float("nan"), float("nan")
    low, high = np.quantile(finite, [0.025, 0.975])
    return float(low), float(high)


def analogy_score(vectors: WordVectors, questions: WordSet, restrict: int | None = None) -> AnalogyScore:
    """The share answered right, a : b as c : ?, none of the three an answer; `restrict` limits the answers to the
    first so many words."""
    words = [word for _, question in questions.questions for word in question]
    rows = rows_of(vectors, words).reshape(-1, 4)
    size = len(vectors) if restrict is None else min(restrict, len(vectors))
    found = ((rows >= 0) & (rows < size)).all(axis=1)
    add, mul = (np.zeros(len(rows), dtype=bool) for _ in range(2))
    places = np.flatnonzero(found)
    for start in range(0, len(places), BLOCK):
        some = places[start : start + BLOCK]
        add[some] = _add_answers(vectors, rows[some], size) == rows[some, 3]
        mul[some] = _mul_answers(vectors, rows[some], size) == rows[some, 3]
    names = np.array([section for section, _ in questions.questions])
    sections = {
        name: (int(chosen.sum()), _share(add[chosen]), _share(mul[chosen]))
        for name in dict.fromkeys(names.tolist())
        if (chosen := found & (names == name)).any()
    }
    return AnalogyScore(questions.name, len(rows), int(found.sum()), _share(add[found]), _share(mul[found]), sections)


def _share(right: np.ndarray) -> float:
    return float(right.mean()) if len(right) else float("nan")


def _add_answers(vectors: WordVectors, rows: np.ndarray, size: int) -> np.ndarray:
    a, b, c = (unit(vectors.vectors[rows[:, i]]) for i in range(3))  # (Q, D)
    return top(vectors, unit(b - a + c), 1, rows[:, :3], size)[0][:, 0]


def _mul_answers(vectors: WordVectors, rows: np.ndarray, size: int) -> np.ndarray:
    """3CosMul (Levy and Goldberg 2014, equation 4), in blocks of the vocabulary."""
    asked = unit(vectors.vectors[rows[:, :3].ravel()])  # (3 Q, D)
    best = np.full(len(rows), -np.inf, dtype=np.float32)
    answers = np.full(len(rows), -1)
    step = max(256, (1 << 23) // max(len(asked), 1))
    for start in range(0, size, step):
        stop = min(start + step, size)
        block = vectors.vectors[start:stop] / np.maximum(vectors.norms[start:stop], SMALLEST)[:, None]
        a, b, c = np.moveaxis((1 + (asked @ block.T).reshape(len(rows), 3, -1)) / 2, 1, 0)  # (Q, B)
        scores = b * c / (a + 1e-6)
        question, column = np.nonzero((rows[:, :3] >= start) & (rows[:, :3] < stop))
        scores[question, rows[question, column] - start] = -np.inf
        top_here = scores.argmax(axis=1)
        value = scores[np.arange(len(rows)), top_here]
        better = value > best
        best[better], answers[better] = value[better], top_here[better] + start
    return answers
