"""The suite: tasks by models by strategies by seeds, as cells; and the table that they make.

A row of the table holds mean, spread and 95 % interval over the seeds and the CPU seconds of a run, beside the
majority, TF-IDF with logistic regression, similarity without training, and the figures of the GLUE paper. A score that
says nothing is marked (`marks`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from wordfit.errors import InputError
from wordfit.glue.marks import contradicted, degenerate
from wordfit.glue.tasks import GlueTask, find, read
from wordfit.training.cells import Cell, run_cells

BASE: dict[str, Any] = {"start": "subword", "batch_size": 64, "patience": 3, "dropout": 0.2}
MODELS: dict[str, dict[str, Any]] = {  # settings; a pairing makes a model one for pairs
    "mean": BASE | {"encoder": "mean", "head": "mlp"},
    "sif": BASE | {"encoder": "sif", "head": "mlp"},
    "cnn": BASE | {"encoder": "cnn", "head": "mlp", "dropout": 0.3},
    "bilstm": BASE
    | {"encoder": "bilstm", "head": "mlp", "dropout": 0.3, "encoder_options": {"hidden": 64, "pool": "max"}},
    "matching": BASE | {"pairing": "matching", "encoder": "mean", "head": "mlp"},
    "matches": BASE | {"pairing": "matches", "head": "mlp"},
    "attention": BASE | {"pairing": "attention"},
    "bilstm-attention": BASE | {"pairing": "bilstm-attention"},
    "cosine": BASE | {"pairing": "cosine", "encoder": "sif"},
}
FOR_PAIRS = ("matching", "matches", "attention", "bilstm-attention", "cosine")
UNTRAINED = ("sif", "usif")
BASELINES = ("majority", "tfidf", *(f"{name}-cosine" for name in UNTRAINED))


@dataclass(frozen=True)
class Place:
    """Where a cell stands in the table: task, model and strategy."""

    task: str
    model: str
    strategy: str = ""


def cells(
    tasks: dict[str, GlueTask],
    data: Path,
    kept: Path,
    vectors: Sequence[str],
    models: Sequence[str],
    strategies: Sequence[str],
    seeds: int,
) -> list[tuple[Place, Cell]]:
    """Every cell of the suite with its place; a model that does not fit a task is left out.

    `data` is the folder of the tasks; `kept` holds the rows of sets that come in a layout of their own.
    """
    unknown = [name for name in models if name not in MODELS]
    if unknown:
        raise InputError(f"the model '{unknown[0]}' is not known; there are {', '.join(MODELS)}")
    made: list[tuple[Place, Cell]] = []
    for key, task in tasks.items():
        rows, _ = find(task, data, kept)
        pairs = task.pairs
        made += [
            (Place(key, "majority"), Cell(rows, model="majority")),
            (Place(key, "tfidf"), Cell(rows, model="tfidf")),
        ]
        if pairs:
            made += [(Place(key, f"{name}-cosine"), Cell(rows, tuple(vectors), model=name)) for name in UNTRAINED]
        for model in models:
            if model in FOR_PAIRS and (not pairs or (model == "cosine" and task.kind != "score")):
                continue
            for strategy in strategies:
                settings = settings_of(task, model) | {"tuning": strategy}
                for seed in range(seeds):
                    made.append((Place(key, model, strategy), Cell(rows, tuple(vectors), settings=settings, seed=seed)))
    return made


def settings_of(task: GlueTask, model: str) -> dict[str, Any]:
    """The settings of a model for a task: the model's, epochs by the size of train, classes balanced for Matthews."""
    balance = {"balance": True} if task.metrics[0] == "matthews" else {}
    return MODELS[model] | {"epochs": task.epochs} | balance


def run_suite(
    made: Sequence[tuple[Place, Cell]],
    folder: Path,
    workers: int | None = None,
    scheduler: str | None = None,
    on_done: Callable[[Place, dict[str, Any]], None] | None = None,
) -> dict[Place, list[dict[str, Any]]]:
    """Results of every place, its seeds in order; finished cells are taken from `folder`."""
    listen = (lambda i, result: on_done(made[i][0], result)) if on_done else None
    results = run_cells([cell for _, cell in made], folder, workers, scheduler, listen)
    places: dict[Place, list[dict[str, Any]]] = {}
    for (place, _), result in zip(made, results):
        places.setdefault(place, []).append(result)
    return places


def table(
    places: dict[Place, list[dict[str, Any]]], tasks: dict[str, GlueTask], data: Path, kept: Path
) -> list[dict[str, Any]]:
    """A row for every place and every figure of the paper, in the form of `report.write_suite_report`."""
    rows = []
    against = {key: contradicted(*read(tasks[key], data, kept)[1:]) for key in {place.task for place in places}}
    for place, results in places.items():
        task = tasks[place.task]
        metric = task.metrics[0]
        low, high = interval([result["metrics"][metric] for result in results])
        said = degenerate(task, results, places[Place(place.task, "majority")][0])
        everything = {name: float(np.mean([r["metrics"][name] for r in results])) for name in task.metrics}
        for other in results[0].get("also", {}):
            everything[f"{metric} {other}"] = float(np.mean([r["also"][other][metric] for r in results]))
        rows.append(
            {
                "task": task.name,
                "strategy": f"{place.model} {place.strategy}".strip(),
                "score": everything[metric],
                "metric": metric,
                "all": everything,
                "std": spread([result["metrics"][metric] for result in results]),
                "low": low,
                "high": high,
                "seeds": len(results),
                "seconds": float(np.mean([result["cpu_seconds"] for result in results])),
                "parameters": results[0]["parameters"],
                "rows": results[0]["train_rows"],
                "note": find(task, data, kept)[1],
                "run": page_of(place),
                "degenerate": "; ".join(filter(None, [said, against[place.task]])),
                "reference": place.model in BASELINES,
            }
        )
    for task in tasks.values():
        for name, figures in (task.paper or {}).items():
            row = {"task": task.name, "strategy": f"GLUE paper, {name}", "metric": task.metrics[0], "reference": True}
            row |= {"score": figures[0] / 100, "all": {m: f / 100 for m, f in zip(task.metrics, figures)}}
            rows.append(row | {"note": "Wang et al. 2018, Table 6, dev, whole training set, 840B vectors"})
    return rows


def page_of(place: Place) -> str:
    """Where the page of a place lies, below the suite's folder."""
    return f"runs/{'-'.join(filter(None, [place.task, place.model, place.strategy]))}.html".replace(",", "-")


def spread(scores: Sequence[float]) -> float:
    """Standard deviation over the seeds."""
    return float(np.std(scores, ddof=1)) if len(scores) > 1 else 0.0


def interval(scores: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of the mean over the seeds, by Student's t; the score itself where there is one seed."""
    mean = float(np.mean(scores))
    if len(scores) < 2:
        return mean, mean
    half = float(stats.t.ppf(0.975, len(scores) - 1)) * spread(scores) / len(scores) ** 0.5
    return mean - half, mean + half
