"""The page of a suite: a heat map of task by strategy, score against cost, every cell a link to its run.

Takes plain rows, so that whoever ran the suite need not be known here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from wordfit.record import plain
from wordfit.report.figures import cell, log_axis, points
from wordfit.report.page import Section, write_page
from wordfit.report.wording import count, duration, number, plural, readable, score

Row = Mapping[str, Any]


def write_suite_report(
    table: Sequence[Row], path: str | os.PathLike[str], title: str = "GLUE with static vectors"
) -> None:
    """Write the page of a suite from its table; every row is one cell of the heat map.

    A row is a dictionary of `task`, `strategy` (its column: the model and how its vectors were used, or the name of
    a reference), `score` (higher is better, None where there is none) and, each optional:

    - `metric`: what the score is (`accuracy`, `mcc`); `all`: every metric of the task, name to mean;
    - `std`, `low`, `high`: spread over the seeds and the ends of the 95 % interval; `seeds`: how many;
    - `seconds`: time of one run; `parameters`: trained numbers;
    - `rows`: rows of train; `note`: what a reader must know (a subset, a copy of a published figure);
    - `degenerate`: why the score says nothing (a constant prediction, inside the majority's interval);
    - `reference`: true for rows that no model of ours made (majority, TF-IDF, a paper's figure);
    - `run`: the run's page, as a path relative to this page.
    """
    rows = plain([dict(row) for row in table])
    write_page(path, title, opening(rows), SECTIONS, rows)


def opening(rows: Any) -> dict[str, Any]:
    """The size of the suite in a sentence."""
    tasks, strategies = names(rows, "task"), names(rows, "strategy")
    cells = [r for r in rows if not r.get("reference")]
    seeds = max((r.get("seeds") or 0 for r in cells), default=0)
    sentence = f"{plural(len(tasks), 'task')} by {plural(len(strategies), 'way')} to use the vectors"
    sentence += f", each the mean of {plural(seeds, 'seed')}." if seeds > 1 else "."
    degenerate = sum(1 for r in rows if r.get("degenerate"))
    if degenerate:
        says = "it says" if degenerate == 1 else "they say"
        sentence += f" {plural(degenerate, 'score')} with a dashed frame: {says} nothing about the texts."
    seconds = [number(r.get("seconds")) for r in cells]
    total = sum((s or 0) * (r.get("seeds") or 1) for s, r in zip(seconds, cells))
    figures = [{"name": "runs", "value": count(sum(r.get("seeds") or 1 for r in cells)), "note": ""}]
    figures += [{"name": "time of all runs", "value": duration(total), "note": ""}] if total else []
    return {"kicker": "wordfit, report of a suite", "sentence": sentence, "key_figures": figures, "notices": []}


def names(rows: Any, key: str) -> list[str]:
    """The values of a column in the order of their first row."""
    return list(dict.fromkeys(str(row[key]) for row in rows))


def heat_map(rows: Any) -> dict[str, Any] | None:
    """Tasks as rows, strategies as columns; within a task the best score is the strongest colour."""
    if not rows:
        return None
    tasks, strategies = names(rows, "task"), names(rows, "strategy")
    by_place = {(str(r["task"]), str(r["strategy"])): r for r in rows}
    lines = []
    for task in tasks:
        mine = [by_place.get((task, s)) for s in strategies]
        scores = [v for r in mine if r and (v := number(r.get("score"))) is not None]
        metric = next((str(r["metric"]) for r in mine if r and r.get("metric")), "")
        low, high = (min(scores), max(scores)) if scores else (0.0, 0.0)
        name = f"{task} ({readable(metric)})" if metric else task
        lines.append((name, [shaded(r, low, high) if r else None for r in mine]))
    reasons = [
        [str(r["task"]), str(r["strategy"]), score(r["score"]), str(r["degenerate"])]
        for r in rows
        if r.get("degenerate")
    ]
    noted: dict[str, list[str]] = {}
    for row in rows:
        if row.get("note"):
            noted.setdefault(str(row["note"]), []).append(str(row["task"]))
    notes = [f"{', '.join(dict.fromkeys(where))}: {note}" for note, where in noted.items()]
    return {
        "columns": strategies,
        "lines": lines,
        "reasons": reasons,
        "notes": notes,
        "linked": any(r.get("run") for r in rows),
    }


def shaded(row: Any, low: float, high: float) -> dict[str, Any]:
    """A score with its spread, shaded by its place between the worst and the best of its task."""
    value = number(row.get("score"))
    level = None if value is None else ((value - low) / (high - low) if high > low else 0.5)
    spread = bounds(row) or (f"\u00b1{score(row['std'])}" if number(row.get("std")) else "")
    facts = [f"{readable(name)} {score(v)}" for name, v in (row.get("all") or {}).items()]
    facts += [duration(row["seconds"])] if number(row.get("seconds")) is not None else []
    facts += [f"{count(row['parameters'])} parameters"] if number(row.get("parameters")) is not None else []
    facts += [str(row["degenerate"])] if row.get("degenerate") else []
    text = score(value) if value is not None else "\u2013"
    return cell(text, level, spread, link(row.get("run")), "; ".join(facts), bool(row.get("degenerate")))


def bounds(row: Any) -> str:
    """The ends of an interval; nothing where one seed gave no interval."""
    low, high = number(row.get("low")), number(row.get("high"))
    return f"{score(low)} to {score(high)}" if low is not None and high is not None and low < high else ""


def link(run: Any) -> str:
    """A relative path as a link: nothing that could be another scheme."""
    return quote(str(run)) if run else ""


def cost(rows: Any) -> dict[str, Any] | None:
    """Score against seconds, one figure a task."""
    figures = []
    for task in names(rows, "task"):
        mine = [r for r in rows if str(r["task"]) == task]
        timed = [r for r in mine if number(r.get("seconds")) and number(r.get("score")) is not None]
        if not timed:
            continue
        metric = readable(str(timed[0].get("metric") or "score"))
        groups: dict[str, dict[str, list[Any]]] = {}
        for row in timed:
            group = groups.setdefault(
                str(row.get("model") or str(row["strategy"]).split()[0]), {"x": [], "y": [], "text": [], "links": []}
            )
            group["x"].append(row["seconds"])
            group["y"].append(row["score"])
            group["text"].append(f"{row['strategy']}: {score(row['score'])} in {duration(row['seconds'])}")
            group["links"].append(link(row.get("run")))
        drawn = points(groups, "seconds of a run", metric, f"{task}: score against the seconds of a run.")
        drawn["layout"]["xaxis"] |= log_axis([r["seconds"] for r in timed])
        above = {"x": 0, "xref": "paper", "y": 0.98, "yanchor": "top"}
        drawn["layout"]["title"] = {"text": task, "font": {"size": 14}, **above}
        legend = 22 * -(-len(groups) // 3) if len(groups) > 1 else 0  # three names stand beside each other
        drawn["layout"]["margin"]["t"] = 40 + legend
        drawn["layout"]["height"] += legend
        figures.append(drawn)
    return {"figures": figures} if figures else None


def as_table(rows: Any) -> dict[str, Any] | None:
    """The table itself, in rows."""
    if not rows:
        return None
    lines = [
        [
            str(r["task"]),
            str(r["strategy"]),
            score(r.get("score")),
            score(r.get("std")),
            bounds(r) or "\u2013",
            count(r.get("seeds")),
            duration(r.get("seconds")),
            count(r.get("parameters")),
        ]
        for r in rows
    ]
    return {"rows": lines}


SECTIONS: list[Section] = [
    ("heat", "Task by strategy", heat_map),
    ("cost", "Score against cost", cost),
    ("table", "The table", as_table),
]
