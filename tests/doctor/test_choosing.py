"""Which taped step the experiments work on, where a state that is no number is carried on from step to step."""

from types import SimpleNamespace

import torch
from torch import nn
from torch.nn import functional as F

import wordfit
from wordfit.doctor.choosing import _unbroken, choose_many
from wordfit.doctor.names import Names


def case(loss, *fed):
    leaves = dict(enumerate(fed))
    return SimpleNamespace(tape=SimpleNamespace(leaves=leaves), used=set(leaves), step=SimpleNamespace(value=loss))


def test_steps_after_the_loss_flew_off_are_left_out_if_nothing_is_left_of_a_state():
    sound = case(3.9, torch.zeros(2, 3))
    steps = [sound, case(7e5, torch.ones(2, 3)), case(float("nan"), torch.full((2, 3), float("nan")))]
    assert _unbroken(steps) == [sound]


def test_data_that_is_no_number_in_parts_is_no_state():
    holes = torch.tensor([[1.0, 2.0], [float("nan"), float("nan")]])
    steps = [case(3.9, torch.zeros(2, 2)), case(float("nan"), holes)]
    assert _unbroken(steps) == steps


def test_where_every_step_is_broken_all_are_kept():
    steps = [case(float("nan"), torch.full((2, 3), float("nan")))]
    assert _unbroken(steps) == steps


def test_steps_that_are_trained_on_together_are_of_one_model():
    with wordfit.watch() as exam:
        for _ in range(3):  # a model for every fold
            model = nn.Sequential(nn.EmbeddingBag(20, 4), nn.Linear(4, 2))
            optimizer = torch.optim.SGD(model.parameters(), 0.1)
            for step in range(4):
                optimizer.zero_grad()
                F.cross_entropy(model((torch.arange(24) + step).view(8, 3) % 20), torch.arange(8) % 2).backward()
                optimizer.step()
    cases = choose_many(exam.recorder, Names(exam.recorder), most=8)
    own = {id(p) for p in model.parameters()}
    assert len(cases) > 1
    assert all({id(t) for t in case.tape.parameters().values()} == own for case in cases)
