"""Texts and labels among the program's objects and files, in every pairing of one length."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch

from wordfit.doctor.bench import Bench

ROWS = 3000


def corpora(bench: Bench) -> list[tuple[str, list[Any], list[Any]]]:
    """Lists of texts and of labels of one length among the program's objects, in every pairing."""
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
        elif all(isinstance(v, (list, tuple, np.ndarray, torch.Tensor)) for v in value[:20]):
            texts.append((name, value))
    for name, value in [
        *found.get("numbers", []),
        *((n, v) for n, v in bench.recorder.shuffled if isinstance(v[0], int)),
    ]:
        if len(value) >= 40 and len({plain_value(v) for v in list(value[:300])}) <= 60:
            labels.append((name, list(value)))
    for name, value in found.get("matrices", []):
        kind = getattr(value, "dtype", None)
        if kind in (torch.int64, torch.int32) or getattr(kind, "kind", "") in "iu":
            texts.append((name, value))
    out += _from_files(bench)
    out += [(f"{a} with {b}", t, y) for (a, t), (b, y) in itertools.product(texts, labels) if len(t) == len(y)]
    return out[:24]


def _from_files(bench: Bench) -> list[tuple[str, list[Any], list[Any]]]:
    """Texts and labels in the files that the program opened: columns of one file, or lines of two."""
    columns: list[tuple[str, list[str]]] = []
    for path, note in list(bench.recorder.files.items())[:20]:
        source = Path(note.get("kept", path))
        if (
            not source.is_file()
            or source.stat().st_size > 30_000_000
            or source.suffix in (".gz", ".bin", ".npz", ".npy", ".pt")
        ):
            continue
        content = source.read_text(encoding="utf-8", errors="replace").splitlines()
        if len(content) < 60:
            continue
        rows = [line.split("\t") for line in content]
        width = Counter(map(len, rows)).most_common(1)[0][0]
        rows = [r for r in rows if len(r) == width] if width > 1 else rows
        for c in range(min(width, 5)):
            columns.append((f"{Path(path).name} column {c + 1}", [r[c] if c < len(r) else "" for r in rows]))
    texts = [(n, v) for n, v in columns if np.mean([len(x.split()) for x in v[:200]]) > 2]
    labels = [(n, v) for n, v in columns if 2 <= len(set(v[1:])) <= 12]
    return [(f"{a} with {b}", t[1:], y[1:]) for a, t in texts for b, y in labels if len(t) == len(y)][:6]


def _split(rows: list[Any]) -> tuple[list[Any], list[Any]] | None:
    """Rows of (text, label), in either order."""
    width = min(len(r) for r in rows[:50])
    columns = list(range(width))
    parts = [c for c in columns if all(_is_text(r[c]) for r in rows[:20])]
    text = parts[0] if parts else None
    label = next(
        (
            c
            for c in columns
            if c not in parts
            and all(
                isinstance(r[c], (int, str, bool, np.integer)) and not (isinstance(r[c], str) and " " in r[c])
                for r in rows[:20]
            )
        ),
        None,
    )
    if text is None or label is None or len({r[label] for r in rows[:500]}) > 60:
        return None
    if len(parts) > 1:  # a pair: its words one after the other
        return [[w for c in parts for w in tokens_of(r[c])] for r in rows], [r[label] for r in rows]
    return [r[text] for r in rows], [r[label] for r in rows]


def _is_text(value: Any) -> bool:
    if isinstance(value, str):
        return " " in value
    return (
        isinstance(value, (list, tuple, np.ndarray, torch.Tensor))
        and np.ndim(value) <= 1
        and len(value) != 0
        and not isinstance(value, float)
        if hasattr(value, "__len__")
        else False
    )


def plain_value(value: Any) -> Any:
    return value.item() if isinstance(value, (torch.Tensor, np.generic)) else value


def tokens_of(value: Any, cut: int | None = None) -> tuple[Any, ...]:
    words = value.split() if isinstance(value, str) else [plain_value(v) for v in value]
    return tuple(words[:cut] if cut else words)
