"""Texts and labels among the program's objects and files, in every pairing of one length."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from wordfit.doctor.bench import Bench
from wordfit.doctor.experiments.texts.contents import contents

ROWS = 3000
CUTS: dict[str, Callable[[str], Iterable[str]]] = {
    "spaces": str.split,
    "spaces, lower case": lambda text: text.lower().split(),
    "words, lower case": lambda text: re.findall(r"\w+", text.lower()),
    "words of two letters": lambda text: re.findall(r"(?u)\b\w\w+\b", text.lower()),
    "words and marks": lambda text: re.findall(r"\w+|[^\w\s]", text.lower()),
}
"""Ways in which programs cut texts into words."""


def corpora(bench: Bench) -> list[tuple[str, list[Any], list[Any]]]:
    """Lists of texts and of labels of one length among the program's objects, in every pairing."""
    if "corpora" in bench.memo:
        known: list[tuple[str, list[Any], list[Any]]] = bench.memo["corpora"]
        return known
    found = bench.recorder.found
    lists: list[tuple[str, list[Any]]] = [(n, list(v)) for n, v in found.get("texts", [])]
    lists += [(f"{n} before it was shuffled", v) for n, v in bench.recorder.shuffled]
    texts, labels, out = [], [], []
    for name, value in lists:
        if len(value) < 40 or len(value) > 200_000:
            continue
        if all(isinstance(v, (tuple, list)) and 2 <= len(v) <= 6 for v in value[:20]) and (pair := _split(value)):
            out.append((name, *pair))
            texts.append((f"{name} (texts)", pair[0]))
            labels.append((f"{name} (labels)", pair[1]))
        elif all(isinstance(v, str) for v in value[:20]):
            words = [v.split() for v in value[:ROWS]]
            if np.mean([len(w) for w in words]) > 1.5:
                texts.append((name, value))
            elif len(set(value)) <= 60:
                labels.append((name, value))
        elif all(isinstance(v, (list, tuple, np.ndarray, torch.Tensor)) and _is_flat(v) for v in value[:20]):
            texts.append((name, value))
    for name, value in [
        *found.get("numbers", []),
        *((n, v) for n, v in bench.recorder.shuffled if isinstance(v[0], int)),
    ]:
        if len(value) < 40 or getattr(value, "ndim", 1) != 1:  # rows of an array are no labels
            continue
        if len({plain_value(v) for v in list(value[:300])}) <= 60:
            labels.append((name, list(value)))
    for name, value in found.get("matrices", []):
        kind = getattr(value, "dtype", None)
        if kind in (torch.int64, torch.int32) or getattr(kind, "kind", "") in "iu":
            texts.append((name, value))
    out += _from_files(bench, [y for _, y in labels])
    pairs = [((a, t), (b, y)) for (a, t), (b, y) in itertools.product(texts, labels) if len(t) == len(y)]
    out += [(f"{a} with {b}", _without(t, y), y) for (a, t), (b, y) in pairs[: max(24 - len(out), 0)]]
    bench.memo |= {"lists": (texts, labels), "corpora": out[:24]}
    return out[:24]


def _without(rows: list[Any], labels: list[Any]) -> list[Any]:
    """Rows of a table without the column that holds the labels, by these or by other names."""
    some = [list(row) for row in rows[:500] if isinstance(row, (list, tuple))]
    width = len(some[0]) if some else 0
    if len(some) < min(len(rows), 500) or not 2 <= width <= 12 or any(len(row) != width for row in some):
        return rows
    kinds = [plain_value(y) for y in labels[:500]]
    for column in range(width):
        held = [str(row[column]) for row in some]
        if len(set(held)) == len(set(kinds)) == len(set(zip(held, kinds))):
            return [[v for c, v in enumerate(row) if c != column] for row in rows]
    return rows


def spelled(bench: Bench) -> list[tuple[str, list[str], list[Any]]]:
    """Rows of (word, label), or words and labels side by side: what models read letter by letter are given."""
    fed = [len(t[0]) for t in bench.split.train.texts[:200]]
    found = []
    for name, value in bench.recorder.found.get("texts", []) if fed and np.median(fed) >= 3 else []:
        rows = list(value[:50])
        if len(value) < 40 or not all(isinstance(r, (tuple, list)) and 2 <= len(r) <= 4 for r in rows):
            continue
        word = next((c for c in range(len(rows[0])) if all(_is_word(r[c]) for r in rows if len(r) > c)), None)
        kinds = [c for c in range(len(rows[0])) if c != word and all(len(r) > c and _is_label(r[c]) for r in rows)]
        if word is None or any(isinstance(v, str) and len(v.split()) > 4 for v in rows[0]):  # a name beside a text
            continue
        if kinds and len({plain_value(r[kinds[0]]) for r in value[:500]}) <= 60:
            found.append((name, [r[word] for r in value], [r[kinds[0]] for r in value]))
    return found


Columns = tuple[list[str], list[list[Any]]]
"""Texts, and every column of labels beside them."""


def rows_held(bench: Bench) -> list[Columns]:
    """Lists of rows that hold one text and some labels: the texts, and every column of labels.

    A text may be the ids of its words: these are written out then.
    """
    found = []
    lists = [*bench.recorder.found.get("texts", []), *bench.recorder.shuffled]
    for value in [list(v) for _, v in lists if 100 <= len(v) <= 200_000]:
        if not all(isinstance(r, (tuple, list)) and len(r) == len(value[0]) and 2 <= len(r) <= 6 for r in value[:50]):
            continue
        rows = [r for r in value[: 5 * ROWS] if len(r) == len(value[0])]
        ids = [c for c in range(len(rows[0])) if all(_is_ids(r[c]) for r in rows[:50])]
        if len(ids) == 1:
            rows = [[" ".join(map(str, map(int, v))) if c == ids[0] else v for c, v in enumerate(r)] for r in rows]
        texts = [c for c in range(len(rows[0])) if all(isinstance(r[c], str) for r in rows)]
        long = [c for c in texts if len({r[c] for r in rows}) > 0.3 * len(rows)]
        kinds = [c for c in range(len(rows[0])) if c not in long and all(_is_label(r[c]) for r in rows[:50])]
        columns = [[str(plain_value(r[c])) for r in rows] for c in kinds]
        columns = [column for column in columns if 2 <= len(set(column)) <= 60]
        if len(long) == 1 and columns:
            found.append(([r[long[0]] for r in rows], columns))
    return found[:6]


def rows_read(bench: Bench) -> list[Columns]:
    """Columns of texts of the files that were read, and the columns of labels that stand beside them."""
    texts, labels = read_columns(bench)
    found = []
    for name, column in texts:
        file = name.rpartition(" column ")[0]
        beside = [c for other, c in labels if other.rpartition(" column ")[0] == file and len(c) == len(column)]
        if beside and len(column) >= 100:
            found.append((column, beside))
    return found[:6]


def _is_ids(value: Any) -> bool:
    """Whether a part of a row is a list of whole numbers."""
    if isinstance(value, (np.ndarray, torch.Tensor)):
        return value.ndim == 1 and str(value.dtype).removeprefix("torch.").startswith(("int", "uint"))
    whole = (int, np.integer)
    return isinstance(value, (list, tuple)) and bool(value) and all(isinstance(v, whole) for v in value)


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and len(value) > 1 and not any(c.isspace() for c in value)


def joined_at_ends(bench: Bench) -> list[tuple[str, list[Any], list[Any]]]:
    """Texts and labels of which one has up to three rows more: joined at their ends in place of their beginnings."""
    if "lists" not in bench.memo:
        corpora(bench)
    texts, labels = bench.memo["lists"]
    read, names = read_columns(bench), bench.memo["columns held"]
    fed = bench.memo["texts held"]
    read = [(a, t) for a, t in read[0] if not fed or a in fed], [(b, y) for b, y in read[1] if not names or b in names]
    found = []
    for (a, t), (b, y) in itertools.product([*texts, *read[0]], [*labels, *read[1]]):
        more = len(t) - len(y)
        if 0 < abs(more) <= 3:
            name = f"{a} with {b}, joined at their ends"
            found.append((name, list(t)[max(more, 0) :], list(y)[max(-more, 0) :]))
    return found[:6]


def read_columns(bench: Bench) -> tuple[list[tuple[str, list[str]]], list[tuple[str, list[str]]]]:
    """Columns of texts and columns of labels in what the program read; the first row may be a header."""
    if "columns" not in bench.memo:
        texts: list[tuple[str, list[str]]] = []
        labels: list[tuple[str, list[str]]] = []
        others: list[tuple[str, list[str]]] = []  # a word or a number of its own in many rows
        for content in contents(bench)[:20]:
            if _are_vectors(content.text[:20_000].split("\n")):
                continue
            rows = content.rows
            if len(rows) < 40:
                continue
            for c in range(min(len(rows[0]), 6)):
                column = (f"{Path(content.name).name} column {c + 1}", [r[c] for r in rows])
                some = column[1][1:400]
                if np.mean([len(x.split()) for x in some]) > 2 and len(set(some)) > 0.3 * len(some):
                    texts.append(column)
                elif 2 <= len(set(column[1][1:])) <= 60:
                    labels.append(column)
                elif len(set(some)) > 0.3 * len(some):
                    others.append(column)
        bench.memo["columns"] = texts, labels
        bench.memo["other columns"] = others
    found: tuple[list[tuple[str, list[str]]], list[tuple[str, list[str]]]] = bench.memo["columns"]
    return found


def _are_vectors(lines: list[str]) -> bool:
    """Lines of numbers are no texts."""
    fields = lines[min(len(lines) // 2, 20)].split()
    return len(fields) > 3 and sum(_is_number(f) for f in fields) > 0.8 * len(fields)


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _from_files(bench: Bench, own: list[list[Any]]) -> list[tuple[str, list[Any], list[Any]]]:
    """Texts and labels in what the program read: columns of one file, lines of two, or a file for each class."""
    texts, labels = read_columns(bench)
    names = bench.memo["columns held"] = set(_columns_held(bench, labels, own))
    fed = _texts_held(bench, texts + bench.memo["other columns"])
    found = [
        (f"{a} with {b}", t[1:], y[1:])
        for a, t in texts
        for b, y in labels
        if len(t) == len(y) and (not names or b in names) and (not fed or a in fed)
    ][:6]
    lone = [(n, v) for n, v in texts if n.endswith("column 1")]
    if 2 <= len(lone) <= 8 and not found and 2 <= _classes_fed(bench) <= len(lone):
        rows = [(x, n) for n, v in lone for x in v[:ROWS]]
        order = np.random.default_rng(0).permutation(len(rows))
        found.append(("lines with their files", [rows[i][0] for i in order], [rows[i][1] for i in order]))
    return found


def _classes_fed(bench: Bench) -> int:
    """How many classes the rows of training have; none, where targets are no classes."""
    labels = bench.split.train.labels
    return 0 if labels is None else len(set(labels.tolist()))


def _columns_held(bench: Bench, labels: list[tuple[str, list[str]]], own: list[list[Any]]) -> list[str]:
    """Columns of labels that the program holds as they are: if it has one, another column is another question."""
    rows = [[str(plain_value(v)) for v in values[:2000]] for values in own]  # beside their texts
    held = [
        [str(plain_value(v)) for v in list(value)[:2000]]
        for kind in ("numbers", "texts")
        for _, value in bench.recorder.found.get(kind, [])
        if len(value) >= 40 and not _is_text(value[0])
    ]
    held = [h for h in held + rows if 2 <= len(set(h)) <= 60]
    return [name for name, column in labels if any(_begins_like(column, h) for h in held)]


def _texts_held(bench: Bench, columns: list[tuple[str, list[str]]]) -> set[str]:
    """Columns of texts that the program holds in whatever order: if it has one, another column is another question."""
    if "texts held" in bench.memo:
        return set(bench.memo["texts held"])
    held: set[str] = set()
    for _, value in bench.recorder.found.get("texts", []):
        for row in list(value[:500]) if len(value) >= 40 else []:
            held.update(_bare(v) for v in (row if isinstance(row, tuple) else [row]) if isinstance(v, (str, list)))
    whole = {name: {_bare(x) for x in column[1:]} for name, column in columns}
    found = {name: len(held & values) for name, values in whole.items()}
    names = {name for name, count in found.items() if count >= 40 and count >= 0.5 * max(found.values())}
    bench.memo["texts held"] = names
    return names


def _bare(text: str | list[Any]) -> str:
    """The first words of a text, or of its words in a list, without marks and case."""
    words = text if isinstance(text, str) else " ".join(v for v in text[:80] if isinstance(v, str))
    found = re.findall(r"\w+", words[:400].lower())
    return " ".join(found[:20] if len(words) <= 400 else found[:-1][:20])


def _begins_like(column: list[str], held: list[str]) -> bool:
    """Whether a list begins with a column's values, by number or by name."""
    for start in (0, 1):
        part = column[start : start + len(held)]
        if len(part) >= 40 and len(set(zip(part, held))) == len(set(part)) == len(set(held[: len(part)])):
            return True
    return False


def _split(rows: list[Any]) -> tuple[list[Any], list[Any]] | None:
    """Rows of (text, label), in either order."""
    width = min(len(r) for r in rows[:50])
    columns = list(range(width))
    parts = [c for c in columns if all(_is_text(r[c]) for r in rows[:20])]
    parts = [c for c in parts if c == parts[0] or not _are_tags(rows, parts[0], c)]
    text = parts[0] if parts else None
    label = next(
        (c for c in columns if c not in parts and not _is_text(rows[0][c]) and all(_is_label(r[c]) for r in rows[:20])),
        None,
    )
    if text is None or label is None or len({r[label] for r in rows[:500]}) > 60:
        return None
    if len(parts) > 1:  # a pair: its words one after the other
        return [[w for c in parts for w in tokens_of(r[c])] for r in rows], [r[label] for r in rows]
    return [r[text] for r in rows], [r[label] for r in rows]


def _are_tags(rows: list[Any], text: int, column: int) -> bool:
    """Whether a column has one of a few values for every word of a text."""
    some = [(tokens_of(r[text]), tokens_of(r[column])) for r in rows[:100]]
    kinds, words = {v for _, tags in some for v in tags}, {w for text, _ in some for w in text}
    return all(len(a) == len(b) for a, b in some) and len(kinds) <= min(60, len(words) // 2)


def _is_label(value: Any) -> bool:
    if isinstance(value, (float, np.floating)):
        return float(value).is_integer()
    if isinstance(value, torch.Tensor):
        return value.numel() == 1 and float(value).is_integer()
    return isinstance(value, (int, bool, np.integer)) or (isinstance(value, str) and " " not in value)


def _is_text(value: Any) -> bool:
    if isinstance(value, str):
        return " " in value
    if isinstance(value, (np.ndarray, torch.Tensor)):
        return value.ndim == 1 and len(value) > 0
    return isinstance(value, (list, tuple)) and len(value) > 0 and not isinstance(value[0], (list, tuple))


def _is_flat(value: Any) -> bool:
    if isinstance(value, (np.ndarray, torch.Tensor)):
        return value.ndim == 1
    return all(isinstance(v, (str, int, float, np.number)) for v in value)


def plain_value(value: Any) -> Any:
    """A number without the tensor around it; of several numbers a tuple."""
    if isinstance(value, torch.Tensor) and value.numel() != 1:
        return tuple(value.reshape(-1).tolist())
    if isinstance(value, list):
        return tuple(plain_value(v) for v in value)
    return value.item() if isinstance(value, (torch.Tensor, np.generic)) else value


def tokens_of(value: Any, cut: int | None = None) -> tuple[Any, ...]:
    """The words of a text, or the ids of a row."""
    words = value.split() if isinstance(value, str) else [plain_value(v) for v in value]
    return tuple(words[:cut] if cut else words)
