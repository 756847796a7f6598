"""Where tables and rows come from, before training: what made a layer, loads, shuffles, bare memory."""

from __future__ import annotations

import functools
import linecache
import random
import sys
import weakref
from contextlib import suppress
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from wordfit.doctor.seen import sample_rows
from wordfit.doctor.sites import site
from wordfit.doctor.survey import running
from wordfit.doctor.watch.kernels import NumbaCompiles
from wordfit.doctor.watch.replacing import Replacing, dressed
from wordfit.doctor.watch.watched import Watched

LONGEST = 50_000  # items of what is looked at before the first step; more would be kept alive for nothing


class Origins:
    """Remembers who made what, up to the first optimizer step."""

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self._looks = 3

    def install(self, places: Replacing) -> None:
        """Stand in the place of what makes layers, tables and orders."""
        places.replace(nn.Module, "__init__", self._made)
        places.replace(torch.optim.Optimizer, "__init__", self._made)
        places.replace(nn.Module, "load_state_dict", self._load)
        places.replace(random, "shuffle", self._shuffle)
        places.replace(random.Random, "shuffle", self._shuffle)
        numpys = Replacing()
        numpys.replace(np, "empty", self._numpy_empty)
        numpys.replace(np.random, "shuffle", self._shuffle)
        numba = NumbaCompiles(numpys)
        numba.install()
        places.undo += [numpys.restore, numba.remove]
        self._install_from_pretrained(places)

    def _install_from_pretrained(self, places: Replacing) -> None:
        for kind in (nn.Embedding, nn.EmbeddingBag):
            original = kind.__dict__["from_pretrained"]
            kind.from_pretrained = self._from_pretrained(original)  # type: ignore[method-assign]
            places.undo.append(functools.partial(setattr, kind, "from_pretrained", original))

    def _from_pretrained(self, original: Any) -> Any:
        watched = self.watched

        def from_pretrained(cls: Any, embeddings: Any, *args: Any, **kwargs: Any) -> Any:
            made = original.__func__(cls, embeddings, *args, **kwargs)
            if watched.on():
                self.survey(sys._getframe(1))
                watched.from_pretrained.append(
                    {
                        "module": weakref.ref(made),
                        "freeze": args[0] if args else kwargs.get("freeze"),
                        "site": site(),
                        "shape": tuple(embeddings.shape),
                        "sample": embeddings.detach()[sample_rows(len(embeddings), 64)].clone(),
                    }
                )
            return made

        return classmethod(from_pretrained)

    def survey(self, frame: Any) -> None:
        """What builds or fills a table may hold mappings and vectors that are gone by the first step."""
        if self._looks and not self.watched.steps_done:
            self._looks -= 1
            self.watched.guard(self._look, frame)

    def _look(self, frame: Any) -> None:
        self.watched.survey(running(frame), LONGEST)

    def _made(self, original: Any) -> Any:
        watched = self.watched

        def __init__(made: Any, *args: Any, **kwargs: Any) -> None:
            if watched.on():
                with suppress(Exception):
                    watched.made.setdefault(made, site())
            original(made, *args, **kwargs)

        return dressed(__init__, original)

    def _load(self, original: Any) -> Any:
        """A state that is loaded without strictness may leave a table as it was."""
        watched = self.watched

        def load_state_dict(module: Any, state: Any, *args: Any, **kwargs: Any) -> Any:
            keys = original(module, state, *args, **kwargs)
            if watched.on() and getattr(keys, "missing_keys", None) and len(watched.loads) < 6:
                given = {k: tuple(state[k].shape) for k in keys.unexpected_keys if isinstance(state.get(k), Tensor)}
                watched.loads.append({"module": module, "missing": keys.missing_keys, "given": given, "site": site()})
            return keys

        return dressed(load_state_dict, original)

    def _shuffle(self, original: Any) -> Any:
        """Remember the order that lists had before they were shuffled, in case labels were left behind."""
        watched = self.watched

        def shuffle(*args: Any, **kwargs: Any) -> Any:
            listed = next((a for a in args[:2] if isinstance(a, (list, np.ndarray))), None)
            early = watched.on() and watched.steps_done == 0 and len(watched.shuffled) < 12
            if early and listed is not None and 40 <= len(listed) <= 200_000:
                kept = list(listed.copy())  # rows of an array are parts of it
                watched.shuffled.append((f"list {len(watched.shuffled) + 1}", kept))
            return original(*args, **kwargs)

        return dressed(shuffle, original)

    def _numpy_empty(self, original: Any) -> Any:
        watched = self.watched

        def empty(shape: Any, *args: Any, **kwargs: Any) -> Any:
            made = original(shape, *args, **kwargs)
            if watched.on() and watched.steps_done == 0 and isinstance(shape, tuple) and len(shape) == 2:
                with suppress(Exception):
                    frame, large = sys._getframe(1), shape[0] >= 20 and shape[1] >= 4
                    # numpy's own calls, which fill what they ask for, seem to come from the line that called numpy
                    if large and made.dtype.kind == "f" and "empty" in _line_of(frame):
                        rows = sample_rows(shape[0]).numpy()
                        with np.errstate(invalid="ignore"):  # whatever stood in that memory
                            sample = torch.from_numpy(made[rows].astype(np.float64))
                        watched.empties.append((tuple(shape), sample, site(), frame.f_code.co_filename))
            return made

        return dressed(empty, original)


def _line_of(frame: Any) -> str:
    """The line of source that a frame is at."""
    return linecache.getline(frame.f_code.co_filename, frame.f_lineno)
