"""What the doctor watched and measured: the program's curves, where inputs become alike, every experiment.

Sections of the doctor's page, from the record's `watched` and `experiments`; what a sound program gives is said here
for the experiments that are known, the others show what they found.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from wordfit.report.figures import COLOURS, Figure, bars, curves
from wordfit.report.findings import values
from wordfit.report.page import Data
from wordfit.report.wording import compact, number, numbers, readable

ALIKE = 0.05  # spread between rows, as a share of the values' size, below which rows count as alike
SMOOTH = 60  # losses beyond which their running mean is drawn as well
CALLS = {"__getitem__": "picking with [...]", "__add__": "+", "__mul__": "*", "__sub__": "-", "__truediv__": "/"}
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
    "numbers": ("Where does the first value that is no number come from?", "there is none"),
    "pairing": ("Has another pairing of texts and labels a signal?", "no"),
    "truncation": ("Does what was cut off decide?", "no"),
    "lines": ("Do quotation marks merge lines of the files read?", "no line is merged"),
    "classes": ("Does the order of class numbers mean something?", "no, unless they are scores"),
    "ignored": ("What does the ignored index hide?", "padding alone"),
    "stale_rows": ("Do rows move in steps without their words?", "no"),
    "recoding": ("Were the splits encoded with different mappings?", "no"),
    "forcing": ("Do scores come from a decoder that is fed the reference?", "no"),
    "frozen": ("Would holding the vectors answer new rows better?", "no"),
    "rates": ("Can a few batches be learned, and with which learning rates?", "with its own, to the floor"),
}
SHOWN: dict[str, Callable[[Data], Data]] = {  # experiment: what of its result answers the question in a line
    "data": lambda r: {
        "rows in training": r["train"]["rows"],
        "largest class": r["train"]["majority"]["share"],
        "dev accuracy": r["dev"].get("accuracy"),
    },
    "weights": lambda r: {
        "weights": len(r["rows"]),
        "trainable and held by no optimizer": sum(bool(w["trainable"] and not w["held"]) for w in r["rows"]),
    },
    "tables": lambda r: {t["name"]: f"{t['seen_rows']} of {t['rows']} rows occurred" for t in r["tables"]},
    "sources": lambda r: {
        " ".join(s["looked_up_by"]) or f"input {s['input']}": f"changes it by {compact(s['change'])}"
        for s in r["inputs"]
    },
    "evaluation": lambda r: {
        "difference between two runs": r["repeat"]["difference"],
        "batches in training mode": f"{r['in_training_mode']} of {r['batches']}",
    },
    "units": lambda r: {
        "dead": max(a["end"]["dead"] for a in r["activations"]),
        "saturated": max(a["end"]["saturated"] for a in r["activations"]),
    },
    "gradients": lambda r: {
        "norm at the first call": r["start"]["along"][0]["norm"],
        "at the last": r["start"]["along"][-1]["norm"],
    },
    "rates": lambda r: {
        "loss": r["runs"]["1.0"]["before"],
        f"after {r['steps']} steps": r["runs"]["1.0"]["after"],
        "at a tenth of the rate": r["runs"].get("0.1", {}).get("after"),
    },
    "reference": lambda r: {
        "cross-validated": r["crossed"],
        "in dev": r.get("dev"),
        "the majority alone": r["majority"],
    },
}


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
    """A curve by step; a long one in a quiet colour, with its running mean."""
    if len(values) <= SMOOTH:
        return curves({name: (at, values)}, "step", name, f"The program's {name} by step.")
    window = len(values) // 20
    means: list[float | None] = []
    for end in range(1, len(values) + 1):
        recent = [v for v in values[max(0, end - window) : end] if v is not None]
        means.append(sum(recent) / len(recent) if recent else None)
    series = {"each step": (at, values), f"mean of {window}": (at, means)}
    drawn = curves(series, "step", name, f"The program's {name} by step, with its running mean.")
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
    names = [f"{i}. {stage_name(s)}" for i, s in enumerate(stages, 1)]
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


def stage_name(stage: Data) -> str:
    """`encoder.lstm: lstm`, or the call alone where no module made it."""
    call = CALLS.get(str(stage.get("op")), stage.get("op"))
    parts = [str(part) for part in (stage.get("module"), call) if part]
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
                "found": answer(name, result),
                "all": json.dumps(result, indent=1, ensure_ascii=False),
            }
        )
    return {"rows": rows}


def answer(name: str, result: Any) -> str:
    """What an experiment found, in a line; records may hold less than today's experiments measure."""
    if isinstance(result, dict) and result.get("why_not"):
        return f"not asked: {result['why_not']}"
    try:
        picked = {k: v for k, v in SHOWN[name](result).items() if v is not None}
    except (KeyError, TypeError, IndexError, ValueError):
        picked = {}
    if picked:
        return "; ".join(f"{key} {compact(value)}" for key, value in picked.items())
    return values(scalars(result))


def scalars(result: Any, most: int = 6) -> Any:
    """The plain numbers and words of a result; what is nested or long is left to the details."""
    if not isinstance(result, dict):
        return result
    picked = {
        key: value
        for key, value in result.items()
        if key not in ("seconds", "file") and value is not None and not isinstance(value, (dict, list))
    }
    return dict(list(picked.items())[:most])
