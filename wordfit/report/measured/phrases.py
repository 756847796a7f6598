"""What lines are put together from: phrases with a value in them, left out where the value is not known."""

from __future__ import annotations

import math
from typing import Any

from wordfit.doctor.wording import Said

Lines = list[str]


def tell(template: str, *values: Any) -> str:
    """A phrase with values in it; empty where one is not known."""
    if any(v is None or (isinstance(v, float) and math.isnan(v)) for v in values):
        return ""
    return template.format(*map(Said, values))


def line(*phrases: str) -> str:
    """Phrases that are known, as one line."""
    return "; ".join(p for p in phrases if p)


def first(rows: Any, key: str = "") -> Any:
    """The first of a list, or a field of it; an empty dictionary, or None, where there is none."""
    row = rows[0] if rows else {}
    return row.get(key) if key else row


def changes(subject: str, value: Any, beside: str = "the spread between rows") -> str:
    """By how much something changes the answers, beside the spread of the rows of a batch: `changes no answer`."""
    if value is not None and isinstance(value, (int, float)) and abs(value) < 1e-6:
        return f"{subject} changes no answer"
    return tell(f"{subject} changes answers by {{:of}} {beside}", value)
