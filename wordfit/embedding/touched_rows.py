"""`TouchedRows`: step only the rows that a batch touched, by whatever optimiser.

A dense optimiser moves every row of a table on every step: Adam by its momentum, any with weight decay by shrinking.
Here the touched rows are cut out with their state, stepped as a small dense parameter, and put back; a row that never
occurs stays bit for bit what it was, and a step costs as much as the batch is large.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from wordfit.embedding.layer import WordEmbedding


class TouchedRows(Optimizer):
    """Steps the tables of `embeddings` with `optimizer`, at `lr` times each table's own multiplier.

    `optimizer` is any class of `torch.optim` that steps without a closure; `options` go to it. The moments of a row
    advance only when the row is touched, as in `torch.optim.SparseAdam`.
    """

    def __init__(
        self,
        embeddings: Iterable[WordEmbedding],
        optimizer: Callable[..., Optimizer] = torch.optim.Adam,
        lr: float = 1e-3,
        **options: Any,
    ) -> None:
        self.embeddings = [e for e in embeddings if not e.tuning.frozen]
        groups = [
            {"params": [e.weight], "lr": lr * e.tuning.lr_multiplier, "multiplier": e.tuning.lr_multiplier}
            for e in self.embeddings
        ]
        super().__init__(groups, {"lr": lr})
        self._make = lambda part, lr: optimizer([part], lr=lr, **options)
        self._inner: dict[Tensor, Optimizer] = {}
        inner_step = optimizer.step  # type: ignore[attr-defined] # its global hooks would show the cut-out rows as a model's parameters
        self._step: Callable[[Optimizer], Any] = getattr(inner_step, "__wrapped__", inner_step)

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Step every table that has a gradient, sparse or dense."""
        for embedding, group in zip(self.embeddings, self.param_groups):
            gradient = embedding.weight.grad
            if gradient is not None:
                rows, values = _touched(gradient)
                if not embedding.tuning.known_words:
                    free = ~embedding.known[rows]
                    rows, values = rows[free], values[free]
                if rows.numel():
                    pull = embedding.pull(rows)
                    self._step_rows(embedding.weight, group["lr"], rows, values if pull is None else values + pull)

    def _step_rows(self, weight: Tensor, lr: float, rows: Tensor, gradient: Tensor) -> None:
        part = nn.Parameter(weight[rows])  # (U, D)
        part.grad = gradient
        inner, state = self._cut(weight, part, lr, rows)
        self._step(inner)
        weight.index_copy_(0, rows, part.detach())
        for name, value in inner.state[part].items():
            if not _per_row(value, part):
                state[name] = value
            else:
                if name not in state:
                    state[name] = torch.zeros_like(weight)
                state[name].index_copy_(0, rows, value)

    def _cut(self, weight: Tensor, part: nn.Parameter, lr: float, rows: Tensor) -> tuple[Optimizer, dict[str, Any]]:
        """The optimiser over the cut-out rows, with their state."""
        state = self.state[weight]
        if weight not in self._inner:
            inner = self._inner[weight] = self._make(part, lr)
            for name, value in inner.state[part].items():  # what the optimiser starts from, as Adagrad's `sum`
                if name not in state:
                    whole = _per_row(value, part)
                    state[name] = torch.full_like(weight, value.flatten()[0].item()) if whole else value
        inner = self._inner[weight]
        inner.param_groups[0]["params"] = [part]
        inner.param_groups[0]["lr"] = lr
        if state:
            inner.state.clear()
            inner.state[part] = {k: v[rows] if _per_row(v, weight) else v for k, v in state.items()}
        return inner, state


def _per_row(value: Any, like: Tensor) -> bool:
    return isinstance(value, Tensor) and value.shape == like.shape


def _touched(gradient: Tensor) -> tuple[Tensor, Tensor]:
    """The touched rows (U,) and their gradient (U, D), padding left out."""
    if gradient.is_sparse:
        gradient = gradient.coalesce()
        rows, values = gradient.indices()[0], gradient.values()
    else:
        rows = gradient.abs().sum(dim=1).nonzero()[:, 0]
        values = gradient[rows]
    if rows.numel() and rows[0] == 0:
        rows, values = rows[1:], values[1:]
    return rows, values
