"""Where training starts: weights too large or all alike, and units that never fire."""

from __future__ import annotations

import math
from typing import Any

from wordfit.doctor.checks.gradients import far_better_calm, forward_growth
from wordfit.doctor.checks.parameters import weight_rows
from wordfit.doctor.checks.rates import lr_too_high
from wordfit.doctor.finding import ERROR, WARNING, Finding, Findings, View, number, seen


def dead_units(view: View) -> Findings:
    """Most units of a layer are zero for every row."""
    for row in view.of("units").get("activations", []):
        end, start = row.get("end") or {}, row.get("start") or {}
        if (
            row["op"] in ("relu", "relu_", "clamp", "clamp_min", "relu6", "hardtanh")
            and end.get("units", 0) >= 4
            and end["dead"] >= 0.85
            and start.get("dead", 0) >= 0.5
        ):
            yield Finding(
                "dead_units",
                0.93,
                [
                    seen(
                        "units",
                        {"dead": "below 0.5"},
                        dead=end["dead"],
                        dead_at_start=start["dead"],
                        units=end["units"],
                    )
                ],
                "a start without negative biases, smaller steps, or leaky activations",
                view.place(row),
            )
            return
    if not view.layout.get("floats") and any(True for _ in lr_too_high(view)):
        return  # units that lived at the start and were thrown away by steps too large
    for row in view.of("units").get("activations", []):
        end = row.get("end") or {}
        few = end.get("units", 0) < 4 and row.get("before_answer") and end.get("dead") == 1.0  # nothing passes
        if row["op"] in ("relu", "relu_") and (few or (end.get("units", 0) >= 4 and end["dead"] >= 0.97)):
            yield Finding(
                "dead_units",
                0.7,
                [seen("units", {"dead": "below 0.5"}, dead=end["dead"], dead_at_start=row["start"]["dead"])],
                "smaller steps, or leaky activations",
                view.place(row),
            )
            return


def init_scale_too_large(view: View) -> Findings:
    """The first loss lies far above that of uniform answers: training must first undo the start."""
    facts, first = view.of("losses"), number(view.curve.get("first"))
    calls = [c for c in facts.get("calls", []) if c["loss"] in ("cross_entropy", "nll_loss")]
    said = facts.get("extremes") or {}
    uniform = number(said.get("uniform")) if said else math.nan
    binary = [c for c in facts.get("calls", []) if c["loss"] == "binary_cross_entropy_with_logits"]
    if binary and not math.isfinite(uniform):
        uniform = math.log(2)
    if not (calls or binary or said) or not math.isfinite(uniform) or not math.isfinite(first) or uniform <= 0:
        return
    if any(b["cause"] for c in facts.get("calls", []) for b in c.get("breaches", []) if b["certain"]):
        return
    far = first > 2.5 * uniform and first > uniform + 1
    large = first > 1.5 * uniform or _wide_layers(view)
    if far or (large and far_better_calm(view)):
        big, facts = _largest_start(view), view.of("what_if")
        if forward_growth(view) > 100:  # no weight is too large: values grow from layer to layer
            return
        if facts.get("oversized"):
            big = (facts["oversized"][0]["weight"], facts["oversized"][0]["scale"])
        yield Finding(
            "init_scale_too_large",
            0.88,
            [
                seen(
                    "losses",
                    {"first": uniform},
                    first=first,
                    uniform=uniform,
                    **({"weight": big[0], "scale": big[1]} if big else {}),
                ),
                seen("what_if", None, **(facts.get("calm") or {})),
            ],
            "start with a smaller scale (std about 1 / sqrt(width)), so that the first loss is that of uniform answers",
            view.site_of_module(big[0].rpartition(".")[0]) if big else view.loss_place,
            severity=ERROR
            if not facts or _calmer_is_better(facts.get("calm"), first / uniform) or _never_made_good(view, uniform)
            else WARNING,
        )


def _wide_layers(view: View) -> bool:
    """Whether the weight that spreads most is one of a layer, and spreads what it is given far."""
    weights = view.of("what_if").get("oversized") or []
    return (
        bool(weights)
        and number(weights[0]["scale"]) > 3
        and weights[0]["weight"] not in {t["name"] for t in view.tables}
    )


def _calmer_is_better(found: dict[str, Any] | None, above: float) -> bool:
    """Whether a smaller start costs less in the end, on new rows where they are known; or in the first steps.

    By less, where the first loss lies many times above that of uniform answers.
    """
    if not found:
        return False
    if found.get("repeatable") and not found.get("whole"):  # time ran out: a few steps on a few batches say little
        return False
    if _unanswered(found):
        return False
    whole = found.get("whole") or found
    kept, changed = number(whole["learned"]), number(whole["learned_with_it"])
    if whole.get("new") is not None:
        kept, changed = number(whole["new"]), number(whole["new_with_it"])
    return math.isfinite(changed) and (not math.isfinite(kept) or changed < (0.9 if above > 5 else 0.8) * kept)


def _unanswered(calm: dict[str, Any]) -> bool:
    """Whether the training was repeated, and its batches could not be answered: they were fed more than was kept."""
    whole = calm.get("whole") or {}
    return bool(whole) and whole.get("learned") is None and whole.get("learned_with_it") is None


def _never_made_good(view: View, uniform: float) -> bool:
    """Where training could not be repeated: a tenth of it went by above the loss of uniform answers, and it shows."""
    means = [number(m) for m in view.curve.get("means", [])]
    calm = view.of("what_if").get("calm") or {}
    if not calm or len(means) < 3 or (not _unanswered(calm) and (calm.get("repeatable") or calm.get("whole"))):
        return False
    return means[0] > 1.2 * uniform and means[-1] > 0.25 * uniform


def _largest_start(view: View) -> tuple[str, float] | None:
    rows = [
        (
            r["name"],
            number((view.of("gradients").get("start") or {}).get("weights", {}).get(r["name"], {}).get("weight"))
            / math.sqrt(max(r["numel"], 1)),
        )
        for r in weight_rows(view)
        if r["numel"] > 8 and r["on_path"]
    ]
    rows = [r for r in rows if math.isfinite(r[1])]
    return max(rows, key=lambda r: r[1]) if rows else None


def symmetric_init(view: View) -> Findings:
    """Units of a layer start equal and stay equal: they are one unit."""
    rows = [r for r in view.of("units").get("equal_units", []) if not r["output"]]
    still = [r for r in rows if r["still"]]
    outputs = [r for r in view.of("units").get("equal_units", []) if r["output"] and r["value"] > 0]
    if still:
        yield Finding(
            "symmetric_init",
            0.95,
            [
                seen(
                    "units",
                    {"different_units": "all"},
                    weights=[r["weight"] for r in still][:5],
                    units=still[0]["units"],
                    start_value=still[0]["value"],
                )
            ],
            "start weights at random (nn.init.xavier_uniform_); constants are for biases",
            view.site_of_module(still[0]["weight"].rpartition(".")[0]),
        )
    elif len(rows) + len(outputs) >= 2 and (rows := [r for r in rows if r["value"] > 0]):  # zeros came apart at once
        yield Finding(
            "symmetric_init",
            0.7,
            [seen("units", None, weights=[r["weight"] for r in rows][:5])],
            "start weights at random",
            view.site_of_module(rows[0]["weight"].rpartition(".")[0]),
        )


CHECKS = [
    dead_units,
    init_scale_too_large,
    symmetric_init,
]
