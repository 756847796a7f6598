"""Rows scored against each other, rows that lie in the second axis, steps of a decoder, and vectors that were moved."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

import wordfit
from wordfit.doctor.experiments.steps.sequence import _first_answered, _some_steps
from wordfit.doctor.experiments.tables.sources import Truth
from wordfit.doctor.experiments.tables.vectors import _back_from_centre, _centred_as

RANDOM = torch.Generator().manual_seed(0)
QUESTIONS, ANSWERS = torch.randint(1, 50, (96, 5), generator=RANDOM), torch.randint(1, 50, (96, 4), generator=RANDOM)


def trained_in_pairs(encode, loss_of):
    torch.manual_seed(0)
    left, right = nn.Embedding(50, 8), nn.Embedding(50, 8)
    optimizer = torch.optim.SGD([*left.parameters(), *right.parameters()], 0.1)
    with wordfit.watch() as exam:
        for i in range(0, 96, 16):
            scores = encode(left(QUESTIONS[i : i + 16]).mean(1)) @ encode(right(ANSWERS[i : i + 16]).mean(1)).t()
            optimizer.zero_grad()
            loss_of(scores).backward()
            optimizer.step()
    return exam


def cross_entropy(scores):
    return F.cross_entropy(10 * scores, torch.arange(len(scores)))


@pytest.mark.parametrize(("axis", "found"), [(0, True), (1, False)])
def test_rows_that_are_scored_against_each_other_must_not_change_each_other_before(axis, found):
    exam = trained_in_pairs(lambda v: F.normalize(v, dim=axis), cross_entropy)
    exam.diagnose(20, {"company"})
    facts = exam.record.experiments["company"]
    assert ((facts.get("first") or {}).get("op") == "normalize") == found
    assert ("why_not" in facts) != found


@pytest.mark.parametrize("sign", [1, -1])
def test_a_ranking_by_hand_says_which_way_own_pairs_are_pushed(sign):
    def ranking(scores):
        own = scores.diagonal().unsqueeze(1)
        return F.relu(0.3 + sign * (scores - own))[~torch.eye(len(scores), dtype=torch.bool)].mean()

    exam = trained_in_pairs(lambda v: v, ranking)
    exam.diagnose(20, {"losses"})
    facts = exam.record.experiments["losses"]
    assert facts["target"] is None
    assert facts["direction"] == {"start": float(sign > 0)}


@pytest.mark.parametrize("first", [True, False])
def test_the_axis_that_batches_are_taken_along_by_numbers_is_that_of_rows(first):
    ids = torch.randint(0, 30, (120, 10), generator=RANDOM)
    ids = ids if first else ids.t().contiguous()
    table, layer = nn.Embedding(30, 8), nn.GRU(8, 8, batch_first=first)
    optimizer = torch.optim.SGD([*table.parameters(), *layer.parameters()], 0.1)
    with wordfit.watch() as exam:
        for numbers in torch.randperm(120, generator=RANDOM).split(20):
            batch = ids[numbers] if first else ids[:, numbers]
            loss = F.cross_entropy(layer(table(batch))[0].reshape(-1, 8), (batch % 8).reshape(-1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    exam.diagnose(20, {"company"})
    assert exam.record.experiments["company"]["rows"] == 20
    assert exam.record.experiments["company"]["max_change"] == pytest.approx(0, abs=1e-6)


def test_steps_of_a_reference_are_known_in_order_among_fewer():
    target = torch.randint(0, 90, (12, 7), generator=RANDOM)
    mark = torch.ones(12, 1, dtype=torch.int64)
    assert _some_steps(torch.cat([mark, target[:, [0, 2, 3, 5]]], 1), target) == 1
    assert _some_steps(torch.cat([mark, target[:, [5, 3, 2, 0]]], 1), target) < 0.5


def test_vectors_without_their_mean_are_put_back_and_others_stay():
    source = np.random.default_rng(0).normal(1, 2, (60, 20)).astype(np.float32)
    truth = Truth("file", [f"w{n}" for n in range(60)], source)
    centred = source[::-1] - source.mean(0)
    np.testing.assert_allclose(_back_from_centre(centred, source, truth), source[::-1], atol=1e-5)
    drawn = np.random.default_rng(1).normal(1, 2, (60, 20)).astype(np.float32)
    assert _back_from_centre(drawn, source, truth) is drawn


def test_rows_that_were_centred_and_scaled_to_one_length_are_those_of_their_words():
    source = np.random.default_rng(0).normal(1, 2, (60, 20)).astype(np.float32)
    truth = Truth("file", [f"w{n}" for n in range(60)], source)
    some = source[:40]
    for centre in (some.mean(0), source.mean(0)):
        held = (some - centre) / np.linalg.norm(some - centre, axis=1, keepdims=True)
        np.testing.assert_allclose(_centred_as(held, some, truth), some - centre, atol=1e-5)
        assert _centred_as(held[::-1], some, truth) is some
    assert _centred_as(some, some, truth) is some


@pytest.mark.parametrize(("prompt", "after"), [(0, 0), (2, 0), (3, 1), (0, 1)])
def test_a_prompt_without_a_loss_is_passed_over(prompt, after):
    rows = torch.randint(0, 90, (12, 10), generator=RANDOM)
    last = 9 if after == 0 else 8
    inputs, targets = rows[:, :9], rows[:, prompt + 1 : last + 1]
    assert _first_answered(inputs, targets) == (prompt if targets.shape[1] < 9 else None)
    assert _first_answered(inputs, targets.flip(0)) is None
