"""The graph that PyTorch keeps for the gradients of a loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import Tensor

MOST_NODES = 20_000


def behind(loss: Tensor) -> Iterator[tuple[Any, list[Any]]]:
    """Every operation that a loss is made of, each with those before it; the first `MOST_NODES` of a larger graph."""
    seen: set[Any] = set()
    waiting: list[Any] = [loss.grad_fn]
    while waiting and len(seen) < MOST_NODES:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        before = [one for one, _ in node.next_functions if one is not None]
        yield node, before
        waiting += before


def weights_behind(loss: Tensor) -> Iterator[Tensor]:
    """The weights that a loss is made of."""
    return (node.variable for node, _ in behind(loss) if is_leaf(node))


def is_leaf(node: Any) -> bool:
    """Whether a node only adds up the gradient of a weight, its `variable`."""
    return type(node).__name__ == "AccumulateGrad"
