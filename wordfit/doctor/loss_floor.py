"""The floor of a loss for given targets, and a loss call as plain numbers.

`floor_of` says the lowest value that right inputs can reach; `describe_loss_call` turns a call's tensors into the
statistics that `loss_examination` judges, so that a call can be judged from a record on disk.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from wordfit.doctor.loss_table import FUNCTION_OF, LOSSES

Values = dict[str, Any]
UNBOUNDED = float("-inf")


def describe_loss_call(name: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """A call of `torch.nn.functional.<name>`, by its own arguments, as plain data.

    `name` may be the class in `torch.nn`. The answer holds the loss, its settings, statistics of every tensor, and
    the floor for these targets (None where there is no formula, -inf where nothing holds the loss from below).
    """
    name = FUNCTION_OF.get(name, name)
    values = inspect.signature(getattr(F, name)).bind(*args, **kwargs).arguments
    rule = LOSSES[name]
    tensors = {key: value for key, value in values.items() if key in rule.arguments and value is not None}
    settings = {key: value for key, value in values.items() if isinstance(value, (bool, int, float, str))}
    with torch.no_grad():
        ignored = int(values.get("ignore_index", -100))
        described = {
            key: describe(torch.as_tensor(value), _axis(name, key, values), ignored) for key, value in tensors.items()
        }
        call = {"loss": name, "settings": settings, "arguments": described, "floor": floor_of(name, **values)}
        if name == "ctc_loss":
            call["impossible"] = _share(_too_short(values))
    return call


def _axis(name: str, argument: str, values: Values) -> int | None:
    axis = LOSSES[name].class_axis
    tensor = values[argument]
    if axis is None or argument not in ("input", "log_probs", "target") or not isinstance(tensor, Tensor):
        return None
    if not tensor.is_floating_point() or tensor.dim() == 0:
        return None
    return -1 if tensor.dim() == 1 else axis


def describe(tensor: Tensor, class_axis: int | None = None, ignore_index: int | None = None) -> dict[str, Any]:
    """A tensor in numbers; sums and log-sum-exps of its rows along `class_axis`."""
    found: dict[str, Any] = {"shape": list(tensor.shape), "dtype": str(tensor.dtype).removeprefix("torch.")}
    floating = tensor.is_floating_point()
    values = tensor.detach().double() if floating else tensor.detach().long()
    if not floating and ignore_index is not None:
        found["ignored"] = _share(values == ignore_index)
        values = values[values != ignore_index]
    finite = values[values.isfinite()] if floating else values
    found["nonfinite"] = _share(~values.isfinite()) if floating else 0.0
    if finite.numel():
        found |= {
            "min": finite.min().item(),
            "max": finite.max().item(),
            "integral": bool((finite == finite.round()).all()),
        }
        distinct = finite.flatten()[:10_000].unique()
        found["distinct"] = distinct.tolist() if len(distinct) <= 6 else None
    if class_axis is not None and values.numel():
        found["classes"] = tensor.shape[class_axis]
        for key, per_row in (("sum", values.sum(class_axis)), ("logsumexp", values.logsumexp(class_axis))):
            found[key] = [per_row.min().item(), per_row.max().item()]
    if floating and values.dim() > 1:
        found["zero_rows"] = _share((values == 0).all(dim=-1))
    return found


def _share(where: Tensor) -> float:
    return float(where.double().mean()) if where.numel() else 0.0


def floor_of(name: str, **values: Any) -> float | None:
    """The lowest value that `torch.nn.functional.<name>` gives for these targets and settings under right inputs.

    `values` are the function's arguments by name; those that the floor does not hang on may be left out. With
    reduction "none" it is the floor of the sum. None where there is no formula; -inf where there is no floor.
    """
    name = FUNCTION_OF.get(name, name)
    bound = {
        key: parameter.default
        for key, parameter in inspect.signature(getattr(F, name)).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    } | values
    found = FLOORS.get(name, lambda v: torch.zeros(()))(bound)
    return None if found is None else float(found)


def _reduced(per_element: Tensor, values: Values, count: float | Tensor | None = None) -> Tensor:
    total = per_element.sum()
    return total / (per_element.numel() if count is None else count) if values["reduction"] == "mean" else total


def _lowest(parts: Tensor, dim: int = -1) -> Tensor:
    """The minimum over distributions p of -sum a log p: A times the entropy of a / A; -inf for a negative part."""
    whole = parts.sum(dim, keepdim=True)
    entropy = -torch.special.xlogy(parts, parts / whole.clamp(min=1e-300)).sum(dim)
    return torch.where((parts < 0).any(dim), torch.tensor(UNBOUNDED, dtype=parts.dtype), entropy)


def _cross_entropy(values: Values) -> Tensor | None:
    target, smoothing = values["target"], values["label_smoothing"]
    if target.is_floating_point():
        share = (target.double().movedim(1, -1) if target.dim() > 1 else target.double()).detach()
        classes = share.shape[-1]
        weight = _weights(values["weight"], classes)
        parts = weight * ((1 - smoothing) * share + smoothing / classes)  # (..., C)
        return _reduced(_lowest(parts), values)
    kept = target[target != values["ignore_index"]]
    if not kept.numel():
        return torch.tensor(math.nan if values["reduction"] == "mean" else 0.0)
    classes = _class_count(values, kept)
    weight = _weights(values["weight"], classes)
    parts = (1 - smoothing) * F.one_hot(kept, classes).double() * weight + smoothing / classes * weight  # (N, C)
    return _lowest(parts / (weight[kept].sum() if values["reduction"] == "mean" else 1.0)).sum()


def _class_count(values: Values, kept: Tensor) -> int:
    scores = values.get("input")
    if scores is not None:
        return int(scores.shape[1] if scores.dim() > 1 else scores.shape[0])
    return len(values["weight"]) if values["weight"] is not None else int(kept.max()) + 1


def _weights(weight: Tensor | None, classes: int) -> Tensor:
    return torch.ones(classes, dtype=torch.double) if weight is None else weight.detach().double()


def _nll(values: Values) -> Tensor:
    kept = values["target"][values["target"] != values["ignore_index"]]
    if not kept.numel() and values["reduction"] == "mean":
        return torch.tensor(math.nan)
    share = torch.ones(()) if values["weight"] is None else values["weight"].detach()[kept]
    share = share / (share.sum() if values["reduction"] == "mean" else 1.0)  # weights of one sign cancel in a mean
    return torch.tensor(UNBOUNDED if bool((share < 0).any()) else 0.0)


def _binary(values: Values) -> Tensor:
    """Floor of BCE: its logarithms stop at -100, so targets outside [0, 1], where PyTorch lets them pass, have one."""
    target = values["target"].detach().double()
    inside = _lowest(torch.stack([target, 1 - target], dim=-1))
    outside = -100 * torch.maximum(target - 1, -target)
    return _weighed(torch.where(inside.isinf(), outside, inside), values)


def _binary_with_logits(values: Values) -> Tensor:
    target = values["target"].detach().double()
    positive = values.get("pos_weight")
    positive = torch.ones(()) if positive is None else positive
    return _weighed(_lowest(torch.stack([target * positive, 1 - target], dim=-1)), values)


def _soft_margin_of_labels(values: Values) -> Tensor:
    target = values["target"].detach().double()
    floor = _lowest(torch.stack([target, 1 - target], dim=-1))
    weight = torch.ones(()) if values["weight"] is None else values["weight"].double()
    return _reduced((floor * weight).mean(dim=-1), values)


def _weighed(floor: Tensor, values: Values) -> Tensor:
    weight = values["weight"]
    return _reduced(floor if weight is None else floor * weight.detach().double(), values)


def _distance(spread: Callable[[Tensor], Tensor] | None) -> Callable[[Values], Tensor | None]:
    """Zero; when an input value must answer several targets by broadcasting, how far those lie apart."""

    def floor(values: Values) -> Tensor | None:
        target, given = values["target"].detach().double(), values.get("input")
        if given is None or given.shape == target.shape:
            return torch.zeros(())
        if spread is None or values["weight"] is not None:
            return None
        shape = torch.broadcast_shapes(given.shape, target.shape)
        own = [1] * (len(shape) - given.dim()) + list(given.shape)
        shared = [i for i, size in enumerate(shape) if own[i] == 1 and size > 1]
        if not shared:
            return torch.zeros(())
        wide = target.expand(shape)
        apart = [i for i in range(len(shape)) if i not in shared]
        groups = wide.permute(apart + shared).reshape(
            math.prod([shape[i] for i in apart]), -1
        )  # (inputs, their targets)
        return _reduced(spread(groups), values, None if values["reduction"] == "sum" else wide.numel())

    return floor


def _kl(values: Values) -> Tensor:
    """Sum of t log t over the mass t of each row: zero for distributions, the least that normalised inputs reach."""
    target = values["target"].detach().double()
    share = target.exp() if values["log_target"] else target
    mass = share.sum(dim=-1)
    floor = torch.where(
        (share < 0).any(dim=-1), torch.tensor(math.nan, dtype=mass.dtype), torch.special.xlogy(mass, mass)
    )
    count = target.shape[0] if values["reduction"] == "batchmean" else target.numel()
    return floor.sum() / count if values["reduction"] in ("mean", "batchmean") else floor.sum()


def _too_short(values: Values) -> Tensor:
    """Which rows (B,) have fewer frames than their target and its repeats need."""
    frames, lengths = (torch.as_tensor(values[key]).long() for key in ("input_lengths", "target_lengths"))
    targets = values["targets"]
    rows = list(targets) if targets.dim() == 2 else list(targets.split(lengths.tolist()))
    rows = [row[:n] for row, n in zip(rows, lengths.tolist())]
    repeats = torch.tensor([int((row[1:] == row[:-1]).sum()) for row in rows])
    return frames < lengths + repeats


def _ctc(values: Values) -> Tensor:
    impossible = _too_short(values).any() and not values["zero_infinity"]
    return torch.tensor(math.inf if impossible else 0.0)


def _gaussian(values: Values) -> Tensor:
    var = torch.as_tensor(values["var"]).detach().double().clamp(min=values["eps"])
    target = values["target"]
    floor = 0.5 * var.log() + (0.5 * math.log(2 * math.pi) if values["full"] else 0.0)
    if floor.dim() and floor.dim() < target.dim():
        floor = floor.unsqueeze(-1)
    return _reduced(floor.expand(target.shape), values)


def _poisson(values: Values) -> Tensor:
    target = values["target"].detach().double()
    if values["log_input"]:
        floor = target - torch.special.xlogy(target, target)
    else:  # x - t log(x + eps) is least at x = t - eps, or at x = 0
        best = (target - values["eps"]).clamp(min=0)
        floor = best - torch.special.xlogy(target, best + values["eps"])
    if values["full"]:
        stirling = torch.special.xlogy(target, target) - target + 0.5 * (2 * math.pi * target).log()
        floor = floor + torch.where(target > 1, stirling, 0.0)
    return _reduced(floor, values)


def _ranking(values: Values) -> Tensor:
    target = values["target"].double()
    return _reduced(torch.where(target == 0, max(0.0, values["margin"]), 0.0), values)


def _hinge(values: Values) -> Tensor:
    """A target that is neither 1 nor -1 is charged for both: x + max(0, margin - x)."""
    both = values["target"].double().abs() != 1
    return _reduced(torch.where(both, max(0.0, values["margin"]), 0.0), values)


def _multi_margin(values: Values) -> Tensor:
    negative = values["weight"] is not None and bool((values["weight"] < 0).any())
    return torch.tensor(UNBOUNDED if negative else 0.0)


def _soft_margin(values: Values) -> Tensor:
    """log(1 + exp(-y x)) falls to 0 whatever the sign of y; a y of 0 leaves ln 2."""
    return _reduced(torch.where(values["target"] == 0, math.log(2), 0.0).double(), values)


def _median_spread(groups: Tensor) -> Tensor:
    return (groups - groups.median(dim=1, keepdim=True).values).abs().sum(dim=1)


def _mean_spread(groups: Tensor) -> Tensor:
    return (groups - groups.mean(dim=1, keepdim=True)).square().sum(dim=1)


FLOORS: dict[str, Callable[[Values], Tensor | None]] = {  # the others are never below zero, and reach it
    "cross_entropy": _cross_entropy,
    "nll_loss": _nll,
    "binary_cross_entropy": _binary,
    "binary_cross_entropy_with_logits": _binary_with_logits,
    "mse_loss": _distance(_mean_spread),
    "l1_loss": _distance(_median_spread),
    "smooth_l1_loss": _distance(None),
    "huber_loss": _distance(None),
    "kl_div": _kl,
    "ctc_loss": _ctc,
    "gaussian_nll_loss": _gaussian,
    "poisson_nll_loss": _poisson,
    "margin_ranking_loss": _ranking,
    "hinge_embedding_loss": _hinge,
    "multi_margin_loss": _multi_margin,
    "multilabel_soft_margin_loss": _soft_margin_of_labels,
    "soft_margin_loss": _soft_margin,
}
