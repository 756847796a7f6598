"""The page of a comparison: strategies with intervals, score against cost with the frontier, learning curves, drift.

Takes plain rows, so that whoever compared need not be known here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from wordfit.record import plain
from wordfit.report.figures import COLOURS, Figure, cell, curves, interval, log_axis, points
from wordfit.report.page import Section, write_page
from wordfit.report.suite import link
from wordfit.report.wording import count, duration, number, numbers, readable, score, share

Row = Mapping[str, Any]
INTERVALS = (
    "The mean over the seeds, with its 95 % interval. Where intervals overlap, these data may not tell the two apart."
)


def write_comparison_report(
    table: Sequence[Row],
    path: str | os.PathLike[str],
    curves: Sequence[Row] = (),
    pairs: Sequence[Row] = (),
    title: str = "Strategies side by side",
    sentence: str = "",
) -> None:
    """Write the page of a comparison from plain rows.

    `table`, one row a strategy (best first or in any order): `strategy` (its whole name), `score` (mean; higher is
    better) and, each optional, `metric`, `low` and `high` (95 % interval), `std`, `seeds`, `encoder`, `tuning`,
    `vectors`, `seconds` (of one run), `parameters`, `drift` (mean relative movement of a vector), `kept` (share of
    neighbours kept), `kept_dev_only` (that of words that train lacks), `similarity` (change of the correlation with
    people's scores of word similarity), `seen` and `unseen` (score on rows whose words were all in train, and on the
    others), `gap` (train minus dev), `reference` (true for majority, TF-IDF, random vectors), `dropped` (true where
    halving ended it early), `run` (its page, relative to this one).

    `curves`, one row a point of a learning curve: `strategy`, `rows` (of train), `score`, optional `low`, `high`.

    `pairs`, one row a comparison of two: `first`, `second`, `better` (probability that `first` beats `second`),
    `difference` with optional `low` and `high`.

    `sentence` is the answer in words; without it the page says which strategy is best and what ties with it.
    """
    data = {
        "table": sorted(plain([dict(r) for r in table]), key=lambda r: -(number(r.get("score")) or float("-inf"))),
        "curves": plain([dict(r) for r in curves]),
        "pairs": plain([dict(r) for r in pairs]),
        "sentence": sentence,
    }
    write_page(path, title, opening(data), SECTIONS, data)


def opening(data: Any) -> dict[str, Any]:
    """The best strategy and those that these data cannot tell from it."""
    table = data["table"]
    figures = [{"name": "strategies", "value": count(len(table)), "note": ""}]
    seeds = max((r.get("seeds") or 0 for r in table), default=0)
    figures += [{"name": "seeds", "value": count(seeds), "note": ""}] if seeds else []
    sentence = data["sentence"] or verdict(table)
    return {"kicker": "wordfit, report of a comparison", "sentence": sentence, "key_figures": figures, "notices": []}


def verdict(table: Any) -> str:
    """Which is best, and whose interval reaches it."""
    scored = [r for r in table if number(r.get("score")) is not None]
    if not scored:
        return "Nothing was compared."
    best = scored[0]
    metric = readable(str(best.get("metric") or "score"))
    text = f"The best mean {metric} is that of \u201c{best['strategy']}\u201d: {score(best['score'])}"
    if number(best.get("low")) is None:
        return f"{text}."
    text += f" (95 % interval {score(best['low'])} to {score(best['high'])})."
    tied = [
        f"\u201c{r['strategy']}\u201d"
        for r in scored[1:]
        if number(r.get("high")) is not None and r["high"] >= best["low"]
    ]
    if not tied:
        return f"{text} No other interval reaches into its own."
    return f"{text} These data cannot tell it for sure from {', '.join(tied)}."


def ranking(data: Any) -> dict[str, Any] | None:
    """Means with their intervals as a figure, and everything measured as a table."""
    table = data["table"]
    if not table:
        return None
    optional = [
        ("seeds", "seeds", count),
        ("seconds", "time", duration),
        ("parameters", "parameters", count),
        ("gap", "train minus dev", score),
        ("drift", "movement", share),
        ("kept", "neighbours kept", share),
        ("kept_dev_only", "kept by words of dev alone", share),
        ("similarity", "word similarity, change", score),
        ("seen", "words all seen", score),
        ("unseen", "with unseen words", score),
    ]
    shown = [column for column in optional if any(r.get(column[0]) is not None for r in table)]
    bounded = any(number(r.get("low")) is not None for r in table)
    rows = []
    for row in table:
        inside = f"{score(row['low'])} to {score(row['high'])}" if number(row.get("low")) is not None else "\u2013"
        cells = [inside] if bounded else []
        cells += [say(row.get(key)) for key, _, say in shown]
        name = f"{row['strategy']} (ended early)" if row.get("dropped") else str(row["strategy"])
        rows.append({"name": name, "link": link(row.get("run")), "reference": bool(row.get("reference")),
                     "cells": [score(row.get("score")), *cells]})  # fmt: skip
    headings = [
        "mean" if bounded else "score",
        *(["95 % interval"] if bounded else []),
        *(heading for _, heading, _ in shown),
    ]
    return {"headings": headings, "rows": rows, "figure": intervals(table), "caption": INTERVALS if bounded else ""}


def intervals(table: Any) -> Figure | None:
    """One point a strategy with its interval, best on top."""
    scored = [r for r in table if number(r.get("score")) is not None]
    if not scored:
        return None
    parts = {
        "compared": [r for r in scored if not r.get("reference")],
        "reference": [r for r in scored if r.get("reference")],
    }
    parts = {name: rows for name, rows in parts.items() if rows}
    drawn = points(
        {
            name: {"x": [r["score"] for r in rows], "y": [str(r["strategy"]) for r in rows]}
            for name, rows in parts.items()
        },
        readable(str(scored[0].get("metric") or "score")),
        "",
        "Points with intervals: the mean score of each strategy.",
        height=90 + 26 * len(scored),
    )
    for trace, rows in zip(drawn["data"], parts.values()):
        low, high = (numbers([r.get(end) for r in rows]) for end in ("low", "high"))
        trace["error_x"] = interval(trace["x"], low, high)
    order = [str(r["strategy"]) for r in scored]
    drawn["layout"]["yaxis"] |= {"type": "category", "categoryorder": "array", "categoryarray": order[::-1]}
    drawn["wide"] = True
    return drawn


def cost(data: Any) -> dict[str, Any] | None:
    """Score against seconds; the frontier joins what nothing beats at its price."""
    timed = [r for r in data["table"] if number(r.get("seconds")) and number(r.get("score")) is not None]
    if not timed:
        return None
    metric = readable(str(timed[0].get("metric") or "score"))
    drawn = points(by_strategy(timed, "seconds"), "seconds of a run", metric, "Score against seconds.")
    edge = frontier(timed)
    drawn["data"].append(
        {
            "type": "scatter",
            "mode": "lines",
            "name": "frontier",
            "x": [r["seconds"] for r in edge],
            "y": [r["score"] for r in edge],
            "line": {"color": "var(--c7)", "shape": "hv", "dash": "dot"},
            "hoverinfo": "skip",
        }
    )
    drawn["layout"] |= {"showlegend": True}
    drawn["layout"]["margin"]["t"] = 34
    drawn["layout"]["xaxis"] |= log_axis([r["seconds"] for r in timed])
    drawn["wide"] = True
    return {"figures": [drawn]}


def by_strategy(rows: Any, key: str) -> dict[str, dict[str, list[Any]]]:
    """A colour for each strategy as long as there are colours; with more of them one colour, names on hover."""
    if len(rows) > len(COLOURS):
        return {"strategy": coordinates(rows, key)}
    return {str(row["strategy"]): coordinates([row], key) for row in rows}


def coordinates(rows: Any, key: str) -> dict[str, list[Any]]:
    """Points of score against a column, with what is shown on hover and where a click leads."""
    return {
        "x": [r[key] for r in rows],
        "y": [r["score"] for r in rows],
        "text": [f"{r['strategy']}: {score(r['score'])}" for r in rows],
        "links": [link(r.get("run")) for r in rows],
        "low": numbers([r.get("low") for r in rows]),
        "high": numbers([r.get("high") for r in rows]),
    }


def frontier(rows: Any) -> list[Any]:
    """The rows that no cheaper one reaches, by rising cost."""
    best, edge = float("-inf"), []
    for row in sorted(rows, key=lambda r: (r["seconds"], -r["score"])):
        if row["score"] > best:
            best = row["score"]
            edge.append(row)
    return edge


def learning(data: Any) -> dict[str, Any] | None:
    """Score over the number of training rows, a line a strategy."""
    by_name: dict[str, dict[int, Any]] = {}
    for row in data["curves"]:  # of several for the same number of rows the last counts: it has the most seeds
        by_name.setdefault(str(row["strategy"]), {})[row["rows"]] = row
    if all(len(rows) < 2 for rows in by_name.values()):
        return None
    series, bands = {}, {}
    for name, points_of in by_name.items():
        rows = [points_of[n] for n in sorted(points_of)]
        series[name] = ([r["rows"] for r in rows], numbers([r["score"] for r in rows]))
        bands[name] = (numbers([r.get("low") for r in rows]), numbers([r.get("high") for r in rows]))
    drawn = curves(series, "rows of train", "score", "Score over the number of training rows.", bands)
    drawn["layout"]["xaxis"] |= log_axis([r["rows"] for r in data["curves"]])
    drawn["layout"]["height"] = 400
    drawn["wide"] = True
    return {"figures": [drawn]}


def drift(data: Any) -> dict[str, Any] | None:
    """How far the vectors moved against what it brought."""
    moved = [r for r in data["table"] if number(r.get("drift")) is not None and number(r.get("score")) is not None]
    if len(moved) < 3:
        return None
    metric = readable(str(moved[0].get("metric") or "score"))
    drawn = points(by_strategy(moved, "drift"), "mean movement of a vector", metric, "Drift against score.")
    drawn["layout"]["xaxis"] |= {"tickformat": ".1~%"}
    return {"figures": [drawn]}


def duels(data: Any) -> dict[str, Any] | None:
    """The probability that the row's strategy beats the column's."""
    pairs = data["pairs"]
    if not pairs:
        return None
    listed = list(dict.fromkeys(name for p in pairs for name in (str(p["first"]), str(p["second"]))))
    order = [str(r["strategy"]) for r in data["table"] if str(r["strategy"]) in listed]
    order += [name for name in listed if name not in order]
    found = {}
    for pair in pairs:
        first, second, better = str(pair["first"]), str(pair["second"]), number(pair.get("better"))
        gap = f"difference {score(pair['difference'])}" if number(pair.get("difference")) is not None else ""
        if gap and number(pair.get("low")) is not None:
            gap += f" ({score(pair['low'])} to {score(pair['high'])})"
        if better is not None:
            found[first, second] = cell(likely(better), better, "", "", gap)
            found.setdefault((second, first), cell(likely(1 - better), 1 - better))
    return {"columns": order, "lines": [(a, [found.get((a, b)) for b in order]) for a in order]}


def likely(probability: float) -> str:
    """A probability from a finite number of draws: never quite 0 or 100 %."""
    if probability > 0.99:
        return f"> {share(0.99, 0)}"
    return f"< {share(0.01, 0)}" if probability < 0.01 else share(probability, 0)


SECTIONS: list[Section] = [
    ("ranking", "Side by side", ranking),
    ("cost", "Score against cost", cost),
    ("learning", "Learning curves", learning),
    ("drift", "Drift against score", drift),
    ("duels", "Who beats whom", duels),
]
