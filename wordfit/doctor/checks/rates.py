"""The learning rate: are steps too large or too small for what there is to learn?"""

from __future__ import annotations

import math
from typing import Any

from wordfit.doctor.checks.parameters import weight_rows
from wordfit.doctor.finding import Finding, Findings, View, number, seen


def rate_runs(view: View) -> dict[float, dict[str, Any]]:
    """Short trainings by the factor on the program's rate."""
    return {float(k): v for k, v in (view.of("rates").get("runs") or {}).items()}


def gain_of(run: dict[str, Any]) -> float:
    """What a short training took off the loss, as a share of it; below zero if it made it worse."""
    before, after = number(run["before"]), number(run["after"])
    if not math.isfinite(after):
        return -math.inf
    return (before - after) / max(abs(before), 1e-9)


def lr_too_high(view: View) -> Findings:
    """With a tenth of the learning rate, or less, the same steps learn; with the program's own they do not."""
    runs = rate_runs(view)
    if 1.0 not in runs or 0.1 not in runs:
        return
    own, slower = gain_of(runs[1.0]), {f: gain_of(run) for f, run in runs.items() if f < 1}
    lower = max(slower.values())
    curve = view.curve
    means = [number(m) for m in curve.get("means", [])]
    first, last = number(curve.get("first")), means[-1] if means else math.nan
    poor = not math.isfinite(last) or last > 0.85 * first or no_better_than_chance(view, last)
    thrown = _thrown_back(view, runs, lower) or _jumps_about(view, runs, last) or _made_worse(runs, lower, first, last)
    thrown = thrown or _stuck(view, runs, last) or _held_back(view, runs)
    if (poor and lower > 0.1 and (own < 0.4 * lower or own < 0.02)) or thrown:
        worst = number(runs[1.0].get("worst"))
        yield Finding(
            "lr_too_high",
            0.9 if own < 0 or worst > 3 * first else 0.75,
            [
                seen(
                    "rates",
                    None,
                    own_rate=view.of("rates").get("lr"),
                    gain=finite_or_none(own),
                    gain_with_lower_rate=finite_or_none(lower),
                    steps=runs[1.0]["steps"],
                ),
                seen("curve", None, first=first, last=finite_or_none(last)),
            ],
            f"lower the learning rate {_times(slower)} times or more (from {view.of('rates').get('lr')})",
            view.optimizer_place,
            ruled_out=["the same batches are learned at a lower rate, so model, loss and data are in order"],
        )


def _times(slower: dict[float, float]) -> str:
    """By how much at least the rate must come down: to the highest that learns half as much as the best."""
    best = max(slower.values())
    return f"{1 / max((f for f, gain in slower.items() if gain >= 0.5 * best > 0), default=0.1):,.0f}"


def _thrown_back(view: View, runs: dict[float, dict[str, Any]], lower: float) -> bool:
    """Whether the loss had been lower by far than where it ended, and short trainings only jump at the own rate."""
    losses = [number(v) for v in view.watched.get("losses", [])]
    if len(losses) < 40 or not all(map(math.isfinite, losses)) or lower < 0.3 or min(losses) <= 0:
        return False  # of a loss that goes below zero, ratios say nothing
    width = max(3, len(losses) // 40)
    smooth = [sum(losses[i : i + width]) / width for i in range(0, len(losses) - width + 1, width)]
    ended = sum(smooth[len(smooth) // 2 :]) / len(smooth[len(smooth) // 2 :])
    low = min(number(runs[f]["after"]) for f in (0.1, 0.01) if f in runs)
    jumps = number(runs[1.0].get("worst")) > 1.5 * losses[0] and max(losses[3:]) > 1.3 * losses[0]
    return jumps and ended > 1.4 * min(smooth) and number(runs[1.0]["after"]) > 2 * low + 0.05 * losses[0]


def _made_worse(runs: dict[float, dict[str, Any]], lower: float, first: float, last: float) -> bool:
    """Whether a run ended far above its first loss, where its steps jump and smaller ones go straight down."""
    calm = min(number(runs[f]["worst"]) for f in (0.1, 0.01) if f in runs)
    return lower > 0.3 and last > 2 * first > 0 and number(runs[1.0]["worst"]) > 5 * first and calm < 1.5 * first


def _jumps_about(view: View, runs: dict[float, dict[str, Any]], last: float) -> bool:
    """Whether the loss jumped and ended near that of an answer without the input, where smaller steps go far below."""
    constant, first = number(view.of("rates").get("constant")), number(view.curve.get("first"))
    low = min(number(runs[f]["after"]) for f in (0.1, 0.01) if f in runs)
    jumps = number(runs[1.0].get("worst")) > 1.5 * first and number(view.curve.get("max")) > 1.3 * first
    return jumps and constant > 0 and low < 0.2 * constant and min(last, number(runs[1.0]["after"])) > 0.4 * constant


def _stuck(view: View, runs: dict[float, dict[str, Any]], last: float) -> bool:
    """Whether steps at the own rate jump and stay at what is known without the input; a tenth learns the rows by heart.

    The training itself, where a schedule raises and lowers the rate, came half of the way at most.
    """
    constant, own = number(view.of("rates").get("constant")), runs[1.0]
    jumps = number(own.get("worst")) > 1.5 * number(own["before"]) > 0
    return jumps and number(own["after"]) > 0.9 * constant > 9 * number(runs[0.1]["after"]) and last > 0.5 * constant


def _held_back(view: View, runs: dict[float, dict[str, Any]]) -> bool:
    """Whether the training jumped and stayed at what is known without the input, where a plain learner finds far more.

    The few batches of a short training are learned by heart, at once and without a jump at a tenth of the rate.
    """
    constant, own, slower = number(view.of("rates").get("constant")), runs[1.0], runs[0.1]
    late = [number(m) for m in view.curve.get("means", [])][5:]
    jumps = number(own.get("worst")) > 1.5 * number(own["before"]) > 0
    jumped = jumps and number(view.curve.get("max")) > 1.3 * constant
    calm = number(slower["worst"]) < 1.2 * number(slower["before"]) and number(slower["after"]) < 0.05 * constant
    known = view.of("reference")
    findable = number(known.get("crossed")) > number(known.get("crossed_majority")) + 0.2
    return jumped and calm and findable and bool(late) and sum(late) / len(late) > 0.95 * constant > 0


def no_better_than_chance(view: View, last: float) -> bool:
    """Whether a loss is about that of answers that know the targets' shares, or their mean, and nothing else."""
    constant = view.of("rates").get("constant")
    if constant is not None and number(constant) > 0 and last > 0.95 * number(constant):
        return True
    classes = view.of("data").get("train", {}).get("classes") or {}
    total = sum(classes.values())
    if (
        len(classes) < 2
        or not total
        or not any(c["loss"] == "cross_entropy" for c in view.of("losses").get("calls", []))
    ):
        return False
    entropy = -sum(n / total * math.log(n / total) for n in classes.values() if n)
    return last > 0.97 * entropy


def finite_or_none(value: float) -> float | None:
    """A number for the record; none for infinities."""
    return value if math.isfinite(value) else None


def lr_too_low(view: View) -> Findings:
    """The program's steps learn next to nothing; larger ones learn."""
    if (found := _learns_faster(view)) is not None:
        yield found
        return
    runs = rate_runs(view)
    if 1.0 not in runs or 100.0 not in runs:
        return
    own, higher = gain_of(runs[1.0]), max(gain_of(runs[f]) for f in (10.0, 100.0) if f in runs)
    means = view.means
    if len(means) < 3 or not all(map(math.isfinite, means)):
        return
    fallen = (means[0] - means[-1]) / max(abs(means[0]), 1e-9)
    onward = gain_of(view.of("rates").get("onwards") or {"before": 1, "after": 1})
    ratios = [r for u in view.of("weights").get("updates", []) for r in u["ratios"].values()]
    small = sorted(ratios)[len(ratios) // 2] if ratios else 0.0
    rows = [r for r in weight_rows(view) if r["held"] and r["trainable"] and r["moved"] is not None]
    rows = [r for r in rows if len(r["shape"]) > 1] or rows  # biases may start at zero, from where any step is far
    moved = sorted(r["moved"] for r in rows)
    if moved and moved[len(moved) // 2] > 0.1:  # weights went somewhere: it is not the size of the steps
        return
    still = moved and moved[len(moved) // 2] < 0.05 and fallen < 0.05
    lowest = number((view.of("rates").get("memorise") or {}).get("lowest"))
    learnable = lowest < 0.5 * number(view.of("rates").get("first"))
    linear = still and learnable and higher > 0.003 and higher > 20 * max(own, 1e-6)  # gain grows with the rate
    constant = number(view.of("rates").get("constant"))  # a run that ends far above it has not even learned the mean
    crawls = constant > 0 and means[-1] > 1.5 * constant and own < 0.05 and higher > 0.3 and onward < 0.3
    low = min(number(runs[f]["after"]) for f in (10.0, 100.0) if f in runs)
    poor = constant > 1e-3 and means[-1] > 0.97 * constant and low < 0.4 * constant  # no better than without the input
    chained = poor and own < 0.3 and number(runs[1.0]["after"]) > 0.97 * constant
    held = poor and _held_down(view)
    if (
        linear
        or crawls
        or chained
        or held
        or (fallen < 0.12 and own < 0.05 and higher > 0.15 and higher > 6 * max(own, 1e-6))
    ):
        yield Finding(
            "lr_too_low",
            0.9,
            [
                seen(
                    "rates",
                    None,
                    own_rate=view.of("rates").get("lr"),
                    gain=own,
                    gain_with_higher_rate=higher,
                    fallen_in_the_run=fallen,
                ),
                seen("weights", {"update": "about 0.001"}, median_update=small, onwards=onward),
            ],
            f"raise the learning rate ten to a hundred times (from {view.of('rates').get('lr')})",
            view.optimizer_place,
        )


def _learns_faster(view: View) -> Finding | None:
    """The whole training again at ten or a hundred times the rate learns what it did not, and answers new rows better.

    Only where it came to nothing beyond what is known without the input: what was on its way would have come there.
    """
    found, constant = view.of("retrained"), number(view.of("rates").get("constant"))
    own, means = found.get("1.0") or {}, view.means
    if not own or not means or not means[-1] > max(0.95 * constant, 0.7 * means[0]):
        return None
    faster = [(factor, found[factor]) for factor in ("10.0", "100.0") if factor in found]
    best = min(faster, key=lambda run: run[1]["learned"], default=None)
    if best is None or not best[1]["learned"] < 0.5 * min(constant, own["learned"]):
        return None
    if number(best[1].get("new")) > 0.8 * number(own.get("new")):
        return None
    said = {"own": own["learned"], "without_the_input": constant, "higher": float(best[0])}
    return Finding(
        "lr_too_low",
        0.85,
        [seen("retrained", None, **said, at_a_higher_rate=best[1]["learned"])],
        f"raise the learning rate ten to a hundred times (from {view.of('rates').get('lr')})",
        view.optimizer_place,
    )


def _held_down(view: View) -> bool:
    """Whether a schedule never let the rate come near the one that it was given."""
    reached = [number(r) for r in view.watched.get("rates") or []]
    asked = [number(g.get("initial_lr")) for o in view.watched.get("optimizers", []) for g in o["groups"]]
    asked = [r for r in asked if r > 0]
    return bool(reached and asked) and max(reached) < 0.2 * max(asked)


CHECKS = [
    lr_too_high,
    lr_too_low,
]
