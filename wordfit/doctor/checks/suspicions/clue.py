"""What a clue is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from wordfit.doctor.checks.course import Course
from wordfit.doctor.finding import View, seen

Clue = tuple[float, dict[str, Any], dict[str, Any]]
"""Weight, one line of evidence, and the place."""

Suspicions = dict[Callable[[Course], Iterator[Clue]], str]
"""What looks for clues of the cause that it is named after, and what would settle it."""


def line(experiment: str, **found: Any) -> dict[str, Any]:
    """One line of evidence, of what is known of it."""
    return seen(experiment, None, **{k: v for k, v in found.items() if v is not None})


def first_table(view: View, **wanted: Any) -> dict[str, Any]:
    """The first table with these facts."""
    return next((t for t in view.tables if all(bool(t.get(k)) == v for k, v in wanted.items())), {})


def calls(view: View) -> set[str]:
    """The names of the calls in the step."""
    return {op["op"] for op in view.ops}
