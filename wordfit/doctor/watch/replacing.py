"""Put a function in another's place, and put the old one back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any


class Replacing:
    """Functions that stand in another's place until `restore`."""

    def __init__(self) -> None:
        self.undo: list[Callable[[], None]] = []

    def replace(self, owner: Any, name: str, wrap: Callable[[Any], Any]) -> None:
        """Put `wrap(original)` in the place of an attribute."""
        own = name in vars(owner)  # else inherited: then nothing is left behind
        original = getattr(owner, name)
        setattr(owner, name, wrap(original))
        self.undo.append(lambda: setattr(owner, name, original) if own else delattr(owner, name))

    def restore(self) -> None:
        """Put every old function back, the last one first."""
        for undo in reversed(self.undo):
            undo()
        self.undo = []


def dressed(wrapper: Any, original: Any) -> Any:
    """A wrapper under the name of what it wraps."""
    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        with suppress(AttributeError):
            setattr(wrapper, name, getattr(original, name))
    wrapper.__wrapped__ = original
    return wrapper
