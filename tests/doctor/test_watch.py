"""Watching changes nothing of what a program computes, and sees what it did."""

import os
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from wordfit.doctor.case import Names
from wordfit.doctor.choosing import choose
from wordfit.doctor.watch import batches as kept
from wordfit.doctor.watch import taping, watching


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(30, 8, padding_idx=0)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(8, 2)

    def forward(self, ids):
        mask = (ids != 0).unsqueeze(-1).float()
        return self.out(self.drop((self.words(ids) * mask).sum(1) / mask.sum(1).clamp(min=1)))


def train(steps=12):
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    model = Bag()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(steps):
        ids = torch.randint(1, 30, (16, 7))
        ids[:, 5:] = 0
        target = (ids[:, 0] > 15).long()
        loss = nn.functional.cross_entropy(model(ids), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        model(ids)
    return losses, [p.detach().clone() for p in model.parameters()], torch.rand(3), np.random.rand(3), random.random()


@pytest.fixture(scope="module")
def watched():
    with watching() as recorder:
        result = train()
    return recorder, result


def test_a_watched_program_computes_the_same_bit_for_bit(watched):
    losses, weights, a, b, c = train()
    _, (same_losses, same_weights, d, e, f) = watched
    assert losses == same_losses
    assert all(torch.equal(x, y) for x, y in zip(weights, same_weights))
    assert torch.equal(a, d)
    assert (b == e).all()
    assert c == f


def test_every_hook_is_gone_afterwards(watched):
    assert torch.autograd.backward.__module__ == "torch.autograd"
    assert not hasattr(torch.autograd.backward, "__wrapped__")
    assert not hasattr(nn.functional.cross_entropy, "__wrapped__")
    assert not nn.modules.module._global_forward_pre_hooks


def test_steps_losses_and_evaluations_are_seen(watched):
    recorder, (losses, *_) = watched
    assert recorder.losses == losses
    assert recorder.steps_done == 12
    assert [b.training for b in recorder.batches].count(True) == 12
    assert not recorder.batches[-1].training
    assert recorder.troubles == []


def test_the_tape_plays_the_loss_again(watched):
    recorder, _ = watched
    first = recorder.train_steps[0]
    case = choose(recorder, Names(recorder))
    assert case is not None
    again = case.run(weights=case.copies(start=True))[case.loss]
    assert first.loss is not None
    assert torch.isfinite(again)
    assert case.tape.shapes[case.answer] == (16, 2)
    assert case.tape.shapes[case.target] == (16,)
    assert case.batch_first is True


def test_an_exception_of_the_program_passes_through_and_hooks_go():
    with pytest.raises(ZeroDivisionError), watching():
        1 / 0  # noqa: B018
    assert not nn.modules.module._global_forward_pre_hooks


def test_once_enough_batches_are_kept_few_are_looked_at_and_every_loss_is(monkeypatch):
    monkeypatch.setattr(kept, "MOST_BATCHES", 10)
    with watching() as recorder:
        losses, *_ = train(steps=60)
    assert recorder.losses == losses
    assert len(recorder.batches) == 10
    trained = [b for b in recorder.late if b.training]
    assert 10 < len(trained) < 35  # the kept ones, those on tape, and one in eight of the others
    assert not recorder.late[-1].training, "an evaluation is seen in full"
    assert recorder.troubles == []


def test_a_child_of_the_program_is_not_watched():
    with watching() as recorder:
        child = os.fork()
        if not child:
            os._exit(0 if recorder.stopped and not recorder.on() else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert recorder.on()


@pytest.mark.parametrize(
    "draw", [lambda ids: torch.rand(ids.shape) < 0.3, lambda ids: torch.empty(8, 6).uniform_() < 0.3]
)
def test_what_a_step_drew_for_its_targets_stays_with_it(draw):
    model, losses = nn.Sequential(nn.Embedding(20, 8), nn.Linear(8, 20)), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watching() as recorder:
        for _ in range(4):
            ids = torch.randint(1, 19, (8, 6))
            hidden = draw(ids)
            logits = model(torch.where(hidden, 19, ids))
            each = nn.functional.cross_entropy(logits.transpose(1, 2), torch.where(hidden, ids, 0), reduction="none")
            loss = (each * hidden).sum() / hidden.sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    case = choose(recorder, Names(recorder))
    again = case.run(weights=case.copies(start=True))
    assert bool((again[case.target] == case.value(case.target)).all())
    assert float(case.run(weights=case.copies(start=True))[case.loss]) == float(again[case.loss])


@pytest.mark.parametrize(("calls", "tapes"), [(taping.LONG // 4, 3), (4 * taping.LONG, 1)])
def test_of_a_long_decoding_the_beginning_is_kept_once(calls, tapes):
    """An evaluation that goes on for thousands of calls after the model's answer costs as much as a short one."""
    torch.manual_seed(0)
    model, ids = Bag(), torch.randint(1, 30, (16, 7))
    optimizer = torch.optim.Adam(model.parameters())
    with watching() as recorder:
        for _ in range(3):
            for _ in range(6):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model.train()(ids), ids[:, 0] % 2).backward()
                optimizer.step()
            with torch.no_grad():
                state = model.eval()(ids)
                for _ in range(calls):
                    state = state + 1
    kept_tapes = [step.tape for step in recorder.eval_steps]
    assert len(kept_tapes) == tapes
    added = [op.name for op in kept_tapes[0].ops].count("add")
    assert min(calls, taping.LONG) - 1 <= added <= min(calls, taping.LONG)


def test_rows_made_call_by_call_for_long_do_not_fill_the_tape_of_the_first_step(monkeypatch):
    monkeypatch.setattr(taping, "FULL", 300)
    monkeypatch.setattr(taping, "MOST_OPS", 200)
    model, ids = Bag(), torch.randint(1, 30, (16, 7))
    optimizer = torch.optim.Adam(model.parameters())
    with watching() as recorder:
        model(ids)
        counts = torch.zeros(30)
        for i in range(400):
            counts[i % 30] += 1
        for _ in range(6):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(ids), ids[:, 0] % 2).backward()
            optimizer.step()
    assert len(recorder.train_steps) >= 3
    assert all(len(step.tape.ops) < 100 for step in recorder.train_steps)


def test_numpys_own_matrices_are_not_taken_for_ones_that_the_program_left_bare():
    with watching() as recorder:
        drawn = np.random.default_rng(0).normal(size=(60, 8))
        np.linalg.qr(drawn)
        bare = np.empty((60, 8))
        bare[:] = drawn
    assert [(shape, at[1]) for shape, _, at, _ in recorder.empties] == [((60, 8), EMPTIED)]


EMPTIED = next(n for n, line in enumerate(Path(__file__).read_text().split("\n"), 1) if "bare = np.empty" in line)


def test_steps_of_a_decoder_stay_on_tape_until_its_answer_is_compared():
    read, step, write = nn.Embedding(20, 6), nn.GRUCell(6, 6), nn.Linear(6, 20)
    weights = [*read.parameters(), *step.parameters(), *write.parameters()]
    optimizer, ids = torch.optim.SGD(weights, 0.1), torch.randint(20, (8, 9))

    def answers():
        state, given = torch.zeros(8, 6), []
        for words in read(ids).unbind(1):
            state = step(words, state)
            given.append(write(state))
        return torch.stack(given, 1)

    with watching() as recorder:
        for _ in range(3):
            optimizer.zero_grad()
            nn.functional.cross_entropy(answers().flatten(0, 1), ids.flatten()).backward()
            optimizer.step()
        with torch.no_grad():
            (answers().argmax(-1) == ids).float().mean().item()
    names = [op.name for op in recorder.eval_steps[0].tape.ops]
    assert names.count("gru_cell") == 9
    assert "argmax" in names
