"""Stand aside while numba compiles: it knows NumPy's functions, and nothing that stands in their place."""

from __future__ import annotations

import functools
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import ModuleType
from typing import Any

from wordfit.doctor.watch.replacing import Replacing

HOME = "numba.core.dispatcher"


class NumbaCompiles(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives NumPy's functions back for as long as a kernel is compiled, also where numba is imported later on."""

    def __init__(self, places: Replacing) -> None:
        self.places = places
        self._depth = 0  # compiling a kernel may compile those that it calls
        self._loader: Any = None
        self._undo: Any = None

    def install(self) -> None:
        """Patch numba if it is there, else wait for it."""
        if HOME in sys.modules:
            self._patch(sys.modules[HOME])
        else:
            sys.meta_path.insert(0, self)

    def remove(self) -> None:
        """Leave numba, and the imports, as they were."""
        with suppress(ValueError):
            sys.meta_path.remove(self)
        if self._undo is not None:
            self._undo()

    def _patch(self, module: ModuleType) -> None:
        kind = module.Dispatcher
        original = kind.compile

        def compile(dispatcher: Any, *args: Any, **kwargs: Any) -> Any:
            if not self._depth:
                self.places.suspend()
            self._depth += 1
            try:
                return original(dispatcher, *args, **kwargs)
            finally:
                self._depth -= 1
                if not self._depth:
                    self.places.resume()

        kind.compile = functools.wraps(original)(compile)
        self._undo = functools.partial(setattr, kind, "compile", original)

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> Any:
        """Load numba's dispatcher as usual, and patch it after."""
        if name != HOME:
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None:
            self._loader, spec.loader = spec.loader, self
        return spec

    def create_module(self, spec: Any) -> Any:
        """As the loader does that stands behind."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, then patch it."""
        self._loader.exec_module(module)
        self._patch(module)
