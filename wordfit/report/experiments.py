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
    "data": ("Which rows were fed, in which order?", "shuffled, no row of dev in train"),
    "weights": ("Which weights are reached, held by an optimizer, and moved?", "all that should learn"),
    "tables": ("Which rows of the tables occurred, and which moved?", "rows move where words occur"),
    "losses": ("What does the loss say of perfect and of useless answers?", "better answers cost less"),
    "dependence": ("Does the answer depend on the input?", "other words change the answer"),
    "company": ("Do the other rows of a batch change an answer?", "no change"),
    "sources": ("Which inputs does the answer depend on?", "all of them"),
    "padding": ("Does padding change an answer?", "no change"),
    "sequence": ("Does a decoder see what it must give?", "no"),
    "evaluation": ("Does evaluation repeat itself?", "the same answer twice"),
    "units": ("Are units dead, saturated or equal?", "few or none"),
    "gradients": ("How do gradients fare along depth and time?", "neither vanish nor grow"),
    "vectors": ("Do the rows of the table hold the vectors of their words?", "they do"),
    "reference": ("What does a plain learner find in the same rows?", "no more than the model"),
    "rates": ("Can a few batches be learned, and with which learning rates?", "with its own, to the floor"),
}


def program_curves(data: Data) -> dict[str, Any] | None:
    """The program's own loss and learning rate by step, from `watched["losses"]`, `["loss_steps"]`, `["rates"]`."""
    watched, figures = data["watched"], []
    for key, steps, name in (("losses", "loss_steps", "loss"), ("rates", "", "learning rate")):
        values = watched.get(key) or []
        at = watched.get(steps) or spaced(len(values), watched.get("steps"))
        if len(values) >= 2 and (name == "loss" or len(set(values)) > 1):
            series = {name: (at, numbers(values))}
            figures.append(curves(series, "step", name, f"The program's {name} by step."))
    bad = sum(number(v) is None for v in watched.get("losses") or [])
    return {"figures": figures, "bad": bad} if figures else None


def spaced(values: int, steps: Any) -> list[float]:
    """Steps for values that were kept evenly."""
    gap = max(1.0, (number(steps) or values) / max(1, values))
    return [round(i * gap) for i in range(values)]


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
