"""The page of one place of a suite: a task, a model and a strategy, its runs seed by seed.

Takes plain data, so that whoever ran the suite need not be known here. No figures, so the page is small.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from wordfit.record import plain
from wordfit.report.answers import answers
from wordfit.report.origin import repeat
from wordfit.report.page import Section, write_page
from wordfit.report.suite import bounds, link
from wordfit.report.wording import count, duration, plural, readable, score, share


def write_place_report(about: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Write the page of one place of a suite.

    `about` has `row` (its row of the suite's table), `runs` (per seed `metrics`, `epochs` as pairs of loss and metric,
    `best_epoch`, `drift`, `seconds`, `cell`), `evaluation` of the best run's answers, `settings`, `files`, `vectors`
    and `command`.
    """
    data = plain(dict(about))
    row = data["row"]
    write_page(path, f"{row['task']}: {row['strategy']}", opening(data), SECTIONS, data)


def opening(data: Any) -> dict[str, Any]:
    """The place in a sentence and its key figures."""
    row, runs = data["row"], data["runs"]
    metric = readable(str(row["metric"]))
    sentence = f"{metric} {score(row['score'])} on dev"
    sentence += f", the mean of {plural(len(runs), 'seed')}" if len(runs) > 1 else ""
    sentence += f" (95 % interval {bounds(row)})." if bounds(row) else "."
    figures = [{"name": readable(str(name)), "value": score(value), "note": ""} for name, value in row["all"].items()]
    figures.append({"name": "time of a run", "value": duration(row.get("seconds")), "note": ""})
    warning = {"level": "warning", "text": f"This score says nothing: {row.get('degenerate')}."}
    return {
        "kicker": "wordfit, a cell of a suite",
        "sentence": sentence,
        "key_figures": figures,
        "notices": [warning | {"section": "seeds", "more": "See the runs."}] if row.get("degenerate") else [],
    }


def seeds(data: Any) -> dict[str, Any]:
    """Seed by seed: metrics, epochs, how far the vectors moved."""
    names = list(data["runs"][0]["metrics"])
    rows = [
        [
            count(run["seed"]),
            *(score(run["metrics"][name]) for name in names),
            f"{run['best_epoch'] + 1} of {len(run['epochs'])}" if run["epochs"] else "\u2013",
            share(run["drift"]) if run["drift"] is not None else "\u2013",
            duration(run["seconds"]),
        ]
        for run in data["runs"]
    ]
    longest = max(len(run["epochs"]) for run in data["runs"])
    epochs = [[count(i + 1), *(_epoch(run["epochs"], i) for run in data["runs"])] for i in range(longest)]
    columns = [("seed", "number"), *((readable(name), "number") for name in names)]
    return {
        "columns": [*columns, ("best epoch", "number"), ("movement of the vectors", "number"), ("time", "number")],
        "rows": rows,
        "epoch_columns": [("epoch", "number"), *((f"seed {run['seed']}", "number") for run in data["runs"])],
        "epochs": epochs,
        "links": [(count(run["seed"]), link(run["cell"])) for run in data["runs"]],
        "notes": [note for note in [data["row"].get("note")] if note],
    }


def _epoch(epochs: list[Any], i: int) -> str:
    return f"{score(epochs[i][1])} (loss {score(epochs[i][0])})" if i < len(epochs) else ""


def best_answers(data: Any) -> dict[str, Any] | None:
    """The answers of the best seed, without figures."""
    shown = answers(data)
    return shown and shown | {"figures": []}


def made_from(data: Any) -> dict[str, Any] | None:
    """Files, vectors, settings and the command line."""
    settings = data["files"] | {f"vectors {i + 1}": name for i, name in enumerate(data["vectors"])} | data["settings"]
    return repeat({"program": {"command": data["command"]}, "settings": settings})


SECTIONS: list[Section] = [
    ("seeds", "Seed by seed", seeds),
    ("answers", "Answers of the best seed", best_answers),
    ("repeat", "To repeat it", made_from),
]
