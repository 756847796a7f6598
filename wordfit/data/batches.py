"""Encoded rows, and batches of them: padded, masked, rows of like length together, shuffled by a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wordfit.data.tokenizer import Tokenizer


@dataclass(frozen=True)
class Encoded:
    """Texts as ids end to end: text i is `ids[offsets[i]:offsets[i + 1]]`."""

    ids: np.ndarray  # (N,) int32
    offsets: np.ndarray  # (B + 1,) int64

    @classmethod
    def of(cls, texts: list[str], tokenizer: Tokenizer) -> Encoded:
        """Encode texts with a tokenizer that has its vocabulary."""
        return cls(*tokenizer.encode(texts))

    def renumbered(self, new: np.ndarray) -> Encoded:
        """The same texts over another vocabulary: id i becomes `new[i]`."""
        return Encoded(new[self.ids], self.offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> np.ndarray:
        """Tokens of each text (B,)."""
        return np.diff(self.offsets)

    def padded(self, rows: np.ndarray, max_tokens: int | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Ids (B, T) int64 with zeros behind each text, and which are words (B, T); T is at least 1."""
        lengths = self.lengths[rows]  # (B,)
        longest = max(1, int(lengths.max(initial=1)))
        places = np.arange(min(longest, max_tokens or longest))  # (T,)
        mask = places < lengths[:, None]  # (B, T)
        flat = np.where(mask, self.offsets[rows][:, None] + places, 0)
        ids = self.ids[flat] if len(self.ids) else np.zeros(flat.shape, np.int32)
        return np.where(mask, ids, 0).astype(np.int64), mask


@dataclass(frozen=True)
class Batch:
    """Rows of a split: per text ids (B, T) int64, mask (B, T) bool; targets (B,) or (B, C); row numbers (B,)."""

    texts: tuple[tuple[np.ndarray, np.ndarray], ...]
    target: np.ndarray
    rows: np.ndarray


def order_batches(lengths: np.ndarray, size: int, seed: int | None, bucket: int = 50) -> Iterator[np.ndarray]:
    """Row numbers of each batch: rows shuffled, sorted by length within `bucket` batches, batches shuffled.

    Without a seed the rows come sorted by length, for prediction.
    """
    count = len(lengths)
    if seed is None:
        order = np.argsort(lengths, kind="stable")
        yield from (order[i : i + size] for i in range(0, count, size))
        return
    random = np.random.default_rng(seed)
    order = random.permutation(count)
    batches = []
    for start in range(0, count, size * bucket):
        part = order[start : start + size * bucket]
        part = part[np.argsort(lengths[part], kind="stable")]
        batches += [part[i : i + size] for i in range(0, len(part), size)]
    for i in random.permutation(len(batches)):
        yield batches[i]


def batches(
    texts: tuple[Encoded, ...], target: np.ndarray, size: int, seed: int | None = None, max_tokens: int | None = None
) -> Iterator[Batch]:
    """All rows once, in batches of `size`; with a seed shuffled, without one in order of length."""
    lengths = np.max([text.lengths for text in texts], axis=0)  # (N,), the longer text of a pair
    for rows in order_batches(lengths, size, seed):
        yield Batch(tuple(text.padded(rows, max_tokens) for text in texts), target[rows], rows)
