"""What became of the vectors: which words have one and why the others have not, and how far training moved them.

Sections of a run page, from the record's `coverage` and `embedding`.
"""

from __future__ import annotations

from typing import Any

from wordfit.report.figures import COLOURS, Figure, bars, curves
from wordfit.report.page import Data
from wordfit.report.wording import count, number, numbers, share

FOUND = {  # how a word got its vector, best first
    "exact": "as written",
    "case": "in another case",
    "tokeniser": "as other sets write it",
    "digits": "with its digits replaced",
    "parts": "from its parts",
    "subwords": "from its letters",
    "missing": "no vector",
}
REASONS = {  # why a word has none
    "number": "a number",
    "punctuation": "punctuation",
    "hyphen": "joined by a hyphen",
    "case": "case",
    "tokeniser": "cut differently by the tokenizer",
    "rare": "rare",
    "absent": "not in the vector file",
}
SHADES = [*(COLOURS[i] for i in (0, 5, 6, 4, 3, 2)), "var(--quiet)"]  # one for each of the above


def coverage(data: Data) -> dict[str, Any] | None:
    """The share of words and of tokens with a vector, by split and label, and what is missing."""
    splits = {name: split for name, split in data["coverage"].items() if isinstance(split, dict) and split}
    if not splits:
        return None
    figures = [how_found(splits), by_label(splits), reasons(splits)]
    missing = {
        name: [[word, count(n), REASONS.get(why, why)] for word, n, why in split.get("commonest_missing") or []][:20]
        for name, split in splits.items()
    }
    return {
        "sentences": [sentence(name, split) for name, split in splits.items() if split.get("tokens")],
        "figures": [f for f in figures if f],
        "missing": {name: rows for name, rows in missing.items() if rows},
    }


def sentence(name: str, split: Data) -> str:
    """Coverage of a split in a sentence."""
    parts = []
    for key, what in (("tokens", "of the running words"), ("types", "of the different words")):
        counts = split.get(key) or {}
        total = sum(counts.values())
        if total:
            parts.append(f"{share(1 - counts.get('missing', 0) / total)} {what} ({count(total)})")
    return f"In {name}, {' and '.join(parts)} have a vector."


def how_found(splits: dict[str, Any]) -> tuple[Figure, str] | None:
    """Stacked shares, a bar for the tokens and one for the types of every split."""
    rows = [
        (f"{name}, {what}", split[key])
        for name, split in splits.items()
        for key, what in (("tokens", "running words"), ("types", "different words"))
        if sum((split.get(key) or {}).values())
    ]
    kinds = [k for k in FOUND if any(counts.get(k) for _, counts in rows)]
    if not rows:
        return None
    series = {FOUND[k]: [counts.get(k, 0) / sum(counts.values()) for _, counts in rows] for k in kinds}
    alt = "Stacked bars: how the words of each split found their vector."
    drawn = bars([name for name, _ in rows], series, "share", alt, stacked=True, form=".0%")
    for trace, kind in zip(drawn["data"], kinds):
        trace["marker"]["color"] = SHADES[list(FOUND).index(kind)]
    drawn["layout"]["xaxis"]["range"] = [0, 1]
    drawn["wide"] = True
    return drawn, "How the words found their vector."


def by_label(splits: dict[str, Any]) -> tuple[Figure, str] | None:
    """Share of tokens with a vector, label by label: a difference lets missing words speak for a label."""
    known = {name: split["by_label"] for name, split in splits.items() if split.get("by_label")}
    labels = list(dict.fromkeys(label for shares in known.values() for label in shares))
    if not labels or len(labels) > 30:
        return None
    series = {name: numbers([shares.get(label) for label in labels]) for name, shares in known.items()}
    alt = "Bars: share of the running words with a vector, by label."
    drawn = bars(labels, series, "share of running words with a vector", alt, form=".0%")
    drawn["layout"]["xaxis"]["range"] = [0, 1]
    return drawn, "By label. Were they far apart, the words without a vector would speak for a label."


def reasons(splits: dict[str, Any]) -> tuple[Figure, str] | None:
    """Why words have no vector."""
    known = {name: split["reasons"] for name, split in splits.items() if sum((split.get("reasons") or {}).values())}
    keys = list(dict.fromkeys(key for counts in known.values() for key in counts if counts[key]))
    if not keys:
        return None
    series = {name: [counts.get(key, 0) / sum(counts.values()) for key in keys] for name, counts in known.items()}
    names = [REASONS.get(key, key) for key in keys]
    alt = "Bars: why words have no vector."
    return bars(names, series, "share of what is missing", alt, form=".0%"), "Why words have no vector."


def movement(data: Data) -> dict[str, Any] | None:
    """Drift by epoch and by frequency, the words that moved most, the neighbours that changed."""
    embedding = data["embedding"]
    if not embedding:
        return None
    figures = [drift_by_epoch(data["epochs"]), drift_by_frequency(embedding.get("by_frequency") or [])]
    return {
        "moved": number(embedding.get("moved_rows")),
        "rows": number(embedding.get("rows")),
        "drift": number(embedding.get("mean_drift")),
        "kept": number(embedding.get("neighbours_kept")),
        "unseen": number(embedding.get("unseen_drift")),
        "left": left_behind(embedding.get("dev_only") or {}),
        "similarity": similarity(embedding.get("similarity") or []),
        "figures": [f for f in figures if f],
        "most": [[word, share(drift), count(n)] for word, drift, n in embedding.get("most_moved") or []][:20],
        "neighbours": [neighbours(row) for row in embedding.get("neighbours") or []][:20],
    }


def left_behind(only_dev: Data) -> str:
    """What became of the words that dev has and train lacks."""
    if not only_dev.get("words"):
        return ""
    text = (
        f"{count(only_dev['words'])} words with a vector stand in dev alone; they moved by {share(only_dev['drift'])}"
    )
    kept = number(only_dev.get("neighbours_kept"))
    return f"{text}." if kept is None else f"{text} themselves, and kept {share(kept, 0)} of their neighbours."


def similarity(rows: list[Any]) -> list[list[str]]:
    """How well the vectors agree with people on word similarity, before and after training."""
    said = []
    for row in rows:
        before, after = number(row["before"]), number(row["after"])
        if before is not None and after is not None:
            pairs = f"{count(row['found'])} of {count(row['pairs'])}"
            said.append([row["name"], pairs, f"{before:.3f}", f"{after:.3f}", f"{after - before:+.3f}"])
    return said


def drift_by_epoch(epochs: list[Any]) -> tuple[Figure, str] | None:
    drift = numbers([row.get("drift") for row in epochs])
    if len(drift) < 2 or not any(drift):
        return None
    at = list(range(1, len(epochs) + 1))
    alt = "The mean movement of a vector by epoch."
    drawn = curves({"movement": (at, drift)}, "epoch", "mean movement", alt)
    drawn["layout"]["yaxis"] |= {"tickformat": ".1~%", "rangemode": "tozero"}
    return drawn, "Mean movement of a vector since the start, as a share of its length."


def drift_by_frequency(rows: list[Any]) -> tuple[Figure, str] | None:
    if not any(number(row.get("drift")) for row in rows):
        return None
    names = [f"{count(row['from_rank'])} to {count(row['to_rank'])}" for row in rows]
    alt = "Bars: the mean movement of a vector by the word's rank in frequency."
    drawn = bars(names, {"movement": numbers([row["drift"] for row in rows])}, "mean movement", alt, form=".1~%")
    return drawn, "Movement by how frequent the word is in training; rank 1 is the commonest word."


def neighbours(row: Data) -> dict[str, Any]:
    """A word's nearest words before and after, with those that left and those that came."""
    before, after = [str(w) for w in row.get("before") or []], [str(w) for w in row.get("after") or []]
    return {
        "word": row["word"],
        "before": [(w, w not in after) for w in before],
        "after": [(w, w not in before) for w in after],
    }
