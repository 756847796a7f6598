"""Ids as rows, however a program looked them up."""

import pytest
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


@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.parametrize("time_first", [False, True])
def test_of_ids_as_long_as_they_are_wide_the_axis_that_recurs_holds_the_texts(time_first, filled):
    torch.manual_seed(0)
    table, head = nn.Embedding(90, 4, padding_idx=0), nn.Linear(4, 2)
    texts = torch.randint(1, 90, (48, 8))
    if filled:
        texts[:, 3:] *= torch.rand(48, 1) < 0.3  # places that are next to empty recur as well
    optimizer = torch.optim.SGD([*table.parameters(), *head.parameters()], 0.1)
    with wordfit.watch() as exam:
        for _ in range(3):
            for rows in torch.randperm(48).split(8):
                ids = texts[rows].t().contiguous() if time_first else texts[rows]
                optimizer.zero_grad()
                answer = head(table(ids).mean(0 if time_first else 1))
                nn.functional.cross_entropy(answer, rows % 2).backward()
                optimizer.step()
    found = exam.diagnose(20, {"data", "company"})
    assert set(Split(exam.recorder).train.texts) == {(tuple(i for i in text if i),) for text in texts.tolist()}
    assert "pooling_over_batch" not in [f["cause"] for f in found["findings"]]


@pytest.mark.parametrize("by_length", [True, False])
@pytest.mark.parametrize("bare", [True, False])
def test_a_tagger_that_takes_time_first_pools_over_no_rows(by_length, bare):
    """Sorted rows end in padding along both axes; and rows may be taken from a bare table's matrix (time, rows)."""
    torch.manual_seed(0)
    table = nn.Parameter(torch.randn(60, 8)) if bare else nn.Embedding(60, 8, padding_idx=0)
    states, head = nn.GRU(8, 8, bidirectional=True), nn.Linear(16, 4)
    weights = [table] if bare else [*table.parameters()]
    optimizer = torch.optim.Adam([*weights, *states.parameters(), *head.parameters()], 0.01)
    texts = torch.randint(1, 60, (9, 160))  # (time, rows)
    if by_length and not bare:
        for row, many in enumerate(torch.randint(4, 10, (160,)).tolist()):
            texts[many:, row] = 0
    with wordfit.watch() as exam:
        for rows in torch.randperm(160).split(20):
            rows = rows[(texts[:, rows] > 0).sum(0).argsort(descending=True)]
            ids = texts[:, rows][: int((texts[:, rows] > 0).sum(0).max())]
            words = table[ids] if bare else table(ids)
            answer = head(states(words)[0])
            optimizer.zero_grad()
            nn.functional.cross_entropy(answer.flatten(0, 1), (ids % 4).flatten()).backward()
            optimizer.step()
    found = exam.diagnose(20, {"data", "company"})
    assert exam.record.experiments["company"]["max_change"] < 1e-3
    assert found["healthy"]


@pytest.mark.parametrize("step_by_step", [False, True])
def test_texts_of_an_evaluation_stand_as_those_of_training_where_answers_are_compared_by_hand(step_by_step):
    torch.manual_seed(0)
    table, head = nn.Embedding(90, 4), nn.Linear(4, 2)
    texts, new = torch.randint(1, 90, (48, 7)), torch.randint(1, 90, (31, 7))
    optimizer = torch.optim.SGD([*table.parameters(), *head.parameters()], 0.1)

    def answers(ids):  # (time, rows)
        words = torch.stack([table(step) for step in ids]) if step_by_step else table(ids)
        return head(words.mean(0))

    with wordfit.watch() as exam:
        for rows in torch.randperm(48).split(8):
            optimizer.zero_grad()
            nn.functional.cross_entropy(answers(texts[rows].t()), rows % 2).backward()
            optimizer.step()
        with torch.no_grad():
            kinds = torch.arange(31) % 2
            (answers(new.t()).argmax(1) == kinds).float().mean().item()
    dev = Split(exam.recorder).dev
    assert dev.texts == [(tuple(text),) for text in new.tolist()]
    assert dev.targets == kinds.tolist()


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("time_first", [False, True])
def test_targets_of_every_word_are_laid_as_the_words_are(time_first, masked):
    torch.manual_seed(0)
    table, head = nn.Embedding(30, 6, padding_idx=0), nn.Linear(6, 3)
    optimizer = torch.optim.Adam([*table.parameters(), *head.parameters()], 0.05)
    lengths = torch.randint(3, 12, (200, 1))
    words = torch.randint(1, 30, (200, 11)) * (torch.arange(11) < lengths)
    tags = (words % 3) * (torch.arange(11) < lengths)  # 0 is a tag, and what fills up
    with wordfit.watch() as exam:
        for rows in torch.arange(200).split(20):
            ids, truth = (t[rows].t().contiguous() if time_first else t[rows] for t in (words, tags))
            optimizer.zero_grad()
            scores = head(table(ids))
            told = scores.gather(2, truth.unsqueeze(2)).squeeze(2) - scores.logsumexp(2)
            (-(told * (ids > 0)) if masked else -told).mean().backward()
            optimizer.step()
    found = exam.diagnose(20, {"sequence", "data", "losses"})
    assert exam.record.experiments["sequence"]["rows"] == 20
    assert ("loss_counts_padding" in [f["cause"] for f in found["findings"] if f["severity"] == "error"]) is not masked
