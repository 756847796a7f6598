"""What is worth saying about the rows before training starts, and their summary for the record."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from wordfit.data.task import Dataset, Task


def warnings(task: Task, train: Dataset, dev: Dataset | None) -> list[str]:
    """Empty texts, one class only, labels that train lacks, rows that stand in both splits: a sentence each."""
    said = []
    for split in filter(None, (train, dev)):
        empty = [line for row, line in zip(split.rows(), split.lines) if not all(text.strip() for text in row)]
        if empty:
            said.append(f"{split.file}: {_count(len(empty), 'row')} without any text (the first in line {empty[0]})")
    counts = label_counts(task, train)
    if task.kind == "classes" and len(counts) == 1:
        said.append(f"{train.file}: every row has the label '{next(iter(counts))}', so there is nothing to learn")
    if task.kind == "score" and task.low == task.high:
        said.append(f"{train.file}: every row has the score {task.low:g}, so there is nothing to learn")
    if dev is None:
        return said
    new = sorted(set(label_counts(task, dev)) - set(counts)) if task.kind != "score" else []
    if new:
        rows = sum(label_counts(task, dev)[name] for name in new)
        names = ", ".join(f"'{name}'" for name in new[:5])
        said.append(f"{dev.file}: {_count(rows, 'row')} with a label that train lacks ({names}): never predicted")
    seen = set(train.rows())
    shared = [line for row, line in zip(dev.rows(), dev.lines) if row in seen]
    if shared:
        said.append(f"{dev.file}: {_count(len(shared), 'row')} of {len(dev)} stand in train too (line {shared[0]})")
    return said


def label_counts(task: Task, rows: Dataset) -> dict[str, int]:
    """How often each label occurs, in the task's order; empty for scores."""
    if task.kind == "score":
        return {}
    found = Counter(name for target in rows.targets for name in (target if task.kind == "labels" else [target]))
    order = {name: i for i, name in enumerate(task.labels)}
    return dict(sorted(found.items(), key=lambda item: (order.get(item[0], len(order)), item[0])))


def summary(task: Task, rows: Dataset, lengths: np.ndarray) -> dict[str, Any]:
    """Rows, labels and lengths in tokens (B,), as plain data."""
    quantile = (lambda q: float(np.quantile(lengths, q))) if len(lengths) else (lambda q: 0.0)
    return {
        "file": rows.file,
        "rows": len(rows),
        "labels": label_counts(task, rows),
        "tokens": int(lengths.sum()),
        "length": {
            "mean": float(lengths.mean()) if len(lengths) else 0.0,
            "p50": quantile(0.5),
            "p90": quantile(0.9),
            "max": int(lengths.max(initial=0)),
        },
    }


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
