"""Gradients that leap off along a chain, told from a rate that is too high."""

import pytest
import torch
from torch import nn

import wordfit
from tests.doctor.test_diagnose import record
from wordfit.doctor.bench import Bench
from wordfit.doctor.choosing import choose
from wordfit.doctor.diagnose import judge
from wordfit.doctor.experiments.steps.retrained import retrained
from wordfit.doctor.names import Names
from wordfit.doctor.split import Split
from wordfit.doctor.stepping import own_clip


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


@pytest.mark.parametrize(("shift", "named"), [(0.0, True), (-1.0, False)])
def test_a_loss_that_was_far_lower_than_where_it_ended_is_thrown_back_unless_it_goes_below_zero(shift, named):
    losses = [v + shift for v in [1.1, 1.2, 1.6, 1.7, *[0.3] * 40, *[0.9] * 40]]
    runs = {"1.0": run(1.1 + shift, 1.1 + shift, 2.0 + shift), "0.1": run(1.1 + shift, 0.05 + shift, 1.2 + shift)}
    seen = record(rates={"runs": runs, "lr": [0.1]})
    curve = {"first": losses[0], "means": [losses[0]] + [losses[-1]] * 9, "max": max(losses), "not_finite": 0}
    seen.watched = {"curve": curve, "losses": losses, "ops": []}
    assert ("lr_too_high" in [f.cause for f in judge(seen) if f.severity == "error"]) is named


@pytest.mark.parametrize(
    ("late", "crossed", "tenth", "named"),
    [
        (0.72, 0.88, (0.0001, 0.72), True),
        (0.4, 0.88, (0.0001, 0.72), False),  # it learned
        (0.72, 0.55, (0.0001, 0.72), False),  # there is little to learn
        (0.72, 0.88, (0.0001, 1.5), False),  # a tenth of the rate jumps as well
        (0.72, 0.88, (0.3, 0.72), False),  # nor does it learn by heart
    ],
)
def test_a_rate_that_learns_few_batches_by_heart_but_holds_the_training_back_is_too_high(late, crossed, tenth, named):
    runs = {"1.0": run(0.69, 0.01, 1.6), "0.1": run(0.69, *tenth), "0.01": run(0.69, 0.3, 0.7)}
    reference = {"crossed": crossed, "crossed_majority": 0.5, "of": "rows", "rows": 2000}
    seen = record(rates={"runs": runs, "lr": [0.3], "constant": 0.69}, reference=reference)
    curve = {"first": 0.69, "means": [0.79, *[0.69] * 4, *[late] * 5], "max": 1.1, "not_finite": 0}
    seen.watched = {"curve": curve, "ops": []}
    assert ("lr_too_high" in [f.cause for f in judge(seen) if f.severity == "error"]) is named


@pytest.mark.parametrize(
    ("norms", "clipped", "depth", "found"),
    [
        ([36.0, 480.0, 1.5, 2.0, 0.4, 0.3], 0.31, 41, ["exploding_gradient"]),
        ([36.0, 480.0, 1.5, 2.0, 0.4, 0.3], 0.31, 3, []),  # no long chain
        ([300.0, 480.0, 200.0, 250.0, 310.0, 280.0], 0.31, 41, []),  # all are as large
        ([36.0, 480.0, 1.5, 2.0, 0.4, 0.3], 1.55, 41, []),  # without the leaps it learns no more
    ],
)
def test_single_gradients_that_leap_along_a_chain_are_at_fault_where_the_rate_learns_without_them(
    norms, clipped, depth, found
):
    updates = [{"grad_norm": norm, "finite": True, "ratios": {}} for norm in norms]
    runs = {"1.0": run(1.66, 1.61, 69.7), "0.1": run(1.66, 0.56, 1.76)}
    rates = {"runs": runs, "clipped": run(1.66, clipped, 1.62), "depth": depth, "lr": [0.01]}
    seen = record(rates=rates, weights={"updates": updates, "rows": []})
    seen.watched = {"curve": {"first": 1.69, "means": [1.65, 1.4, 1.3, 1.3], "max": 15.2, "not_finite": 0}, "ops": []}
    assert [f.cause for f in judge(seen) if f.cause == "exploding_gradient" and f.severity == "error"] == found


@pytest.mark.parametrize(("last", "found"), [(0.69, True), (1.52, False)])
def test_what_clipping_gains_shows_in_the_last_step_where_batches_still_leap(last, found):
    runs = {"1.0": run(1.55, float("nan"), 1e16), "0.1": run(1.55, 1.46, 1607.0)}
    rates = {"runs": runs, "clipped": run(1.55, 1.52, 14.5) | {"last": last}, "depth": 46, "lr": [0.1]}
    seen = record(rates=rates, weights={"updates": [], "rows": []})
    seen.watched = {"curve": {"first": 1.55, "means": [float("nan")] * 10, "max": 1e9, "not_finite": 3}, "ops": []}
    assert ("exploding_gradient" in [f.cause for f in judge(seen) if f.severity == "error"]) is found


@pytest.mark.parametrize(("clipped", "slower", "named"), [(0.23, 0.38, True), (0.42, 0.38, False), (0.23, 0.22, False)])
def test_after_a_leap_only_clipped_steps_learn_more_than_answers_without_the_input(clipped, slower, named):
    updates = [{"grad_norm": norm, "finite": True, "ratios": {}} for norm in (68.0, 5070.0, 3.7, 4.5, 0.2, 0.5)]
    runs = {"1.0": run(3.2, 0.47, 13.6), "0.1": run(3.2, slower, 2.5)}
    rates = {"runs": runs, "clipped": run(3.2, clipped, 3.5), "depth": 31, "lr": [0.004], "constant": 0.43}
    seen = record(rates=rates, weights={"updates": updates, "rows": []})
    seen.watched = {"curve": {"first": 3.0, "means": [3.9] + [0.48] * 9, "max": 103.0, "not_finite": 0}, "ops": []}
    assert ("exploding_gradient" in [f.cause for f in judge(seen) if f.severity == "error"]) is named


@pytest.mark.parametrize(
    ("stepped_with", "calm", "found"),
    [(1.0, 0.1, "init_scale_too_large"), (1.0, 0.9, "exploding_gradient"), (300.0, 0.1, "exploding_gradient")],
)
def test_gradients_that_grow_though_they_are_clipped_come_of_a_start_that_is_too_large(stepped_with, calm, found):
    start = {"time_ratio": {"early": 2600.0, "late": 1.0}, "weights": {"Net.w": {"grad": 360.0, "numel": 64}}}
    updates = [{"grad_norm": stepped_with, "finite": True, "ratios": {}}] * 6
    whole = {"learned": 1.0, "learned_with_it": calm, "new": 1.1, "new_with_it": calm + 0.1}
    what_if = {"oversized": [{"weight": "Net.w", "scale": 8.0}], "calm": {"repeatable": True, "whole": whole}}
    seen = record(
        gradients={"start": start},
        weights={"updates": updates, "rows": []},
        what_if=what_if,
        losses={"extremes": {"uniform": 1.4}},
    )
    seen.watched = {"curve": {"first": 1.4, "means": [1.4, 1.3, 1.2, 1.2], "max": 1.5, "not_finite": 0}, "ops": []}
    assert [f.cause for f in judge(seen) if f.severity == "error"][:1] == [found]


def again(own, slower, clipped, faster=None, new=True):
    runs = {"1.0": own, "0.1": slower, "clipped": clipped, "10.0": faster}
    return {name: {"learned": v, "new": v if new else None} for name, v in runs.items() if v is not None}


@pytest.mark.parametrize(
    ("costs", "found"),
    [
        (again(3.9, 2.0, 0.4), ["exploding_gradient"]),
        (again(3.9, 0.5, 0.4), []),  # a lower rate does as well
        (again(3.9, 2.0, 2.4), []),  # clipped, it learns little
        (again(float("inf"), None, 0.4, new=False), ["exploding_gradient"]),  # it broke
        (again(3.9, 3.8, None, 0.3), ["lr_too_low"]),
        (again(3.9, 3.8, None, 3.0), []),
        ({"1.0": {"learned": 3.9, "new": 3.9}, "10.0": {"learned": 0.1, "new": 4.5}}, []),  # learned by heart
    ],
)
def test_the_whole_training_again_tells_what_a_few_steps_do_not(costs, found):
    seen = record(rates={"runs": {"1.0": run(4.0, 3.4, 4.1)}, "lr": [0.01], "constant": 4.0}, retrained=costs)
    broke = costs["1.0"]["learned"] == float("inf")
    last = float("nan") if broke else 3.95
    seen.watched = {
        "curve": {"first": 4.1, "means": [4.1] * 9 + [last], "max": 6.0, "not_finite": 9 * broke},
        "ops": [],
    }
    assert [f.cause for f in judge(seen) if f.severity == "error"] == found


@pytest.mark.parametrize(
    ("rate", "depth", "expected"),
    [
        (1e-4, 12, {"1.0", "clipped", "10.0", "100.0"}),
        (1e-4, 3, {"1.0", "10.0", "100.0"}),  # no long chain
        (0.05, 12, None),  # it learned
    ],
)
def test_a_training_that_learned_nothing_is_gone_through_again_and_one_that_learned_is_not(rate, depth, expected):
    torch.manual_seed(0)
    ids = torch.randint(0, 30, (200, 5))
    scores = (ids < 15).float().sum(1) - 2.5
    model = nn.Sequential(nn.Embedding(30, 8), nn.Flatten(), nn.Linear(40, 1), nn.Flatten(0))
    optimizer = torch.optim.Adam(model.parameters(), rate)
    with wordfit.watch() as exam:
        for _ in range(8):
            for rows in torch.randperm(200).split(20):
                optimizer.zero_grad()
                nn.functional.mse_loss(model(ids[rows]), scores[rows]).backward()
                optimizer.step()
    names = Names(exam.recorder)
    bench = Bench(exam.recorder, names, choose(exam.recorder, names), Split(exam.recorder))
    bench.facts["rates"] = {"constant": float(scores.var()), "depth": depth}
    found = retrained(bench)
    assert (set(found) - {"steps", "of"} if found else None) == expected
    if found:
        assert found["steps"] == 80
        assert found["100.0"]["learned"] < 0.5 * found["1.0"]["learned"]


def test_a_run_that_broke_was_at_its_worst_without_end():
    torch.manual_seed(0)
    ids, scores = torch.randint(1, 30, (40, 5)), torch.randn(40)
    model = nn.Sequential(nn.Embedding(30, 8), nn.Flatten(), nn.Linear(40, 1))
    optimizer = torch.optim.SGD(model.parameters(), 30.0)
    with wordfit.watch() as exam:
        for rows in torch.randperm(40).split(20):
            optimizer.zero_grad()
            nn.functional.mse_loss(model(ids[rows]).squeeze(1), scores[rows]).backward()
            optimizer.step()
    exam.diagnose(30, {"rates"})
    runs = exam.record.experiments["rates"]["runs"]
    assert runs["1.0"]["after"] in ("NaN", "Infinity")
    assert runs["1.0"]["worst"] == "Infinity"


@pytest.mark.parametrize("clips", [True, False])
def test_steps_are_played_with_gradients_as_short_as_the_program_lets_them_be(clips):
    torch.manual_seed(0)
    ids, scores = torch.randint(0, 30, (200, 5)), 50 * torch.randn(200)
    model = nn.Sequential(nn.Embedding(30, 8), nn.Flatten(), nn.Linear(40, 1), nn.Flatten(0))
    optimizer = torch.optim.SGD(model.parameters(), 1e-3)
    with wordfit.watch() as exam:
        for rows in torch.randperm(200).split(20):
            optimizer.zero_grad()
            nn.functional.mse_loss(model(ids[rows]), scores[rows]).backward()
            if clips:
                nn.utils.clip_grad_norm_(model.parameters(), 0.7)
            optimizer.step()
    assert own_clip(exam.recorder) == (pytest.approx(0.7, rel=1e-4) if clips else None)
