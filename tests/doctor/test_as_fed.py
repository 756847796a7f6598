"""What a step was fed: rows filled in place, words after a start mark, answers judged later, refused gradients."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import wordfit
from tests.doctor.test_diagnose import record
from wordfit.doctor.choosing import choose
from wordfit.doctor.diagnose import judge
from wordfit.doctor.names import Names

RANDOM = torch.Generator().manual_seed(0)


def learn(net, loss_of, count=3, **settings):
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01, **settings)
    for _ in range(count):
        optimizer.zero_grad()
        loss_of().backward()
        optimizer.step()


def counted(rows):
    """Counts of words (N, 12), filled in place as loops over texts do."""
    x = torch.zeros(len(rows), 12)
    for n, row in enumerate(rows):
        for word in row:
            x[n, word] += 1
    return x


@pytest.mark.parametrize("mixing", [False, True])
def test_rows_filled_in_place_mix_only_where_a_layer_mixes_them(mixing):
    torch.manual_seed(0)
    rows = torch.randint(0, 12, (8, 5), generator=RANDOM).tolist()
    net = nn.Linear(12, 3)
    target = torch.randint(0, 3, (8,), generator=RANDOM)

    def loss():
        answer = net(counted(rows))
        return F.cross_entropy(answer - answer.mean(0) if mixing else answer, target)

    with wordfit.watch() as exam:
        learn(net, loss)
    exam.diagnose(20, {"company"})
    found = exam.record.experiments["company"]
    assert (max(found["max_change"], found.get("max_change_at_loss", 0.0)) > 1e-3) is mixing


class Decoder(nn.Module):
    """A step takes the word before: first a mark, then the target's words."""

    def __init__(self):
        super().__init__()
        self.words, self.cell, self.out = nn.Embedding(9, 6), nn.GRUCell(6, 6), nn.Linear(6, 8)
        self.first = nn.Parameter(torch.zeros(6))

    def forward(self, target, late):
        state, before, answers = torch.zeros(len(target), 6), torch.full((len(target),), 8), []
        for t in range(target.shape[1]):
            before = target[:, t] if late else before
            state = self.cell(self.words(before), state)
            answers.append(self.out(state))
            before = target[:, t].clamp(min=0)
        return torch.stack(answers, 1)

    def go_on(self, target):
        """The first step takes a vector that is learned; every step looks up what the next one takes."""
        state, word, answers = torch.zeros(len(target), 6), self.first.expand(len(target), -1), []
        for t in range(target.shape[1]):
            state = self.cell(word, state)
            answers.append(self.out(state))
            word = self.words(target[:, t].clamp(min=0))
        return torch.stack(answers, 1)


@pytest.mark.parametrize(("late", "told"), [(False, "next"), (True, "same")])
def test_words_after_a_start_mark_are_one_place_late(late, told):
    torch.manual_seed(0)
    target = torch.randint(0, 8, (6, 7), generator=RANDOM)
    net = Decoder()
    with wordfit.watch() as exam:
        learn(net, lambda: F.cross_entropy(net(target, late).flatten(0, 1), target.flatten()))
    exam.diagnose(20, {"sequence"})
    (row,) = exam.record.experiments["sequence"]["inputs"]
    assert row["copies"][told] == 1.0


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("each", [False, True])
def test_words_looked_up_for_the_place_to_come_are_not_shown_at_their_own(late, each):
    torch.manual_seed(0)
    target = torch.randint(0, 8, (6, 7), generator=RANDOM)
    net = Decoder()

    def loss():
        answers = net(target, True) if late else net.go_on(target)
        if each:
            return sum(F.cross_entropy(answers[:, t], target[:, t]) for t in range(target.shape[1]))
        return F.cross_entropy(answers.flatten(0, 1), target.flatten())

    with wordfit.watch() as exam:
        learn(net, loss)
    exam.diagnose(20, {"sequence"})
    (row,) = exam.record.experiments["sequence"]["inputs"]
    assert row["copies"]["same"] == 1.0
    assert row["seen_after"] == (0 if late else 1)


@pytest.mark.parametrize(("after", "blamed"), [(None, True), (0, True), (1, False)])
def test_a_target_that_is_seen_after_its_place_is_shifted(after, blamed):
    source = {"input": 0, "copies": {"same": 0.1, "next": 0.0}}
    row = {"input": 1, "copies": {"same": 1.0, "next": 0.2}, "seen_after": after}
    view = record(sequence={"inputs": [source, row]})
    assert ("decoder_target_not_shifted" in [f.cause for f in judge(view)]) is blamed


def test_losses_go_to_the_batch_that_they_judge():
    torch.manual_seed(0)
    ids, labels = torch.randint(0, 9, (90, 4), generator=RANDOM), torch.randint(0, 2, (90,), generator=RANDOM)
    net = nn.Sequential(nn.Embedding(9, 4), nn.Flatten(), nn.Linear(16, 2))
    with wordfit.watch() as exam:
        learn(net, lambda: F.cross_entropy(net(ids[:60]), labels[:60]))
        with torch.no_grad():
            first, second = net(ids[:60]), net(ids[60:])
            F.cross_entropy(first, labels[:60]), F.cross_entropy(second, labels[60:])
    right = float((second.argmax(1) == labels[60:]).float().mean())
    exam.diagnose(20, {"data"})
    assert exam.record.experiments["data"]["dev"]["accuracy"] == pytest.approx(right)


def test_an_optimizer_that_refuses_sparse_gradients_is_not_tried():
    net = nn.EmbeddingBag(9, 2, sparse=True)
    optimizer = torch.optim.Adagrad(net.parameters(), lr=0.1, weight_decay=1e-6)
    ids, labels = torch.randint(0, 9, (8, 4), generator=RANDOM), torch.randint(0, 2, (8,), generator=RANDOM)
    with wordfit.watch() as exam:
        F.cross_entropy(net(ids), labels).backward()
        with pytest.raises(RuntimeError, match="sparse"):
            optimizer.step()
    exam.diagnose(20, {"rates"})
    assert exam.record.watched["troubles"] == []
    assert "rates" not in exam.record.experiments


def test_padding_follows_on_itself_along_either_axis_and_tells_neither():
    """A model of the next word over a bare table, time first, whose rows are filled up to one width."""
    torch.manual_seed(0)
    rows = torch.randint(1, 9, (6, 20), generator=RANDOM)
    rows[torch.arange(20) >= torch.tensor([[5], [4], [6], [5], [7], [4]])] = 0
    table, back, out = (nn.Parameter(torch.randn(*shape) * 0.3) for shape in ((9, 5), (5, 5), (5, 9)))

    def loss():
        words, state, answers = table[rows[:, :-1].T], torch.zeros(6, 5), []
        for step in words:
            state = torch.tanh(step + state @ back)
            answers.append(state @ out)
        return F.cross_entropy(torch.stack(answers).reshape(-1, 9), rows[:, 1:].T.reshape(-1), ignore_index=0)

    with wordfit.watch() as exam:
        optimizer = torch.optim.Adam([table, back, out])
        for _ in range(4):
            optimizer.zero_grad()
            loss().backward()
            optimizer.step()
    assert choose(exam.recorder, Names(exam.recorder)).batch_first is False
