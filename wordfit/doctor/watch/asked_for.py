"""Gradients that a program asks for with `torch.autograd.grad` add to no old ones, unless the program adds them."""

from __future__ import annotations

import torch
from torch import Tensor

from wordfit.doctor.seen import Optimizer

MOST_VALUES = 3_000_000


def note_given(known: Optimizer, given: dict[int, Tensor]) -> None:
    """Keep what was given for an optimizer's largest weight, beside the old gradient that it still holds."""
    if not known.asked or known.cleared:
        return
    fits = [p for p in known.held if id(p) in given and p.grad is not None and 1 < p.numel() <= MOST_VALUES]
    fits = [p for p in fits if not (p.grad.is_sparse or given[id(p)].is_sparse)]  # type: ignore[union-attr]
    if not fits:
        return
    weight = max(fits, key=lambda p: p.numel())
    new, old = given[id(weight)].detach().clone(), weight.grad.detach().clone()  # type: ignore[union-attr]
    if known.given is not None and known.given[0] is weight:  # a part of the batch after the other
        new, old = known.given[2] + new, known.given[1]
    known.given = weight, old, new


def took_the_place(known: Optimizer) -> bool:
    """Whether what was asked for since the last step stands where the old gradient stood, and was not added to it."""
    if known.given is None:
        return False
    (weight, old, new), known.given = known.given, None
    if weight.grad is None:
        return True
    parts = torch.stack([new.reshape(-1), old.reshape(-1)], 1).double()  # (values, 2)
    squares = parts.t() @ parts
    if float(squares.det()) < 1e-4 * float(squares.diagonal().prod()) + 1e-300:  # alike: nothing tells them apart
        return True
    of_new, of_old = torch.linalg.solve(squares, parts.t() @ weight.grad.reshape(-1).double()).tolist()
    return not (of_old > 0.05 and of_old > 0.95 * of_new)  # a program's own momentum keeps less
