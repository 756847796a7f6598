"""Calls of modules: which one runs inside which, and which are called by the program itself (roots)."""

from __future__ import annotations

import threading
from typing import Any

import torch
from torch import nn

from wordfit.doctor.watch.batches import Batches
from wordfit.doctor.watch.compiled import original_of
from wordfit.doctor.watch.replacing import Replacing, dressed
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
        """Stand in the place of `nn.Module.__call__`: global hooks would cost every call of every layer more."""
        places.replace(nn.Module, "__call__", self._call)

    def _call(self, original: Any) -> Any:
        stack, recording, watched, batches = self.stack, self.taping.recording, self.watched, self.batches
        learning = torch.is_grad_enabled
        plain = original is nn.Module._wrapped_call_impl  # which passes on to `_call_impl`, at the price of a call

        def __call__(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
            if recording.tape is None and (stack or (batches.passing and module.training and learning())):
                if plain and module._compiled_call_impl is None:  # inside a root, or a batch that is passed over
                    return module._call_impl(*args, **kwargs)
                return original(module, *args, **kwargs)
            if torch.compiler.is_compiling() or not watched.on():
                return original(module, *args, **kwargs)
            if threading.get_ident() != watched.thread:
                watched.beyond.setdefault("calls of models in other threads", "only the first thread is watched")
                return original(module, *args, **kwargs)
            return self._heard(original, module, args, kwargs)

        return dressed(__call__, original)

    def _heard(self, original: Any, module: nn.Module, args: Any, kwargs: Any) -> Any:
        root = not self.stack and not isinstance(module, LOSS_MODULE)
        if root:
            try:
                self._root_begins(module, args)
            except Exception as error:
                self.watched.trouble(error)
        depth = len(self.stack)
        self.stack.append(module)
        try:
            output = original(module, *args, **kwargs)
        finally:
            del self.stack[depth:]
        if root and self.watched.on():
            try:
                self._root_ends(module, kwargs, output)
            except Exception as error:
                self.watched.trouble(error)
        return output

    def _root_begins(self, module: nn.Module, args: Any) -> None:
        grad, called = torch.is_grad_enabled(), module
        module = original_of(module)
        compiled = module is not called or module._compiled_call_impl is not None
        self.watched.roots.setdefault(id(module), module)
        self.batches.begin(module, args, grad)
        self.taping.root_begins(module, args, grad, compiled)

    def _root_ends(self, module: nn.Module, kwargs: Any, output: Any) -> None:
        module, tensors = original_of(module), flat_tensors(output)
        self.taping.root_ends(module, kwargs, tensors)
        if kwargs:
            self.batches.add_named(module, kwargs)
        self.batches.add_answer(tensors)
