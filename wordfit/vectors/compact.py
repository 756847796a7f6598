"""Smaller copies of vectors: float16, or int8 with a scale for each word; a look-up gives float32 again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from wordfit.errors import InputError
from wordfit.files import write_whole
from wordfit.vectors.index import WordIndex

if TYPE_CHECKING:
    from wordfit.vectors.word_vectors import WordVectors

KINDS = ("float16", "int8")
LARGEST = 127  # of int8; -128 is not used, so that signs are alike


class CompactVectors(Mapping[str, np.ndarray]):
    """Words with codes (V, D) of two bytes or one; read-only. int8 keeps a float32 scale (V, 1) for each word."""

    def __init__(self, vectors: WordVectors, kind: str) -> None:
        if kind not in KINDS:
            raise InputError(f"kind={kind!r}: expected {' or '.join(KINDS)}")
        matrix = vectors.vectors
        self.key_to_index, self.index_to_key = vectors.key_to_index, vectors.index_to_key
        self.scales: np.ndarray | None = None
        if kind == "float16":
            if len(matrix) and float(np.abs(matrix).max()) > float(np.finfo(np.float16).max):
                raise InputError("float16 holds values up to 65,504, and these vectors have larger ones; use int8")
            self.codes = matrix.astype(np.float16)
        else:
            top = np.abs(matrix).max(axis=1, keepdims=True) if matrix.size else np.zeros((len(matrix), 1))
            self.scales = (np.where(top > 0, top, 1) / LARGEST).astype(np.float32)  # (V, 1)
            self.codes = np.rint(matrix / self.scales).astype(np.int8)

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[str]:
        return iter(self.index_to_key)

    def __getitem__(self, word: str) -> np.ndarray:
        """The vector of a word (D,) float32, as near as the codes hold it."""
        row = self.key_to_index[word]
        vector = self.codes[row].astype(np.float32)
        return vector if self.scales is None else vector * self.scales[row]

    @property
    def vectors(self) -> np.ndarray:
        """All vectors (V, D) float32, made anew."""
        whole = self.codes.astype(np.float32)
        return whole if self.scales is None else whole * self.scales

    @property
    def nbytes(self) -> int:
        """The bytes of codes and scales."""
        return self.codes.nbytes + (0 if self.scales is None else self.scales.nbytes)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write safetensors that `WordVectors.load` opens as float32."""
        from wordfit.vectors.notes import Notes
        from wordfit.vectors.packing import pack
        from wordfit.vectors.tables import write_table

        index = self.key_to_index if isinstance(self.key_to_index, WordIndex) else pack(self.index_to_key)
        notes = Notes(format=f"safetensors, {self.codes.dtype}", total=len(self), taken=len(self))
        others = {} if self.scales is None else {"scales": self.scales}
        with write_whole(path, "wb") as file:
            write_table(file, self.codes, index, notes, others)
