"""The layer is a drop-in module, and the dial is numbers."""

import numpy as np
import pytest
import torch

from wordfit import InputError
from wordfit.embedding import TUNINGS, Tuning, WordEmbedding

MATRIX = np.arange(1, 13, dtype=np.float32).reshape(4, 3)


def test_rows_are_looked_up_and_padding_is_zero():
    embedded = WordEmbedding(MATRIX, TUNINGS["frozen"])(torch.tensor([[1, 0]]))
    assert embedded.tolist() == [[[4.0, 5.0, 6.0], [0.0, 0.0, 0.0]]]


def test_frozen_takes_no_gradient_and_tuned_does():
    assert not WordEmbedding(MATRIX, TUNINGS["frozen"]).weight.requires_grad
    assert WordEmbedding(MATRIX, TUNINGS["tuned"]).weight.requires_grad


def test_two_channels_keep_a_frozen_copy_beside_the_tuned_one():
    embedding = WordEmbedding(MATRIX, TUNINGS["two-channel"])
    embedding.weight.data[1] += 1
    assert embedding.width == 6
    assert embedding(torch.tensor([[1]])).tolist() == [[[4.0, 5.0, 6.0, 5.0, 6.0, 7.0]]]


def test_warm_up_frees_the_vectors_after_its_epochs():
    embedding = WordEmbedding(MATRIX, Tuning(warm_epochs=2))
    free = []
    for epoch in range(4):
        embedding.begin_epoch(epoch)
        free.append(embedding.weight.requires_grad)
    assert free == [False, False, True, True]


def test_dropping_is_for_training_only():
    embedding = WordEmbedding(MATRIX, Tuning(dropout=0.5, word_dropout=0.5))
    ids = torch.tensor([[1, 2, 3]] * 50)
    assert (embedding.train()(ids) == 0).any()
    assert not (embedding.eval()(ids) == 0).any()


def test_presets_and_numbers_are_read_from_text():
    assert Tuning.parse("slow") == TUNINGS["slow"]
    assert Tuning.parse("anchored, anchor=0.5, dropout=0.2") == Tuning(anchor=0.5, dropout=0.2)
    assert Tuning.parse("lr_multiplier=0.3,known_words=false") == Tuning(lr_multiplier=0.3, known_words=False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("loose", "tuning 'loose' is not known"),
        ("slow,speed=1", "no number 'speed'"),
        ("slow,anchor=much", "anchor takes a number"),
        ("frozen,anchor=1", "frozen vectors do not move"),
        ("tuned,dropout=1", "dropout must be at least 0 and below 1"),
        ("tuned,channels=3", "channels must be 1 or 2"),
    ],
)
def test_a_contradiction_or_a_slip_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        Tuning.parse(text)
