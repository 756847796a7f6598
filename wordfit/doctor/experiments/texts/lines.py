"""Quotation marks in what was read row by row: do they merge lines, and does the program hold the merged rows?"""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

from wordfit.doctor.bench import Bench
from wordfit.doctor.experiments.texts.contents import Content, contents
from wordfit.doctor.experiments.texts.corpora import tokens_of

MARKS = ('"', "'")  # what programs take for quotation marks


def lines(bench: Bench) -> dict[str, Any] | None:
    """Rows with quotation marks: does quoting change them, and which has the program?"""
    found = [row for c in contents(bench) for mark in MARKS if (row := _merged(c, mark)) is not None]
    if not found:
        return None
    sizes, longest = _sizes(bench), _longest(bench)
    for row in found:
        merged, plain = row["rows_merged"], row["lines"]
        like_lines = bool(sizes & {plain, plain - 1})
        near = any(abs(s - merged) <= 0.02 * (plain - merged) + 1 for s in sizes)
        long = longest > max(1.5 * row["longest_line"], (row["longest_line"] * row["longest_merged"]) ** 0.5)
        row["rows_held_like_lines"] = like_lines
        row["longest_held"] = longest
        row["rows_held_like_merged"] = not like_lines and (near or long or _has_breaks(bench))
    return {"files": found, "merged": sum(r["rows_merged"] for r in found), "lines": sum(r["lines"] for r in found)}


def _sizes(bench: Bench) -> set[int]:
    """How many rows the program holds or fed."""
    found = bench.recorder.found
    kept = [v for kind in ("texts", "numbers", "matrices") for _, v in found.get(kind, []) if hasattr(v, "__len__")]
    train, dev = len(bench.split.train), len(bench.split.dev)
    return {len(v) for v in kept} | {train, dev, train + dev}


def _longest(bench: Bench) -> int:
    """Words in the longest text that the program holds, or that it fed."""
    found = [0]
    for _, value in bench.recorder.found.get("texts", []):
        for item in list(value[:20_000]):
            parts = [item, *item[:4]] if isinstance(item, (tuple, list)) else [item]
            found += [len(tokens_of(p)) for p in parts if isinstance(p, str) or _are_words(p)]
    found += [len(t) for row in bench.split.train.texts for t in row]
    return max(found)


def _are_words(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and len(value) > 0 and isinstance(value[0], (str, int))


def _merged(content: Content, mark: str) -> dict[str, Any] | None:
    """Rows with and without quoting, where they differ and the unquoted ones have as many columns each."""
    delimiter = content.delimiter
    if delimiter is None or mark not in content.text:
        return None
    plain = [line for line in content.text.split("\n") if line.strip()]  # other marks of a break stand inside of lines
    if len(plain) < 20:
        return None
    csv.field_size_limit(10_000_000)
    try:
        rows = [r for r in csv.reader(io.StringIO(content.text), delimiter=delimiter, quotechar=mark) if r]
    except csv.Error:
        return None
    right = [r for r in csv.reader(io.StringIO(content.text), delimiter=delimiter, quoting=csv.QUOTE_NONE) if r]
    width = Counter(len(r) for r in right).most_common(1)[0][0]
    fits = sum(len(r) == width for r in right) / len(right)
    if len(rows) >= len(plain) - 1 or fits <= 0.95:
        return None
    return {
        "name": Path(content.name).name,
        "file": content.file,
        "line": content.line,
        "merged": True,
        "lines": len(plain),
        "rows_merged": len(rows),
        "longest_line": max(len(field.split()) for r in right for field in r),
        "longest_merged": max(len(field.split()) for r in rows for field in r),
    }


def _has_breaks(bench: Bench) -> bool:
    for _, value in bench.recorder.found.get("texts", []):
        some = [v for v in list(value)[:5000]]
        flat = [v for v in some if isinstance(v, str)] + [
            w for v in some if isinstance(v, (list, tuple)) for w in v if isinstance(w, str)
        ]
        if sum("\n" in v or "\t" in v for v in flat) >= 2:
            return True
    return False
