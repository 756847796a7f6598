"""Remedies that hand losses other inputs, targets or settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wordfit.doctor.loss_table import DISTANCES
from wordfit.doctor.remedies.acting import acted, wrap_over


def other_input(name: str, change: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
    """Hand another input to a loss."""

    def remedy(finding: dict[str, Any]) -> None:
        import torch.nn.functional as F

        def wrap(original: Any) -> Any:
            def loss(input: Any, *a: Any, **k: Any) -> Any:
                changed = change(input)
                if changed is not input:
                    acted()
                return original(changed, *a, **k)

            return loss

        wrap_over(F, name, wrap)

    return remedy


def logarithms(values: Any) -> Any:
    """Of probabilities; what has a negative value is none, and stays."""
    return values.clamp(min=1e-12).log() if bool((values >= 0).all()) else values


def against_sign(finding: dict[str, Any]) -> None:
    """The backward pass starts from the loss with its sign turned."""
    import torch

    def wrap(original: Any) -> Any:
        def backward(tensors: Any, *a: Any, **k: Any) -> Any:
            if isinstance(tensors, torch.Tensor):
                acted()
                tensors = -tensors
            return original(tensors, *a, **k)

        return backward

    wrap_over(torch.autograd, "backward", wrap)


def all_classes(finding: dict[str, Any]) -> None:
    """No class is ignored."""
    import torch.nn.functional as F

    def wrap(original: Any) -> Any:
        def loss(*a: Any, **k: Any) -> Any:
            if k.get("ignore_index", -100) != -100:
                acted()
            return original(*a, **{**k, "ignore_index": -100})

        return loss

    for name in ("cross_entropy", "nll_loss"):
        wrap_over(F, name, wrap)


def same_shape(finding: dict[str, Any]) -> None:
    """Answers take the shape of their targets, where they hold as many numbers."""
    import torch.nn.functional as F

    def wrap(original: Any) -> Any:
        def loss(input: Any, target: Any, *a: Any, **k: Any) -> Any:
            if input.numel() == target.numel() and input.shape != target.shape:
                acted()
                input = input.reshape(target.shape)
            return original(input, target, *a, **k)

        return loss

    for name in (*DISTANCES, "binary_cross_entropy_with_logits"):
        wrap_over(F, name, wrap)


def weigh_classes(finding: dict[str, Any]) -> None:
    """Weights by inverse frequency, counted as the batches come."""
    import torch
    import torch.nn.functional as F

    counts: dict[int, int] = {}

    def wrap(original: Any) -> Any:
        def cross_entropy(input: Any, target: Any, weight: Any = None, *a: Any, **k: Any) -> Any:
            if weight is None and target.dtype == torch.int64:
                acted()
                values, numbers = target.unique(return_counts=True)
                for v, n in zip(values.tolist(), numbers.tolist()):
                    counts[v] = counts.get(v, 0) + n
                total = sum(counts.values())
                weight = torch.tensor(
                    [total / max(counts.get(c, 1), 1) for c in range(input.shape[1])], dtype=input.dtype
                )
                weight = weight / weight.mean()
            return original(input, target, weight, *a, **k)

        return cross_entropy

    def wrap_binary(original: Any) -> Any:
        def loss(
            input: Any,
            target: Any,
            weight: Any = None,
            size_average: Any = None,
            reduce: Any = None,
            reduction: str = "mean",
            pos_weight: Any = None,
        ) -> Any:
            counts[1] = counts.get(1, 0) + int(target.sum())
            counts[0] = counts.get(0, 0) + int(target.numel() - target.sum())
            if pos_weight is None:
                acted()
                pos_weight = torch.tensor(counts[0] / max(counts[1], 1), dtype=input.dtype)
            return original(input, target, weight=weight, reduction=reduction, pos_weight=pos_weight)

        return loss

    wrap_over(F, "cross_entropy", wrap)
    wrap_over(F, "binary_cross_entropy_with_logits", wrap_binary)


def targets_in_range(finding: dict[str, Any]) -> None:
    """Binary targets between 0 and 1, by the least and the largest seen."""
    import torch.nn.functional as F

    seen = [0.0, 1.0]

    def wrap(original: Any) -> Any:
        def loss(input: Any, target: Any, *a: Any, **k: Any) -> Any:
            seen[0], seen[1] = min(seen[0], float(target.min())), max(seen[1], float(target.max()))
            if seen != [0.0, 1.0]:
                acted()
            return original(input, (target - seen[0]) / (seen[1] - seen[0]), *a, **k)

        return loss

    for name in ("binary_cross_entropy", "binary_cross_entropy_with_logits"):
        wrap_over(F, name, wrap)


def without_empty_batches(finding: dict[str, Any]) -> None:
    """A batch whose targets are all ignored costs nothing."""
    import torch.nn.functional as F

    def wrap(original: Any) -> Any:
        def loss(input: Any, target: Any, *a: Any, **k: Any) -> Any:
            if not target.is_floating_point() and bool((target == k.get("ignore_index", -100)).all()):
                acted()
                return input.sum() * 0.0
            return original(input, target, *a, **k)

        return loss

    for name in ("cross_entropy", "nll_loss"):
        wrap_over(F, name, wrap)
