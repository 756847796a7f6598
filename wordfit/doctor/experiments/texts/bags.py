"""Rows as a plain learner takes them: bags of ids, of one input or several, or the numbers that were fed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from wordfit.doctor.rows import Rows


def features(rows: Rows, most: int, columns: dict[Any, int] | None = None) -> tuple[Any, dict[Any, int]]:
    """What a plain learner is given: the numbers that were fed, on one scale, or bags of ids."""
    if rows.values and len(rows.values) == len(rows):
        values = np.array(rows.values[:most], dtype=float)
        if not np.isfinite(values).all():  # what is no number stands at the mean of its column
            known = np.isfinite(values)
            means = np.where(known, values, 0.0).sum(0) / np.maximum(known.sum(0), 1)
            values = np.where(known, values, means)
        return (values - values.mean(0)) / (values.std(0) + 1e-6), {}
    return bags(rows.texts[:most], columns)


def bags(texts: list[Any], columns: dict[Any, int] | None = None) -> tuple[Any, dict[Any, int]]:
    """Sparse rows of words; of several inputs also the words they share."""
    from scipy.sparse import csr_matrix

    fixed = columns is not None
    columns = {} if columns is None else columns
    data: list[float] = []
    place: list[int] = []
    starts = [0]
    for row in texts:
        counts: Counter[Any] = Counter()
        for number, text in enumerate(row):
            counts.update({(number, i): count for i, count in Counter(text).items()})
        if len(row) == 2:
            shared = set(row[0]) & set(row[1])
            counts[("shared",)] = len(shared) * 8 // max(1, min(len(set(row[0])), len(set(row[1]))))
        for key, count in counts.items():
            if key not in columns:
                if fixed:
                    continue
                columns[key] = len(columns)
            place.append(columns[key])
            data.append(float(count) ** 0.5)
        starts.append(len(place))
    return csr_matrix((data, place, starts), shape=(len(texts), max(len(columns), 1))), columns
