"""The diagnosis on one screen of a terminal."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from wordfit.doctor import evidence
from wordfit.doctor.evidence.said import amount, share
from wordfit.doctor.finding import ABSENT
from wordfit.record import Record

WIDTH, HEIGHT = 100, 40  # a screen


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
    if all(f["severity"] == "info" for f in findings):
        lines += _nothing_found(found, record)
    elif found.get("reason"):
        lines += textwrap.wrap(found["reason"], WIDTH)
    lines += _finding(findings[0], full=True) if findings else []
    examined = "examined: " + ", ".join(map(evidence.named, found["examined"]))
    last = wrapped(examined, 4, "", "  ") + _not_examined(found["not_examined"])
    return lines + _others(findings[1:], HEIGHT - len(lines) - len(last)) + last


def _others(findings: list[dict[str, Any]], room: int) -> list[str]:
    """As many further findings as there is room for, and how many more there are."""
    lines: list[str] = []
    for number, finding in enumerate(findings):
        more = _finding(finding, full=False)
        if len(lines) + len(more) >= room:
            return lines + [f"{len(findings) - number} more findings: --json FILE or --report FILE has them all"]
        lines += more
    return lines


def _nothing_found(found: dict[str, Any], record: Record) -> list[str]:
    """No fault, or nothing to find one in."""
    error = (record.program or {}).get("error")
    if error:
        return [f"no cause found for {error['type']}: {error['message'].splitlines()[0] if error['message'] else ''}"]
    if found["healthy"] is None:
        return [f"nothing to judge: {found['reason']}"]
    notes = [f for f in found["findings"] if f["severity"] == "info" and not f.get("withdrawn")]
    return ["no fault found" + ("; what follows is not proven:" if notes else "")]


def _not_examined(rows: list[dict[str, str]]) -> list[str]:
    """What could not be, reason by reason; what a program has nothing of is counted only."""
    by_reason: dict[str, list[str]] = {}
    for row in rows:
        by_reason.setdefault(row["why"], []).append(row["what"])
    absent = len(by_reason.pop(ABSENT, []))
    said = [f"{_several(what)} ({why})" for why, what in by_reason.items()]
    if absent:
        said.append(f"{absent} {'more ' if said else ''}questions that this program gives no occasion for")
    return wrapped("not examined: " + "; ".join(said), 4, "", "  ") if said else []


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
    sure = "" if mark == "note" else f"  ({share(finding['confidence'])} sure)"  # a note's weight is no probability
    lines = [f"{mark}: {finding['cause']}{sure}  {place}".rstrip()]
    if where.get("code"):
        lines.append(f"  {where['line']} | {where['code'][: WIDTH - 12]}")
    if not full:
        return lines[:1] + wrapped(f"remedy: {finding['remedy']['text']}", 2) + _second_run(finding)
    for row in finding["evidence"][:3]:
        sound = evidence.expected(row)
        told = f"{evidence.named(row['experiment'])}: {evidence.found(row)}"
        lines += wrapped(told + (f" (a sound program: {sound})" if sound else ""), 3)
    for text in finding.get("ruled_out", [])[:2]:
        lines += wrapped(f"ruled out: {text}", 2)
    if finding["explains"]:
        lines += wrapped("explains: " + "; ".join(finding["explains"][:4]), 3)
    return lines + wrapped(f"remedy: {finding['remedy']['text']}", 4) + _second_run(finding)


def wrapped(text: str, most: int, indent: str = "  ", next_indent: str = "    ") -> list[str]:
    """A text as so many indented lines at most; what is cut off ends in dots."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=next_indent,
        max_lines=most,
        placeholder=" ...",
        break_on_hyphens=False,
    )


def _second_run(finding: dict[str, Any]) -> list[str]:
    """Before and after, or why there is nothing to compare."""
    remedy, said = finding["remedy"], []
    if verified := remedy.get("verified"):
        before, after = verified["before"], verified["after"]
        changed = [k for k in before if before[k] != after.get(k) and k != "dev_rows"]
        pairs = [f"{k.replace('_', ' ')} {amount(before[k])} -> {amount(after.get(k))}" for k in changed]
        outcome = "withdrawn, not borne out" if finding.get("withdrawn") else "borne out"
        change = f" ({verified['note']})" if verified.get("note") else ""
        said.append(f"run again with the remedy{change}, {outcome}: " + (", ".join(pairs) or "nothing changed"))
    if remedy.get("not_verified"):
        said.append(f"not verified: {remedy['not_verified']}")
    return [line for text in said for line in wrapped(text, 3)]
