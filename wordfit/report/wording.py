"""Say numbers: shares, scores, counts, times and changes as text that lines up in a table.

A record may hold `"NaN"` or `"Infinity"` where a number went out of range; these are said as they are.
"""

from __future__ import annotations

import math
from typing import Any

from markupsafe import Markup

NARROW = "\u202f"  # narrow no-break space: between thousands, and between a number and its unit
MINUS = "\u2212"


def number(value: Any) -> float | None:
    """A finite number as a float; anything else, also a number that went out of range, as None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value)


def numbers(values: list[Any]) -> list[float | None]:
    """A list for a figure: what is no finite number leaves a gap."""
    return [number(value) for value in values]


def count(value: Any) -> str:
    """A whole number with its thousands set apart: 67 349."""
    if (finite := number(value)) is None:
        return said(value)
    return f"{finite:,.0f}".replace(",", NARROW).replace("-", MINUS)


def share(value: Any, digits: int = 1) -> str:
    """A share as per cent: 0.8314 is 83.1 %."""
    if (finite := number(value)) is None:
        return said(value)
    return f"{100 * finite:.{digits}f}{NARROW}%".replace("-", MINUS)


def score(value: Any) -> str:
    """A metric: three decimals on a scale up to one, one decimal above (BLEU, chrF, perplexity)."""
    if (finite := number(value)) is None:
        return said(value)
    return f"{finite:.3f}".replace("-", MINUS) if abs(finite) <= 1 else f"{finite:.1f}".replace("-", MINUS)


def signed(value: Any, digits: int = 3) -> str:
    """A change with its sign: +0.120."""
    if (finite := number(value)) is None:
        return said(value)
    return f"{finite:+.{digits}f}".replace("-", MINUS)


def compact(value: Any) -> str:
    """Any number in at most four significant digits."""
    if (finite := number(value)) is None:
        return said(value)
    if finite == int(finite) and abs(finite) < 1e15:
        return count(finite)
    if abs(finite) >= 1000:
        return count(finite)
    return f"{finite:.4g}".replace("-", MINUS)


def duration(seconds: Any) -> str:
    """A time that a person would say: 0.4 s, 41 s, 3 min 20 s, 2 h 5 min."""
    if (finite := number(seconds)) is None:
        return said(seconds)
    if finite < 10:
        return f"{finite:.2g}{NARROW}s"
    if finite < 120:
        return f"{finite:.0f}{NARROW}s"
    if finite < 7200:
        return f"{int(finite) // 60}{NARROW}min {int(finite) % 60}{NARROW}s"
    return f"{int(finite) // 3600}{NARROW}h {int(finite) % 3600 // 60}{NARROW}min"


def said(value: Any) -> str:
    """A value that is no number, as text: nothing is a dash, a list is its items."""
    if value is None:
        return "\u2013"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(compact(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {compact(item)}" for key, item in value.items())
    return str(value)


def plural(amount: Any, noun: str) -> str:
    """`1 warning`, `2 warnings`."""
    return f"{count(amount)} {noun}{'' if number(amount) == 1 else 's'}"


def readable(key: str) -> str:
    """A field's name as words: `macro_f1` is `macro F1`."""
    words = key.replace("_", " ")
    return ABBREVIATIONS.get(words, words)


ABBREVIATIONS = {
    "f1": "F1",
    "macro f1": "macro F1",
    "micro f1": "micro F1",
    "mcc": "Matthews correlation",
    "matthews": "Matthews correlation",
    "bleu": "BLEU",
    "chrf": "chrF",
    "pearson": "Pearson correlation",
    "spearman": "Spearman correlation",
    "mse": "mean squared error",
    "mae": "mean absolute error",
    "lr": "learning rate",
}


def strength(change: Any, largest: float) -> Markup:
    """The inline style that shades a word by how much its removal changes, green for, orange against."""
    finite = number(change) or 0.0
    weight = min(1.0, abs(finite) / largest) if largest else 0.0
    colour = "for" if finite >= 0 else "against"
    return Markup(f"--weight:{100 * weight:.0f}%;--shade:var(--{colour})")


FILTERS = {
    "count": count,
    "share": share,
    "score": score,
    "signed": signed,
    "compact": compact,
    "duration": duration,
    "said": said,
    "plural": plural,
    "readable": readable,
}
