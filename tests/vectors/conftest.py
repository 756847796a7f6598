"""A small set of vectors that many tests use."""

import numpy as np
import pytest

from wordfit import WordVectors


@pytest.fixture(scope="session")
def some() -> WordVectors:
    """300 words x 8, seeded, odd words among them."""
    words = ["the", "café", "日本", "\u0085", "a\u00a0b", "2003", "<unk>", "don't"]
    words += [f"word{i}" for i in range(300 - len(words))]
    return WordVectors(words, np.random.default_rng(0).normal(size=(300, 8)).astype(np.float32))


def same(a: WordVectors, b: WordVectors) -> bool:
    """The same words in the same order, the same values bit for bit."""
    return list(a) == list(b) and np.array_equal(a.vectors.view(np.uint32), b.vectors.view(np.uint32))
