"""Probabilities and scores read as answers: numbers for metrics, names for people."""

from __future__ import annotations

from typing import Any

import numpy as np

from wordfit.data.task import Task


def decide(task: Task, scores: np.ndarray) -> np.ndarray:
    """Answers as numbers: classes (B,), labels (B, L) as booleans, scores (B,)."""
    if task.kind == "classes":
        return scores.argmax(axis=1) if len(scores) else np.zeros(0, np.int64)
    return scores > 0.5 if task.kind == "labels" else scores


def named(task: Task, scores: np.ndarray) -> list[Any]:
    """Answers as people read them: a label, a list of labels, or a number."""
    answers = decide(task, scores)
    if task.kind == "classes":
        return [task.labels[i] for i in answers]
    if task.kind == "labels":
        return [[name for name, holds in zip(task.labels, row) if holds] for row in answers]
    return [float(value) for value in answers]
