"""Does evaluation repeat itself, and in which mode does it run?"""

from __future__ import annotations

from collections import Counter
from typing import Any

import torch
from torch import Tensor, nn

from wordfit.doctor.bench import Bench, change, scale_of
from wordfit.doctor.case import untouched
from wordfit.doctor.playing import DROPOUTS, Play, play
from wordfit.doctor.seen import Step


def evaluation(bench: Bench) -> dict[str, Any]:
    """Modes of the evaluations and how far two passes in the mode that was used differ."""
    teachers = _teachers(bench)
    batches = [b for b in bench.split.eval_batches if id(b.root) not in teachers]
    out: dict[str, Any] = {
        "batches": len(batches),
        "in_training_mode": sum(b.mode for b in batches),
        "with_gradients": sum(b.grad for b in batches),
    }
    noisy = [_noise(b.root) for b in batches if b.root is not None and b.mode]
    out["noisy_modules"] = noisy[-1] if noisy else []
    tapes = [
        s
        for s in bench.recorder.eval_steps
        if s.tape.ops and not (s.roots and all(id(r.module) in teachers for r in s.roots))
    ]
    out["tapes"] = len(tapes)
    out["drawn_again"] = _drawn_again(bench, tapes)
    for step in tapes[-1:]:
        out["repeat"] = _repeat(step)
        out["noise_calls"] = sorted({op.name for op in step.tape.ops if _is_noise(op)})
    bare = [b for b in batches if b.root is None]
    if bare and len(bare) == len(batches) and sum(bool(b.noise) for b in bare) >= 0.5 * len(bare):
        out["noise_without_modules"] = sorted(set[str]().union(*(b.noise for b in bare)))
    out["after_training"] = [b.step for b in batches][-1:] or None
    late_training = [b for b in bench.recorder.late if b.training]
    out["training_mode_last"] = late_training[-1].mode if late_training else None
    return out


def _drawn_again(bench: Bench, tapes: list[Step]) -> int:
    """How often at most one call gives the same model the same rows anew at one step: draws that are averaged.

    Answers that are each compared with targets are scores of their own.
    """
    times: Counter[Any] = Counter()
    for batch in bench.split.eval_batches:
        fed = [] if batch.compared or batch.losses else [*batch.inputs, *(k.ids for k in batch.lookups)]
        told = tuple(_told(t) for t in fed)
        times[batch.step, batch.called_at, id(batch.root), told] += bool(fed)
    for number, step in enumerate(tapes):
        for call in step.roots:
            times[number, call.site, id(call.module), tuple(call.in_slots)] += bool(call.in_slots)
    return max(times.values(), default=0)


def _told(tensor: Tensor) -> tuple[Any, ...]:
    """What tells numbers from others: how many, their sum, and that of each times its place."""
    if tensor.is_nested or tensor.layout != torch.strided:
        return (id(tensor),)
    flat = tensor.double().reshape(-1)
    places = torch.arange(1, len(flat) + 1, dtype=flat.dtype, device=flat.device)
    return tuple(tensor.shape), float(flat.sum()), float(flat @ places)


def _teachers(bench: Bench) -> set[int]:
    """Models that are called without gradients in most training steps of a stretch: aimed at, and no evaluation.

    The stretch goes from the first such step to the last one: other training may come before and after.
    """
    steps = bench.recorder.train_steps
    trained = {id(r.module) for s in steps for r in s.roots if r.grad}
    met: dict[int, list[int]] = {}
    for number, step in enumerate(steps):
        for module in {id(r.module) for r in step.roots if not r.grad} - trained:
            met.setdefault(module, []).append(number)
    return {n for n, at in met.items() if len(at) >= max(3, 0.7 * (at[-1] - at[0] + 1))}


def _noise(module: Any) -> list[str]:
    """Parts of a model that act otherwise in training."""
    found = []
    for child in module.modules():
        if not child.training:
            continue
        if isinstance(child, nn.modules.dropout._DropoutNd) and child.p > 0:
            found.append(f"{type(child).__name__}({child.p})")
        elif isinstance(child, nn.modules.batchnorm._NormBase) and child.track_running_stats:
            found.append(type(child).__name__)
        elif isinstance(child, nn.RNNBase) and child.dropout > 0:
            found.append(f"{type(child).__name__}(dropout={child.dropout})")
        elif isinstance(child, nn.MultiheadAttention) and child.dropout > 0:
            found.append(f"MultiheadAttention(dropout={child.dropout})")
    return found[:10]


def _is_noise(op: Any) -> bool:
    if op.name in DROPOUTS:
        training = op.args[2] if len(op.args) > 2 else op.kwargs.get("training", op.kwargs.get("train", True))
        p = op.args[1] if len(op.args) > 1 else op.kwargs.get("p", 0.5)
        return bool(training) and p > 0
    if op.name == "batch_norm":
        return bool(op.args[5] if len(op.args) > 5 else op.kwargs.get("training", False))
    return False


def _repeat(step: Any) -> dict[str, Any] | None:
    outs = [n for c in step.roots for n in c.out_slots[:1]]
    if not outs:
        return None
    runs = []
    with untouched():
        for seed in (1, 2):
            torch.manual_seed(seed)
            try:
                runs.append(play(step.tape, Play(training=True)))
            except Exception as error:
                return {"why_not": f"{type(error).__name__}: {error}"[:200]}
        quiet = play(step.tape, Play(training=False))
    last = outs[-1]
    if last not in runs[0] or not runs[0][last].is_floating_point():
        return None
    scale = scale_of(runs[0][last], 0 if runs[0][last].dim() else None)
    return {
        "difference": change(runs[0][last], runs[1][last]) / scale,
        "from_quiet": change(runs[0][last], quiet[last]) / scale,
    }
