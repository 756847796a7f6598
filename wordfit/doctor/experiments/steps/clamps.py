"""Clamps of a loss: what they cut away, and whether training without them does better."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.bench import Bench
from wordfit.doctor.case import Case
from wordfit.doctor.experiments.steps.edits import Change, trained, without
from wordfit.doctor.playing import Play, play_between
from wordfit.doctor.tape import Op, Slot


def clamps(bench: Bench, case: Case, base: dict[int, Tensor]) -> list[dict[str, Any]]:
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
        "straight": _is_margin(case, source) or _straight(case, source),
        "learned_with": trained(bench, judged_by=lift),
        "learned_without": trained(bench, lift, judged_by=lift),
    }


SIGNS = {"add": (1, 1), "sub": (1, -1), "rsub": (-1, 1), "neg": (-1,)}
"""What sums of two do with the sign of each."""
SCALING = ("mul", "div", "truediv")


def _is_margin(case: Case, slot: int) -> bool:
    """Whether a value is one learned score less another, and a constant: nothing is to be learned beyond a margin."""
    made = case.tape.made()
    signs: list[int] = []
    constant, waiting = False, [(slot, 1)]
    while waiting and len(signs) < 3:
        at, sign = waiting.pop()
        op = made.get(at)
        name = op.name.strip("_").replace("radd", "add").replace("rmul", "mul") if op is not None else ""
        factor = next((v for v in op.args if isinstance(v, (int, float))), None) if op and name in SCALING else None
        if op is not None and factor:
            waiting.append((op.ins[0], sign if factor > 0 else -sign))
            continue
        parts = SIGNS.get(name)
        if op is None or parts is None:
            signs.append(sign)
            continue
        for part, own in zip(op.args, parts):
            if isinstance(part, Slot) and part.number in case.learned:
                waiting.append((part.number, sign * own))
            else:
                constant = True
    return constant and sorted(signs) == [-1, 1] and not waiting


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
