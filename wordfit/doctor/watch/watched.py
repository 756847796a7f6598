"""What every part of the recorder shares: what was seen so far, and whether this thread is watched now."""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.seen import Seen
from wordfit.doctor.survey import survey_frames
from wordfit.doctor.tape import PLAIN

INSIDE = "what runs inside torch.func (grad, vmap)"
transforms: Callable[[], int | None] = getattr(
    torch._C._functorch,
    "maybe_current_level",
    lambda: None,  # type: ignore[attr-defined]
)
"""How deep inside transforms of `torch.func` the program is."""


class Watched(Seen):
    """What was seen of a run, and the switch that says whether to look."""

    def __init__(self) -> None:
        super().__init__()
        self.thread = threading.get_ident()
        self.began = time.perf_counter()
        self.stopped = False
        self.in_step = False  # inside an optimizer's step

        _alive.add(self)

    def on(self) -> bool:
        """Whether this process is watched now; tensors inside a transform of `torch.func` have no numbers to keep."""
        if transforms() is not None:
            self.beyond[INSIDE] = "torch.func hands stand-ins to it"
            return False
        return not self.stopped and not self.in_step

    def survey(self, frames: list[Any], largest: int | None = None) -> None:
        """Look over what frames hold, and note how often matrices had been written into by then."""
        self.found = survey_frames(frames, self.found, largest)
        for _, value in self.found.get("matrices", []):
            if isinstance(value, Tensor) and not value.is_inference():
                self.versions.setdefault(id(value), value._version)

    def forked(self) -> None:
        """A child of the program's process begins: it is not watched."""
        self.stopped = True

    def trouble(self, error: BaseException) -> None:
        """Remember what went wrong in watching; the program goes on."""
        if len(self.troubles) < 20:
            self.troubles.append(f"{type(error).__name__}: {error}")

    def guard(self, call: Callable[..., None], *args: Any) -> None:
        """Look, without being put on tape and without harm to the program."""
        try:
            with torch._C.DisableTorchFunction():
                call(*args)
        except Exception as error:
            self.trouble(error)


def flat_tensors(value: Any, most: int = 32) -> list[Tensor]:
    """The first tensors in nested tuples, lists and dictionaries, in order; lists of numbers and words are left out."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    elif not isinstance(value, (tuple, list)):
        return []
    if value and isinstance(value[0], PLAIN) and isinstance(value[-1], PLAIN):
        return []
    found: list[Tensor] = []
    for item in value:
        found += [item] if isinstance(item, Tensor) else flat_tensors(item, most)
        if len(found) >= most:
            break
    return found


_alive: weakref.WeakSet[Watched] = weakref.WeakSet()


def _in_child() -> None:
    for watched in _alive:
        watched.forked()


os.register_at_fork(after_in_child=_in_child)
