"""Words and their vectors: a read-only mapping with gensim's names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from wordfit.errors import InputError
from wordfit.files import open_bytes, write_whole
from wordfit.vectors.notes import Notes


class WordVectors(Mapping[str, np.ndarray]):
    """V words and a float32 matrix (V, D), read-only; the order is the file's, usually by frequency."""

    def __init__(self, words: Sequence[str], vectors: np.ndarray, notes: Notes | None = None) -> None:
        matrix = np.asarray(vectors, dtype=np.float32).view()
        if matrix.ndim != 2 or len(words) != len(matrix):
            raise InputError(f"expected one row per word, found {len(words)} words, shape {matrix.shape}")
        matrix.flags.writeable = False
        self.vectors = matrix  # (V, D)
        self.index_to_key: Sequence[str] = words
        self.key_to_index: Mapping[str, int] = {word: i for i, word in enumerate(words)}
        if len(self.key_to_index) != len(words):
            raise InputError("expected every word once, found some twice")
        self.notes = notes or Notes(total=len(words), taken=len(words))

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        words: Iterable[str] | None = None,
        limit: int | None = None,
        lenient: bool = False,
        cache: bool = True,
    ) -> WordVectors:
        """Read a vector file; with `words` only those, with `limit` only the first so many."""
        wanted = None if words is None else frozenset(words)
        kept: dict[str, np.ndarray] = {}
        total, width = 0, 0
        with open_bytes(path) as file:
            for number, line in enumerate(file, 1):
                parts = line.rstrip(b"\r\n ").split(b" ")
                if number == 1 and len(parts) == 2:
                    continue
                width = width or len(parts) - 1
                word = b" ".join(parts[:-width]).decode("utf-8", "replace")
                total += 1
                if word not in kept and (wanted is None or word in wanted):
                    kept[word] = np.array(parts[-width:]).astype(np.float32)
                if limit is not None and total >= limit:
                    break
        matrix = np.array(list(kept.values()), dtype=np.float32).reshape(len(kept), width)
        return cls(list(kept), matrix, Notes(str(path), "text", total, len(kept)))

    @property
    def vector_size(self) -> int:
        return self.vectors.shape[1]

    def __len__(self) -> int:
        return len(self.vectors)

    def __iter__(self) -> Iterator[str]:
        return iter(self.index_to_key)

    def __contains__(self, word: object) -> bool:
        return word in self.key_to_index

    def __getitem__(self, word: Any) -> np.ndarray:
        """The vector of a word (D,), or of several (N, D); KeyError for a word that has none."""
        if isinstance(word, str):
            return self.vectors[self.key_to_index[word]]
        return self.vectors[[self.key_to_index[w] for w in word]]

    def indices(self, words: Iterable[str]) -> np.ndarray:
        """Row of each word, -1 where it has none: (N,) int64."""
        find = self.key_to_index.get
        return np.fromiter((find(word, -1) for word in words), dtype=np.int64)

    def most_similar(self, word: str, topn: int = 10) -> list[tuple[str, float]]:
        """The nearest words by cosine, itself left out."""
        unit = self.vectors / np.maximum(np.linalg.norm(self.vectors, axis=1, keepdims=True), 1e-12)
        scores = unit @ unit[self.key_to_index[word]]  # (V,)
        order = [i for i in np.argsort(-scores) if i != self.key_to_index[word]][:topn]
        return [(self.index_to_key[i], float(scores[i])) for i in order]

    def save(self, path: str | os.PathLike[str], format: str | None = None) -> None:
        """Write as text, the numbers short and exact; with a header unless the format is `glove`."""
        with write_whole(path) as file:
            if format != "glove":
                file.write(f"{len(self)} {self.vector_size}\n")
            for word, row in zip(self.index_to_key, self.vectors):
                file.write(f"{word} {' '.join(str(value) for value in row)}\n")
