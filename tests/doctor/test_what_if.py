"""A suspicious call is a fault where the same training learns more without it, and a remark where it does not."""

import pytest

from wordfit.doctor.diagnose import judge
from wordfit.record import Record

MEANS = [1.6] * 10


def found(watched=None, **experiments):
    record = Record(program={"name": "x.py"}, experiments=experiments)
    record.watched = {"curve": {"means": MEANS, "first": 1.6}} | (watched or {})
    return {f.cause: f.severity for f in judge(record)}


@pytest.mark.parametrize(("lifted", "causes"), [(0.01, {"gradient_path_cut": "error"}), (1.5, {}), (0.13, {})])
def test_a_detach_is_a_fault_where_lifting_it_lets_the_program_learn(lifted, causes):
    passed = {"op": "detach", "cuts": 3, "learned": 0.14, "learned_with_it": lifted, "line": 3}
    assert found(what_if={"passed": passed}, rates={"constant": 1.6}) == causes


@pytest.mark.parametrize(("without", "severity"), [(0.5, "error"), (2.0, "warning")])
def test_a_clamp_of_the_loss_is_a_fault_where_the_same_steps_learn_more_without_it(without, severity):
    clamp = {"cut": 0.9, "from_below": 0.0, "straight": True, "before": 9.0, "bounds": [1.5], "line": 3}
    losses = {"clamps": [clamp | {"learned_with": 2.0, "learned_without": without}]}
    assert found(losses=losses) == {"loss_clipped": severity}


def test_a_margin_is_no_clamp():
    clamp = {"cut": 0.9, "from_below": 0.9, "straight": True, "before": -1.0, "bounds": [0]}
    assert found(losses={"clamps": [clamp]}) == {}


@pytest.mark.parametrize(("turned", "causes"), [(0.1, {"attention_mask_inverted": "error"}), (0.5, {})])
def test_a_mask_over_positions_is_inverted_where_its_opposite_learns(turned, causes):
    assert found(what_if={"turned": {"learned": 0.5, "learned_with_it": turned, "line": 3}}) == causes
