"""`Task`: what is to be learned, from which columns; and `Dataset`, the rows of one split.

GLUE's and Hugging Face's column names are recognised; other columns are named by the caller, or found in a file without
a header by what they hold.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from wordfit.data.table import Table, read_table
from wordfit.errors import InputError

PAIRS = {  # name of the first text: name of the second
    "sentence1": "sentence2",
    "question1": "question2",
    "premise": "hypothesis",
    "question": "sentence",
    "#1 String": "#2 String",
    "sentence_A": "sentence_B",
    "text1": "text2",
}
TEXTS = ["sentence", "text", "review", "tweet", "content", "document", "body", "comment", "title"]
LABELS = ["gold_label", "label", "labels", "is_duplicate", "Quality", "score", "entailment_judgment"]
LABELS += ["relatedness_score", "similarity_score", "target", "class", "category", "sentiment"]
KNOWN_NAMES = {*PAIRS, *PAIRS.values(), *TEXTS, *LABELS}

KINDS = {  # what the label column holds: the metric that training stops on
    "classes": "accuracy",
    "labels": "micro_f1",
    "score": "spearman",
}


@dataclass(frozen=True)
class Task:
    """What is learned: one of `labels` ("classes"), any of them ("labels"), or a number ("score")."""

    kind: str
    text: str
    label: str
    pair: str | None = None
    labels: tuple[str, ...] = ()
    metric: str = ""
    low: float = 0.0
    high: float = 0.0

    def to_config(self) -> dict[str, Any]:
        """The task as plain data."""
        return asdict(self) | {"labels": list(self.labels)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Task:
        """The task from plain data."""
        return cls(**(config | {"labels": tuple(config["labels"])}))


@dataclass(frozen=True)
class Dataset:
    """Rows of one split: one list of texts, or two for pairs; targets are labels, sets of labels, or numbers."""

    file: str
    texts: tuple[list[str], ...]
    targets: list[Any]
    lines: list[int]

    def __len__(self) -> int:
        return len(self.lines)

    def rows(self) -> list[tuple[str, ...]]:
        """The texts of every row, without their target."""
        return list(zip(*self.texts))


def read_train(
    path: str | os.PathLike[str],
    text: str | None = None,
    pair: str | None = None,
    label: str | None = None,
    kind: str | None = None,
    metric: str | None = None,
    header: bool | None = None,
) -> tuple[Task, Dataset]:
    """Read the training rows and settle the task on what they hold."""
    table = read_table(path, KNOWN_NAMES | {n for n in (text, pair, label) if n}, header)
    text, pair, label = _columns(table, text, pair, label)
    kind = kind or _kind(table.columns[label])
    if kind not in KINDS:
        raise InputError(f"the kind of task '{kind}' is not known; there are {', '.join(KINDS)}")
    task = Task(kind, text, label, pair, metric=metric or KINDS[kind])
    rows = _rows(table, task)
    if kind == "score":
        task = Task(kind, text, label, pair, (), task.metric, min(rows.targets), max(rows.targets))
    else:
        found = Counter(name for target in rows.targets for name in (target if kind == "labels" else [target]))
        task = Task(kind, text, label, pair, tuple(sorted(found, key=_natural)), task.metric)
    return task, rows


def read_rows(path: str | os.PathLike[str], task: Task, labelled: bool = True) -> Dataset:
    """Read further rows of a known task; with `labelled` false, texts alone, whatever their column is called."""
    names = KNOWN_NAMES | {name for name in (task.text, task.pair, task.label) if name}
    table = read_table(path, names, bare=not labelled)
    return _rows(table, task, labelled)


def _rows(table: Table, task: Task, labelled: bool = True) -> Dataset:
    wanted = [task.text] + ([task.pair] if task.pair else [])
    if not labelled and len(table.columns) == len(wanted):
        columns = list(table.columns.values())  # bare texts, one or two a line
    else:
        columns = [_column(table, name) for name in wanted]
    texts = tuple([_text(table, i, value) for i, value in enumerate(column)] for column in columns)
    targets: list[Any] = []
    if labelled:
        targets = [_target(table, task, i, value) for i, value in enumerate(_column(table, task.label))]
    return Dataset(table.path, texts, targets, table.lines)


def _column(table: Table, name: str) -> list[Any]:
    if name not in table.columns:
        where = "its header names" if table.header else "it has no header that is known; its columns are"
        raise InputError(
            f"{table.path}: expected a column '{name}', found none; {where} {', '.join(table.columns)}. "
            "Name the columns with --text, --pair and --label."
        )
    return table.columns[name]


def _text(table: Table, row: int, value: Any) -> str:
    if not isinstance(value, str):
        raise InputError(f"{table.path}, line {table.lines[row]}: expected a text, found {value!r}")
    return value


def _target(table: Table, task: Task, row: int, value: Any) -> Any:
    where = f"{table.path}, line {table.lines[row]}"
    if task.kind == "score":
        try:
            return float(value)
        except (TypeError, ValueError):
            raise InputError(f"{where}: expected a number in column '{task.label}', found {value!r}") from None
    if task.kind == "labels":
        parts = value if isinstance(value, list) else str(value).split(",")
        return sorted({str(part).strip() for part in parts if str(part).strip()})
    if value is None or isinstance(value, list) or str(value).strip() == "":
        raise InputError(f"{where}: expected a label in column '{task.label}', found {value!r}")
    return str(value).strip()


def _columns(table: Table, text: str | None, pair: str | None, label: str | None) -> tuple[str, str | None, str]:
    names = list(table.columns)
    if label is None:
        label = next((n for n in LABELS if n in names), None) or _guess_label(table, {text, pair})
    if text is None:
        text = next((n for n, second in PAIRS.items() if n in names and second in names), None)
        text = text or next((n for n in TEXTS if n in names), None) or _guess_text(table, {label, pair})
        if pair is None:
            pair = PAIRS[text] if PAIRS.get(text) in names else _guess_pair(table, text, label)
    for name in filter(None, (text, pair, label)):
        _column(table, name)
    return (text, pair, label) if pair is None or names.index(text) < names.index(pair) else (pair, text, label)


def _guess_label(table: Table, taken: set[str | None]) -> str:
    """In a file without names the label is the column with few, short, never empty values."""
    fits = []
    for name, values in table.columns.items():
        strings = [str(v) for v in values]
        short = max(map(len, strings)) <= 40 and all(s.strip() for s in strings)
        if name not in taken and short and len(set(strings)) <= max(2, min(200, len(strings) // 2)):
            fits.append((len(set(strings)), name))
    if not fits:
        raise InputError(f"{table.path}: found no column that looks like a label. Name it with --label.")
    return min(fits)[1]


def _guess_text(table: Table, taken: set[str | None]) -> str:
    lengths = {n: sum(len(str(v)) for v in values) for n, values in table.columns.items() if n not in taken}
    if not lengths:
        raise InputError(f"{table.path}: found no column that holds the text. Name it with --text.")
    return max(lengths, key=lengths.__getitem__)


def _guess_pair(table: Table, text: str, label: str) -> str | None:
    """In a file without names, a second column of texts about as long makes pairs."""
    if table.header:
        return None
    total = {n: sum(len(str(v)) for v in values) for n, values in table.columns.items() if n not in (text, label)}
    return next((n for n, size in total.items() if size * 2 > sum(map(len, table.columns[text]))), None)


def _kind(values: list[Any]) -> str:
    if any(isinstance(v, list) for v in values):
        return "labels"
    try:
        numbers = [float(v) for v in values]
    except (TypeError, ValueError):
        return "classes"
    return "score" if any(n != int(n) for n in numbers if abs(n) < 1e15) else "classes"


def _natural(name: str) -> tuple[int, float, str]:
    try:
        return (0, float(name), name)
    except ValueError:
        return (1, 0.0, name)
