"""A tape of one training step: every torch call with its arguments, to be played again on copies.

Recording costs a few microseconds a call, so it is on for a few steps only. Tensors become numbered slots; values
are dropped when the tape is sealed, except the leaves: parameters (live objects) and data (what the program fed).
Played again, any slot can be given another value, dropout and batch statistics can be switched off, and parameters
can be replaced by copies. Python numbers taken from tensors (`.item()`, shapes) stay what they were.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from wordfit.doctor.sites import site

Site = tuple[str, int, str] | None


@dataclass(frozen=True)
class Slot:
    """Stands for a tensor in the arguments of a recorded call."""

    number: int


@dataclass(slots=True)
class Op:
    """One torch call: what, with which slots, giving which slots, inside which module, at which line."""

    func: Callable[..., Any]
    name: str
    args: Any
    kwargs: dict[str, Any]
    ins: list[int]
    outs: list[int]
    module: nn.Module | None
    site: Site
    grad: bool
    shape: tuple[int, ...] | None = None
    drawn: Tensor | None = None  # what a call of DRAWS gave


DISPATCH = 3e-6  # seconds that torch takes to hand a call to a function mode
QUIET = {"size", "dim", "numel", "stride", "is_contiguous", "__len__", "ndimension", "get_device", "storage_offset"}
PICKED = {"randperm", "randint", "randint_like"}
"""Whole numbers drawn at random: rows to take, words to stand in. They are data, and the same when a step is played."""
DRAWS = {
    "rand", "randn", "rand_like", "randn_like", "bernoulli", "bernoulli_", "multinomial", "normal", "normal_",
    "uniform_",
}  # fmt: skip
"""Other draws. What was drawn for this batch may have gone into its targets, and belongs to it: played without noise,
the step keeps it."""
READS = {"item", "tolist", "numpy", "__array__", "__bool__", "__float__", "__int__"}
"""Calls that take numbers out of a tensor: what is made of them is out of reach of gradients."""


def func_name(func: Callable[..., Any]) -> str:
    """The name of a torch function; a property's getter gives the property's name."""
    name = getattr(func, "__name__", "?")
    if name in ("__get__", "__set__"):
        owner = getattr(func, "__self__", None)
        return f"{getattr(owner, '__name__', '?')}.{name}"
    return name


_names: dict[Any, str] = {}


def _name(func: Callable[..., Any]) -> str:
    found = _names.get(func)
    if found is None:
        found = _names[func] = func_name(func)
    return found


class Tape:
    """The calls of one step, their slots, and the leaves that they start from."""

    def __init__(self) -> None:
        self.ops: list[Op] = []
        self.leaves: dict[int, Tensor] = {}
        self.shapes: list[tuple[int, ...]] = []
        self.dtypes: list[torch.dtype] = []
        self.reads: list[tuple[str, int, int, Site]] = []  # call, slot, position on the tape, where
        self._slot: dict[int, int] = {}
        self._keep: list[Tensor] = []
        self._made: set[int] = set()

    def slot(self, tensor: Tensor) -> int:
        """The slot of a tensor; one that no recorded call made becomes a leaf."""
        number = self._slot.get(id(tensor))
        if number is None or (0 in self.shapes[number] and tensor.numel()):  # empty, and filled unseen by a worker
            number = self._add(tensor)
            self.leaves[number] = tensor
        return number

    def find(self, tensor: Any) -> int | None:
        """The slot of a tensor that the tape has seen."""
        return self._slot.get(id(tensor)) if isinstance(tensor, Tensor) else None

    def _add(self, tensor: Tensor) -> int:
        number = len(self.shapes)
        self._slot[id(tensor)] = number
        self._keep.append(tensor)
        self.shapes.append(tuple(tensor.shape))
        self.dtypes.append(tensor.dtype)
        return number

    def refer(self, value: Any, ins: list[int]) -> Any:
        """Arguments with slots in place of tensors."""
        if isinstance(value, Tensor):
            number = self.slot(value)
            ins.append(number)
            return Slot(number)
        if isinstance(value, slice):
            return slice(*(self.refer(v, ins) for v in (value.start, value.stop, value.step)))
        if type(value) is tuple or type(value) is list:
            return type(value)([self.refer(item, ins) for item in value])
        if type(value) is dict:
            return {key: self.refer(item, ins) for key, item in value.items()}
        return value

    def results(self, value: Any) -> list[int]:
        """The slots of what a call gave back, in order."""
        if isinstance(value, Tensor):
            number = self._slot.get(id(value))
            if number is None:
                number = self._add(value)
            return [number]
        if isinstance(value, (tuple, list)):
            return [number for item in value for number in self.results(item)]
        return []

    def seal(self) -> Tape:
        """Let go of every value but the leaves; data is kept apart from the program's own tensors."""
        for number, leaf in self.leaves.items():
            if not is_parameter(leaf):
                kept = leaf.detach()
                self.leaves[number] = kept.clone() if kept.numel() <= 2_000_000 else kept
        self._slot, self._keep = {}, []
        return self

    def leave_out_updates(self) -> None:
        """Forget what was written into weights: an update of the step before."""
        weights = {n for n, t in self.leaves.items() if is_parameter(t)}
        self.ops = [op for op in self.ops if not (weights.intersection(op.outs) and op.outs[0] in op.ins)]

    def parameters(self) -> dict[int, Tensor]:
        """Leaf slots that hold trainable or stored weights."""
        return {n: t for n, t in self.leaves.items() if is_parameter(t)}

    def makers(self) -> dict[int, list[int]]:
        """Slot to the positions of the calls that made or changed it."""
        found: dict[int, list[int]] = {}
        for position, op in enumerate(self.ops):
            for number in op.outs:
                found.setdefault(number, []).append(position)
        return found

    def ancestors(self, slot: int) -> set[int]:
        """Every slot that a slot was computed from, itself included."""
        needed = {slot}
        for op in reversed(self.ops):
            if needed.intersection(op.outs):
                needed.update(op.ins)
        return needed

    def descendants(self, slot: int) -> set[int]:
        """Every slot computed from a slot, itself included."""
        reached = {slot}
        for op in self.ops:
            if reached.intersection(op.ins):
                reached.update(op.outs)
        return reached

    def path_ops(self, slot: int) -> list[int]:
        """Positions of the calls that a slot was computed by, in order."""
        needed, found = {slot}, []
        for position in range(len(self.ops) - 1, -1, -1):
            op = self.ops[position]
            if needed.intersection(op.outs):
                needed.update(op.ins)
                found.append(position)
        return found[::-1]


def is_parameter(tensor: Tensor) -> bool:
    """A weight: a `Parameter`, or a leaf that asks for gradients."""
    return isinstance(tensor, nn.Parameter) or (tensor.requires_grad and tensor.is_leaf)


class Recording(TorchFunctionMode):
    """Puts torch calls on the current tape; `module` says inside which module."""

    def __init__(self, module: Callable[[], nn.Module | None], trouble: Callable[[BaseException], None]) -> None:
        super().__init__()
        self.tape: Tape | None = None
        self.spent = 0.0  # seconds that recording has cost the program
        self._module = module
        self._trouble = trouble
        self.on_write: Callable[[str, Any, Any], None] | None = None
        self.on_empty: Callable[[Any, Any], None] | None = None

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        tape, name = self.tape, _name(func)
        if (
            tape is None
            or name in QUIET
            or name in PICKED
            or (name.endswith(".__get__") and name not in KEPT_PROPERTIES)
        ):
            if self.on_write is None or name not in WRITES:
                return func(*args, **kwargs)
            self.on_write(name, args, kwargs)
            result = func(*args, **kwargs)
            if name == "empty" and self.on_empty is not None:
                self.on_empty(result, sys._getframe(1))
            return result
        began = time.perf_counter()
        ins: list[int] = []
        try:
            sent = tape.refer(args, ins), tape.refer(kwargs, ins)
        except Exception as error:  # the program must not suffer from being watched
            self._trouble(error)
            return func(*args, **kwargs)
        if self.on_write is not None and name in WRITES:
            self.on_write(name, args, kwargs)
        called = time.perf_counter()
        result = func(*args, **kwargs)
        back = time.perf_counter()
        try:
            self._note(tape, func, name, sent, ins, result)
        except Exception as error:
            self._trouble(error)
        self.spent += time.perf_counter() - back + called - began + DISPATCH
        return result

    def _note(self, tape: Tape, func: Any, name: str, sent: Any, ins: list[int], result: Any) -> None:
        if name in READS:
            tape.reads.append((name, ins[0] if ins else -1, len(tape.ops), site()))
            return
        outs = tape.results(result)
        if name in ("__setitem__", "data.__set__", "requires_grad.__set__") and ins:
            outs = [ins[0]]
        if not outs:
            return
        shape = tape.shapes[outs[0]]
        op = Op(func, name, sent[0], sent[1], ins, outs, self._module(), site(), torch.is_grad_enabled(), shape)
        if name in DRAWS and isinstance(result, Tensor) and result.numel() <= 200_000:
            op.drawn = result.detach().clone()
        tape.ops.append(op)


KEPT_PROPERTIES = {"data.__get__", "T.__get__", "mT.__get__", "H.__get__", "real.__get__"}
WRITES = {
    "copy_",
    "uniform_",
    "normal_",
    "zero_",
    "fill_",
    "__setitem__",
    "data.__set__",
    "requires_grad.__set__",
    "requires_grad_",
    "empty",
    "trunc_normal_",
    "empty_like",
    "kaiming_uniform_",
    "kaiming_normal_",
    "xavier_uniform_",
    "xavier_normal_",
    "orthogonal_",
    "constant_",
    "set_",
}
"""Calls that fill a table, kept from the start of the program on."""


@dataclass
class Play:
    """How to play a tape: with which weights and values, with training behaviour or without."""

    weights: Mapping[int, Tensor] = field(default_factory=dict)
    values: Mapping[int, Tensor] = field(default_factory=dict)
    training: bool = False
    gradients: bool = False
    until: int | None = None
    keep_all: bool = False


def play(tape: Tape, how: Play) -> dict[int, Tensor]:
    """Run the calls of a tape again and give the value of every slot that is still held."""
    held: dict[int, Tensor] = {}
    for number, leaf in tape.leaves.items():
        if number in how.values:
            held[number] = how.values[number]
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
    return held


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
        held.update({n: how.values[n] for n in op.outs})
        return
    if _writes_into_given(op, held, how):
        held.update({n: held[op.ins[0]] for n in op.outs})
        return
    args, kwargs = _fill(op.args, held), _fill(op.kwargs, held)
    if not how.training:
        args, kwargs = _without_noise(op, args, kwargs)
    with torch.set_grad_enabled(op.grad and how.gradients):
        result = op.func(*args, **kwargs)
    if op.drawn is not None and not how.training and result.shape == op.drawn.shape:
        with torch.no_grad():
            result.copy_(op.drawn)  # into what was drawn now: some calls draw into a tensor that others hold too
    if op.name in ("__setitem__", "data.__set__", "requires_grad.__set__"):
        return
    for number, value in zip(op.outs, _tensors(result)):
        held[number] = how.values.get(number, value)


IN_PLACE = {"__setitem__", "__iadd__", "__isub__", "__imul__", "__itruediv__", "__ior__", "__iand__"}


def _writes_into_given(op: Op, held: Mapping[int, Tensor], how: Play) -> bool:
    """Whether a call writes into a part of a given value, which stands for what it was after all such calls."""
    if not how.values or not op.ins or not (op.name in IN_PLACE or op.name.endswith("_") and op.name[-2:] != "__"):
        return False
    into = held.get(op.ins[0])
    return into is not None and any(into.data_ptr() and _same_store(into, value) for value in how.values.values())


def _same_store(a: Tensor, b: Tensor) -> bool:
    return a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()


def _tensors(value: Any) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, (tuple, list)):
        return [t for item in value for t in _tensors(item)]
    return []


def _fill(value: Any, held: Mapping[int, Tensor]) -> Any:
    if isinstance(value, Slot):
        return held[value.number]
    if isinstance(value, slice):
        return slice(_fill(value.start, held), _fill(value.stop, held), _fill(value.step, held))
    if type(value) is tuple or type(value) is list:
        return type(value)([_fill(item, held) for item in value])
    if type(value) is dict:
        return {key: _fill(item, held) for key, item in value.items()}
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
