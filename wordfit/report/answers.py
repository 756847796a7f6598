"""What the model answers: metrics, balance of the labels, confusion, predicted against true scores.

Sections of a run page, from the record's `evaluation`.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from wordfit.report.figures import COLOURS, Figure, axis, bars, cell, figure, heat, points
from wordfit.report.page import Data
from wordfit.report.wording import count, number, numbers, readable, score, share

MOST_LABELS = 30  # more than fit a figure go into the table alone
MOST_CELLS = 10  # labels a side that a table of counts still shows well


def headline(data: Data) -> tuple[str | None, Any]:
    """The task's own metric on dev, or the first there is."""
    metrics = data["evaluation"].get("metrics") or {}
    asked = (data["settings"].get("task") or {}).get("metric")
    name = asked if asked in metrics else next(iter(metrics), None)
    return name, metrics.get(name) if name else None


def answers(data: Data) -> dict[str, Any] | None:
    """Metrics, label balance and confusion; for scores, predicted against true."""
    evaluation = data["evaluation"]
    if not evaluation.get("metrics"):
        return None
    metrics = [[readable(name), score(value)] for name, value in evaluation["metrics"].items()]
    if number(evaluation.get("majority")) is not None:
        metrics.append(["always the commonest answer: accuracy", score(evaluation["majority"])])
    figures = [balance(evaluation), confusion(evaluation), scatter(evaluation), residuals(evaluation)]
    return {
        "metrics": metrics,
        "balance": balance_sentence(evaluation),
        "figures": [f for f in figures if f],
        "confusion": confusion_table(evaluation),
        "by_label": by_label(evaluation),
        "confused": most_confused(evaluation),
    }


def balances(evaluation: Data) -> tuple[list[str], list[float], list[float]]:
    """Labels with their true and their predicted share."""
    true, predicted = evaluation.get("true_balance") or {}, evaluation.get("predicted_balance") or {}
    names = [str(name) for name in evaluation.get("labels") or []] or list(dict.fromkeys([*true, *predicted]))
    rows, said = sum(true.values()) or 1, sum(predicted.values()) or 1
    return names, [true.get(n, 0) / rows for n in names], [predicted.get(n, 0) / said for n in names]


def balance(evaluation: Data) -> tuple[Figure, str] | None:
    """How often each label is true and how often it is given."""
    names, true, predicted = balances(evaluation)
    if not evaluation.get("predicted_balance") or len(names) > MOST_LABELS:
        return None
    drawn = bars(
        names,
        {"true": true, "predicted": predicted},
        "share of all labels",
        "Bars: how often each label is true and how often the model gives it.",
        form=".0%",
    )
    return drawn, "How often each label is right, and how often the model gives it."


def balance_sentence(evaluation: Data) -> str:
    """The label whose share the model overstates most."""
    names, true, predicted = balances(evaluation)
    if not evaluation.get("predicted_balance") or not names:
        return ""
    given = [name for name, p in zip(names, predicted) if p > 0]
    if len(given) == 1 and len(names) > 1:
        return f"Every answer is \u201c{given[0]}\u201d: the output does not depend on the text."
    skew, name = max((p - t, n) for n, t, p in zip(names, true, predicted))
    if skew < 0.02:
        return "The model gives each label about as often as it is right (within 2 points)."
    at = names.index(name)
    return (
        f"The model gives \u201c{name}\u201d to {share(predicted[at])} of the rows; it is right for {share(true[at])}."
    )


def confusion(evaluation: Data) -> tuple[Figure, str] | None:
    """Many labels: the share of each true label that got each answer, as a heat map."""
    counts = evaluation.get("confusion") or []
    if len(counts) <= MOST_CELLS:
        return None
    names = [str(n) for n in evaluation.get("labels") or range(len(counts))]
    drawn = heat(
        [[n / (sum(row) or 1) for n in row] for row in counts],
        names,
        names,
        "Confusion: each row is a true label, each column a predicted one.",
        x="predicted",
        y="true",
        hover="true %{y}, predicted %{x}: %{z:.1%} of the true label",
    )
    drawn["data"][0] |= {"zmin": 0, "zmax": 1}
    return drawn, "Rows are the true labels, columns the answers; the stronger the colour, the larger the share."


def confusion_table(evaluation: Data) -> dict[str, Any] | None:
    """Few labels: counts of true against predicted, each shaded by its share of the true label."""
    counts = evaluation.get("confusion") or []
    if not 0 < len(counts) <= MOST_CELLS:
        return None
    names = [str(n) for n in evaluation.get("labels") or range(len(counts))]
    rows = [[cell(count(n), n / (sum(row) or 1), share(n / (sum(row) or 1), 0)) for n in row] for row in counts]
    return {"columns": names, "rows": list(zip(names, rows))}


def by_label(evaluation: Data) -> list[list[str]]:
    """Precision, recall and F1 of every label: as recorded, else from the confusion."""
    recorded = evaluation.get("by_label")
    if recorded:
        return [
            [str(r["label"]), count(r.get("rows")), *(score(r.get(k)) for k in ("precision", "recall", "f1"))]
            for r in recorded
        ]
    counts, names = evaluation.get("confusion") or [], evaluation.get("labels") or []
    rows = []
    for i, row in enumerate(counts):
        given, right = sum(r[i] for r in counts), row[i]
        precision = right / given if given else None
        recall = right / sum(row) if sum(row) else None
        f1 = 2 * right / (given + sum(row)) if given + sum(row) else None
        name = str(names[i]) if names else str(i)
        rows.append([name, count(sum(row)), score(precision), score(recall), score(f1)])
    return rows


def most_confused(evaluation: Data) -> list[list[str]]:
    """The commonest mistakes, where there are more than two labels to mistake."""
    counts = evaluation.get("confusion") or []
    names = [str(n) for n in evaluation.get("labels") or range(len(counts))]
    if len(counts) < 3:
        return []
    wrong = Counter({(i, j): n for i, row in enumerate(counts) for j, n in enumerate(row) if i != j and n})
    return [[names[i], names[j], count(n), share(n / sum(counts[i]))] for (i, j), n in wrong.most_common(8)]


def scatter(evaluation: Data) -> tuple[Figure, str] | None:
    """Predicted score against true score, with the line where they are the same."""
    pairs = evaluation.get("scatter")
    if not pairs:
        return None
    true, predicted = numbers([p[0] for p in pairs]), numbers([p[1] for p in pairs])
    known = [v for v in true + predicted if v is not None] or [0.0, 1.0]
    low, high = min(known), max(known)
    group = {"rows": {"x": true, "y": predicted}}
    drawn = points(group, "true score", "predicted score", "Each row's predicted score against its true score.", size=5)
    drawn["data"][0]["marker"]["opacity"] = 0.55
    line = {"type": "line", "x0": low, "x1": high, "y0": low, "y1": high, "line": {"color": "var(--c7)", "dash": "dot"}}
    drawn["layout"]["shapes"] = [line]
    return drawn, "One point a row; on the dotted line the prediction is right."


def residuals(evaluation: Data) -> tuple[Figure, str] | None:
    """How far the predictions are off, as a histogram."""
    pairs = evaluation.get("scatter")
    if not pairs:
        return None
    off = [p - t for t, p in ((number(a), number(b)) for a, b in pairs) if t is not None and p is not None]
    trace = {"type": "histogram", "x": off, "nbinsx": 30, "marker": {"color": COLOURS[0]}}
    drawn = figure(
        [trace],
        "Histogram of predicted minus true score.",
        xaxis=axis("predicted minus true"),
        yaxis=axis("rows"),
        bargap=0.05,
    )
    return drawn, "Predicted minus true: right of zero the model says too much."
