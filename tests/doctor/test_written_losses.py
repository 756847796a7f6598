"""Losses that a program writes out: what they are given, and where their targets stand."""

import pytest
import torch
from torch import nn

import wordfit
from wordfit.doctor.diagnose import judge
from wordfit.record import Record

CLASSES = 4


class Bag(nn.Module):
    def __init__(self, end=None):
        super().__init__()
        self.table, self.out, self.end = nn.Embedding(40, 12), nn.Linear(12, CLASSES), end

    def forward(self, ids):
        scores = self.out(self.table(ids).mean(1))
        return scores if self.end is None else self.end(scores)


def rows(count=400):
    """Ids (N, 6), each row's words from a quarter of the vocabulary for the most part, and its quarter (N,)."""
    random = torch.Generator().manual_seed(0)
    kinds = torch.randint(0, CLASSES, (count,), generator=random)
    own = torch.randint(0, 10, (count, 6), generator=random) + 10 * kinds.unsqueeze(1)
    other = torch.randint(0, 40, (count, 6), generator=random)
    return torch.where(torch.rand((count, 6), generator=random) < 0.6, own, other), kinds


def diagnosed(model, loss_of, targets_of, only):
    torch.manual_seed(0)
    ids, kinds = rows()
    targets = targets_of(kinds)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    with wordfit.watch() as exam:
        for _ in range(3):
            for i in torch.randperm(len(ids)).split(20):
                loss = loss_of(model(ids[i]), targets[i])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    diagnosis = exam.diagnose(20, only)
    return exam, [f["cause"] for f in diagnosis["findings"] if f["severity"] == "error"]


def scores_only(scores, kinds):
    return (scores.logsumexp(1) - scores.gather(1, kinds.unsqueeze(1)).squeeze(1)).mean()


@pytest.mark.parametrize(("end", "expected"), [(nn.Softmax(dim=1), ["double_softmax"]), (None, [])])
def test_a_cross_entropy_written_for_scores_is_told_when_it_is_given_probabilities(end, expected):
    _, causes = diagnosed(Bag(end), scores_only, lambda kinds: kinds, {"data", "losses"})
    assert causes == expected


def binary(p, y):
    return -(y * p.log() + (1 - y) * (1 - p).log()).mean()


@pytest.mark.parametrize(("low", "high", "expected"), [(-1.0, 1.0, ["bce_target_out_of_range"]), (0.0, 1.0, [])])
def test_a_binary_likelihood_that_is_written_out_is_told_targets_outside_its_range(low, high, expected):
    def targets(kinds):
        return low + (high - low) * nn.functional.one_hot(kinds, CLASSES).float()

    _, causes = diagnosed(Bag(nn.Sigmoid()), binary, targets, {"data", "losses"})
    assert causes == expected


def squared(scores, kinds):
    return ((scores[:, 0] - kinds) ** 2).mean()


def test_targets_of_a_loss_that_is_written_out_are_found_beside_the_rows():
    exam, causes = diagnosed(Bag(), squared, lambda kinds: kinds, {"data", "losses", "classes"})
    ids, kinds = rows()
    places = {tuple(row): int(kind) for row, kind in zip(ids.tolist(), kinds)}
    fed = [b for b in exam.recorder.batches if b.training]
    assert fed
    assert all([places[tuple(row)] for row in b.lookups[0].ids.tolist()] == b.targets[0].tolist() for b in fed)
    assert causes == ["regression_loss_for_classes"]


def noise_contrasted(energies, noise):
    return nn.functional.softplus(energies + noise).mean()


def pushed_away(scores, truth):
    return -((scores - truth) ** 2).mean()


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (noise_contrasted, []),
        (pushed_away, ["flipped_loss_sign"]),
        (lambda scores, truth: -pushed_away(scores, truth), []),
        (lambda scores, truth: (scores * truth).mean(), ["flipped_loss_sign"]),
        (lambda scores, truth: -(scores * truth).mean(), []),
    ],
)
def test_what_answers_are_weighed_against_is_a_target_only_if_a_loss_drives_them_to_it_or_from_it(loss, expected):
    torch.manual_seed(1)
    model = Bag(lambda scores: scores[:, 0])
    _, causes = diagnosed(model, loss, lambda kinds: 1.7 * kinds.float() + 3.0, {"data", "losses"})
    assert causes == expected


def layout_of(step):
    with wordfit.watch() as exam:
        for _ in range(3):
            step()
    exam.diagnose(20, {"losses"})
    return exam.record.watched["layout"]


def test_candidates_whose_biases_are_looked_up_are_no_target():
    torch.manual_seed(0)
    context, word, bias = nn.Embedding(40, 6), nn.Embedding(40, 6), nn.Parameter(torch.zeros(40))
    optimizer = torch.optim.SGD([*context.parameters(), *word.parameters(), bias], 0.1)
    ids, _ = rows()

    def step():
        optimizer.zero_grad()
        scores = (context(ids[:, 0])[:, None] * word(ids)).sum(-1) + bias[ids]
        (-(nn.functional.logsigmoid(scores[:, 0]) + nn.functional.logsigmoid(-scores[:, 1:]).sum(1))).mean().backward()
        optimizer.step()

    assert layout_of(step)["target"] is None


def test_words_that_a_bare_table_is_asked_for_are_no_target():
    torch.manual_seed(0)
    ids, kinds = rows()
    table, head = (torch.randn(*shape, requires_grad=True) for shape in ((40, 6), (6, 4)))
    truth = (kinds > 1).float()[:, None].expand(-1, 4)

    def step():
        state = torch.zeros(len(ids), 6)
        for n in range(6):
            state = torch.tanh(state + table[ids[:, n]])
        z = state @ head
        (torch.clamp(z, min=0) - z * truth + torch.log1p(torch.exp(-z.abs()))).mean().backward()
        with torch.no_grad():
            for weight in (table, head):
                weight -= 0.1 * weight.grad
                weight.grad = None

    assert layout_of(step)["target"] == [400, 4]


def test_what_is_drawn_by_a_softmax_is_not_made_of_it():
    def ops(choice):
        calls = [("linear", 0, 1), ("softmax", 1, 2), (choice, 2, 3), ("scatter", 3, 4), ("log_softmax", 4, 5)]
        return [
            {"op": op, "ins": [a], "outs": [b], "learned": True, "line": b, "inputs": [], "module": None, "file": "x"}
            for op, a, b in calls
        ]

    for choice, found in (("clone", ["double_softmax"]), ("multinomial", [])):
        record = Record(watched={"ops": ops(choice)})
        assert [f.cause for f in judge(record)] == found


def kernel(a, b):
    return torch.exp(-((a[:, None] - b[None]) ** 2).sum(-1))


def every_row_with_every_other(scores, wanted):
    """The squared distance of two clouds by their kernels (Gretton et al., 2012)."""
    return kernel(scores, scores).mean() + kernel(wanted, wanted).mean() - 2 * kernel(scores, wanted).mean()


def unawares(scores, wanted):
    return ((scores[:, :1] - wanted[:, 0]) ** 2).mean()


@pytest.mark.parametrize(("loss", "told"), [(every_row_with_every_other, False), (unawares, True)])
def test_axes_that_were_put_into_both_sides_broadcast_on_purpose(loss, told):
    torch.manual_seed(0)
    model = nn.Linear(3, 2)
    with wordfit.watch() as exam:
        optimizer = torch.optim.Adam(model.parameters())
        for _ in range(5):
            optimizer.zero_grad()
            loss(model(torch.randn(12, 3)), torch.randn(12, 2)).backward()
            optimizer.step()
    exam.diagnose(20, {"losses"})
    assert bool(exam.record.experiments["losses"]["broadcast"]) is told


@pytest.mark.parametrize(("drawn", "told"), [(True, False), (False, True)])
def test_what_a_model_draws_itself_may_become_less_likely(drawn, told):
    """A policy's gradient: what was drawn is weighed by its reward, which may be below that of others."""
    torch.manual_seed(0)
    model = nn.Linear(3, 4)
    with wordfit.watch() as exam:
        optimizer = torch.optim.Adam(model.parameters())
        for _ in range(5):
            policy = torch.distributions.Categorical(logits=model(torch.randn(12, 3)))
            picked = policy.sample() if drawn else torch.randint(4, (12,))
            optimizer.zero_grad()
            policy.log_prob(picked).mul(torch.rand(12)).mean().backward()
            optimizer.step()
    exam.diagnose(20, {"losses"})
    assert bool(exam.record.experiments["losses"]["likelihood"]) is told
