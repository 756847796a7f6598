"""Remedies at the optimizer: rates, decay, gradients left over, what it holds and what it moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wordfit.doctor.remedies.acting import acted, wrap_over


def each_optimizer(act: Callable[[Any], None]) -> Callable[[dict[str, Any]], None]:
    """Do something with every optimiser when it is made."""

    def remedy(finding: dict[str, Any]) -> None:
        import torch

        def wrap(original: Any) -> Any:
            def __init__(self: Any, *a: Any, **k: Any) -> None:
                original(self, *a, **k)
                act(self)

            return __init__

        wrap_over(torch.optim.Optimizer, "__init__", wrap)

    return remedy


def scale_rates(finding: dict[str, Any]) -> None:
    """Every learning rate times the factor that is tried."""

    def act(optimizer: Any) -> None:
        acted()
        for group in optimizer.param_groups:
            group["lr"] = group["lr"] * finding["factor"]

    each_optimizer(act)(finding)


def no_decay(optimizer: Any) -> None:
    """No weight decay."""
    for group in optimizer.param_groups:
        if group.get("weight_decay"):
            acted()
            group["weight_decay"] = 0.0


def clear_after_step(finding: dict[str, Any]) -> None:
    """Gradients are cleared after every step."""
    from torch.optim.optimizer import register_optimizer_step_post_hook

    def after(optimizer: Any, a: Any, k: Any) -> None:
        acted()
        optimizer.zero_grad()

    register_optimizer_step_post_hook(after)


def clip(finding: dict[str, Any]) -> None:
    """Gradients of a step have a norm of at most 1."""
    import torch
    from torch.optim.optimizer import register_optimizer_step_pre_hook

    def before(optimizer: Any, a: Any, k: Any) -> None:
        acted()
        torch.nn.utils.clip_grad_norm_([p for g in optimizer.param_groups for p in g["params"]], 1.0)

    register_optimizer_step_pre_hook(before)


def hold_the_rest(finding: dict[str, Any]) -> None:
    """Give weights that get gradients, but that no optimiser holds, to the first one that steps."""
    import torch
    from torch.nn.modules import module as modules
    from torch.optim.optimizer import register_optimizer_step_pre_hook

    called: dict[int, torch.nn.Module] = {}
    given: set[int] = set()  # two optimisers may each hold a part of the rest

    def called_now(module: Any, a: Any) -> None:
        called.setdefault(id(module), module)

    modules.register_module_forward_pre_hook(called_now)

    def before(optimizer: Any, a: Any, k: Any) -> None:
        held = {id(p) for g in optimizer.param_groups for p in g["params"]} | given
        rest = {
            id(p): p
            for m in called.values()
            for p in m.parameters(recurse=False)
            if p.requires_grad and p.grad is not None and id(p) not in held
        }
        if rest:
            acted()
            given.update(rest)
            optimizer.add_param_group({"params": list(rest.values())})

    register_optimizer_step_pre_hook(before)


def hold_tables(finding: dict[str, Any]) -> None:
    """No gradient for the tables that ids are looked up in."""
    import torch.nn.functional as F
    from torch.optim.optimizer import register_optimizer_step_pre_hook

    tables: dict[int, Any] = {}

    def wrap(original: Any) -> Any:
        def embedding(input: Any, weight: Any, *a: Any, **k: Any) -> Any:
            tables.setdefault(id(weight), weight)
            return original(input, weight, *a, **k)

        return embedding

    def before(optimizer: Any, a: Any, k: Any) -> None:
        for table in tables.values():
            if table.grad is not None:
                acted()
            table.grad = None

    wrap_over(F, "embedding", wrap)
    wrap_over(F, "embedding_bag", wrap)
    register_optimizer_step_pre_hook(before)


def rows_of_the_step(finding: dict[str, Any]) -> None:
    """Rows of a table that got no gradient stay where they were."""
    from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

    still: list[tuple[Any, Any, Any]] = []

    def before(optimizer: Any, a: Any, k: Any) -> None:
        still.clear()
        for weight in [p for g in optimizer.param_groups for p in g["params"]]:
            if weight.dim() == 2 and weight.grad is not None and not weight.grad.is_sparse:
                rows = (weight.grad == 0).all(dim=1)
                if bool(rows.any()):
                    acted()
                    still.append((weight, rows, weight.detach()[rows].clone()))

    def after(optimizer: Any, a: Any, k: Any) -> None:
        for weight, rows, values in still:
            weight.data[rows] = values

    register_optimizer_step_pre_hook(before)
    register_optimizer_step_post_hook(after)


def fresh_start(scale: bool) -> Callable[[Any], None]:
    """Weights drawn anew before training: those far too large (`scale`), or those whose rows are all the same."""

    def act(optimizer: Any) -> None:
        import torch

        for weight in [p for g in optimizer.param_groups for p in g["params"] if p.dim() >= 2]:
            width = weight[0].numel()
            large = float(weight.detach().std()) > 3 * max(width**-0.5, 0.1)
            alike = len(weight) > 1 and bool((weight.detach() == weight.detach()[:1]).all())
            if large if scale else alike:
                acted()
                with torch.no_grad():
                    weight.copy_(torch.randn_like(weight) * width**-0.5)

    return act
