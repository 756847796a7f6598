"""Texts that go through a model one at a time are no inputs of the same rows, and no rows of the same batch."""

import torch
from torch import nn
from torch.nn import functional as F

import wordfit
from wordfit.doctor.diagnose import judge

FEATURES = 4  # of every token


class Tagger(nn.Module):
    """Scores of the tokens of one text, from some features of each and of its neighbours."""

    def __init__(self):
        super().__init__()
        self.table, self.conv = nn.Embedding(50, 6), nn.Conv1d(6, 3, 3, padding=1)

    def forward(self, features):
        return self.conv(self.table(features).mean(1).t()).t()


def examined(model, step, names):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    with wordfit.watch() as exam:
        for _ in range(4):
            optimizer.zero_grad()
            step().backward()
            optimizer.step()
    exam.diagnose(20, names)
    return {f.cause for f in judge(exam.record)}, exam.record


def nll(scores, tags, follow):
    """A chain's negative log-likelihood, written out as programs do."""
    gold = scores.gather(1, tags[:, None]).sum() + follow[tags[:-1], tags[1:]].sum()
    alpha = scores[0]
    for now in scores[1:]:
        alpha = torch.logsumexp(alpha[:, None] + follow, 0) + now
    return torch.logsumexp(alpha, 0) - gold


def test_texts_tagged_one_at_a_time_share_no_rows():
    torch.manual_seed(0)
    net = Tagger()
    net.follow = nn.Parameter(torch.zeros(3, 3))
    texts = [(torch.randint(50, (n, FEATURES)), torch.randint(3, (n,))) for n in (5, 8, 6, 9, 4, 7, 5)]
    causes, record = examined(
        net,
        lambda: torch.stack([nll(net(x), y, net.follow) for x, y in texts]).mean(),
        {"company", "sources", "losses"},
    )
    assert not causes & {"encoder_ignored", "pooling_over_batch", "init_scale_too_large"}
    assert record.experiments["sources"]["inputs"] == []
    assert record.experiments["losses"]["extremes"] is None  # what is said of one text is not the loss of them all


class Fields(nn.Module):
    """One answer a row, of several fields of their own widths."""

    def __init__(self):
        super().__init__()
        self.table, self.out = nn.Embedding(50, 6), nn.Linear(6 * 4, 2)

    def forward(self, fields):
        return self.out(torch.cat([self.table(ids).mean(1) for ids in fields], 1))


def test_fields_of_the_same_rows_are_inputs_whatever_their_widths():
    torch.manual_seed(0)
    net, labels = Fields(), torch.randint(2, (12,))
    fields = [torch.randint(50, (12, width)) for width in (3, 7, 5, 9)]
    _, record = examined(net, lambda: F.cross_entropy(net(fields), labels), {"company", "sources"})
    assert record.watched["layout"]["rows"] == 12
    assert [i["shape"][1] for i in record.experiments["sources"]["inputs"]] == [3, 7, 5, 9]


def test_words_of_all_rows_that_a_loop_takes_step_by_step_are_no_texts():
    torch.manual_seed(0)
    table, into, on = (nn.Parameter(0.3 * torch.randn(shape)) for shape in ((50, 6), (6, 4), (4, 4)))
    texts = {length: torch.randint(50, (length, 15)) for length in (8, 9, 11)}  # (time, rows)

    def step(ids):
        state, answers = torch.zeros(15, 4), []
        for words in ids:
            state = torch.tanh(table[words] @ into + state @ on)
            answers.append(state)
        return F.cross_entropy(torch.stack(answers).flatten(0, 1), (ids % 4).flatten())

    optimizer = torch.optim.SGD([table, into, on], 0.1)
    with wordfit.watch() as exam:
        for ids in [*texts.values()] * 3:
            optimizer.zero_grad()
            step(ids).backward()
            optimizer.step()
    exam.diagnose(20, {"company", "sources"})
    assert "pooling_over_batch" not in {f.cause for f in judge(exam.record)}
    assert exam.record.watched["layout"]["rows"] == 15


def test_two_texts_of_every_row_that_meet_each_other_are_looked_up_row_by_row():
    torch.manual_seed(0)
    table = nn.Parameter(0.3 * torch.randn(50, 6))
    pairs = [(torch.randint(50, (5,)), torch.randint(50, (5,)), torch.rand(())) for _ in range(12)]
    optimizer = torch.optim.SGD([table], 0.1)
    with wordfit.watch() as exam:
        for _ in range(4):
            optimizer.zero_grad()
            likeness = torch.stack([table[a].mean(0) @ table[b].mean(0) for a, b, _ in pairs])
            F.mse_loss(likeness, torch.stack([y for *_, y in pairs])).backward()
            optimizer.step()
    exam.diagnose(20, {"company"})
    assert exam.record.watched["layout"]["rows"] == 12
