"""The doctor's page: findings, the program's curves, where inputs become alike, every experiment.

Reads a `Record` and nothing else, so that it can be written again from a record on disk.
"""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import PurePath
from typing import Any

from wordfit.record import Record, plain
from wordfit.report.experiments import experiments, layers, program_curves
from wordfit.report.findings import diagnosis
from wordfit.report.origin import repeat
from wordfit.report.page import Data, Section, write_page
from wordfit.report.wording import count, duration, number, plural, readable, said


def write_doctor_report(record: Record, path: str | os.PathLike[str]) -> None:
    """Write the page of a diagnosis as one HTML file that opens offline."""
    data = plain(asdict(record))
    program = str(data["diagnosis"].get("program") or data["program"].get("name") or "a program")
    write_page(path, f"The doctor on {PurePath(program).name}", opening(data), SECTIONS, data)


def opening(data: Data) -> dict[str, Any]:
    """The diagnosis in a sentence, and what it cost."""
    found = data["diagnosis"]
    findings = found.get("findings") or []
    if not found:
        sentence = "The program was watched; no diagnosis was made."
    elif all(f.get("severity") == "info" for f in findings):
        sentence = said(found["reason"]) if found.get("reason") else "No fault was found."
        sentence += f" {plural(len(findings), 'note')} below, not proven." if findings else ""
    elif found.get("healthy"):
        sentence = f"No fault was found; {plural(len(findings), 'note')} below."
    else:
        first = findings[0]
        others = len(findings) - 1
        sentence = f"The cause is most likely this: {readable(first['cause'])}."
        sentence += f" {plural(others, 'further finding')} below." if others else ""
    return {
        "kicker": "wordfit, report of the doctor",
        "sentence": sentence,
        "key_figures": key_figures(found),
        "notices": [],
    }


def key_figures(found: Data) -> list[dict[str, str]]:
    """Findings, what was examined, and the seconds of program and doctor."""
    if not found:
        return []
    seconds = found.get("seconds") or {}
    left = len(found.get("not_examined") or [])
    figures = [
        {"name": "findings", "value": count(len(found.get("findings") or [])), "note": ""},
        {
            "name": "examined",
            "value": count(len(found.get("examined") or [])),
            "note": f"{left} more did not apply or could not be" if left else "",
        },
    ]
    for key, name in (("program", "the program ran"), ("doctor", "the doctor took")):
        if number(seconds.get(key)) is not None:
            figures.append({"name": name, "value": duration(seconds[key]), "note": ""})
    return figures


SECTIONS: list[Section] = [
    ("diagnosis", "Diagnosis", lambda data: diagnosis(data["diagnosis"])),
    ("layers", "Where inputs become alike", layers),
    ("curves", "The program's curves", program_curves),
    ("experiments", "Experiments", experiments),
    ("repeat", "What ran", repeat),
]
