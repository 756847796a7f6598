"""Rows whose columns are fields of tables of their own, and losses whose answers are logarithms of their targets."""

import pytest
import torch
from torch import nn

import wordfit
from wordfit.doctor.experiments.steps.signs import _agreement

RANDOM = torch.Generator().manual_seed(0)
SIZES = (180, 20, 7, 6, 9)
ROWS = torch.stack([torch.randint(n, (240,), generator=RANDOM) for n in SIZES], 1)


class Counts(nn.Module):
    def __init__(self):
        super().__init__()
        self.shop, self.day, self.offer = nn.Embedding(20, 4), nn.Embedding(7, 2), nn.Embedding(6, 2)
        self.out = nn.Linear(8, 1)

    def forward(self, shop, day, offer):
        return self.out(torch.cat([self.shop(shop), self.day(day), self.offer(offer)], 1)).squeeze(1)


def examined(sign, *names):
    torch.manual_seed(0)
    model, loss_of = Counts(), nn.PoissonNLLLoss()
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    with wordfit.watch() as exam:
        for rows in ROWS.split(48):
            optimizer.zero_grad()
            (sign * loss_of(model(rows[:, 1], rows[:, 2], rows[:, 3]), rows[:, 4].float())).backward()
            optimizer.step()
    exam.diagnose(20, set(names))
    return exam.record


def test_fields_are_exchanged_each_within_its_own_table():
    record = examined(1, "dependence", "company", "sources")
    assert not record.watched["troubles"]
    assert len(record.experiments["sources"]["inputs"]) == 3
    assert record.experiments["dependence"]["relative_change"] > 0.01


@pytest.mark.parametrize("sign", [1, -1])
def test_counts_are_pushed_the_right_way_though_answers_are_their_logarithms(sign):
    start = examined(sign, "losses").experiments["losses"]["direction"]["start"]
    assert (start > 0.9) == (sign > 0)


def test_a_turned_loss_of_numbers_stays_turned_however_its_answers_lie():
    for scale in (0.0, 0.3, 3.0):
        truth = torch.rand(200, generator=RANDOM)
        answer = scale * torch.randn(200, generator=RANDOM)
        assert _agreement(answer, 2 * (truth - answer), truth) == 0
        assert _agreement(answer, 2 * (answer - truth), truth) == 1


def test_words_are_masked_and_swapped_alike_whenever_a_step_is_played():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Embedding(40, 8), nn.Linear(8, 40))
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    texts = torch.randint(3, 40, (160, 9), generator=RANDOM)
    with wordfit.watch() as exam:
        for ids in texts.split(20):
            dice = torch.rand(ids.shape)
            marked = ids.clone()
            marked[dice < 0.2] = 2
            swap = (dice > 0.2) & (dice < 0.4) & (ids != 5)
            marked[swap] = torch.randint(3, 40, (int(swap.sum()),))
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(marked).transpose(1, 2), ids)
            loss.backward()
            optimizer.step()
    exam.diagnose(20, {"dependence", "company", "sources", "rates"})
    assert not exam.record.watched["troubles"]
    assert {"dependence", "rates"} <= set(exam.record.experiments)


def test_columns_that_are_unpacked_at_once_are_fields_too():
    users, songs = nn.Embedding(30, 4), nn.Embedding(400, 4)
    optimizer = torch.optim.SGD([*users.parameters(), *songs.parameters()], 0.1)
    pairs = torch.stack([torch.randint(30, (240,), generator=RANDOM), torch.arange(240) + 150], 1)
    with wordfit.watch() as exam:
        for rows in pairs.split(48):
            user, song = rows.T
            optimizer.zero_grad()
            (users(user) * songs(song)).sum(1).square().mean().backward()
            optimizer.step()
    exam.diagnose(20, {"dependence", "sources"})
    assert not exam.record.watched["troubles"]
    assert exam.record.watched["layout"]["rows"] == 48
