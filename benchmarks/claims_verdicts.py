"""Verdicts and the statistics they rest on: means over data sets, and intervals from resampling them.

A verdict is *holds*, *holds when ...*, *refuted* or *not decided by these data*; an interval that reaches both sides
decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from claims_cells import Place

Results = list[tuple[Place, dict[str, Any]]]
Direct = dict[str, dict[str, Any]]
LEAST = 4  # figures that an interval takes; fewer decide nothing
UNDECIDED = "not decided by these data"


@dataclass(frozen=True)
class Verdict:
    """What the figures say of a claim."""

    verdict: str
    figures: str
    picture: str = ""


@dataclass(frozen=True)
class Claim:
    """A claim, and how it is judged."""

    says: str
    criterion: str
    judge: Callable[[Results, Direct, Path], Verdict]


def test_score(result: dict[str, Any]) -> float:
    """Accuracy (Spearman for scores) on test."""
    found = result["also"]["test"]
    return float(found.get("accuracy", found.get("spearman", 0.0)))


def index(results: Results, value: Callable[[dict[str, Any]], float | None] = test_score) -> dict[Place, float]:
    """One number of every cell that has it."""
    found = {place: value(result) for place, result in results}
    return {place: float(number) for place, number in found.items() if number is not None}


def gains(values: dict[Place, float], first: str, second: str) -> list[tuple[Place, float]]:
    """`first` minus `second`, strategy against strategy, of the same rows, vectors, encoder and seed."""
    pairs = []
    for place, value in values.items():
        if place.strategy == first:
            other = Place(place.data, place.size, place.vectors, place.encoder, second, place.seed)
            if other in values:
                pairs.append((place, value - values[other]))
    return pairs


def interval(pairs: Sequence[tuple[Place, float]], draws: int = 2000) -> tuple[float, float, float]:
    """The mean over data sets of their mean, and its 95 % interval from resampling data sets, then their cells."""
    groups: dict[str, list[float]] = {}
    for place, value in pairs:
        groups.setdefault(place.data, []).append(value)
    if len(pairs) < LEAST:
        middle = float(np.mean([value for _, value in pairs])) if pairs else float("nan")
        return middle, float("-inf"), float("inf")
    random, sets = np.random.default_rng(0), list(groups.values())
    found = []
    for _ in range(draws):
        chosen = [sets[i] for i in random.integers(0, len(sets), len(sets))]
        found.append(np.mean([np.mean(random.choice(g, len(g))) for g in chosen]))
    low, high = np.quantile(found, [0.025, 0.975])
    return float(np.mean([np.mean(g) for g in sets])), float(low), float(high)


def said(figure: tuple[float, float, float], unit: str = "points", times: float = 100) -> str:
    """A mean with its interval."""
    mean, low, high = (times * value for value in figure)
    if not np.isfinite(high - low):
        return f"{mean:+.1f} {unit} (too few for an interval)"
    return f"{mean:+.1f} {unit} (95 % {low:+.1f} to {high:+.1f})"


def sign(figure: tuple[float, float, float]) -> int:
    """1 above zero, -1 below, 0 where the interval has zero."""
    return 1 if figure[1] > 0 else -1 if figure[2] < 0 else 0
