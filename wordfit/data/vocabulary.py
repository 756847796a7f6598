"""`Vocabulary`: token to id and back; `<pad>` is 0, `<unk>` is 1, the rest by falling frequency in train."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from wordfit.data.tokenizer import Tokenizer


class Vocabulary:
    """Words with their ids and how often the training rows have each: `words[i]`, `counts[i]`."""

    def __init__(self, words: Sequence[str], counts: np.ndarray | None = None) -> None:
        self.words = list(words)
        self.counts = np.zeros(len(words), np.int64) if counts is None else counts  # (V,)
        self._ids = {word: i for i, word in enumerate(self.words)}

    @classmethod
    def build(
        cls, tokenizer: Tokenizer, train: Iterable[str], further: Iterable[str] = (), min_count: int = 1
    ) -> Vocabulary:
        """Every word of `train` that occurs `min_count` times, then the words that only `further` texts have."""
        train = list(train)
        words = tokenizer.count([*train, *further])
        ids, _ = tokenizer.with_words(words).encode(train)
        return cls.counted(words, ids, min_count)

    @classmethod
    def counted(cls, words: Sequence[str], ids: np.ndarray, min_count: int = 1) -> Vocabulary:
        """The same from the words of all texts and the training texts' ids (N,) among them."""
        counts = np.bincount(ids, minlength=len(words)).astype(np.int64)  # (V,)
        keep = (counts == 0) | (counts >= min_count)
        keep[:2] = True
        order = np.flatnonzero(keep)
        order = np.concatenate([order[:2], order[2:][np.argsort(-counts[order[2:]], kind="stable")]])
        return cls([words[i] for i in order.tolist()], counts[order])

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._ids

    def id(self, word: str) -> int:
        """The id of a word; the unknown word's where it has none."""
        return self._ids.get(word, 1)

    def sif_weights(self, a: float = 1e-3) -> np.ndarray:
        """Weight (V,) of each word: a / (a + p(word)), by its share of the words of train (Arora et al. 2017)."""
        return (a / (a + self.counts / max(1, self.counts.sum()))).astype(np.float32)  # type: ignore[no-any-return]
