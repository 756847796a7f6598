"""Values and gradients that are no numbers: the first call that made one, and why there."""

from __future__ import annotations

from typing import Any

from wordfit.doctor.finding import Finding, Findings, View, seen

DIVIDES = {"div", "__truediv__", "true_divide"}
SOFTMAXES = {"softmax", "scaled_dot_product_attention", "multi_head_attention_forward", "log_softmax", "_softmax"}
EXPONENTIALS = {"exp", "log", "log1p", "log10", "log2", "pow"} | DIVIDES
ROOTS = {
    "norm", "sqrt", "cdist", "pairwise_distance", "cosine_similarity", "normalize", "vector_norm", "linalg_norm",
    "linalg_vector_norm", "pow", "rsqrt", "std", "acos", "__pow__", "dist", "arccos", "linalgvectornorm",
    "cosinesimilarity", "distance", "euclideandist",
}  # fmt: skip
"""Calls, and torch's names of their gradients, that are not differentiable at zero."""

REMEDIES = {
    "all_targets_ignored": "leave batches without any target out, or sum the loss and divide by the number of targets "
    "clamped to one",
    "empty_sequence_mean": "divide by at least one: mask.sum(1, keepdim=True).clamp(min=1); leave empty texts out",
    "fully_masked_attention": "leave at least one position open in every row (or zero the weights of such rows after "
    "the softmax)",
    "unstable_softmax": "use F.log_softmax, F.cross_entropy or torch.logsumexp on the scores: they subtract the "
    "largest first",
    "zero_norm_gradient": "add a small number under the root: (x.pow(2).sum(-1) + 1e-8).sqrt()",
}


def broken_numbers(view: View) -> Findings:
    """A value or a gradient that is no number: in which call, for which rows, and why there?"""
    facts, curve = view.of("gradients"), view.curve
    first = facts.get("broken_at_start") or facts.get("broken") or {}
    if not first and not curve.get("not_finite"):
        return
    numbers = view.of("numbers")
    suspects = numbers.get("batches", [])
    without = _without_targets(view, suspects)
    if without is not None:
        yield without
        return
    told = [b.get("forward") or b.get("backward") for b in suspects if b.get("forward") or b.get("backward")]
    calls = [c for c in (*told[:1], first, numbers.get("again")) if c]
    calls.sort(key=lambda c: c.get("op") == "loss")  # a call says more than that the loss as a whole is no number
    found = None
    for first in calls or [{}]:
        found = _cause(view, first, suspects)
        if found is not None:
            break
    if found is not None:
        cause, confidence = found
        yield Finding(cause, confidence, _evidence(view, first), REMEDIES[cause], view.place(first) or view.loss_place)


def _evidence(view: View, first: dict[str, Any]) -> list[dict[str, Any]]:
    curve = view.curve
    return [
        seen(
            "gradients",
            {"finite": True},
            call=first.get("op"),
            direction=first.get("direction"),
            line=first.get("line"),
            rows=first.get("rows"),
            inputs=first.get("inputs", [])[:2],
        ),
        seen("curve", {"not_finite": 0}, not_finite=curve.get("not_finite", 0), first_bad=curve.get("first_bad")),
    ]


def _without_targets(view: View, suspects: list[dict[str, Any]]) -> Finding | None:
    """The batch that spoilt the loss has no target left, or nothing to divide by."""
    curve, counted = view.curve, view.of("numbers").get("divides_by_count")
    for batch in suspects:
        if (batch.get("ignored") or {}).get("share") == 1.0:
            evidence = [seen("numbers", {"ignored": "below 1"}, step=batch["step"], **batch["ignored"])]
            return Finding("all_targets_ignored", 0.95, evidence, REMEDIES["all_targets_ignored"], view.loss_place)
    others = {op["op"] for op in view.ops} & (ROOTS | {"exp", "log"})
    sound = suspects and all(
        b.get("forward") is None and b.get("backward") is None and not (b.get("why_not") and others) for b in suspects
    )  # where a batch could not be played back, no other call on the way could make what is no number
    if (
        counted
        and sound
        and not view.of("numbers").get("again")
        and not isinstance(counted["loss_with_nothing_counted"], (int, float))
    ):
        evidence = [seen("numbers", {"finite": True}, first_bad=curve.get("first_bad"), **counted)]
        return Finding("all_targets_ignored", 0.9, evidence, REMEDIES["all_targets_ignored"], view.place(counted))
    return None


def _cause(view: View, first: dict[str, Any], suspects: list[dict[str, Any]]) -> tuple[str, float] | None:
    """What a first bad call comes from, and how sure that is."""
    op, ins = first.get("op"), first.get("inputs", [])
    found = _backward_cause(op) if first.get("direction") == "backward" else _forward_cause(view, first, op, ins)
    if found is None and op == "loss":
        return "unstable_softmax", 0.8
    empty = any(b.get("empty_rows") for b in suspects)
    spoilt = view.curve.get("not_finite") and view.of("data").get("train", {}).get("empty")
    if found is None and spoilt and (empty or not suspects):
        return "empty_sequence_mean", 0.55
    return found


def _backward_cause(op: str | None) -> tuple[str, float] | None:
    if op in ROOTS:
        return "zero_norm_gradient", 0.95
    return ("unstable_softmax", 0.85) if op in {"log", "exp"} | DIVIDES else None


def _forward_cause(
    view: View, first: dict[str, Any], op: str | None, ins: list[dict[str, Any]]
) -> tuple[str, float] | None:
    if op in ("cross_entropy", "nll_loss") and _all_ignored(view):
        return "all_targets_ignored", 0.95
    by_zero = op in DIVIDES and any((i.get("zeros") or 0) > 0 for i in ins[1:])
    if by_zero and first.get("divisor") in ROOTS:
        return "zero_norm_gradient", 0.93
    if by_zero and _counts_targets(view, first, ins):
        return "all_targets_ignored", 0.95
    if by_zero and first.get("underflow"):  # exponentials of scores far below zero, summed up
        return "unstable_softmax", 0.93
    if by_zero or (op in ("mean", "nanmean") and not any(i.get("inf") or i.get("nan") for i in ins)):
        return "empty_sequence_mean", 0.95
    if op in SOFTMAXES and (any(i.get("all_masked_rows") for i in ins) or op != "softmax"):
        return "fully_masked_attention", 0.95
    if op in EXPONENTIALS or (first.get("of_exp") and first.get("weights_finite")):
        return "unstable_softmax", 0.93
    if "rows" in first and ins and ins[0].get("lost_rows") and not any(i.get("nan") for i in ins[1:]):
        return "empty_sequence_mean", 0.75  # fed so: whole rows that are no numbers, as of 0/0, beside finite ones
    return None


def _counts_targets(view: View, first: dict[str, Any], ins: list[dict[str, Any]]) -> bool:
    """Whether a bad call divides the loss, one number that is zero, by the count of what takes part in it."""
    counted = view.of("numbers").get("divides_by_count") or {}
    same = all(first.get(key) == counted.get(key) for key in ("op", "file", "line"))
    return bool(counted) and same and len(ins) == 2 and all(i.get("shape") == [] and i.get("zeros") == 1.0 for i in ins)


def _all_ignored(view: View) -> bool:
    calls = view.of("losses").get("calls", [])
    return any(b["cause"] == "all_targets_ignored" for c in calls for b in c.get("breaches", []))


CHECKS = [broken_numbers]
