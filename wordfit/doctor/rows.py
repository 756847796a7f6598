"""Rows of training or of evaluation: the ids that were fed, their targets and their answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np


@dataclass
class Rows:
    """Rows of one split in the order they came; `texts` holds the ids of every input without padding."""

    texts: list[tuple[tuple[int, ...], ...]] = field(default_factory=list)
    targets: list[Any] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    values: list[np.ndarray] = field(default_factory=list)  # of rows that hold numbers in place of ids
    batches: list[int] = field(default_factory=list)  # batch number of every row
    steps: list[int] = field(default_factory=list)
    empty: int = 0

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def labels(self) -> np.ndarray | None:
        """Class numbers, where every row has one."""
        if not self.targets or any(t is None or not np.isscalar(t) for t in self.targets):
            return None
        values = np.array(self.targets, dtype=float)
        if self._are_places(values):
            return None
        if not np.isfinite(values).all() or (values != values.round()).any():
            return None
        return values.astype(int)

    def picked(self, kept: list[int]) -> Rows:
        """Some of the rows, by their numbers."""
        found = Rows(empty=self.empty)
        for name in ("texts", "targets", "answers", "values", "batches", "steps"):
            values = getattr(self, name)
            setattr(found, name, [values[n] for n in kept] if len(values) == len(self) else [])
        return found

    def guesses(self, classes: int) -> np.ndarray | None:
        """Class numbers that the answers stand for; of a single score, on which side of the middle it lies."""
        answers = [a for a in self.answers if a is not None]
        if len(answers) != len(self) or not answers or len({len(a) for a in answers}) != 1:
            return None
        values = np.array(answers)
        if values.shape[1] >= 2:
            return values.argmax(1)
        flat = values[:, 0]
        probabilities = flat.min() >= 0 and flat.max() <= 1
        return (flat > (0.5 if probabilities else 0.0)).astype(int) if classes <= 2 else None

    def _are_places(self, values: np.ndarray) -> bool:
        """Targets 0, 1, 2 ... in every batch say which row of the batch is the right one; they are no classes."""
        batches = np.array(self.batches)
        parts = [values[batches == b] for b in sorted(set(self.batches))[:6]]
        return len(values) > 8 and all(len(p) > 3 and (p == np.arange(len(p))).all() for p in parts[:-1] or parts)
