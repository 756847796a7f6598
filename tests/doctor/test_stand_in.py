"""What stands in for a model where a program calls its layers one by one, and targets that stand beside columns."""

import copy
from collections import namedtuple

import pytest
import torch
from torch import nn

import wordfit
from wordfit.doctor.bench import Bench
from wordfit.doctor.choosing import choose
from wordfit.doctor.experiments.steps.again import mean_loss, train_again
from wordfit.doctor.experiments.steps.judging import call_on, single_model
from wordfit.doctor.held_rows import supply_targets
from wordfit.doctor.names import Names
from wordfit.doctor.split import Split

GENERATOR = torch.Generator().manual_seed(0)
TEXTS = torch.randint(1, 90, (64, 7), generator=GENERATOR)
CLASSES = TEXTS[:, 0] % 2


def bench_of(answers, weights, texts=TEXTS, batch=16, optimizer=None):
    optimizer = optimizer or torch.optim.SGD(weights, 0.1)
    with wordfit.watch() as exam:
        for ids, kinds in zip(texts.split(batch), CLASSES.split(batch)):
            optimizer.zero_grad()
            nn.functional.cross_entropy(answers(ids), kinds).backward()
            optimizer.step()
        with torch.no_grad():
            for ids, kinds in zip(texts.split(27), CLASSES.split(27)):
                nn.functional.cross_entropy(answers(ids), kinds)
    names = Names(exam.recorder)
    return Bench(exam.recorder, names, choose(exam.recorder, names), Split(exam.recorder))


def layers(width=2):
    torch.manual_seed(0)
    return nn.Embedding(90, 4), nn.Linear(4, width)


@pytest.mark.parametrize("rows", [16, 3, 50])
def test_layers_called_one_by_one_are_one_model(rows):
    table, head = layers()

    def answers(ids):
        return head(table(ids).mean(1))

    bench = bench_of(answers, [*table.parameters(), *head.parameters()])
    model = single_model(bench)
    assert torch.allclose(model([TEXTS[:rows]]), answers(TEXTS[:rows]), atol=1e-6)
    assert model([TEXTS[:rows, :5]]) is None  # the number of words is written into the tape
    assert {id(p) for p in model.parameters()} == {id(table.weight), id(head.weight), id(head.bias)}


class Shown(nn.Module):
    """A mean over as many words as each row is said to have, however that is said."""

    def __init__(self):
        super().__init__()
        self.table, self.head = layers()

    def forward(self, ids, lengths=None, scale=None):
        if not isinstance(ids, torch.Tensor):
            ids, lengths = (ids["ids"], ids["lengths"]) if isinstance(ids, dict) else ids
        there = torch.arange(ids.shape[1]) < torch.tensor(lengths).unsqueeze(1)
        seen = (self.table(ids) * there.unsqueeze(2)).sum(1) * (scale or 1.0)
        return self.head(seen / there.sum(1, keepdim=True))


Given = namedtuple("Given", ["ids", "lengths"])
MANY = (TEXTS % 7 + 1).sum(1).remainder(7).add(1).tolist()


@pytest.mark.parametrize(
    "call",
    [
        lambda model, ids, many: model(ids, many),
        lambda model, ids, many: model(ids, scale=None, lengths=tuple(many)),
        lambda model, ids, many: model({"ids": ids, "lengths": many}, scale=0.5 + many[0]),
        lambda model, ids, many: model(Given(ids, many), None, 2.0),
    ],
)
def test_a_kept_batch_is_answered_with_what_was_given_beside_its_tensors(call):
    torch.manual_seed(0)
    model, said = Shown(), []
    where = {tuple(row): many for row, many in zip(TEXTS.tolist(), MANY)}

    def answers(ids):
        said.append(call(model, ids, [where[tuple(row)] for row in ids.tolist()]))
        return said[-1]

    bench = bench_of(answers, [*model.parameters()], optimizer=torch.optim.SGD(model.parameters(), 0.0))
    batches = bench.recorder.batches
    assert [len(b.inputs[0]) for b in batches] == [16, 16, 16, 16, 27, 27, 10]
    assert all(torch.allclose(call_on(model, b, bench), s) for b, s in zip(batches, said, strict=True))


def test_a_copy_is_trained_as_the_program_was():
    table, head = layers()
    start = copy.deepcopy([table.state_dict(), head.state_dict()])

    def answers(ids):
        return head(table(ids).mean(1))

    bench = bench_of(answers, [*table.parameters(), *head.parameters()])
    kept = [table.weight.detach().clone(), head.weight.detach().clone()]
    model = train_again(bench, [], 20.0)
    trained = list(model.parameters())
    assert any(torch.allclose(p, table.weight, atol=1e-6) for p in trained if p.shape == table.weight.shape)
    assert torch.equal(table.weight, kept[0])  # the program's own are as they were
    assert torch.equal(head.weight, kept[1])
    lost = mean_loss(bench, bench.split.training, model)
    first = [nn.functional.cross_entropy(answers(i), k) for i, k in zip(TEXTS.split(16), CLASSES.split(16))]
    assert lost == pytest.approx(torch.stack(first).mean().item(), abs=1e-5)
    assert not torch.equal(start[0]["weight"], table.weight)


def test_weights_of_no_module_are_a_model_too():
    torch.manual_seed(0)
    table, out = torch.randn(90, 4, requires_grad=True), torch.randn(4, 2, requires_grad=True)

    def answers(ids):
        return torch.tanh(nn.functional.embedding(ids, table).mean(1)) @ out

    model = single_model(bench_of(answers, [table, out]))
    assert torch.allclose(model([TEXTS[:40]]), answers(TEXTS[:40]), atol=1e-6)


def test_rows_that_look_at_each_other_are_not_answered_in_pieces():
    table, head = layers()

    def answers(ids):
        pooled = table(ids).mean(1)
        return head(pooled - pooled.mean(0) + pooled.cumsum(0))

    model = single_model(bench_of(answers, [*table.parameters(), *head.parameters()]))
    assert torch.allclose(model([TEXTS[:16]]), answers(TEXTS[:16]), atol=1e-6)
    assert model([TEXTS[:20]]) is None


def test_nothing_stands_in_where_steps_differ_in_more_than_ids():
    table, head = layers()
    weights = iter(torch.rand(100, generator=torch.Generator().manual_seed(1)))

    def answers(ids):
        return head(table(ids).mean(1) * next(weights).unsqueeze(0))

    assert single_model(bench_of(answers, [*table.parameters(), *head.parameters()])) is None


def test_nothing_stands_in_where_another_model_is_trained_besides():
    (table, head), other = layers(), nn.Linear(3, 1)
    optimizer = torch.optim.SGD([*table.parameters(), *head.parameters(), *other.parameters()], 0.1)

    def answers(ids):
        return head(table(ids).mean(1))

    assert single_model(bench_of(answers, [], optimizer=optimizer)) is None


def test_targets_beside_columns_are_found_for_training_and_evaluation():
    torch.manual_seed(0)
    pairs = torch.cartesian_prod(torch.arange(30), torch.arange(20))[torch.randperm(600)]
    users, titles, ratings = pairs[:400, 0].clone(), pairs[:400, 1].clone(), torch.randn(400)
    new_users, new_titles, new_ratings = pairs[400:, 0].clone(), pairs[400:, 1].clone(), torch.randn(200)
    of_users, of_titles = nn.Embedding(30, 5), nn.Embedding(20, 5)
    optimizer = torch.optim.Adam([*of_users.parameters(), *of_titles.parameters()], 0.01)

    def off(u, t, r):
        return ((of_users(u) * of_titles(t)).sum(1) - r).pow(2).mean()

    with wordfit.watch() as exam:
        for part in torch.randperm(400).split(25):
            optimizer.zero_grad()
            off(users[part], titles[part], ratings[part]).backward()
            optimizer.step()
        with torch.no_grad():
            off(new_users, new_titles, new_ratings)
    exam.recorder.found["numbers"] = [
        (n, v)
        for n, v in {
            "users": users, "titles": titles, "ratings": ratings,
            "new_users": new_users, "new_titles": new_titles, "new_ratings": new_ratings,
        }.items()
    ]  # fmt: skip
    supply_targets(exam.recorder, choose(exam.recorder, Names(exam.recorder)))
    split = Split(exam.recorder)
    assert len(split.training) == 16
    assert all(len(b.targets) == 1 for b in split.training)
    first = split.training[0]
    rows = [(users == u) & (titles == t) for u, t in zip(first.lookups[0].ids, first.lookups[1].ids)]
    assert torch.equal(first.targets[0], torch.stack([ratings[r][0] for r in rows]))
    assert torch.equal(split.dev_batches[0].targets[0], new_ratings)


def test_a_sparse_matrix_beside_the_weights_is_in_nobodys_way():
    """A graph's neighbours, averaged: torch knows no `isnan` of all of a sparse matrix."""
    size = 60
    near = torch.eye(size).to_sparse()
    table, head = nn.Embedding(size, 4), nn.Linear(4, 2)
    optimizer = torch.optim.Adam([*table.parameters(), *head.parameters()], 0.01)
    kinds = torch.arange(size) % 2
    with wordfit.watch() as exam:
        for _ in range(8):
            optimizer.zero_grad()
            nn.functional.cross_entropy(head(torch.sparse.mm(near, table(torch.arange(size)))), kinds).backward()
            optimizer.step()
    exam.diagnose(10)
    assert exam.record.watched["troubles"] == []
