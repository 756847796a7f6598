"""Many runs side by side: each a cell of a table, done once, kept by content, over the cores or a Dask cluster.

A cell is plain data: which rows, which vectors, which model, which settings. Its key is the hash of that data and of
the files it names, so a finished cell is never run again and a changed file is.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from wordfit.data import Dataset, Task, read_rows, read_train
from wordfit.data.answers import named as as_names
from wordfit.errors import InputError, need
from wordfit.files import write_whole
from wordfit.record import plain
from wordfit.training.baselines import BASELINES
from wordfit.training.metrics import score
from wordfit.training.model import TrainedModel
from wordfit.training.preparation import targets

RANDOM = "random:"  # a vector set of so many values that knows no word, as in random:300


@dataclass(frozen=True)
class Rows:
    """Where the rows of a cell come from: files and columns, as `data.read_train` takes them."""

    train: str
    dev: str
    text: str | None = None
    pair: str | None = None
    label: str | None = None
    kind: str | None = None
    metric: str | None = None
    most: int = 0
    """So many rows of train, drawn by the cell's seed; 0 takes all."""
    also: tuple[tuple[str, str], ...] = ()
    """Further labelled files to score, each with a name."""
    answer: tuple[tuple[str, str, str | None, str | None], ...] = ()
    """Further files to answer: name, file, and the columns of their texts."""


@dataclass(frozen=True)
class Cell:
    """One run: `model` is `network` with its `settings`, or one of `BASELINES`."""

    rows: Rows
    vectors: tuple[str, ...] = ()
    model: str = "network"
    settings: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    word_sets: str = ""
    """A folder of word-similarity sets to score the vectors by before and after."""

    def key(self) -> str:
        """The hash of the cell and of the files it names."""
        rows = self.rows
        named = [rows.train, rows.dev, *(v for v in self.vectors if not v.startswith(RANDOM))]
        named += [file for _, file in rows.also] + [file for _, file, *_ in rows.answer]
        digests = sorted(_digest(name, os.stat(name).st_mtime_ns) for name in named)
        content = json.dumps(plain({"cell": self._named(), "files": digests}), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:20]

    def _named(self) -> dict[str, Any]:
        """The cell as plain data; without word sets as it was before there were any, so that kept cells stay known."""
        return {name: value for name, value in asdict(self).items() if name != "word_sets" or value}


def run_cells(
    cells: Sequence[Cell],
    folder: str | os.PathLike[str],
    workers: int | None = None,
    scheduler: str | None = None,
    on_done: Callable[[int, dict[str, Any]], None] | None = None,
) -> list[dict[str, Any]]:
    """Results in the order of the cells; what `folder` has already is not run again.

    `workers` processes on this machine (all cores when left out), or the Dask cluster at `scheduler`.
    """
    keep = Path(folder)
    files = [keep / f"{cell.key()}.json" for cell in cells]
    results: dict[int, dict[str, Any]] = {}
    for i, file in enumerate(files):
        if file.exists():
            results[i] = json.loads(file.read_text("utf-8"))
            if on_done:
                on_done(i, results[i])
    left = [i for i in range(len(cells)) if i not in results]
    for i, result in _spread([cells[i] for i in left], left, workers, scheduler):
        with write_whole(files[i]) as out:
            json.dump(result, out)
        results[i] = result
        if on_done:
            on_done(i, result)
    return [results[i] | {"file": files[i].name} for i in range(len(cells))]


def _spread(
    cells: list[Cell], numbers: list[int], workers: int | None, scheduler: str | None
) -> Iterator[tuple[int, dict[str, Any]]]:
    if not cells:
        return
    if scheduler is not None:
        distributed = need("dask.distributed", "dask")
        with distributed.Client(scheduler) as client:
            futures = {client.submit(run_cell, cell, pure=False): i for i, cell in zip(numbers, cells)}
            for future in distributed.as_completed(futures):
                yield futures[future], future.result()
        return
    count = min(len(cells), workers or os.cpu_count() or 1)
    if count == 1:
        yield from ((i, run_cell(cell)) for i, cell in zip(numbers, cells))
        return
    context = multiprocessing.get_context("spawn")  # torch's threads do not survive a fork
    with ProcessPoolExecutor(count, mp_context=context, initializer=_one_thread) as pool:
        pending: dict[Future[dict[str, Any]], int] = {pool.submit(run_cell, c): i for i, c in zip(numbers, cells)}
        for done in as_completed(pending):
            yield pending[done], done.result()


def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)


def run_cell(cell: Cell) -> dict[str, Any]:
    """Do one cell: metrics, answers for dev, seconds, parameters, and how training went; plain data."""
    began, busy = time.perf_counter(), time.process_time()
    task, train, dev = _read(cell.rows)
    train = _sample(train, cell.rows.most, cell.seed)
    if cell.model == "network":
        result = _network(cell, task)
    elif cell.model in BASELINES:
        result = _baseline(cell, task, train, dev)
    else:
        raise InputError(f"the model '{cell.model}' is not known; there are network, {', '.join(BASELINES)}")
    result |= {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - busy}
    result |= {"train_rows": len(train), "dev_rows": len(dev)}
    return plain(result)  # type: ignore[no-any-return]


def _baseline(cell: Cell, task: Task, train: Dataset, dev: Dataset) -> dict[str, Any]:
    vectors = [_vectors(name) for name in cell.vectors]
    answers = BASELINES[cell.model](task, train, dev, vectors)
    also = {}
    for name, file in cell.rows.also:
        rows = read_rows(file, task)
        also[name] = score(task.kind, targets(task, rows), BASELINES[cell.model](task, train, rows, vectors))
    metrics = score(task.kind, targets(task, dev), answers)
    return {"metrics": metrics, "also": also, "answers": answers, "parameters": 0}


def _network(cell: Cell, task: Task) -> dict[str, Any]:
    from wordfit.embedding import Tuning
    from wordfit.training.drift import retained
    from wordfit.training.evaluation import generalisation
    from wordfit.training.runs import fit
    from wordfit.training.settings import Settings

    options = cell.settings | {"seed": cell.seed}
    if isinstance(options.get("tuning"), str):
        options["tuning"] = Tuning.parse(options["tuning"])
    settings = Settings(**options)
    seed = cell.seed if cell.rows.most else 0  # all rows are the same rows for every seed
    ready = _ready(cell.rows, cell.vectors, seed, settings.start, settings.min_count)
    assert ready.dev is not None
    model = fit(ready, settings, examine=False)
    answers = model.answers(ready.dev)
    best = model.record.settings["best_epoch"]
    about = generalisation(model, ready, answers)
    return {
        "metrics": score(task.kind, ready.dev.target, answers),
        "answers": answers,
        "also": {name: model.evaluate(read_rows(file, task)) for name, file in cell.rows.also},
        "answered": {name: _answered(model, file, text, pair) for name, file, text, pair in cell.rows.answer},
        "parameters": model.record.settings["parameters"],
        "epochs": [
            {"train_loss": row["train_loss"], "metric": row["metrics"][task.metric], "drift": row["drift"]}
            for row in model.record.epochs
        ],
        "best_epoch": best,
        "drift": model.record.epochs[best]["drift"],
        "gap": about["gap"],
        "by_seen": about["by_seen"],
        **retained(model.network.embedding, ready, _word_sets(cell.word_sets)),
    }


@lru_cache(maxsize=4)
def _ready(rows: Rows, vectors: tuple[str, ...], seed: int, start: str, min_count: int) -> Any:
    """Prepared rows; cells that differ in their model or tuning share them."""
    from wordfit.training.preparation import prepare
    from wordfit.training.settings import Settings

    task, train, dev = _read(rows)
    settings = Settings(start=start, min_count=min_count)
    return prepare(task, _sample(train, rows.most, seed), dev, [_vectors(name) for name in vectors], settings)


def _answered(model: TrainedModel, file: str, text: str | None, pair: str | None) -> list[Any]:
    """Answers for texts without labels, as people read them."""
    task = replace(model.task, text=text or model.task.text, pair=pair or model.task.pair)
    return as_names(task, model.scores(read_rows(file, task, labelled=False).texts))


def _sample(rows: Dataset, most: int, seed: int) -> Dataset:
    """So many rows, drawn by the seed; all of them when `most` is 0 or more than there are."""
    if not most or most >= len(rows):
        return rows
    chosen = np.sort(np.random.default_rng(seed).choice(len(rows), most, replace=False))
    texts = tuple([column[i] for i in chosen] for column in rows.texts)
    return Dataset(rows.file, texts, [rows.targets[i] for i in chosen], [rows.lines[i] for i in chosen])


@lru_cache(maxsize=2)
def _read(rows: Rows) -> tuple[Task, Dataset, Dataset]:
    task, train = read_train(rows.train, rows.text, rows.pair, rows.label, rows.kind, rows.metric)
    return task, train, read_rows(rows.dev, task)


@lru_cache(maxsize=4)
def _vectors(name: str) -> Any:
    from wordfit.vectors import WordVectors

    if name.startswith(RANDOM):
        rows = np.random.default_rng(0).normal(0, 0.1, (100, int(name.removeprefix(RANDOM))))
        return WordVectors([f"\x00{i}" for i in range(len(rows))], rows.astype(np.float32))
    return WordVectors.load(name)


@lru_cache(maxsize=1)
def _word_sets(folder: str) -> Any:
    from wordfit.vectors.evaluate import read_sets

    return [one for one in read_sets(folder) if one.pairs] if folder else []


@lru_cache(maxsize=256)
def _digest(name: str, _changed: int) -> str:
    digest = hashlib.sha256()
    with open(name, "rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()
