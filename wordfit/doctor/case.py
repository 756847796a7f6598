"""The case: what the experiments work on, found on the tape of a training step.

Which slot is the answer that the loss was given, which is the target, which hold ids, which axis counts the rows,
which weights take part, and how modules and weights are called. Nothing of the program is changed: experiments
play the tape with copies.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.names import Names
from wordfit.doctor.rows import filling
from wordfit.doctor.seen import Batch, RootCall, Step
from wordfit.doctor.tape import DROPOUTS, Op, Play, Tape, is_parameter, play
from wordfit.doctor.watch import LOSSES, Recorder

COMPARING = {"sub", "__sub__", "rsub", "__rsub__", "gather", "__getitem__", "index_select", "take_along_dim", "dist"}
"""Calls in which an answer meets its target."""


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
        for op in self.tape.ops:
            if reached.intersection(op.ins):
                reached.update(op.outs)
        return reached

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
            if not self.roots and inputs.intersection(*[op.ins]) - self.learned:
                continue
            if i >= self.model_end and self.learned.intersection(op.outs) and self.learned.intersection(op.ins):
                met += [n for n in op.ins if n not in self.learned and self.tape.shapes[n] != ()]
                compared.update(op.ins if op.name in COMPARING else ())
        met = [n for n in met if n in compared] or met  # weights of rows are multiplied in, targets subtracted
        whole = [n for n in met if self.tape.dtypes[n] == torch.int64]
        ranked = whole or met
        rows = [n for n in ranked if not self._is_range(n) and not self._is_complement(n, ranked)]
        return self._bare(rows[0]) if rows else None

    def _is_complement(self, slot: int, others: list[int]) -> bool:
        """Whether a slot is one minus another of them, as in a cross-entropy of two classes written by hand."""
        return any(
            slot in op.outs and op.name in ("__rsub__", "rsub", "logical_not", "__invert__") and op.ins[0] in others
            for op in self.tape.ops
            if len(op.ins) == 1
        )

    def _bare(self, slot: int) -> int:
        """The class numbers behind a picking index or one-hot rows."""
        made = [op for op in self.tape.ops if slot in op.outs]
        if made and made[0].name in ("unsqueeze", "one_hot") and made[0].ins:
            return self._bare(made[0].ins[0])
        if made and made[0].name in ("to", "float", "type_as") and made[0].ins:
            below = [op for op in self.tape.ops if made[0].ins[0] in op.outs]
            return self._bare(made[0].ins[0]) if below and below[0].name == "one_hot" else slot
        return slot

    def _is_range(self, slot: int) -> bool:
        made = [op for op in self.tape.ops if slot in op.outs]
        return bool(made) and made[0].name in ("arange", "ones_like", "zeros_like", "ones", "zeros")

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
        for i in self.path:
            op = self.tape.ops[i]
            if op.name in ("embedding", "embedding_bag") and len(op.ins) >= 2:
                ids, table = op.ins[0], op.ins[1]
                if self.tape.dtypes[ids].is_floating_point:
                    ids, table = table, ids
                found.append((op, ids, table))
            elif op.name == "__getitem__" and len(op.ins) == 2 and op.ins[0] in self.tape.leaves:
                ids, table = op.ins[1], op.ins[0]
                if is_parameter(self.tape.leaves[table]) and self.tape.dtypes[ids] == torch.int64:
                    found.append((op, ids, table))
        return found

    def source_of(self, slot: int) -> int:
        """The earliest slot of the same shape that a data slot was made of by copying, moving or clamping."""
        while True:  # `ids.to(device)` may give back the ids themselves
            made = [op for op in self.tape.ops if slot in op.outs and slot not in op.ins]
            if (
                len(self.tape.shapes[slot]) == 1
                and made
                and made[0].name in ("__getitem__", "select", "unbind", "squeeze")
                and made[0].ins
            ):
                parent = made[0].ins[0]
                if len(self.tape.shapes[parent]) == 2 and not self.tape.dtypes[parent].is_floating_point:
                    return parent  # one step of a decoder: the ids of all steps stand in the parent
            if (whole := self._cut_from(slot, made)) is not None:
                return whole
            if not made or made[0].name not in ("to", "long", "clone", "detach", "contiguous", "cuda", "clamp", "int"):
                return slot
            if self.tape.shapes[made[0].ins[0]] != self.tape.shapes[slot]:
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
        for parts in steps.values():
            if len(parts) > 1:
                found.append((None, torch.stack(parts, 1)))
        return [(s, v) for s, v in found if v.shape[0] == self.rows]

    def is_padded(self, slot: int, pad: int) -> bool:
        """Whether `pad` fills up the rows of some ids: their table says so, or it stands at the ends of rows only."""
        looked = [op for op, ids, _ in self.lookups if self.source_of(ids) == slot]
        if any(getattr(op.module, "padding_idx", op.kwargs.get("padding_idx")) == pad for op in looked):
            return True
        ids = self.value(slot)
        if ids is None or ids.dim() != 2:
            return False
        return filling([ids if self.batch_first is not False else ids.t()]) == pad

    def counts(self, ids: int, op: Op) -> bool:
        """Whether ids are positions 0, 1, 2 ...: they are looked up like words, but are none."""
        if any(o.name == "arange" and o.outs[0] in self.tape.ancestors(ids) for o in self.tape.ops):
            return True
        value = self.value(ids)
        if value is None or value.dim() == 0 or value.numel() < 3:
            return False
        flat = value.reshape(-1, value.shape[-1])[0]
        return len(flat) > 2 and bool((flat == torch.arange(len(flat))).all())

    def value(self, slot: int) -> Tensor | None:
        """The value that a data slot had."""
        if slot in self.tape.leaves:
            return self.tape.leaves[slot].detach()
        return self.base.get(slot)

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
        """Floating data that enters a model (features in place of ids)."""
        found = []
        for call in self.roots:
            for number in call.in_slots:
                if number not in self.learned and self.tape.dtypes[number].is_floating_point and number in self.used:
                    found.append(number)
        return list(dict.fromkeys(found))

    @cached_property
    def batch_first(self) -> bool | None:
        """Whether rows are the first axis of the ids; None where it cannot be told."""
        if not self.ids or self.target is None:
            return None
        shape, target = self.tape.shapes[self.ids[0]], self.tape.shapes[self.target]
        if len(shape) < 2 or not target:
            return None
        shared = self._shared_axis
        if shared is not None and not self._of_one_of_several(target[0], shared):
            return shared == 0
        if len(target) >= 2 and target[0] in shape[:2] and target[1] in shape[:2]:
            return self._time_axis(self.ids[0]) != 0
        if len(target) == 1 and target[0] == shape[0] * shape[1]:
            return self._time_axis(self.ids[0]) != 0
        if target[0] == shape[0] and target[0] != shape[1]:
            return True
        if target[0] == shape[1] and target[0] != shape[0]:
            return False
        return self._rows_first_elsewhere() if target[0] == shape[0] else None

    def _rows_first_elsewhere(self) -> bool:
        """Which axis of the ids is as long as the target in other batches, where this one is as long as it is wide."""
        votes = 0
        for batch in [b for b in self.recorder.batches if b.training and b.lookups and b.targets][:200]:
            shape, target = tuple(batch.lookups[0].ids.shape), tuple(batch.targets[0].shape)
            if len(shape) == 2 and target:
                votes += (shape[0] == target[0]) - (shape[1] == target[0])
        return votes >= 0

    def _of_one_of_several(self, rows: int, shared: int) -> bool:
        """Whether a target has the rows of one input among several: then what these share is their width."""
        shapes = [self.tape.shapes[s] for s in self.ids if len(self.tape.shapes[s]) == 2]
        return all(s[shared] != rows for s in shapes) and any(s[1 - shared] == rows for s in shapes)

    @property
    def _shared_axis(self) -> int | None:
        """Inputs of different widths, as source and target of a translation, have only their rows in common."""
        shapes = [self.tape.shapes[s] for s in self.ids if len(self.tape.shapes[s]) == 2]
        sizes = [{shape[axis] for shape in shapes} for axis in (0, 1)]
        alike = [axis for axis in (0, 1) if len(sizes[axis]) == 1]
        return alike[0] if len(alike) == 1 and shapes else None

    def _time_axis(self, slot: int) -> int | None:
        """The axis of ids along which targets are the next ids, or along which padding comes last; else None."""
        ids, target = self.value(slot), self.value(self.target) if self.target is not None else None
        if ids is None or ids.dim() != 2:
            return None
        found = []
        for axis in (0, 1):
            length = ids.shape[axis]
            if target is not None and target.numel() == ids.numel() and length > 1:
                after = target.reshape(ids.shape).narrow(axis, 0, length - 1)
                if float((after == ids.narrow(axis, 1, length - 1)).float().mean()) > 0.7:
                    found.append(axis)
        if not found:
            found = [axis for axis in (0, 1) if self._padding_last(ids, slot, axis)]
        if not found and (steady := self._steady_axis()) is not None:
            return 1 - steady
        return found[0] if len(found) == 1 else None

    def _steady_axis(self) -> int | None:
        """The axis of the ids that is as long in nearly every batch, where the other is not: rows, and not words."""
        batches = [b for b in self.recorder.batches if b.training and b.lookups][:100]
        shapes = [tuple(b.lookups[0].ids.shape) for b in batches if b.lookups[0].ids.dim() == 2]
        if len(shapes) < 5:
            return None
        steady = []
        for axis in (0, 1):
            sizes = [shape[axis] for shape in shapes]
            steady.append(max(sizes.count(n) for n in set(sizes)) > 0.85 * len(sizes))
        return steady.index(True) if sum(steady) == 1 else None

    def _padding_last(self, ids: Tensor, slot: int, axis: int) -> bool:
        looked = [op for op, n, _ in self.lookups if self.source_of(n) == slot]
        pad = getattr(looked[0].module, "padding_idx", None) if looked else None
        if pad is None or not bool((ids == pad).any()):
            return False
        pads, length = ids == pad, ids.shape[axis]
        before, after = pads.narrow(axis, 0, length - 1), pads.narrow(axis, 1, length - 1)
        return bool((~before | after).all()) or bool((before | ~after).all())

    @cached_property
    def rows(self) -> int:
        """Rows in the batch."""
        slots = self.ids or self.float_inputs
        if not slots:
            return 0
        shape = self.tape.shapes[slots[0]]
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

    @cached_property
    def _schedule(self) -> float:
        """The upper quartile of the rates of the run beside that of the first step: warm-ups begin near zero."""
        rates = sorted(self.recorder.rates)
        if not rates or len(self.recorder.optimizers) != 1:
            return 1.0
        first = next(_base_rate(o.start[0]) for o in self.recorder.optimizers.values())
        return rates[int(0.75 * (len(rates) - 1))] / first if first > 0 else 1.0

    def optimizer_for(self, weights: dict[int, Tensor], scale: float = 1.0, fresh: bool = True) -> Any:
        """An optimizer of the program's kind and settings over copies; weights that it does not hold stay out."""
        place = {id(self.tape.leaves[n]): n for n in weights}
        scale *= self._schedule
        made = []
        for known in self.recorder.optimizers.values():
            groups = []
            for group, start in zip(known.live.param_groups, known.start):
                held = [weights[place[id(p)]] for p in group["params"] if id(p) in place]
                held = [w for w in held if w.requires_grad]
                if held:
                    options = {k: v for k, v in start.items() if k in ACCEPTED}
                    groups.append({"params": held, **options, "lr": _base_rate(start) * scale})
            if groups:
                made.append(_like(known.live, groups))
        return made


def _base_rate(group: dict[str, Any]) -> float:
    """A group's rate at the first step; what a schedule that begins at zero goes by."""
    return float(group["lr"]) or float(group.get("initial_lr", 0.0))


ACCEPTED = {
    "lr",
    "betas",
    "eps",
    "weight_decay",
    "momentum",
    "dampening",
    "nesterov",
    "alpha",
    "rho",
    "maximize",
    "amsgrad",
    "centered",
    "lr_decay",
    "lambd",
    "t0",
}


def kind_of(live: torch.optim.Optimizer) -> type[torch.optim.Optimizer] | None:
    """Which of torch's optimizers a program steps with; of its own kind, or L-BFGS with its search, none is a copy."""
    kind = next((k for k in type(live).__mro__ if k.__module__.startswith("torch.optim")), torch.optim.Optimizer)
    return None if kind in (torch.optim.Optimizer, torch.optim.LBFGS) else kind


def _like(live: torch.optim.Optimizer, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    kind: Any = kind_of(live) or torch.optim.Adam
    if kind_of(live) is None:
        groups = [{"params": g["params"], "lr": g["lr"]} for g in groups]
    known = set(kind(copy.copy([torch.nn.Parameter(torch.zeros(1))]), lr=0.1).defaults)
    groups = [{k: v for k, v in g.items() if k == "params" or k in known} for g in groups]
    return kind(groups, lr=groups[0]["lr"])


@contextmanager
def untouched() -> Iterator[None]:
    """Random states and the gradient mode are afterwards as before."""
    state = torch.get_rng_state()
    try:
        torch.manual_seed(0)
        yield
    finally:
        torch.set_rng_state(state)


RANDOM = DROPOUTS | {
    "rand", "randn", "rand_like", "randn_like", "randint", "randperm",
    "bernoulli", "bernoulli_", "multinomial", "normal", "normal_", "uniform_",
    "gumbel_softmax", "rrelu", "scaled_dot_product_attention", "multi_head_attention_forward",
}  # fmt: skip


def repeats_itself(case: Case) -> bool:
    """Whether the first step, played again with the weights of the start, gives the loss that it gave; true if unknown.

    Some libraries work on tensors behind the tape's back (Keras), and experiments on such a tape would mislead.
    """
    calls = [case.tape.ops[i] for i in case.path]
    if any(op.name in RANDOM or getattr(op.module, "dropout", 0) for op in calls) or not math.isfinite(case.step.value):
        return True
    again = float(case.run(weights=case.copies(start=True), training=True)[case.loss])
    return not math.isfinite(again) or abs(again - case.step.value) <= 0.05 * abs(case.step.value) + 1e-3


def choose(recorder: Recorder, names: Names) -> Case | None:
    """The training step to work on: late, with a loss on tape, preferably finite and with a usable layout."""
    cases = [Case(recorder, s, names) for s in recorder.train_steps if s.loss is not None]
    if not cases:
        return None
    if cases[0].step.index == 0 and not repeats_itself(cases[0]):
        raise RuntimeError("a step that is played again gives another loss: experiments would mislead")
    biggest = max(c.rows for c in cases)
    whole = [c for c in cases if c.rows >= max(2, biggest // 2) and c.batch_first is not None]
    return (whole or cases)[-1]


def choose_many(recorder: Recorder, names: Names, most: int = 4) -> list[Case]:
    """Several taped steps with the layout of the chosen one, for experiments that train."""
    chosen = choose(recorder, names)
    if chosen is None:
        return []
    calls = [chosen.tape.ops[i].name for i in chosen.path if chosen.tape.ops[i].outs[0] in chosen.learned]
    found = [chosen]
    for step in recorder.train_steps:
        if step is chosen.step or step.loss is None or len(found) >= most:
            continue
        other = Case(recorder, step, names)
        if [other.tape.ops[i].name for i in other.path if other.tape.ops[i].outs[0] in other.learned] == calls:
            found.append(other)
    return found


def training_batches(recorder: Recorder) -> list[Batch]:
    """The kept batches that were trained on."""
    return [b for b in recorder.batches if b.training]
