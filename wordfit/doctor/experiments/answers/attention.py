"""Attention weights, as the program makes them: how much goes to padding and to words, and are they summed over the
axis that they were normalised over?

Taken at the weights of the start, where attention has not yet learned where to look. What the answer makes of it is
the question of `padding`.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.bench import Bench
from wordfit.doctor.case import Case, untouched
from wordfit.doctor.playing import filled
from wordfit.doctor.tape import Op

FUSED = ("scaled_dot_product_attention", "multi_head_attention_forward")
PRODUCTS = ("matmul", "__matmul__", "__rmatmul__", "bmm", "mm", "mv", "baddbmm")
SAME = {
    "mul", "__mul__", "__rmul__", "mul_", "dropout", "masked_fill", "masked_fill_", "nan_to_num", "to", "where",
    "type_as", "contiguous", "clone", "float", "add", "__add__", "alpha_dropout", "feature_dropout", "half", "double",
}  # fmt: skip
DIVIDES = {"div", "__truediv__", "true_divide", "div_", "normalize"}
"""Weights that are divided again are normalised over another axis on purpose."""


def attention(bench: Bench) -> dict[str, Any] | None:
    """Every softmax on the way to the answer: its axis, the axis of the sum, the share of padding in the weights."""
    case = bench.case
    if case is None or case.rows < 1:
        return None
    held = case.run(weights=case.copies(start=True))
    found: list[dict[str, Any]] = []
    for position in case.path:
        op = case.tape.ops[position]
        if op.name in ("softmax", "_softmax", *FUSED) and len(found) < 12:
            row = _fused(bench, case, op, held) if op.name in FUSED else _softmax(bench, case, position, op, held)
            if row is not None:
                found.append(bench.where(op) | row)
    return {"calls": found} if found else None


def _softmax(bench: Bench, case: Case, position: int, op: Op, held: dict[int, Tensor]) -> dict[str, Any] | None:
    weights = held.get(op.outs[0])
    if weights is None or weights.dim() < 2 or op.ins[0] not in case.learned:
        return None
    axis = _softmax_axis(op, weights.dim())
    if axis is None:
        return None
    walk = Walk(case, held)
    walk.follow(op.outs[0], axis, position)
    out: dict[str, Any] = {"shape": list(weights.shape), "axis": axis, "sums": walk.sums}
    last = held.get(walk.last)
    if last is not None and last.shape == weights.shape and last.shape[axis] > 1:
        out |= _shares(bench, case, last.movedim(axis, -1), walk.values) or {}
    return out


def _softmax_axis(op: Op, dims: int) -> int | None:
    axis = op.kwargs.get("dim", op.args[1] if len(op.args) > 1 else None)
    if axis is None:  # torch's own choice, with a warning
        axis = 0 if dims in (0, 1, 3) else 1
    return axis % dims if isinstance(axis, int) and -dims <= axis < dims else None


class Walk:
    """Follow attention weights to where they are summed away, keeping sight of one axis."""

    def __init__(self, case: Case, held: dict[int, Tensor]) -> None:
        self.case, self.held = case, held
        self.sums: list[dict[str, Any]] = []
        self.last = -1  # the last slot that still holds the weights, masked or dropped out
        self.values: int | None = None  # what they are multiplied with

    def follow(self, slot: int, axis: int, start: int) -> None:
        """From the softmax on; every sum met is noted with the axis it runs over."""
        waiting, seen = [(slot, axis, start, False)], {slot}
        self.last = slot
        while waiting and len(seen) < 40:
            slot, axis, start, divided = waiting.pop()
            for position in range(start + 1, len(self.case.tape.ops)):
                op = self.case.tape.ops[position]
                if slot not in op.ins or not op.outs or op.outs[0] not in self.case.used or op.outs[0] in seen:
                    continue
                moved = self._one(op, slot, axis, divided)
                if moved is not None:
                    seen.add(op.outs[0])
                    waiting.append((op.outs[0], moved, position, divided or op.name in DIVIDES))

    def _one(self, op: Op, slot: int, axis: int, divided: bool) -> int | None:
        """Where the axis went; None at the end of the way."""
        shape, out = self.case.tape.shapes[slot], self.case.tape.shapes[op.outs[0]]
        if op.name in PRODUCTS or op.name == "einsum":
            self._product(op, slot, axis, shape, divided)
            return None
        if op.name in ("sum", "mean"):
            over = _reduced(op, len(shape))
            if over is not None and (axis in over or self.values is not None):  # else how much each is used
                self.sums.append({"op": op.name, "right": axis in over, "mixture": False, "divided": divided})
            return None
        if op.name in SAME | DIVIDES:
            if len(out) >= len(shape) and (len(out) == len(shape) or out[-len(shape) :] == shape):
                if out == shape:
                    self.last = op.outs[0]
                others = [n for n in op.ins if n != slot and len(self.case.tape.shapes[n]) == len(out)]
                if "mul" in op.name and others[:1] and others[0] in self.case.learned and out == shape:
                    return None  # a gate for every value, no weights
                self.values = others[0] if others and others[0] in self.case.learned else self.values
                return axis + len(out) - len(shape)
            return None
        return _moved_axis(op, shape, out, axis)

    def _product(self, op: Op, slot: int, axis: int, shape: tuple[int, ...], divided: bool) -> None:
        if op.name == "einsum":
            over, other = _einsum_axes(op, slot)
        elif op.ins[-2 if op.name == "baddbmm" else 0] == slot:
            over, other = {len(shape) - 1}, op.ins[-1]
        else:
            over, other = {max(len(shape) - 2, 0)}, op.ins[-2]
        if op.name == "__rmatmul__":
            over = {len(shape) - 1, max(len(shape) - 2, 0)}
        self.values = other if other is not None else self.values
        if over is not None:
            self.sums.append({
                "op": op.name, "right": axis in over, "divided": divided,
                "mixture": self._is_probability(other),
            })  # fmt: skip

    def _is_probability(self, slot: int | None) -> bool:
        """The other factor holds weights as well: a mixture of distributions, or attention over attention."""
        value = self.held.get(slot) if slot is not None else None
        if value is None or not value.is_floating_point() or float(value.min()) < 0:
            return False
        return any(bool(((value.sum(a) - 1).abs() < 1e-3).float().mean() > 0.9) for a in range(value.dim()))


def _reduced(op: Op, dims: int) -> set[int] | None:
    over = op.kwargs.get("dim", op.args[1] if len(op.args) > 1 else None)
    over = (over,) if isinstance(over, int) and not isinstance(over, bool) else over
    if not isinstance(over, (tuple, list)) or not all(isinstance(a, int) for a in over):
        return None
    return {a % dims for a in over if -dims <= a < dims}


def _einsum_axes(op: Op, slot: int) -> tuple[set[int] | None, int | None]:
    equation = op.args[0] if op.args and isinstance(op.args[0], str) else ""
    if "->" not in equation or "." in equation:
        return None, None
    left, right = equation.replace(" ", "").split("->")
    parts = left.split(",")
    if len(parts) != len(op.ins) or slot not in op.ins:
        return None, None
    place = op.ins.index(slot)
    other = next((n for n in op.ins if n != slot), None)
    return {i for i, letter in enumerate(parts[place]) if letter not in right}, other


def _moved_axis(op: Op, shape: tuple[int, ...], out: tuple[int, ...], axis: int) -> int | None:
    """The axis after a change of layout; None where that cannot be told."""
    numbers = [a for a in op.args[1:] if isinstance(a, int)]
    if op.name in ("transpose", "swapaxes", "swapdims", "transpose_") and len(numbers) == 2:
        a, b = (n % len(shape) for n in numbers)
        return b if axis == a else a if axis == b else axis
    if op.name in ("t", "T.__get__", "mT.__get__") and len(shape) >= 2:
        a, b = len(shape) - 2, len(shape) - 1
        return b if axis == a else a if axis == b else axis
    if op.name == "permute":
        order = op.args[1] if len(op.args) > 1 and isinstance(op.args[1], (tuple, list)) else numbers
        return [n % len(shape) for n in order].index(axis) if len(order) == len(shape) else None
    layout = op.name in ("unsqueeze", "squeeze", "view", "reshape", "__getitem__", "expand", "flatten", "unflatten")
    if layout and [s for s in shape if s > 1] == [s for s in out if s > 1] and shape[axis] > 1:
        rank = sum(1 for s in shape[:axis] if s > 1)
        return [i for i, s in enumerate(out) if s > 1][rank]
    return None


def _fused(bench: Bench, case: Case, op: Op, held: dict[int, Tensor]) -> dict[str, Any] | None:
    """The weights that torch's own attention makes inside."""
    args, kwargs = filled(op.args, held), filled(op.kwargs, held)
    with torch.no_grad(), untouched():
        if op.name == "multi_head_attention_forward":
            kwargs = kwargs | {"need_weights": True, "average_attn_weights": True, "training": False}
            weights = op.func(*args, **kwargs)[1]
        else:
            weights = _dot_product_weights(*args, **kwargs)
    if weights is None:
        return None
    values = op.ins[2] if len(op.ins) > 2 else op.ins[0]
    out: dict[str, Any] = {"shape": list(weights.shape), "axis": weights.dim() - 1, "sums": []}
    return out | (_shares(bench, case, weights, values) or {})


def _dot_product_weights(
    query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None, dropout_p: float = 0.0,
    is_causal: bool = False, scale: float | None = None, enable_gqa: bool = False,
) -> Tensor | None:  # fmt: skip
    if enable_gqa:
        return None
    scores = query @ key.transpose(-2, -1) * (scale if scale is not None else 1 / math.sqrt(query.shape[-1]))
    if is_causal:
        scores = scores.masked_fill(torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1), -math.inf)
    if attn_mask is not None:
        scores = scores.masked_fill(~attn_mask, -math.inf) if attn_mask.dtype == torch.bool else scores + attn_mask
    return scores.softmax(-1)  # (..., queries, keys)


def _shares(bench: Bench, case: Case, weights: Tensor, values: int | None) -> dict[str, Any] | None:
    """Of the weights (..., keys): the part that falls to padding in rows that have some, and what is due to it."""
    best = None
    for pads in _paddings(bench, case, weights.shape[-1], values):
        mask = _by_row(weights, pads)
        if mask is None:
            continue
        some = pads.any(1) & ~pads.all(1)  # (rows)
        due = float(pads[some].float().mean())
        total = weights.float().nan_to_num().sum(-1)
        open_ = total > 1e-6  # rows that were closed by hand count for nothing
        given = (weights.float().nan_to_num() * mask).sum(-1)[open_] / total[open_]
        chosen = mask.any(-1).expand(open_.shape)[open_] & ~mask.all(-1).expand(open_.shape)[open_]
        if (
            weights.dim() > 2 and weights.shape[-2] == weights.shape[-1]
        ):  # what padding looks at itself is its own affair
            asking = ~mask.transpose(-1, -2).squeeze(-1) if mask.shape[-2] == 1 else ~mask
            chosen &= asking.expand(open_.shape)[open_]
        if not bool(chosen.any()):
            continue
        share = float(given[chosen].mean())
        if best is None or share < best["to_padding"]:
            best = {"to_padding": share, "due": due, "rows_padded": int(some.sum()), "keys": weights.shape[-1]}
    return best


def _paddings(bench: Bench, case: Case, keys: int, values: int | None) -> list[Tensor]:
    """Where padding stands, (rows, keys), in the inputs that the values were made of; else in any of that length."""
    pad = bench.split.padding
    if pad is None:
        return []
    made_of = case.tape.ancestors(values) if values is not None else set()
    near: list[Tensor] = []
    far: list[Tensor] = []
    for slot in case.ids:
        ids = case.value(slot)
        if ids is None or ids.dim() != 2 or case.rows not in ids.shape or not case.is_padded(slot, pad):
            continue
        ids = ids if case.batch_first is not False else ids.t()
        if ids.shape != (case.rows, keys):
            continue
        pads = ids == pad
        if bool((pads.any(1) & ~pads.all(1)).any()):
            (near if slot in made_of else far).append(pads)
    return near or far


def _by_row(weights: Tensor, pads: Tensor) -> Tensor | None:
    """The paddings (rows, keys) laid out to go with weights: rows first or second, or rows times heads first."""
    rows, keys = pads.shape
    if weights.shape[0] == rows:
        return pads.reshape(rows, *[1] * (weights.dim() - 2), keys)
    if weights.dim() == 3 and weights.shape[0] % rows == 0:
        return pads.repeat_interleave(weights.shape[0] // rows, 0).unsqueeze(1)
    if weights.dim() >= 2 and weights.shape[-2] == rows:
        return pads
    return None
