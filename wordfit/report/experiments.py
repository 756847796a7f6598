"""What the doctor watched and measured: the program's curves, where inputs become alike, every experiment.

Sections of the doctor's page, from the record's `watched` and `experiments`. How an experiment is said in words stands
in `wordfit.report.measured`; one that is not known there shows what it found.
"""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Any

from wordfit.doctor import evidence
from wordfit.doctor.evidence.said import call as torch_call
from wordfit.report.figures import COLOURS, Figure, bars, curves
from wordfit.report.measured import MEASURED, measured, question
from wordfit.report.page import Data
from wordfit.report.wording import compact, number, numbers, readable

ALIKE = 0.05  # spread between rows, as a share of the values' size, below which rows count as alike
SMOOTH = 60  # losses beyond which their running mean is drawn as well


def program_curves(data: Data) -> dict[str, Any] | None:
    """The program's own loss and learning rate by step, from `watched["losses"]`, `["loss_steps"]`, `["rates"]`."""
    watched, figures = data["watched"], []
    for key, steps, name in (("losses", "loss_steps", "loss"), ("rates", "", "learning rate")):
        values = watched.get(key) or []
        at = watched.get(steps) or spaced(len(values), watched.get("steps"))
        if len(values) >= 2 and (name == "loss" or len(set(values)) > 1):
            figures.append(smoothed(at, numbers(values), name))
    bad = sum(number(v) is None for v in watched.get("losses") or [])
    return {"figures": figures, "bad": bad} if figures else None


def smoothed(at: list[Any], values: list[float | None], name: str) -> Figure:
    """A curve by step; a long one in a quiet colour, with its centred mean."""
    if len(values) <= SMOOTH:
        return curves({name: (at, values)}, "step", name, f"The program's {name} by step.")
    window = len(values) // 20 | 1
    means: list[float | None] = []
    for middle in range(len(values)):
        reach = min(window // 2, middle, len(values) - 1 - middle)  # as far to both sides, so that it does not lag
        near = [v for v in values[middle - reach : middle + reach + 1] if v is not None]
        means.append(sum(near) / len(near) if near else None)
    series = {"each step": (at, values), f"mean of {window}": (at, means)}
    drawn = curves(series, "step", name, f"The program's {name} by step, with its centred mean.")
    drawn["data"][0]["line"] = {"color": "var(--quiet)", "width": 1}
    drawn["data"][1]["line"] |= {"color": COLOURS[0], "dash": "solid"}
    return drawn


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
    stages = once_each(stages)
    names = [f"{i}. {stage_name(s, 30)}" for i, s in enumerate(stages, 1)]
    spreads = [number(s["relative"]) for s in stages]
    lost = most_lost([s or 0.0 for s in spreads])
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
            "end": compact(spreads[-1]),
            "place": line_of(stages[lost]),
        }
    return {"figure": drawn, "lost": where}


def once_each(stages: list[Data]) -> list[Data]:
    """A call that a loop makes again and again stands once, as it was the last time, where it came first."""
    last: dict[tuple[Any, ...], Data] = {}
    for stage in stages:
        last[stage.get("op"), stage.get("module"), stage.get("file"), stage.get("line")] = stage
    return list(last.values())


def most_lost(spreads: list[float]) -> int | None:
    """The stage where most of the difference is lost for good, if little of it is left in the end."""
    if not spreads or spreads[-1] >= ALIKE * max(1.0, spreads[0]):
        return None
    kept = [max(spreads[i:]) for i in range(len(spreads))]  # what a later stage regains was not lost
    falls = [before / max(after, 1e-12) for before, after in zip([1.0, *kept], kept)]
    return falls.index(max(falls))


def stage_name(stage: Data, most: int = 200) -> str:
    """`encoder.lstm: lstm`, or the call alone where no module made it; of a long one the ends that tell it apart."""
    call = torch_call(stage["op"]) if stage.get("op") else ""
    parts = [str(part) for part in (stage.get("module"), call) if part]
    parts = list(dict.fromkeys(parts)) or ["?"]
    if len(": ".join(parts)) > most and len(parts) == 2:
        call = parts[1] if len(parts[1]) <= most // 2 else parts[1][: most // 3 + 2] + "\u2026"
        path = parts[0][-(most - len(call) - 3) :]
        parts = [parts[0] if path == parts[0] else "\u2026" + (path.partition(".")[2] or path), call]
    return ": ".join(parts)


def line_of(stage: Data) -> str:
    return f"{PurePath(str(stage['file'])).name}, line {stage['line']}" if stage.get("file") else ""


def experiments(data: Data) -> dict[str, Any] | None:
    """Every experiment: its question, what a sound program gives, what this one gave, and all it measured."""
    found = {name: result for name, result in data["experiments"].items() if result}
    if not found:
        return None
    said = {
        row.get("experiment"): evidence.expected(row)
        for finding in reversed(data["diagnosis"].get("findings") or [])
        for row in finding.get("evidence") or []
    }
    rows = []
    for name, result in found.items():
        rows.append(
            {
                "question": question(name),
                "name": name,
                "expected": said.get(name) or (MEASURED[name][1] if name in MEASURED else ""),
                "found": measured(name, result) or [scalars(result)],
                "all": json.dumps(result, indent=1, ensure_ascii=False),
            }
        )
    return {"rows": rows}


def scalars(result: Any, most: int = 6) -> str:
    """The plain numbers and words of a result that no line is written for; the rest is left to the details."""
    if not isinstance(result, dict):
        return compact(result)
    plain = {k: v for k, v in result.items() if k not in ("seconds", "file") and not isinstance(v, (dict, list))}
    return "; ".join(f"{readable(k)} {compact(v)}" for k, v in list(plain.items())[:most] if v is not None)
