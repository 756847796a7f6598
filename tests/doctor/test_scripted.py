"""Programs that script or trace code with `torch.jit` run as without the doctor, and what it cannot see is said."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import wordfit

GENERATOR = torch.Generator().manual_seed(4)
IDS = torch.randint(0, 60, (320, 7), generator=GENERATOR)
LABELS = (torch.randn(60, generator=GENERATOR)[IDS].sum(1) > 0).long()


def bent(x: torch.Tensor) -> torch.Tensor:
    return 0.5 * x * (1.0 + torch.tanh(0.8 * x))


class Bag(nn.Module):
    """A bag of words whose layers may be scripted."""

    def __init__(self, bend, head):
        super().__init__()
        self.table, self.inner, self.bend, self.head = nn.Embedding(60, 8), nn.Linear(8, 8), bend, head

    def forward(self, ids):
        return self.head(self.bend(self.inner(self.table(ids).mean(1))))


def whole(wrap):
    return wrap(nn.Sequential(nn.EmbeddingBag(60, 8), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 2)))


MAKE = {
    "plain": lambda: Bag(bent, nn.Linear(8, 2)),
    "a scripted function": lambda: Bag(torch.jit.script(bent), nn.Linear(8, 2)),
    "a scripted layer": lambda: Bag(bent, torch.jit.script(nn.Linear(8, 2))),
    "a scripted model": lambda: whole(torch.jit.script),
    "a traced model": lambda: whole(lambda model: torch.jit.trace(model, (IDS[:4],))),
}


def trained(make):
    """The losses of a training."""
    torch.manual_seed(0)
    model = make()
    optimizer, losses = torch.optim.Adam(model.parameters(), 0.02), []
    for _ in range(4):
        for part in torch.randperm(320).split(32):
            loss = F.cross_entropy(model(IDS[part]), LABELS[part])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", MAKE)
def test_scripted_code_runs_as_it_does_without_the_doctor(kind):
    trained(MAKE[kind])  # what is compiled first differs from itself in the last bit
    alone = trained(MAKE[kind])
    with wordfit.watch() as exam:
        watched = trained(MAKE[kind])
    assert watched == alone
    found = exam.diagnose(budget=20, only={"data", "losses", "dependence", "gradients"})
    assert [f for f in found["findings"] if f["severity"] == "error"] == []
    played = kind in ("plain", "a scripted function")
    missed = {row["what"]: row["why"] for row in found["not_examined"]}
    assert ("dependence" in found["examined"]) == played
    assert ("a training step, played again" in missed) == (not played)
    assert ("what scripted or traced code does inside" in missed) == (kind != "plain")
    assert torch.jit.script.__module__ == "torch.jit._script"
    assert not hasattr(torch.jit.script, "__wrapped__")
