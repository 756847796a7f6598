"""Gradients that leap off along a chain, told from a rate that is too high."""

import pytest

from tests.doctor.test_diagnose import record
from wordfit.doctor.diagnose import judge


def run(before, after, worst):
    return {"before": before, "after": after, "worst": worst, "steps": 40, "last": after}


@pytest.mark.parametrize(
    ("second", "clipped", "found"),
    [(2.7e7, 2.9, "exploding_gradient"), (2.7e7, 3.3, "lr_too_high"), (40.0, 2.9, "lr_too_high")],
)
def test_a_gradient_that_leaps_off_and_learns_more_when_clipped_is_at_fault_and_not_the_rate(second, clipped, found):
    updates = [{"grad_norm": norm, "finite": norm == norm, "ratios": {}} for norm in (10.0, second, float("nan"))]
    runs = {"1.0": run(3.9, float("nan"), 1e10), "0.1": run(3.9, 3.1, 4.0)}
    rates = {"runs": runs, "clipped": run(3.9, clipped, 4.9), "depth": 61, "lr": [0.1]}
    seen = record(rates=rates, weights={"updates": updates, "rows": []})
    curve = {"first": 3.9, "means": [float("nan")] * 10, "max": 7e10, "not_finite": 3, "first_bad": 3}
    seen.watched = {"curve": curve, "ops": []}
    assert [f.cause for f in judge(seen) if f.severity == "error"] == [found]
