"""fastText's mean over a word's own row and the rows of its character n-grams, compiled."""

# mypy: ignore-errors
from __future__ import annotations

import numpy as np
from numba import njit

OFFSET, PRIME = np.uint32(2166136261), np.uint32(16777619)  # of the 32-bit FNV-1a hash


@njit(cache=True, nogil=True)
def mean_rows(text, offsets, own, buckets, shortest, longest, out):
    """Mean vectors of bounded words (`<word>`); `own` holds a row for each word, or none at all.

    Sums run in float32 in fastText's order, so the vectors are its own bit for bit.
    """
    for i in range(len(out)):
        count = 0
        for column in range(out.shape[1]):
            out[i, column] = np.float32(0.0)
        if len(own):
            out[i] += own[i]
            count += 1
        count += add_ngrams(text, offsets[i], offsets[i + 1], buckets, shortest, longest, out[i])
        if count:
            scale = np.float32(1.0 / count)
            for column in range(out.shape[1]):
                out[i, column] *= scale


@njit(cache=True, nogil=True)
def count_ngrams(text, offsets, shortest, longest, counts):
    """How many n-grams each bounded word has."""
    nothing, total = np.zeros((1, 0), dtype=np.float32), np.zeros(0, dtype=np.float32)
    for i in range(len(counts)):
        counts[i] = add_ngrams(text, offsets[i], offsets[i + 1], nothing, shortest, longest, total)


@njit(cache=True, nogil=True)
def add_ngrams(text, start, end, buckets, shortest, longest, total):
    """Add the rows of the n-grams of the bytes from start to end; how many there are."""
    count = 0
    for first in range(start, end):
        if text[first] & 0xC0 == 0x80:  # inside a character
            continue
        code = OFFSET
        place, length = first, 1
        while place < end and length <= longest:
            code = fold(code, text[place])
            place += 1
            while place < end and text[place] & 0xC0 == 0x80:
                code = fold(code, text[place])
                place += 1
            if length >= shortest and not (length == 1 and (first == start or place == end)):
                total += buckets[np.int64(code) % len(buckets)]
                count += 1
            length += 1
    return count


@njit(cache=True, nogil=True)
def fold(code, byte):
    """One step of the hash; fastText takes bytes as signed."""
    signed = np.uint32(byte) | np.uint32(0xFFFFFF00) if byte > 127 else np.uint32(byte)
    return np.uint32(np.uint32(code ^ signed) * PRIME)
