"""Values and gradients that are no numbers: the first call that made one, and why there."""

from __future__ import annotations

from typing import Any

from wordfit.doctor.finding import Finding, Findings, View, seen


def broken_numbers(view: View) -> Findings:
    """A value or a gradient that is no number: in which call, for which rows, and why there?"""
    facts, curve = view.of("gradients"), view.curve
    broken = facts.get("broken") or facts.get("broken_at_start") or {}
    bad = curve.get("not_finite", 0)
    data = view.of("data").get("train", {})
    if not broken and not bad:
        return
    first = facts.get("broken_at_start") or broken
    suspects = view.of("numbers").get("batches", [])
    ignored = [b for b in suspects if (b.get("ignored") or {}).get("share") == 1.0]
    if ignored:
        yield _ignored(
            view, [seen("numbers", {"ignored": "below 1"}, step=ignored[0]["step"], **ignored[0]["ignored"])]
        )
        return
    counted = view.of("numbers").get("divides_by_count")
    sound = suspects and all(
        b.get("forward") is None and b.get("backward") is None and not b.get("why_not") for b in suspects
    )
    if counted and sound and not isinstance(counted["loss_with_nothing_counted"], (int, float)):
        yield Finding(
            "all_targets_ignored",
            0.9,
            [seen("numbers", {"finite": True}, first_bad=curve.get("first_bad"), **counted)],
            "leave batches without any target out, or divide by the number of targets clamped to one",
            view.place(counted),
        )
        return
    told = next(
        (b.get("forward") or b.get("backward") for b in suspects if b.get("forward") or b.get("backward")), None
    )
    first = told or first
    empty = [b for b in suspects if b.get("empty_rows")]
    op, ins = first.get("op"), first.get("inputs", [])
    evidence = [
        seen(
            "gradients",
            {"finite": True},
            call=op,
            direction=first.get("direction"),
            line=first.get("line"),
            rows=first.get("rows"),
            inputs=ins[:2],
        ),
        seen("curve", {"not_finite": 0}, not_finite=bad, first_bad=curve.get("first_bad")),
    ]
    place = view.place(first)
    zero_over_zero = op in ("div", "__truediv__", "true_divide", "mean", "nanmean") and (
        any((i.get("zeros") or 0) > 0 for i in ins[1:]) or op == "mean"
    )
    if op in ("cross_entropy", "nll_loss") and _all_ignored(view):
        yield _ignored(view, evidence)
    elif first.get("direction") == "forward" and zero_over_zero:
        yield Finding(
            "empty_sequence_mean",
            0.95,
            evidence,
            "divide by at least one: mask.sum(1, keepdim=True).clamp(min=1)",
            place,
        )
    elif (
        op in ("softmax", "scaled_dot_product_attention", "multi_head_attention_forward", "log_softmax", "_softmax")
        and (any(i.get("all_masked_rows") for i in ins) or op != "softmax")
        and first.get("direction") == "forward"
    ):
        yield Finding(
            "fully_masked_attention",
            0.95,
            evidence,
            "leave at least one position open in every row (or zero the weights of such rows after the softmax)",
            place,
        )
    elif (
        op in ("exp", "log", "div", "__truediv__", "log1p", "log10", "log2", "pow")
        and first.get("direction") == "forward"
    ):
        yield Finding(
            "unstable_softmax",
            0.93,
            evidence,
            "use F.log_softmax / F.cross_entropy on the scores: they subtract the largest first",
            place,
        )
    elif first.get("direction") == "backward" and op in (
        "norm",
        "sqrt",
        "cdist",
        "pairwise_distance",
        "cosine_similarity",
        "normalize",
        "vector_norm",
        "linalg_norm",
        "linalg_vector_norm",
        "pow",
        "rsqrt",
        "std",
        "acos",
        "__pow__",
        "dist",
        "arccos",
        "linalgvectornorm",
        "cosinesimilarity",
        "distance",
        "euclideandist",
        "dist",
    ):
        yield Finding(
            "zero_norm_gradient",
            0.95,
            evidence,
            "add a small number under the root: (x.pow(2).sum(-1) + 1e-8).sqrt()",
            place,
        )
    elif first.get("direction") == "backward" and op in ("log", "exp", "div", "__truediv__"):
        yield Finding("unstable_softmax", 0.85, evidence, "use F.log_softmax / F.cross_entropy on the scores", place)
    elif op == "loss" or (first.get("direction") == "backward" and op in ("exp", "log")):
        yield Finding(
            "unstable_softmax", 0.8, evidence, "use F.log_softmax / F.cross_entropy on the scores", view.loss_place
        )
    elif data.get("empty") and (empty or not suspects):
        yield Finding(
            "empty_sequence_mean",
            0.55,
            [*evidence, seen("data", {"empty": 0}, empty=data["empty"])],
            "divide by at least one; leave empty texts out",
            place,
        )


def _all_ignored(view: View) -> bool:
    calls = view.of("losses").get("calls", [])
    return any(b["cause"] == "all_targets_ignored" for c in calls for b in c.get("breaches", []))


def _ignored(view: View, evidence: list[dict[str, Any]]) -> Finding:
    return Finding(
        "all_targets_ignored",
        0.95,
        evidence,
        "leave batches without any target out, or sum the loss and divide by the number of targets clamped to one",
        view.loss_place,
    )


CHECKS = [
    broken_numbers,
]
