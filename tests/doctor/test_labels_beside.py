"""Rows that were fed are found again in the program's lists, and their labels compared."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from wordfit.doctor.experiments.texts.pairing import _beside_their_texts, repeats
from wordfit.doctor.id_layout import filling
from wordfit.doctor.rows import Rows


@pytest.mark.parametrize("text", ["banana", ["the", "cat", "saw", "the", "dog"], [7, 3, 7]])
def test_where_words_repeat_tells_texts_whatever_stands_for_the_words(text):
    places = {word: n + 100 for n, word in enumerate(dict.fromkeys(text))}
    assert repeats(text) == repeats([places[w] for w in text])


def bench(labels):
    generator = np.random.default_rng(2)
    held = [("".join(generator.choice(list("0123456789-"), 14)), int(n % 4)) for n in range(400)]
    ids = {c: n + 1 for n, c in enumerate("-9876543210")}
    texts = [(tuple(ids[c] for c in text),) for text, _ in held]
    split = SimpleNamespace(train=Rows(texts=texts, targets=labels([kind for _, kind in held]), batches=[0] * 400))
    return SimpleNamespace(split=split, recorder=SimpleNamespace(found={"texts": [("rows", held)]}, shuffled=[]))


def test_labels_that_stand_beside_their_texts_agree_by_whatever_number():
    found = _beside_their_texts(bench(lambda kinds: [3 - k for k in kinds]))
    assert found["matched"] > 300
    assert found["agree"] == 1.0


def test_labels_of_other_rows_agree_as_chance_does():
    found = _beside_their_texts(bench(lambda kinds: np.random.default_rng(3).permutation(kinds).tolist()))
    assert found["agree"] < found["agree_by_chance"] + 0.1


def test_padding_is_found_in_pairs_that_stand_in_one_tensor():
    ids = torch.randint(1, 50, (2, 30, 12), generator=torch.Generator().manual_seed(0))
    for row, length in enumerate(torch.randint(3, 12, (30,), generator=torch.Generator().manual_seed(1))):
        ids[:, row, length:] = 0
    assert filling([ids]) == 0
