"""Gradients at the start and at the end: along depth, along time, and the first that is no number."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.bench import Bench
from wordfit.doctor.case import Case, untouched
from wordfit.doctor.experiments.steps.calls import MASKING, extremes, made_by, operands, underflows
from wordfit.doctor.playing import Play, play


def gradients(bench: Bench) -> dict[str, Any] | None:
    """Gradients at the start: along depth, along time, and the first call that makes one that is no number."""
    case = bench.case
    if case is None:
        return None
    out: dict[str, Any] = {}
    for name, start in (("start", True), ("end", False)):
        weights = case.copies(start=start)
        try:
            held, rows, grads = _felt(case, weights)
        except RuntimeError as error:
            if "inplace operation" not in str(error):
                raise
            return {"why_not": "torch refuses the gradient of what was changed in its place"}
        if not held[case.loss].requires_grad:
            return {"reaches_weights": False}
        out[name] = _summary(bench, case, rows, weights, grads, float(held[case.loss]))
        broken = _broken(bench, case, held, rows)
        if not start:
            out["broken"] = broken
        elif broken is not None:
            out["broken_at_start"] = broken
    return out


def first_broken(
    bench: Bench, case: Case, weights: dict[int, Tensor], data: dict[int, Tensor] | None = None
) -> dict[str, Any] | None:
    """The call of a step that makes the first value or gradient that is no number, with these weights, and data."""
    held, rows, _ = _felt(case, weights, data)
    return _broken(bench, case, held, rows)


def gradients_at(case: Case, weights: dict[int, Tensor], data: dict[int, Tensor] | None = None) -> list[Tensor]:
    """The gradients of a step at its weights, played without noise; of those that it reaches."""
    return [grad for grad in _felt(case, weights, data)[2] or () if grad is not None]


def _felt(
    case: Case, weights: dict[int, Tensor], data: dict[int, Tensor] | None = None
) -> tuple[dict[int, Tensor], list[Any], Any]:
    """A step played without noise: its values, gradients along its calls (position, slot, gradient), and at weights."""
    weights = {n: w.detach().requires_grad_(w.is_floating_point()) for n, w in weights.items()}
    with untouched():
        held = play(case.tape, Play(weights, data or {}, False, True, case.loss))
    loss = held[case.loss]
    if not loss.requires_grad:
        return held, [], None
    wanted = [
        (p, s)
        for p in case.path
        for s in case.tape.ops[p].outs[:1]
        if s in held and held[s].requires_grad and held[s].is_floating_point()
    ]
    wanted = wanted if len(wanted) <= 400 else wanted[:: len(wanted) // 400 + 1]
    found = torch.autograd.grad(loss, [held[s] for _, s in wanted] + list(weights.values()), allow_unused=True)
    rows = [(p, s, g) for (p, s), g in zip(wanted, found) if g is not None and not g.is_sparse]
    return held, rows, found[len(wanted) :]


def _summary(bench: Bench, case: Case, rows: Any, weights: Any, grads: Any, loss: float) -> dict[str, Any]:
    along = [{"op": case.tape.ops[p].name, "norm": float(g.norm())} for p, _, g in rows]
    per_weight = {}
    for (slot, weight), grad in zip(weights.items(), grads):
        if grad is not None:
            grad = grad.coalesce().values() if grad.is_sparse else grad
        name = bench.names.weight(case.tape.leaves[slot])
        per_weight[name] = {
            "grad": float(grad.norm()) if grad is not None else None,
            "weight": float(weight.detach().norm()),
            "numel": weight.numel(),
            "axes": weight.dim(),
        }
    lookups = {ids: op for op, ids, _ in case.lookups}
    time_ratio = None
    for _, op in lookups.items():
        for _, slot, grad in rows:
            if slot == op.outs[0] and grad.dim() == 3:
                norms = grad.norm(dim=-1)
                norms = norms if case.batch_first is not False else norms.t()
                time_ratio = _along_time(bench, case, norms, case.value(op.ins[0]))
    return {"loss": loss, "along": along[:400], "weights": per_weight, "time_ratio": time_ratio}


def _along_time(bench: Bench, case: Case, norms: Tensor, ids: Tensor | None) -> dict[str, float] | None:
    """Gradient at the earliest words beside that at the latest real ones."""
    if ids is None or ids.dim() != 2 or norms.shape[1] < 8:
        return None
    ids = ids if case.batch_first is not False else ids.t()
    real = ids != bench.split.padding if bench.split.padding is not None else torch.ones_like(ids, dtype=torch.bool)
    if tuple(real.shape) != tuple(norms.shape):
        return None
    early, late = [], []
    for row, keep in zip(norms, real):
        values = row[keep]
        if len(values) >= 8:
            early.append(float(values[: len(values) // 4].mean()))
            late.append(float(values[-(len(values) // 4) :].mean()))
    if not early:
        return None
    return {"early": sum(early) / len(early), "late": sum(late) / len(late), "length": float(norms.shape[1])}


def _broken(bench: Bench, case: Case, held: Any, rows: Any) -> dict[str, Any] | None:
    """The call nearest to the loss whose gradient is no number while the next one's still is.

    Infinities that come to nothing, as scores that are masked before a softmax, are no harm.
    """
    if bool(torch.isfinite(held[case.loss]).all()) and all(bool(torch.isfinite(grad).all()) for _, _, grad in rows):
        return None
    for position in case.path:
        op = case.tape.ops[position]
        out = held.get(op.outs[0]) if op.outs else None
        if out is not None and out.is_floating_point() and not bool(torch.isfinite(out).all()):
            if op.name in MASKING:
                continue
            ins = operands(op, held)
            return bench.where(op) | {
                "direction": "forward",
                "inputs": [extremes(i) for i in ins[:3]],
                "rows": _bad_rows(case, out),
                "outs": extremes(out),
                "dim": _dim(op),
                "divisor": made_by(case.tape, op.ins[1]) if len(op.ins) > 1 else "",
                "underflow": underflows(case.tape, op.outs[0], held),
            }
    for position, slot, grad in reversed(rows):
        if not bool(torch.isfinite(grad).all()):
            users = [o for p in case.path if slot in (o := case.tape.ops[p]).ins]
            op = users[0] if users else case.tape.ops[position]
            ins = operands(op, held)
            return bench.where(op) | {
                "direction": "backward",
                "inputs": [extremes(i) for i in ins[:3]],
                "rows": _bad_rows(case, grad),
                "zero_rows": any(_has_zero_vector(i) for i in ins),
            }
    return None


def _dim(op: Any) -> Any:
    dim = op.kwargs.get("dim", op.args[1] if isinstance(op.args, tuple) and len(op.args) > 1 else None)
    return dim if isinstance(dim, int) else None


def _has_zero_vector(value: Tensor) -> bool:
    v = value.detach()
    return bool((v == 0).all(dim=-1).any()) if v.dim() else bool(v == 0)


def _bad_rows(case: Case, value: Tensor) -> list[int]:
    bad = ~torch.isfinite(value.detach())
    for axis in range(value.dim()):
        if value.shape[axis] == case.rows:
            others = [a for a in range(value.dim()) if a != axis]
            flat = bad.any(dim=others[0]) if len(others) == 1 else bad.movedim(axis, 0).reshape(case.rows, -1).any(1)
            if not others:
                flat = bad
            return flat.nonzero().flatten().tolist()[:10]
    return []
