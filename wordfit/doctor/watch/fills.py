"""Calls that fill a table or ask it for gradients, before training; and matrices that are left unfilled.

Until the first model is called the functions themselves are replaced, which costs the others nothing; from then on
the recording of torch's calls hears of them.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from wordfit.doctor.seen import Write, sample_rows
from wordfit.doctor.sites import is_users, site
from wordfit.doctor.watch.replacing import Replacing, dressed
from wordfit.doctor.watch.watched import Watched

METHODS = ("copy_", "uniform_", "normal_", "zero_", "fill_", "__setitem__", "set_", "requires_grad_")
STARTS = ("uniform_", "normal_", "constant_", "kaiming_uniform_")  # of `nn.init`: those that a recording hears of
ATTRIBUTES = ("data", "requires_grad")


class Fills:
    """Hears what is written into tables up to the first optimizer step."""

    def __init__(self, watched: Watched, survey: Callable[[Any], None]) -> None:
        self.watched = watched
        self._survey = survey
        self._index: dict[tuple[int, str], Write] = {}
        self.places = Replacing()
        self._within = False  # a filling call may be made of others

    def install(self, places: Replacing) -> None:
        """Stand in the place of the calls, until `release`."""
        for name in METHODS:
            self.places.replace(Tensor, name, self._filling)
        for name in STARTS:
            self.places.replace(nn.init, name, self._filling)
        for name in ATTRIBUTES:
            self.places.replace(Tensor, name, self._attribute(name))
        self.places.replace(torch, "empty", self._empty)
        places.undo.append(self.release)

    def release(self) -> None:
        """Give the calls back: a recording hears of them now, or training has begun."""
        self.places.restore()

    def _filling(self, original: Any) -> Any:
        name = original.__name__

        def fill(*args: Any, **kwargs: Any) -> Any:
            if self._within:
                return original(*args, **kwargs)
            self.written(name, args, kwargs)
            self._within = True
            try:
                return original(*args, **kwargs)
            finally:
                self._within = False

        return dressed(fill, original)

    def _attribute(self, name: str) -> Callable[[Any], Any]:
        def wrap(original: Any) -> property:
            def change(tensor: Any, value: Any) -> None:
                self.written(f"{name}.__set__", (tensor, value), {})
                original.__set__(tensor, value)

            return property(original.__get__, change)

        return wrap

    def _empty(self, original: Any) -> Any:
        def empty(*args: Any, **kwargs: Any) -> Any:
            made = original(*args, **kwargs)
            self.emptied(made, sys._getframe(1))
            return made

        return dressed(empty, original)

    def emptied(self, made: Any, frame: Any) -> None:
        """The user's own code asks for a matrix without filling it: keep what memory held."""
        if self.watched.steps_done or not self.watched.on() or not is_users(frame.f_code.co_filename):
            return
        if isinstance(made, Tensor) and made.dim() == 2 and made.is_floating_point() and made.shape[0] >= 20:
            with torch._C.DisableTorchFunction():
                sample = made[sample_rows(len(made))].clone()
            self.watched.empties.append((tuple(made.shape), sample, site(), frame.f_code.co_filename))

    def written(self, name: str, args: Any, kwargs: Any) -> None:
        """A table-like tensor is filled or changed before training."""
        if self.watched.steps_done or self.watched.in_step or not self.watched.on():
            return
        if name not in ("empty", "empty_like"):
            if name == "requires_grad_":  # the method does what the attribute does
                name, args = "requires_grad.__set__", (*args, kwargs.get("requires_grad", True))
            self.watched.guard(self._note_write, name, args[0] if args else kwargs.get("tensor"), args)

    def _note_write(self, name: str, tensor: Any, args: Any) -> None:
        if not isinstance(tensor, Tensor) or tensor.dim() not in (1, 2) or not tensor.is_floating_point():
            return
        if tensor.dim() == 1 and name not in ("copy_", "requires_grad.__set__"):
            return
        if tensor.dim() == 2 and tensor.shape[0] < 16:
            return
        key = (tensor.data_ptr() if tensor.dim() == 2 else id(tensor.untyped_storage().data_ptr), name)
        known = self._index.get(key)
        if known is None and tensor.dim() == 2 and name in ("copy_", "__setitem__", "data.__set__"):
            self._survey(sys._getframe(1))
        if known is not None and name in ("__setitem__", "copy_"):
            known.count += 1
            return
        if len(self.watched.writes) > 400:
            return
        write = Write(name, tensor.data_ptr(), tuple(tensor.shape), site())
        write.parameter = isinstance(tensor, nn.Parameter)
        if name == "requires_grad.__set__":
            write.value = bool(args[1])
            write.weight = weakref.ref(tensor) if write.parameter else None
        elif tensor.dim() == 2 and name != "__setitem__":
            write.before = tensor.detach()[sample_rows(len(tensor), 64)].clone()
        self._index[key] = write
        self.watched.writes.append(write)
