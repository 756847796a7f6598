"""The leaderboard's submission: a zip of one TSV a test file, with the columns `index` and `prediction`."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterable
from typing import Any

import numpy as np

from wordfit.files import write_whole
from wordfit.glue.suite import Place
from wordfit.glue.tasks import GlueTask

NAMES = ["CoLA", "SST-2", "MRPC", "STS-B", "MNLI-m", "MNLI-mm", "QNLI", "QQP", "RTE", "WNLI", "AX"]


def best(places: dict[Place, list[dict[str, Any]]], tasks: dict[str, GlueTask]) -> dict[str, tuple[Place, list[Any]]]:
    """For each test file, the answers of the best seed of the place with the best mean on dev."""
    found: dict[str, tuple[Place, list[Any]]] = {}
    for key, task in tasks.items():
        metric = task.metrics[0]
        mine = {p: results for p, results in places.items() if p.task == key and results[0].get("answered")}
        if not mine:
            continue
        place = max(mine, key=lambda p: float(np.mean([r["metrics"][metric] for r in mine[p]])))
        result = max(mine[place], key=lambda r: r["metrics"][metric])
        for name, answers in result["answered"].items():
            found[name] = (place, [_worded(task, answer) for answer in answers])
    return found


def _worded(task: GlueTask, answer: Any) -> Any:
    """The hub's class numbers as the words that the leaderboard wants."""
    if task.hub_labels and str(answer).isdigit():
        return task.hub_labels[int(answer)]
    return answer


def write_submission(path: str | os.PathLike[str], answers: dict[str, Iterable[Any]]) -> list[str]:
    """Write the zip, whole or not at all; returns the names of the leaderboard's files that it lacks."""
    with write_whole(path, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in NAMES:
            if name in answers:
                archive.writestr(f"{name}.tsv", _tsv(answers[name]))
    return [name for name in NAMES if name not in answers]


def _tsv(answers: Iterable[Any]) -> str:
    text = io.StringIO()
    text.write("index\tprediction\n")
    for i, answer in enumerate(answers):
        text.write(f"{i}\t{f'{answer:.3f}' if isinstance(answer, float) else answer}\n")
    return text.getvalue()
