"""The words that a reading is after, and a quick test of a line's start that lets nearly all other lines pass."""

from __future__ import annotations

import numpy as np

from wordfit.vectors.formats.lines import GAP
from wordfit.vectors.kernels import lines as kernels
from wordfit.vectors.packing import pack_bytes


class Wanted:
    """Some words, given as bytes; `sieve` is what `kernels.read_wanted` takes of them."""

    def __init__(self, words: frozenset[bytes]) -> None:
        self.words = parts = pack_bytes(list(words))
        spaced = {word for word in words if b" " in word or b"\t" in word}
        if spaced:  # lines that may hold one of these begin with its first part
            parts = pack_bytes(list((words - spaced) | {GAP.split(word, 1)[0] for word in spaced}))
        bits = max(12, (16 * len(parts)).bit_length())  # 16 to 32 bits for each word
        bitmap = np.zeros(1 << (bits - 6), dtype=np.uint64)
        kernels.fill_sieve(parts.text, parts.offsets, bitmap, bits)
        self.sieve: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int] = (
            parts.text,
            parts.offsets,
            parts.table,
            bitmap,
            bits,
        )
