"""Ids as rows, however a program looked them up."""

import torch
from torch import nn

import wordfit
from wordfit.doctor.id_layout import joined
from wordfit.doctor.seen import Lookup
from wordfit.doctor.split import Split

TEXTS = torch.randint(1, 20, (6, 9), generator=torch.Generator().manual_seed(0))  # (B, T)


def split_of(looked_up):
    """The rows of three steps of a small classifier, whose words are looked up by `looked_up(table, texts)`."""
    table, head = nn.Embedding(20, 4), nn.Linear(4, 2)
    optimizer = torch.optim.SGD([*table.parameters(), *head.parameters()], 0.1)
    with wordfit.watch() as exam:
        for _ in range(3):
            optimizer.zero_grad()
            answer = head(sum(looked_up(table, TEXTS)))
            nn.functional.cross_entropy(answer, torch.tensor([0, 1, 0, 1, 1, 0])).backward()
            optimizer.step()
    return Split(exam.recorder)


def test_texts_are_whole_rows_though_looked_up_step_by_step():
    rows = split_of(lambda table, ids: [table(ids[:, t]) for t in range(9)]).train
    assert rows.texts == [(tuple(text),) for text in TEXTS.tolist()]
    assert rows.targets == [0, 1, 0, 1, 1, 0]


def test_a_lookup_of_all_steps_and_one_a_step_give_the_same_rows():
    whole = split_of(lambda table, ids: table(ids).unbind(1)).train
    steps = split_of(lambda table, ids: [table(column) for column in ids.t()]).train
    assert (whole.texts, whole.targets) == (steps.texts, steps.targets)


def test_lookups_of_two_tables_or_of_as_many_texts_as_rows_are_left_as_they_are():
    first, second = torch.zeros(20, 4), torch.zeros(20, 4)
    two = [Lookup(table, TEXTS[:, t], None) for t, table in enumerate([first, second, first])]
    assert joined(two, {6}) is two
    square = [Lookup(first, TEXTS[n, :6], None) for n in range(6)]
    assert joined(square, {6}) is square
