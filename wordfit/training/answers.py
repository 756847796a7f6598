"""Answers of a run folder for new texts: by NumPy where the model is a mean of words, by torch otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wordfit.data.answers import named
from wordfit.models.bag import BagPredictor
from wordfit.training.run_folder import RunFolder


def answers(folder: RunFolder, texts: tuple[list[str], ...]) -> tuple[list[Any], np.ndarray]:
    """Answers as people read them, and probabilities (B, C) or scores (B,)."""
    bag = predictor(folder)
    if bag is None:
        scores = folder.model().scores(texts)
    else:
        scores = read(folder.config["network"]["head"], bag.logits(texts[0]))
    return named(folder.task, scores), scores


def predictor(folder: RunFolder) -> BagPredictor | None:
    """The run's model without torch; None where it is more than a mean of words and a head."""
    encoder = folder.config["network"].get("encoder", {})
    if encoder.get("name") not in ("mean", "sif"):
        return None
    state = folder.state
    matrix = state["embedding.weight"]
    if "embedding.start" in state:
        matrix = np.hstack([state["embedding.start"], matrix])  # the frozen channel comes first
    names = [name for name in ("head.hidden", "head.output") if f"{name}.weight" in state]
    layers = [(state[f"{name}.weight"], state[f"{name}.bias"]) for name in names]
    most = folder.config["settings"]["max_tokens"]
    return BagPredictor(folder.tokenizer, matrix, layers, state.get("word_weights"), most)


def read(head: dict[str, Any], logits: np.ndarray) -> np.ndarray:
    """Logits (B, C) as probabilities (B, C), or as scores (B,), as `models.heads.Head` reads them."""
    kind = head["kind"]
    if kind == "classes":
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        return shares / shares.sum(axis=1, keepdims=True)
    sure = 1 / (1 + np.exp(-logits.astype(np.float64)))
    if kind == "labels":
        return sure
    if kind == "binary":
        return np.hstack([1 - sure, sure])
    bounds: Sequence[float] | None = head.get("bounds")
    if bounds is None:
        return logits[:, 0]
    return bounds[0] + (bounds[1] - bounds[0]) * sure[:, 0]  # type: ignore[no-any-return]
