"""How the lines of a text file are laid out, told from its first lines: header, width, separator, byte order mark."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from wordfit.errors import InputError
from wordfit.vectors.formats.lines import GAP, width_of

HEADER = re.compile(rb"[ \t]*([0-9]{1,18})[ \t]+([0-9]{1,18})[ \t\r]*")
LOOK = 50  # lines that decide


@dataclass(frozen=True)
class Layout:
    """Where the first row starts and how rows are written."""

    width: int
    separator: int  # the byte between word and values
    promised: int | None  # words that the header promises; None without a header
    start: int  # bytes before the first row
    first_line: int  # the number of the line that it stands in, from 1
    remarks: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return "GloVe text" if self.promised is None else "word2vec text"


def layout_of(head: bytes, name: str) -> Layout:
    """Tell the layout from the start of a file, whose last line is complete."""
    start, remarks = _byte_order_mark(head, name)
    lines = [line for line in head[start:].split(b"\n", LOOK + 1)[: LOOK + 1] if line.strip(b" \t\r")]
    header = HEADER.fullmatch(lines[0]) if lines else None
    if header and _is_header(int(header[2]), lines[1:], name):
        first = head.index(b"\n", start) + 1
        separator = _separator(lines[1:])
        before = head[:first].count(b"\n")
        return Layout(int(header[2]), separator, int(header[1]), first, before + 1, remarks)
    width = _width(lines)
    if width == 0:
        found = repr(lines[0][:60].decode("utf-8", "replace")) if lines else "nothing"
        raise InputError(
            f"{name}, line 1: expected a word and its values, found {found}. Is this a file of word vectors?"
        )
    return Layout(width, _separator(lines), None, start, 1, remarks)


def _byte_order_mark(head: bytes, name: str) -> tuple[int, tuple[str, ...]]:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{name}: expected UTF-8 text, found UTF-16. Convert it: iconv -f UTF-16 -t UTF-8")
    if head.startswith(b"\xef\xbb\xbf"):
        return 3, ("starts with a byte order mark",)
    return 0, ()


def _is_header(width: int, rows: list[bytes], name: str) -> bool:
    """Is a first line of two whole numbers a header? It is unless the rows below it have one value each."""
    found = _width(rows)
    if not rows or found == width:
        return True
    if found == 1:
        return False
    raise InputError(
        f"{name}, line 2: the header promises {width} values a word, the lines have {found}. "
        "Mend the header, or leave it out."
    )


def _width(rows: list[bytes]) -> int:
    """The number of values that most rows have; among equals the larger."""
    counts = Counter(width_of(row) for row in rows)
    return max(counts, key=lambda width: (counts[width], width), default=0)


def _separator(rows: list[bytes]) -> int:
    """A space, unless most rows have a tab before their last value."""
    last = [GAP.findall(row.rstrip(b" \t\r"))[-1:] for row in rows]
    tabs = sum(1 for gap in last if gap and b"\t" in gap[0])
    return 9 if 2 * tabs > len(rows) else 32
