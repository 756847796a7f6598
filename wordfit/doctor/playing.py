"""A tape played again on copies: with other values, with or without noise, whole or between two slots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from wordfit.doctor.tape import Op, Slot, Tape, is_parameter, tensors_in, writes_in_place


@dataclass
class Play:
    """How to play a tape: with which weights and values, with training behaviour or without."""

    weights: Mapping[int, Tensor] = field(default_factory=dict)
    values: Mapping[int, Tensor] = field(default_factory=dict)
    training: bool = False
    gradients: bool = False
    until: int | None = None
    keep_all: bool = False
    felt: frozenset[int] = frozenset()  # slots whose gradient is taken inside of the step


def play(tape: Tape, how: Play) -> dict[int, Tensor]:
    """Run the calls of a tape again and give the value of every slot that is still held."""
    held: dict[int, Tensor] = {}
    inner = [op for op in tape.ops if op.name == "grad"]
    aside = not how.gradients and bool(inner)  # a penalty of gradients takes its own
    if inner:
        how = replace(how, gradients=True, felt=frozenset(n for op in inner for n in _asked_of(op)))
    for number, leaf in tape.leaves.items():
        if number in how.values:
            held[number] = _given(number, how)
        elif number in how.felt and not is_parameter(leaf):
            held[number] = leaf.clone().requires_grad_()
        elif number in how.weights:
            held[number] = how.weights[number]
        else:
            held[number] = leaf.detach() if is_parameter(leaf) else leaf.clone()
    wanted = set(tape.path_ops(how.until)) if how.until is not None else None
    for position, op in enumerate(tape.ops):
        if wanted is not None and position not in wanted:
            continue
        if op.name == "backward":
            continue
        _play_one(op, held, how)
    return {number: value.detach() for number, value in held.items()} if aside else held


def play_between(tape: Tape, given: Mapping[int, Tensor], until: int, how: Play) -> Tensor:
    """Run only the calls between given slots and a later one; KeyError where it takes more than what is given."""
    needed, chosen = {until}, []
    for position in range(len(tape.ops) - 1, -1, -1):
        op = tape.ops[position]
        if needed.intersection(op.outs) and not set(op.outs) & set(given):
            needed.update(op.ins)
            chosen.append(position)
    held: dict[int, Tensor] = {n: leaf.detach() for n, leaf in tape.leaves.items() if n in needed}
    held.update(given)
    for position in reversed(chosen):
        _play_one(tape.ops[position], held, how)
    return held[until]


def _play_one(op: Op, held: dict[int, Tensor], how: Play) -> None:
    if op.outs and all(n in how.values for n in op.outs):  # also a call that would write into the given value
        held.update({n: _given(n, how) for n in op.outs})
        return
    if _writes_into_given(op, held, how):
        held[op.outs[0]] = held[op.ins[0]]
        return
    args, kwargs = filled(op.args, held), filled(op.kwargs, held)
    if not how.training:
        args, kwargs = _without_noise(op, args, kwargs)
    if op.name == "__setitem__":
        args = _as_many(*args)
    with torch.set_grad_enabled(op.grad and how.gradients):
        result = op.func(*args, **kwargs)
    if op.drawn is not None and not how.training and result.shape == op.drawn.shape:
        with torch.no_grad():
            result.copy_(op.drawn)  # into what was drawn now: some calls draw into a tensor that others hold too
    if op.name in ("__setitem__", "data.__set__", "requires_grad.__set__"):
        return
    for number, value in zip(op.outs, tensors_in(result)):
        held[number] = _given(number, how) if number in how.values else value


def _given(number: int, how: Play) -> Tensor:
    """The value given for a slot; its gradient is felt where the step itself takes it."""
    value = how.values[number]
    return value.detach().requires_grad_() if number in how.felt else value


def _asked_of(op: Op) -> list[int]:
    """The slots that a call of `torch.autograd.grad` takes the gradient of."""
    inputs = op.args[1] if len(op.args) > 1 else op.kwargs.get("inputs", ())
    return [v.number for v in (inputs if isinstance(inputs, (tuple, list)) else (inputs,)) if isinstance(v, Slot)]


def _as_many(into: Tensor, places: Any, value: Any) -> tuple[Any, ...]:
    """Numbers for as many places as a mask has now: with other draws or other rows there are more or fewer of them."""
    if isinstance(places, Tensor) and places.dtype == torch.bool and isinstance(value, Tensor) and value.dim():
        many = int(places.sum())
        if many != len(value) != 1 and value.dim() == 1 + into.dim() - places.dim():
            return (into, places, value[torch.arange(many) % len(value)]) if len(value) else (into, [], value)
    return into, places, value


def _writes_into_given(op: Op, held: Mapping[int, Tensor], how: Play) -> bool:
    """Whether a call writes into a part of a given value, which stands for what it was after all such calls."""
    if not how.values or not op.ins or not writes_in_place(op.name):
        return False
    into = held.get(op.ins[0])
    return into is not None and any(into.data_ptr() and _same_store(into, value) for value in how.values.values())


def _same_store(a: Tensor, b: Tensor) -> bool:
    return a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()


def filled(value: Any, held: Mapping[int, Tensor]) -> Any:
    """The arguments of a recorded call with tensors in the place of their slots."""
    if isinstance(value, Slot):
        return held[value.number]
    if isinstance(value, slice):
        return slice(filled(value.start, held), filled(value.stop, held), filled(value.step, held))
    if type(value) is tuple or type(value) is list:
        return type(value)([filled(item, held) for item in value])
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return tuple.__new__(type(value), [filled(item, held) for item in value])
    if type(value) is dict:
        return {key: filled(item, held) for key, item in value.items()}
    return value


DROPOUTS = {"dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"}


def _without_noise(op: Op, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The arguments of a call with dropout and batch statistics switched off."""
    name = op.name
    if name in DROPOUTS:
        return _with(args, kwargs, 2, "training", "train", False)
    if name == "batch_norm" and op.func is F.batch_norm:
        running = args[1] if len(args) > 1 else kwargs.get("running_mean")
        return _with(args, kwargs, 5, "training", "training", running is None)
    if name in ("lstm", "gru", "rnn_tanh", "rnn_relu"):
        place = 7 if isinstance(args[3], (list, tuple)) else 6  # packed input has one argument more
        return args[:place] + (False,) + args[place + 1 :], kwargs
    if name == "multi_head_attention_forward":
        return args, {**kwargs, "training": False}
    if name == "scaled_dot_product_attention" and "dropout_p" in kwargs:
        return args, {**kwargs, "dropout_p": 0.0}
    return args, kwargs


def _with(
    args: Any, kwargs: dict[str, Any], place: int, name: str, other: str, value: Any
) -> tuple[Any, dict[str, Any]]:
    if len(args) > place:
        return args[:place] + (value,) + args[place + 1 :], kwargs
    key = other if other in kwargs else name
    return args, {**kwargs, key: value}
