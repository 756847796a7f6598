"""Gradients that are dead at the start and at the end are a fault; gates that open and large tables are none."""

import pytest

from tests.doctor.test_diagnose import record
from wordfit.doctor.diagnose import judge

DEEP = [1e-9, 1e-7, 1e-5, 1e-3, 1e-1, 1.0]


def causes(start, end):
    found = record(gradients={"start": start, "end": end})
    found.watched = {"curve": {"means": [0.69] * 10, "first": 0.69}, "ops": [{"op": "rnn_tanh", "line": 3}]}
    return [f.cause for f in judge(found) if f.severity == "error"]


def through_time(early):
    return {"time_ratio": {"early": early, "late": 1.0, "length": 40}}


def layers(grads, sizes):
    weights = {f"net.{n}.weight": {"grad": g, "weight": w, "numel": 64} for n, (g, w) in enumerate(zip(grads, sizes))}
    return {"weights": weights}


@pytest.mark.parametrize(("end", "found"), [(1e-9, ["vanishing_gradient"]), (0.6, [])])
def test_gates_that_open_in_training_are_no_fault(end, found):
    assert causes(through_time(1e-9), through_time(end)) == found


@pytest.mark.parametrize(("end", "found"), [(DEEP, ["vanishing_gradient"]), ([1.0] * 6, [])])
def test_layers_that_are_reached_in_the_end_are_no_fault(end, found):
    assert causes(layers(DEEP, [1.0] * 6), layers(end, [1.0] * 6)) == found


def test_a_table_of_large_weights_has_small_gradients_by_nature():
    moment = layers([0.009, 0.17, 0.05, 0.18], [396.0, 8.0, 13.0, 0.8])
    assert causes(moment, moment) == []


@pytest.mark.parametrize(("relative", "found"), [(0.3, ["vanishing_gradient"]), (0.0, [])])
def test_rows_without_words_have_no_gradients_to_lose(relative, found):
    moment = layers(DEEP, [1.0] * 6)
    same = record(gradients={"start": moment, "end": moment}, dependence={"stages": [{"relative": relative}]})
    same.watched = {"curve": {"means": [0.69] * 10, "first": 0.69}}
    assert [f.cause for f in judge(same) if f.severity == "error"] == found


@pytest.mark.parametrize(("learned", "found"), [(1.59, ["vanishing_gradient"]), (0.9, [])])
def test_a_weaker_fall_is_a_fault_where_nothing_is_learned_at_any_rate(learned, found):
    moment = layers([0.003, 0.006, 0.03, 0.1, 0.3, 1.0], [1.0] * 6)
    runs = {rate: {"before": 1.63, "after": learned, "worst": 1.7} for rate in ("1.0", "0.1", "10.0", "100.0")}
    seen = record(gradients={"start": moment, "end": moment}, rates={"runs": runs, "constant": 1.57})
    seen.watched = {"curve": {"means": [1.62] * 10, "first": 1.62}, "ops": []}
    assert [f.cause for f in judge(seen) if f.severity == "error"] == found


@pytest.mark.parametrize(
    ("late", "accuracy", "found"),
    [(3, 0.4, ["vanishing_gradient"]), (3, 0.9, []), (7, 0.4, [])],  # learned after all; learned soon
)
def test_a_training_that_stood_still_for_most_of_its_time_shows_gradients_that_were_dead_at_the_start(
    late, accuracy, found
):
    start, end = layers(DEEP, [1.0] * 6), layers([1.0] * 6, [1.0] * 6)
    reference = {"crossed": 0.95, "crossed_majority": 0.2, "dev_crossed": 0.95, "of": "rows", "rows": 2000}
    data = {"dev": {"rows": 600, "classes": {"0": 300, "1": 300}, "accuracy": accuracy}}
    made = record(gradients={"start": start, "end": end}, reference=reference, data=data, rates={"constant": 1.6})
    made.watched = {"curve": {"means": [1.61] * (10 - late) + [1.2] * late, "first": 1.68, "last": 1.2}, "ops": []}
    assert [f.cause for f in judge(made) if f.severity == "error"] == found
