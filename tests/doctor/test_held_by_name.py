"""Weights chosen by name to be held still: which tests of a name are asked, and what they say."""

import ast

import pytest
import torch
from torch import nn

import wordfit
from wordfit.doctor.experiments.tables.by_name import _passes, _selections, _written_out

LOOP = "for name, p in model.named_parameters():\n    if {}:\n        p.requires_grad = False\n"


@pytest.mark.parametrize(
    ("test", "passes", "fails"),
    [
        ("name.startswith('embedding')", "embedding.weight", "encoder.embedding.weight"),
        ("'emb' in name and not name.endswith('bias')", "enc.emb.weight", "enc.table.weight"),
        ("any(k in name for k in ('emb', 'pos'))", "pos.weight", "head.weight"),
        ("re.match('^emb', name)", "emb.weight", "enc.emb.weight"),
    ],
)
def test_a_test_of_the_name_alone_is_asked_of_names(test, passes, fails):
    ((variable, chosen),) = _selections(ast.parse(LOOP.format(test)))
    assert _passes(chosen, variable, passes)
    assert not _passes(chosen, variable, fails)


@pytest.mark.parametrize("test", ["freeze", "name in FROZEN", "p.dim() > 1", "open(name)", "name.__class__"])
def test_a_test_that_asks_anything_else_is_left_alone(test):
    assert list(_selections(ast.parse(LOOP.format(test)))) == []


def test_a_loop_under_a_condition_is_left_alone():
    loop = LOOP.format("name.startswith('embedding')")
    guarded = "if freeze:\n" + "".join(f"    {line}\n" for line in loop.splitlines())
    assert list(_selections(ast.parse(guarded))) == []


def test_texts_that_are_written_out_once_belong_to_the_test():
    tree = ast.parse("FREEZE = ['embeddings']\n" + LOOP.format("name in FREEZE"))
    texts = _written_out(tree)
    ((variable, chosen),) = _selections(tree, texts)
    assert _passes(chosen, variable, "embeddings", texts)
    assert not _passes(chosen, variable, "embeddings.weight", texts)


@pytest.mark.parametrize(
    "told", ["FREEZE = []", "FREEZE = ['a']\nFREEZE.append('b')", "FREEZE = ['a']\nFREEZE += names", "FREEZE = load()"]
)
def test_texts_that_are_changed_or_empty_are_left_alone(told):
    tree = ast.parse(told + "\n" + LOOP.format("name in FREEZE"))
    assert list(_selections(tree, _written_out(tree))) == []


@pytest.mark.parametrize(
    ("mark", "named"),
    [
        ({"requires_grad_": False}, True),
        ({"require_gradient": False}, True),
        ({"freezed": True}, True),
        ({"trainable": True}, False),
        ({"frozen": False}, False),
        ({"grouped": False}, False),
    ],
)
def test_marks_on_a_weight_that_torch_knows_nothing_of_hold_nothing_still(mark, named):
    torch.manual_seed(0)
    model = nn.Sequential(nn.EmbeddingBag(60, 4), nn.Linear(4, 2))
    for name, value in mark.items():
        setattr(model[0].weight, name, value)
    optimizer = torch.optim.SGD(model.parameters(), 0.5)
    with wordfit.watch() as exam:
        for ids in torch.randint(0, 60, (12, 8, 5)):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(ids), ids[:, 0] % 2).backward()
            optimizer.step()
    found = exam.diagnose(10, {"data", "weights", "tables"})["findings"]
    assert ("freeze_flag_ineffective" in [f["cause"] for f in found]) is named
