"""Does the company of a row, or its own words, change its answer; where do different inputs become alike?"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.axes import apart, bag_starts, is_turned, single_texts
from wordfit.doctor.bench import Bench, change, row_axis, scale_of, size, spread
from wordfit.doctor.case import Case
from wordfit.doctor.experiments.answers.other_inputs import (
    changed_inputs,
    inputs_of,
    other_texts,
    other_values,
    other_words,
)


def company(bench: Bench) -> dict[str, Any] | None:
    """Change the words of every other row of the batch; the answers of the rows between must stay.

    Every other row, and not half of them, since a layer that takes rows for time may look one way only.
    """
    case = bench.case
    if case is None or case.rows < 4 or case.answer is None or case.batch_first is None:
        return None
    rows = case.rows
    kept, changed = torch.arange(0, rows, 2), torch.arange(1, rows, 2)
    values = changed_inputs(bench, changed)
    if not values:
        return None
    base, other = case.base, case.run(values)
    answer = case.answer if case.answer in base else case.fed
    if answer is None or answer not in base or not bool(torch.isfinite(base[answer]).all()):
        return None
    base, other = _unrolled(case, base, answer), _unrolled(case, other, answer)
    scored = against_each_other(case)
    if list(base[answer].shape).count(rows) > 1 or scored is not None:
        why = {"rows": rows, "why_not": "rows are scored against each other on purpose"}
        return why if scored is None else _mixed_before(bench, base, other, kept, scored) or why
    axis = row_axis(tuple(base[answer].shape), rows, 0 if case.batch_first else 1)
    if axis is None:
        return {"answer_shape": list(base[answer].shape), "rows": rows, "answer_has_rows": False}
    found = _change_of(base[answer], other[answer], axis, kept)
    out: dict[str, Any] = {"rows": rows, "max_change": found, "answer_has_rows": True}
    out["others_change"] = _change_of(base[answer], other[answer], axis, changed)
    if found > 1e-3:
        out["first"] = _first_mixing(bench, base, other, kept)
        out["rows_reached"] = _rows_reached(bench, answer)
        out["done_to_target"] = _done_to_target(bench, out["first"])
        alone = [case.run({slot: value}) for slot, value in values.items()] if 1 < len(values) < 5 else []
        least = [_change_of(base[answer], _unrolled(case, held, answer)[answer], axis, kept) for held in alone]
        out["with_one_input"] = min(least, default=None)
    fed = case.fed
    if fed is not None and fed != answer and fed in base:
        axis = row_axis(tuple(base[fed].shape), rows, 0 if case.batch_first else 1)
        if axis is not None:
            out["max_change_at_loss"] = _change_of(base[fed], other[fed], axis, kept)
            if out["max_change_at_loss"] > 1e-3 and "first" not in out:
                out["first"] = _first_mixing(bench, base, other, kept, case.model_end)
    return out


def _done_to_target(bench: Bench, first: dict[str, Any] | None) -> bool:
    """Whether the targets go through the call that mixes rows too, in the same line: a part of the loss, as centring.

    A correlation of all scores with all targets is one.
    """
    case = bench.case
    if case is None or case.target is None or first is None:
        return False
    told = case.tape.ancestors(case.target) | case.tape.descendants(case.target)
    alike = [op for op in case.tape.ops if op.name == first["op"] and op.outs and op.outs[0] in told - case.learned]
    return any(bench.where(op)["line"] == first["line"] for op in alike)


def _rows_reached(bench: Bench, answer: int) -> int | None:
    """How many answers a single row changes: one, wherever it went, unless rows mix; packing changes their order."""
    case = bench.case
    assert case is not None
    prefer, most = 0 if case.batch_first else 1, 0
    base = _unrolled(case, case.base, answer)[answer]
    axis = row_axis(tuple(base.shape), case.rows, prefer)
    if axis is None:
        return None
    least = 1e-4 * scale_of(base, axis)
    for row in sorted({0, case.rows // 2, case.rows - 1}):
        values = changed_inputs(bench, torch.tensor([row]), seed=row)
        other = _unrolled(case, case.run(values), answer)[answer]
        moved = (other - base).abs().movedim(axis, 0).reshape(case.rows, -1).amax(1) > least
        most = max(most, int(moved.sum()))
    return most


def _unrolled(case: Case, held: dict[int, Tensor], answer: int) -> dict[int, Tensor]:
    """Answers of one word after the other (rows times words, ...) with an axis of rows again."""
    value, rows = held[answer], case.rows
    if not value.dim() or rows in value.shape or len(value) % rows or len(value) == rows:
        return held
    words = len(value) // rows
    layout = (rows, words) if case.batch_first else (words, rows)
    return held | {answer: value.reshape(*layout, *value.shape[1:])}


def _change_of(a: Tensor, b: Tensor, axis: int, rows: Tensor) -> float:
    """Largest change of some rows, beside the spread between all of them."""
    return change(a.index_select(axis, rows), b.index_select(axis, rows)) / scale_of(a, axis)


def against_each_other(case: Case) -> int | None:
    """The call that scores every row against every other, as in training with the batch's other rows as negatives."""
    for position in case.path:
        op = case.tape.ops[position]
        if (
            op.name in ("matmul", "mm", "__matmul__", "einsum", "linear", "cosine_similarity", "cdist")
            and op.shape is not None
        ):
            both = len([n for n in op.ins[:2] if n in case.learned and n not in case.tape.leaves]) == 2
            if both and len(op.shape) == 2 and tuple(op.shape) == (case.rows, case.rows):
                return position
    return None


def _mixed_before(bench: Bench, base: Any, other: Any, kept: Tensor, scored: int) -> dict[str, Any] | None:
    """Rows that change each other before they are scored against each other: one that is looked up later is alone."""
    case = bench.case
    assert case is not None
    found = []
    for slot in case.tape.ops[scored].ins[:2]:
        value = base.get(slot)
        if value is None or slot not in other or value.dim() != 2 or list(value.shape).count(case.rows) != 1:
            return None
        axis = list(value.shape).index(case.rows)
        found.append((_change_of(value, other[slot], axis, kept), slot))
    most, slot = max(found, default=(0.0, 0))
    first = _first_mixing(bench, base, other, kept, end=scored) if most > 1e-3 else None
    if first is None:
        return None
    reached = _rows_reached(bench, slot)
    return {"rows": case.rows, "max_change": most, "answer_has_rows": True, "first": first, "rows_reached": reached}


def _first_mixing(
    bench: Bench, base: Any, other: Any, kept: Tensor, start: int = 0, end: int | None = None
) -> dict[str, Any] | None:
    """The first call that let one row's content into another's."""
    case = bench.case
    assert case is not None
    prefer = 0 if case.batch_first else 1
    for position in case.path:
        op = case.tape.ops[position]
        if position < start or (end is not None and position >= end):
            continue
        for slot in op.outs[:1]:
            if slot not in base or slot not in other or not base[slot].is_floating_point():
                continue
            axis = row_axis(tuple(base[slot].shape), case.rows, prefer)
            if base[slot].shape != other[slot].shape:
                continue
            if axis is None:
                lost = len(base[slot].shape) and slot in case.learned and case.rows not in base[slot].shape
                shifted = change(base[slot], other[slot]) > 1e-3 * size(base[slot])
                if lost and shifted and op.name in _REDUCTIONS and _had_rows(case, op):
                    return bench.where(op) | _layout(case, op)
                continue
            moved = change(base[slot].index_select(axis, kept), other[slot].index_select(axis, kept))
            if moved > 1e-4 * max(size(base[slot]), 1e-8):
                return bench.where(op) | _layout(case, op)
    return None


_REDUCTIONS = {"mean", "sum", "max", "amax", "softmax", "log_softmax", "std", "var", "logsumexp"}


def _had_rows(case: Case, op: Any) -> bool:
    return bool(op.ins) and case.rows in case.tape.shapes[op.ins[0]]


def _layout(case: Case, op: Any) -> dict[str, Any]:
    shapes = [list(case.tape.shapes[n]) for n in op.ins[:1]]
    return {
        "input": shapes[0] if shapes else [],
        "shape": list(op.shape or ()),
        "batch_first": getattr(
            op.module, "batch_first", getattr(getattr(op.module, "self_attn", None), "batch_first", None)
        ),
        "dim": _dim_of(op),
    }


def _dim_of(op: Any) -> Any:
    dim = op.kwargs.get("dim", op.args[1] if isinstance(op.args, tuple) and len(op.args) > 1 else None)
    if isinstance(dim, (list, tuple)):
        dim = dim[0] if dim else None
    return dim if isinstance(dim, int) else None


def dependence(bench: Bench) -> dict[str, Any] | None:
    """Feed other words in every row: how much does the answer change, and where do rows become alike?"""
    case = bench.case
    if case is None or case.answer is None or case.rows < 2:
        return None
    base = case.base
    if case.answer not in base:
        return None
    answer = base[case.answer]
    prefer = 0 if case.batch_first is not False else 1
    axis = row_axis(tuple(answer.shape), case.rows, prefer)
    values = changed_inputs(bench, torch.arange(case.rows), seed=1)
    other = case.run(values) if values else base
    stages = []
    for position in case.path:
        op = case.tape.ops[position]
        if position > case.model_end and case.model_end:
            break
        slot = op.outs[0] if op.outs else None
        if slot is None or slot not in base or slot not in case.learned or not base[slot].is_floating_point():
            continue
        at = row_axis(tuple(base[slot].shape), case.rows, prefer)
        if at is None:
            continue
        strength = size(base[slot])
        stages.append(bench.where(op) | {"relative": spread(base[slot], at) / max(strength, 1e-12), "size": strength})
    out = {
        "rows": case.rows,
        "answer_size": size(answer),
        "answer_spread": spread(answer, axis) if axis is not None else None,
        "change": change(answer, other[case.answer]) if values else None,
        "relative_change": change(answer, other[case.answer]) / max(size(answer), 1e-12) if values else None,
        "stages": stages[:60],
    }
    return out


def sources(bench: Bench) -> dict[str, Any] | None:
    """Change one input at a time: which of them does the answer depend on?"""
    case = bench.case
    if case is None or case.answer is None or case.rows < 2 or case.answer not in case.base:
        return None
    given = _given(case)
    if texts := single_texts(case):
        return {"inputs": [_of_texts(bench, given, n, some) for n, some in enumerate(texts)], "unused_lookups": []}
    found = []
    for order, slot in enumerate(_source_slots(case)):
        value = case.value(slot)
        if value is None:
            continue
        prefer = 0 if case.batch_first is not False else 1
        rows = case.rows if bag_starts(case, slot) is None else len(value)
        axis = row_axis(tuple(value.shape), rows, prefer)
        if axis is None:
            continue
        if value.is_floating_point():
            changed = other_values(value, torch.arange(rows), axis)
        else:
            changed = other_words(value, torch.arange(rows), axis, bench.split.padding, seed=2)
        if torch.equal(changed, value):
            continue
        held = case.run({slot: changed})
        loss = float(case.base[case.loss]), float(held[case.loss])
        swapped = value.roll(1, axis)
        moved = case.run({slot: swapped})
        found.append(
            {
                "change_by_rows": None if torch.equal(swapped, value) else most_changed(given, moved),
                "loss_change_by_rows": abs(float(moved[case.loss]) - loss[0]) / max(abs(loss[0]), 1e-9),
                "input": order,
                "shape": list(value.shape),
                "change": max(_changed(base, held[n]) for n, base in given.items()),
                "relative_change": most_changed(given, held),
                "loss_change": abs(loss[0] - loss[1]) / max(abs(loss[0]), 1e-9),
                "looked_up_by": [
                    bench.names.module(op.module) for op, ids, _ in case.lookups if case.source_of(ids) == slot
                ],
                "in_loss": slot in case.used,
            }
        )
    return {"inputs": found, "unused_lookups": _unused_lookups(bench)}


def _given(case: Case) -> dict[int, Tensor]:
    """The answer, and what else the model gives the same loss, such as the scores of wrong answers."""
    assert case.answer is not None
    beside = [n for op in case.loss_ops[:1] for n in op.ins if n in case.learned and n in case.base]
    return {n: case.base[n] for n in (case.answer, *beside)}


def most_changed(given: dict[int, Tensor], held: dict[int, Tensor]) -> float:
    """The largest change of what a loss is given, against its own size."""
    return max(_changed(base, held[n]) / scale_of(base, None) for n, base in given.items())


def _changed(base: Tensor, other: Tensor) -> float:
    """By how much an answer changed; one of other rows, as where a mask picks what counts, is another answer."""
    return change(base, other) if base.shape == other.shape else math.inf


def _of_texts(bench: Bench, given: dict[int, Tensor], order: int, texts: list[int]) -> dict[str, Any]:
    """What other words in all texts of one input do, where texts are looked up one at a time."""
    case = bench.case
    assert case is not None
    held = case.run(other_texts(case, texts, torch.arange(len(texts)), seed=2))
    loss = float(case.base[case.loss])
    return {
        "change_by_rows": None,
        "loss_change_by_rows": None,
        "input": order,
        "shape": [len(texts)],
        "change": max(_changed(base, held[n]) for n, base in given.items()),
        "relative_change": most_changed(given, held),
        "loss_change": abs(loss - float(held[case.loss])) / max(abs(loss), 1e-9),
        "looked_up_by": [bench.names.module(op.module) for op, ids, _ in case.lookups if ids == texts[0]],
        "in_loss": True,
    }


def _source_slots(case: Case) -> list[int]:
    """Inputs in the order of the calls, also those that never reach the loss; none of texts looked up one by one."""
    if apart(case):
        return []
    slots = list(inputs_of(case))
    for call in case.step.roots:
        for number in call.in_slots:
            shape = case.tape.shapes[number]
            kind = case.tape.dtypes[number]
            whole = not kind.is_floating_point and kind != torch.bool
            if whole and len(shape) >= 2 and number not in slots and number not in case.learned:
                slots += [] if _turned_to(case, number, slots) else [number]
    return slots


def _turned_to(case: Case, slot: int, others: list[int]) -> bool:
    """Whether what is looked up is this input with its rows and words exchanged: one input, and not two."""
    value = case.value(slot)
    laid = [case.value(n) for n in others if slot in case.tape.ancestors(n)]
    return value is not None and any(other is not None and is_turned(other, value) for other in laid)


def _unused_lookups(bench: Bench) -> list[dict[str, Any]]:
    """Ids that were looked up in a step whose vectors reach no loss."""
    case = bench.case
    assert case is not None
    used = set(case.path)
    found = []
    for position, op in enumerate(case.tape.ops):
        if op.name in ("embedding", "embedding_bag") and position not in used and op.grad:
            found.append(bench.where(op))
    return found[:4]
