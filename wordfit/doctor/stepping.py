"""Optimizers over copies: of the program's kind, with its settings and the rates of its schedule."""

from __future__ import annotations

import copy
import math
from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.case import Case
from wordfit.doctor.watch import Recorder


def optimizers_for(
    case: Case, weights: dict[int, Tensor], scale: float = 1.0, decay: bool = True
) -> list[torch.optim.Optimizer]:
    """Optimizers of the program's kinds and settings over copies, or without decay; what none holds stays out."""
    place = {id(case.tape.leaves[n]): n for n in weights}
    scale *= _schedule(case.recorder)
    made = []
    for known in case.recorder.optimizers.values():
        groups = []
        for group, start in zip(known.live.param_groups, known.start):
            held = [weights[place[id(p)]] for p in group["params"] if id(p) in place]
            held = [w for w in held if w.requires_grad]
            if held:
                options = {k: v for k, v in start.items() if k in ACCEPTED}
                options |= {} if decay else {"weight_decay": 0.0}
                groups.append({"params": held, **options, "lr": _base_rate(start) * scale})
        if groups:
            made.append(_like(known.live, groups))
    return made


def _schedule(recorder: Recorder) -> float:
    """The upper quartile of the rates of the run beside that of the first step: warm-ups begin near zero."""
    rates = sorted(recorder.rates)
    if not rates or len(recorder.optimizers) != 1:
        return 1.0
    first = next(_base_rate(o.start[0]) for o in recorder.optimizers.values())
    return rates[int(0.75 * (len(rates) - 1))] / first if first > 0 else 1.0


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


def same_weights(judge: Case, case: Case, weights: dict[int, Tensor]) -> dict[int, Tensor]:
    """Copies made for one tape, by the slots of another."""
    if case is judge:
        return weights
    by_id = {id(judge.tape.leaves[n]): w for n, w in weights.items()}
    return {n: by_id.get(id(t), t.detach()) for n, t in case.tape.parameters().items()}


def own_clip(recorder: Recorder) -> float | None:
    """The norm that a program clips its gradients to: several of its steps have this very one, and none a larger."""
    norms = [math.sqrt(sum((r["grad"] or 0.0) ** 2 for r in movement.rows)) for movement in recorder.movements]
    largest = max((n for n in norms if math.isfinite(n)), default=0.0)
    return largest if sum(n > (1 - 1e-4) * largest > 0 for n in norms) >= 3 else None


def clip_gradients(grads: list[Tensor], most: float) -> None:
    """Scale gradients, sparse ones among them, to a norm of `most` together, if it is larger."""
    felt = [g.coalesce().values() if g.is_sparse else g for g in grads]
    norm = math.sqrt(sum(float(g.norm()) ** 2 for g in felt))
    if norm > most:
        for grad in grads:
            grad.mul_(most / norm)
