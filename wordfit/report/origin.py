"""What a run was made from: its data with their warnings, its settings and versions, the command to repeat it.

Sections of a run page, from the record's `data`, `settings` and `program`.
"""

from __future__ import annotations

import shlex
from pathlib import PurePath
from typing import Any

from wordfit.report.page import Data
from wordfit.report.wording import compact, count, said, score, share


def data_section(data: Data) -> dict[str, Any] | None:
    """Rows, labels and lengths of every split, and the warnings said before training."""
    splits = data["data"].get("splits") or {}
    warnings = data["data"].get("warnings") or []
    if not splits and not warnings:
        return None
    rows = []
    for name, split in splits.items():
        length = split.get("length") or {}
        rows.append(
            [name, said(split.get("file")), count(split.get("rows")), count(split.get("tokens"))]
            + [score(length.get("mean")), *(count(length.get(key)) for key in ("p50", "p90", "max"))]
        )
    labels = list(dict.fromkeys(label for split in splits.values() for label in split.get("labels") or {}))
    counts = [[label, *(of_all((split.get("labels") or {}), label) for split in splits.values())] for label in labels]
    return {"warnings": warnings, "rows": rows, "splits": list(splits), "counts": counts}


def of_all(labels: dict[str, Any], label: str) -> str:
    """A label's count with its share of all."""
    total = sum(labels.values())
    return f"{count(labels.get(label, 0))} ({share(labels.get(label, 0) / total)})" if total else "\u2013"


def repeat(data: Data) -> dict[str, Any] | None:
    """The command line, the settings and the versions that give this run again."""
    program, settings = data["program"], data["settings"]
    command = program.get("command") or program.get("argv")
    if not (command or settings or program.get("versions")):
        return None
    if isinstance(command, list) and command:
        command = shlex.join([PurePath(str(command[0])).name, *(str(part) for part in command[1:])])
    facts = [(k, said(program[k])) for k in ("seed", "started") if k in program]
    return {
        "command": command,
        "facts": facts,
        "versions": list((program.get("versions") or {}).items()),
        "settings": [[key, compact(value)] for key, value in flat(settings)],
    }


def flat(settings: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Nested settings as one list, `tuning.anchor` for a field of a field."""
    rows: list[tuple[str, Any]] = []
    for key, value in settings.items():
        if isinstance(value, dict) and value:
            rows += flat(value, f"{prefix}{key}.")
        else:
            rows.append((f"{prefix}{key}", value))
    return rows
