"""The bench that experiments work on: the case, the rows, the clock; and measures they share."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from wordfit.doctor.case import Case
from wordfit.doctor.names import Names
from wordfit.doctor.split import Split
from wordfit.doctor.tape import Op, tensors_in
from wordfit.doctor.watch import Recorder


@dataclass
class Bench:
    """Everything an experiment may look at; `case` is None where no training step could be put on tape."""

    recorder: Recorder
    names: Names
    case: Case | None
    split: Split
    budget: float = 60.0
    began: float = field(default_factory=time.perf_counter)
    worked: float = field(default_factory=time.process_time)  # seconds of this process when the bench was made
    facts: dict[str, Any] = field(default_factory=dict)  # experiment name to what it measured, so far
    memo: dict[str, Any] = field(default_factory=dict)  # what several experiments need and is dear to make

    @property
    def left(self) -> float:
        """Seconds left of the budget: of work, where a machine is busy; at most half as many again by the clock."""
        waited, worked = time.perf_counter() - self.began, time.process_time() - self.worked
        return self.budget - max(min(worked, waited), waited / 1.5)

    def where(self, op: Op) -> dict[str, Any]:
        """A call's place: name, module and the user's line."""
        place: dict[str, Any] = {"op": op.name, "module": self.names.module(op.module)}
        if op.site:
            place |= {"file": op.site[0], "line": op.site[1]}
        return place


def copied(model: nn.Module) -> Any:
    """A copy of a model; what it kept of its last answers, as weights of attention, comes without a graph."""
    kept = [v for module in model.modules() for v in vars(module).values()]
    held = [t for v in kept for t in tensors_in(list(v.values()) if isinstance(v, dict) else v)]
    return copy.deepcopy(model, {id(t): t.detach().clone() for t in held if not t.is_leaf})


def row_axis(shape: tuple[int, ...], rows: int, prefer: int = 0) -> int | None:
    """Which axis of a shape counts the rows of the batch."""
    order = [prefer, 1 - prefer] if len(shape) > 1 else [0]
    for axis in order:
        if axis < len(shape) and shape[axis] == rows:
            return axis
    return None


def spread(value: Tensor, axis: int) -> float:
    """Root mean square of the differences between rows; of what is a number, since scores are masked by infinities."""
    v = value.float()
    v = v.masked_fill(~torch.isfinite(v), torch.nan)
    return size(v - v.nanmean(axis, keepdim=True))


def size(value: Tensor) -> float:
    """Root mean square of what is a number."""
    v = value.float()
    known = torch.isfinite(v)
    return float(v[known].pow(2).mean().sqrt()) if bool(known.any()) else 0.0


def scale_of(value: Tensor, axis: int | None) -> float:
    """What a change is measured against: the spread between rows, else the size."""
    between = spread(value, axis) if axis is not None and value.shape[axis] > 1 else 0.0
    return max(between, 1e-3 * size(value), 1e-8)


def change(a: Tensor, b: Tensor) -> float:
    """Largest absolute difference; a value that is no number in one of them only counts as infinite."""
    a, b = a.float(), b.float()
    known = torch.isfinite(a) & torch.isfinite(b)
    if not bool((torch.isfinite(a) == torch.isfinite(b)).all()):
        return float("inf")
    return float((a - b)[known].abs().max()) if bool(known.any()) else 0.0
