"""Call a copy of a model with every torch call on tape, and find the first call in which two such runs differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.bench import Bench, change, size
from wordfit.doctor.tape import Recording, Tape, is_parameter, tensors_in


def trace(model: Any, args: Any, kwargs: Any) -> tuple[Tape, dict[Any, Tensor]]:
    """Call a model with every torch call on tape and every value kept."""
    tape = Tape(keep=True)
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
    values: dict[Any, Tensor] = {n: t.detach() for n, t in enumerate(tape.values or [])}
    answers = [t for t in tensors_in(list(result.values()) if isinstance(result, dict) else result)]
    values["answer"] = answers[0].detach()
    values["result"] = answers[0].detach()
    return tape, values


@dataclass
class Layout:
    """How two runs compare: a narrow one, and a wide one with `length` of its positions; the first row may differ."""

    pads: Tensor  # (rows, time) or (time, rows) of the narrow run
    length: int
    left: bool
    rows: int = 0  # how many rows the batch has, where the first one is another row in the wide run

    def alike(self, narrow: Tensor, wide: Tensor) -> tuple[Tensor, Tensor] | None:
        """The parts of two values that belong to the same rows and positions."""
        cut = self._cut(wide, narrow)
        if cut is None:
            return None
        x, y, pads = narrow, cut, self.pads
        if self.rows:
            axis = next((a for a in (0, 1) if a < x.dim() and x.shape[a] == self.rows), None)
            if axis is not None:
                x, y = x.narrow(axis, 1, self.rows - 1), y.narrow(axis, 1, self.rows - 1)
            elif x.dim() and x.shape[0] % self.rows == 0 and x.shape[0]:
                x, y = (self._without_first(v, pads.shape[0] != self.rows) for v in (x, y))
            pads = pads.narrow(0 if pads.shape[0] == self.rows else 1, 1, self.rows - 1)
        keep = at_words(x, pads)
        return (x[keep], y[keep]) if keep is not None else (x, y)

    def _without_first(self, value: Tensor, time_first: bool) -> Tensor:
        """Rows and words, or rows and heads, on one axis: without those of the first row."""
        parts = value.shape[0] // self.rows
        if time_first:  # (words, rows, ...)
            return value.reshape(parts, self.rows, *value.shape[1:])[:, 1:]
        return value[parts:]

    def _cut(self, value: Tensor, like: Tensor) -> Tensor | None:
        """The part of a longer value that belongs to the narrow run's positions."""
        if value.shape == like.shape:
            return value
        for axis in range(value.dim()):
            if value.dim() == like.dim() and like.shape[axis] == self.length and value.shape[axis] > self.length:
                cut = value.narrow(axis, value.shape[axis] - self.length if self.left else 0, self.length)
                return cut if cut.shape == like.shape else None
        return None


def first_difference(bench: Bench, a: Any, b: Any, layout: Layout) -> tuple[dict[str, Any] | None, list[str]]:
    """The call that a difference in the answer comes from, and the calls that hand it on.

    Values are compared at real words, or over a whole row. From the answer back through values that differ, so that
    a difference that was undone on the way, as the order of rows in a packed batch, is not taken for the cause.
    """
    (tape, values), (other_tape, others) = a, b
    if [o.name for o in tape.ops] != [o.name for o in other_tape.ops]:
        return None, []
    differs: dict[int, bool | None] = {}
    for op, other in zip(tape.ops, other_tape.ops):
        for slot, twin in zip(op.outs[:2], other.outs[:2]):
            differs[slot] = _differs(values.get(slot), others.get(twin), layout)
    answer = _slot_of_answer(values)
    if answer is None:
        return None, []
    handed_on = _handed_on(tape, differs, answer)
    origins = [p for p in handed_on if not any(differs.get(n) for n in _reached(tape, differs, p))]
    if not origins:
        return None, []
    op = tape.ops[min(origins)]
    place = bench.where(op) | {"shape": list(op.shape or ()), "mode": getattr(op.module, "mode", None)}
    place["module"] = type(op.module).__name__ if op.module is not None else ""
    table = tape.leaves.get(op.ins[0]) if op.ins else None
    place["of_weight"] = table is not None and is_parameter(table)
    return place, [tape.ops[p].name for p in sorted(handed_on) if p >= min(origins)][:12]


def _differs(x: Tensor | None, y: Tensor | None, layout: Layout) -> bool | None:
    """Whether two values differ; None where they cannot be compared."""
    if x is None or y is None or not x.is_floating_point():
        return None
    pair = layout.alike(x, y)
    return None if pair is None else change(*pair) > 1e-4 * max(size(x), 1e-8)


def _slot_of_answer(values: Any) -> int | None:
    answer = values["answer"]
    same = [n for n, t in values.items() if isinstance(n, int) and t.data_ptr() == answer.data_ptr()]
    return next((n for n in reversed(same) if values[n].shape == answer.shape), None)


def _handed_on(tape: Tape, differs: dict[int, bool | None], answer: int) -> list[int]:
    """Positions of calls with a differing result that lead to the answer through differing or unknown values only."""
    wanted, found = {answer}, []
    for position in range(len(tape.ops) - 1, -1, -1):
        op = tape.ops[position]
        hit = [n for n in op.outs if n in wanted]
        if hit:
            found += [position] if any(differs.get(n) for n in hit) else []
            wanted.update(n for n in op.ins if differs.get(n) is not False)
    return found


def _reached(tape: Tape, differs: dict[int, bool | None], position: int) -> set[int]:
    """Values above a call, looking through those that cannot be compared."""
    waiting, seen = set(tape.ops[position].ins), set(tape.ops[position].ins)
    for earlier in range(position - 1, -1, -1):
        op = tape.ops[earlier]
        if any(n in waiting and differs.get(n) is None for n in op.outs):
            fresh = set(op.ins) - seen
            waiting |= fresh
            seen |= fresh
    return seen


def at_words(value: Tensor, pads: Tensor) -> Tensor | None:
    """Where a value stands at real words, if it has their layout."""
    if value.dim() >= 2 and value.shape[: pads.dim()] == pads.shape:
        return ~pads
    if pads.dim() > 2:
        return None
    if value.dim() >= 2 and tuple(value.shape[:2]) == tuple(pads.t().shape):
        return ~pads.t()
    if value.dim() == 3 and value.shape[0] == pads.shape[0] and value.shape[2] == pads.shape[1]:
        return (~pads).unsqueeze(1).expand(value.shape)
    if value.dim() == 4 and value.shape[0] == pads.shape[0] and value.shape[-1] == value.shape[-2] == pads.shape[1]:
        return ((~pads).unsqueeze(1).unsqueeze(2) & (~pads).unsqueeze(1).unsqueeze(3)).expand(value.shape)
    if value.dim() == 4 and value.shape[0] == pads.shape[0] and value.shape[2] == pads.shape[1]:
        return (~pads).unsqueeze(1).unsqueeze(3).expand(value.shape)
    return None
