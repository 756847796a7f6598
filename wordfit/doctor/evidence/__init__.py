"""Evidence in words: what was measured and what a sound program gives, key by key, for the terminal and the page.

The phrases stand in `phrases`, how a template says its value in `said`.
"""

from __future__ import annotations

import re
from typing import Any

from wordfit.doctor.evidence.phrases import EXPECTED, FOUND, NAMES
from wordfit.doctor.evidence.said import Said


def named(experiment: str) -> str:
    """The name of what evidence is of, for readers."""
    return NAMES.get(experiment, experiment.replace("_", " "))


def found(row: dict[str, Any]) -> str:
    """What was measured, in words; keys that are unknown are said by their names."""
    return _phrases(row["experiment"], row.get("found"), {})


def expected(row: dict[str, Any]) -> str:
    """What a sound program gives; empty where nothing was said."""
    return _phrases(row["experiment"], row.get("expected"), EXPECTED)


def _phrases(experiment: str, values: Any, first: dict[str, Any]) -> str:
    if not isinstance(values, dict):
        return "" if values is None else str(values)
    said = [phrase for key, value in values.items() if (phrase := _phrase(experiment, key, value, first))]
    return re.sub(
        r"; (?=(?:of|in|and|with [0-9]+) )", " ", "; ".join(said)
    )  # `34 steps of 40`, and not `34 steps; of 40`


def _phrase(experiment: str, key: str, value: Any, first: dict[str, Any]) -> str:
    if value is None or value == []:
        return ""
    tables = (first, FOUND)
    plain = f"{key.replace('_', ' ')} {{}}"
    template = next((t[k] for t in tables for k in (f"{experiment}.{key}", key) if k in t), plain)
    if isinstance(template, dict):
        return template.get(bool(value), "")
    return template.format(Said(value))


def in_words(text: str) -> str:
    """What is said of another cause (`dead_units: ...`), with its name in words."""
    cause, colon, why = str(text).partition(": ")
    return f"{cause.replace('_', ' ')}: {why}" if colon and re.fullmatch(r"[a-z_]+", cause) else str(text)
