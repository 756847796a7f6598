"""A tape of one training step: every torch call with its arguments, to be played again on copies.

Recording costs a few microseconds a call, so it is on for a few steps only. Tensors become numbered slots; values
are dropped when the tape is sealed, except the leaves: parameters (live objects) and data (what the program fed).
Played again, any slot can be given another value, dropout and batch statistics can be switched off, and parameters
can be replaced by copies. Python numbers taken from tensors (`.item()`, shapes) stay what they were.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import KeyedRef

import torch
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
KEPT_DRAWS = 200_000  # numbers of one draw
LARGE = 2_000_000
"""Numbers; data of more is not kept apart."""
SPARSE = {torch.sparse_coo, torch.sparse_csr, torch.sparse_csc, torch.sparse_bsr, torch.sparse_bsc}
FEW = 8
PLAIN = (int, float, bool, str)
"""Kinds of values that hold no tensor; a list of more than a few of them is copied as it is."""
_PLAIN = frozenset(PLAIN)
PARTS = {
    "__getitem__", "select", "narrow", "view", "reshape", "unsqueeze", "squeeze", "transpose", "t", "permute",
    "flatten", "chunk", "split", "unbind", "data.__get__", "detach", "T.__get__", "mT.__get__", "movedim", "swapaxes",
    "diagonal",
}  # fmt: skip
"""Calls that give views: what is written into one is written into the whole."""
IN_PLACE = {"__setitem__", "__iadd__", "__isub__", "__imul__", "__itruediv__", "__ior__", "__iand__"}
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

    def __init__(self, keep: bool = False) -> None:
        self.ops: list[Op] = []
        self.leaves: dict[int, Tensor] = {}
        self.shapes: list[tuple[int, ...]] = []
        self.dtypes: list[torch.dtype] = []
        self.reads: list[tuple[str, int, int, Site]] = []  # call, slot, position on the tape, where
        self.full_at = sys.maxsize  # calls beyond so many are not kept
        self.hidden = False  # whether weights were at work that no call on it was given
        self.values: list[Tensor] | None = [] if keep else None  # of every slot, in order, if they are to be kept
        slots: dict[int, int] = {}
        self._slot = slots  # by the id of a tensor, as long as it lives: Python may give the id to another one then
        self._died: Callable[[KeyedRef[int, Tensor]], Any] = lambda ref: slots.pop(ref.key, None)  # holds no tape
        self._living: list[KeyedRef[int, Tensor]] = []
        self._part_of: dict[int, int] = {}  # slot of a view: slot of what it is a view of
        self._before: dict[int, Tensor] = {}  # what data held before a call wrote into it
        self.rewritten: set[int] = set()  # leaves that calls wrote into
        self.picked: set[int] = set()  # leaves that hold whole numbers drawn at random

    def slot(self, tensor: Tensor) -> int:
        """The slot of a tensor; one that no recorded call made becomes a leaf."""
        number = self._slot.get(id(tensor))
        if number is None or (0 in self.shapes[number] and tensor.numel()):  # empty, and filled unseen by a worker
            number = self._add(tensor)
            self.leaves[number] = tensor
        return number

    def note_picked(self, result: Any) -> None:
        """Whole numbers that the program drew, as data of its own."""
        if isinstance(result, Tensor) and result.numel() <= KEPT_DRAWS:
            self.picked.add(self.slot(result))

    def find(self, tensor: Any) -> int | None:
        """The slot of a tensor that the tape has seen."""
        return self._slot.get(id(tensor)) if isinstance(tensor, Tensor) else None

    def _add(self, tensor: Tensor) -> int:
        number = len(self.shapes)
        self._slot[id(tensor)] = number
        self._living.append(KeyedRef(tensor, self._died, id(tensor)))
        if self.values is not None:
            self.values.append(tensor)
        self.shapes.append((tensor.size(0),) if tensor.is_nested else tuple(tensor.shape))
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
            if len(value) > FEW and _PLAIN.issuperset(map(type, value)):
                return type(value)(value)
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

    def note_parts(self, slots: list[int], whole: int) -> None:
        """Slots that are views of another."""
        self._part_of.update({slot: whole for slot in slots if slot != whole})

    def holders(self, slot: int) -> list[int]:
        """The slots that a slot is a part of, whose numbers a write into it changes; weights are left to themselves."""
        found: list[int] = []
        while (slot := self._part_of.get(slot, -1)) >= 0:
            if slot in self.leaves and is_parameter(self.leaves[slot]):
                break
            found.append(slot)
        return found

    def note_write(self, slot: int) -> None:
        """A call is about to write into a slot: keep what data holds until then, as the step begins with it."""
        for number in (slot, *self.holders(slot)):
            leaf = self.leaves.get(number)
            if leaf is not None and not is_parameter(leaf) and number not in self._before and leaf.numel() <= LARGE:
                self._before[number] = leaf.detach().clone()

    def seal(self) -> Tape:
        """Let go of every value but the leaves; data is kept apart from the program's own tensors."""
        for number, leaf in self.leaves.items():
            if not is_parameter(leaf):
                kept = dense(leaf.detach())
                self.leaves[number] = kept.clone() if kept.numel() <= LARGE else kept
        self.leaves |= self._before
        self.rewritten = set(self._before)
        self._slot, self._living, self._part_of, self._before = {}, [], {}, {}
        return self

    def leave_out_updates(self) -> None:
        """Forget what was written into weights: an update of the step before."""
        weights = {n for n, t in self.leaves.items() if is_parameter(t)}
        self.ops = [op for op in self.ops if not (weights.intersection(op.outs) and op.outs[0] in op.ins)]

    def leave_out_starts(self) -> list[int]:
        """Forget what filled weights, outside of any module, before they were used: a model made while the tape ran.

        Gives the positions of the calls that were left out.
        """
        same = {n: n for n, t in self.leaves.items() if is_parameter(t)}  # slot of a weight, or of a view of it: weight
        used: set[int] = set()
        gone: list[int] = []
        for position, op in enumerate(self.ops):
            met = {same[n] for n in op.ins if n in same}
            writes = bool(op.ins and op.outs and op.outs[0] in op.ins and op.outs[0] in same)
            if writes and op.module is None and same[op.outs[0]] not in used:
                gone.append(position)
                continue
            if len(met) == 1 and op.name in PARTS and op.ins[0] in same:
                same.update(dict.fromkeys(op.outs, same[op.ins[0]]))
            else:
                used.update(met)
        if not gone:
            return gone
        without = set(gone)
        self.ops = [op for position, op in enumerate(self.ops) if position not in without]
        self.reads = [(name, n, at - sum(g < at for g in gone), where) for name, n, at, where in self.reads]
        return gone

    def parameters(self) -> dict[int, Tensor]:
        """Leaf slots that hold trainable or stored weights."""
        return {n: t for n, t in self.leaves.items() if is_parameter(t)}

    def made(self) -> dict[int, Op]:
        """The call that made each slot, by its first result, and not those that wrote into it."""
        return {op.outs[0]: op for op in reversed(self.ops) if op.outs and op.outs[0] not in op.ins}

    def ancestors(self, slot: int) -> set[int]:
        """Every slot that a slot was computed from, itself included."""
        needed = {slot}
        for op in reversed(self.ops):
            if needed.intersection(op.outs):
                needed.update(op.ins)
        return needed

    def descendants(self, *slots: int) -> set[int]:
        """Every slot computed from some slots, themselves included."""
        reached = set(slots)
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


def dense(tensor: Tensor) -> Tensor:
    """A sparse tensor written out, unless it is too large; products take either."""
    return tensor if tensor.layout not in SPARSE or tensor.numel() > LARGE else tensor.to_dense()


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
            or len(tape.ops) >= tape.full_at
            or name in QUIET
            or (name.endswith(".__get__") and name not in KEPT_PROPERTIES)
        ):
            if self.on_write is None or name not in WRITES:
                return func(*args, **kwargs)
            self.on_write(name, args, kwargs)
            result = func(*args, **kwargs)
            if name == "empty" and self.on_empty is not None:
                self.on_empty(result, sys._getframe(1))
            return result
        if name in PICKED:
            result = func(*args, **kwargs)
            tape.note_picked(result)
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
        if ins and writes_in_place(name):
            tape.note_write(ins[0])
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
        if name in PARTS and ins:
            tape.note_parts(outs, ins[0])
        elif outs[0] in ins[:1] and writes_in_place(name):
            outs = [*outs[:1], *tape.holders(outs[0])]
        shape = tape.shapes[outs[0]]
        op = Op(func, name, sent[0], sent[1], ins, outs, self._module(), site(), torch.is_grad_enabled(), shape)
        if name in DRAWS and isinstance(result, Tensor) and result.numel() <= KEPT_DRAWS:
            op.drawn = result.detach().clone()
        tape.ops.append(op)


def writes_in_place(name: str) -> bool:
    """Whether a call changes its first argument."""
    return name in IN_PLACE or (name.endswith("_") and not name.endswith("__"))


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


def tensors_in(value: Any) -> list[Tensor]:
    """The tensors of what a call gave, in order."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, (tuple, list)):
        return [t for item in value for t in tensors_in(item)]
    return []
