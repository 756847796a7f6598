"""Are a table's values laid out as its shape says? Columns of vectors differ in mean and spread, whatever the words.

A table that was read with another width, or column by column in place of row by row, has mixed columns: laid out in
another way its columns differ far more. Tables that were drawn at random have no such layout.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wordfit.doctor.bench import Bench
from wordfit.doctor.experiments.tables.fills import structure, unit
from wordfit.doctor.experiments.tables.vectors import tables_at_start
from wordfit.doctor.experiments.texts.mappings import mappings

WIDEST = 1030
MOST_VALUES = 60_000


def layout(bench: Bench) -> dict[str, Any] | None:
    """How far columns differ at a table's own width, at the width that fits best, and column by column."""
    counts = [len(mapping) for _, mapping in mappings(bench)]
    tables = [
        {"table": name} | row | {"spread": spread_over_rows(table, counts)}
        for name, table in tables_at_start(bench)
        if (row := measure(table)) is not None
    ]
    return {"tables": tables} if tables else None


def spread_over_rows(table: np.ndarray, counts: list[int]) -> dict[str, Any] | None:
    """Whether each word's vector lies over several rows: as many rows a word, and their parts say the same of words.

    Rows that are alike themselves are no parts of one vector, but words that stand beside words of their kind.
    """
    if any(abs(len(table) - n) <= 3 for n in counts):  # a row for each word of a mapping
        return None
    for parts in (2, 3, 4, 5, 6, 8, 10):
        words = len(table) // parts
        if len(table) % parts or words < 30 or not any(abs(words - n) <= 3 for n in counts):
            continue
        first, second = table[0::parts], table[1::parts]
        alike = structure(first, second)
        if alike is not None and (unit(first - first.mean(0)) * unit(second - second.mean(0))).sum(1).mean() < 0.1:
            return {"rows_a_word": parts, "words": words, "alike": alike}
    return None


def measure(table: np.ndarray) -> dict[str, Any] | None:
    """Standard scores of the differences between columns; None where there is too little to tell."""
    kept = table[np.abs(table).sum(1) > 0][:200_000].astype(np.float64)
    rows, width = kept.shape
    if rows < 20 or width < 4 or not np.isfinite(kept).all() or (kept == 0).mean() > 0.3:
        return None
    # by means alone: rows of different lengths would look like columns of different spread
    turned = max(_column_by_column(kept.ravel(), rows - lead, width) for lead in (0, 1, 2))
    kept /= np.linalg.norm(kept, axis=1, keepdims=True)  # nor may long rows count for more than others
    values = kept.ravel()[: max(MOST_VALUES, 300 * width)]
    widths = list(range(4, min(WIDEST, len(values) // 20) + 1))
    scores = {w: _score(values[: len(values) // w * w].reshape(-1, w)) for w in widths}
    best = max(widths, key=lambda w: scores[w])
    return {
        "width": width,
        "own": scores.get(width, 0.0),
        "best_width": best,
        "best": scores[best],
        "column_by_column": turned,
        "rows": rows,
    }


def _column_by_column(values: np.ndarray, rows: int, width: int) -> float:
    """The score of the table read column by column; neighbouring columns have nothing to do with each other.

    Where means of what would be columns follow each other smoothly, or in a few steps, rows differ, and not columns:
    frequent words from rare ones, or those with a vector from those that were drawn.
    """
    grid = _turned(values, rows, width)
    means = grid.mean(0)
    if np.square(np.diff(means)).mean() < 0.8 * means.var():  # twice the variance, if they are independent
        return 0.0
    return _between(grid)


def _turned(values: np.ndarray, rows: int, width: int) -> np.ndarray:
    """The last rows, read as if each column stood in one piece."""
    return values[len(values) - rows * width :].reshape(width, rows).T


def _score(grid: np.ndarray) -> float:
    """How many standard errors the variance between columns, or between their spreads, lies above chance."""
    return max(_between(grid), _between(np.abs(grid - grid.mean())))


def _between(grid: np.ndarray) -> float:
    """The F statistic of the columns, on the scale of standard errors (Fisher's analysis of variance)."""
    rows, width = grid.shape
    within = grid.var(0).mean() * rows / max(rows - 1, 1)
    ratio = rows * grid.mean(0).var(ddof=1) / max(within, 1e-18)
    return float((ratio - 1) * np.sqrt((width - 1) / 2))
