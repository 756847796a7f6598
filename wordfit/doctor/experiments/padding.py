"""Does padding change an answer, through which call, and does what stands in the padding row decide it?"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.bench import Bench, change, row_axis, scale_of, size
from wordfit.doctor.case import Case, untouched
from wordfit.doctor.seen import RootCall
from wordfit.doctor.tape import Recording, Tape, _tensors


def padding(bench: Bench) -> dict[str, Any] | None:
    """Add padding to every row and compare the answers; then once more with the padding row set to zero."""
    case, pad = bench.case, bench.split.padding
    if case is None or case.answer is None:
        return None
    share = padded_share(bench)
    out: dict[str, Any] = {"padding": pad, "share": share, "padding_row": _padding_row(bench)}
    if pad is None or share < 0.01:
        return out | {"why_not": "no row is padded"}
    out |= _perturbed(bench, pad)
    call = _single_call(case)
    if call is not None:
        with untouched():
            out |= _appended(bench, call, pad) or {}
    return out


def padded_share(bench: Bench) -> float:
    """Share of padding among the ids of the training batches."""
    pad, total, padded = bench.split.padding, 0, 0
    for batch in bench.split.training[:200]:
        for lookup in batch.lookups[:1]:
            total += lookup.ids.numel()
            padded += int((lookup.ids == pad).sum()) if pad is not None else 0
    return padded / max(total, 1)


def _padding_row(bench: Bench) -> dict[str, Any] | None:
    """The padding row's norm at the start and now, beside the other rows'."""
    pad = bench.split.padding
    assert bench.case is not None
    for op, _, table in bench.case.lookups:
        weight = bench.case.tape.leaves.get(table)
        if weight is None or pad is None or pad >= len(weight):
            continue
        start = bench.recorder.start.get(id(weight))
        norms = weight.detach().norm(dim=1)
        others = torch.cat([norms[:pad], norms[pad + 1 :]])
        return bench.where(op) | {
            "norm": float(norms[pad]),
            "others": float(others.median()),
            "table": bench.names.weight(weight),
            "start": float(start[1][pad].norm()) if start is not None else None,
            "padding_idx": getattr(op.module, "padding_idx", None),
        }
    return None


def _single_call(case: Case) -> RootCall | None:
    """The one call of a model that reads every input and gives the answer."""
    calls = [c for c in case.roots if case.answer in c.out_slots]
    if len(calls) != 1 or not case.ids:
        return None
    call = calls[0]
    inside = [op for op, ids, _ in case.lookups if case.source_of(ids) in case.ids]
    reached = all(call.first_op <= case.tape.ops.index(op) <= call.last_op for op in inside)
    return call if reached else None


def _perturbed(bench: Bench, pad: int) -> dict[str, Any]:
    """Noise in the vectors at padding, then at real words: which of them does the answer follow?"""
    case = bench.case
    assert case is not None
    base, effects = case.base, {"pad": 0.0, "real": 0.0}
    answer = base[case.answer]  # type: ignore[index]
    axis = row_axis(tuple(answer.shape), case.rows, 0 if case.batch_first is not False else 1)
    for kind in effects:
        values = {}
        for op, ids, _ in case.lookups:
            out, given = base.get(op.outs[0]), case.value(ids)
            if out is None or given is None or case.source_of(ids) not in case.ids or out.dim() != given.dim() + 1:
                continue
            where = (given == pad) if kind == "pad" else (given != pad)
            noise = torch.randn(out.shape, generator=torch.Generator().manual_seed(3)) * max(size(out), 1e-3)
            values[op.outs[0]] = out + noise.to(out) * where.unsqueeze(-1)
        if not values:
            return {}
        other = case.run(values)[case.answer]  # type: ignore[index]
        effects[kind] = _real_change(bench, answer, other) / scale_of(answer, axis)
    return {"pad_effect": effects["pad"], "real_effect": effects["real"]}


def _real_change(bench: Bench, a: Tensor, b: Tensor) -> float:
    """Change of answers; of one answer a word, only at real words."""
    case, pad = bench.case, bench.split.padding
    assert case is not None
    keep = _real_positions(case, a, pad)
    if keep is None:
        return change(a, b)
    return change(a[keep], b[keep])


def _real_positions(case: Case, answer: Tensor, pad: int | None) -> Tensor | None:
    if pad is None:
        return None
    for slot in reversed(case.ids):
        ids = case.value(slot)
        if ids is not None and ids.dim() == 2 and answer.dim() >= 2 and tuple(answer.shape[:2]) == tuple(ids.shape):
            return ids != pad
        if ids is not None and ids.dim() == 2 and answer.dim() >= 2 and answer.shape[0] == ids.numel():
            return (ids != pad).reshape(-1)
    return None


def _appended(bench: Bench, call: RootCall, pad: int) -> dict[str, Any] | None:
    """Call a copy of the model with the batch as it was and with more padding."""
    case = bench.case
    assert case is not None
    model = copy.deepcopy(call.module)
    model.eval()
    wide = _ids_argument(case, call)
    if wide is None:
        return None
    time_axis = 1 if case.batch_first is not False else 0
    length = wide.shape[time_axis]
    more = max(3, length // 2)
    try:
        args, kwargs = _padded(
            (call.args, call.kwargs), wide, time_axis, length, more, pad, left=_pads_left(wide, pad, time_axis)
        )
        first, values = trace(model, call.args, call.kwargs)
        second, others = trace(model, args, kwargs)
    except Exception as error:
        return {"appended": None, "why_not_appended": f"{type(error).__name__}: {error}"[:300]}
    left = _pads_left(wide, pad, time_axis)
    a, b = values["answer"], _cut(others["answer"], values["answer"], length, left)
    if b is None:
        return {"appended": None, "why_not_appended": "the answer's shape follows the padding"}
    axis = row_axis(tuple(a.shape), case.rows, 0 if case.batch_first is not False else 1)
    found = _real_change(bench, a, b) / scale_of(a, axis)
    out: dict[str, Any] = {"appended": found, "more": more, "length": length}
    if found > 1e-3:
        out["first"], out["through"] = _first_difference(
            bench, first, values, second, others, wide == pad, length, left
        )
        zeroed = _with_zero_row(bench, model, pad)
        if zeroed:
            a = trace(model, call.args, call.kwargs)[1]["answer"]
            b2 = _cut(trace(model, args, kwargs)[1]["answer"], a, length, left)
            out["appended_with_zero_row"] = _real_change(bench, a, b2) / scale_of(a, axis) if b2 is not None else None
    return out


def _with_zero_row(bench: Bench, model: Any, pad: int) -> bool:
    changed = False
    for weight in model.parameters():
        shapes = [tuple(t.shape) for _, _, n in bench.case.lookups if (t := bench.case.tape.leaves.get(n)) is not None]  # type: ignore[union-attr]
        if weight.dim() == 2 and tuple(weight.shape) in shapes and pad < len(weight):
            changed = changed or bool(weight[pad].abs().max() > 0)
            weight.data[pad] = 0
    return changed


def _ids_argument(case: Case, call: RootCall) -> Tensor | None:
    for slot in case.ids:
        value = case.value(slot)
        if slot in call.in_slots and value is not None and value.dim() == 2:
            return value
    return None


def _pads_left(ids: Tensor, pad: int, time_axis: int) -> bool:
    view = ids if time_axis == 1 else ids.t()
    return int((view[:, 0] == pad).sum()) > int((view[:, -1] == pad).sum())


def _padded(value: Any, ids: Tensor, axis: int, length: int, more: int, pad: int, left: bool) -> Any:
    """Arguments with every (rows, time) tensor lengthened: ids by padding, masks by what they say of padding."""
    if isinstance(value, Tensor):
        if value.dim() < 2 or value.shape[:2] != ids.shape[:2] or value.requires_grad:
            return value
        where = ids == pad
        shape = list(value.shape)
        shape[axis] = more
        if not value.is_floating_point() and value.dtype != torch.bool and value.dim() == 2:
            same = bool((value == ids).all()) or (
                bool(where.any()) and bool((value[where] == pad).all()) and bool(value.max() > 1)
            )
            fill = torch.full(shape, pad if same else _mask_fill(value, where), dtype=value.dtype)
        else:
            fill = torch.full(shape, _mask_fill(value, where), dtype=value.dtype)
        return torch.cat([fill, value] if left else [value, fill], dim=axis)
    if isinstance(value, dict):
        return {k: _padded(v, ids, axis, length, more, pad, left) for k, v in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)([_padded(v, ids, axis, length, more, pad, left) for v in value])
    return value


def _mask_fill(value: Tensor, where: Tensor) -> Any:
    """What a mask says at padding; where the batch has none, the opposite of what it says of words."""
    if bool(where.any()):
        return value[where].flatten()[0].item()
    first = value.flatten()[0]
    if value.dtype == torch.bool:
        return not bool(first)
    return 0 if float(first) != 0 else 1


def _cut(value: Tensor, like: Tensor, length: int, left: bool) -> Tensor | None:
    """The part of a longer answer that belongs to the original positions."""
    if value.shape == like.shape:
        return value
    for axis in range(value.dim()):
        if value.dim() == like.dim() and like.shape[axis] == length and value.shape[axis] > length:
            cut = value.narrow(axis, value.shape[axis] - length if left else 0, length)
            return cut if cut.shape == like.shape else None
    return None


def trace(model: Any, args: Any, kwargs: Any) -> tuple[Tape, dict[Any, Tensor]]:
    """Call a model with every torch call on tape and every value kept."""
    tape = Tape()
    stack: list[Any] = []
    handles = []
    for child in model.modules():
        handles.append(child.register_forward_pre_hook(lambda m, a: stack.append(m)))
        handles.append(child.register_forward_hook(lambda m, a, o: stack.pop() and None))
    mode = Recording(lambda: stack[-1] if stack else None, lambda e: None)
    mode.tape = tape
    try:
        # gradients on: without them the encoder layers take a fused path that masks differently
        with torch.enable_grad(), mode:
            result = model(*args, **kwargs)
    finally:
        for handle in handles:
            handle.remove()
    values: dict[Any, Tensor] = {n: t.detach() for n, t in enumerate(tape._keep)}
    answers = [t for t in _tensors(list(result.values()) if isinstance(result, dict) else result)]
    values["answer"] = answers[0].detach()
    values["result"] = answers[0].detach()
    return tape, values


def _first_difference(bench: Bench, a: Tape, va: Any, b: Tape, vb: Any, pads: Tensor, length: int, left: bool) -> Any:
    """The first call whose values at real words, or over a whole row, differ between the two runs."""
    case = bench.case
    assert case is not None
    ops = [o for o in a.ops]
    others = [o for o in b.ops]
    if [o.name for o in ops] != [o.name for o in others]:
        return None, []
    first, through = None, []
    needed = {n for n, t in va.items() if isinstance(n, int) and t is va["answer"]}
    path = _path_to_answer(a, va)
    for position, (op, other) in enumerate(zip(ops, others)):
        if path is not None and position not in path:
            continue
        for slot, twin in zip(op.outs[:2], other.outs[:2]):
            x, y = va.get(slot), vb.get(twin)
            if x is None or y is None or not x.is_floating_point():
                continue
            y = _cut(y, x, length, left)
            if y is None:
                continue
            keep = _at_words(x, pads)
            moved = change(x[keep], y[keep]) if keep is not None else change(x, y)
            if moved > 1e-4 * max(size(x), 1e-8):
                place = bench.where(op) | {"shape": list(x.shape), "mode": getattr(op.module, "mode", None)}
                place["module"] = type(op.module).__name__ if op.module is not None else ""
                first = first or place
                through.append(op.name)
                break
    del needed
    return first, through[:12]


def _path_to_answer(tape: Tape, values: Any) -> set[int] | None:
    found = [
        n
        for n, t in values.items()
        if isinstance(n, int) and t.data_ptr() == values["answer"].data_ptr() and t.shape == values["answer"].shape
    ]
    return set(tape.path_ops(found[-1])) if found else None


def _at_words(value: Tensor, pads: Tensor) -> Tensor | None:
    """Where a value stands at real words, if it has their layout."""
    if value.dim() >= 2 and tuple(value.shape[:2]) == tuple(pads.shape):
        return ~pads
    if value.dim() >= 2 and tuple(value.shape[:2]) == tuple(pads.t().shape):
        return ~pads.t()
    if value.dim() == 3 and value.shape[0] == pads.shape[0] and value.shape[2] == pads.shape[1]:
        return (~pads).unsqueeze(1).expand(value.shape)
    if value.dim() == 4 and value.shape[0] == pads.shape[0] and value.shape[-1] == value.shape[-2] == pads.shape[1]:
        return ((~pads).unsqueeze(1).unsqueeze(2) & (~pads).unsqueeze(1).unsqueeze(3)).expand(value.shape)
    if value.dim() == 4 and value.shape[0] == pads.shape[0] and value.shape[2] == pads.shape[1]:
        return (~pads).unsqueeze(1).unsqueeze(3).expand(value.shape)
    return None
