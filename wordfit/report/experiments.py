"""What the doctor watched and measured: the program's curves, where inputs become alike, every experiment.

Sections of the doctor's page, from the record's `watched` and `experiments`; what a sound program gives is said here
for the experiments that are known, the others show what they found.
"""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Any

from wordfit.report.figures import COLOURS, Figure, bars, curves
from wordfit.report.findings import values
from wordfit.report.page import Data
from wordfit.report.wording import compact, number, numbers, readable

ALIKE = 0.01  # spread between rows, as a share of the values' size, below which rows count as alike
QUESTIONS = {  # experiment: what it asks, what a sound program gives
    "dependence": ("Does the answer depend on the input?", "other words change the answer"),
    "padding": ("Does padding change an answer?", "no change"),
    "company": ("Does the company of a row change its answer?", "no change"),
    "sources": ("Which inputs does the answer depend on?", "all of them"),
    "order": ("Does the order of the words matter?", "yes, unless the words are averaged"),
    "overfit": ("Can it memorise eight rows?", "the loss falls to its floor"),
    "gradients": ("Which parameters does the loss reach?", "all that should be trained"),
    "loss": ("What does the loss say of perfect and of useless answers?", "better answers cost less"),
    "reference": ("What do simple learners find in the same data?", "no more than the model"),
    "repeat": ("Does evaluation repeat itself?", "the same answer twice"),
    "future": ("Does the decoder see the future?", "no change"),
}


def program_curves(data: Data) -> dict[str, Any] | None:
    """The program's own loss and metrics as it ran: `watched["curves"]`, name to pairs of step and value."""
    found = data["watched"].get("curves") or {}
    figures = []
    for kind, picked in split_curves(found).items():
        series = {
            readable(name): ([pair[0] for pair in pairs], numbers([pair[1] for pair in pairs]))
            for name, pairs in picked.items()
            if pairs
        }
        if series:
            figures.append(
                curves(
                    series, "step", kind if len(series) > 1 else next(iter(series)), f"The program's {kind} by step."
                )
            )
    return {"figures": figures} if figures else None


def split_curves(found: Data) -> dict[str, dict[str, Any]]:
    """Losses apart from everything else, since they have a scale of their own."""
    losses = {name: pairs for name, pairs in found.items() if "loss" in name}
    return {"loss": losses, "measured": {name: pairs for name, pairs in found.items() if name not in losses}}


def layers(data: Data) -> dict[str, Any] | None:
    """Layer by layer, how different the rows of a batch still are: the experiment `dependence`."""
    stages = (data["experiments"].get("dependence") or {}).get("stages") or []
    stages = [s for s in stages if number(s.get("relative")) is not None]
    if not stages:
        return None
    names = [f"{i}. {stage_name(s)}" for i, s in enumerate(stages, 1)]
    spreads = [number(s["relative"]) for s in stages]
    lost = first_alike([s or 0.0 for s in spreads])
    colours = [COLOURS[1] if lost is not None and i >= lost else COLOURS[0] for i in range(len(stages))]
    alt = "Bars: the spread between the rows of a batch after each layer, first layer on top."
    drawn: Figure = bars(
        names, {"spread": spreads}, "spread between rows, as a share of the values' size", alt, colours=colours
    )
    drawn["wide"] = True
    where = None
    if lost is not None:
        before = compact(spreads[lost - 1]) if lost else None
        where = {
            "name": stage_name(stages[lost]),
            "before": before,
            "after": compact(spreads[lost]),
            "place": line_of(stages[lost]),
        }
    return {"figure": drawn, "lost": where}


def first_alike(spreads: list[float]) -> int | None:
    """The first stage from which on the rows stay alike."""
    if not spreads or spreads[-1] >= ALIKE:
        return None
    lost = len(spreads) - 1
    while lost > 0 and spreads[lost - 1] < ALIKE:
        lost -= 1
    return lost


def stage_name(stage: Data) -> str:
    """`encoder.lstm: lstm`, or the call alone where no module made it."""
    parts = [str(stage[key]) for key in ("module", "op") if stage.get(key)]
    return ": ".join(dict.fromkeys(parts)) or "?"


def line_of(stage: Data) -> str:
    return f"{PurePath(str(stage['file'])).name}, line {stage['line']}" if stage.get("file") else ""


def experiments(data: Data) -> dict[str, Any] | None:
    """Every experiment: its question, what a sound program gives, what this one gave, and all it measured."""
    found = {name: result for name, result in data["experiments"].items() if result}
    if not found:
        return None
    expected = {
        row.get("experiment"): row.get("expected")
        for finding in data["diagnosis"].get("findings") or []
        for row in finding.get("evidence") or []
    }
    rows = []
    for name, result in found.items():
        question, sound = QUESTIONS.get(name, (readable(name), ""))
        rows.append(
            {
                "question": question,
                "name": name,
                "expected": values(expected[name]) if expected.get(name) else sound,
                "found": values(scalars(result)),
                "all": json.dumps(result, indent=1, ensure_ascii=False),
            }
        )
    return {"rows": rows}


def scalars(result: Any, most: int = 8) -> Any:
    """The plain numbers and words of a result, nested ones by their path; long lists are left to the details."""
    if not isinstance(result, dict):
        return result
    picked: dict[str, Any] = {}
    for key, value in result.items():
        if isinstance(value, dict):
            picked |= {f"{key} {inner}": v for inner, v in value.items() if not isinstance(v, (dict, list))}
        elif not isinstance(value, list) or (len(value) <= 4 and not any(isinstance(v, (dict, list)) for v in value)):
            picked[key] = value
    return {key: value for key, value in list(picked.items())[:most] if value is not None}
