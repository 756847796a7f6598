"""`TouchedRows`: step only the rows that a batch touched, by whatever optimiser.

A dense optimiser moves every row of a table on every step: Adam by its momentum, any with weight decay by shrinking.
Here a row that never occurs stays bit for bit what it was, and a step costs as much as the batch is large. SGD, Adam,
AdamW and Adagrad step the rows in place, compiled; for any other optimiser the touched rows are cut out with their
state, stepped as a small dense parameter, and put back. Both keep the same state.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.graph import increment_version
from torch.optim import SGD, Adagrad, Adam, AdamW, Optimizer

from wordfit.embedding import row_kernels
from wordfit.embedding.layer import WordEmbedding
from wordfit.embedding.row_state import RowState

Options = dict[str, Any]
Arrays = tuple[np.ndarray, ...]  # the table (V, D), touched rows (U,), their gradient (U, D) and slots (U,)
Compiled = Callable[[Arrays, RowState, float, Options], None]


class TouchedRows(Optimizer):
    """Steps the tables of `embeddings` with `optimizer`, at `lr` times each table's own multiplier.

    `optimizer` is any class of `torch.optim` that steps without a closure; `options` go to it. The moments of a row
    advance only when the row is touched, as in `torch.optim.SparseAdam`.
    """

    def __init__(
        self,
        embeddings: Iterable[WordEmbedding],
        optimizer: Callable[..., Optimizer] = Adam,
        lr: float = 1e-3,
        **options: Any,
    ) -> None:
        self.embeddings = [e for e in embeddings if not e.tuning.frozen]
        for embedding in self.embeddings:
            embedding.padding_gradient = True  # padding is left out here, which is cheaper
        groups = [
            {"params": [e.weight], "lr": lr * e.tuning.lr_multiplier, "multiplier": e.tuning.lr_multiplier}
            for e in self.embeddings
        ]
        super().__init__(groups, {"lr": lr})
        self._make = lambda part, lr: optimizer([part], lr=lr, **options)
        self._inner: dict[Tensor, Optimizer] = {}
        self._states: dict[Tensor, RowState] = {}
        self._options = self._make(nn.Parameter(torch.zeros(1)), lr).defaults
        self._compiled = _compiled(optimizer, self._options)
        inner_step = optimizer.step  # type: ignore[attr-defined] # its global hooks would show the cut-out rows as a model's parameters
        self._step: Callable[[Optimizer], Any] = getattr(inner_step, "__wrapped__", inner_step)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients; a sparse one has nothing to keep."""
        for group in self.param_groups:
            group["params"][0].grad = None

    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Step every table that has a gradient, sparse or dense."""
        for embedding, group in zip(self.embeddings, self.param_groups):
            gradient = group["params"][0].grad
            if gradient is not None:
                state = self._state_of(embedding)
                if self._compiled is not None and state.plain:
                    self._step_compiled(self._compiled, embedding, gradient, state, group["lr"])
                else:
                    self._step_cut(embedding, gradient, state, group["lr"])

    def _step_compiled(
        self, rule: Compiled, embedding: WordEmbedding, given: Tensor, state: RowState, lr: float
    ) -> None:
        weight = embedding.weight.detach()
        rows, gradient, slots = state.gather_compiled(given)
        table, tuning = weight.numpy(), embedding.tuning
        if tuning.anchor or tuning.decay:
            start = embedding.start.numpy() if tuning.anchor else table
            row_kernels.pull(table, rows, gradient, start, tuning.anchor, tuning.decay)
        rule((table, rows, gradient, slots), state, lr, self._options)
        increment_version(weight)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a saved state."""
        super().load_state_dict(state_dict)
        for number, embedding in enumerate(self.embeddings):
            if "rows" in state_dict["state"].get(number, {}):  # the row numbers were cast to the type of the weights
                rows = state_dict["state"][number]["rows"].to(embedding.weight.device)
                self.state[embedding.weight]["rows"] = rows.clone()
        self._states.clear()

    def _state_of(self, embedding: WordEmbedding) -> RowState:
        weight = embedding.weight
        if weight not in self._states:
            state = self._states[weight] = RowState(weight, _still(embedding), self.state[weight])
            inner = self._inner[weight] = self._make(nn.Parameter(weight[:1]), self.defaults["lr"])
            for name, value in next(iter(inner.state.values()), {}).items():  # what it starts from, as Adagrad's `sum`
                if isinstance(value, Tensor) and value.ndim == 2:
                    state.table(name, value[0, 0].item())
                else:
                    state.state.setdefault(name, value)
        return self._states[weight]

    @torch.no_grad()
    def _step_cut(self, embedding: WordEmbedding, given: Tensor, state: RowState, lr: float) -> None:
        """Cut the rows out with their state, step them as a small dense parameter, put them back."""
        weight, inner = embedding.weight, self._inner[embedding.weight]
        rows, gradient, slots = state.gather(given)
        if not len(rows):
            return
        part = nn.Parameter(weight[rows])  # (U, D)
        pull = embedding.pull(rows)
        part.grad = gradient if pull is None else gradient + pull
        inner.param_groups[0]["params"] = [part]
        inner.param_groups[0]["lr"] = lr
        inner.state.clear()
        tables = state.per_slot()
        own = {k: v[slots] if k in tables else v for k, v in state.state.items() if k != "rows"}
        if own:
            inner.state[part] = own
        self._step(inner)
        weight.index_copy_(0, rows, part.detach())
        for name, value in inner.state[part].items():
            if isinstance(value, Tensor) and value.shape == part.shape:
                state.table(name).index_copy_(0, slots, value)
            else:
                state.state[name] = value


def clip_gradients(parameters: Iterable[Tensor], max_norm: float) -> float:
    """Scale all gradients together to a norm of at most `max_norm`, sparse ones too; the norm they had."""
    values = []
    for parameter in parameters:
        gradient = parameter.grad
        if gradient is not None and gradient.is_sparse:
            gradient = parameter.grad = gradient.coalesce()  # entries of one row add up first
            gradient = gradient._values()
        if gradient is not None:
            values.append(gradient)
    norm = math.sqrt(sum(value.square().sum().item() for value in values))
    if norm > max_norm:
        for value in values:
            value.mul_(max_norm / norm)
    return norm


def _compiled(optimizer: Callable[..., Optimizer], options: Options) -> Compiled | None:
    """The compiled twin of an optimiser; None where it has none for these options."""
    unusual = ("amsgrad", "maximize", "differentiable", "capturable", "dampening")
    if any(options.get(name) for name in unusual) or isinstance(options.get("lr"), Tensor):
        return None
    return _COMPILED.get(optimizer)


def _sgd(arrays: Arrays, state: RowState, lr: float, options: Options) -> None:
    momentum = options["momentum"]
    velocity = state.table("momentum_buffer").numpy() if momentum else arrays[0]
    row_kernels.sgd(*arrays, velocity, lr, momentum, options["nesterov"], options["weight_decay"])  # type: ignore[call-arg]


def _adam(arrays: Arrays, state: RowState, lr: float, options: Options) -> None:
    decay = options["weight_decay"]
    shrink = 1.0
    if options.get("decoupled_weight_decay"):
        decay, shrink = 0.0, 1 - lr * decay
    beta1, beta2 = options["betas"]
    done = _count(state.state)
    first, second = state.table("exp_avg").numpy(), state.table("exp_avg_sq").numpy()
    rate, root = lr / (1 - beta1**done), math.sqrt(1 - beta2**done)
    row_kernels.adam(*arrays, first, second, rate, root, beta1, beta2, options["eps"], decay, shrink)  # type: ignore[call-arg]


def _adamw(arrays: Arrays, state: RowState, lr: float, options: Options) -> None:
    _adam(arrays, state, lr, options | {"decoupled_weight_decay": True})


def _adagrad(arrays: Arrays, state: RowState, lr: float, options: Options) -> None:
    rate = lr / (1 + (_count(state.state) - 1) * options["lr_decay"])
    total = state.table("sum", options["initial_accumulator_value"]).numpy()
    row_kernels.adagrad(*arrays, total, rate, options["eps"], options["weight_decay"])  # type: ignore[call-arg]


_COMPILED: dict[Callable[..., Optimizer], Compiled] = {SGD: _sgd, Adam: _adam, AdamW: _adamw, Adagrad: _adagrad}


def _count(state: Options) -> float:
    """How many steps there were, this one counted."""
    if "step" not in state:
        state["step"] = torch.zeros(())
    return float(state["step"].add_(1))


def _still(embedding: WordEmbedding) -> Tensor:
    """Rows (V,) that never move: padding, and known words where only the others are tuned."""
    still = torch.zeros_like(embedding.known) if embedding.tuning.known_words else embedding.known.clone()
    still[0] = True
    return still
