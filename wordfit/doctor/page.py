"""The diagnosis on one screen of a terminal."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from wordfit.doctor.finding import ABSENT
from wordfit.record import Record

WIDTH = 100


def show(found: dict[str, Any], record: Record) -> None:
    """Print the diagnosis."""
    print("\n" + "\n".join(page(found, record)))


def page(found: dict[str, Any], record: Record) -> list[str]:
    """The lines of the page: the root cause in full, other findings in a line each, what was examined."""
    seconds = found["seconds"]
    took = f"({seconds['program']:.1f} s program, {seconds['doctor']:.1f} s experiments)"
    head = f"wordfit doctor: {found['program']}  {took}"
    lines = [head, "-" * min(WIDTH, len(head))]
    findings = found["findings"]
    if not findings:
        lines += _nothing_found(found, record)
    elif found.get("reason"):
        lines += textwrap.wrap(found["reason"], WIDTH)
    for number, finding in enumerate(findings[:4]):
        lines += _finding(finding, full=number == 0)
    examined = ", ".join(found["examined"])
    lines += textwrap.wrap(f"examined: {examined}", WIDTH, subsequent_indent="  ")
    return lines + _not_examined(found["not_examined"])


def _nothing_found(found: dict[str, Any], record: Record) -> list[str]:
    """No fault, or nothing to find one in."""
    error = (record.program or {}).get("error")
    if error:
        return [f"no cause found for {error['type']}: {error['message'].splitlines()[0] if error['message'] else ''}"]
    if found["healthy"] is None:
        return [f"nothing to judge: {found['reason']}"]
    return ["no fault found"]


def _not_examined(rows: list[dict[str, str]]) -> list[str]:
    """What could not be, reason by reason; what a program has nothing of is counted only."""
    by_reason: dict[str, list[str]] = {}
    for row in rows:
        by_reason.setdefault(row["why"], []).append(row["what"])
    absent = len(by_reason.pop(ABSENT, []))
    said = [f"{_several(what)} ({why})" for why, what in by_reason.items()]
    if absent:
        said.append(f"{absent} {'more ' if said else ''}questions that this program gives no occasion for")
    return textwrap.wrap("not examined: " + "; ".join(said), WIDTH, subsequent_indent="  ")[:5] if said else []


def _several(what: list[str]) -> str:
    return "; ".join(what) if len(what) < 4 else f"{len(what)} questions"


def _finding(finding: dict[str, Any], full: bool) -> list[str]:
    where = finding["where"]
    place = f"{Path(where['file']).name}:{where['line']}" if where.get("file") else ""
    place = "  ".join(p for p in (place, where.get("module") or "") if p)
    mark = (
        "withdrawn"
        if finding.get("withdrawn")
        else {"error": "FAULT", "warning": "warning", "info": "note"}[finding["severity"]]
    )
    lines = [f"{mark}: {finding['cause']}  (confidence {finding['confidence']:.2f})  {place}".rstrip()]
    if where.get("code"):
        lines.append(f"  {where['line']} | {where['code'][: WIDTH - 10]}")
    if not full:
        return (
            lines
            + textwrap.wrap(finding["remedy"]["text"], WIDTH, initial_indent="  remedy: ", subsequent_indent="    ")[:2]
            + _second_run(finding)
        )
    for row in finding["evidence"][:3]:
        measured = ", ".join(f"{k} {_short(v)}" for k, v in row["found"].items() if v is not None)
        expected = f"  (expected: {_expected(row['expected'])})" if row.get("expected") else ""
        lines += textwrap.wrap(
            f"{row['experiment']}: {measured}{expected}", WIDTH, initial_indent="  ", subsequent_indent="    "
        )[:4]
    for text in finding.get("ruled_out", [])[:2]:
        lines += textwrap.wrap(f"ruled out: {text}", WIDTH, initial_indent="  ", subsequent_indent="    ")
    if finding["explains"]:
        lines += textwrap.wrap(
            "explains: " + "; ".join(finding["explains"][:4]), WIDTH, initial_indent="  ", subsequent_indent="    "
        )[:4]
    lines += textwrap.wrap(finding["remedy"]["text"], WIDTH, initial_indent="  remedy: ", subsequent_indent="    ")
    return lines + _second_run(finding)


def _second_run(finding: dict[str, Any]) -> list[str]:
    """Before and after, or why there is nothing to compare."""
    remedy, said = finding["remedy"], []
    if verified := remedy.get("verified"):
        before, after = verified["before"], verified["after"]
        changed = [k for k in before if before[k] != after.get(k) and k != "dev_rows"]
        pairs = [f"{k.replace('_', ' ')} {_short(before[k])} -> {_short(after.get(k))}" for k in changed]
        outcome = "withdrawn, not borne out" if finding.get("withdrawn") else "borne out"
        said.append(f"run again with the remedy, {outcome}: " + (", ".join(pairs) or "nothing changed"))
    if remedy.get("not_verified"):
        said.append(f"not verified: {remedy['not_verified']}")
    return [line for text in said for line in textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")]


def _expected(value: Any) -> str:
    return ", ".join(f"{k} {_short(v)}" for k, v in value.items()) if isinstance(value, dict) else str(value)


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_short(v)}" for k, v in list(value.items())[:5]) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_short(v) for v in value[:5]) + (", ..." if len(value) > 5 else "") + "]"
    return str(value)[:120]
