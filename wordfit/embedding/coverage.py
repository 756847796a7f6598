"""Coverage: which words of a split have vectors, by type, by token and by label, and why the rest have not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from wordfit.embedding.align import HOW, Alignment


def reason(word: str, count: int, rare: int = 5) -> str:
    """Why a word may have no vector, from its form and how often the data have it."""
    if not re.search(r"\w", word):
        return "punctuation"
    if re.search(r"\d", word):
        return "number"
    if "-" in word:
        return "hyphen"
    if re.search(r"[^\w]", word):
        return "tokeniser"
    return "rare" if count <= rare else "absent"


def coverage(
    alignment: Alignment, words: Sequence[str], ids: np.ndarray, offsets: np.ndarray, labels: Iterable[object] = ()
) -> dict[str, object]:
    """Which words of a split have vectors: by type, by token, by label, and why the rest have not.

    `ids` (N,) and `offsets` (B + 1,) are the split's encoded texts, `labels` (B,) one label a text.
    """
    counts = np.bincount(ids, minlength=len(words))  # (V,)
    missing = [i for i in map(int, np.flatnonzero(counts)) if alignment.how[i] == "missing" and i > 0]
    reasons: dict[str, int] = {}
    for i in missing:
        name = "rare" if i == 1 else reason(words[i], int(counts[i]))
        reasons[name] = reasons.get(name, 0) + int(counts[i])
    commonest = sorted(missing, key=lambda i: -counts[i])[:15]
    return {
        "types": _shares(alignment.how, (counts > 0).astype(int)),
        "tokens": _shares(alignment.how, counts),
        "by_label": _by_label(alignment.known[ids], offsets, list(labels)),
        "reasons": dict(sorted(reasons.items(), key=lambda item: -item[1])),
        "commonest_missing": [
            [words[i], int(counts[i]), "rare" if i == 1 else reason(words[i], int(counts[i]))] for i in commonest
        ],
    }


def _shares(how: list[str], weights: np.ndarray) -> dict[str, int]:
    total = dict.fromkeys(HOW, 0)
    for i in np.flatnonzero(weights):
        if i > 0:
            total[how[i]] += int(weights[i])
    return total


def _by_label(found: np.ndarray, offsets: np.ndarray, labels: list[object]) -> dict[str, float]:
    """Share of tokens with a vector per label."""
    if not labels:
        return {}
    sums = np.concatenate([[0], np.cumsum(found)])
    covered, length = sums[offsets[1:]] - sums[offsets[:-1]], np.diff(offsets)
    names = np.array([str(label) for label in labels])
    return {
        str(name): float(covered[names == name].sum() / max(1, length[names == name].sum()))
        for name in np.unique(names)[:50]
    }
