"""A tagger's words as rows."""

import torch

from wordfit.doctor.seen import Batch, Lookup
from wordfit.doctor.split import Split
from wordfit.doctor.word_rows import word_rows

IDS = torch.tensor([[3, 4, 5], [6, 7, 0]])
TAGS = torch.tensor([[1, 0, 2], [2, 1, -100]])


class Nothing:
    """A recorder that has seen nothing."""

    batches: list = []
    late: list = []
    in_part: frozenset = frozenset()
    backwards = 0
    losses: list = []
    loss_steps: list = []


def words(target, answer):
    table = torch.zeros(8, 2)
    batch = Batch(0, training=True, lookups=[Lookup(table, IDS, 0)], targets=[target], fed=[answer])
    split = Split(Nothing())
    split.padding = 0
    return word_rows(split, [batch])


def test_every_real_word_is_a_row_with_its_neighbours():
    rows = words(TAGS, torch.zeros(2, 3, 3))
    assert rows.texts[0] == ((3,), (-1,), (4,))
    assert rows.texts[-1] == ((7,), (6,), (0,))
    assert rows.targets == [1, 0, 2, 2, 1]


def test_flattened_targets_and_answers_are_folded_back():
    answer = torch.nn.functional.one_hot(TAGS.clamp(min=0), 3).float()  # (B, T, C)
    rows = words(TAGS.flatten(), answer.flatten(0, 1))
    assert [a.index(1.0) for a in rows.answers] == rows.targets


def test_classes_on_the_second_axis_are_turned():
    answer = torch.nn.functional.one_hot(TAGS.clamp(min=0), 3).float().transpose(1, 2)  # (B, C, T)
    rows = words(TAGS, answer.contiguous())
    assert [len(a) for a in rows.answers] == [3] * 5
