"""Every embedding table: which rows occurred, which moved, how far; norms, decay and max_norm."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.bench import Bench
from wordfit.doctor.experiments.steps.owners import made_at
from wordfit.doctor.tape import is_parameter


def tables(bench: Bench) -> dict[str, Any]:
    """Every embedding table: which rows occurred, which moved, how far; norms; decay; max_norm."""
    case, recorder = bench.case, bench.recorder
    if case is None:
        return {"tables": []}
    seen: dict[int, set[int]] = {}
    for batch in recorder.batches:
        if batch.training:
            for lookup in batch.lookups:
                seen.setdefault(id(lookup.table), set()).update(lookup.ids.unique().tolist())
    complete = sum(b.training for b in recorder.batches) >= 0.95 * recorder.backwards
    out, done = [], set()
    for op, _ids, slot in case.lookups:
        weight = case.tape.leaves.get(slot)
        if weight is None or id(weight) in done or not isinstance(weight, Tensor) or weight.dim() != 2:
            continue
        done.add(id(weight))
        out.append(_table(bench, op, weight, seen.get(id(weight), set()), complete))
    return {"tables": out, "rows_known": complete}


def _table(bench: Bench, op: Any, weight: Tensor, seen: set[int], complete: bool) -> dict[str, Any]:
    module = op.module
    weight = _live_buffer(module, weight)
    start = bench.recorder.start.get(id(weight))
    row = bench.where(op) | {
        "name": bench.names.weight(weight),
        "rows": weight.shape[0],
        "width": weight.shape[1],
        "dtype": str(weight.dtype),
        "trainable": weight.requires_grad,
        "seen_rows": len(seen),
        "max_norm": op.kwargs.get("max_norm", getattr(module, "max_norm", None)),
        "sparse": getattr(module, "sparse", None),
        "padding_idx": getattr(module, "padding_idx", None),
        "scale_grad_by_freq": getattr(module, "scale_grad_by_freq", None),
        "is_module": module is not None,
        "group": _group(bench, weight),
        "made": made_at(bench, module) if module is not None else None,
    }
    if start is None and not isinstance(weight, torch.nn.Parameter):  # data: its rows as they are by now
        norms = weight.float().norm(dim=1)
        return row | _rewritten(row["max_norm"], norms, norms)
    if start is None:
        return row
    first, now = start[1].float(), weight.detach().float()
    norms, ends = first.norm(dim=1), now.norm(dim=1)
    row["norm"] = {
        "median": float(norms.median()),
        "max": float(norms.max()),
        "nan_rows": int((~torch.isfinite(norms)).sum()),
        "zero_rows": int((norms == 0).sum()),
        "p99": float(norms.kthvalue(max(1, int(0.99 * len(norms)))).values),
    }
    occurred = torch.zeros(len(now), dtype=torch.bool)
    occurred[[i for i in seen if 0 <= i < len(now)]] = True
    pad = bench.split.padding
    if pad is not None and pad < len(now):
        occurred[pad] = True
    other = ~occurred & (norms > 0)
    moved = (now - first).norm(dim=1) / norms.clamp(min=1e-8)
    row["occurred"] = _shift(occurred & (norms > 0), moved, norms, ends, first, now)
    row["absent"] = _shift(other, moved, norms, ends, first, now) if complete else None
    row |= _rewritten(row["max_norm"], norms, ends)
    row["penalised"] = _penalised(bench, weight)
    row["stale_share"] = _stale_movement(bench, weight)
    return row


def _live_buffer(module: Any, weight: Tensor) -> Tensor:
    """The module's own tensor where the tape holds a copy of it, as of all that is no weight."""
    if is_parameter(weight) or module is None:
        return weight
    kept = [*module.buffers(), *(v for v in vars(module).values() if isinstance(v, Tensor))]
    return next((b.detach() for b in kept if b.shape == weight.shape and b.dtype == weight.dtype), weight)


def _rewritten(most: float | None, norms: Tensor, ends: Tensor) -> dict[str, Any]:
    """Rows that `max_norm` shortened: longer at the start, or as long as it allows to the last digit by then.

    The first batch was looked up before the start was taken down, and its rows were shortened by that.
    """
    if not most:
        return {"clipped_rows": 0, "over_max_norm": 0.0}
    exactly = (norms - most).abs() < 1e-4 * most
    if not bool((norms > 1.001 * most).any() | ((norms < 0.999 * most) & (norms > 0)).any()):
        exactly &= False  # all of one length: made so, with nothing left to shorten
    shortened = ((norms > most) & (ends <= most * 1.001 + 1e-6)) | exactly
    return {"clipped_rows": int(shortened.sum()), "over_max_norm": float(((norms > most) | exactly).float().mean())}


def _shift(
    where: Tensor, moved: Tensor, norms: Tensor, ends: Tensor, first: Tensor, now: Tensor
) -> dict[str, Any] | None:
    if not bool(where.any()):
        return None
    cosine = torch.nn.functional.cosine_similarity(first[where], now[where], dim=1)
    return {
        "rows": int(where.sum()),
        "moved": float(moved[where].median()),
        "moved_share": float((moved[where] > 1e-6).float().mean()),
        "norm_ratio": float((ends[where] / norms[where]).median()),
        "cosine": float(cosine.median()),
        "cosine_low": float(cosine.kthvalue(max(1, len(cosine) // 10)).values),
    }


def _penalised(bench: Bench, weight: Tensor) -> bool:
    """Whether the loss holds a sum over the whole table, squared or absolute."""
    case = bench.case
    assert case is not None
    slots = {n for n, t in case.tape.leaves.items() if t is weight}
    sizes = {"pow", "__pow__", "norm", "square", "mul", "__mul__", "abs", "linalg_norm", "linalg_vector_norm"}
    return any(case.tape.ops[p].name in sizes and slots.intersection(case.tape.ops[p].ins) for p in case.path)


def _group(bench: Bench, weight: Tensor) -> dict[str, Any] | None:
    for optimizer in bench.recorder.optimizers.values():
        for number, (group, start) in enumerate(zip(optimizer.live.param_groups, optimizer.start)):
            if any(p is weight for p in group["params"]):
                return {
                    "optimizer": type(optimizer.live).__name__,
                    "lr": float(start["lr"]),
                    "weight_decay": float(start.get("weight_decay") or 0),
                    "group": number,
                    "groups": len(optimizer.start),
                    "alone": len(group["params"]) == 1,
                    "of": len(group["params"]),
                    "betas": list(start["betas"]) if "betas" in start else None,
                    "momentum": start.get("momentum"),
                    "site": list(optimizer.site) if optimizer.site else None,
                }
    return None


def _stale_movement(bench: Bench, weight: Tensor) -> dict[str, float] | None:
    """Rows moved in a closely watched step beside rows that occurred in its batch."""
    shares = []
    by_step = {b.step: b for b in bench.recorder.batches if b.training}
    for movement in bench.recorder.movements:
        for r in movement.rows:
            batch = by_step.get(movement.step)
            if r["parameter"] is weight and "moved_rows" in r and batch is not None:
                met = {i for lookup in batch.lookups if lookup.table is weight for i in lookup.ids.unique().tolist()}
                shares.append((movement.step, r["moved_rows"], len(met)))
    if not shares:
        return None
    step, rows, count = shares[-1]
    return {"step": step, "moved": rows, "occurred": count}
