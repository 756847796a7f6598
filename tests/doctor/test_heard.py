"""What a program writes out itself: updates without an optimizer, and which answer a ranking should raise."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import wordfit


def rows(count=240):
    """Ids (N, 6) whose class is the half of the vocabulary that most of them come from."""
    random = torch.Generator().manual_seed(0)
    labels = torch.randint(0, 2, (count,), generator=random)
    ids = torch.randint(0, 10, (count, 6), generator=random) + 10 * labels.unsqueeze(1)
    return ids, labels


def trained_by_hand(update):
    torch.manual_seed(0)
    ids, labels = rows()
    net = nn.Sequential(nn.Embedding(20, 8), nn.Flatten(), nn.Linear(48, 2))
    with wordfit.watch() as exam:
        for i in range(0, len(ids), 16):
            F.cross_entropy(net(ids[i : i + 16]), labels[i : i + 16]).backward()
            with torch.no_grad():
                for p in net.parameters():
                    update(p)
                    p.grad = None
    return [type(known.live) for known in exam.recorder.optimizers.values()], [
        known.live.param_groups[0] for known in exam.recorder.optimizers.values()
    ]


@pytest.mark.parametrize(("sign", "maximize"), [(-1.0, False), (1.0, True)])
def test_an_update_along_the_gradient_is_heard_as_sgd_with_its_rate_and_direction(sign, maximize):
    kinds, groups = trained_by_hand(lambda p: p.add_(sign * 0.05 * p.grad))
    assert kinds == [torch.optim.SGD]
    assert groups[0]["lr"] == pytest.approx(0.05, rel=1e-3)
    assert groups[0]["maximize"] is maximize


def test_an_update_that_follows_no_gradient_is_not_heard():
    kinds, _ = trained_by_hand(lambda p: p.mul_(0.9).add_(torch.randn_like(p) * p.grad.abs()))
    assert kinds == []


def ranked(swapped):
    """A bag that scores a question's own answer (words of the same topic) against another's by a triplet loss."""
    torch.manual_seed(0)
    random = torch.Generator().manual_seed(1)
    topic = torch.randint(0, 5, (400,), generator=random)
    other = (topic + torch.randint(1, 5, (400,), generator=random)) % 5
    asked, own, far = (
        torch.randint(0, 6, (400, 4), generator=random) + 6 * t.unsqueeze(1) for t in (topic, topic, other)
    )
    bag = nn.EmbeddingBag(30, 12)
    optimizer = torch.optim.Adam(bag.parameters(), lr=0.01)
    near, away = (far, own) if swapped else (own, far)
    with wordfit.watch() as exam:
        for _ in range(2):
            for i in range(0, 400, 20):
                part = slice(i, i + 20)
                loss = F.triplet_margin_loss(bag(asked[part]), bag(near[part]), bag(away[part]))
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    exam.diagnose(20, {"belonging"})
    return exam.record.experiments["belonging"]


@pytest.mark.parametrize("swapped", [False, True])
def test_the_words_of_the_rows_say_which_answer_goes_with_the_question(swapped):
    found = ranked(swapped)
    raised, lowered = found["raised_goes_with"], found["lowered_goes_with"]
    assert (raised < lowered) == swapped
