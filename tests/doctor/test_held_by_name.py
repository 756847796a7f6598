"""Weights chosen by name to be held still: which tests of a name are asked, and what they say."""

import ast

import pytest

from wordfit.doctor.experiments.tables.by_name import _passes, _selections

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
