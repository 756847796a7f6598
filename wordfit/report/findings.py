"""The doctor's answer: findings with code and evidence, experiments with expected and found.

Reads a diagnosis in the schema of `wordfit doctor --json`.
"""

from __future__ import annotations

import linecache
from pathlib import PurePath
from typing import Any

from wordfit.doctor import evidence
from wordfit.report.measured import question
from wordfit.report.page import Data
from wordfit.report.wording import compact, number, plural, readable, said, share

LEVELS = {"error": "error", "warning": "warning", "note": "", "info": ""}


def notice(found: Data) -> dict[str, str] | None:
    """The diagnosis in a line for the head of a page."""
    if not found:
        return None
    findings = found.get("findings") or []
    if not findings and found.get("reason"):
        return {"level": "", "text": f"The doctor: {found['reason']}.", "section": "diagnosis", "more": "See why."}
    if all(f.get("severity") == "info" for f in findings):
        examined = plural(len(found.get("examined") or []), "thing")
        notes = f" Not proven, but worth a look: {readable(findings[0]['cause'])}." if findings else ""
        text = f"The doctor found no fault; it examined {examined}.{notes}"
        return {"level": "good", "text": text, "section": "diagnosis", "more": "See what was examined."}
    first = findings[0]
    text = f"The doctor found: {readable(first['cause'])} ({first.get('severity', 'warning')}{sure(first)})."
    return {
        "level": LEVELS.get(str(first.get("severity")), ""),
        "text": text,
        "section": "diagnosis",
        "more": "See why.",
    }


def sure(finding: Data) -> str:
    if finding.get("severity") == "info":  # the weight of a note is no probability
        return ""
    return f", {share(finding['confidence'], 0)} sure" if number(finding.get("confidence")) is not None else ""


def diagnosis(found: Data) -> dict[str, Any] | None:
    """Findings, what was examined and what could not be."""
    if not found:
        return None
    return {
        "healthy": bool(found.get("healthy", not found.get("findings"))),
        "reason": found.get("reason") or "",
        "findings": [finding(f) for f in found.get("findings") or []],
        "examined": [question(str(item)) for item in found.get("examined") or []],
        "not_examined": left_out(found.get("not_examined") or []),
    }


def left_out(rows: list[Any]) -> list[dict[str, Any]]:
    """What was not examined, put together by the reason."""
    by_reason: dict[str, list[str]] = {}
    for row in rows:
        row = row if isinstance(row, dict) else {"what": row}
        by_reason.setdefault(str(row.get("why") or ""), []).append(readable(str(row.get("what", ""))))
    return [{"why": why, "what": what} for why, what in by_reason.items()]


def finding(found: Data) -> dict[str, Any]:
    """One cause as the page shows it."""
    where, remedy = found.get("where") or {}, found.get("remedy") or {}
    remedy = {"text": remedy} if isinstance(remedy, str) else remedy
    return {
        "cause": found["cause"],
        "name": readable(found["cause"]),
        "severity": {"info": "note"}.get(found.get("severity", ""), found.get("severity", "warning")),
        "level": LEVELS.get(str(found.get("severity")), ""),
        "confidence": share(found["confidence"], 0) if proven(found) else "",
        "what": found.get("what") or found.get("message") or "",
        "place": place(where),
        "code": code_lines(where),
        "evidence": [
            [evidence.named(row["experiment"]), evidence.expected(row) or said(None), evidence.found(row)]
            for row in found.get("evidence") or []
        ],
        "ruled_out": [evidence.in_words(text) for text in found.get("ruled_out") or []],
        "explains": [evidence.in_words(text) for text in found.get("explains") or []],
        "remedy": remedy.get("text", ""),
        "change": remedy.get("change") or remedy.get("code") or "",
        "verified": before_after(remedy.get("verified")),
        "not_verified": remedy.get("not_verified") or "",
        "withdrawn": found.get("withdrawn") or "",
    }


def proven(found: Data) -> bool:
    """Whether its confidence is one; a note has a weight, which orders the notes and is no probability."""
    return number(found.get("confidence")) is not None and found.get("severity") != "info"


def place(where: Data) -> str:
    """`train.py, line 41, Classifier.embedding`."""
    parts = [PurePath(str(where["file"])).name] if where.get("file") else []
    parts += [f"line {where['line']}"] if where.get("line") else []
    parts += [str(where["module"])] if where.get("module") else []
    return ", ".join(parts)


def code_lines(where: Data) -> list[dict[str, Any]]:
    """The line with its neighbours from the file; by itself, from the diagnosis, where the file is gone."""
    line = int(number(where.get("line")) or 0)
    near = range(max(1, line - 2), line + 3) if where.get("file") and line else []
    rows = [(n, text) for n in near if (text := linecache.getline(str(where["file"]), n))]
    if where.get("code") and where["code"] not in (text.strip() for _, text in rows):
        rows = [(line, str(where["code"]))]
    return [{"number": n, "text": text.rstrip(), "hit": n == line} for n, text in rows or []]


def before_after(verified: Any) -> dict[str, Any] | None:
    """What the re-run with the remedy gave, beside the first run; nothing of what neither run has."""
    if not isinstance(verified, dict):
        return None
    before, after = verified.get("before") or {}, verified.get("after") or {}
    told = [k for k in dict.fromkeys([*before, *after]) if before.get(k) is not None or after.get(k) is not None]
    rows = [[readable(k), compact(before.get(k)), compact(after.get(k))] for k in told]
    return {"rows": rows, "note": said(verified["note"]) if verified.get("note") else ""} if rows else None
