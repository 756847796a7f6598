"""`Trained`: what a training leaves behind, and the word vectors made of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wordfit.glove.settings import Settings
from wordfit.glove.train import State
from wordfit.glove.words import UNKNOWN, WordCounts
from wordfit.vectors.word_vectors import WordVectors

RARE = 100  # the vector of unknown words is the mean of so many of the rarest, as Stanford's


@dataclass(frozen=True)
class Trained:
    """What a training leaves behind."""

    vocabulary: WordCounts
    words: np.ndarray  # (V, D) float32
    contexts: np.ndarray  # (V, D) float32
    word_bias: np.ndarray  # (V,) float32
    context_bias: np.ndarray  # (V,) float32
    costs: tuple[float, ...]
    """Mean cost of an entry in each epoch."""
    combine: str = "sum"
    unknown: bool = True

    @property
    def vectors(self) -> WordVectors:
        """The word vectors: word plus context vector, or either; `<unk>` last, the mean of the 100 rarest words."""
        matrix = {"sum": self.words + self.contexts, "word": self.words, "context": self.contexts}[self.combine]
        words = list(self.vocabulary.words)
        if self.unknown and UNKNOWN not in words:
            words.append(UNKNOWN)
            matrix = np.vstack([matrix, matrix[-RARE:].mean(axis=0, keepdims=True)])
        return WordVectors(words, matrix)

    @classmethod
    def of(cls, settings: Settings, vocabulary: WordCounts, state: State) -> Trained:
        t, dim = state.tables, settings.dim
        return cls(
            vocabulary, t.words[:, 0, :dim], t.contexts[:, 0, :dim], t.word_bias[:, 0], t.context_bias[:, 0],
            state.costs, settings.combine, settings.unknown,
        )  # fmt: skip
