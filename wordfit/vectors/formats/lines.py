"""One line of a text file, read plainly: what the kernels leave alone, and all of a small file.

A line is a word and D numbers. The numbers are taken from the right, so a word may hold spaces; blanks (space, tab)
separate, and nothing else does: NBSP and U+0085 are letters like any other. A word that holds a space followed by a
number is refused, because it cannot be told from a line that is too wide or from two lines run together.
"""

from __future__ import annotations

import re

import numpy as np

NUMBER = re.compile(rb"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
NOT_FINITE = re.compile(rb"[+-]?(?:nan|inf(?:inity)?)", re.IGNORECASE)
GAP = re.compile(rb"[ \t]+")
BLANKS = b" \t\r\n"


class LineError(ValueError):
    """What is wrong with a line."""


def read_line(line: bytes, width: int) -> tuple[bytes, np.ndarray]:
    """The word and its values (D,) float32, each what NumPy makes of its text; LineError for any other line."""
    body = line.rstrip(BLANKS)
    gaps = [match.span() for match in GAP.finditer(body)]
    if len(gaps) < width:
        raise LineError(f"expected a word and {width} values, found {_values(body)} values")
    word = body[: gaps[-width][0]]
    fields = GAP.split(body[gaps[-width][1] :])
    for column, field in enumerate(fields, 1):
        if not NUMBER.fullmatch(field):
            raise LineError(_not_a_number(body, width, column, field))
    if any(NUMBER.fullmatch(part) for part in GAP.split(word)[1:]):
        raise LineError(f"expected a word and {width} values, found {_values(body)} values")
    with np.errstate(over="ignore"):
        values = np.array([float(field) for field in fields]).astype(np.float32)  # (D,)
    if not np.isfinite(values).all():
        column = int(np.argmin(np.isfinite(values)))
        raise LineError(f"value {column + 1} is too large for float32: {fields[column].decode()}")
    return word, values


def _not_a_number(body: bytes, width: int, column: int, field: bytes) -> str:
    shown = field[:40].decode("utf-8", "replace")
    if NOT_FINITE.fullmatch(field):
        return f"value {column} is not finite: {shown}"
    found = _values(body)
    if found < width:
        return f"expected a word and {width} values, found {found} values"
    return f"value {column} is not a number: {shown!r}"


def _values(body: bytes) -> int:
    """How many parts of a line are numbers, the first part, its word, aside."""
    return sum(1 for part in GAP.split(body)[1:] if NUMBER.fullmatch(part) or NOT_FINITE.fullmatch(part))


def width_of(line: bytes) -> int:
    """How many numbers a line ends in, its first part aside."""
    count = 0
    for part in reversed(GAP.split(line.rstrip(BLANKS))[1:]):
        if not (NUMBER.fullmatch(part) or NOT_FINITE.fullmatch(part)):
            break
        count += 1
    return count
