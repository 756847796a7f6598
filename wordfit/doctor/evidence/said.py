"""Say values: numbers in three digits, shares, multiples, shapes, lists, calls of torch.

A template holds a value with how it is said: `n` a number, `of` a share or a multiple ("0.4 of", "3 times"), `by` a
change of answers, `%` a share as per cent, `sized` a multiple counted in thousandths, `shape`, `line`, `words` a list,
`pairs` examples of two, `call` a call of torch; `WAYS` has them all. Plain text, for a terminal as for a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

CALLS = {"__getitem__": "picking with [...]", "__add__": "+", "__mul__": "*", "__sub__": "-", "__truediv__": "/"}
NARROW = "\u00a0"  # between thousands, and between a number and its unit: no line is broken there


class Said:
    """A value and the ways to say it, by the format of a template."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __format__(self, way: str) -> str:
        return WAYS[way](self.value)


def amount(value: Any) -> str:
    """A number in three digits; what is none, as it stands."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) or (isinstance(value, float) and abs(value) < 1e6 and value == int(value)):
        return f"{int(value):,}".replace(",", NARROW)
    if isinstance(value, float):
        return f"{value:.3g}" if not 1000 <= abs(value) < 1e7 else amount(round(value))
    if isinstance(value, (list, tuple)):
        return several(value)
    if isinstance(value, dict):
        return ", ".join(f"{str(k).replace('_', ' ')} {amount(v)}" for k, v in list(value.items())[:6])
    return BROKEN.get(str(value), str(value))


def share(value: Any) -> str:
    """A share as per cent."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return amount(value)
    return (f"{100 * value:.0f}" if abs(value) >= 0.1 or not value else f"{100 * value:.2g}") + f"{NARROW}%"


def multiple(value: Any) -> str:
    """`0.4 of`, `3 times`: a multiple of what is named next."""
    if not isinstance(value, (int, float)):
        return f"{value} times"
    return f"{amount(value)} times" if value > 0.995 else f"{amount(value)} of"


def by(value: Any) -> str:
    """`no answer`, `answers by 0.4 of the spread between rows`: what something changes."""
    if isinstance(value, (int, float)) and abs(value) < 1e-6:
        return "no answer"
    return f"answers by {multiple(value)} the spread between rows"


def sized(value: Any) -> str:
    """A multiple of a size, of a number that counts its thousandths."""
    return multiple(value / 1000) if isinstance(value, (int, float)) else multiple(value)


def several(values: Any, most: int = 4) -> str:
    """The first few of a list, and how many more there are."""
    values = values if isinstance(values, (list, tuple)) else [values]
    said = ", ".join(amount(v) for v in values[:most])
    return f"{said} and {len(values) - most} more" if len(values) > most else said


def shape(value: Any) -> str:
    """(16, 20)."""
    return "(" + ", ".join(map(str, value)) + ")" if isinstance(value, (list, tuple)) else amount(value)


def described(value: Any) -> str:
    """`has the shape (30, 1)`, or `is ...` as a check says it."""
    return f"has the shape {shape(value)}" if isinstance(value, (list, tuple)) else f"is {amount(value)}"


def shapes(value: Any) -> str:
    """(32) and (32, 1)."""
    if not isinstance(value, (list, tuple)):
        return amount(value)
    return " and ".join(shape(v) for v in value[:3]) + (f" and {len(value) - 3} more" if len(value) > 3 else "")


def call(value: Any) -> str:
    """A call of torch by the name that a user would know."""
    value = value.get("op") if isinstance(value, dict) else value
    return CALLS.get(str(value), re.sub(r"^_+|_+$", "", str(value)))


def pairs(values: Any, most: int = 3) -> str:
    """Examples: a word, or a word with what it holds in its place."""
    rows = values if isinstance(values, (list, tuple)) else [values]
    said = [reversed(r) if isinstance(r, (list, tuple)) else [r] for r in rows[:most]]
    return ", ".join(" for ".join(f"'{word}'" for word in dict.fromkeys(map(str, row))) for row in said)


def given(values: Any) -> str:
    """What the inputs of a call held: `0 to 0, all zeros`."""
    said = []
    for row in values if isinstance(values, list) else []:
        low, high = row.get("min"), row.get("max")
        parts = [amount(low) if low == high else f"{amount(low)} to {amount(high)}"] if low is not None else []
        parts += ["all zeros" if row["zeros"] == 1 else f"{share(row['zeros'])} zeros"] if row.get("zeros") else []
        parts += [f"{row[k]} {name}" for k, name in BAD.items() if row.get(k)]
        said.append(", ".join(parts) or "nothing")
    return " and ".join(said)


BROKEN = {"NaN": "no number", "nan": "no number", "Infinity": "infinite", "inf": "infinite"}
BAD = {"nan": "of no number", "inf": "infinite", "all_masked_rows": "rows with nothing left"}


def recalls(value: Any) -> str:
    """Recall by class: `0.3 (class 1)`."""
    return (
        ", ".join(f"{amount(v)} (class {k})" for k, v in list(value.items())[:4])
        if isinstance(value, dict)
        else amount(value)
    )


def moved(value: Any) -> str:
    """What was found with labels moved by -1, 1, ... rows."""
    return ", ".join(f"{k}: {share(v)}" for k, v in value.items()) if isinstance(value, dict) else amount(value)


def trained(value: Any) -> str:
    """Losses, and shares of right answers, of one training beside another."""
    if not isinstance(value, dict):
        return amount(value)
    return ", ".join(f"{k.replace('_', ' ')} {amount(v)}" for k, v in value.items() if v is not None)


def by_own_steps(value: Any) -> str:
    """New rows and training rows, with rows moved by every step, and by their own only: what was measured of it."""
    ways = (
        ("new", amount, "a loss of {} on new rows becomes {}"),
        ("right", share, "right answers go from {} to {}"),
        ("trained", amount, "the loss in training from {} to {}"),
    )
    pairs = [(said, shown(value[key]), shown(value[f"{key}_own"])) for key, shown, said in ways if value.get(key)]
    return ", ".join(said.format(before, after) for said, before, after in pairs)


def change_of(value: Any) -> str:
    """What became of a loss: `falls by 30 %`, `rises by 5 %`."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return amount(value)
    return f"{'rises' if value < 0 else 'falls'} by {share(abs(value))}"


def course(value: Any) -> str:
    """Accuracy and recall after each stretch of more training."""
    return ", then ".join(share(v[0]) if isinstance(v, (list, tuple)) else share(v) for v in value)


WAYS: dict[str, Callable[[Any], str]] = {
    "": amount,
    "n": amount,
    "%": share,
    "of": multiple,
    "by": by,
    "sized": sized,
    "is": described,
    "words": several,
    "shape": shape,
    "shapes": shapes,
    "line": lambda v: f"line {v}",
    "call": call,
    "pairs": pairs,
    "given": given,
    "recalls": recalls,
    "moved": moved,
    "trained": trained,
    "own steps": by_own_steps,
    "course": course,
    "change": change_of,
}
