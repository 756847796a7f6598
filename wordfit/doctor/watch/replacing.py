"""Put a function in another's place, and put the old one back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any


class Replacing:
    """Functions that stand in another's place until `restore`."""

    def __init__(self) -> None:
        self.undo: list[Callable[[], None]] = []
        self._standing: list[tuple[Any, str, Any, Any, bool]] = []  # owner, name, original, ours, whether its own

    def replace(self, owner: Any, name: str, wrap: Callable[[Any], Any]) -> None:
        """Put `wrap(original)` in the place of an attribute."""
        own = name in vars(owner)  # else inherited: then nothing is left behind
        original = getattr(owner, name)
        ours = wrap(original)
        setattr(owner, name, ours)
        self._standing.append((owner, name, original, ours, own))

    def suspend(self) -> None:
        """Put every old function back for a while, the last one first."""
        for owner, name, original, _, own in reversed(self._standing):
            if own:
                setattr(owner, name, original)
            else:
                delattr(owner, name)

    def resume(self) -> None:
        """Put ours in their places again."""
        for owner, name, _, ours, _ in self._standing:
            setattr(owner, name, ours)

    def restore(self) -> None:
        """Put every old function back for good."""
        self.suspend()
        self._standing = []
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
