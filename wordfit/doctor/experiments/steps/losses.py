"""What does the loss say of the answers it is given, of better and worse ones, and does it let gradients through?"""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.bench import Bench
from wordfit.doctor.case import Case
from wordfit.doctor.experiments.steps.calls import made_by
from wordfit.doctor.experiments.steps.clamps import clamps
from wordfit.doctor.experiments.steps.signs import binary_by_hand, class_axis, direction, likelihood
from wordfit.doctor.loss_examination import examine_loss_call
from wordfit.doctor.loss_floor import describe_loss_call
from wordfit.doctor.playing import filled
from wordfit.doctor.tape import PARTS, Op


def losses(bench: Bench) -> dict[str, Any] | None:
    """Every loss call of a step beside what it expects; the gradient's direction; shapes; clamps."""
    case = bench.case
    if case is None:
        return None
    base = case.base
    calls = []
    for op in case.loss_ops[:4]:
        calls.append(_call(bench, case, op, base))
    known = {(c["loss"], c.get("line")) for c in calls}
    for other in other_kinds(bench):
        for op in other.loss_ops[:2]:
            if (op.name, op.site[1] if op.site else None) not in known:
                known.add((op.name, op.site[1] if op.site else None))
                calls.append(_call(bench, other, op, other.base))
    out: dict[str, Any] = {
        "calls": calls,
        "hand_written": not case.loss_ops,
        "value": float(base[case.loss]),
        "negative": sum(v < -1e-6 for v in bench.recorder.losses),
        "steps": len(bench.recorder.losses),
        "target": _describe(case.value(case.target)) if case.target is not None else None,
        "answer": _describe(base.get(case.answer)) if case.answer is not None else None,
        "fed": _describe(base.get(case.fed)) if case.fed is not None else None,
        "maximize": any(g.get("maximize") for o in bench.recorder.optimizers.values() for g in o.live.param_groups),
    }
    out["direction"] = direction(bench, case)
    out["likelihood"] = likelihood(bench, case)
    out["broadcast"] = _broadcasts(bench, case, base)
    out["clamps"] = clamps(bench, case, base)
    out["tail"] = _tail(bench, case, base)
    out["extremes"] = _extreme_answers(bench, case)
    if not case.loss_ops:
        out |= {"distance": _distance(bench, case), "squashed": _squashed(case), "binary": binary_by_hand(bench, case)}
    return out


SQUARES = {"pow", "__pow__", "square", "abs", "__abs__", "norm"}


def _distance(bench: Bench, case: Case) -> dict[str, Any] | None:
    """A squared or absolute difference of answers and targets that is written out; the targets in a few numbers."""
    if case.target is None:
        return None
    goal = case.tape.descendants(case.target) - case.learned
    for op in (case.tape.ops[p] for p in case.path):
        both = goal.intersection(op.ins) and case.learned.intersection(op.ins)
        if op.name not in ("sub", "__sub__", "rsub", "__rsub__") or not both:
            continue
        squared = [o for o in case.tape.ops if op.outs[0] in o.ins and (o.name in SQUARES or o.ins[:2] == op.outs * 2)]
        if squared:
            return bench.where(op) | {"target": _describe(case.value(case.target))}
    return None


def _squashed(case: Case) -> dict[str, Any] | None:
    """Probabilities that are right for certain, given to a loss written by hand; and scores that are, in their place.

    A loss of scores cannot get low on probabilities: that of a softmax of five ends at log(e + 4) - 1.
    """
    if case.answer is None or case.target is None:
        return None
    kind, place = made_by(case.tape, case.answer), case.answer
    answer, target = case.base.get(place), case.value(case.target)
    if kind not in ("softmax", "sigmoid") or answer is None or target is None:
        return None
    hot = _right_answers(answer, target)
    if hot is None:
        return None
    even = torch.full_like(hot, 1 / hot.shape[-1] if kind == "softmax" else 0.5)
    answers = {"right": hot, "right_as_scores": hot * 24 - 12, "even": even}
    costs = {name: float(case.run({place: v.to(answer.dtype)})[case.loss]) for name, v in answers.items()}
    return {"kind": kind, **costs}


def _right_answers(answer: Tensor, target: Tensor) -> Tensor | None:
    """Ones and zeros in the shape of an answer: the class of the last axis for every target, or the targets."""
    if target.numel() == answer.numel() and bool(((target == 0) | (target == 1)).all()):
        return target.reshape(answer.shape).float()
    width = answer.shape[-1] if answer.dim() > 1 else 0
    if target.is_floating_point() or not width or target.numel() * width != answer.numel():
        return None
    if int(target.min()) < 0 or int(target.max()) >= width:
        return None
    return torch.nn.functional.one_hot(target.reshape(-1), width).float().reshape(answer.shape)


def other_kinds(bench: Bench) -> list[Case]:
    """Cases of taped steps that are not of the chosen kind: other phases, other losses."""
    return [
        Case(bench.recorder, s, bench.names)
        for s in bench.recorder.train_steps
        if bench.case is not None and s is not bench.case.step and s.loss is not None
    ]


def _call(bench: Bench, case: Case, op: Op, base: dict[int, Tensor]) -> dict[str, Any]:
    row = bench.where(op) | {"loss": op.name}
    args, kwargs = filled(op.args, base), filled(op.kwargs, base)
    row["kwargs"] = {k: v for k, v in op.kwargs.items() if isinstance(v, (int, float, str, bool))}
    row["shapes"] = [list(case.tape.shapes[n]) for n in op.ins]
    ins = [base[n] for n in op.ins]
    row["dtypes"] = [str(case.tape.dtypes[n]) for n in op.ins]
    row["input"], row["target"] = _describe(ins[0]), _describe(ins[1]) if len(ins) > 1 else None
    try:
        with torch.no_grad():
            call = describe_loss_call(op.name, *args, **kwargs)
        value = base.get(op.outs[0])
        found = examine_loss_call(
            call, float(value) if value is not None and value.numel() == 1 else None, float(base[case.loss])
        )
        row |= {
            "floor": found.floor,
            "negative": found.negative,
            "says": found.says,
            "breaches": [asdict(b) for b in found.breaches],
        }
    except Exception as error:
        row["why_not"] = f"{type(error).__name__}: {error}"[:200]
    return row


def _describe(value: Tensor | None) -> dict[str, Any] | None:
    """A tensor in a few numbers: range, whether rows are probabilities, log-probabilities or whole numbers."""
    if value is None or not value.numel():
        return None
    v = value.detach().float()
    finite = v[torch.isfinite(v)]
    out: dict[str, Any] = {
        "shape": list(v.shape),
        "dtype": str(value.dtype),
        "finite": float(torch.isfinite(v).float().mean()),
    }
    if not len(finite):
        return out
    out |= {
        "min": float(finite.min()),
        "max": float(finite.max()),
        "mean": float(finite.mean()),
        "std": float(finite.std()) if len(finite) > 1 else 0.0,
    }
    out["whole"] = bool((finite == finite.round()).all())
    out["distinct"] = int(len(finite.unique())) if len(finite) < 200_000 else None
    for axis in (-1, 1):
        if v.dim() >= 2 and v.shape[axis] > 1:
            total = v.sum(axis)
            out[f"sums_to_one_{axis}"] = bool(((total - 1).abs() < 1e-3).float().mean() > 0.99 and finite.min() >= 0)
            out[f"log_sums_to_zero_{axis}"] = bool((v.logsumexp(axis).abs() < 1e-3).float().mean() > 0.99)
    return out


_ELEMENTWISE = {
    "sub",
    "__sub__",
    "rsub",
    "__rsub__",
    "mul",
    "__mul__",
    "__rmul__",
    "eq",
    "div",
    "add",
    "__add__",
    "pairwise_distance",
    "mse_loss",
    "l1_loss",
    "smooth_l1_loss",
    "huber_loss",
    "binary_cross_entropy_with_logits",
    "binary_cross_entropy",
    "poisson_nll_loss",
    "soft_margin_loss",
    "gaussian_nll_loss",
    "margin_ranking_loss",
}


def _broadcasts(bench: Bench, case: Case, base: dict[int, Tensor]) -> list[dict[str, Any]]:
    """Calls after the model in which the answer and the target broadcast against each other to a larger shape."""
    from_target = case.tape.descendants(case.target) if case.target is not None else set()
    widened = {op.outs[0] for op in case.tape.ops if op.name in PARTS and _adds_an_axis(case, op)}
    found = []
    for position in case.path:
        op = case.tape.ops[position]
        if op.name not in _ELEMENTWISE or len(op.ins) < 2:
            continue
        a, b = op.ins[0], op.ins[1]
        mixed = (a in case.learned and b in from_target - case.learned) or (
            b in case.learned and a in from_target - case.learned
        )
        shapes = case.tape.shapes[a], case.tape.shapes[b]
        data = (a in case.learned) != (b in case.learned)
        if position < case.model_end or not (mixed or (data and _unawares(shapes, case.rows))):
            continue
        try:
            full = torch.broadcast_shapes(*shapes)
        except RuntimeError:
            continue
        counts = [math.prod(s) for s in shapes]
        if {a, b} <= widened and len(shapes[0]) == len(shapes[1]):
            continue  # an axis was put into either, so that every row meets every other
        if math.prod(full) > max(counts) and min(counts) > 1:
            found.append(bench.where(op) | {"shapes": [list(s) for s in shapes], "result": list(full)})
    return found


def _adds_an_axis(case: Case, op: Op) -> bool:
    """Whether a call gives the same numbers with one axis more."""
    before, after = case.tape.shapes[op.ins[0]], case.tape.shapes[op.outs[0]]
    return len(after) > len(before) and math.prod(after) == math.prod(before)


def _unawares(shapes: tuple[tuple[int, ...], ...], rows: int) -> bool:
    """(rows, 1) with (rows): whoever wants every row with every other gives both two axes."""
    long, short = sorted(shapes, key=len, reverse=True)
    return rows > 1 and len(short) == 1 and len(long) == 2 and tuple(short) == (rows,) and tuple(long) == (rows, 1)


def _tail(bench: Bench, case: Case, base: dict[int, Tensor]) -> list[dict[str, Any]]:
    """The calls from the answer to the loss."""
    if case.answer is None:
        return []
    after = case.tape.descendants(case.answer)
    rows = []
    for position in case.path:
        op = case.tape.ops[position]
        if op.outs and op.outs[0] in after and op.outs[0] != case.answer:
            rows.append(
                bench.where(op)
                | {
                    "shape": list(op.shape or ()),
                    "dim": op.kwargs.get(
                        "dim", op.args[1] if len(op.args) > 1 and isinstance(op.args[1], int) else None
                    ),
                }
            )
    return rows[:30]


def _alone(case: Case) -> bool:
    """Whether words reach the loss through the answer alone, and not also through those to other steps or texts."""
    needed = {case.loss}
    for op in reversed(case.tape.ops):
        if needed.intersection(op.outs) and case.answer not in op.outs:
            needed.update(op.ins)
    return not any(needed.intersection(op.outs) for op, _, _ in case.lookups)


def _extreme_answers(bench: Bench, case: Case) -> dict[str, Any] | None:
    """What the loss says of perfect, uniform and majority answers, put in place of the model's."""
    if case.answer is None or case.target is None:
        return None
    target, answer = case.value(case.target), case.base.get(case.answer)
    if [o.name for o in case.loss_ops] == ["binary_cross_entropy_with_logits"] and case.fed in case.base:
        even = case.run({case.fed: torch.zeros_like(case.base[case.fed])})  # of several labels it may be a sum
        return {"uniform": float(even[case.loss])}
    if target is None or answer is None or target.is_floating_point() or target.numel() == answer.numel():
        return None
    if not answer.dim() or not target.numel() or not _alone(case):  # the model may give its loss, and no answer
        return None
    axis = class_axis(answer, target) if answer.dim() == 3 else answer.dim() - 1
    if (
        answer.numel() // answer.shape[axis] != target.numel()
        or int(target.max()) >= answer.shape[axis]
        or int(target.min()) < 0
    ):
        return None
    hot = torch.nn.functional.one_hot(target.reshape(-1), answer.shape[axis]).float()
    majority = torch.zeros_like(hot)
    majority[:, int(target.reshape(-1).mode().values)] = 1
    said = {}
    for name, value in (("perfect", hot * 12 - 6), ("uniform", hot * 0), ("majority", majority * 12 - 6)):
        kind = _describe(answer) or {}
        if kind.get("sums_to_one_-1"):
            value = value.softmax(-1)
        elif kind.get("log_sums_to_zero_-1"):
            value = value.log_softmax(-1)
        shaped = value.reshape([s for a, s in enumerate(answer.shape) if a != axis] + [answer.shape[axis]]).movedim(
            -1, axis
        )
        said[name] = float(case.run({case.answer: shaped.to(answer.dtype)})[case.loss])
    return said
