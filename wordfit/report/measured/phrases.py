"""What lines are put together from: phrases with a value in them, left out where the value is not known."""

from __future__ import annotations

import math
from typing import Any

from wordfit.doctor.evidence.said import Said

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


def changes(subject: str, value: Any, verb: str = "changes") -> str:
    """By how much something changes the answers, beside the spread of the rows of a batch."""
    return tell(f"{subject} {verb} {{:by}}", value)
