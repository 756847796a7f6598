"""What if: a cut let gradients by, the start were smaller, a mask turned around, rows were not shortened?

Each trains copies, for a few steps or as long as the program, with one thing changed and without the change. Where
nothing suspicious is on the tape, nothing is trained.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.bench import Bench, size
from wordfit.doctor.case import Case
from wordfit.doctor.experiments.steps.again import affordable, mean_loss, train_again
from wordfit.doctor.experiments.steps.averages import by_words
from wordfit.doctor.experiments.steps.cuts import reached
from wordfit.doctor.experiments.steps.edits import trained, without
from wordfit.doctor.experiments.steps.judging import single_model
from wordfit.doctor.tape import Op

LAYERS = {
    "linear",
    "matmul",
    "__matmul__",
    "bmm",
    "mm",
    "addmm",
    "einsum",
    "conv1d",
    "rnn_tanh",
    "rnn_relu",
    "rnn_cell",
}
MULTIPLIED = LAYERS | {"lstm", "gru", "lstm_cell", "gru_cell", "t", "T.__get__", "transpose", "__rmatmul__"}
CUTS = {"detach", "detach_", "data.__get__"}


def what_if(bench: Bench) -> dict[str, Any] | None:
    """Every change whose occasion is there, with the loss after the same few steps."""
    case = bench.case
    if case is None or not bench.recorder.optimizers:
        return None
    out: dict[str, Any] = {"oversized": _oversized(bench, case), "growth": _growth(case)}
    for name, question in (
        ("passed", _passed),
        ("calm", _calm),
        ("turned", _turned),
        ("unbound", _unbound),
        ("averaged", _averaged),
    ):
        found = question(bench, case) if bench.left > 4 else None
        if found is not None:
            out[name] = found
    return out


def _scale(case: Case, slot: int, weight: Tensor) -> float | None:
    """How far a weight spreads what it is given: 1 keeps its variance; a table's is that of its values."""
    if weight.dim() < 2 or weight.numel() <= 8:
        return None
    users = {case.tape.ops[p].name for p in case.path if slot in case.tape.ops[p].ins}
    spread = size(weight.detach())
    inputs = weight.numel() / weight.shape[0] if case.units_first(slot) else weight.shape[-2]
    if users & MULTIPLIED:
        return spread * math.sqrt(inputs)
    return spread


def _oversized(bench: Bench, case: Case) -> list[dict[str, Any]]:
    """Weights of the start that spread what they are given to twice its size and more, widest first."""
    found: list[dict[str, Any]] = []
    for slot, weight in case.copies(start=True).items():
        scale = _scale(case, slot, weight) if slot in case.used else None
        if scale is not None and scale > 2.0:
            found.append({"weight": bench.names.weight(case.tape.leaves[slot]), "scale": scale})
    return sorted(found, key=lambda r: -r["scale"])[:8]


def _growth(case: Case) -> dict[str, float] | None:
    """How much larger values are after the last layers than after the first, at the start."""
    held = case.run(weights=case.copies(start=True))
    sizes = [
        size(held[op.outs[0]])
        for p in case.path
        if (op := case.tape.ops[p]).name in LAYERS and op.outs[0] in case.learned and op.outs[0] in held
    ]
    sizes = [s for s in sizes if s > 0]
    if len(sizes) < 6:
        return None
    return {"layers": float(len(sizes)), "ratio": max(sizes[-3:]) / max(sizes[:2])}


def _passed(bench: Bench, case: Case) -> dict[str, Any] | None:
    """Calls that cut a learned value off on the way to the loss: is more learned where they let its gradient by?"""
    places = [
        place
        for place, position in enumerate(case.path)
        if (op := case.tape.ops[position]).name in CUTS
        and op.ins
        and op.ins[0] in case.learned
        and op.ins[0] not in case.tape.leaves
        and case.tape.dtypes[op.ins[0]].is_floating_point
        and not _has_its_turn(bench, case, op.ins[0])
    ]
    if not places:
        return None
    return bench.where(case.tape.ops[case.path[places[0]]]) | {
        "cuts": len(places),
        "learned": trained(bench, steps=60),
        "learned_with_it": trained(bench, dict.fromkeys(places, without), steps=60),
    }


def _has_its_turn(bench: Bench, case: Case, slot: int) -> bool:
    """Whether no weight behind a value learns in this step, and all do in others: a model that another one judges."""
    above, here = case.tape.ancestors(slot), reached(case)
    behind = [t for n, t in case.tape.parameters().items() if n in above]
    learn = {id(r["parameter"]) for m in bench.recorder.movements for r in m.rows if r["grad"]}
    return not any(n in here for n in case.tape.parameters() if n in above) and all(id(t) in learn for t in behind)


def _retrained(bench: Bench, prepare: Callable[[Any], None], whole: bool = True) -> dict[str, float | None] | None:
    """The training once more, and with a change at its start: what do both cost, on new rows too?

    All of it, or where that takes too long its beginning, if that is a good part of it; unless `whole`, what is known.
    """
    training = bench.split.training
    if bench.left < 8 or (whole and len(training) < bench.recorder.backwards):
        return None
    seconds = min(bench.left / 4, 8.0)
    if "trained_again" not in bench.memo:
        first = bench.memo["again_first"] = affordable(bench, seconds)
        few = first < max(60, len(training) // 4)
        bench.memo["trained_again"] = None if few else train_again(bench, [], 2 * seconds, first=first)
    kept, first = bench.memo["trained_again"], bench.memo["again_first"]
    changed = train_again(bench, [], 2 * seconds, prepare=prepare, first=first) if kept is not None else None
    if changed is None:
        return None
    last = bench.split.dev_batches[:30]
    seen = training[:first][-max(10, first // 10) :][:40]
    return {
        "learned": mean_loss(bench, seen, kept),
        "learned_with_it": mean_loss(bench, seen, changed),
        "new": mean_loss(bench, last, kept) if last else None,
        "new_with_it": mean_loss(bench, last, changed) if last else None,
    }


def _calm(bench: Bench, case: Case) -> dict[str, Any] | None:
    """The same start with oversized weights shrunk to keep the size of what they are given."""
    weights, scales = case.copies(start=True), {}
    for slot, weight in weights.items():
        scale = _scale(case, slot, weight) if slot in case.used else None
        if scale is not None and scale > 2.0:
            scales[id(case.tape.leaves[slot])] = scale
            weight.data.div_(scale)
    if not scales:
        return None
    own = single_model(bench)

    def shrink(model: Any) -> None:
        for mine, weight in zip(own.parameters(), model.parameters()):
            weight.data.div_(scales.get(id(mine), 1.0))

    out: dict[str, Any] = {"learned": trained(bench), "learned_with_it": trained(bench, weights=weights)}
    known = len(bench.split.training) >= bench.recorder.backwards  # else it cannot be repeated
    out |= {"shrunk": len(scales), "repeatable": own is not None and known}
    return out | {"whole": _retrained(bench, shrink) if own is not None else None}


def _turned(bench: Bench, case: Case) -> dict[str, Any] | None:
    """A mask (T, T) over positions, the same for every row and not about what comes later, turned around."""
    ops = [case.tape.ops[p] for p in case.path]
    masks = {slot: op for op in ops if (slot := _mask_of(case, op)) is not None}
    own = single_model(bench)
    if not masks or own is None:
        return None
    values = [case.value(slot) for slot in masks]

    def turn(model: Any) -> None:
        for module in model.modules():
            for name, buffer in [*module.named_buffers(recurse=False), *_tensors_of(module)]:
                if any(_same(buffer, v) for v in values):
                    setattr(module, name, _flip(buffer))

    found = _retrained(bench, turn)
    return bench.where(next(iter(masks.values()))) | found if found else None


def _tensors_of(module: Any) -> list[tuple[str, Tensor]]:
    return [(k, v) for k, v in vars(module).items() if isinstance(v, Tensor)]


def _hidden(mask: Tensor) -> Tensor:
    return mask if mask.dtype == torch.bool else torch.isinf(mask)


def _same(value: Any, mask: Tensor | None) -> bool:
    """Whether two masks hide the same, as truth values or as scores."""
    if mask is None or not isinstance(value, Tensor) or value.numel() != mask.numel() or value.dim() < 2:
        return False
    return torch.equal(_hidden(value).reshape(-1), _hidden(mask).reshape(-1))


def _flip(mask: Tensor) -> Tensor:
    if mask.dtype == torch.bool:
        return ~mask
    return torch.where(torch.isinf(mask), 0.0, -math.inf).to(mask.dtype)


def _mask_of(case: Case, op: Op) -> int | None:
    """The slot of such a mask among what attention, or a filling of its scores, is given."""
    if op.name not in ("multi_head_attention_forward", "scaled_dot_product_attention", "masked_fill", "masked_fill_"):
        return None
    for slot in op.ins:
        value = case.value(slot) if slot not in case.learned else None
        if (
            value is None
            or value.dim() < 2
            or value.shape[-1] != value.shape[-2]
            or value.numel() != value.shape[-1] ** 2
        ):
            continue
        hidden = _hidden(value).reshape(value.shape[-2:])
        if value.dtype != torch.bool and not bool(((value == 0) | torch.isinf(value)).all()):
            continue
        one_sided = not bool(hidden.triu(1).any()) or not bool(hidden.tril(-1).any())
        full = bool(hidden.all(1).any()) or not bool(hidden.any(1).all())
        if not one_sided and not full:
            return slot
    return None


def _unbound(bench: Bench, case: Case) -> dict[str, Any] | None:
    """The training without `max_norm` of its tables."""
    if not any(getattr(op.module, "max_norm", None) for op, _, _ in case.lookups):
        return None

    def free(model: Any) -> None:
        for module in model.modules():
            if getattr(module, "max_norm", None):
                module.max_norm = None

    return _retrained(bench, free)


def _averaged(bench: Bench, case: Case) -> dict[str, Any] | None:
    """The training with a mean over the words, in place of one over rows that are always as wide."""
    prepare = by_words(bench) if single_model(bench) is not None else None
    return _retrained(bench, prepare, whole=False) if prepare is not None else None
