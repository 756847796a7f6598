"""Calls of modules: which one runs inside which, and which are called by the program itself (roots)."""

from __future__ import annotations

import threading
from typing import Any

import torch
from torch import nn
from torch.nn.modules import module as modules

from wordfit.doctor.watch.batches import Batches
from wordfit.doctor.watch.replacing import Replacing
from wordfit.doctor.watch.taping import Taping
from wordfit.doctor.watch.watched import Watched, flat_tensors

LOSS_MODULE = nn.modules.loss._Loss


class Calls:
    """The modules that run now, the innermost last."""

    def __init__(self, watched: Watched, batches: Batches) -> None:
        self.watched = watched
        self.batches = batches
        self.stack: list[nn.Module] = []
        self.taping = Taping(watched, self.inside)

    def inside(self) -> nn.Module | None:
        """The innermost module that runs now."""
        return self.stack[-1] if self.stack else None

    def install(self, places: Replacing) -> None:
        """Hear of every call of a module."""
        before = modules.register_module_forward_pre_hook(self._before)
        after = modules.register_module_forward_hook(self._after, with_kwargs=True, always_call=True)
        places.undo += [before.remove, after.remove]

    def _before(self, module: nn.Module, args: Any) -> None:
        if not self.watched.on() or threading.get_ident() != self.watched.thread:
            return
        if not self.stack and not isinstance(module, LOSS_MODULE):
            try:
                self._root_begins(module, args)
            except Exception as error:
                self.watched.trouble(error)
        self.stack.append(module)

    def _root_begins(self, module: nn.Module, args: Any) -> None:
        grad = torch.is_grad_enabled()
        self.watched.roots.setdefault(id(module), module)
        self.batches.begin(module, args, grad)
        self.taping.root_begins(module, args, grad, self.batches.calls_per_step.get(id(module), 1))

    def _after(self, module: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        if not self.stack or self.watched.stopped or threading.get_ident() != self.watched.thread:
            return
        while self.stack:  # a call that raised may have left modules behind
            if self.stack.pop() is module:
                break
        if self.stack or isinstance(module, LOSS_MODULE) or not self.watched.on():
            return
        try:
            self._root_ends(module, kwargs, output)
        except Exception as error:
            self.watched.trouble(error)

    def _root_ends(self, module: nn.Module, kwargs: Any, output: Any) -> None:
        tensors = flat_tensors(output)
        self.taping.root_ends(module, kwargs, tensors)
        if kwargs:
            self.batches.add_named(module, kwargs)
        self.batches.add_answer(tensors)
