"""`RowState`: an optimiser's state of the rows that training touched, and of no others.

A table of 400,000 words may see 15,000 of them in a run: their state lies packed in slots, in order of first touch.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from wordfit.embedding import row_kernels

FIRST = 1024  # slots to begin with; they double when they run out


class RowState:
    """Slots of touched rows of `weight` (V, D), kept in `state`, an optimiser's own dictionary.

    `state["rows"]` (S,) holds the row of each slot, -1 where it is free; every table beside it has S rows.
    """

    def __init__(self, weight: Tensor, still: Tensor, state: dict[str, Any]) -> None:
        self.weight, self.still, self.state = weight, still, state
        self.plain = weight.device.type == "cpu" and weight.dtype == torch.float32 and weight.is_contiguous()
        free = torch.full((min(FIRST, len(weight)),), -1, dtype=torch.int64, device=weight.device)
        rows = state.setdefault("rows", free)
        self.used = int((rows >= 0).sum())
        self.slot = torch.full((len(weight),), -1, dtype=torch.int32, device=weight.device)  # (V,)
        self.slot[rows[: self.used]] = torch.arange(self.used, dtype=torch.int32, device=weight.device)
        self._starts: dict[str, float] = {}
        if self.plain:
            scratch = np.full(len(weight), -1, np.int32)
            self._arrays = [self.still.numpy(), self.slot.numpy(), scratch, rows.numpy()]

    def gather(self, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Touched rows (U,) that may move, their summed gradient (U, D), their slots (U,)."""
        rows, sums = _touched(gradient)
        free = ~self.still[rows]
        rows, sums = rows[free], sums[free]
        return rows, sums, self._slots(rows)

    def gather_compiled(self, gradient: Tensor) -> Iterable[np.ndarray]:
        """The same as arrays, for a plain table."""
        if not gradient.is_sparse or gradient.is_coalesced():
            return [part.numpy() for part in self.gather(gradient)]
        ids, values = gradient._indices()[0], gradient._values().contiguous()
        self._reserve(len(ids))
        *found, self.used = row_kernels.gather(ids.numpy(), values.numpy(), *self._arrays, self.used)  # type: ignore[call-arg]
        return found

    def table(self, name: str, start: float = 0.0) -> Tensor:
        """The table (S, D) of that name; rows not touched before begin at `start`."""
        if name not in self.state:
            self.state[name] = self._filled(len(self.state["rows"]), start)
        self._starts[name] = start
        return self.state[name]  # type: ignore[no-any-return]

    def per_slot(self) -> list[str]:
        """The names of all tables."""
        return [name for name, value in self.state.items() if isinstance(value, Tensor) and value.ndim == 2]

    def _slots(self, rows: Tensor) -> Tensor:
        self._reserve(len(rows))
        new = rows[self.slot[rows] < 0]
        end = self.used + len(new)
        self.slot[new] = torch.arange(self.used, end, dtype=torch.int32, device=rows.device)
        self.state["rows"][self.used : end] = new
        self.used = end
        return self.slot[rows].long()

    def _reserve(self, further: int) -> None:
        """Make room for `further` new rows."""
        size = len(self.state["rows"])
        if self.used + further <= size or size == len(self.weight):
            return
        larger = min(len(self.weight), max(2 * size, self.used + further))
        rows = torch.full((larger,), -1, dtype=torch.int64, device=self.weight.device)
        rows[:size] = self.state["rows"]
        for name in self.per_slot():
            grown = self._filled(larger, self._starts.get(name, 0.0))
            grown[:size] = self.state[name]
            self.state[name] = grown
        self.state["rows"] = rows
        if self.plain:
            self._arrays[-1] = rows.numpy()

    def _filled(self, size: int, start: float) -> Tensor:
        return torch.full((size, self.weight.shape[1]), start, dtype=self.weight.dtype, device=self.weight.device)


def _touched(gradient: Tensor) -> tuple[Tensor, Tensor]:
    """The rows (U,) with a gradient, and their gradient (U, D)."""
    if gradient.is_sparse:
        gradient = gradient.coalesce()
        return gradient.indices()[0], gradient.values()
    rows = gradient.abs().sum(dim=1).nonzero()[:, 0]
    return rows, gradient[rows]
