"""Updates that a program writes out itself, heard as steps of an optimizer; those of other shapes are left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.tape import is_parameter
from wordfit.doctor.watch.taping import Taping
from wordfit.doctor.watch.watched import Watched

MOST_VALUES = 12_000_000
MOST_PASSES = 40  # backward passes to wait for a first change


class ByHand:
    """Watches the weights from the first backward pass on, until an optimizer steps or weights change without one."""

    def __init__(self, watched: Watched, taping: Taping, meet: Callable[[torch.optim.Optimizer], Any]) -> None:
        self.watched, self.taping, self.meet = watched, taping, meet
        self.over = False  # nothing to hear, or none of our business
        self.known: Any = None  # the stand-in, once the weights were seen to change
        self.start: dict[int, tuple[Tensor, Tensor]] = {}
        self.grads: dict[int, Tensor] = {}
        self.passes = 0
        self.mark: tuple[Tensor, Tensor] | None = None  # a small weight, and what it was at the last backward pass

    def backward_begins(self) -> None:
        """Before the first pass copy the weights; before later ones ask whether they have changed."""
        if self.over or self.known is not None:
            return
        if self.watched.optimizers or self.passes > MOST_PASSES:
            self.over, self.start, self.grads = True, {}, {}
        elif not self.passes:
            weights: dict[int, Tensor] = {
                id(p): p for root in list(self.watched.roots.values()) for p in root.parameters()
            }
            leaves = self.taping.step.tape.leaves.values() if self.taping.step is not None else ()
            weights.update({id(t): t for t in leaves if is_parameter(t)})
            self.over = sum(p.numel() for p in weights.values()) > MOST_VALUES
            self.start = {} if self.over else {k: (p, p.detach().clone()) for k, p in weights.items()}
        else:
            self._compare()
        self.passes += 1

    def backward_ends(self) -> None:
        """Keep the gradients that an update would be made of."""
        if self.over:
            return
        if self.known is None:
            held = [(k, p.grad) for k, (p, _) in self.start.items() if p.grad is not None and not p.grad.is_sparse]
            self.grads = {k: g.detach().clone() for k, g in held}
        elif self.mark is not None:
            self.mark = self.mark[0], self.mark[0].detach().clone()

    def root_begins(self) -> None:
        """A model is called: if the weights have changed since the backward pass, a step is over."""
        if self.known is None or self.mark is None or torch.equal(*self.mark):
            return
        self.mark = self.mark[0], self.mark[0].detach().clone()
        self._count()

    def give_way(self) -> None:
        """An optimizer steps: what was heard before was a perturbation of the weights, unless it went on for long."""
        if self.over:
            return
        self.over, self.start, self.grads, self.mark = True, {}, {}, None
        if self.known is not None and self.known.steps <= 3:
            del self.watched.optimizers[id(self.known.live)]
            self.watched.steps_done -= self.known.steps
            self.watched.left_gradients.clear()
            self.watched.rates.clear()

    def _count(self) -> None:
        known = self.known
        if known.steps and known.asked:
            self.watched.left_gradients.append((list(self.watched.optimizers).index(id(known.live)), not known.cleared))
            known.cleared = False
        known.steps += 1
        self.watched.rates.append(float(known.live.param_groups[0]["lr"]))
        self.taping.next_step()

    def _compare(self) -> None:
        """What did the first update look like: the gradient at some rate, or its signs, as Adam's first step has?"""
        moves = [
            (p.detach() - first, self.grads[k], p)
            for k, (p, first) in self.start.items()
            if k in self.grads and not torch.equal(p.detach(), first)
        ]
        if not moves:
            return
        change = torch.cat([d.reshape(-1) for d, _, _ in moves])
        grad = torch.cat([g.reshape(-1) for _, g, _ in moves])
        felt = grad != 0
        along = float((change * grad).sum() / (change.norm() * grad.norm()).clamp(min=1e-30))
        signs = float((change.sign() * grad.sign())[felt].mean()) if bool(felt.any()) else 0.0
        held = [p for _, _, p in moves]
        if abs(along) > 0.95:
            rate = float(change.norm() / grad.norm())
            made: torch.optim.Optimizer = torch.optim.SGD(held, lr=rate, maximize=along > 0)
        elif abs(signs) > 0.95:
            made = torch.optim.Adam(held, lr=float(change[felt].abs().median()), maximize=signs > 0)
        else:
            self.over = True
            return
        self.watched.start.update(self.start)
        self.known = self.meet(made)
        small = min(held, key=lambda p: p.numel())
        self.mark = small, small.detach().clone()
        self.start, self.grads = {}, {}
        self.known.steps = 1
        self.watched.rates.append(float(made.param_groups[0]["lr"]))
        self.taping.next_step()
