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
from wordfit.doctor.experiments.steps.calls import made_by
from wordfit.doctor.experiments.steps.signs import class_axis
from wordfit.doctor.playing import Play, play, play_between
from wordfit.doctor.stepping import clip_gradients, kind_of, optimizers_for, own_clip, same_weights

FACTORS = (1.0, 0.1, 10.0, 100.0, 0.01)
FURTHER = (0.001, 0.0001)  # only as long as the loss leaps at ten times as much


def rates(bench: Bench) -> dict[str, Any] | None:
    """Train copies on a few batches from the program's start with its own optimiser and other learning rates."""
    case = bench.case
    if case is None or not bench.recorder.optimizers:
        return None
    known = bench.recorder.optimizers.values()
    if any(kind_of(o.live) is None for o in known):
        return {"why_not": "the optimizer is of the program's own kind, and copies would not step as it does"}
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
    for above, factor in zip((0.01, *FURTHER), FURTHER):
        leaps = str(above) in runs and not runs[str(above)]["worst"] < 3 * runs[str(above)]["before"]
        if leaps and bench.left > 1:
            runs[str(factor)] = _train(cases, case, factor, steps)
    later = _train(cases, case, 1.0, steps, start=False)
    depth = _longest_chain(case)
    out = {
        "first": first,
        "steps": steps,
        "runs": runs,
        "batches": len(cases),
        "onwards": later,
        "depth": depth,
        "lr": _rates_of(bench),
        "constant": _mean_constant(cases),
    }
    own = runs.get("1.0")
    thrown = own is not None and depth >= DEEP and not own["worst"] < 3 * own["before"]
    if bench.left > 3 and own is not None and (thrown or not own["after"] < 0.9 * own["before"]):
        out["clipped"] = _train(cases, case, 1.0, steps, clip=1.0)
    best = min((r["after"] for r in runs.values() if math.isfinite(r["after"])), default=math.inf)
    if bench.left > 5 and best > 0.5 * first:
        out["memorise"] = _memorise(bench, case, runs)
    return out


DEEP = 10  # products one after the other, through which a gradient may grow or die out
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
    """Some steps over the taped batches, clipped as the program clips or to less; the mean loss over them before and
    after, without noise."""
    weights, own = judge.copies(start=start), own_clip(judge.recorder)
    most = min((c for c in (clip, own) if c is not None), default=None)
    return _run(cases, judge, weights, optimizers_for(judge, weights, factor), steps, clip=most)


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
                clip_gradients([w.grad for w in weights.values() if w.grad is not None], clip)
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
        "worst": max((v if math.isfinite(v) else math.inf for v in curve), default=0.0),
    }


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
