"""Can one batch be memorised, with which learning rates, from the start and from where the program ended?"""

from __future__ import annotations

import math
import time
from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.bench import Bench
from wordfit.doctor.case import PRODUCTS, Case, untouched
from wordfit.doctor.choosing import choose_many
from wordfit.doctor.experiments.steps.signs import class_axis
from wordfit.doctor.stepping import kind_of, optimizers_for
from wordfit.doctor.tape import Play, play, play_between

FACTORS = (1.0, 0.1, 10.0, 100.0, 0.01)


def rates(bench: Bench) -> dict[str, Any] | None:
    """Train copies on a few batches from the program's start with its own optimiser and other learning rates."""
    case = bench.case
    if case is None or not bench.recorder.optimizers:
        return None
    known = bench.recorder.optimizers.values()
    if any(kind_of(o.live) is None for o in known):
        return None  # copies would not step as the program does
    cases = choose_many(bench.recorder, bench.names, most=3)
    began = time.process_time()  # other programs on the machine must not make experiments shorter
    first = _loss(case, case.copies(start=True))
    if not _steps(cases[:1], case):
        return None
    cost = max((time.process_time() - began) / 2.5, 1e-3)
    steps = int(min(40, max(10, min(bench.left * 0.25, 6.0) / ((len(FACTORS) + 1) * cost))))
    runs, limit = {}, time.perf_counter() + min(bench.left * 0.5, 30.0)
    for factor in FACTORS:
        if bench.left < 1 or time.perf_counter() > limit:
            break
        runs[str(factor)] = _train(cases, case, factor, steps)
    later = _train(cases, case, 1.0, steps, start=False)
    out = {
        "first": first,
        "steps": steps,
        "runs": runs,
        "batches": len(cases),
        "onwards": later,
        "depth": _longest_chain(case),
        "lr": _rates_of(bench),
        "constant": _mean_constant(cases),
    }
    if bench.left > 3 and "1.0" in runs and not runs["1.0"]["after"] < 0.9 * runs["1.0"]["before"]:
        out["clipped"] = _train(cases, case, 1.0, steps, clip=1.0)
    best = min((r["after"] for r in runs.values() if math.isfinite(r["after"])), default=math.inf)
    if bench.left > 5 and best > 0.5 * first:
        out["memorise"] = _memorise(bench, case, runs)
    return out


RECURRENT = ("lstm", "gru", "rnn_tanh", "rnn_relu")


def _longest_chain(case: Case) -> int:
    """How many products with weights follow each other at most; a recurrent layer has one for every word."""
    weights, depth = set(case.tape.parameters()), dict.fromkeys(case.learned, 0)
    views = {n for op in case.tape.ops if weights.intersection(op.ins) and len(op.ins) == 1 for n in op.outs} | weights
    for op in (case.tape.ops[p] for p in case.path):
        if not op.outs or op.outs[0] not in case.learned:
            continue
        more = int(bool(views.intersection(op.ins)) and len(op.ins) > 1 and op.name in PRODUCTS)
        if op.name in RECURRENT:
            shape = case.tape.shapes[op.ins[0]]
            more = max(shape[:2]) if len(shape) > 2 else shape[0]
        deepest = max((depth.get(n, 0) for n in op.ins if n not in views), default=0) + more
        for n in op.outs:
            depth[n] = max(depth.get(n, 0), deepest)
    return depth.get(case.loss, 0)


def _steps(cases: list[Case], judge: Case) -> bool:
    """Take one step; False if the optimiser refuses sparse gradients: then there is nothing to train with."""
    try:
        _train(cases, judge, 1.0, 1)
    except RuntimeError as error:
        if "sparse" not in str(error):
            raise
        return False
    return True


def _rates_of(bench: Bench) -> list[float]:
    return [float(g["lr"]) for o in bench.recorder.optimizers.values() for g in o.start]


def _loss(case: Case, weights: dict[int, Tensor]) -> float:
    return float(case.run(weights=weights)[case.loss])


def _train(
    cases: list[Case], judge: Case, factor: float, steps: int, start: bool = True, clip: float | None = None
) -> dict[str, Any]:
    """Some steps over the taped batches; the mean loss over them before and after, without noise."""
    weights = judge.copies(start=start)
    return _run(cases, judge, weights, optimizers_for(judge, weights, factor), steps, clip=clip)


def _run(
    cases: list[Case],
    judge: Case,
    weights: dict[int, Tensor],
    optimizers: Any,
    steps: int,
    enough: float | None = None,
    clip: float | None = None,
) -> dict[str, Any]:
    sets = [(c, same_weights(judge, c, weights)) for c in cases]
    before = sum(_loss(c, w) for c, w in sets) / len(sets)
    curve: list[float] = []
    with untouched():
        for step in range(steps):
            case, own = sets[step % len(sets)]
            held = play(case.tape, Play(own, {}, True, True, case.loss))
            loss = held[case.loss]
            if not math.isfinite(float(loss)) or not loss.requires_grad:
                curve.append(float(loss))
                break
            for optimizer in optimizers:
                optimizer.zero_grad()
            loss.backward()
            if clip is not None:
                torch.nn.utils.clip_grad_norm_([w for w in weights.values() if w.grad is not None], clip)
            for optimizer in optimizers:
                optimizer.step()
            curve.append(float(loss))
            if enough is not None and curve[-1] < enough:
                break
    after = sum(_loss(c, w) for c, w in sets) / len(sets)
    return {
        "before": before,
        "after": after,
        "steps": len(curve),
        "last": curve[-1] if curve else None,
        "worst": max(curve, default=0.0),
    }


def same_weights(judge: Case, case: Case, weights: dict[int, Tensor]) -> dict[int, Tensor]:
    """Copies made for one tape, by the slots of another."""
    if case is judge:
        return weights
    by_id = {id(judge.tape.leaves[n]): w for n, w in weights.items()}
    return {n: by_id.get(id(t), t.detach()) for n, t in case.tape.parameters().items()}


def _mean_constant(cases: list[Case]) -> float | None:
    found = [_constant(c) for c in cases]
    known = [v for v in found if v is not None]
    return sum(known) / len(known) if known and len(known) == len(found) else None


def _constant(case: Case) -> float | None:
    """The lowest loss of an answer that is the same for every row and every word: what there is without the input."""
    if case.answer is None or case.target is None or (case.tape.dtypes[case.answer] != torch.float32):
        return None
    answer, target = case.base.get(case.answer), case.value(case.target)
    if answer is None or target is None or not answer.dim() or answer.numel() < 2:
        return None
    axis = class_axis(answer, target) if answer.dim() == 3 else answer.dim() - 1
    shape = [n if a == axis and answer.dim() > 1 else 1 for a, n in enumerate(answer.shape)]
    unit = made_by(case.tape, case.answer) in ("softmax", "sigmoid")  # probabilities must stay some
    free = torch.zeros(shape, requires_grad=True)
    search = torch.optim.LBFGS([free], max_iter=40, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        search.zero_grad()
        given = (free.softmax(axis) if shape[axis] > 1 else free.sigmoid()) if unit else free
        value = play_between(case.tape, {case.answer: given.expand(answer.shape)}, case.loss, Play(gradients=True))  # type: ignore[dict-item]
        value.backward()  # type: ignore[no-untyped-call]
        return value

    try:
        with untouched():
            before = float(loss())
            search.step(loss)
            after = float(loss())
    except (RuntimeError, IndexError, TypeError, KeyError):  # the loss is not made of this answer alone
        return None
    return after if math.isfinite(after) and after <= before else None


def _memorise(bench: Bench, case: Case, runs: dict[str, Any]) -> dict[str, Any]:
    """One batch, many steps, Adam at the rates that did best: how low can its loss get?"""
    best = min(runs.values(), key=lambda r: r["after"] if math.isfinite(r["after"]) else math.inf, default=None)
    out: dict[str, Any] = {"own": best["after"] if best else None}
    lowest = math.inf
    for rate in (0.003, 0.03):
        if bench.left < 3:
            break
        weights = case.copies(start=True)
        held = [w.requires_grad_(True) for n, w in weights.items() if _trains(bench, case, n)]
        if not held:
            break
        run = _run([case], case, weights, [torch.optim.Adam(held, lr=rate)], 60)
        if math.isfinite(run["after"]):
            lowest = min(lowest, run["after"])
    return out | {"lowest": lowest if math.isfinite(lowest) else None}


def _trains(bench: Bench, case: Case, slot: int) -> bool:
    held = {id(p) for o in bench.recorder.optimizers.values() for g in o.live.param_groups for p in g["params"]}
    leaf = case.tape.leaves[slot]
    return leaf.requires_grad and id(leaf) in held


def gradients(bench: Bench) -> dict[str, Any] | None:
    """Gradients at the start: along depth, along time, and the first call that makes one that is no number."""
    case = bench.case
    if case is None:
        return None
    out: dict[str, Any] = {}
    for name, start in (("start", True), ("end", False)):
        weights = case.copies(start=start)
        for weight in weights.values():
            weight.requires_grad_(weight.is_floating_point())
        with untouched():
            held = play(case.tape, Play(weights, {}, False, True, case.loss))
        loss = held[case.loss]
        if not loss.requires_grad:
            return {"reaches_weights": False}
        wanted = [
            (p, s)
            for p in case.path
            for s in case.tape.ops[p].outs[:1]
            if s in held and held[s].requires_grad and held[s].is_floating_point()
        ]
        wanted = wanted if len(wanted) <= 400 else wanted[:: len(wanted) // 400 + 1]
        tensors = [held[s] for _, s in wanted]
        try:
            found = torch.autograd.grad(loss, tensors + list(weights.values()), allow_unused=True)
        except RuntimeError as error:
            if "inplace operation" not in str(error):
                raise
            return {"why_not": "torch refuses the gradient of what was changed in its place"}
        rows = []
        for (position, slot), grad in zip(wanted, found):
            if grad is not None and not grad.is_sparse:
                rows.append((position, slot, grad))
        out[name] = _summary(bench, case, rows, weights, found[len(tensors) :], float(loss))
        if not start:
            out["broken"] = _broken(bench, case, held, rows)
        elif (broken := _broken(bench, case, held, rows)) is not None:
            out["broken_at_start"] = broken
    return out


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
    """The call nearest to the loss whose gradient is no number while the next one's still is."""
    for position in case.path:
        op = case.tape.ops[position]
        out = held.get(op.outs[0]) if op.outs else None
        if out is not None and out.is_floating_point() and not bool(torch.isfinite(out).all()):
            if op.name in MASKING:
                continue
            ins = operands(op, held)
            return bench.where(op) | {
                "direction": "forward",
                "inputs": [_extremes(i) for i in ins[:3]],
                "rows": _bad_rows(case, out),
                "outs": _extremes(out),
                "dim": _dim(op),
                "divisor": made_by(case.tape, op.ins[1]) if len(op.ins) > 1 else "",
            }
    for position, slot, grad in reversed(rows):
        if not bool(torch.isfinite(grad).all()):
            users = [o for p in case.path if slot in (o := case.tape.ops[p]).ins]
            op = users[0] if users else case.tape.ops[position]
            ins = operands(op, held)
            return bench.where(op) | {
                "direction": "backward",
                "inputs": [_extremes(i) for i in ins[:3]],
                "rows": _bad_rows(case, grad),
                "zero_rows": any(_has_zero_vector(i) for i in ins),
            }
    return None


MASKING = {
    "masked_fill",
    "masked_fill_",
    "full",
    "full_like",
    "where",
    "new_full",
    "triu",
    "triu_",
    "tril",
    "zeros",
    "zeros_like",
    "ones_like",
    "new_zeros",
    "generate_square_subsequent_mask",
    "_canonical_mask",
    "log",
    "mul",
    "add",
    "fill_",
    "expand",
    "view",
    "unsqueeze",
    "__setitem__",
    "to",
    "__rmul__",
    "__radd__",
    "__getitem__",
    "logical_not",
    "transpose",
    "repeat",
    "float",
    "max",
    "amax",
    "contiguous",
    "reshape",
    "squeeze",
    "permute",
    "baddbmm",
    "__add__",
    "add_",
    "sub",
    "__sub__",
}
"""Calls that may hold minus infinity on purpose; if it does harm, a later call shows it."""


SHAPING = {"unsqueeze", "squeeze", "view", "reshape", "expand", "expand_as", "__getitem__", "transpose", "to", "float"}


def made_by(tape: Any, slot: int) -> str:
    """The call that a value comes from, past changes of its layout."""
    for op in reversed(tape.ops):
        if slot in op.outs and slot not in op.ins:
            if op.name not in SHAPING or not op.ins:
                return str(op.name)
            slot = op.ins[0]
    return ""


DIVISIONS = {"div", "__truediv__", "true_divide", "div_", "__rtruediv__"}


def operands(op: Any, held: Any) -> list[Tensor]:
    """The numbers that a call worked on; of a division also counts, which are whole numbers."""
    known = [held[n] for n in op.ins if n in held]
    return [v for v in known if v.is_floating_point() or (op.name in DIVISIONS and v.dtype != torch.bool)]


def _dim(op: Any) -> Any:
    dim = op.kwargs.get("dim", op.args[1] if isinstance(op.args, tuple) and len(op.args) > 1 else None)
    return dim if isinstance(dim, int) else None


def _extremes(value: Tensor) -> dict[str, Any]:
    v = value.detach().float()
    finite = v[torch.isfinite(v)]
    return {
        "min": float(finite.min()) if len(finite) else None,
        "max": float(finite.max()) if len(finite) else None,
        "zeros": float((v == 0).float().mean()),
        "nan": int(torch.isnan(v).sum()),
        "inf": int(torch.isinf(v).sum()),
        "all_masked_rows": int((torch.isneginf(v).all(dim=-1)).sum()) if v.dim() else 0,
        "lost_rows": _lost_rows(v),
        "shape": list(v.shape),
    }


def _lost_rows(value: Tensor) -> int:
    """Vectors that are no number in all of their places beside finite ones; 0 if the finite ones are of one length."""
    if value.dim() < 2 or value.shape[-1] < 2:
        return 0
    rows = value.reshape(-1, value.shape[-1])
    lost, whole = torch.isnan(rows).all(1), torch.isfinite(rows).all(1)
    if not bool(lost.any() & whole.any()) or not bool((lost | whole).all()):
        return 0
    norms = rows[whole].norm(dim=1)
    alike = bool((norms - norms.median()).abs().max() < 1e-3 * norms.median())
    return 0 if alike else int(lost.sum())


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


def units(bench: Bench) -> dict[str, Any] | None:
    """Which activations are zero, or saturated, for every row; which units of a layer are copies of each other?"""
    case = bench.case
    if case is None:
        return None
    found = []
    starts = case.run(weights=case.copies(start=True))
    above = case.tape.ancestors(case.answer) & case.learned if case.answer is not None else set()
    for position in case.path:
        op = case.tape.ops[position]
        if op.name not in ACTIVATIONS or not op.outs or op.outs[0] not in case.base:
            continue
        row = bench.where(op) | {"before_answer": op.outs[0] in above}
        for name, held in (("start", starts), ("end", case.base)):
            value = held[op.outs[0]].float()
            flat = value.reshape(-1, value.shape[-1]) if value.dim() > 1 else value.reshape(-1, 1)
            if value.dim() == 3 and value.shape[1] != flat.shape[1] and "onv" in str(_before(case, op)):
                flat = value.transpose(1, 2).reshape(-1, value.shape[1])
            row[name] = {
                "dead": float((flat.abs() <= 1e-12).all(dim=0).float().mean()) if len(flat) else 0.0,
                "zeros": float((flat.abs() <= 1e-12).float().mean()),
                "units": flat.shape[1],
                "saturated": float((flat.abs() > 0.99).float().mean())
                if op.name == "tanh"
                else float(((flat > 0.99) | (flat < 0.01)).float().mean())
                if op.name == "sigmoid"
                else 0.0,
            }
        found.append(row)
    return {"activations": found[:40], "equal_units": _equal_units(bench)}


ACTIVATIONS = {
    "relu",
    "relu_",
    "tanh",
    "sigmoid",
    "leaky_relu",
    "elu",
    "gelu",
    "clamp",
    "clamp_min",
    "hardtanh",
    "relu6",
}


def _before(case: Case, op: Any) -> str:
    made = [o.name for o in case.tape.ops if op.ins and op.ins[0] in o.outs]
    return made[-1] if made else ""


def _equal_units(bench: Bench) -> list[dict[str, Any]]:
    """Layers whose units all hold the same weights at the start, and whether they still do."""
    found = []
    case = bench.case
    assert case is not None
    tables = {t for _, _, t in case.lookups}
    for slot, weight in case.tape.parameters().items():
        if slot in tables or weight.dim() < 2 or weight.shape[0] < 2 or id(weight) not in bench.recorder.start:
            continue
        start = _by_unit(case, slot, bench.recorder.start[id(weight)][1])
        if len(start) < 2:
            continue
        equal = bool((start - start[:1]).abs().max() <= 1e-7 * max(float(start.abs().max()), 1e-12))
        if not equal:
            continue
        now = _by_unit(case, slot, weight.detach())
        still = float((now - now[:1]).abs().max()) <= 1e-4 * max(float(now.abs().max()), 1e-12)
        last = case.answer is not None and case.tape.shapes[case.answer][-1:] == (len(start),)
        found.append(
            {
                "weight": bench.names.weight(weight),
                "units": len(start),
                "still": still,
                "output": last,
                "value": float(start.abs().max()),
            }
        )
    return found


def _by_unit(case: Case, slot: int, weight: Tensor) -> Tensor:
    """A weight as (units, inputs)."""
    first = weight if case.units_first(slot) else weight.transpose(-1, -2)
    return first.reshape(len(first), -1)
