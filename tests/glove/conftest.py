"""A small corpus with a structure to be found."""

import numpy as np
import pytest

TOPICS = [
    ["river", "water", "boat", "fish", "sea", "swim"],
    ["bread", "oven", "flour", "bake", "cake", "sugar"],
    ["king", "queen", "crown", "throne", "castle", "court"],
    ["engine", "wheel", "car", "road", "brake", "fuel"],
]


@pytest.fixture(scope="session")
def topics() -> list[list[str]]:
    return TOPICS


@pytest.fixture(scope="session")
def lines() -> list[str]:
    """600 lines, each of words of one topic, of two from any, and of some that stand everywhere."""
    rng = np.random.default_rng(3)
    made = []
    for _ in range(600):
        topic = TOPICS[rng.integers(len(TOPICS))]
        words = [*rng.choice(topic, 6), *rng.choice(sum(TOPICS, []), 2), *rng.choice(["the", "of", "and", "a"], 4)]
        made.append(" ".join(rng.permutation(words)))
    return made
