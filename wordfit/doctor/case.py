"""The case: what the experiments work on, found on the tape of a training step.

Which slot is the answer that the loss was given, which is the target, which hold ids, which axis counts the rows,
which weights take part, and how modules and weights are called. Nothing of the program is changed: experiments
play the tape with copies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

import torch
from torch import Tensor

from wordfit.doctor.axes import bag_starts, rows_first, single_texts
from wordfit.doctor.id_layout import at_edges, filling
from wordfit.doctor.names import Names
from wordfit.doctor.playing import Play, play
from wordfit.doctor.seen import RootCall, Step
from wordfit.doctor.survey import sizes_of_vocabularies
from wordfit.doctor.tape import Op, Slot, Tape, dense, is_parameter, writes_in_place
from wordfit.doctor.watch import LOSSES, Recorder

COMPARING = {"sub", "__sub__", "rsub", "__rsub__", "gather", "__getitem__", "index_select", "take_along_dim", "dist"}
"""Calls in which an answer meets its target."""
COLUMNS = ("__getitem__", "select", "unbind")
"""Calls that take a column out of a matrix of ids."""
PLACES = {
    "__invert__", "logical_not", "bool", "to", "float", "__rsub__", "rsub", "__eq__", "eq", "mul", "__mul__",
    "__rmul__", "neg", "__neg__", "add", "__add__", "__radd__", "sub", "__sub__",
}  # fmt: skip
"""Calls of one tensor through which a matrix of places still says which places they are."""
PRODUCTS = {"matmul", "__matmul__", "mm", "bmm", "addmm", "linear", "einsum", "conv1d", "conv2d", "mv"}
"""Calls in which data meets weights."""


class Case:
    """One training step, understood."""

    def __init__(self, recorder: Recorder, step: Step, names: Names) -> None:
        self.recorder, self.step, self.names = recorder, step, names
        self.tape: Tape = step.tape
        assert step.loss is not None
        self.loss: int = step.loss
        self.path = self.tape.path_ops(self.loss)
        self.used = self.tape.ancestors(self.loss)

    @cached_property
    def learned(self) -> set[int]:
        """Slots that depend on a weight."""
        reached = {n for n, t in self.tape.leaves.items() if is_parameter(t) or id(t) in self.names.weights}
        return self.tape.descendants(*reached)

    @cached_property
    def roots(self) -> list[RootCall]:
        """Calls of modules that hold weights and lead to the loss."""
        found = []
        for call in self.step.roots:
            weighty = any(True for _ in call.module.parameters())
            if weighty and self.used.intersection(call.out_slots):
                found.append(call)
        return found

    @cached_property
    def loss_ops(self) -> list[Op]:
        """Calls of torch's losses on the way to the loss."""
        return [self.tape.ops[i] for i in self.path if self.tape.ops[i].name in LOSSES]

    @cached_property
    def model_end(self) -> int:
        """Position after the last call of a model."""
        return max((c.last_op for c in self.roots), default=0)

    @cached_property
    def answer(self) -> int | None:
        """The slot of what the model gave; where several models work together, what they give the loss."""
        if len(self.roots) > 1:
            for op in self.loss_ops:
                return next((n for n in op.ins if n in self.learned), None)
            met = self._before_target()
            if met is not None:
                return met
        for call in reversed(self.roots):
            for number in call.out_slots:
                if number in self.used and number in self.learned and self.tape.shapes[number] != ():
                    return number  # a model may give its loss besides
        for op in self.loss_ops:
            return next((n for n in op.ins if n in self.learned), None)
        return self._before_target()

    def _before_target(self) -> int | None:
        """Code without modules or losses of torch: what meets the target first."""
        if self.target is None:
            return None
        reached = self.tape.descendants(self.target) - self.learned
        for i in self.path:
            op = self.tape.ops[i]
            if reached.intersection(op.ins):
                own = [n for n in op.ins if n in self.learned and n not in self.tape.leaves]
                if own:
                    return own[0]
        return None

    @cached_property
    def fed(self) -> int | None:
        """The slot that the loss was given as the answer, after squeezes and the like."""
        for op in self.loss_ops:
            return next((n for n in op.ins if n in self.learned), None)
        return self.answer

    @cached_property
    def target(self) -> int | None:
        """The slot of the target."""
        for op in self.loss_ops:
            data = [n for n in op.ins if n not in self.learned]
            if data:
                return data[0]
        met: list[int] = []
        compared: set[int] = set()
        inputs = {n for op, ids, _ in self._raw_lookups for n in (ids, *self.tape.ancestors(ids))}
        for i in reversed(self.path):
            op = self.tape.ops[i]
            if (not self.roots and inputs.intersection(*[op.ins]) - self.learned) or self._asks_weight(op):
                continue
            if i >= self.model_end and self.learned.intersection(op.outs) and self.learned.intersection(op.ins):
                met += [n for n in op.ins if n not in self.learned and self.tape.shapes[n] != ()]
                compared.update(op.ins if op.name in COMPARING else ())
        met = [n for n in met if n in compared] or met  # weights of rows are multiplied in, targets subtracted
        whole = [n for n in met if self.tape.dtypes[n] == torch.int64]
        ranked = whole or met
        rows = [n for n in ranked if not (self._is_range(n) or self._is_own(n) or self._is_complement(n, ranked))]
        return self._bare(rows[0]) if rows else None

    def _asks_weight(self, op: Op) -> bool:
        """Whether a call takes rows of a weight, as a table's vectors or the biases of candidates: no answer is met."""
        whole = self.tape.leaves.get(op.ins[0]) if op.ins else None
        return op.name in ("__getitem__", "index_select") and whole is not None and is_parameter(whole)

    def _is_complement(self, slot: int, others: list[int]) -> bool:
        """Whether a slot is one minus another of them, as in a cross-entropy of two classes written by hand."""
        return any(
            slot in op.outs and op.name in ("__rsub__", "rsub", "logical_not", "__invert__") and op.ins[0] in others
            for op in self.tape.ops
            if len(op.ins) == 1
        )

    def _bare(self, slot: int) -> int:
        """The class numbers behind a picking index or one-hot rows; a sign that is turned belongs to the loss."""
        made = [op for op in self.tape.ops if slot in op.outs]
        if made and made[0].name in ("unsqueeze", "one_hot", "neg", "__neg__") and made[0].ins:
            return self._bare(made[0].ins[0])
        if made and made[0].name in ("to", "float", "type_as") and made[0].ins:
            below = [op for op in self.tape.ops if made[0].ins[0] in op.outs]
            return self._bare(made[0].ins[0]) if below and below[0].name == "one_hot" else slot
        return slot

    def _is_range(self, slot: int) -> bool:
        made = [op for op in self.tape.ops if slot in op.outs]
        return bool(made) and made[0].name in ("arange", "ones_like", "zeros_like", "ones", "zeros")

    def _is_own(self, slot: int) -> bool:
        """Whether a slot says which pairs are a row's own, or which are not: a matter of places, and no target."""
        made = next((op for op in self.tape.ops if slot in op.outs and slot not in op.ins), None)
        if made is None or made.name == "eye":
            return made is not None
        through = made.name in PLACES
        return through and len(made.ins) == 1 and self._is_own(made.ins[0])

    @cached_property
    def _raw_lookups(self) -> list[tuple[Op, int, int]]:
        return [
            (op, op.ins[0], op.ins[1])
            for i in self.path
            if (op := self.tape.ops[i]).name in ("embedding", "embedding_bag") and len(op.ins) > 1
        ]

    @cached_property
    def lookups(self) -> list[tuple[Op, int, int]]:
        """Calls that look ids up in a table: the call, the slot of the ids, the slot of the table."""
        found = []
        often = Counter(self.tape.ops[i].ins[0] for i in self.path if self.tape.ops[i].name == "__getitem__")
        sizes = sizes_of_vocabularies(self.recorder.found)
        for i in self.path:
            op = self.tape.ops[i]
            if op.name in ("embedding", "embedding_bag") and len(op.ins) >= 2:
                ids, table = op.ins[0], op.ins[1]
                if self.tape.dtypes[ids].is_floating_point:
                    ids, table = table, ids
                found.append((op, ids, table))
            elif op.name == "__getitem__" and len(op.ins) == 2 and op.ins[0] in self.tape.leaves:
                ids, table = op.ins[1], op.ins[0]
                if not _picks_rows(op, ids):
                    continue
                bare = self.tape.dtypes[table].is_floating_point and len(self.tape.shapes[table]) == 2
                # with one axis of numbers, once, rows of data are taken
                mapped = self.tape.shapes[table][0] in sizes
                enough = 1 if mapped else 4
                held_still = bare and (len(self.tape.shapes[ids]) > 1 or often[table] >= enough)
                if self.tape.dtypes[ids] == torch.int64 and (is_parameter(self.tape.leaves[table]) or held_still):
                    found.append((op, ids, table))
        return found

    @cached_property
    def _records(self) -> set[int]:
        """Matrices whose columns are fields: they are looked up in more than one table."""
        tables: dict[int, set[int]] = {}
        taken = {n: op.ins[0] for op in self.tape.ops if op.name in COLUMNS and op.ins for n in op.outs}
        for _, ids, table in self.lookups:
            if len(self.tape.shapes[ids]) == 1 and ids in taken:
                tables.setdefault(taken[ids], set()).add(table)
        return {matrix for matrix, looked_up in tables.items() if len(looked_up) > 1}

    @cached_property
    def _written(self) -> set[int]:
        """What calls have written into."""
        return {op.ins[0] for op in self.tape.ops if op.ins and writes_in_place(op.name)}

    def source_of(self, slot: int) -> int:
        """The earliest slot of the same shape that a data slot was made of by copying, moving or clamping."""
        while True:  # `ids.to(device)` may give back the ids themselves
            made = [op for op in self.tape.ops if slot in op.outs and slot not in op.ins]
            if len(self.tape.shapes[slot]) == 1 and made and made[0].name in (*COLUMNS, "squeeze") and made[0].ins:
                parent = made[0].ins[0]
                two_axes = len(self.tape.shapes[parent]) == 2 and not self.tape.dtypes[parent].is_floating_point
                if two_axes and parent not in self._records:
                    return parent  # one step of a decoder: the ids of all steps stand in the parent
            if (whole := self._cut_from(slot, made)) is not None:
                return whole
            if not made or made[0].name not in ("to", "long", "clone", "detach", "contiguous", "cuda", "clamp", "int"):
                return slot
            if self.tape.shapes[made[0].ins[0]] != self.tape.shapes[slot]:
                return slot
            if made[0].name == "clone" and slot in self._written:  # a copy into which marks were put
                return slot
            slot = made[0].ins[0]

    def _cut_from(self, slot: int, made: list[Op]) -> int | None:
        """The ids (rows, time) that a single step of shape (rows, 1) or (1, rows) was cut from."""
        shape = self.tape.shapes[slot]
        if not made or not made[0].ins or len(shape) != 2 or min(shape) != 1 or max(shape) == 1:
            return None
        above = made[0].ins[0]
        if made[0].name in ("__getitem__", "narrow", "split", "chunk") and len(self.tape.shapes[above]) == 2:
            return above if not self.tape.dtypes[above].is_floating_point else None
        if made[0].name in ("unsqueeze", "view", "reshape") and len(self.tape.shapes[above]) == 1:
            source = self.source_of(above)
            return source if len(self.tape.shapes[source]) == 2 else None
        return None

    @cached_property
    def ids(self) -> list[int]:
        """The slots of ids, without repetition, words before positions."""
        found: list[int] = []
        for op, ids, _ in self.lookups:
            source = self.source_of(ids)
            if source not in found and ids not in self.learned and not self.counts(ids, op):
                found.append(source)
        return found

    @cached_property
    def streams(self) -> list[tuple[int | None, Tensor]]:
        """What is read word by word, as (rows, time): whole inputs with their slot, single steps side by side."""
        found: list[tuple[int | None, Tensor]] = []
        steps: dict[tuple[int, int], list[Tensor]] = {}
        for op, ids, table in self.lookups:
            value = self.value(ids) if ids not in self.learned else None
            if value is None or value.is_floating_point():
                continue
            if value.dim() == 2 and min(value.shape) > 1 and not self.counts(ids, op):
                slot = self.source_of(ids)
                if all(s != slot for s, _ in found):
                    found.append((slot, value if value.shape[0] == self.rows else value.t()))
            elif value.numel() == self.rows:
                steps.setdefault((table, self.source_of(ids)), []).append(value.reshape(-1))
        for parts in _begun(steps).values():
            if len(parts) > 1:
                found.append((None, torch.stack(parts, 1)))
        return [(s, v) for s, v in found if v.shape[0] == self.rows]

    def is_padded(self, slot: int, pad: int) -> bool:
        """Whether `pad` fills up the rows of some ids: their table says so, or it stands at the ends of rows only.

        Of an only input a few rows tell, or none where others of its batches are filled up.
        """
        looked = [op for op, ids, _ in self.lookups if self.source_of(ids) == slot]
        if any(getattr(op.module, "padding_idx", op.kwargs.get("padding_idx")) == pad for op in looked):
            return True
        ids = self.value(slot)
        if ids is None or ids.dim() < 2:
            return False
        only = len(self.ids) == 1 and at_edges(ids, pad) == int((ids == pad).sum())
        return only or filling([ids if self.batch_first is not False or ids.dim() > 2 else ids.t()]) == pad

    def counts(self, ids: int, op: Op) -> bool:
        """Whether ids are positions 0, 1, 2 ... or distances of positions: they are looked up like words, but are none.

        A distance is the same along every diagonal.
        """
        if any(o.name == "arange" and o.outs[0] in self.tape.ancestors(ids) for o in self.tape.ops):
            return True
        value = self.value(ids)
        if value is None or value.dim() == 0 or value.numel() < 3:
            return False
        differ = value.dim() == 2 and min(value.shape) > 2 and bool(value.min() < value.max())
        if differ and torch.equal(value[1:, 1:], value[:-1, :-1]):
            return True
        flat = value.reshape(-1, value.shape[-1])[0]
        return len(flat) > 2 and bool((flat == torch.arange(len(flat))).all())

    def units_first(self, weight: int) -> bool:
        """Whether the first axis of a weight counts units, as in torch's layers; in `x @ weight` it counts inputs."""
        for op in (self.tape.ops[i] for i in self.path):
            if weight in op.ins:
                right = op.ins[-1] == weight and len(op.ins) > 1
                return not (right and op.name in ("matmul", "__matmul__", "mm", "bmm", "addmm"))
        return True

    def value(self, slot: int) -> Tensor | None:
        """The value that a data slot had; of one that calls wrote into, afterwards."""
        if slot in self.tape.leaves and slot not in self.tape.rewritten:
            return self.tape.leaves[slot].detach()
        made = self.base.get(slot)
        return made if made is None else dense(made)

    @cached_property
    def base(self) -> dict[int, Tensor]:
        """The step played once without noise: weights as now, or as before if those are no numbers."""
        return self.run()

    @cached_property
    def spoilt(self) -> bool:
        """Whether weights hold values that are no numbers by now."""
        return any(not bool(torch.isfinite(w).all()) for w in self.tape.parameters().values() if w.is_floating_point())

    @cached_property
    def float_inputs(self) -> list[int]:
        """Floating data that enters a model (features in place of ids), or in code without modules meets a weight."""
        found = []
        if not self.roots:
            goal = self.tape.descendants(self.target) if self.target is not None else set()
            for op in [self.tape.ops[i] for i in self.path]:
                if op.name in PRODUCTS and self.learned.intersection(op.outs):
                    data = [n for n in op.ins if n not in self.learned and n not in goal]
                    found += [n for n in data if len(self.tape.shapes[n]) > 1]
        for call in self.roots:
            for number in call.in_slots:
                if number not in self.learned and self.tape.dtypes[number].is_floating_point and number in self.used:
                    found.append(number)
        return list(dict.fromkeys(found))

    @cached_property
    def batch_first(self) -> bool | None:
        """Whether rows are the first axis of the ids; None where it cannot be told."""
        return rows_first(self)

    @cached_property
    def rows(self) -> int:
        """Rows in the batch."""
        slots = self.ids or self.float_inputs
        if not slots:
            return 0
        shape = self.tape.shapes[slots[0]]
        if slots == self.ids and (starts := bag_starts(self, slots[0])) is not None:
            return len(starts)
        if slots == self.ids and (texts := single_texts(self)):
            return len(texts[0])
        return shape[0] if self.batch_first is not False or len(shape) < 2 else shape[1]

    def run(
        self,
        values: dict[int, Tensor] | None = None,
        weights: dict[int, Tensor] | None = None,
        training: bool = False,
        gradients: bool = False,
        until: int | None = None,
    ) -> dict[int, Tensor]:
        """Play the step on copies; random numbers of the program are not touched."""
        if weights is None and self.spoilt:
            weights = self.copies(start=True)
        how = Play(weights or {}, values or {}, training, gradients, self.loss if until is None else until)
        with untouched():
            return play(self.tape, how)

    def copies(self, start: bool = False) -> dict[int, Tensor]:
        """Copies of the weights, as they are now or as they were before the first step."""
        made = {}
        for number, weight in self.tape.leaves.items():
            if is_parameter(weight):
                value = weight.detach()
                if (start or self.spoilt) and id(weight) in self.recorder.start:
                    value = self.recorder.start[id(weight)][1]
                made[number] = value.clone().requires_grad_(weight.requires_grad)
        return made


Steps = dict[tuple[int, int], list[Tensor]]


def _picks_rows(op: Op, ids: int) -> bool:
    """Whether an indexing call uses ids for the first axis of what it indexes."""
    index = op.args[1] if len(op.args) > 1 else None
    first = index[0] if isinstance(index, (tuple, list)) and index else index
    return bool(first == Slot(ids))


def _begun(steps: Steps) -> Steps:
    """Single steps by table and source; a mark that all rows share, looked up before the first of them, begins them."""
    found: Steps = {}
    mark: tuple[int, Tensor] | None = None  # the table, and what was looked up in it just before
    for (table, source), parts in steps.items():
        if len(parts) == 1 and bool((parts[0] == parts[0][0]).all()):
            mark = (table, parts[0])
            continue
        found[table, source] = [mark[1], *parts] if mark is not None and mark[0] == table else parts
        mark = None
    return found


@contextmanager
def untouched() -> Iterator[None]:
    """Random states and the gradient mode are afterwards as before."""
    state = torch.get_rng_state()
    try:
        torch.manual_seed(0)
        yield
    finally:
        torch.set_rng_state(state)
