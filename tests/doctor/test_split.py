"""Which evaluated rows are held out."""

import torch
from torch import nn

import wordfit
from wordfit.doctor.examine import out_of_reach
from wordfit.doctor.rows import Split

GENERATOR = torch.Generator().manual_seed(0)
TEXTS, NEW = torch.randint(1, 90, (60, 7), generator=GENERATOR), torch.randint(1, 90, (30, 7), generator=GENERATOR)


def watched(evaluations):
    """A small classifier that is trained on TEXTS, and then evaluated."""
    table, head = nn.Embedding(90, 4), nn.Linear(4, 2)
    optimizer = torch.optim.SGD([*table.parameters(), *head.parameters()], 0.1)

    def answers(texts):
        return head(table(texts).mean(1))

    with wordfit.watch() as exam:
        for batch in TEXTS.split(10):
            optimizer.zero_grad()
            nn.functional.cross_entropy(answers(batch), batch[:, 0] % 2).backward()
            optimizer.step()
        with torch.no_grad():
            evaluations(lambda texts, size=1: [answers(rows) for rows in texts.split(size)])
    return exam


def split_after(evaluations):
    return Split(watched(evaluations).recorder)


def test_a_part_of_the_training_set_evaluated_by_a_call_of_its_own_is_no_dev_set():
    def both(evaluate):
        return evaluate(TEXTS[:20]), evaluate(NEW)

    assert split_after(both).dev.texts == [(tuple(row),) for row in NEW.tolist()]


def test_rows_that_one_call_evaluates_stay_together_though_some_were_trained_on():
    mixed = torch.cat([TEXTS[-10:], NEW])

    def both(evaluate):
        evaluate(TEXTS[:20])
        evaluate(mixed)

    assert split_after(both).dev.texts == [(tuple(row),) for row in mixed.tolist()]
    assert split_after(lambda evaluate: evaluate(mixed)).dev.texts == [(tuple(row),) for row in mixed.tolist()]


def test_batches_of_known_rows_and_then_of_new_ones_are_two_sets_though_one_call_evaluates_both():
    both = split_after(lambda evaluate: [evaluate(texts, 8) for texts in (TEXTS[:20], NEW)])
    assert both.dev.texts == [(tuple(row),) for row in NEW.tolist()]
    mixed = torch.cat([TEXTS[:12], NEW])
    assert len(split_after(lambda evaluate: evaluate(mixed, 8)).dev) == len(mixed)


def test_an_evaluation_that_was_kept_in_part_is_not_taken_for_the_whole(monkeypatch):
    monkeypatch.setattr("wordfit.doctor.watch.batches.MOST_VALUES", TEXTS.numel() + 100)
    exam = watched(lambda evaluate: (evaluate(TEXTS[:20], 10), evaluate(NEW, 10)))
    assert not len(Split(exam.recorder).dev)
    assert "the rows of the evaluation" in {missed["what"] for missed in out_of_reach(exam.recorder, exam.ran)}
