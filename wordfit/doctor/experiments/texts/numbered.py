"""Texts from one file each, sorted by name: `text_10` stands before `text_2`, while a list of labels counts on."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from wordfit.doctor.bench import Bench
from wordfit.doctor.experiments.texts.corpora import corpora, plain_value, tokens_of
from wordfit.doctor.experiments.texts.data import bags

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
        for _, labels in bench.recorder.found.get("numbers", [])[:8]:
            if len(labels) != len(texts) or bench.left < 2:
                continue
            y = np.array([float(plain_value(v)) for v in labels])
            if y.std() == 0 or not np.isfinite(y).all():
                continue
            x, _ = bags([(tokens_of(t),) for t in texts[:MOST]])
            joined, counted = _explained(x, y[:MOST]), _explained(x, y[order][:MOST])
            if counted > found["by_number"]:
                found |= {"joined": joined, "by_number": counted}
    return found


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
    """The share of the variance that a linear model explains, across the rows."""
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import cross_val_predict

    guess = cross_val_predict(Ridge(alpha=3.0), x, y, cv=3)
    return float(max(np.corrcoef(guess, y)[0, 1], 0.0) ** 2) if guess.std() > 1e-9 else 0.0
