"""Which axis counts the rows of a batch, and which the words: of ids, and of answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from wordfit.doctor.id_layout import time_first
from wordfit.doctor.tape import Slot, Tape

if TYPE_CHECKING:
    from wordfit.doctor.case import Case


def rows_first(case: Case) -> bool | None:
    """Whether rows are the first axis of the ids; None where it cannot be told."""
    if case.ids and (bag_starts(case, case.ids[0]) is not None or single_texts(case)):
        return True
    if case.target is None or apart(case):
        return None
    if not case.ids:
        return _rows_of_numbers(case)
    shape, target = case.tape.shapes[case.ids[0]], case.tape.shapes[case.target]
    if len(shape) < 2 or not target:
        return None
    shared = _shared_axis(case)
    if shared is not None and not _of_one_of_several(case, target[0], shared):
        return shared == 0
    if len(target) >= 2 and target[0] in shape[:2] and target[1] in shape[:2]:
        return _time_axis(case, case.ids[0]) != 0
    if len(target) == 1 and target[0] == shape[0] * shape[1]:
        return _time_axis(case, case.ids[0]) != 0
    if target[0] == shape[0] and target[0] != shape[1]:
        return True
    if target[0] == shape[1] and target[0] != shape[0]:
        return shape[0] == 1  # a single text, and an answer to every word of it
    return not time_first(case.recorder.batches) if target[0] == shape[0] else None


def _rows_of_numbers(case: Case) -> bool | None:
    """Of floating inputs: the axis that is as long as the target."""
    target = case.tape.shapes[case.target] if case.target is not None else ()
    shapes = [case.tape.shapes[s] for s in case.float_inputs if len(case.tape.shapes[s]) >= 2]
    if not shapes or not target:
        return None
    if target[0] == shapes[0][0]:
        return True if len(shapes[0]) == 2 or target[0] != shapes[0][1] else None
    return False if len(shapes[0]) > 2 and target[0] == shapes[0][1] and shapes[0][0] > 1 else None


def _of_one_of_several(case: Case, rows: int, shared: int) -> bool:
    """Whether a target has the rows of one input among several: then what these share is their width."""
    shapes = [case.tape.shapes[s] for s in case.ids if len(case.tape.shapes[s]) == 2]
    return all(s[shared] != rows for s in shapes) and any(s[1 - shared] == rows for s in shapes)


def _shared_axis(case: Case) -> int | None:
    """Inputs of different widths, as source and target of a translation, have only their rows in common."""
    shapes = [case.tape.shapes[s] for s in case.ids if len(case.tape.shapes[s]) == 2]
    sizes = [{shape[axis] for shape in shapes} for axis in (0, 1)]
    alike = [axis for axis in (0, 1) if len(sizes[axis]) == 1]
    return alike[0] if len(alike) == 1 and shapes else None


def _time_axis(case: Case, slot: int) -> int | None:
    """The axis of ids along which targets are the next ids, or along which padding comes last; else None."""
    ids = case.value(slot)
    if ids is None or ids.dim() != 2:
        return None
    found = _followed(case, slot)
    if not found and (step := _step_axis(case, slot)) is not None:
        return step
    if not found:
        found = [axis for axis in (0, 1) if _padding_last(case, ids, slot, axis)]
        found = found if len(found) == 1 else []  # of rows in the order of their lengths, along both
    if not found and (steady := _steady_axis(case)) is not None:
        return 1 - steady
    if not found and (drawn := _drawn_axis(case)) is not None:
        return 1 - drawn
    if not found and _turned(case, slot):
        return 0
    return found[0] if len(found) == 1 else None


def _followed(case: Case, slot: int) -> list[int]:
    """The axes of ids along which targets are the next ids."""
    ids, target = case.value(slot), case.value(case.target) if case.target is not None else None
    if ids is None or ids.dim() != 2 or target is None or target.numel() != ids.numel():
        return []
    found = []
    for axis in (0, 1):
        length = ids.shape[axis]
        if length > 1:
            after = target.reshape(ids.shape).narrow(axis, 0, length - 1)
            told = after != after.reshape(-1).mode().values  # what fills rows up follows on itself either way
            if float((after == ids.narrow(axis, 1, length - 1))[told].float().mean()) > 0.7:
                found.append(axis)
    return found


def _step_axis(case: Case, slot: int) -> int | None:
    """The axis of ids along which a loop takes one step after the other, carrying a state: that of time."""
    steps = {case.tape.shapes[ids] for _, ids, _ in case.lookups if ids != slot and case.source_of(ids) == slot}
    shape = case.tape.shapes[slot]
    if len(steps) != 1 or shape[0] == shape[1] or not _carried(case):
        return None
    size = steps.pop()
    return 1 - shape.index(size[0]) if len(size) == 1 and size[0] in shape else None


def _carried(case: Case) -> bool:
    """Whether what comes of each lookup meets the next before there is another: a state goes from step to step.

    The inputs of one row meet each other so, but not those of the next row.
    """
    calls = {id(op) for op, _, _ in case.lookups}
    begins = [at for at, n in enumerate(case.path) if id(case.tape.ops[n]) in calls]
    if len(begins) < 5:
        return False
    for one, other, end in zip(begins[:4], begins[1:5], [*begins[2:], len(case.path)]):
        reached = [{case.tape.ops[case.path[at]].outs[0]} for at in (one, other)]
        for op in (case.tape.ops[n] for n in case.path[one:end]):
            for slots in reached:
                if slots.intersection(op.ins):
                    slots.update(op.outs)
        if not reached[0] & reached[1]:
            return False
    return True


def _drawn_axis(case: Case) -> int | None:
    """The axis of data along which the program took some of many by their numbers, whole in the other: that of rows."""
    for tape in [case.tape, *(step.tape for step in case.recorder.train_steps)]:  # a tape may begin after the taking
        for op in tape.ops:
            slots = op.ins[:2] if op.name in ("embedding", "__getitem__") else []
            ids = next((n for n in slots if tape.dtypes[n] == torch.int64 and len(tape.shapes[n]) == 2), None)
            if ids is not None and (axis := _taken_along(tape, ids)) is not None:
                return axis
    return None


def _taken_along(tape: Tape, slot: int) -> int | None:
    """The axis along which `data[numbers]` or `data[:, numbers]` took what a slot holds."""
    made = tape.made()
    while slot in made and made[slot].name in COPYING and made[slot].ins:
        slot = made[slot].ins[0]
    op = made.get(slot)
    if op is None or op.name != "__getitem__" or len(op.ins) != 2 or len(tape.shapes[op.ins[0]]) != 2:
        return None
    index = op.args[1] if isinstance(op.args[1], tuple) else (op.args[1], slice(None))
    axis = next((n for n, part in enumerate(index) if isinstance(part, Slot)), -1)
    if len(index) != 2 or axis < 0 or tape.dtypes[op.ins[1]] != torch.int64:
        return None
    other = index[1 - axis]
    if not isinstance(other, slice) or other != slice(None):
        return None
    return axis if tape.shapes[slot][axis] < tape.shapes[op.ins[0]][axis] else None


COPYING = {"to", "long", "clone", "detach", "contiguous", "cuda"}


def _turned(case: Case, slot: int) -> bool:
    """Whether the program turned rows of ids so that time comes first, or laid them side by side."""
    above = case.tape.ancestors(slot)
    for op in (op for op in case.tape.ops if op.outs and op.outs[0] in above and len(op.shape or ()) == 2):
        if op.name in ("t", "transpose", "T.__get__", "mT.__get__", "permute", "swapaxes"):
            return True
        if op.name == "stack" and 1 in (op.kwargs.get("dim"), *(op.args[1:2] if isinstance(op.args, tuple) else ())):
            return True
    return False


def _steady_axis(case: Case) -> int | None:
    """The axis of the ids that is as long in nearly every batch, where the other is not: rows, and not words."""
    batches = [b for b in case.recorder.batches if b.training and b.lookups][:100]
    shapes = [tuple(b.lookups[0].ids.shape) for b in batches if b.lookups[0].ids.dim() == 2]
    if len(shapes) < 5:
        return None
    steady = []
    for axis in (0, 1):
        sizes = [shape[axis] for shape in shapes]
        steady.append(max(sizes.count(n) for n in set(sizes)) > 0.85 * len(sizes))
    return steady.index(True) if sum(steady) == 1 else None


def _padding_last(case: Case, ids: Tensor, slot: int, axis: int) -> bool:
    looked = [op for op, n, _ in case.lookups if case.source_of(n) == slot]
    pad = getattr(looked[0].module, "padding_idx", None) if looked else None
    if pad is None or not bool((ids == pad).any()):
        return False
    pads, length = ids == pad, ids.shape[axis]
    before, after = pads.narrow(axis, 0, length - 1), pads.narrow(axis, 1, length - 1)
    return bool((~before | after).all()) or bool((before | ~after).all())


def bag_starts(case: Case, slot: int) -> Tensor | None:
    """Where each row of some ids (N,) begins, if the rows of a batch stand one after the other in them (a bag each)."""
    if len(case.tape.shapes[slot]) != 1:
        return None
    for op, ids, _ in case.lookups:
        if op.name != "embedding_bag" or case.source_of(ids) != slot:
            continue
        given = op.kwargs.get("offsets", op.args[2] if isinstance(op.args, tuple) and len(op.args) > 2 else None)
        starts = case.value(given.number) if isinstance(given, Slot) else None
        if starts is not None and starts.dim() == 1 and len(starts):
            return starts[:-1] if op.kwargs.get("include_last_offset") else starts
    return None


def single_texts(case: Case) -> list[list[int]]:
    """Slots of the ids of texts that are looked up one at a time: of each input, one slot a row; else nothing.

    Steps of a decoder are as long as the batch has rows; texts have lengths of their own.
    """
    target = case.tape.shapes[case.target][:1] if case.target is not None else ()
    looked = [(ids, table) for op, ids, table in case.lookups if op.name != "embedding_bag"]
    slots, rows = [ids for ids, _ in looked], target[0] if target else 0
    if rows < 4 or len(slots) % rows or not 1 <= len(slots) // rows <= 3 or len({t for _, t in looked}) != 1:
        return []
    lengths = {case.tape.shapes[s] for s in slots}
    if any(len(shape) != 1 for shape in lengths) or lengths in ({(rows,)}, {(1,)}) or case.learned.intersection(slots):
        return []
    above = {case.source_of(slot) for slot in slots}
    if _carried(case) or (len(above) == 1 and _followed(case, above.pop()) == [0]):  # words of all rows, step by step
        return []
    return [slots[n : n + rows] for n in range(0, len(slots), rows)]


def apart(case: Case) -> bool:
    """Whether one line looked up text after text, in lengths of their own, and no row of the answer has as many each.

    The answer may be to a few of them only, or to rows of several texts, one more than another. They are several texts,
    and not several inputs of the same rows: nothing says that they share an axis.
    """
    if case.answer is None:
        return False
    answered = case.tape.ancestors(case.answer)
    looked: dict[tuple[Any, int], set[int]] = {}
    for op, ids, table in case.lookups:
        looked.setdefault((op.site, table), set()).add(case.source_of(ids))
    for slots in looked.values():
        lengths = {case.tape.shapes[s] for s in slots}
        uneven = all(len(shape) == 1 for shape in lengths) and not single_texts(case)
        if len(slots) > 3 and len(lengths) > 1 and (uneven or not slots <= answered):
            return True
    return False


def is_turned(one: Tensor, other: Tensor) -> bool:
    """Whether one of two matrices is the other with its rows and columns exchanged, and not the same besides."""
    return one.dim() == other.dim() == 2 and torch.equal(one, other.t()) and not torch.equal(one, other)


def bag_rows(starts: Tensor, length: int) -> Tensor:
    """The row that every id belongs to (N,)."""
    return torch.searchsorted(starts.contiguous(), torch.arange(length), right=True) - 1


def by_word(value: Tensor, rows: int, length: int, time_axis: int) -> Tensor | None:
    """Answers as (rows, time, ...), where there is one for each word; else None."""
    if value.dim() >= 2 and tuple(value.shape[:2]) == (rows, length):
        return value
    if value.dim() >= 2 and tuple(value.shape[:2]) == (length, rows):
        return value.transpose(0, 1)
    if value.dim() == 3 and value.shape[0] == rows and value.shape[2] == length:
        return value.transpose(1, 2)
    if value.dim() == 2 and value.shape[0] == rows * length:
        return value.reshape(rows, length, -1) if time_axis == 1 else value.reshape(length, rows, -1).transpose(0, 1)
    return None
