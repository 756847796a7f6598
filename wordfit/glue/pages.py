"""The page of each place of the table: its runs seed by seed, the answers of the best, and how to do it again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from wordfit.glue.suite import Place, page_of
from wordfit.glue.tasks import GlueTask, read
from wordfit.training.cells import Cell
from wordfit.training.evaluation import balance
from wordfit.training.preparation import targets


def pages(
    made: Sequence[tuple[Place, Cell]],
    places: Mapping[Place, list[dict[str, Any]]],
    rows: Sequence[dict[str, Any]],
    tasks: Mapping[str, GlueTask],
    data: Path,
    kept: Path,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the page of every place shows, with its path below the suite's folder, where the rows of the table point."""
    by_page = {row["run"]: row for row in rows if row.get("run")}
    first: dict[Place, Cell] = {}
    for place, cell in made:
        first.setdefault(place, cell)
    for key, task in tasks.items():
        learned, _, dev = read(task, data, kept)
        true = targets(learned, dev)
        for place, results in places.items():
            if place.task == key:
                best = max(results, key=lambda r: r["metrics"][task.metrics[0]])
                known = {"labels": list(learned.labels), "metrics": {m: best["metrics"][m] for m in task.metrics}}
                yield (
                    page_of(place),
                    {
                        "row": by_page[page_of(place)],
                        "runs": [_run(seed, result, task) for seed, result in enumerate(results)],
                        "evaluation": known | balance(learned, true, np.array(best["answers"])),
                        "settings": first[place].settings,
                        "files": {"train": first[place].rows.train, "dev": first[place].rows.dev},
                        "vectors": list(first[place].vectors),
                        "command": _command(place, first[place], data, len(results)),
                    },
                )


def _run(seed: int, result: dict[str, Any], task: GlueTask) -> dict[str, Any]:
    """A run in a line: what it scored, after how many epochs, and where its whole record lies."""
    epochs = result.get("epochs", [])
    return {
        "seed": seed,
        "metrics": {name: result["metrics"][name] for name in task.metrics},
        "epochs": [[row["train_loss"], row["metric"]] for row in epochs],
        "best_epoch": result.get("best_epoch"),
        "drift": result.get("drift"),
        "seconds": result["cpu_seconds"],
        "cell": f"../cells/{result['file']}",
    }


def _command(place: Place, cell: Cell, data: Path, seeds: int) -> str:
    vectors = [part for name in cell.vectors for part in ("--vectors", name)]
    own = ["--models", place.model, "--strategies", place.strategy, "--seeds", str(seeds)] if place.strategy else []
    return shlex.join(["wordfit", "glue", "--data", str(data), *vectors, "--out", "OUT", "--tasks", place.task, *own])
