"""Updates that a program writes out itself, heard as steps of an optimizer; those of other shapes are left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.tape import is_parameter
from wordfit.doctor.watch.graph import weights_behind
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
        self.seen = False  # whether it has changed since then

    def backward_begins(self, loss: Tensor) -> None:
        """Before the first pass copy the weights; before later ones ask whether they have changed."""
        if self.known is not None and self._has_changed():  # code without modules: no call of a model told of it
            self._count(self.taping.updated_before)
        if self.over or self.known is not None:
            return
        if self.watched.optimizers or self.passes > MOST_PASSES:
            self.over, self.start, self.grads = True, {}, {}
        elif not self.passes:
            weights: dict[int, Tensor] = {
                id(p): p for root in list(self.watched.roots.values()) for p in root.parameters()
            }
            leaves = self.taping.step.tape.leaves.values() if self.taping.step is not None else ()
            weights.update({id(t): t for t in (*leaves, *weights_behind(loss)) if is_parameter(t)})
            self.over = sum(p.numel() for p in weights.values()) > MOST_VALUES
            self.start = {} if self.over else {k: (p, p.detach().clone()) for k, p in weights.items()}
        else:
            self._compare()
        self.passes += 1

    def backward_ends(self, given: dict[int, Tensor] | None = None) -> None:
        """Keep the gradients that an update would be made of: the weights' own, or those that were asked for."""
        if self.over:
            return
        if self.known is None:
            own = {k: p.grad for k, (p, _) in self.start.items() if p.grad is not None} if given is None else given
            self.grads = {k: g.detach().clone() for k, g in own.items() if k in self.start and not g.is_sparse}
        elif self.mark is not None:
            self.mark, self.seen = (self.mark[0], self.mark[0].detach().clone()), False

    def root_begins(self) -> None:
        """A model is called: if the weights have changed since the backward pass, a step is over."""
        if self._has_changed():
            self._count(self.taping.next_step)

    def _has_changed(self) -> bool:
        if self.known is None or self.mark is None or self.seen or torch.equal(*self.mark):
            return False
        self.seen = True
        return True

    def give_way(self) -> None:
        """An optimizer steps: what was heard before was a perturbation of the weights, unless it went on for long."""
        if self.over:
            return
        self.over, self.start, self.grads, self.mark = True, {}, {}, None
        self.taping.unheard = False
        if self.known is not None and self.known.steps <= 3:
            del self.watched.optimizers[id(self.known.live)]
            self.watched.steps_done -= self.known.steps
            self.watched.left_gradients.clear()
            self.watched.rates.clear()

    def _count(self, tape: Callable[[], None]) -> None:
        known = self.known
        if known.steps and known.asked:
            self.watched.left_gradients.append((list(self.watched.optimizers).index(id(known.live)), not known.cleared))
            known.cleared = False
        known.steps += 1
        self.watched.rates.append(float(known.live.param_groups[0]["lr"]))
        tape()

    def _compare(self) -> None:
        """What did the first update look like: the gradient at some rate, or its signs, as Adam's first step has?"""
        moves = [
            (p.detach() - first, self.grads[k], p)
            for k, (p, first) in self.start.items()
            if k in self.grads and not torch.equal(p.detach(), first)
        ]
        if not moves:
            return
        least = 1e-5 * max(float(g.abs().max()) for _, g, _ in moves)  # steps so small are lost in rounding
        unmoved = [k for k, g in self.grads.items() if all(self.start[k][0] is not p for _, _, p in moves)]
        made = _optimizer_of(moves, [self.start[k][0] for k in unmoved if float(self.grads[k].abs().max()) <= least])
        if made is None:
            self.over = True
            return
        self.watched.start.update(self.start)
        self.known = self.meet(made)
        small = min((p for _, _, p in moves), key=lambda p: p.numel())
        self.mark = small, small.detach().clone()
        self.start, self.grads = {}, {}
        self.known.steps = 1
        self.watched.rates.append(float(made.param_groups[0]["lr"]))
        (self.taping.updated_before if self.taping.is_bare else self.taping.next_step)()


Move = tuple[Tensor, Tensor, Tensor]
"""How far a weight went, the gradient that it had, and the weight."""


def _optimizer_of(moves: list[Move], unmoved: list[Tensor]) -> torch.optim.Optimizer | None:
    """An optimizer that would have taken the same first step; `unmoved` are weights without gradient to speak of."""
    each = [float((d * g).sum() / (d.norm() * g.norm()).clamp(min=1e-30)) for d, g, _ in moves]
    along = 1 if min(each) > 0.95 else -1 if max(each) < -0.95 else 0
    if along:
        rates = [float(d.norm() / g.norm()) for d, g, _ in moves]
        common = sorted(rates)[len(rates) // 2]
        groups = {common: [p for (_, _, p), r in zip(moves, rates) if abs(r - common) < 0.02 * common] + unmoved}
        for (_, _, p), rate in zip(moves, rates):
            if abs(rate - common) >= 0.02 * common:
                groups.setdefault(rate, []).append(p)
        settings = [{"params": weights, "lr": rate} for rate, weights in groups.items()]
        return torch.optim.SGD(settings, lr=common, maximize=along > 0)
    change, grad = (torch.cat([m[n].reshape(-1) for m in moves]) for n in (0, 1))
    felt = grad != 0
    signs = float((change.sign() * grad.sign())[felt].mean()) if bool(felt.any()) else 0.0
    if abs(signs) < 0.95:
        return None
    held = [p for _, _, p in moves] + unmoved
    return torch.optim.Adam(held, lr=float(change[felt].abs().median()), maximize=signs > 0)
