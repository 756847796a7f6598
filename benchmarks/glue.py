"""The GLUE targets: the cells that are to reach them, five seeds each, and what the whole suite costs.

    python benchmarks/glue.py --out FOLDER                 the target cells, most valuable first
    python benchmarks/glue.py --out FOLDER --suite mean    one seed of a model on every task: seconds for the suite
    python benchmarks/glue.py --out FOLDER --show          what is done so far, nothing is run

Cells are those of `wordfit glue` with the same vectors: what one has done the other takes up, and a run that was
stopped goes on.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from wordfit.glue.marks import degenerate
from wordfit.glue.suite import Place, cells, interval, run_suite, spread
from wordfit.glue.tasks import TASKS
from wordfit.training.cells import Cell

DATA = Path(os.environ.get("WORDFIT_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
TARGETS = {  # task: the way, and the least mean of each metric, dev
    "mrpc": ("mean", "tuned", (0.75, 0.83)),
    "stsb": ("matching", "frozen", (0.72, 0.72)),
    "rte": ("matching", "frozen", (0.58,)),
    "cola": ("bilstm", "tuned", (0.12,)),
    "qnli": ("matching", "tuned", ()),  # above TF-IDF by more than the interval
    "qqp": ("matching", "tuned", ()),
    "mnli": ("matching", "tuned", ()),
    "sst2": ("bilstm", "tuned", (0.85,)),
}
VECTORS = ("word2vec.GoogleNews.300d.13598words.txt.gz", "glove.6B.50d.top10361.txt.gz")
Made = list[tuple[Place, Cell]]


def chosen(out: Path, task: str, model: str, strategies: list[str], seeds: int) -> Made:
    """Cells of one task, its references first."""
    vectors = [str(DATA / "vectors" / name) for name in VECTORS]
    return cells({task: TASKS[task]}, DATA / "glue", out / "rows", vectors, [model], strategies, seeds)


def done(made: Made, out: Path) -> dict[Place, list[dict[str, Any]]]:
    """Results that are there already, by place."""
    found: dict[Place, list[dict[str, Any]]] = {}
    for place, cell in made:
        file = out / "cells" / f"{cell.key()}.json"
        if file.exists():
            found.setdefault(place, []).append(json.loads(file.read_text("utf-8")))
    return found


def said(task: str, target: tuple[float, ...], places: dict[Place, list[dict[str, Any]]]) -> str:
    """A line of the table: scores with interval and spread, beside TF-IDF and what was to be reached."""
    metrics = TASKS[task].metrics
    ours = next((results for place, results in places.items() if place.strategy), [])
    plain = places.get(Place(task, "tfidf"))
    if not ours or plain is None:
        return f"| {TASKS[task].name} | not run |" + " |" * 8
    scores = {name: [result["metrics"][name] for result in ours] for name in metrics}
    means = [float(np.mean(values)) for values in scores.values()]
    low, high = interval(scores[metrics[0]])
    beside = [plain[0]["metrics"][name] for name in metrics]
    reached = all(m >= t for m, t in zip(means, target)) if target else low > beside[0]
    mark = degenerate(TASKS[task], ours, places[Place(task, "majority")][0])
    place = next(place for place in places if place.strategy)
    row = [TASKS[task].name, f"{place.model} {place.strategy}", "/".join(f"{100 * m:.1f}" for m in means)]
    row += [f"{100 * spread(scores[metrics[0]]):.1f}", f"{100 * low:.1f} to {100 * high:.1f}", str(len(ours))]
    row += ["/".join(f"{100 * b:.1f}" for b in beside), "/".join(f"{100 * t:g}" for t in target) or "above TF-IDF"]
    row += [("yes" if reached else "no") + (f" ({mark})" if mark else "")]
    return "| " + " | ".join([*row, f"{np.mean([result['cpu_seconds'] for result in ours]):.0f}"]) + " |"


def main() -> None:
    """Run what is asked for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--suite", default="", help="a model, such as mean: every task, three strategies, one seed")
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    asked = options.tasks.split(",")
    if options.suite:
        total = 0.0
        for task in filter(asked.__contains__, TASKS):
            made = chosen(options.out, task, options.suite, ["frozen", "tuned", "slow"], 1)
            places = (
                done(made, options.out) if options.show else run_suite(made, options.out / "cells", options.workers)
            )
            mine = {place: results[0]["cpu_seconds"] for place, results in places.items() if place.strategy}
            total += sum(mine.values())
            print(task, {place.strategy: round(seconds, 1) for place, seconds in mine.items()}, flush=True)
        print(f"{options.suite}: {total:.0f} CPU seconds for one seed, {total / 120:.1f} minutes on two cores")
        return
    print("| task | way | score | spread | 95 % interval | seeds | TF-IDF | to reach | reached | CPU s |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for task, (model, strategy, target) in TARGETS.items():
        if task in asked:
            made = chosen(options.out, task, model, [strategy], options.seeds)
            places = (
                done(made, options.out) if options.show else run_suite(made, options.out / "cells", options.workers)
            )
            print(said(task, target, places), flush=True)


if __name__ == "__main__":
    main()
