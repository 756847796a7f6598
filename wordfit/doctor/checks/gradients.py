"""Gradients along depth and time: do they grow or die out?"""

from __future__ import annotations

import math
import statistics
from typing import Any

from wordfit.doctor.checks.course import Course
from wordfit.doctor.checks.rates import finite_or_none, gain_of, no_better_than_chance, rate_runs
from wordfit.doctor.finding import Finding, Findings, View, number, seen


def exploding_gradient(view: View) -> Findings:
    """Gradients grow through time or depth, or from step to step, until steps throw the model away."""
    start = view.of("gradients").get("start") or {}
    norms = [number(u["grad_norm"]) for u in view.of("weights").get("updates", [])]
    finite = [n for n in norms if math.isfinite(n)]
    unclipped = [number(w["grad"]) for w in (start.get("weights") or {}).values() if w["grad"] is not None]
    largest = max([*finite, *(n for n in unclipped if math.isfinite(n))], default=0.0)  # a program may clip its own
    ratio = start.get("time_ratio") or {}
    grown = number(ratio.get("early", 0)) / max(number(ratio.get("late", 1)), 1e-12) if ratio else 0.0
    deep = _depth(start)
    broke = any(not u["finite"] for u in view.of("weights").get("updates", [])) or view.curve.get("not_finite", 0) > 0
    curve_bad = broke or number(view.curve.get("max")) > 20 * max(abs(number(view.curve.get("first"))), 1e-9)
    forward = forward_growth(view)
    clipped = view.of("rates").get("clipped") or {}
    if largest > 10 * max(finite, default=math.inf) and far_better_calm(view):  # it clips, and starts too large
        return
    if (
        ((grown > 100 or deep > 1e4) and (curve_bad or largest > 100))
        or (forward > 100 and curve_bad)
        or (curve_bad and _clipping_is_enough(view))
        or (largest > 100 and _leaps_are_all(view, finite))
        or _learns_clipped(view)
    ):
        yield Finding(
            "exploding_gradient",
            0.9,
            [
                seen(
                    "gradients",
                    {"early_over_late": "about 1"},
                    early_over_late=grown,
                    first_over_last_layer=deep,
                    last_over_first_values=forward,
                    largest_norm=largest,
                ),
                *([seen("rates", None, gain_when_clipped=finite_or_none(gain_of(clipped)))] if clipped else []),
                *_trained_again(view),
            ],
            "clip the gradient's norm (torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)) "
            "and start recurrent weights orthogonal",
            view.optimizer_place,
        )


def _learns_clipped(view: View) -> bool:
    """Whether the whole training learned next to nothing, and learns only where its gradients are clipped."""
    found = view.of("retrained")
    own, slower, clipped = ((found.get(way) or {}) for way in ("1.0", "0.1", "clipped"))
    if not clipped:
        return False
    of_new = number(clipped.get("new")) > 0.9 * number(own.get("new"))  # false where either is not known
    least = min(number(run.get("learned") or math.inf) for run in (own, slower))
    enough = min(0.5 * number(view.of("rates").get("constant")), 0.6 * least)
    return bool(clipped["learned"] < enough and not of_new)


def _trained_again(view: View) -> list[dict[str, Any]]:
    """What the whole training came to as it was, at a tenth of its rate, and clipped, where that was tried."""
    found = view.of("retrained")
    ways = {"own": "1.0", "a_tenth_of_the_rate": "0.1", "clipped": "clipped"}
    costs = {said: number((found.get(way) or {}).get("learned")) for said, way in ways.items()}
    known = {said: cost for said, cost in costs.items() if math.isfinite(cost)}
    return [seen("retrained", None, **known)] if "clipped" in known else []


def far_better_calm(view: View) -> bool:
    """Whether the whole training costs less than half on new rows, and on its own, where it starts smaller."""
    whole = (view.of("what_if").get("calm") or {}).get("whole") or {}
    pairs = [(number(whole.get(of)), number(whole.get(f"{of}_with_it"))) for of in ("learned", "new")]
    return all(kept > 0 and changed < 0.5 * kept for kept, changed in pairs)


def _clipping_is_enough(view: View) -> bool:
    """Through a long chain steps throw the model away, and jump at a tenth of the rate; clipped, they learn more.

    In place of a jump at a tenth of the rate, the program's own gradients may have leapt off within a step.
    """
    if (tried := _clipped_along_a_chain(view)) is None:
        return False
    runs, clipped = tried
    first, gain, worst = number(runs[1.0]["before"]), _best_gain(clipped), number(clipped["worst"])
    thrown, jumps = (not number(runs[f]["worst"]) < n * first for f, n in ((1.0, 20), (0.1, 3)))
    calmer = worst < 20 * first and not number(runs[0.1]["worst"]) < worst
    more = gain > max(0.02, _best_gain(runs[0.1]))
    return thrown and more and ((jumps and calmer) or (worst < 3 * first and _leapt(view)))


def _clipped_along_a_chain(view: View) -> tuple[dict[float, dict[str, Any]], dict[str, Any]] | None:
    """Short trainings by rate, and the clipped one, where a long chain of products was tried so."""
    runs, clipped = rate_runs(view), view.of("rates").get("clipped")
    deep = view.of("rates").get("depth", 0) >= 10
    return (runs, clipped) if deep and clipped and {1.0, 0.1} <= runs.keys() else None


def _best_gain(run: dict[str, Any]) -> float:
    """What a short training took off the loss in its end or in its last step: single batches may still leap."""
    before, last = number(run["before"]), number(run.get("last"))
    return max(gain_of(run), (before - last) / max(abs(before), 1e-9) if math.isfinite(last) else -math.inf)


def _leaps_are_all(view: View, norms: list[float]) -> bool:
    """Through a long chain single gradients leap far above the others, and throw the model back; without these leaps
    the program's own rate learns, and as much as lower ones do."""
    if (tried := _clipped_along_a_chain(view)) is None or len(norms) < 4:
        return False
    runs, clipped = tried
    first, constant = number(runs[1.0]["before"]), number(view.of("rates").get("constant"))
    leaps = max(norms) > 20 * statistics.median(norms)
    thrown = not number(runs[1.0]["worst"]) < 5 * first or number(view.curve.get("max")) > 20 * first
    more = gain_of(clipped) > max(gain_of(runs[1.0]) + 0.2, gain_of(runs[0.1]) - 0.05)
    own, slower, calm = (number(run["after"]) for run in (runs[1.0], runs[0.1], clipped))
    alone = own > 0.95 * constant and calm < min(0.7 * constant, 0.8 * slower)  # only clipped, something is learned
    return leaps and thrown and number(clipped["worst"]) < 1.5 * first and (more or alone)


def _leapt(view: View) -> bool:
    """Whether the gradient grew ten thousandfold from one step to the next, and then was no number."""
    updates = view.of("weights").get("updates", [])
    norms = [number(u["grad_norm"]) for u in updates]
    grew = any(b > 1e4 * a > 0 for a, b in zip(norms, norms[1:]))  # false for what is no number
    return grew and not all(u["finite"] for u in updates)


def forward_growth(view: View) -> float:
    """How much values grow from the first layers to the last, where no single weight is to blame; else 0."""
    facts = view.of("what_if")
    return 0.0 if facts.get("oversized") else number((facts.get("growth") or {}).get("ratio", 0.0))


def _depth(start: dict[str, Any]) -> float:
    """How much larger gradients are at the first layers than at the last."""
    along = [number(r["norm"]) for r in start.get("along", []) if number(r["norm"]) > 0]
    return along[0] / along[-2] if len(along) > 4 else 0.0


def _along_depth(view: View, when: str) -> float:
    """The gradient at the first call beside the largest one near the answer."""
    along = [number(r["norm"]) for r in (view.of("gradients").get(when) or {}).get("along", [])]
    return along[0] / max(along[-4:]) if len(along) >= 10 and max(along[-4:]) > 0 else 1.0


def _weights_of(moment: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Weights with a gradient, in the order of the tape."""
    known = (moment.get("weights") or {}).items()
    return [(n, w) for n, w in known if w["grad"] is not None and w["numel"] > 8 and w.get("axes", 2) > 1]


def first_over_last(moment: dict[str, Any]) -> float:
    """The gradient of the first layers beside that of the last: for their size, and for a change by their own size.

    The larger of both, since a layer of large weights (a table of vectors) has small gradients by nature: what it
    costs to change them by a part of themselves is as much as in other layers.
    """
    rows = [(number(w["grad"]), number(w["weight"])) for n, w in _weights_of(moment) if not n.endswith("bias")]
    if len(rows) < 4:
        return 1.0
    ratios = []
    for reach in ([g / max(w, 1e-9) for g, w in rows], [g * w for g, w in rows]):
        top, bottom = max(reach[len(reach) // 2 :]), max(reach[: max(1, len(reach) // 3)])
        ratios.append(bottom / top if top > 0 else 1.0)
    return max(ratios)


def _early_over_late(moment: dict[str, Any]) -> float:
    """The gradient at the first words beside that at the last; 1 where texts have no words."""
    ratio = moment.get("time_ratio") or {}
    return number(ratio.get("early", 1)) / max(number(ratio.get("late", 1)), 1e-30) if ratio else 1.0


def vanishing_gradient(view: View) -> Findings:
    """Gradients die out on their way down, through layers or through time; at the end as well as at the start.

    Gates that were closed at the start and opened in training are no fault.
    """
    means = [number(m) for m in view.curve.get("means", [])]
    stages = view.of("dependence").get("stages") or []
    if stages and number(stages[0]["relative"]) == 0:  # every row is the same from the first layer on: no words came in
        return
    stuck = len(means) > 2 and (means[-1] > 0.9 * means[0] or no_better_than_chance(view, means[-1]))
    ways = _through_layers(view, stuck), _through_calls(view, stuck), _through_time(view, stuck)
    if (found := next((way for way in ways if way is not None), None)) is not None:
        yield found


def _through_layers(view: View, stuck: bool) -> Finding | None:
    start, end = (view.of("gradients").get(when) or {} for when in ("start", "end"))
    least = 0.01 if _learns_nothing(view) else 1e-3
    layers, late = first_over_last(start), first_over_last(end)
    if not (stuck and layers < least and not late > 0.01) and not (layers < 1e-4 and _came_late(view)):
        return None
    matrices = [name for name, _ in _weights_of(start) if not name.endswith("bias")]
    return Finding(
        "vanishing_gradient",
        0.9,
        [
            seen(
                "gradients",
                {"first_over_last_layer": "above 0.01"},
                first_over_last_layer=layers,
                first=matrices[0],
                last=matrices[-1],
                gain=_own_gain(view),
            )
        ],
        "ReLU or GELU in place of saturating activations, normalisation or residual "
        "connections between layers, a start that keeps variance",
        view.site_of_module(matrices[0].rpartition(".")[0]),
    )


def _through_calls(view: View, stuck: bool) -> Finding | None:
    """Layers may share one weight, or hold none: then the calls themselves tell."""
    depth, weights = _along_depth(view, "start"), _weights_of(view.of("gradients").get("start") or {})
    if not (stuck and depth < 1e-6 and _along_depth(view, "end") < 1e-4 and weights):
        return None
    matrices = [name for name, _ in weights if not name.endswith("bias")]
    return Finding(
        "vanishing_gradient",
        0.9,
        [
            seen(
                "gradients",
                {"first_over_last_call": "above 0.001"},
                first_over_last_call=depth,
                gain=_own_gain(view),
            )
        ],
        "start weights at a scale that keeps the variance (xavier or kaiming), with normalisation or residual "
        "connections between layers",
        view.site_of_module(next(iter(matrices[1:]), weights[0][0]).rpartition(".")[0]),
    )


def _through_time(view: View, stuck: bool) -> Finding | None:
    start, end = (view.of("gradients").get(when) or {} for when in ("start", "end"))
    through_time = _early_over_late(start)
    if not (stuck and through_time < 1e-4) or _early_over_late(end) > 0.01:
        return None
    return Finding(
        "vanishing_gradient",
        0.85,
        [
            seen(
                "gradients",
                {"early_over_late": "above 0.01"},
                early_over_late=through_time,
                length=(start.get("time_ratio") or {}).get("length"),
            )
        ],
        "an LSTM or GRU in place of a plain RNN, or pooling over all states",
        view.place(next((o for o in view.ops if o["op"].startswith(("rnn", "tanh", "sigmoid"))), None)),
    )


def _own_gain(view: View) -> float | None:
    """What a few batches gain at the program's own rate."""
    return finite_or_none(gain_of(rate_runs(view).get(1.0, {"before": 1, "after": 1})))


def _came_late(view: View) -> bool:
    """Whether half of the training went by at what is known without the input, and a plain learner is far ahead."""
    means = sorted(number(m) for m in view.curve.get("means", []))
    return len(means) > 5 and no_better_than_chance(view, means[len(means) // 2]) and Course(view).lag > 0.2


def _learns_nothing(view: View) -> bool:
    """Whether a few batches cannot be learned at any rate beyond what one answer to all of them costs."""
    runs, constant = rate_runs(view), number(view.of("rates").get("constant"))
    ends = [number(run["after"]) for run in runs.values()]
    return len(ends) >= 4 and constant > 0 and not any(end < 0.98 * constant for end in ends)


CHECKS = [
    exploding_gradient,
    vanishing_gradient,
]
