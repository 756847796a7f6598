"""A mean over rows that are all filled up to one width: a slip, or a sum of what stands there, on another scale?

Divided by a width that never changes, a sum stays a sum; where a total is asked for, it is the right thing. So the
training is gone through again with a mean over the words alone, and the losses say which of the two is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from wordfit.doctor.bench import Bench
from wordfit.doctor.sites import site
from wordfit.doctor.tape import func_name


def by_words(bench: Bench) -> Callable[[Any], None] | None:
    """A change of a model: the mean that padding came in by is taken over the words; None where widths change."""
    place, pad = (bench.facts.get("padding") or {}).get("first") or {}, bench.split.padding
    if bench.case is None or place.get("op") not in ("mean", "sum") or pad is None:
        return None
    axis = 0 if bench.case.batch_first is False else 1
    batches = (*bench.split.training, *bench.split.eval_batches)
    if len({i.ids.shape[axis] for b in batches for i in b.lookups if i.ids.dim() == 2}) != 1:
        return None

    def prepare(model: Any) -> None:
        forward = model.forward

        def inside(*args: Any, **kwargs: Any) -> Any:
            with _ByWords(place, pad, axis):
                return forward(*args, **kwargs)

        model.forward = inside

    return prepare


class _ByWords(TorchFunctionMode):
    """Sums and means of one line leave out what stands at padding, and count words for width."""

    def __init__(self, place: dict[str, Any], pad: int, axis: int) -> None:
        super().__init__()
        self.place, self.pad, self.axis = place, pad, axis
        self.real: Tensor | None = None  # (rows, time) or (time, rows), of the ids looked up last

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs, name = kwargs or {}, func_name(func)
        if name == "embedding" and args[0].dim() == 2:
            self.real = args[0] != self.pad
        if name != self.place["op"] or not args or self.real is None or not self._fits(args[0]):
            return func(*args, **kwargs)
        beside = self.real.unsqueeze(-1 if args[0].shape[:2] == self.real.shape else 1)
        made = func(torch.where(beside, args[0], 0.0), *args[1:], **kwargs)
        share = self.real.float().mean(self.axis).clamp(min=1 / self.real.shape[self.axis])  # (rows)
        rows = 0 if made.shape[0] == len(share) else 1
        return made / share.reshape([-1 if n == rows else 1 for n in range(made.dim())])

    def _fits(self, value: Tensor) -> bool:
        """Whether a value (rows, time, width), (time, rows, width) or (rows, width, time) is pooled at the place."""
        assert self.real is not None
        laid_out = value.dim() == 3 and self.real.shape in (value.shape[:2], value.shape[::2])
        return laid_out and (site() or ())[:2] == (self.place.get("file"), self.place.get("line"))
