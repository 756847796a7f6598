"""What remedies have in common: take the place of a function of torch, and say that they changed something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_TIMES = {"acted": 0}


def acted() -> None:
    """A remedy changed what torch is handed."""
    _TIMES["acted"] += 1


def times_acted() -> int:
    """How often a remedy changed something in this process."""
    return _TIMES["acted"]


def wrap_over(owner: Any, name: str, wrap: Callable[[Any], Any]) -> None:
    """Put a function around one that stands in a module or class of torch."""
    setattr(owner, name, wrap(getattr(owner, name)))
