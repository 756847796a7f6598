"""Train again, and evaluate again, on copies: the program's own batches, model and loss with one thing changed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.bench import Bench, copied
from wordfit.doctor.case import Case, untouched
from wordfit.doctor.experiments.steps.judging import call_on, single_model
from wordfit.doctor.playing import Play, play_between
from wordfit.doctor.seen import Batch
from wordfit.doctor.stepping import clip_gradients, optimizers_for, own_clip


def go_on(bench: Bench, model: Any, seconds: float, optimizers: Any = None) -> Any:
    """All batches of the program's training once more, on a model of one's own; None if time ran out."""
    case, own = bench.case, single_model(bench)
    if case is None or own is None or case.answer is None or case.target is None:
        return None
    optimizers = optimizers or optimizers_for(case, weights_of(bench, case, model))
    done = _steps(bench, model, optimizers, bench.split.training, seconds)
    model.eval()
    return optimizers if done is not None else None


def train_again(
    bench: Bench,
    frozen: list[int],
    seconds: float,
    rate: float = 1.0,
    own_steps: list[int] | None = None,
    prepare: Callable[[Any], None] | None = None,
    first: int | None = None,
    decay: bool = True,
    freed: Sequence[int] = (),
    clip: float | None = None,
) -> Any:
    """The training once more from the program's start, with some weights held still; a trained copy, or None.

    Weights that are `freed` learn with the first of the optimizers. `first` is how many batches of it, if not all.
    Rows of the tables `own_steps` move, and their optimizer's averages, only in steps that they get a gradient in.
    `prepare` changes the copy at its start; without `decay` no optimizer shrinks weights. Gradients longer than `clip`
    together, or than the program lets them be, are brought to that length.
    """
    case, own = bench.case, single_model(bench)
    if case is None or own is None or case.target is None or case.answer is None:
        return None
    model = copied(own)
    pairs = dict(zip([id(p) for p in own.parameters()], model.parameters()))
    for key, weight in pairs.items():
        if key in bench.recorder.start:
            weight.data.copy_(bench.recorder.start[key][1])
        if key in frozen:
            weight.requires_grad_(False)
    if prepare is not None:
        prepare(model)
    optimizers = optimizers_for(case, weights_of(bench, case, model), rate, decay)
    if loose := [weight.requires_grad_() for key, weight in pairs.items() if key in freed]:
        optimizers[0].add_param_group({**optimizers[0].param_groups[0], "params": loose})
    tables = [pairs[k] for k in own_steps or () if k in pairs]
    batches = bench.split.training[:first]
    done = _steps(bench, model, optimizers, batches, seconds, tables, clip)
    return model if done and done >= 0.8 * len(batches) else None


def _steps(
    bench: Bench,
    model: Any,
    optimizers: Any,
    batches: list[Batch],
    seconds: float,
    own_steps: Sequence[Tensor] = (),
    clip: float | None = None,
) -> int | None:
    """A step for each batch whose loss is a number; how many there were, None if time ran out."""
    assert bench.case is not None
    model.train()
    began, done = time.process_time(), 0
    most = min((c for c in (clip, own_clip(bench.recorder)) if c is not None), default=None)
    with untouched():
        for batch in batches:
            if time.process_time() - began > seconds or bench.left < 1:
                return None
            loss = _loss(bench.case, model, batch, bench)
            if loss is None or not math.isfinite(float(loss.detach())):
                continue
            for optimizer in optimizers:
                optimizer.zero_grad()
            loss.backward()
            if most is not None:
                clip_gradients([p.grad for p in model.parameters() if p.grad is not None], most)
            kept = [(t, v, v.clone()) for t in own_steps if t.grad is not None for v in _moved_with(t, optimizers)]
            for optimizer in optimizers:
                optimizer.step()
            for table, value, before in kept:
                still = table.grad.eq(0).all(1)  # type: ignore[union-attr]
                value[still] = before[still]
            done += 1
    return done


def affordable(bench: Bench, seconds: float) -> int:
    """How many of the training's first batches can be gone through again in a part of the budget; all at most."""
    before, known = bench.left, len(bench.split.training)
    train_again(bench, [], seconds, first=8)
    return min(known, int(0.8 * seconds / max((before - bench.left) / 8, 1e-4)))


def _moved_with(table: Tensor, optimizers: Any) -> list[Tensor]:
    """What a step changes of a table: its values and the optimizer's averages of its rows."""
    states = [o.state[table] for o in optimizers if table in o.state]
    averages = [v for state in states for v in state.values() if isinstance(v, Tensor) and v.shape == table.shape]
    return [table.data, *averages]


def mean_loss(bench: Bench, batches: list[Batch], model: Any) -> float | None:
    """The program's loss over kept batches, by a copy."""
    assert bench.case is not None
    model.eval()
    with untouched():
        found = [_loss(bench.case, model, batch, bench) for batch in batches]
    values = [float(v.detach()) for v in found if v is not None]
    return sum(values) / len(values) if values and len(values) == len(batches) else None


def weights_of(bench: Bench, case: Case, model: Any) -> dict[int, Tensor]:
    """The weights of a copy by their slots on the tape: penalties of the loss are made of them."""
    own = single_model(bench)
    pairs = dict(zip([id(p) for p in own.parameters()], model.parameters())) if own is not None else {}
    return {n: pairs[id(t)] for n, t in case.tape.parameters().items() if id(t) in pairs}


def _loss(case: Case, model: Any, batch: Batch, bench: Bench) -> Tensor | None:
    answer = call_on(model, batch, bench)
    target = next((t for t in batch.targets if t.dim()), None)
    target = _yielded_target(case, batch) if target is None else target
    if answer is None or target is None or not answer.requires_grad:
        return None
    try:
        given = weights_of(bench, case, model) | {case.answer: answer, case.target: target}
        return play_between(case.tape, given, case.loss, Play(gradients=True))  # type: ignore[arg-type]
    except Exception:
        return None


def _yielded_target(case: Case, batch: Batch) -> Tensor | None:
    """What a data loader gave besides the inputs, of the target's kind, where the loss is written by hand."""
    assert case.target is not None
    like = case.tape.dtypes[case.target], len(case.tape.shapes[case.target])
    inputs = [*batch.inputs, *(lookup.ids for lookup in batch.lookups)]
    others = [
        t
        for t in batch.yielded
        if t.dim() and (t.dtype, t.dim()) == like and not any(t.shape == i.shape and torch.equal(t, i) for i in inputs)
    ]
    return others[-1] if others else None
