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
from wordfit.doctor.experiments.steps.edits import Change, trained, without
from wordfit.doctor.experiments.steps.signs import binary_by_hand, class_axis, direction, likelihood
from wordfit.doctor.loss_examination import examine_loss_call
from wordfit.doctor.loss_floor import describe_loss_call
from wordfit.doctor.tape import Op, Play, _fill, play_between


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
    out["clamps"] = _clamps(bench, case, base)
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
    args, kwargs = _fill(op.args, base), _fill(op.kwargs, base)
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
        if math.prod(full) > max(counts) and min(counts) > 1:
            found.append(bench.where(op) | {"shapes": [list(s) for s in shapes], "result": list(full)})
    return found


def _unawares(shapes: tuple[tuple[int, ...], ...], rows: int) -> bool:
    """(rows, 1) with (rows): whoever wants every row with every other gives both two axes."""
    long, short = sorted(shapes, key=len, reverse=True)
    return rows > 1 and len(short) == 1 and len(long) == 2 and tuple(short) == (rows,) and tuple(long) == (rows, 1)


def _clamps(bench: Bench, case: Case, base: dict[int, Tensor]) -> list[dict[str, Any]]:
    """Clamps of the loss itself: what share of it lies on the bound, so that it gives no gradient."""
    found = []
    for position in case.path:
        op = case.tape.ops[position]
        if op.name not in (
            "clamp",
            "clamp_",
            "clip",
            "clip_",
            "clamp_max",
            "clamp_min",
            "minimum",
            "maximum",
            "min",
            "max",
            "hardtanh",
            "relu",
            "where",
        ):
            continue
        source = _clamped(case, op)
        if position < case.model_end or source is None or not (_after_loss(case, source) or _bounds(case, op, source)):
            continue
        before, after = base.get(source), base.get(op.outs[0])
        if before is None or after is None or before.shape != after.shape:
            continue
        cut = float((before != after).float().mean())
        found.append(
            bench.where(op)
            | _unclamped(bench, case, position, cut)
            | {
                "cut": cut,
                "from_below": float((before < after).float().mean()),
                "before": float(before.float().mean()),
                "after": float(after.float().mean()),
                "bounds": [v for v in list(op.args[1:]) + list(op.kwargs.values()) if isinstance(v, (int, float))],
                "cut_at_start": _cut_at_start(case, op, source),
            }
        )
    return found


def _unclamped(bench: Bench, case: Case, position: int, cut: float) -> dict[str, Any]:
    """What the loss is worth without its clamp, after a few steps with it and without; is that a straight line?"""
    place = case.path.index(position)
    source = _clamped(case, case.tape.ops[position])
    assert source is not None
    if cut < 0.02 and (_cut_at_start(case, case.tape.ops[position], source) or 0.0) < 0.02:
        return {}
    lift: dict[int, Change] = {place: without}
    return {
        "straight": _straight(case, source),
        "learned_with": trained(bench, judged_by=lift),
        "learned_without": trained(bench, lift, judged_by=lift),
    }


def _straight(case: Case, slot: int) -> bool | None:
    """Whether a value changes in a straight line with the answer, as margins do: it has no lowest point."""
    if case.answer is None or case.answer not in case.base:
        return None
    answer = case.base[case.answer]
    if not answer.is_floating_point():
        return None
    with torch.no_grad():
        step = 1e-2 * answer.std().clamp(min=1e-3) if answer.numel() > 1 else torch.tensor(1e-2)
        try:
            values = [
                play_between(case.tape, {case.answer: answer + n * step}, slot, Play()).double() for n in (-1, 0, 1)
            ]
        except KeyError:  # the loss takes more than this answer
            return None
    bend = (values[0] + values[2] - 2 * values[1]).abs()
    slope = (values[2] - values[0]).abs()
    return float((bend <= 0.02 * slope + 1e-6).float().mean()) > 0.9


def _clamped(case: Case, op: Op) -> int | None:
    """The value that a call clamps; a choice between two learned ones, as in a quantile's loss, clamps none."""
    learned = [n for n in (op.ins[1:] if op.name == "where" else op.ins) if n in case.learned]
    return learned[0] if len(learned) == 1 else None


def _cut_at_start(case: Case, op: Op, source: int) -> float | None:
    held = case.run(weights=case.copies(start=True))
    before, after = held.get(source), held.get(op.outs[0])
    return (
        float((before != after).float().mean())
        if before is not None and after is not None and before.shape == after.shape
        else None
    )


def _bounds(case: Case, op: Op, source: int) -> bool:
    """Whether a clamp holds the model's probabilities within bounds that are no guard against logarithms of zero."""
    value = case.base.get(source)
    if not op.name.startswith(("clamp", "clip")) or case.answer is None or value is None or not value.dim():
        return False
    low = next((v for v in (*op.args[1:], *op.kwargs.values()) if isinstance(v, float)), 0.0)
    unit = bool(((value >= 0) & (value <= 1)).all())
    return unit and low > 0.005 and case.answer in case.tape.ancestors(source)


def _after_loss(case: Case, slot: int) -> bool:
    """Whether a slot is a loss already: made of the target and the answer, one number or one a row."""
    above = case.tape.ancestors(slot)
    return case.target is not None and case.target in above and (case.answer is None or case.answer in above)


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
