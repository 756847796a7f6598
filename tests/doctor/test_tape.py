"""A step on tape: what is written into views, weights that are made while it runs, distances that are looked up."""

import gc
import weakref

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import wordfit
from wordfit.doctor.bench import copied
from wordfit.doctor.case import Case
from wordfit.doctor.choosing import choose
from wordfit.doctor.names import Names
from wordfit.doctor.playing import Play, play
from wordfit.doctor.tape import Recording, Tape

GENERATOR = torch.Generator().manual_seed(0)
ROWS, LABELS = torch.randint(1, 40, (64, 6), generator=GENERATOR), torch.arange(64) % 2


def case_of(answer, weights):
    """The case of a training of `answer(batch)` in steps of eight rows."""
    optimizer = None
    with wordfit.watch() as exam:
        for rows, labels in zip(ROWS.split(8), LABELS.split(8)):
            loss = F.cross_entropy(answer(rows), labels)
            optimizer = optimizer or torch.optim.SGD(weights(), 0.5)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return choose(exam.recorder, Names(exam.recorder))


class Buffered(nn.Module):
    """Means of word vectors, written one row after the other into a buffer that a linear layer reads."""

    def __init__(self):
        super().__init__()
        self.words, self.head = nn.Embedding(40, 4), nn.Linear(4, 2)

    def forward(self, rows):
        buffer = torch.zeros(len(rows), 4)
        for place, row in enumerate(rows):
            buffer[place].copy_(self.words(row).mean(0))
        return self.head(buffer)


def test_what_is_written_into_a_view_belongs_to_the_answer():
    model = Buffered()
    case = case_of(model, model.parameters)
    assert [op.name for op, _, _ in case.lookups] == ["embedding"] * 8
    assert case.tape.ancestors(case.answer) >= {ids for _, ids, _ in case.lookups}
    ids = case.lookups[0][1]
    other = case.run({ids: torch.full((6,), 39)})[case.answer] - case.run()[case.answer]
    assert other[0].abs().max() > 1e-3
    assert torch.equal(other[1:], torch.zeros(7, 2))


def test_a_model_that_is_made_while_the_tape_runs_keeps_its_weights_when_played():
    torch.manual_seed(0)
    bag, made = nn.EmbeddingBag.from_pretrained(torch.randn(40, 4)), []

    def answer(rows):
        if not made:
            made.append(nn.Linear(4, 2))
        return made[0](bag(rows))

    with wordfit.watch() as exam:
        bag(ROWS)
        F.cross_entropy(answer(ROWS), LABELS).backward()
        torch.optim.SGD(made[0].parameters(), 0.5).step()
    case = Case(exam.recorder, exam.recorder.train_steps[0], Names(exam.recorder))
    assert not any(op.name in ("kaiming_uniform_", "uniform_") for op in case.tape.ops)
    weights = case.copies(start=True)
    losses = [float(case.run(weights={n: f * w for n, w in weights.items()})[case.loss]) for f in (0.0, 1.0, 1.0, 30.0)]
    assert losses[0] == pytest.approx(0.6931, abs=1e-4)
    assert losses[1] == losses[2]
    assert losses[3] > losses[1] + 0.1


def test_distances_of_positions_and_picked_columns_are_no_words():
    class Biased(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.head = nn.Embedding(40, 4), nn.Linear(4, 2)
            self.by_distance, self.by_column = nn.Embedding(11, 6), nn.Parameter(torch.zeros(2, 11))

        def forward(self, rows):
            far = torch.tensor([[j - i + 5 for j in range(6)] for i in range(6)])
            weights = self.by_distance(far).mean(-1) + self.by_column[:, far].mean(0)
            return self.head((weights.softmax(-1) @ self.words(rows)).mean(1))

    model = Biased()
    case = case_of(model, model.parameters)
    assert case.rows == 8
    assert [tuple(case.value(slot).shape) for slot in case.ids] == [(8, 6)]


def test_a_model_that_keeps_what_it_attended_to_can_be_copied():
    model = Buffered()
    model.seen = [model(ROWS[:2])]
    model.last, model.by_name = model.seen[0] * 2, {"a": model.seen[0] + 1}
    other = copied(model)
    assert torch.equal(other(ROWS[:2]), model(ROWS[:2]))
    assert [t.grad_fn for t in (*other.seen, other.last, *other.by_name.values())] == [None] * 3
    assert other.head.weight is not model.head.weight
    assert other.head.weight.requires_grad


def test_scores_that_are_masked_in_place_before_a_softmax_are_no_broken_numbers():
    class Attends(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.head = nn.Embedding(40, 4), nn.Linear(4, 2)

        def forward(self, rows):
            words = self.words(rows)
            scores = words @ words.transpose(1, 2) / 2
            later = torch.ones(6, 6, dtype=torch.bool).triu(1)
            return self.head((scores.masked_fill_(later, float("-inf")).softmax(-1) @ words).mean(1))

    model = Attends()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with wordfit.watch() as exam:
        for rows, labels in zip(ROWS.split(8), LABELS.split(8)):
            optimizer.zero_grad()
            F.cross_entropy(model(rows), labels).backward()
            optimizer.step()
    causes = {f["cause"] for f in exam.diagnose(budget=10)["findings"] if f["severity"] == "error"}
    assert not causes & {"unstable_softmax", "fully_masked_attention", "zero_norm_gradient"}


def test_a_step_is_played_with_the_data_that_it_began_with():
    torch.manual_seed(0)
    words = nn.EmbeddingBag(40, 4)
    optimizer = torch.optim.SGD(words.parameters(), 0.0)
    with wordfit.watch() as exam:
        for _ in range(3):
            ids, drawn = torch.randint(40, (8, 6)), torch.randint(40, (8, 6))
            before = drawn.clone()
            clash = drawn < 30
            while clash.any():
                drawn[clash] = torch.randint(40, (int(clash.sum()),))
                clash = drawn < 30
            margin = (words(ids) - words(drawn)).sum(1) + (before < 30).float().sum(1)
            loss = margin.clamp(min=0).pow(2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    case = Case(exam.recorder, exam.recorder.train_steps[1], Names(exam.recorder))
    again = case.run()
    assert float(again[case.loss]) == pytest.approx(exam.recorder.losses[1], rel=1e-6)
    drawn = next(slot for slot in case.ids if slot in case.tape.rewritten)
    assert int(case.value(drawn).min()) >= 30
    assert int(case.tape.leaves[drawn].min()) < 30


def test_a_list_of_numbers_is_kept_as_it_was_when_the_call_was_made():
    numbers, weight = list(range(1, 41)), torch.ones(40, requires_grad=True)
    model = nn.Linear(1, 1)
    with wordfit.watch() as exam:
        optimizer = torch.optim.SGD([weight, *model.parameters()], 0.1)
        for _ in range(3):
            loss = model((weight * torch.tensor(numbers)).sum().reshape(1, 1)).sum()
            numbers[0] += 1
            loss.backward()
            optimizer.step()
    made = [op for step in exam.recorder.train_steps for op in step.tape.ops if op.name == "tensor"]
    assert [op.args[0] for op in made] == [[2, *range(2, 41)], [3, *range(2, 41)]]


@pytest.mark.parametrize("data", [False, True])
def test_a_step_with_a_penalty_of_gradients_is_played_again(data):
    torch.manual_seed(0)
    critic = torch.nn.Sequential(torch.nn.Linear(5, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
    optimizer = torch.optim.SGD(critic.parameters(), 0.1)
    with wordfit.watch() as exam:
        for _ in range(4):
            real, drawn = torch.randn(12, 5) + 1, torch.randn(12, 5)
            between = real if data else (real + drawn) / 2
            between.requires_grad_()
            (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
            penalty = (slope.norm(dim=1) - 1).square().mean()
            optimizer.zero_grad()
            (critic(drawn).mean() - critic(real).mean() + penalty).backward()
            optimizer.step()
    exam.diagnose(20, {"losses", "dependence", "sources", "units"})
    assert not exam.record.watched["troubles"]
    tape = exam.recorder.train_steps[-1].tape
    held = play(tape, Play())
    (taken,) = (op for op in tape.ops if op.name == "grad")
    play(tape, Play(values={taken.ins[-1]: torch.randn(12, 5)}))  # rows of its own
    assert not any(value.requires_grad for value in held.values())
    weights = {number: weight.detach().clone().requires_grad_() for number, weight in tape.parameters().items()}
    loss = exam.recorder.train_steps[-1].loss
    assert held[loss].item() == pytest.approx(play(tape, Play(weights, gradients=True))[loss].item())


def test_values_on_tape_are_let_go_of_as_the_program_lets_go_of_them():
    tape, mode = Tape(), Recording(lambda: None, lambda error: None)
    mode.tape = tape
    start = torch.ones(3)
    with torch.no_grad(), mode:
        gone = weakref.ref(start * 2)
        first = start + 1
        for _ in range(50):  # others may be given the ids of those before
            first = first * 2 + 1
    assert gone() is None
    assert [op.name for op in tape.ops] == ["mul", "add"] + ["mul", "add"] * 50
    assert len({n for op in tape.ops for n in op.outs}) == 102  # each its own slot
    assert all(a.outs == b.ins for a, b in zip(tape.ops[1:], tape.ops[2:]))
    values = play(tape.seal(), Play({}, {}, False, False, tape.ops[-1].outs[0]))
    assert torch.equal(values[tape.ops[-1].outs[0]], first)


def test_a_tape_that_is_dropped_lets_go_of_its_data_at_once():
    tape, data = Tape(), torch.ones(3)
    tape.slot(data)
    gone, held = weakref.ref(tape), weakref.ref(data)
    gc.disable()
    try:
        del tape, data
        assert gone() is None
        assert held() is None
    finally:
        gc.enable()
