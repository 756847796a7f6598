"""Which evaluated rows are held out."""

import numpy as np
import pytest
import torch
from torch import nn

import wordfit
from wordfit.doctor.diagnose import judge
from wordfit.doctor.examine import out_of_reach
from wordfit.doctor.experiments.texts.data import _shared
from wordfit.doctor.passes import first_pass
from wordfit.doctor.rows import Rows
from wordfit.doctor.seen import Batch, Lookup
from wordfit.doctor.split import Split
from wordfit.record import Record

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


def test_a_training_set_of_which_only_a_part_was_trained_on_is_no_dev_set():
    whole = torch.cat([TEXTS, torch.randint(1, 90, (90, 7), generator=torch.Generator().manual_seed(1))])
    for sets in ((whole, NEW), (NEW, whole)):
        both = split_after(lambda evaluate, sets=sets: [evaluate(texts, len(texts)) for texts in sets])
        assert both.dev.texts == [(tuple(row),) for row in NEW.tolist()]


def test_a_training_set_that_rows_are_drawn_from_is_not_what_a_program_is_chosen_by():
    torch.manual_seed(0)
    table, head = nn.Embedding(90, 4), nn.Linear(4, 2)
    optimizer = torch.optim.SGD([*table.parameters(), *head.parameters()], 0.1)
    with wordfit.watch() as exam:
        for _ in range(3):
            for rows in torch.randint(0, len(TEXTS), (60,)).split(10):
                optimizer.zero_grad()
                nn.functional.cross_entropy(head(table(TEXTS[rows]).mean(1)), TEXTS[rows, 0] % 2).backward()
                optimizer.step()
            with torch.no_grad():
                head(table(TEXTS).mean(1)).argmax(1)
                head(table(NEW).mean(1)).argmax(1)
    split = Split(exam.recorder)
    assert split.dev.texts == [(tuple(row),) for row in NEW.tolist()]
    assert not len(split.chosen_by)


def test_an_evaluation_that_was_kept_in_part_is_not_taken_for_the_whole(monkeypatch):
    monkeypatch.setattr("wordfit.doctor.watch.batches.MOST_VALUES", TEXTS.numel() + 100)
    exam = watched(lambda evaluate: (evaluate(TEXTS[:20], 10), evaluate(NEW, 10)))
    assert not len(Split(exam.recorder).dev)
    assert "the rows of the evaluation" in {missed["what"] for missed in out_of_reach(exam.recorder, exam.ran)}


@pytest.mark.parametrize(("order", "leaks"), [("enlarged, then split", True), ("split, then enlarged", False)])
def test_classes_that_were_enlarged_by_copies_before_the_split_leak(order, leaks):
    random = torch.Generator().manual_seed(5)
    texts = [(tuple(row),) for row in torch.randint(1, 900, (400, 7), generator=random).tolist()]
    large, small = [(text, 0) for text in texts[:280]], [(text, 1) for text in texts[280:]]

    def enlarged(rows, size):
        few = [row for row in rows if row[1] == 1]
        return rows + [few[n] for n in torch.randint(len(few), (size - len(few),), generator=random).tolist()]

    def shuffled(rows):
        return [rows[n] for n in torch.randperm(len(rows), generator=random).tolist()]

    if order == "enlarged, then split":
        rows = shuffled(enlarged(large + small, 280))
        train, dev = rows[120:], rows[:120]
    else:
        rows = shuffled(large + small)
        dev = rows[:80]
        train = enlarged(rows[80:], sum(y == 0 for _, y in rows[80:]))
    splits = [Rows(texts=[t for t, _ in part], targets=[y for _, y in part]) for part in (train, dev)]
    found = judge(Record(experiments={"data": {"shared": _shared(*splits)}}))
    assert [f.cause for f in found if f.severity == "error"] == ["train_dev_leak"] * leaks


def test_an_evaluation_of_training_rows_alone_does_not_stand_for_the_one_before_it():
    table, head = nn.Embedding(90, 4), nn.Linear(4, 2)
    optimizer = torch.optim.SGD([*table.parameters(), *head.parameters()], 0.1)

    def answers(texts):
        return head(table(texts).mean(1))

    with wordfit.watch() as exam:
        for step, batch in enumerate(TEXTS.split(10)):
            optimizer.zero_grad()
            nn.functional.cross_entropy(answers(batch), batch[:, 0] % 2).backward()
            optimizer.step()
            with torch.no_grad():
                if step == 4:
                    answers(NEW)
        with torch.no_grad():
            answers(TEXTS[::3])
    assert Split(exam.recorder).dev.texts == [(tuple(row),) for row in NEW.tolist()]


@pytest.mark.parametrize("copies", [1, 3])
def test_a_pass_ends_where_as_many_batches_hold_the_same_rows_though_rows_repeat(copies):
    generator = torch.Generator().manual_seed(4)
    rows = torch.arange(1, 181).repeat(copies)
    orders = [torch.randperm(len(rows), generator=generator) for _ in range(3)]
    batches = [
        Batch(0, training=True, lookups=[Lookup(torch.zeros(200, 2), rows[part][:, None] * torch.ones(3).long(), None)])
        for order in orders
        for part in order.split(20)
    ]
    assert first_pass(batches) == 9 * copies
    assert first_pass([]) == 0


def test_few_questions_that_are_asked_of_many_stories_are_no_rows_by_themselves():
    generator, table = torch.Generator().manual_seed(4), torch.zeros(200, 2)
    stories = torch.randint(1, 200, (120, 3, 5), generator=generator)
    questions = (torch.arange(120) % 4 + 1)[:, None] * torch.ones(2).long()
    batches = [
        Batch(0, training=True, lookups=[Lookup(table, questions[part], None), Lookup(table, stories[part], None)])
        for order in (torch.randperm(120, generator=generator) for _ in range(3))
        for part in order.split(20)
    ]
    assert first_pass(batches) == 6


@pytest.mark.parametrize("order", [torch.arange(30), torch.arange(29, -1, -1)])
def test_an_evaluation_that_answers_the_same_rows_again_counts_them_once(order):
    def twice(evaluate):
        evaluate(NEW, 10)
        evaluate(NEW[order], 10)

    assert split_after(twice).dev.texts == [(tuple(row),) for row in NEW[order].tolist()]


def test_ids_that_a_model_is_given_and_looks_up_are_counted_once():
    model = nn.Sequential(nn.Embedding(90, 4), nn.Flatten(), nn.Linear(4 * TEXTS.shape[1], 2))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with wordfit.watch() as exam:
        for batch in TEXTS.split(10):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(batch), batch[:, 0] % 2).backward()
            optimizer.step()
    assert TEXTS.numel() + len(TEXTS) <= exam.recorder._batches.kept_trained < 1.5 * TEXTS.numel()


def test_rows_of_numbers_are_told_apart_by_all_of_their_columns():
    rows = torch.zeros(3, 200)
    rows[1:, 150] = 1.0
    found = Split.texts_of(None, Batch(0, inputs=[rows]))
    assert len(set(found)) == 2


def test_an_evaluation_that_keeps_its_gradients_before_training_is_no_training():
    model = nn.Sequential(nn.Embedding(90, 4), nn.Flatten(), nn.Linear(4 * TEXTS.shape[1], 2))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    kinds = TEXTS[:, 0] % 2
    with wordfit.watch() as exam:
        nn.functional.cross_entropy(model(NEW), NEW[:, 0] % 2).item()
        for _ in range(2):
            for i in torch.arange(len(TEXTS)).split(10):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(TEXTS[i]), kinds[i]).backward()
                optimizer.step()
            with torch.no_grad():
                nn.functional.cross_entropy(model(NEW), NEW[:, 0] % 2).item()
    split = Split(exam.recorder)
    assert set(split.train.texts).isdisjoint(split.dev.texts)
    assert split.dev.texts == [(tuple(row),) for row in NEW.tolist()]


def test_of_a_fold_whose_training_was_not_kept_nothing_is_said(monkeypatch):
    monkeypatch.setattr("wordfit.doctor.watch.batches.MOST_TRAINED", 60 * 3)
    rows = torch.randn(60, 3)
    kinds = (rows[:, 0] > 0).long()
    with wordfit.watch() as exam:
        for fold in torch.arange(60).split(20):
            model = nn.Linear(3, 2)
            optimizer = torch.optim.SGD(model.parameters(), 0.1)
            others = torch.tensor([n for n in range(60) if n not in fold])
            for i in [*others.split(10)] * 2:
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(rows[i]), kinds[i]).backward()
                optimizer.step()
            with torch.no_grad():
                (model(rows[others]).argmax(1) == kinds[others]).float().mean().item()
                (model(rows[fold]).argmax(1) == kinds[fold]).float().mean().item()
    split = Split(exam.recorder)
    assert set(split.train.texts).isdisjoint(split.dev.texts)
    assert not len(split.dev)


def test_rows_that_were_changed_while_they_were_trained_are_a_set_of_their_own_in_an_evaluation():
    """A share of the rows is known, as large a share of every batch of them; the other set is new."""
    generator = torch.Generator().manual_seed(7)
    rows, new = torch.randint(1, 90, (400, 7), generator=generator), torch.randint(1, 90, (100, 7), generator=generator)
    changed = rows.clone()
    changed[torch.rand(400, generator=generator) < 0.3, 0] = 0

    def dev_of(evaluations):
        table, head = nn.Embedding(91, 4), nn.Linear(4, 2)
        optimizer = torch.optim.SGD([*table.parameters(), *head.parameters()], 0.1)
        with wordfit.watch() as exam:
            for batch in changed[torch.randperm(400, generator=generator)].split(20):
                optimizer.zero_grad()
                nn.functional.cross_entropy(head(table(batch).mean(1)), batch[:, 1] % 2).backward()
                optimizer.step()
            with torch.no_grad():
                for part in evaluations:
                    assert head(table(part).mean(1)).argmax(1).shape == part[:, 1].shape
        return Split(exam.recorder).dev.texts

    held_out = [(tuple(row),) for row in new.tolist()]
    assert dev_of([rows, new]) == held_out
    assert dev_of([*rows.split(100), *new.split(50)]) == held_out
    mixed = torch.cat([rows[:130], new])
    assert len(dev_of(mixed.split(50))) == len(mixed)


@pytest.mark.parametrize("set_back", [True, False])
def test_a_model_that_scores_both_parts_of_every_fold_was_trained_on_the_rows_of_the_last_if_set_back(set_back):
    torch.manual_seed(5)
    table, head = nn.Embedding(90, 16), nn.Linear(16, 2)
    start = [p.detach().clone() for p in (*table.parameters(), *head.parameters())]
    folds = TEXTS.split(20)
    with wordfit.watch() as exam:
        for held in range(3):
            with torch.no_grad():
                for weight, first in [] if not set_back else zip((*table.parameters(), *head.parameters()), start):
                    weight.copy_(first)
            known = torch.cat([fold for n, fold in enumerate(folds) if n != held])
            optimizer = torch.optim.Adam([*table.parameters(), *head.parameters()], 0.1)
            for _ in range(4):
                for batch in known[torch.randperm(40)].split(10):
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(head(table(batch).mean(1)), batch[:, 0] % 2).backward()
                    optimizer.step()
            with torch.no_grad():
                for part in (known, folds[held]):
                    assert (head(table(part).mean(1)).argmax(1) == part[:, 0] % 2).shape == (len(part),)
    split = Split(exam.recorder)
    if set_back:
        assert split.dev.texts == [(tuple(row),) for row in folds[2].tolist()]
        assert set(split.train.texts) == {(tuple(row),) for row in TEXTS[:40].tolist()}
    else:
        assert _shared(split.train, split.dev)["share"] > 0.5


def test_sets_that_one_loop_evaluates_are_told_apart_beside_a_call_for_the_training_set():
    def both(evaluate):
        evaluate(TEXTS, 20)
        for texts in (TEXTS, NEW):
            evaluate(texts, 60)

    assert split_after(both).dev.texts == [(tuple(row),) for row in NEW.tolist()]


class Dropping(nn.Module):
    """Drops words while it trains: 1 stands for those that it does not know."""

    def __init__(self, always=False):
        super().__init__()
        self.table, self.head, self.always = nn.Embedding(90, 4), nn.Linear(4, 2), always

    def forward(self, texts):
        if self.training or self.always:
            texts = torch.where(torch.rand(texts.shape, generator=GENERATOR) < 0.3, 1, texts)
        return self.head(self.table(texts).mean(1))


@pytest.mark.parametrize("always", [False, True])
def test_texts_are_those_before_a_model_dropped_words_of_them_while_it_trained(always):
    model = Dropping(always)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with wordfit.watch() as exam:
        for batch in TEXTS.split(10):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(batch), batch[:, 0] % 2).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            model(NEW)
    texts = [(tuple(row),) for row in TEXTS.tolist()]
    assert (Split(exam.recorder).train.texts == texts) is not always  # in evaluation too: the words are what is read


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("leaks", [0, 120, 152])  # of 160 rows
def test_rows_that_tell_when_to_stop_may_leak_though_new_ones_are_evaluated_at_the_end(times, leaks):
    torch.manual_seed(0)
    table, head = nn.Embedding(90, 4), nn.Linear(4, 2)
    optimizer = torch.optim.SGD([*table.parameters(), *head.parameters()], 0.1)
    texts = torch.randint(1, 90, (800, 7), generator=GENERATOR)
    train, new = texts[:400], texts[600:]
    chosen_by = torch.cat([texts[:leaks], texts[400 + leaks : 560]])

    def right(texts):
        with torch.no_grad():
            return (head(table(texts).mean(1)).argmax(1) == texts[:, 0] % 2).float().mean().item()

    with wordfit.watch() as exam:
        for epoch in range(3):
            for batch in train[torch.randperm(400)].split(40):
                optimizer.zero_grad()
                nn.functional.cross_entropy(head(table(batch).mean(1)), batch[:, 0] % 2).backward()
                optimizer.step()
            if epoch < times:
                right(chosen_by)
        assert min(right(train), right(chosen_by), right(new)) > 0
    exam.diagnose(20, {"data"})
    shared = exam.record.experiments["data"]["shared"]
    assert shared["share"] == (leaks / 160 if times > 1 else 0.0)


def test_filled_rows_are_the_same_texts_at_every_width_where_no_table_was_seen_to_be_asked():
    torch.manual_seed(0)
    vectors, head = torch.randn(90, 4), nn.Linear(4, 2)
    optimizer = torch.optim.SGD(head.parameters(), 0.1)
    texts = torch.randint(1, 90, (60, 9)) * (torch.arange(9) < torch.randint(3, 10, (60, 1)))

    class Mean(nn.Module):
        def __init__(self):
            super().__init__()
            self.head = head

        def forward(self, ids):
            return self.head(vectors[ids].mean(1))

    model = Mean()
    with wordfit.watch() as exam:
        for rows in texts[:40].split(4):
            optimizer.zero_grad()
            ids = rows[:, : int((rows > 0).sum(1).max())]
            nn.functional.cross_entropy(model(ids), rows[:, 0] % 2).backward()
            optimizer.step()
        with torch.no_grad():
            for part in (texts[:40], texts[40:]):
                assert float((model(part).argmax(1) == part[:, 0] % 2).float().mean()) > 0
    split = Split(exam.recorder)
    assert split.train.texts == [(tuple(i for i in row if i),) for row in texts[:40].tolist()]
    assert split.dev.texts == [(tuple(i for i in row if i),) for row in texts[40:].tolist()]


def test_rows_of_letters_written_as_ones_and_zeros_are_told_apart_by_where_the_ones_stand():
    torch.manual_seed(0)
    letters = nn.functional.one_hot(torch.randint(4, (48, 12)), 4).float().transpose(1, 2)  # (N, 4, T)
    scan, head = nn.Conv1d(4, 6, 3), nn.Linear(6, 2)
    model = nn.Sequential(scan, nn.ReLU(), nn.AdaptiveMaxPool1d(1), nn.Flatten(), head)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with wordfit.watch() as exam:
        for _ in range(2):
            for rows in torch.arange(48).split(8):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(letters[rows]), rows // 24).backward()
                optimizer.step()
    assert len(Split(exam.recorder).train) == 48


@pytest.mark.parametrize("held", ["in order", "out of order", "two of a length"])
@pytest.mark.parametrize("single", [False, True])
def test_labels_that_were_compared_in_numpy_are_the_one_array_of_as_many_that_goes_with_the_answers(single, held):
    torch.manual_seed(0)
    words = torch.randint(0, 40, (360, 5))
    classes = (words[:, 0] % 2).tolist()
    model = nn.Sequential(nn.Embedding(40, 16), nn.Flatten(), nn.Linear(80, 1 if single else 2))
    optimizer = torch.optim.Adam(model.parameters(), 0.05)
    with wordfit.watch() as exam:
        for _ in range(4):
            for rows in torch.randperm(260).split(20):
                optimizer.zero_grad()
                truth, answer = torch.tensor([classes[n] for n in rows]), model(words[rows])
                if single:
                    loss = nn.functional.binary_cross_entropy_with_logits(answer.squeeze(1), truth.float())
                else:
                    loss = nn.functional.cross_entropy(answer, truth)
                loss.backward()
                optimizer.step()
        with torch.no_grad():
            answer = model(words[260:])
            likely = (answer.squeeze(1).sigmoid() if single else answer.softmax(1)).numpy()
    labels = np.array(classes[260:] if held != "out of order" else classes[:100])
    more = [("more", labels[::-1].copy())] if held == "two of a length" else []
    weight = nn.Parameter(torch.ones(100, dtype=torch.bfloat16))  # as long, and no labels
    exam.recorder.found["numbers"] = [("labels", labels), ("weight", weight), *more]
    split = Split(exam.recorder)
    assert len(likely) == len(split.dev) == 100
    assert split.dev.targets == (labels.tolist() if held == "in order" else [None] * 100)
