"""Answers of a run folder for new texts: by NumPy where the model is a mean of words, by torch otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np

from wordfit.data.answers import named
from wordfit.training.run_folder import RunFolder


def answers(folder: RunFolder, texts: tuple[list[str], ...]) -> tuple[list[Any], np.ndarray]:
    """Answers as people read them, and probabilities (B, C) or scores (B,)."""
    scores = folder.model().scores(texts)
    return named(folder.task, scores), scores
