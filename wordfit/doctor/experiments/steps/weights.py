"""Which weights does the loss reach, which does an optimiser hold, which moved, and how far in a step and in all?"""

from __future__ import annotations

from collections import Counter
from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.bench import Bench
from wordfit.doctor.case import Case
from wordfit.doctor.tape import is_parameter


def weights(bench: Bench) -> dict[str, Any]:
    """One row a weight: trainable, reached by the loss, held, moved."""
    recorder, case = bench.recorder, bench.case
    held, in_models = _known_weights(bench)
    leaves = {id(t): n for n, t in case.tape.leaves.items() if is_parameter(t)} if case else {}
    everything: dict[int, Tensor] = {key: t for key, (t, _) in recorder.start.items()}
    everything.update({key: row[0] for key, row in recorder.row_start.items()})
    everything.update({id(t): t for n, t in (case.tape.leaves.items() if case else []) if is_parameter(t)})
    for model in bench.names.models:
        everything.update({id(p): p for p in model.parameters()})
    grads: dict[int, list[float | None]] = {}
    for movement in recorder.movements:
        for row in movement.rows:
            grads.setdefault(id(row["parameter"]), []).append(row["grad"])
    tables = {id(case.tape.leaves[t]) for _, _, t in case.lookups if t in case.tape.leaves} if case else set()
    used = case.used if case else set()
    fresh = _fresh(bench, held, in_models)
    rows = []
    for key, weight in everything.items():
        owner = bench.names.owner.get(key)
        rows.append(
            {
                "name": bench.names.weight(weight),
                "shape": list(weight.shape),
                "numel": weight.numel(),
                "dtype": str(weight.dtype),
                "trainable": bool(weight.requires_grad),
                "held": key in held,
                "in_model": key in in_models,
                "fresh": key in fresh,
                "on_path": leaves.get(key) in used if key in leaves else False,
                "grads": [g for g in grads.get(key, [])[:6]],
                "moved": _moved(bench, weight),
                "table": key in tables,
                "kind": type(owner[0]).__name__ if owner else None,
                "known_start": key in recorder.start or key in recorder.row_start,
                "site": _site(bench, owner[0]) if owner else None,
            }
        )
    return {
        "rows": rows,
        "left_gradients": list(recorder.left_gradients),
        "backwards": recorder.backwards,
        "steps": recorder.steps_done,
        "stale": _stale(bench, held, everything, in_models),
        "updates": _updates(bench),
        "cuts": _cuts(bench),
        "odd_flags": _odd_flags(bench),
        "sparse": _sparse(bench),
    }


def _known_weights(bench: Bench) -> tuple[set[int], set[int]]:
    """Weights that an optimizer holds, and those of models."""
    held = {id(p) for o in bench.recorder.optimizers.values() for g in o.live.param_groups for p in g["params"]}
    held |= {id(p) for o in bench.recorder.optimizers.values() for p in o.held}
    return held, {id(p) for m in bench.names.models for p in m.parameters()}


def _fresh(bench: Bench, held: set[int], in_models: set[int]) -> set[int]:
    """Weights that a step made for itself, of a value: no other step has them."""
    tapes = [{id(t) for t in s.tape.parameters().values()} for s in bench.recorder.train_steps]
    once = [k for k, n in Counter(k for tape in tapes for k in tape).items() if n == 1] if len(tapes) > 1 else []
    return set(once) - held - in_models - bench.recorder.start.keys()


def _site(bench: Bench, module: Any) -> list[Any] | None:
    found = bench.recorder.made.get(module)
    return list(found) if found else None


def _moved(bench: Bench, weight: Tensor) -> float | None:
    """How far from the start, relative to the size at the start."""
    known = bench.recorder.start.get(id(weight))
    if known is not None and known[1].shape == weight.shape:
        start = known[1]
        return float((weight.detach() - start).norm()) / max(float(start.norm()), 1e-8)
    rows = bench.recorder.row_start.get(id(weight))
    if rows is not None:
        return float((weight.detach()[rows[1]] - rows[2]).norm()) / max(float(rows[2].norm()), 1e-8)
    return None


def _stale(bench: Bench, held: set[int], everything: dict[int, Tensor], in_models: set[int]) -> list[dict[str, Any]]:
    """Tensors that an optimiser holds though no model has them and no loss reaches them."""
    case = bench.case
    used = {id(case.tape.leaves[n]) for n in case.used if n in case.tape.leaves} if case else set()
    found = []
    for optimizer in bench.recorder.optimizers.values():
        for group in optimizer.live.param_groups:
            for weight in group["params"]:
                if id(weight) in used or not case:
                    continue
                grads = [r["grad"] for m in bench.recorder.movements for r in m.rows if r["parameter"] is weight]
                twins = [
                    bench.names.weight(w)
                    for k, w in everything.items()
                    if w.shape == weight.shape and k in used and k not in held and w.requires_grad
                ]
                grown = [
                    bench.names.weight(w)
                    for k, w in everything.items()
                    if w.dim() > 1 and w.shape[1:] == weight.shape[1:] and w.requires_grad and k in used - held
                ]
                dry = not (grads and grads[-1])
                if (
                    id(weight) in in_models and not twins and not (grown and dry)
                ):  # another model, or has its turn later
                    continue
                found.append(
                    {
                        "shape": list(weight.shape),
                        "grads": grads[:3],
                        "twins": twins[:3],
                        "dry": dry,
                        "grown": grown[:3],
                    }
                )
    return found


def _updates(bench: Bench) -> list[dict[str, Any]]:
    """Size of a step beside the size of the weight, by step."""
    out = []
    for movement in bench.recorder.movements[:24]:
        rows = {
            bench.names.weight(r["parameter"]): r["update"] / max(r["weight"], 1e-8)
            for r in movement.rows
            if r.get("update") is not None
        }
        finite = all(r.get("finite", True) for r in movement.rows)
        total = sum((r["grad"] or 0.0) ** 2 for r in movement.rows) ** 0.5
        out.append({"step": movement.step, "ratios": rows, "finite": finite, "grad_norm": total})
    return out


CUTTING = {
    "tensor",
    "detach",
    "detach_",
    "data.__get__",
    "argmax",
    "round",
    "sign",
    "long",
    "int",
    "floor",
    "ceil",
    "__gt__",
    "gt",
    "ge",
    "lt",
    "topk",
    "multinomial",
    "bernoulli",
}


def _cuts(bench: Bench) -> list[dict[str, Any]]:
    """Calls between weights and the loss behind which no gradient flows: from grad to none."""
    case = bench.case
    if case is None:
        return []
    flows: dict[int, bool] = {n: t.requires_grad for n, t in case.tape.leaves.items()}
    found = []
    for position, op in enumerate(case.tape.ops):
        alive = any(flows.get(n, False) for n in op.ins)
        through = alive and op.grad and op.name not in CUTTING
        for n in op.outs:
            flows[n] = through if n not in flows else (flows[n] or through)
        if alive and not through and op.outs and op.outs[0] in case.used and position in case.path:
            found.append(
                bench.where(op)
                | {
                    "no_grad": not op.grad,
                    "floating": case.tape.dtypes[op.outs[0]].is_floating_point,
                    "used_for_indexing": not case.tape.dtypes[op.outs[0]].is_floating_point,
                }
            )
    made = _fresh(bench, *_known_weights(bench))
    for slot, leaf in case.tape.parameters().items():
        users = [op for op in (case.tape.ops[p] for p in case.path) if slot in op.ins]
        if id(leaf) in made and users:
            found.append(bench.where(users[0]) | {"op": "Parameter", "no_grad": True, "floating": True})
    reads, remade = _taken_out(bench, case, flows)
    return found[:10] + [{**r, "read": True} for r in reads[:5]] + [{**r, "remade": True} for r in remade[:5] if reads]


def _taken_out(bench: Bench, case: Case, flows: dict[int, bool]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Numbers read out of what weights gave, and tensors on the way to the loss that were made of numbers.

    Values that were detached before count as well where the loss does not use them, but is computed from numbers that
    came into the step after they were read.
    """
    fresh = [
        n
        for n, t in case.tape.leaves.items()
        if n in case.used and n != case.target and t.is_floating_point() and not is_parameter(t)
    ]
    reads = [
        {"op": name, "line": where[1] if where else None, "file": where[0] if where else None}
        for name, slot, _, where in case.tape.reads
        if name in ("numpy", "tolist", "item", "__array__")
        and slot in case.learned
        and len(case.tape.shapes[slot]) > 0
        and (
            flows.get(slot, slot in case.learned)
            or (
                case.tape.dtypes[slot].is_floating_point
                and not case.used.intersection(case.tape.descendants(slot))
                and any(n > slot and case.tape.shapes[n][:1] == case.tape.shapes[slot][:1] for n in fresh)
            )
        )
    ]
    remade = [
        bench.where(op)
        for op in case.tape.ops
        if op.name in ("tensor", "from_numpy", "as_tensor", "FloatTensor")
        and op.outs[0] in case.used
        and case.tape.dtypes[op.outs[0]].is_floating_point
    ]
    return reads, remade


def _odd_flags(bench: Bench) -> list[dict[str, Any]]:
    """Attributes that look like freezing but do nothing: on a module, on a copy of the data, misspelt."""
    found: list[dict[str, Any]] = []
    for model in bench.names.models:
        for path, module in model.named_modules():
            for word in ("requires_grad", "trainable", "require_grad", "freeze", "frozen"):
                if isinstance(module.__dict__.get(word), bool):
                    wanted = module.__dict__[word] if word in ("freeze", "frozen") else not module.__dict__[word]
                    if wanted:
                        found.append(_flag(bench, path, module, word))
            for own, weight in module.named_parameters(recurse=False):
                for word in (
                    "require_grad",
                    "requires_gradient",
                    "trainable",
                    "required_grad",
                    "freeze",
                    "require_grads",
                    "requires_grads",
                ):
                    value = getattr(weight, "__dict__", {}).get(word)
                    if isinstance(value, bool) and value == (word == "freeze"):
                        found.append(_flag(bench, f"{path}.{own}", module, word))
    for write in bench.recorder.writes:
        if write.name == "requires_grad.__set__" and write.value is False and not write.parameter:
            names = [
                n
                for key, n in bench.names.weights.items()
                for w in _live(bench, key)
                if w.data_ptr() == write.pointer and w.requires_grad
            ]
            found += [
                {
                    "flag": "requires_grad of a copy",
                    "on": n,
                    "line": write.site[1] if write.site else None,
                    "file": write.site[0] if write.site else None,
                    "trainable": True,
                }
                for n in names
            ]
    return found


def _live(bench: Bench, key: int) -> list[Tensor]:
    owner = bench.names.owner.get(key)
    weight = getattr(owner[0], owner[1], None) if owner else None
    return [weight] if isinstance(weight, Tensor) else []


def _flag(bench: Bench, path: str, module: Any, word: str) -> dict[str, Any]:
    trainable = any(p.requires_grad for p in module.parameters())
    moved = max((_moved(bench, p) or 0.0 for p in module.parameters()), default=0.0)
    site = bench.recorder.made.get(module)
    return {
        "flag": word,
        "on": path,
        "module": bench.names.module(module),
        "trainable": trainable,
        "moved": moved,
        "file": site[0] if site else None,
        "line": site[1] if site else None,
    }


def _sparse(bench: Bench) -> list[dict[str, Any]]:
    found = []
    for model in bench.names.models:
        for module in model.modules():
            if getattr(module, "sparse", False) is True:
                found.append(
                    {
                        "module": bench.names.module(module),
                        "optimizers": [type(o.live).__name__ for o in bench.recorder.optimizers.values()],
                    }
                )
    return found


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
        "made": _site(bench, module) if module is not None else None,
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
