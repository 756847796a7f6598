"""The output: over which axis, of how many units, and how often are answers made probabilities?"""

from __future__ import annotations

import math
from typing import Any

from wordfit.doctor.finding import Finding, Findings, View, number, seen


def softmax_over_single_unit(view: View) -> Findings:
    """A softmax over one unit is always 1."""
    for op in view.ops:
        if op["op"] not in ("softmax", "log_softmax") or not op["inputs"]:
            continue
        shape, dim = op["inputs"][0], _dim(op)
        dim = (len(shape) - 1 if len(shape) > 1 else 0) if dim is None else dim
        if (
            shape
            and len(shape) > dim >= -len(shape)
            and shape[dim] == 1
            and math.prod(shape) > 1
            and _to_output(view, op)
        ):
            yield Finding(
                "softmax_over_single_unit",
                0.98,
                [seen("losses", {"units": "2 or more"}, units=1, input=shape)],
                "one unit: sigmoid with binary_cross_entropy (or no activation and "
                "BCEWithLogitsLoss); or two units and cross entropy",
                view.place(op),
            )
            return
    for call in view.of("losses").get("calls", []):
        if (
            call["loss"] in ("cross_entropy", "nll_loss")
            and call["input"]
            and len(call["input"]["shape"]) >= 2
            and call["input"]["shape"][1] == 1
        ):
            yield Finding(
                "softmax_over_single_unit",
                0.95,
                [seen("losses", {"units": "2 or more"}, units=1, loss=call["loss"])],
                "cross entropy over one unit is always 0: use BCEWithLogitsLoss, or two units",
                view.place(call),
            )
            return


def _dim(op: dict[str, Any]) -> int | None:
    value = op["named"].get("dim")
    if value is None and op["numbers"] and isinstance(op["numbers"][0], int):
        value = op["numbers"][0]
    return value


def _softmax_dim(op: dict[str, Any]) -> int | None:
    """The axis of a softmax; left out, torch takes the first of 1 and 3 axes, else the second, with a warning."""
    if op["named"].get("dim") is None and "_stacklevel" in op["named"]:
        return 0 if len(op["inputs"][0]) in (1, 3) else 1
    return _dim(op)


def _to_output(view: View, chosen: dict[str, Any]) -> bool:
    """Whether a call shapes the answer: no layer comes after it."""
    after = False
    for op in view.ops:
        if after and op["op"] in ("linear", "lstm", "gru", "conv1d", "bmm", "matmul", "embedding"):
            return False
        after = after or op is chosen
    return True


def softmax_over_wrong_axis(view: View) -> Findings:
    """The softmax of the answer runs over rows or time in place of classes."""
    answer = view.layout.get("answer") or []
    rows = view.layout.get("rows")
    for op in view.ops:
        if op["op"] not in ("softmax", "log_softmax") or not op["inputs"] or not _to_output(view, op):
            continue
        shape, dim = op["inputs"][0], _softmax_dim(op)
        if dim is None or len(shape) < 2 or not op["learned"]:
            continue
        dim = dim % len(shape)
        classes = _class_axis(view, shape)
        classes = _axis_on_the_way(view, op) if classes is None else classes
        if classes is not None and dim != classes:
            yield Finding(
                "softmax_over_wrong_axis",
                0.97,
                [seen("losses", {"dim": classes}, dim=dim, input=shape, rows=rows, answer=answer)],
                f"softmax over the classes (dim={classes if classes != len(shape) - 1 else -1})",
                view.place(op),
            )
            return


def attention_over_wrong_axis(view: View) -> Findings:
    """Attention weights are normalised over one axis and summed over another."""
    for call in view.of("attention").get("calls", []):
        sums = [s for s in call.get("sums", []) if not s["divided"] and not s["mixture"]]
        if sums and len(sums) == len(call["sums"]) and not any(s["right"] for s in sums):
            yield Finding(
                "softmax_over_wrong_axis",
                0.96,
                [
                    seen(
                        "attention",
                        {"dim": "that of the sum"},
                        dim=call["axis"],
                        shape=call["shape"],
                        summed_by=sums[0]["op"],
                    )
                ],
                "softmax over the positions that are summed afterwards (dim=-1 of (rows, queries, keys))",
                view.place(call),
            )
            return


def _class_axis(view: View, shape: list[int]) -> int | None:
    """The axis of classes, by the target's shape: the one that the target lacks, or has one place in.

    Words may be picked out of rows before the loss: what it is fed is (words, classes) then.
    """
    target, fed = view.layout.get("target"), view.layout.get("fed") or []
    if not target:
        return None
    picked = len(shape) > 2 and len(fed) == 2 and target in ([fed[0]], [fed[0], 1]) and fed[1] == shape[-1]
    if picked and 1 < fed[0] < math.prod(shape[:-1]) and shape.count(fed[1]) == 1:
        return len(shape) - 1
    if len(target) == len(shape):
        single = [a for a in range(len(shape)) if [*shape[:a], 1, *shape[a + 1 :]] == target and shape[a] > 1]
        return single[0] if len(single) == 1 else None
    if len(target) == len(shape) - 1:
        fits = [a for a in range(len(shape)) if [s for i, s in enumerate(shape) if i != a] == target]
        return fits[-1] if fits and len(set(shape)) == len(shape) else (fits[0] if len(fits) == 1 else None)
    if len(target) == 1 and len(shape) == 3 and target[0] == shape[0] * shape[1]:
        return 2
    return None


def _axis_on_the_way(view: View, op: dict[str, Any]) -> int | None:
    """The axis of a call's answer that a loss takes for its classes (the second), where axes are exchanged at most."""
    axes, known = list(range(len(op["inputs"][0]))), set(op.get("outs", []))
    for later in view.ops[view.ops.index(op) + 1 :]:
        if not known.intersection(later.get("ins", [])):
            continue
        if later["op"] in ("nll_loss", "cross_entropy"):
            return axes[1]
        turned = [a % len(axes) for a in later["numbers"] if isinstance(a, int)]
        if later["op"] in ("transpose", "swapaxes", "swapdims") and len(turned) == 2:
            axes[turned[0]], axes[turned[1]] = axes[turned[1]], axes[turned[0]]
        elif later["op"] == "permute" and len(turned) == len(axes):
            axes = [axes[a] for a in turned]
        elif later["op"] != "contiguous":
            return None
        known = set(later["outs"])
    return None


CHOICES = {"multinomial", "bernoulli", "argmax", "argsort", "topk"}
"""Calls that choose by scores: what is made of their places is not made of the scores."""


def _leads_to(calls: list[dict[str, Any]]) -> bool:
    """Whether the last of some calls is made of the first: gates of a cell stand side by side."""
    reached = set(calls[0].get("outs", []))
    for call in calls[1:]:
        if call["op"] not in CHOICES and reached.intersection(call.get("ins", [])):
            reached.update(call["outs"])
    return bool(reached.intersection(calls[-1].get("ins", []))) or "ins" not in calls[0]


def hand_written_double(view: View) -> Findings:
    """Two softmaxes (or sigmoids) in a row, in code that uses no loss of torch's."""
    facts = view.of("losses")
    tail = [o for o in view.ops if o["learned"]]
    kinds = [
        (i, o)
        for i, o in enumerate(tail)
        if o["op"] in ("softmax", "log_softmax", "sigmoid", "logsigmoid", "log_sigmoid")
    ]
    for (i, a), (j, b) in zip(kinds, kinds[1:]):
        between = {o["op"] for o in tail[i + 1 : j]}
        if between & {
            "linear",
            "matmul",
            "bmm",
            "mul",
            "lstm",
            "gru",
            "conv1d",
            "einsum",
            "addmm",
            "log",
            "sum",
            "add",
        } or not (_to_output(view, a) and _leads_to(tail[i : j + 1])):
            continue
        if a["op"] in ("softmax", "log_softmax") and b["op"] in ("softmax", "log_softmax") and not facts.get("calls"):
            yield Finding(
                "double_softmax",
                0.9,
                [seen("losses", None, first=a["line"], second=b["line"])],
                "apply softmax once",
                view.place(a),
            )
            return
        if a["op"] == "sigmoid" and b["op"] in ("sigmoid", "logsigmoid", "log_sigmoid"):
            yield Finding(
                "double_sigmoid",
                0.92,
                [seen("losses", None, first=a["line"], second=b["line"])],
                "apply sigmoid once",
                view.place(a),
            )
            return


def mask_over_positions_inverted(view: View) -> Findings:
    """A mask over positions, the same for every row, with which far less is learned than with its opposite."""
    found = view.of("what_if").get("turned")
    if not found:
        return
    kept, turned = number(found["learned"]), number(found["learned_with_it"])
    if turned < 0.6 * kept and kept > 0 and not number(found.get("new_with_it")) > 0.8 * number(found.get("new")):
        yield Finding(
            "attention_mask_inverted",
            0.8,
            [seen("what_if", None, trained=kept, trained_with_mask_turned_around=turned)],
            "turn the mask around: True (or minus infinity) marks what attention must not see (~mask)",
            view.place(found),
        )


CHECKS = [
    softmax_over_single_unit,
    softmax_over_wrong_axis,
    attention_over_wrong_axis,
    hand_written_double,
    mask_over_positions_inverted,
]
