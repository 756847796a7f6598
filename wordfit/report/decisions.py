"""What an answer hangs on: the length and the coverage of the text, and the words whose removal changes it.

Sections of a run page, from the record's `evaluation`.
"""

from __future__ import annotations

from typing import Any

from wordfit.report.answers import headline
from wordfit.report.figures import COLOURS, Figure, axis, bars, figure, label
from wordfit.report.page import Data
from wordfit.report.wording import count, number, numbers, plural, readable, score, share, signed

MOST_WORDS = 20


def slices(data: Data) -> dict[str, Any] | None:
    """The score by length and by coverage, with the rows behind each bar."""
    evaluation = data["evaluation"]
    parts = [
        ("by_length", "tokens", "Score by length of the text", count),
        ("by_coverage", "share of tokens with a vector", "Score by coverage of the text", percent),
    ]
    figures = []
    name, value = headline(data)
    for key, unit, title, said in parts:
        rows = evaluation.get(key) or []
        if rows:
            name = rows[0].get("metric", name)  # a slice may be scored by another metric than the whole
            value = (evaluation.get("metrics") or {}).get(name)
            figures.append((sliced(rows, readable(name or "score"), title, said, number(value)), f"{title}: {unit}."))
    seen = words_seen(evaluation, readable(name or "score"))
    if not figures and not seen:
        return None
    return {"figures": figures, "overall": number(value), "metric": readable(name or "score"), "seen": seen}


def words_seen(evaluation: Data, metric: str) -> list[str]:
    """Train against dev, and rows whose words train had all against the others, in a sentence each."""
    said = []
    train, gap = evaluation.get("train") or {}, number(evaluation.get("gap"))
    if train and gap is not None:
        rows = plural(train["rows"], "row")
        said.append(f"On {rows} of train the {metric} is {score(train['score'])}: {signed(gap)} against dev.")
    names = {True: "words all stand in train", False: "words include one that train lacks"}
    parts = [f"{score(r['score'])} on the {plural(r['rows'], 'row')} whose {names[r['seen']]}" for r in
             evaluation.get("by_seen") or []]  # fmt: skip
    if parts:
        said.append(f"The {metric} is {', and '.join(parts)}.")
    return said


def percent(value: Any) -> str:
    return share(value, 0)


def sliced(rows: Any, metric: str, title: str, said: Any, overall: float | None) -> Figure:
    ranges = [f"{said(r['from'])} to {said(r['to'])}" if r["from"] != r["to"] else said(r["from"]) for r in rows]
    names = [f"{name} ({plural(r['rows'], 'row')})" for name, r in zip(ranges, rows)]
    text = [score(r["score"]) for r in rows]
    drawn = bars(names, {metric: numbers([r["score"] for r in rows])}, metric, f"Bars: {title}.", text=text)
    if overall is not None:
        dotted = {"color": "var(--c2)", "dash": "dot", "width": 2}
        drawn["layout"]["shapes"] = [
            {"type": "line", "x0": overall, "x1": overall, "yref": "paper", "y0": 0, "y1": 1, "line": dotted}
        ]
    return drawn


def deciding(data: Data) -> dict[str, Any] | None:
    """The words whose removal changes the answer most, over many texts and in single ones."""
    found = data["evaluation"].get("deciding_words") or {}
    words, examples = found.get("words") or [], found.get("examples") or []
    if not words and not examples:
        return None
    largest = max((abs(number(c) or 0) for e in examples for _, c in e["words"]), default=0.0)
    return {
        "texts": found.get("texts"),
        "strongest": found.get("strongest_share"),
        "figure": word_bars(sorted(words[:MOST_WORDS], key=lambda w: -(number(w["change"]) or 0))) if words else None,
        "examples": examples,
        "largest": largest,
    }


def word_bars(words: list[Any]) -> Figure:
    """One bar a word, its colour the label that the word speaks for."""
    labels = list(dict.fromkeys(str(w.get("label", "")) for w in words))
    traces = []
    for i, name in enumerate(labels):
        mine = [w for w in words if str(w.get("label", "")) == name]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": label(name) or "change",
                "y": [label(w["word"]) for w in mine],
                "x": numbers([w["change"] for w in mine]),
                "marker": {"color": COLOURS[i % len(COLOURS)]},
                "customdata": [plural(w.get("texts", 0), "text") for w in mine],
                "hovertemplate": "%{y}: %{x:.3f}, in %{customdata}<extra>%{fullData.name}</extra>",
            }
        )
    order = [label(w["word"]) for w in words]
    drawn = figure(
        traces,
        "Bars: by how much the answer's probability falls when the word is taken out.",
        height=90 + 22 * len(words),
        barmode="overlay",
        bargap=0.25,
        xaxis=axis("fall of the answer's probability without the word"),
        yaxis=axis("", type="category", showgrid=False, autorange="reversed"),
    )
    drawn["layout"]["yaxis"] |= {"categoryorder": "array", "categoryarray": order}
    drawn["layout"]["showlegend"] = bool(labels != [""])
    return drawn
