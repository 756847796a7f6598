"""Similarity without training is what the papers' formulas give when written out text by text."""

import math

import numpy as np
import pytest
from scipy.stats import spearmanr

from wordfit.data import Dataset, Task, read_rows, read_train
from wordfit.training.baselines import BASELINES
from wordfit.training.similarity import SIMILARITIES, cosines
from wordfit.vectors import WordVectors

WORDS = [f"word{i}" for i in range(12)]


@pytest.fixture
def vectors():
    return WordVectors(WORDS, np.random.default_rng(1).normal(size=(12, 6)).astype(np.float32))


def rows(count, seed):
    """Pairs of texts of 1 to 6 words, some of them unknown, frequent words often."""
    random = np.random.default_rng(seed)
    share = 1 / np.arange(1, 15)
    words = [*WORDS, "unseen", "strange"]
    texts = tuple(
        [" ".join(random.choice(words, random.integers(1, 7), p=share / share.sum())) for _ in range(count)]
        for _ in range(2)
    )
    return Dataset("pairs", texts, [0.0] * count, list(range(count)))


def by_hand(name, train, dev, vectors):
    """Arora et al. (2017) and Ethayarajh (2018), a text at a time."""
    texts = [text.split() for column in train.texts for text in column]
    every = [word for text in texts for word in text]
    share = {word: every.count(word) / len(every) for word in set(every)}
    if name == "sif":
        weight = lambda word: 1e-3 / (1e-3 + share.get(word, 0.0))  # noqa: E731
    else:
        threshold = 1 - (1 - 1 / len(share)) ** (len(every) / len(texts))
        alpha = sum(p > threshold for p in share.values()) / len(share)
        a = (1 - alpha) / (alpha * 0.5 * len(share))
        weight = lambda word: a / (0.5 * a + share.get(word, 0.0))  # noqa: E731

    def embed(text):
        known = [word for word in text if word in WORDS]
        if not known:
            return np.zeros(6)
        found = np.array([vectors[word] for word in known], dtype=float)
        if name == "usif":
            found = found / np.linalg.norm(found, axis=0)
        return np.mean([weight(word) * vector for word, vector in zip(known, found)], axis=0)

    _, sizes, axes = np.linalg.svd(np.array([embed(text) for text in texts]))
    most = 1 if name == "sif" else 5
    lost = [1.0] if name == "sif" else [s**2 / sum(sizes[:most] ** 2) for s in sizes[:most]]
    found = []
    for first, second in zip(*dev.texts):
        u, v = embed(first.split()), embed(second.split())
        for part, axis in zip(lost, axes):
            u, v = u - part * (u @ axis) * axis, v - part * (v @ axis) * axis
        length = math.sqrt((u @ u) * (v @ v))
        found.append(u @ v / length if length > 0 else 0.0)
    return found


@pytest.mark.parametrize("name", list(SIMILARITIES))
def test_the_cosine_is_that_of_the_paper_worked_out_text_by_text(name, vectors):
    train, dev = rows(60, 0), rows(25, 1)
    found = cosines(SIMILARITIES[name], train, dev, [vectors])
    assert found.tolist() == pytest.approx(by_hand(name, train, dev, vectors), abs=1e-5)


def test_a_text_without_known_words_is_like_nothing(vectors):
    train = rows(60, 0)
    dev = Dataset("pairs", (["unseen", "word1"], ["word1", "word1"]), [0.0, 0.0], [1, 2])
    for name in SIMILARITIES:
        assert cosines(SIMILARITIES[name], train, dev, [vectors]).tolist() == pytest.approx([0.0, 1.0])


@pytest.mark.real
def test_untrained_similarity_comes_near_what_is_known_of_it_on_real_pairs(data):
    task, train = read_train(data / "glue" / "STS-B" / "train.tsv")
    dev = read_rows(data / "glue" / "STS-B" / "dev.tsv", task)
    vectors = WordVectors.load(data / "vectors" / "word2vec.GoogleNews.300d.13598words.txt.gz")
    found = {name: spearmanr(BASELINES[name](task, train, dev, [vectors]), dev.targets)[0] for name in SIMILARITIES}
    assert found["sif"] > 0.66
    assert found["usif"] > found["sif"]


def test_classes_are_told_apart_by_thresholds_that_suit_train(vectors):
    task = Task("classes", "a", "label", "b", labels=("no", "yes"), metric="accuracy")
    pairs = rows(60, 0)
    same = Dataset(
        "pairs", (pairs.texts[0] * 2, pairs.texts[0] + pairs.texts[1]), ["yes"] * 60 + ["no"] * 60, [0] * 120
    )
    for name in SIMILARITIES:
        assert (BASELINES[name](task, same, same, [vectors]) == np.repeat([1, 0], 60)).mean() > 0.8
