"""A model for programs that have none: layers, or bare weights, that are called one by one.

The tape of a step stands in for it, where nothing but ids differs from step to step. Numbers of rows are written into
a tape, so it is given the ids of a kept batch in pieces of as many rows as were taped, if rows are answered apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from wordfit.doctor.case import Case, untouched
from wordfit.doctor.playing import Play, play_between
from wordfit.doctor.seen import Batch, Lookup
from wordfit.doctor.tape import is_parameter

REMEMBERS = {"batch_norm", "instance_norm"}
"""Calls that change buffers as they go: a copy of the tape would change the program's own."""


class StandIn(nn.Module):
    """The calls of a taped step from its ids to its answer, with weights of their own."""

    def __init__(self, case: Case, weights: dict[int, Tensor], constants: dict[int, Tensor]) -> None:
        super().__init__()
        assert case.answer is not None
        self.case, self.weights, self.constants = case, weights, constants
        self.apart = False  # whether a row's answer is its own, whatever rows stand beside it
        self.axis = 0 if case.batch_first is not False or len(case.tape.shapes[case.ids[0]]) < 2 else 1

    def parameters(self, recurse: bool = True) -> Iterator[Any]:
        """The weights, each once."""
        return iter({id(w): w for w in self.weights.values()}.values())

    def __deepcopy__(self, memo: dict[int, Any]) -> StandIn:
        made = {id(w): w.detach().clone().requires_grad_(w.requires_grad) for w in self.weights.values()}
        model = StandIn(self.case, {n: made[id(w)] for n, w in self.weights.items()}, self.constants)
        model.apart = self.apart
        return model

    def forward(self, ids: list[Tensor]) -> Tensor | None:
        """The answer (rows, ...) to ids in the order of the case; None to ids that the tape has no place for."""
        case = self.case
        axes = [self.axis if t.dim() > 1 else 0 for t in ids]
        rows = ids[0].shape[axes[0]]
        for slot, given, axis in zip(case.ids, ids, axes, strict=True):
            rest, taped = list(given.shape), list(case.tape.shapes[slot])
            if len(rest) != len(taped) or rest.pop(axis) != rows or taped.pop(axis) != case.rows or rest != taped:
                return None  # other numbers of words, too, are written into a tape
        if rows != case.rows and not self.apart:
            return None
        parts = []
        for first in range(0, rows, case.rows):
            picked = torch.arange(first, first + case.rows) % rows  # the last piece is filled up
            part = self._answer([t.index_select(axis, picked) for t, axis in zip(ids, axes)])
            if part.shape[:1] != (case.rows,):
                return None
            parts.append(part[: rows - first])
        return torch.cat(parts) if parts else None

    def _answer(self, ids: list[Tensor]) -> Tensor:
        case = self.case
        assert case.answer is not None
        given = {n: t.clone() for n, t in self.constants.items()} | self.weights | dict(zip(case.ids, ids, strict=True))
        return play_between(case.tape, given, case.answer, Play(training=self.training, gradients=True))


def stand_in(case: Case) -> StandIn | None:
    """What stands in for the model of a case; None where a step has more in it than weights, ids and constants."""
    tape, answer = case.tape, case.answer
    if answer is None or not case.ids or not case.recorder.optimizers or tape.shapes[answer][:1] != (case.rows,):
        return None
    made = {n for slot in case.ids for n in tape.ancestors(slot) - {slot}}
    path = [tape.ops[position] for position in tape.path_ops(answer)]
    if any(op.name in REMEMBERS for op in path):
        return None
    needed = {n for n in tape.ancestors(answer) if n in tape.leaves} - set(case.ids) - made
    weights = {n: tape.leaves[n] for n in needed if is_parameter(tape.leaves[n])}
    constants = {n: tape.leaves[n] for n in needed - set(weights)}
    held = {id(p) for o in case.recorder.optimizers.values() for g in o.live.param_groups for p in g["params"]}
    if not held or not held <= {id(w) for w in tape.parameters().values()}:  # another model is trained besides
        return None
    if not _same_in_another(case, constants):
        return None
    model = StandIn(case, weights, constants).eval()
    values = [v for slot in case.ids if (v := case.value(slot)) is not None]
    before = case.value(answer)
    if len(values) != len(case.ids) or before is None:
        return None
    try:
        with torch.no_grad(), untouched():
            again = model(values)
            turned = model([v.flip(model.axis if v.dim() > 1 else 0) for v in values])
    except Exception:  # a tape that cannot be played from its ids stands for no model
        return None
    if again is None or not torch.allclose(again, before, atol=1e-4):
        return None
    model.apart = turned is not None and torch.allclose(turned.flip(0), again, atol=1e-4)
    return model


def _same_in_another(case: Case, constants: dict[int, Tensor]) -> bool:
    """Whether another step on tape was the same, call by call, and had the same values beside its ids."""
    names = [op.name for op in case.tape.ops]
    for step in case.recorder.train_steps:
        other = step.tape
        if other is case.tape or [op.name for op in other.ops] != names:
            continue
        return all(n in other.leaves and torch.equal(t, other.leaves[n]) for n, t in constants.items())
    return False


def ids_for(model: StandIn, batch: Batch) -> list[Tensor] | None:
    """The ids of a kept batch in the order of the case, found by their tables."""
    left: dict[int, list[Lookup]] = {}
    for lookup in batch.lookups:
        asked = left.setdefault(id(lookup.table), [])
        if all(lookup.ids is not k.ids for k in asked):
            asked.append(lookup)
    found: dict[int, Tensor] = {}
    case = model.case
    for _, ids, table in case.lookups:
        slot = case.source_of(ids)
        if slot not in case.ids or slot in found:
            continue
        asked = left.get(id(case.tape.leaves.get(table)), [])
        if not asked:
            return None
        found[slot] = asked.pop(0).ids
    return [found[slot] for slot in case.ids] if len(found) == len(case.ids) else None
