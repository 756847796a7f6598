"""What a record says of tables and the vectors that fit them, for checks and for experiments that build on it."""

from __future__ import annotations

from typing import Any

from wordfit.doctor.finding import View


def sources(view: View) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Tables beside the source that fits them best."""
    found = []
    for table in view.of("vectors").get("tables", []):
        rows = [s for s in table.get("sources", []) if s.get("known", 0) >= 8]
        if rows:
            best = max(rows, key=lambda s: (s.get("right", s.get("cut_share", 0)), _explained(s), s["known"]))
            found.append((table, best))
    return found


def _explained(source: dict[str, Any]) -> int:
    """How many of the wrong rows hold another vector of the same source."""
    others = source.get("others") or {}
    return int(others.get("wrong", 0) - others.get("nobody", 0))


def table_place(view: View, name: str) -> dict[str, Any]:
    """Where a table was made."""
    for table in view.tables:
        if table["name"] == name:
            made = table.get("made")
            return {
                "module": table["module"],
                "file": made[0] if made else table.get("file"),
                "line": made[1] if made else table.get("line"),
            }
    return {"module": name}


def file_place(view: View, name: str | None = None) -> dict[str, Any]:
    """Where the program opened a file of vectors: the named one, or the first."""
    for file in view.of("vectors").get("files", []):
        if (name is None or file["name"] == name) and file.get("file"):
            return {"module": None, "file": file.get("file"), "line": file.get("line")}
    return {}


def loaded(view: View, name: str) -> bool:
    """Whether the table started from vectors, by any sign."""
    facts = view.of("vectors")
    for table in facts.get("tables", []):
        if table["table"] == name and any(s.get("right", 0) > 0.3 for s in table.get("sources", [])):
            return True
    if any(m["table"] == name and m["same"] > 0.8 for m in facts.get("matrices", [])):
        return True
    width = next((t["width"] for t in view.tables if t["name"] == name), None)
    calls = [c for c in facts.get("pretrained_calls", []) if c["in_model"]]
    return any(width in (None, *(c.get("shape") or [width])[-1:]) for c in calls) or any(
        w["table"] == name and w["call"] in ("copy_", "data.__set__", "__setitem__") for w in facts.get("writes", [])
    )


def speaks(table: dict[str, Any], source: dict[str, Any]) -> bool:
    """Whether a source has vectors for enough of a table's words to say what the table should hold."""
    return bool(source["known"] >= 0.3 * max(table.get("words", 0), 1))


def held_otherwise(source: dict[str, Any]) -> float:
    """Share of the words that hold a vector of the source, but under another spelling."""
    return float(source.get("held_otherwise", 0) / max(source["known"] + source["unknown"], 1))
