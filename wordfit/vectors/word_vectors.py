"""Words and their vectors: a read-only mapping with gensim's names.

Reading is in `loading`, writing in `writing`, neighbours in `similarity`, changed copies in `transform`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from wordfit.errors import InputError
from wordfit.vectors import similarity, transform
from wordfit.vectors.compact import CompactVectors
from wordfit.vectors.formats import writing
from wordfit.vectors.formats.reading import Options
from wordfit.vectors.index import WordIndex, encode
from wordfit.vectors.loading import load
from wordfit.vectors.notes import Notes

if TYPE_CHECKING:
    from wordfit.vectors.formats.fasttext import Subwords


class WordVectors(Mapping[str, np.ndarray]):
    """V words and a float32 matrix (V, D), read-only; the order is the file's, usually by frequency."""

    vectors: np.ndarray  # (V, D) float32
    index_to_key: Sequence[str]
    key_to_index: Mapping[str, int]
    notes: Notes
    subwords: Subwords | None = None  # of fastText: the vectors of words that are not in the vocabulary

    def __init__(self, words: Sequence[str], vectors: np.ndarray, notes: Notes | None = None) -> None:
        """Words, all different, and a row for each: (V, D), taken as float32."""
        rows = {word: i for i, word in enumerate(words)}
        if len(rows) != len(words):
            raise InputError("expected every word once, found some twice")
        self._set(list(words), rows, vectors, notes)

    def _set(
        self, words: Sequence[str], rows: Mapping[str, int], vectors: np.ndarray, notes: Notes | None
    ) -> WordVectors:
        matrix = np.asarray(vectors, dtype=np.float32).view()
        if matrix.ndim != 2 or len(words) != len(matrix):
            raise InputError(f"expected one row per word, found {len(words)} words, shape {matrix.shape}")
        matrix.flags.writeable = False
        self.vectors, self.index_to_key, self.key_to_index = matrix, words, rows
        self.notes = notes or Notes(total=len(words), taken=len(words))
        return self

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        words: Iterable[str] | None = None,
        limit: int | None = None,
        lenient: bool = False,
        cache: bool = True,
        invalid: str = "replace",
    ) -> WordVectors:
        """Read a file of vectors; its format is told from its content.

        GloVe and word2vec text, word2vec and fastText binary, `.npy` and `.npz` with words, safetensors; plain, gzip,
        bzip2, xz or zip (`archive.zip/member` names one of several); `-` is standard input. With `words` only these
        are kept, with `limit` only the first so many words of the file.

        A line that is at fault stops with InputError; `lenient` leaves it out and lists it in `notes`. Bytes that
        are not UTF-8 become U+FFFD, or stay as they are (`invalid="keep"`), or stop ("refuse"). With `cache` a
        table is kept in the user's cache, and opened in milliseconds the next time.
        """
        if invalid not in ("replace", "keep", "refuse"):
            raise InputError(f"invalid={invalid!r}: expected 'replace', 'keep' or 'refuse'")
        if isinstance(words, str):
            raise InputError("words: expected several words, found one string")
        wanted = None if words is None else frozenset(_bytes_of(words))
        index, vectors, notes, others = load(path, Options(wanted, limit, lenient, invalid), cache)
        if "scales" in others:
            vectors = vectors.astype(np.float32) * others["scales"]
        made = cls.__new__(cls)
        if isinstance(index, WordIndex):
            made._set(index.words, index, vectors, notes)
        else:
            made._set(index, {word: i for i, word in enumerate(index)}, vectors, notes)
        if "subwords" in others:
            from wordfit.vectors.formats.fasttext import Subwords

            made.subwords = Subwords.of(others)
        return made

    @classmethod
    def of(cls, keyed_vectors: Any) -> WordVectors:
        """The vectors of a gensim `KeyedVectors` object, or of anything with `index_to_key` and `vectors`."""
        return cls(list(keyed_vectors.index_to_key), keyed_vectors.vectors)

    def to_keyed_vectors(self) -> Any:
        """The same as a gensim `KeyedVectors` object."""
        return writing.to_keyed_vectors(self)

    def save(self, path: str | os.PathLike[str], format: str | None = None) -> None:
        """Write to a file whole or not at all; the format is told from the name unless given.

        `glove` and `word2vec` text (.txt, .vec), `word2vec-binary` (.bin), `fasttext` (.bin of a set with subwords),
        `npz`, `npy` (the words beside it), `safetensors`; text and binary also packed (.gz, .bz2, .xz, .zip). Numbers
        in text bring back the same float32.
        """
        writing.save(self, path, format)

    @property
    def vector_size(self) -> int:
        """D, the values of a vector."""
        return self.vectors.shape[1]

    @cached_property
    def norms(self) -> np.ndarray:
        """The Euclidean length of each vector: (V,) float32."""
        return similarity.lengths(self.vectors)

    def __len__(self) -> int:
        return len(self.vectors)

    def __iter__(self) -> Iterator[str]:
        return iter(self.index_to_key)

    def __contains__(self, word: object) -> bool:
        return word in self.key_to_index

    def __getitem__(self, word: Any) -> np.ndarray:
        """The vector of a word (D,), or of several (N, D).

        A word without one is a KeyError, unless subwords give it a vector: that of fastText.
        """
        if not isinstance(word, str):
            return np.stack([self[one] for one in word]) if len(word) else self.vectors[:0]
        row = self.key_to_index.get(word)
        if row is not None:
            return self.vectors[row]
        if self.subwords is not None:
            return self.subwords.vector(word)
        raise KeyError(f"{word!r} has no vector")

    __eq__ = object.__eq__  # a mapping's own would compare arrays
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<WordVectors: {len(self):,} words x {self.vector_size}>"

    def indices(self, words: Iterable[str]) -> np.ndarray:
        """The row of each word, -1 where it has none: (N,) int64."""
        if isinstance(self.key_to_index, WordIndex):
            return self.key_to_index.rows(list(words))
        find = self.key_to_index.get
        return np.fromiter((find(word, -1) for word in words), dtype=np.int64)

    def nearest(
        self, queries: Sequence[str] | np.ndarray, topn: int = 10, restrict: int | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The rows (Q, topn) nearest by cosine to words or vectors (Q, D), and their cosines; the words
        themselves are left out. With `restrict` among the first so many rows."""
        return similarity.nearest(self, queries, topn, restrict)

    def most_similar(
        self,
        positive: str | Sequence[str] = (),
        negative: str | Sequence[str] = (),
        topn: int = 10,
        restrict: int | None = None,
    ) -> list[tuple[str, float]]:
        """The words nearest by cosine to the mean of some words, less that of others (3CosAdd)."""
        return similarity.most_similar(self, positive, negative, topn, restrict)

    def most_similar_cosmul(
        self, positive: str | Sequence[str] = (), negative: str | Sequence[str] = (), topn: int = 10
    ) -> list[tuple[str, float]]:
        """The same by 3CosMul: products of cosines, moved to 0..1, over those of the negative words
        (Levy and Goldberg 2014, equation 4)."""
        return similarity.most_similar_cosmul(self, positive, negative, topn)

    def analogy(self, a: str, b: str, c: str, method: str = "add", topn: int = 1) -> list[tuple[str, float]]:
        """What is to `c` as `b` is to `a`; by 3CosAdd (`add`) or 3CosMul (`mul`)."""
        if method not in ("add", "mul"):
            raise InputError(f"method={method!r}: expected 'add' or 'mul'")
        ask = self.most_similar if method == "add" else self.most_similar_cosmul
        return ask([b, c], [a], topn)

    def similarity(self, a: str, b: str) -> float:
        """The cosine of two words."""
        return similarity.cosine(self[a], self[b])

    def doesnt_match(self, words: Sequence[str]) -> str:
        """The word whose cosine with the mean of all is the least."""
        return similarity.doesnt_match(self, words)

    def subset(self, words: Iterable[str]) -> WordVectors:
        """Those of some words that are there, in the order given."""
        return transform.subset(self, words)

    def normalised(self) -> WordVectors:
        """Every vector at length one; a zero vector stays zero."""
        return transform.normalised(self)

    def centred(self) -> WordVectors:
        """The mean vector taken off."""
        return transform.centred(self)

    def without_top(self, components: int | None = None) -> WordVectors:
        """The mean and the top principal components taken off, D / 100 of them unless given ("all but the top",
        Mu and Viswanath 2018)."""
        return transform.without_top(self, components)

    def joined(self, other: WordVectors) -> WordVectors:
        """Vectors side by side, for the words that both have: (V', D + D')."""
        return transform.joined(self, other)

    def compact(self, kind: str) -> CompactVectors:
        """A copy in `float16` (half the bytes) or `int8` with a scale for each word (a quarter)."""
        return CompactVectors(self, kind)

    def aligned(self, other: WordVectors, words: Sequence[tuple[str, str]] | None = None) -> WordVectors:
        """Turned by the rotation that brings words nearest to their counterparts in another set (orthogonal
        Procrustes, Schoenemann 1966); the counterpart of a word is the same word unless pairs are given."""
        return transform.aligned(self, other, words)


def _bytes_of(words: Iterable[str]) -> Iterator[bytes]:
    for word in words:
        try:
            yield encode(word)
        except UnicodeEncodeError:  # a lone surrogate, which no file can hold
            continue
