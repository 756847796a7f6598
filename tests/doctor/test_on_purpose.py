"""What looks like a fault and is none: noise that is averaged, models that teach, forced scores beside free ones."""

import copy
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

import wordfit
from wordfit.doctor.case import Case
from wordfit.doctor.diagnose import judge
from wordfit.doctor.experiments.answers.evaluation import _teachers
from wordfit.doctor.experiments.steps.sequence import _filling
from wordfit.doctor.experiments.steps.what_if import _has_its_turn
from wordfit.doctor.names import Names
from wordfit.doctor.split import Split
from wordfit.record import Record

GENERATOR = torch.Generator().manual_seed(0)
ROWS, LABELS = torch.randint(1, 40, (120, 6), generator=GENERATOR), torch.arange(120) % 2


class Bag(nn.Module):
    """A mean of word vectors under dropout."""

    def __init__(self):
        super().__init__()
        self.words, self.head = nn.EmbeddingBag(40, 8), nn.Linear(8, 2)

    def forward(self, rows):
        return self.head(F.dropout(self.words(rows), 0.5))  # always on


def train(model, rows, labels, also=lambda rows: None):
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], 0.1)
    for some, truth in zip(rows.split(10), labels.split(10)):
        also(some)
        optimizer.zero_grad()
        F.cross_entropy(model(some), truth).backward()
        optimizer.step()


def causes(exam):
    return [f["cause"] for f in exam.diagnose(budget=20)["findings"] if f["severity"] == "error"]


@pytest.mark.parametrize(("draws", "blamed"), [(1, True), (6, False)])
def test_noise_that_is_drawn_again_for_the_same_rows_is_averaged_on_purpose(draws, blamed):
    model = Bag()
    with wordfit.watch() as exam:
        for _ in range(3):
            train(model, ROWS[:80], LABELS[:80])
            with torch.no_grad():
                torch.stack([model(ROWS[80:]).softmax(1) for _ in range(draws)]).mean(0).argmax(1).eq(LABELS[80:])
    assert ("eval_mode_missing" in causes(exam)) is blamed


def test_noise_that_is_drawn_again_is_no_average_where_every_answer_is_compared():
    model = Bag()
    with wordfit.watch() as exam:
        for _ in range(3):
            train(model, ROWS[:80], LABELS[:80])
            with torch.no_grad():
                [model(ROWS[80:]).argmax(1).eq(LABELS[80:]).sum().item() for _ in range(6)]
    assert "eval_mode_missing" in causes(exam)


def test_batches_that_agree_in_a_column_alone_are_no_rows_drawn_again():
    """Rows of a kind, whose kinds add up alike in every batch, and of numbers that differ."""
    torch.manual_seed(0)
    kinds, numbers, drop, head = nn.Embedding(2, 4), torch.randn(160, 4), nn.Dropout(0.5), nn.Linear(8, 1)
    net = nn.ModuleList([kinds, drop, head])
    some, truth = torch.arange(160) % 2, torch.randn(160)
    optimizer = torch.optim.Adam(net.parameters(), 0.01)

    def answer(at):
        return head(drop(torch.cat([kinds(some[at]), numbers[at]], 1))).squeeze(1)

    with wordfit.watch() as exam:
        for _ in range(3):
            for at in torch.arange(80).split(10):
                optimizer.zero_grad()
                F.mse_loss(answer(at), truth[at]).backward()
                optimizer.step()
            with torch.no_grad():
                np.concatenate([answer(at).numpy() for at in torch.arange(80, 160).split(10)])
    exam.diagnose(20, {"evaluation"})
    assert exam.record.experiments["evaluation"]["drawn_again"] < 3


def test_a_model_that_training_steps_ask_without_gradients_is_not_evaluated():
    teacher, student, probe = object(), object(), object()

    def step(*calls):
        return SimpleNamespace(roots=[SimpleNamespace(module=module, grad=grad) for module, grad in calls])

    taught, probed = step((teacher, False), (student, True)), step((probe, True))
    bench = SimpleNamespace(recorder=SimpleNamespace(train_steps=[taught] * 4 + [probed] * 4))
    assert _teachers(bench) == {id(teacher)}
    bench.recorder.train_steps = [taught, probed, probed, probed, probed, taught, probed, taught]
    assert _teachers(bench) == set()


def test_a_model_that_is_aimed_at_in_training_mode_was_never_evaluated():
    torch.manual_seed(0)
    layers = [nn.EmbeddingBag(40, 8), nn.BatchNorm1d(8), nn.Linear(8, 4)]
    student = nn.Sequential(*layers)
    teacher = copy.deepcopy(student)
    optimizer = torch.optim.SGD(student.parameters(), 0.1)
    with wordfit.watch() as exam:
        for _ in range(3):
            for some in ROWS.split(10):
                with torch.no_grad():
                    aim, other = teacher(some), teacher(some.flip(1))
                optimizer.zero_grad()
                ((student(some) - other).square() + (student(some.flip(1)) - aim).square()).mean().backward()
                optimizer.step()
    assert "eval_mode_missing" not in causes(exam)
    assert exam.record.experiments["evaluation"]["batches"] == 0


def test_the_rows_that_the_last_of_several_models_was_trained_on_are_its_training_set():
    with wordfit.watch() as exam:
        for split in range(4):
            order = torch.randperm(120, generator=torch.Generator().manual_seed(split))
            model = Bag()
            train(model, ROWS[order[:80]], LABELS[order[:80]])
            with torch.no_grad():
                seen, new = model(ROWS[order[:80]]).argmax(1), model(ROWS[order[80:]]).argmax(1)
            assert len(seen) > len(new)
    split = Split(exam.recorder)
    assert len(split.train) == 80
    assert [text[0] for text in split.dev.texts] == [tuple(row) for row in ROWS[order[80:]].tolist()]


def test_two_sets_that_are_answered_and_compared_one_after_the_other_are_no_pairs():
    class Two(Bag):
        def forward(self, rows):
            return super().forward(rows), self.head(self.words(rows)).neg()

    model, other, cut = Two(), ROWS.flip(1), len(ROWS) // 2
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with wordfit.watch() as exam:
        for some, more, truth in zip(ROWS.split(10), other.split(10), LABELS.split(10)):
            optimizer.zero_grad()
            answer, mark = model(some)[0], model(more)[1]
            (F.cross_entropy(answer, truth) + F.cross_entropy(mark, truth)).backward()
            optimizer.step()
        with torch.no_grad():
            for rows, labels in ((ROWS[:cut], LABELS[:cut]), (ROWS[cut:], LABELS[cut:])):
                (model(rows)[0].argmax(1) == labels).float().mean()
    dev = Split(exam.recorder).dev
    assert [len(row) for row in dev.texts] == [1] * len(ROWS)
    assert dev.targets == LABELS.tolist()


class Speller(nn.Module):
    """Digits from a word: each step is fed the digit before, the reference's or its own."""

    def __init__(self, d=16):
        super().__init__()
        self.source, self.digit, self.cell, self.out = nn.Embedding(40, d), nn.Embedding(6, d), nn.GRUCell(d, d), None
        self.out = nn.Linear(d, 6)

    def forward(self, rows, reference=None):
        lengths = torch.arange(rows.shape[1]).expand_as(rows)  # positions that reach the state
        state = (self.source(rows) * (1 + lengths.unsqueeze(-1) / 10)).mean(1)
        before, said = torch.zeros(len(rows), dtype=torch.long), []
        for step in range(4):
            state = self.cell(self.digit(before), state)
            said.append(self.out(state))
            before = said[-1].argmax(-1) if reference is None else reference[:, step]
        return torch.stack(said, 1)


@pytest.mark.parametrize("free", [False, True])
def test_a_forced_score_beside_a_free_one_is_no_fault(free):
    model, target = Speller(), 1 + ROWS[:, :4] % 5
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    with wordfit.watch() as exam:
        for _ in range(3):
            for rows, truth in zip(ROWS[:80].split(10), target[:80].split(10)):
                optimizer.zero_grad()
                F.cross_entropy(model(rows, truth).flatten(0, 1), truth.flatten()).backward()
                optimizer.step()
            with torch.no_grad():
                forced = (model(ROWS[80:], target[80:]).argmax(-1) == target[80:]).float().mean().item()
                own = (model(ROWS[80:]).argmax(-1) == target[80:]).all(1).float().mean().item() if free else 0.0
                assert max(forced, own) <= 1
    assert ("teacher_forcing_at_eval" in causes(exam)) is not free


def test_layers_called_one_by_one_stay_on_tape_until_their_answer_is_read():
    source, letters = nn.Embedding(40, 16), nn.Embedding(6, 16)
    reader, writer, out = nn.GRU(16, 16, batch_first=True), nn.GRU(16, 16, batch_first=True), nn.Linear(16, 6)
    parts, target = [source, letters, reader, writer, out], 1 + ROWS[:, :4] % 5
    optimizer = torch.optim.Adam([p for part in parts for p in part.parameters()], 0.01)

    def forced(rows, truth):
        begun = torch.cat([torch.zeros(len(rows), 1, dtype=torch.long), truth[:, :-1]], 1)
        return out(writer(letters(begun), reader(source(rows))[1])[0])

    with wordfit.watch() as exam:
        for _ in range(3):
            for rows, truth in zip(ROWS[:80].split(10), target[:80].split(10)):
                optimizer.zero_grad()
                F.cross_entropy(forced(rows, truth).flatten(0, 1), truth.flatten()).backward()
                optimizer.step()
            with torch.no_grad():
                said = forced(ROWS[80:], target[80:]).argmax(-1).tolist()
                assert sum(a == b for a, b in zip(said, target[80:].tolist())) >= 0
    assert all(any(op.name == "argmax" for op in step.tape.ops) for step in exam.recorder.eval_steps)
    assert "teacher_forcing_at_eval" in causes(exam)


@pytest.mark.parametrize(("picked", "blamed"), [(None, True), ([[4500, 8], [64]], False)])
def test_rows_pooled_before_training_and_picked_in_a_step_are_not_pooled_over(picked, blamed):
    call = {"inputs": [[4500, 8]], "shape": [8], "after_model": False, "learned": True, "numbers": []}
    ops = [call | {"op": "mean"}] + ([call | {"op": "__getitem__", "inputs": picked, "shape": [64, 8]}] * bool(picked))
    record = Record(program={"name": "x.py"}, watched={"ops": ops, "layout": {"rows": 4500}})
    record.experiments["company"] = {"rows": 4500, "answer_has_rows": False, "answer_shape": [64]}
    assert ("pooling_over_batch" in [f.cause for f in judge(record)]) is blamed


@pytest.mark.parametrize("inside", [0.0, 0.4])
def test_what_rows_of_targets_end_with_is_no_filling_where_it_stands_inside_of_them_as_well(inside):
    targets = {"fill": 3, "filled_rows": 0.3, "fill_share": 0.3, "input_filled": 1.0, "gradient_at_fill": 0.2}
    record = Record(program={"name": "x.py"}, experiments={"sequence": {"targets": targets | {"fill_inside": inside}}})
    assert ("loss_counts_padding" in [f.cause for f in judge(record)]) is (inside == 0.0)


def test_few_rows_that_are_filled_up_show_what_the_loss_ignores():
    steps = torch.tensor([[5, 7, 9], [4, 7, 0], [6, 8, 9], [5, 6, 9]])
    assert _filling(steps, 0) == 0
    assert _filling(steps, None) == _filling(steps, -100) == 9


@pytest.mark.parametrize(("ignored", "found"), [(25, True), (-100, False)])
def test_a_few_rows_that_end_with_one_letter_twice_are_not_filled_up(ignored, found):
    shifted = {"length": 9, "copies": {"next": 1.0}}
    ends = {"id": 24, "share": 0.3, "distinct": 9, "inside": 0.06}
    targets = {"fill": 25, "ignore_index": ignored, "filled_rows": 0.0625, "fill_inside": 0.0, "ends": ends}
    facts = {"length": 9, "inputs": [shifted, {"length": 5}], "targets": targets, "lengths": 1, "decodes": 9}
    record = Record(program={"name": "x.py"}, experiments={"sequence": facts})
    assert ("no_end_of_sequence" in [f.cause for f in judge(record)]) is found


def test_a_model_that_another_one_judges_learns_in_steps_of_its_own():
    """A generator's answers are detached where the critic learns to tell them from real rows."""
    torch.manual_seed(0)
    maker, critic = (nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, n)) for n in (2, 1))
    makers, critics = (torch.optim.Adam(m.parameters(), 0.01) for m in (maker, critic))
    with wordfit.watch() as exam:
        for _ in range(30):
            real, made = torch.randn(16, 2) + 1, maker(torch.randn(16, 2))
            critics.zero_grad()
            (F.softplus(-critic(real)) + F.softplus(critic(made.detach()))).mean().backward()
            critics.step()
            makers.zero_grad()
            F.softplus(-critic(made)).mean().backward()
            makers.step()
    step = max((s for s in exam.recorder.train_steps if any(o.name == "softplus" for o in s.tape.ops)), key=_cuts)
    case = Case(exam.recorder, step, Names(exam.recorder))
    (cut,) = (op for op in case.tape.ops if op.name == "detach" and op.outs[0] in case.used)
    bench = SimpleNamespace(recorder=exam.recorder)
    assert _has_its_turn(bench, case, cut.ins[0])
    assert not _has_its_turn(SimpleNamespace(recorder=SimpleNamespace(movements=[])), case, cut.ins[0])


def _cuts(step):
    return sum(op.name == "detach" for op in step.tape.ops)


@pytest.mark.parametrize("renewed", [True, False])
def test_a_teacher_that_an_optimizer_still_holds_is_stale_where_its_student_is_not_held(renewed):
    torch.manual_seed(0)
    net, teacher = Bag(), None
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    with wordfit.watch() as exam:
        for _ in range(2):
            for rows, labels in zip(ROWS[:80].repeat(4, 1).split(10), LABELS[:80].repeat(4).split(10)):
                answer = net(rows)
                loss = F.cross_entropy(answer, labels)
                if teacher is not None:
                    with torch.no_grad():
                        soft = teacher(rows).softmax(1)
                    loss = loss + F.kl_div(answer.log_softmax(1), soft, reduction="batchmean")
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            net, teacher = Bag(), net
            if renewed:
                optimizer = torch.optim.Adam(net.parameters(), 0.01)
    found = causes(exam)
    assert ("optimizer_holds_stale_params" in found) is not renewed
    assert "params_missing_from_optimizer" not in found


@pytest.mark.parametrize("by_numpy", [True, False])
def test_a_table_that_is_read_by_numpy_gets_no_gradient(by_numpy):
    torch.manual_seed(0)
    words, head = nn.Embedding(40, 8), nn.Linear(8, 2)
    optimizer = torch.optim.Adam([*words.parameters(), *head.parameters()], 0.01)

    def pooled(rows):
        if by_numpy:
            held = words.weight.detach().numpy()
            return torch.from_numpy(np.stack([held[row].mean(0) for row in rows.numpy()]))
        return words(rows).mean(1)

    with wordfit.watch() as exam:
        for rows, labels in zip(ROWS[:80].split(10), LABELS[:80].split(10)):
            optimizer.zero_grad()
            F.cross_entropy(head(pooled(rows)), labels).backward()
            optimizer.step()
    assert ("gradient_path_cut" in causes(exam)) is by_numpy


@pytest.mark.parametrize("by_numpy", [True, False])
def test_rows_that_are_read_by_numpy_and_come_back_in_pieces_get_no_gradient(by_numpy):
    torch.manual_seed(0)
    words, first, head = nn.Embedding(40, 8), nn.Linear(8, 8), nn.Linear(8, 2)
    optimizer = torch.optim.Adam([*words.parameters(), *first.parameters(), *head.parameters()], 0.01)

    def pooled(rows):
        read = first(words(rows.reshape(-1)))
        if by_numpy:
            pieces = np.split(read.detach().numpy(), len(rows))
            return torch.stack([torch.from_numpy(p).mean(0) for p in pieces])
        return torch.stack([p.mean(0) for p in read.chunk(len(rows))])

    with wordfit.watch() as exam:
        for rows, labels in zip(ROWS[:80].split(10), LABELS[:80].split(10)):
            optimizer.zero_grad()
            F.cross_entropy(head(pooled(rows)), labels).backward()
            optimizer.step()
    assert ("gradient_path_cut" in causes(exam)) is by_numpy


@pytest.mark.parametrize("how", [lambda d: (d * d).sum(1), lambda d: d.pow(2).sum(1), lambda d: d.abs().sum(1)])
def test_what_belongs_together_is_brought_near_however_the_distance_is_written(how):
    torch.manual_seed(0)
    words = nn.Sequential(nn.EmbeddingBag(40, 8), nn.Linear(8, 8))
    optimizer = torch.optim.Adam(words.parameters(), 0.01)
    with wordfit.watch() as exam:
        for rows, labels in zip(ROWS[:80].split(10), LABELS[:80].split(10)):
            apart = torch.sqrt(how(words(rows) - words(rows.flip(0))) + 1e-6)
            loss = (labels * apart.pow(2) + (1 - labels) * torch.relu(1.5 - apart).pow(2)).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert "flipped_loss_sign" not in causes(exam)


@pytest.mark.parametrize("beside", [True, False])
def test_scores_and_targets_that_are_centred_in_one_line_are_correlated(beside):
    torch.manual_seed(0)
    words, head = nn.Embedding(40, 8), nn.Linear(8, 1)
    optimizer = torch.optim.Adam([*words.parameters(), *head.parameters()], 0.01)

    def apart(scores, truth):
        if beside:
            scores, truth = scores - scores.mean(), truth - truth.mean()
        else:
            scores = scores - scores.mean()
        return (scores - truth).square().mean()

    with wordfit.watch() as exam:
        for rows in ROWS[:80].split(10):
            optimizer.zero_grad()
            apart(head(words(rows).mean(1)).squeeze(1), rows.float().mean(1) / 20).backward()
            optimizer.step()
    assert ("pooling_over_batch" in causes(exam)) is not beside


@pytest.mark.parametrize(("shape", "named"), [([32, 50], []), ([32], ["pretrained_not_loaded"])])
def test_a_table_that_learns_what_the_vectors_say_is_not_meant_to_hold_them(shape, named):
    source = {
        "source": "glove.txt",
        "known": 600,
        "unknown": 38,
        "width": 50,
        "right": 0.0,
        "zero": 0.0,
        "median_cosine": 0.0,
    }
    table = {"table": "net.bag.weight", "rows": 638, "width": 50, "words": 638, "sources": [source | {"others": {}}]}
    vectors = {"tables": [table], "held": [{"name": "glove", "words": 4000, "width": 50}]}
    target = {"shape": shape, "dtype": "torch.float32", "whole": False}
    made = Record(program={"name": "x.py"}, experiments={"vectors": vectors, "losses": {"target": target}})
    assert [f.cause for f in judge(made) if f.severity == "error"] == named
