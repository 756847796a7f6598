"""Texts from one file each, sorted by name: `text_10` stands before `text_2`, while a list of labels counts on."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from wordfit.doctor.bench import Bench
from wordfit.doctor.experiments.texts.bags import bags
from wordfit.doctor.experiments.texts.corpora import corpora, plain_value, tokens_of

LEAST = 40  # files of one name, but for their numbers
MOST = 2000  # rows that a plain learner is tried on
NUMBER = re.compile(r"(\d+)(?=\D*$)")


def numbered(bench: Bench) -> dict[str, Any] | None:
    """If numbered files were read by the letters of their names: do labels belong to them by their numbers?"""
    numbers = _read_by_letters(bench)
    if numbers is None or bench.left < 3:
        return None
    corpora(bench)
    found: dict[str, Any] = {"files": len(numbers), "joined": 0.0, "by_number": 0.0}
    for _, texts in bench.memo["lists"][0][:6]:
        order = _places(numbers, len(texts))
        if order is None:
            continue
        for labels in _labels(bench, len(texts)):
            if bench.left < 2:
                continue
            x, _ = bags([(tokens_of(t),) for t in texts[:MOST]])
            joined, counted = _explained(x, labels[:MOST]), _explained(x, labels[order][:MOST])
            if counted > found["by_number"]:
                found |= {"joined": joined, "by_number": counted}
    return found


def _labels(bench: Bench, rows: int) -> Iterator[np.ndarray]:
    """Scores of so many rows; or classes, as rows of ones and zeros."""
    for _, labels in bench.recorder.found.get("numbers", [])[:8]:
        if len(labels) == rows:
            y = np.array([float(plain_value(v)) for v in labels])
            if y.std() > 0 and np.isfinite(y).all():
                yield y
    for _, labels in bench.memo["lists"][1][:8]:
        kinds = sorted({plain_value(v) for v in labels}, key=str)
        if len(labels) == rows and 2 <= len(kinds) <= 30:
            yield np.array([[plain_value(v) == kind for kind in kinds] for v in labels], dtype=float)


def _read_by_letters(bench: Bench) -> list[int] | None:
    """The numbers of files as they were read, if that is the order of their names and not of their numbers."""
    groups: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for path in bench.recorder.files:
        if hit := NUMBER.search(Path(path).name):
            groups[NUMBER.sub("#", path)].append((path, int(hit.group(1))))
    for files in groups.values():
        names, numbers = [f for f, _ in files], [n for _, n in files]
        if len(files) >= LEAST and names == sorted(names) and numbers != sorted(numbers):
            return numbers
    return None


def _places(numbers: list[int], count: int) -> np.ndarray | None:
    """The place of each text among the numbers, of as many files as texts; they are counted from nought or from one."""
    for first in (0, 1):
        by_letters = sorted(range(first, count + first), key=str)
        if by_letters[: len(numbers)] == numbers[:count]:
            return np.array(by_letters) - first
    return None


def _explained(x: Any, y: np.ndarray) -> float:
    """The share of the variance that a linear model explains, across the rows; of classes that of the best told."""
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import cross_val_predict

    guess = cross_val_predict(Ridge(alpha=3.0), x, y, cv=3).reshape(len(y), -1)  # (rows, scores)
    columns = [(g, t) for g, t in zip(guess.T, y.reshape(len(y), -1).T) if g.std() > 1e-9 and t.std() > 1e-9]
    return max([float(max(np.corrcoef(g, t)[0, 1], 0.0) ** 2) for g, t in columns], default=0.0)
