"""Files of rows with quotation marks: do they merge lines?"""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

from wordfit.doctor.bench import Bench


def lines(bench: Bench) -> dict[str, Any] | None:
    """Files of rows with quotation marks: does quoting change the rows, and which has the program?"""
    held = Counter(
        len(v)
        for kind in ("texts", "numbers", "matrices")
        for _, v in bench.recorder.found.get(kind, [])
        if hasattr(v, "__len__")
    )
    sizes = set(held) | {len(bench.split.train), len(bench.split.dev)}
    found = []
    for path, note in list(bench.recorder.files.items())[:40]:
        source = Path(note.get("kept", path))
        if not source.is_file() or source.stat().st_size > 60_000_000 or (bench.left < 2):
            continue
        try:
            text = source.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if '"' not in text or text.count("\n") < 20:
            continue
        row = _merged(text)
        if row is None:
            continue
        merged, plain = row["rows_merged"], row["lines"]
        row["rows_held_like_merged"] = bool(sizes & {merged, merged - 1}) or _has_breaks(bench)
        row["rows_held_like_lines"] = bool(sizes & {plain, plain - 1})
        found.append(row | {"name": Path(path).name, "file": note["site"][0], "line": note["site"][1]})
    total_merged, total_plain = sum(r["rows_merged"] for r in found), sum(r["lines"] for r in found)
    for row in found:
        row["rows_held_like_merged"] = row["rows_held_like_merged"] and not row["rows_held_like_lines"]
    return {"files": found, "merged": total_merged, "lines": total_plain} if found else None


def _merged(text: str) -> dict[str, Any] | None:
    plain = [line for line in text.splitlines() if line.strip()]
    delimiter = "\t" if sum("\t" in line for line in plain[:50]) > 25 else ","
    csv.field_size_limit(10_000_000)
    try:
        rows = [r for r in csv.reader(io.StringIO(text), delimiter=delimiter) if r]
    except csv.Error:
        return None
    right = [r for r in csv.reader(io.StringIO(text), delimiter=delimiter, quoting=csv.QUOTE_NONE) if r]
    width = Counter(len(r) for r in right).most_common(1)[0][0]
    fits = sum(len(r) == width for r in right) / len(right)
    merged = len(rows) < len(plain) - 1 and fits > 0.95
    return (
        {
            "merged": merged,
            "lines": len(plain),
            "rows_merged": len(rows),
            "longest_merged": max(len("".join(r)) for r in rows),
        }
        if merged
        else None
    )


def _has_breaks(bench: Bench) -> bool:
    for _, value in bench.recorder.found.get("texts", []):
        some = [v for v in list(value)[:5000]]
        flat = [v for v in some if isinstance(v, str)] + [
            w for v in some if isinstance(v, (list, tuple)) for w in v if isinstance(w, str)
        ]
        if sum("\n" in v or "\t" in v for v in flat) >= 2:
            return True
    return False
