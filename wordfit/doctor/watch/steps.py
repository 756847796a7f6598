"""Backward passes and optimizer steps: losses, gradients left over, how far a step moves which weights."""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.optim import optimizer as optimizers

from wordfit.doctor.seen import Movement, Optimizer, sample_rows
from wordfit.doctor.survey import running
from wordfit.doctor.tape import is_parameter
from wordfit.doctor.watch.asked_for import note_given, took_the_place
from wordfit.doctor.watch.bare_tables import BareTables
from wordfit.doctor.watch.batches import Batches
from wordfit.doctor.watch.by_hand import ByHand
from wordfit.doctor.watch.replacing import Replacing, dressed
from wordfit.doctor.watch.taping import Taping
from wordfit.doctor.watch.watched import Watched


class Steps:
    """Looks before and after every backward pass and every optimizer step."""

    def __init__(self, watched: Watched, batches: Batches, taping: Taping) -> None:
        self.watched = watched
        self.batches = batches
        self.taping = taping
        self.by_hand = ByHand(watched, taping, self._meet)
        taping.before_root = self.by_hand.root_begins
        self.bare_tables = BareTables(watched, batches)
        self.closely = False  # whether the optimizer step that runs now is looked at

    def install(self, places: Replacing) -> None:
        """Hear of backward passes and of optimizer steps."""
        self.bare_tables.install(places)
        before = optimizers.register_optimizer_step_pre_hook(self._before_step)
        after = optimizers.register_optimizer_step_post_hook(self._after_step)
        places.undo += [before.remove, after.remove]
        places.replace(torch.autograd, "backward", self._backward)
        places.replace(torch.autograd, "grad", self._grad)

    def _backward(self, original: Any) -> Any:
        watched = self.watched

        def backward(tensors: Any, *args: Any, **kwargs: Any) -> Any:
            heard = watched.on() and threading.get_ident() == watched.thread
            if heard:
                watched.guard(self._before_backward, tensors)
            try:
                return original(tensors, *args, **kwargs)
            finally:
                if heard:
                    watched.guard(self._after_backward)

        return dressed(backward, original)

    def _grad(self, original: Any) -> Any:
        """Gradients of a loss for all of its weights, asked for instead of left in `grad`: a backward pass as well."""
        watched = self.watched

        def grad(outputs: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
            asked = list(inputs) if isinstance(inputs, (tuple, list)) else [inputs]
            heard = watched.on() and threading.get_ident() == watched.thread and _trains(outputs, asked, kwargs)
            if heard:
                watched.guard(self._before_backward, outputs)
            found = original(outputs, inputs, *args, **kwargs)
            if heard:
                given = {id(p): g for p, g in zip(asked, found) if g is not None}
                watched.guard(self._after_backward, given)
            return found

        return dressed(grad, original)

    def _before_backward(self, tensors: Any) -> None:
        watched = self.watched
        loss = tensors if isinstance(tensors, Tensor) else next(iter(tensors))
        self.by_hand.backward_begins(loss)
        if not watched.backwards and not (self.batches.now and self.batches.now.lookups):
            self.bare_tables.look_for(loss)
        for optimizer in watched.optimizers.values():
            if optimizer.asked and not optimizer.cleared:
                optimizer.cleared = not _gradients_left(optimizer)
        watched.backwards += 1
        if loss.numel() == 1:
            if not math.isfinite(value := float(loss.detach())) and all(map(math.isfinite, watched.losses[-1:])):
                self.taping.forced = 8  # the data of the steps to come may show what broke it
                if not watched.last_sound:
                    watched.last_sound = {k: p.detach().clone() for k, (p, _) in watched.start.items()}
            watched.losses.append(value)
            watched.loss_steps.append(watched.steps_done)
        if self.batches.now is not None:
            self.batches.now.loss = watched.losses[-1] if watched.losses else None
        self.taping.backward_begins(loss)

    def _after_backward(self, given: dict[int, Tensor] | None = None) -> None:
        self.batches.close(True)
        self.taping.backward_ends()
        self.by_hand.backward_ends(given)
        for optimizer in self.watched.optimizers.values() if given else ():
            note_given(optimizer, given or {})

    def _before_step(self, optimizer: Any, args: Any, kwargs: Any) -> tuple[Any, Any] | None:
        """A closure, which calls the model inside the step, is heard; what the optimizer itself does is not."""
        if self.watched.stopped:
            return None
        self.watched.in_step = True
        closure = kwargs.get("closure") or next(iter(args[1:]), None)
        if not callable(closure):
            self.taping.drop()
            self.watched.guard(self._look_before_step, optimizer)
            return None
        self.watched.guard(self._acquaint, optimizer)
        heard = self._heard(optimizer, closure)
        if "closure" in kwargs:
            return args, {**kwargs, "closure": heard}
        return (args[0], heard, *args[2:]), kwargs

    def _heard(self, optimizer: Any, closure: Any) -> Any:
        looked: list[bool] = []

        def heard() -> Any:
            self.watched.in_step = False
            try:
                return closure()
            finally:
                self.watched.in_step = True
                self.taping.drop()
                if not looked:  # some optimizers call a closure several times
                    looked.append(True)
                    self.watched.guard(self._look_before_step, optimizer)

        return heard

    def _acquaint(self, optimizer: Any) -> None:
        self.by_hand.give_way()
        if id(optimizer) not in self.watched.optimizers:
            self._meet(optimizer)

    def _look_before_step(self, optimizer: Any) -> None:
        watched = self.watched
        self.by_hand.give_way()
        known = watched.optimizers.get(id(optimizer)) or self._meet(optimizer)
        if known.steps and known.asked:
            known.cleared = took_the_place(known) or known.cleared
            watched.left_gradients.append((list(watched.optimizers).index(id(optimizer)), not known.cleared))
            known.cleared = False
        reached = sum(p.grad is not None for p in known.held)
        if known.steps and reached != known.reached and known.turns < 4:
            known.turns += 1
            self.taping.forced = 1  # other weights than before are trained: look at the step to come
        known.reached = reached
        if len(watched.rates) < 100_000:
            watched.rates.append(float(optimizer.param_groups[0]["lr"]))
        self.closely = watched.steps_done < 4 or self.taping.entered
        if self.closely:
            began = time.perf_counter()
            self._look_closely()
            self.taping.recording.spent += time.perf_counter() - began

    def _meet(self, optimizer: Any) -> Optimizer:
        """An optimizer steps for the first time: look around, and copy the weights as they are."""
        watched = self.watched
        known = Optimizer(optimizer, watched.made.get(optimizer))
        known.start = [{k: v for k, v in g.items() if k != "params"} for g in optimizer.param_groups]
        known.held = [p for g in optimizer.param_groups for p in g["params"]]
        watched.optimizers[id(optimizer)] = known
        if len(watched.optimizers) == 1:
            watched.survey(running(sys._getframe(1)))
        self.taping.forced = 0 if len(watched.optimizers) == 1 else 2  # another phase: look at its first steps
        self._snapshot(known)
        return known

    def _snapshot(self, optimizer: Optimizer) -> None:
        """Copy the weights as they are before the first step; of very big tables only sampled rows."""
        watched = self.watched
        everything = {id(p): p for p in optimizer.held}
        for root in list(watched.roots.values()):
            everything.update({id(p): p for p in root.parameters()})
        total = sum(p.numel() for p in everything.values())
        for key, parameter in everything.items():
            if key in watched.start or key in watched.row_start:
                continue
            if parameter.dim() == 2 and total > 12_000_000 and parameter.numel() > 2_000_000:
                rows = sample_rows(len(parameter), 4096).to(parameter.device)
                norms = parameter.detach().norm(dim=1)
                watched.row_start[key] = (parameter, rows, parameter.detach()[rows].clone(), norms)
            else:
                watched.start[key] = (parameter, parameter.detach().clone())

    def _look_closely(self) -> None:
        movement = Movement(self.watched.steps_done)
        for parameter in self._watched_parameters():
            movement.rows.append(_gradient_row(parameter))
        self.watched.movements.append(movement)
        if len(self.watched.movements) > 24:
            del self.watched.movements[6]

    def _watched_parameters(self) -> Iterator[Tensor]:
        for parameter, _ in self.watched.start.values():
            yield parameter
        for parameter, *_ in self.watched.row_start.values():
            yield parameter

    def _after_step(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        if self.watched.stopped:
            return
        self.watched.guard(self._look_after_step, optimizer)
        self.watched.in_step = False
        self.taping.next_step()

    def _look_after_step(self, optimizer: Any) -> None:
        watched = self.watched
        known = watched.optimizers.get(id(optimizer))
        if known is not None:
            known.steps += 1
        if self.closely:
            began = time.perf_counter()
            for row in watched.movements[-1].rows:
                _note_change(row)
            self.taping.recording.spent += time.perf_counter() - began


def _trains(outputs: Any, inputs: list[Any], named: dict[str, Any]) -> bool:
    """Whether gradients are those of one loss for weights, and will not be differentiated themselves."""
    loss = isinstance(outputs, Tensor) and outputs.numel() == 1 and not named.get("create_graph")
    return loss and bool(inputs) and all(isinstance(p, Tensor) and is_parameter(p) for p in inputs)


def _gradients_left(optimizer: Optimizer) -> bool:
    """Whether an optimizer still holds gradients when a backward pass begins."""
    held = [p for g in optimizer.live.param_groups for p in g["params"] if p.grad is not None]
    for parameter in held[:2] + held[-2:]:
        grad = parameter.grad
        if grad is not None and not grad.is_sparse and bool(grad.abs().max() > 0):
            return True
    return False


def _gradient_row(parameter: Tensor) -> dict[str, Any]:
    """The size of a parameter's gradient, and the parameter itself to compare with after the step."""
    grad = parameter.grad
    row: dict[str, Any] = {"parameter": parameter, "grad": None, "sparse": False}
    if grad is not None:
        row["sparse"] = grad.is_sparse
        values = grad.coalesce().values() if grad.is_sparse else grad
        row["grad"] = float(values.norm())
        row["finite"] = bool(torch.isfinite(values).all())
        if parameter.numel() <= 3_000_000:
            row["before"] = parameter.detach().clone()
    return row


def _note_change(row: dict[str, Any]) -> None:
    """How far a step moved a parameter, and how many rows of a table."""
    before = row.pop("before", None)
    if before is None:
        return
    change = row["parameter"].detach() - before
    row["weight"] = float(before.norm())
    row["update"] = float(change.norm())
    if before.dim() == 2 and before.shape[0] >= 16:
        row["moved_rows"] = int((change.abs().amax(dim=1) > 0).sum())
