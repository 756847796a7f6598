"""Question 3, freeze or tune: its claims, each with its criterion and its judge."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from claims_cells import Place
from claims_pictures import Dot, dots
from claims_verdicts import UNDECIDED, Claim, Direct, Results, Verdict, gains, index, interval, said, sign, test_score

SHALLOW, DEEP = ("mean", "mean-mlp"), ("cnn", "lstm", "transformer")


def few_or_many(results: Results, direct: Direct, out: Path) -> Verdict:
    """3a."""
    pairs = [g for g in gains(index(results), "tuned", "frozen") if g[0].encoder == "mean" and g[0].vectors != "random"]
    sizes = sorted({p.size for p, _ in pairs}, key=lambda n: n or 10**6)
    low, high = sizes[0], sizes[-1]
    cover = {p: covered(results, p) for p, _ in pairs}
    middle = float(np.median(list(cover.values())))
    parts = {n: interval([g for g in pairs if g[0].size == n]) for n in sizes}
    sides = {
        side: interval([g for g in pairs if (cover[g[0]] > middle) == (side == "more")]) for side in ("less", "more")
    }
    by_rows = interval(contrast(pairs, low, high))
    names = [Dot(f"{n or 'all'} rows", *parts[n]) for n in sizes]
    names += [Dot(f"coverage {side} than {middle:.2f}", *sides[side], colour=1) for side in sides]
    dots(names, "Tuned minus frozen, test score", "points / 100, 95 % over data sets", 0.0, out / "3a.svg", "{:+.3f}")
    rows_right = sign(parts[low]) <= 0 and sign(parts[high]) > 0 and sign(by_rows) > 0
    cover_right = sides["more"][1] > sides["less"][2]
    if rows_right and cover_right:
        verdict = "holds"
    elif sign(by_rows) > 0:
        verdict = "holds when it is about rows: the gain of tuning grows with them" + (
            "" if cover_right else "; coverage is not shown to matter"
        )
    else:
        verdict = "refuted" if sign(by_rows) < 0 else UNDECIDED
    figures = "; ".join(f"{n or 'all'} rows {said(parts[n])}" for n in sizes)
    figures += f"; from {low} to {high or 'all'} rows the gain grows by {said(by_rows)}; coverage at most {middle:.2f} "
    figures += f"{said(sides['less'])}, above {said(sides['more'])}"
    return Verdict(verdict, figures, "3a.svg")


def contrast(pairs: list[tuple[Place, float]], low: int, high: int) -> list[tuple[Place, float]]:
    """The gain at the larger size minus that at the smaller, of the same data, vectors and seed."""
    found = {(p.data, p.vectors, p.encoder, p.seed, p.size): (p, value) for p, value in pairs}
    grown = []
    for (*key, size), (place, value) in found.items():
        if size == high and (*key, low) in found:
            grown.append((place, value - found[(*key, low)][1]))
    return grown


def covered(results: Results, place: Place) -> float:
    """Share of running words with a vector, from the survey of the case; kept on the results by `claims.py`."""
    return next(r["tokens_covered"] for p, r in results if p == place)


def shallow(results: Results, direct: Direct, out: Path) -> Verdict:
    """3b."""
    pairs = [g for g in gains(index(results), "tuned", "frozen") if g[0].vectors == "glove"]
    deep = {(p.data, p.size) for p, _ in pairs if p.encoder in DEEP}
    pairs = [g for g in pairs if (g[0].data, g[0].size) in deep and g[0].strategy == "tuned"]
    by = {name: interval([g for g in pairs if g[0].encoder == name]) for name in (*SHALLOW, *DEEP)}
    by = {name: figure for name, figure in by.items() if np.isfinite(figure[0])}
    sides = {}
    for place, value in pairs:
        key = (place.data, place.size, place.seed)
        sides.setdefault(key, ([], []))[place.encoder in DEEP].append(value)
    more = [
        (Place(d, n, "", "", "", s), float(np.mean(a) - np.mean(b))) for (d, n, s), (a, b) in sides.items() if a and b
    ]
    figure = interval(more)
    dots([Dot(n, *f, colour=int(n in DEEP)) for n, f in by.items()], "Tuned minus frozen by encoder",
         "points / 100, 95 %", 0.0, out / "3b.svg", "{:+.3f}")  # fmt: skip
    verdict = {1: "holds", -1: "refuted", 0: UNDECIDED}[sign(figure)]
    parts = "; ".join(f"{name} {said(f)}" for name, f in by.items())
    return Verdict(
        verdict, f"{parts}; shallow minus deep {said(figure)}, over {len(more)} (data, size, seed)", "3b.svg"
    )


def protects(strategy: str, results: Results) -> dict[str, tuple[float, float, float]]:
    """What a strategy changes against tuning at the same learning rate: drift, neighbours, words unseen, score."""

    def unseen(result: dict[str, Any]) -> float | None:
        return next((row["score"] for row in result.get("by_seen", []) if not row["seen"]), None)

    views: dict[str, Callable[[dict[str, Any]], float | None]] = {
        "drift": lambda r: r.get("drift"),
        "kept": lambda r: r.get("kept"),
        "kept, words of dev alone": lambda r: r.get("kept_dev_only"),
        "rows with unseen words": unseen,
        "test": test_score,
    }
    some = [(p, r) for p, r in results if p.encoder == "mean" and p.size == 1000 and p.vectors == "word2vec"]
    return {name: interval(gains(index(some, view), strategy, "tuned at 0.1")) for name, view in views.items()}


def slower(results: Results, direct: Direct, out: Path) -> Verdict:
    """3c."""
    found = protects("slow at 0.1", results)
    figures = "; ".join(f"{name} {said(figure, '' if name == 'drift' else 'points')}" for name, figure in found.items())
    keeps, scores = sign(found["kept"]) > 0 and sign(found["drift"]) < 0, sign(found["test"])
    verdict = "holds" if keeps and scores >= 0 else "holds when the score may fall" if keeps else UNDECIDED
    return Verdict(verdict, f"a tenth of the rate against the whole, both at 0.1, 1,000 rows: {figures}")


def decay(results: Results, direct: Direct, out: Path) -> Verdict:
    """3d."""
    found = {name: protects(f"{name} at 0.1", results) for name in ("decayed", "anchored")}
    left = direct["weight_decay"]["length_left_of_untouched_rows"]
    parts = [
        f"{name} (0.01 a step): drift {said(f['drift'], '')}, neighbours kept {said(f['kept'])}, test {said(f['test'])}"
        for name, f in found.items()
    ]
    lengths = ", ".join(f"{name}: {value:.2f}" for name, value in left.items())
    parts.append(
        f"dense Adam's weight_decay leaves rows that never occur at this share of their length in 100 steps: {lengths}"
    )
    keeps = {name: sign(f["drift"]) < 0 and sign(f["kept"]) > 0 for name, f in found.items()}
    verdict = "holds" if keeps["decayed"] else "refuted" if keeps["anchored"] else UNDECIDED
    if keeps["decayed"] and min(left.values()) < 0.9:
        verdict = "holds when only touched rows decay"
    return Verdict(verdict, "; ".join(parts))


def forgets(results: Results, direct: Direct, out: Path) -> Verdict:
    """3e."""
    changes, kept, names = [], [], {}
    for place, result in results:
        if place.strategy == "tuned at 0.1":
            for row in result.get("similarity", []):
                if row["found"] >= 50:
                    changes.append((place, row["after"] - row["before"]))
                    names.setdefault(row["name"], []).append((place, row["after"] - row["before"]))
            if result.get("kept") is not None:
                kept.append((place, result["kept"]))
    figure, share = interval(changes), interval(kept)
    rows = [Dot(name.removeprefix("EN-"), *interval(v)) for name, v in names.items()]
    if rows:
        dots(
            rows,
            "Word similarity, after minus before tuning",
            "Spearman, 95 % over data sets",
            0.0,
            out / "3e.svg",
            "{:+.2f}",
        )
    verdict = {1: "refuted", -1: "holds", 0: UNDECIDED}[sign(figure)]
    figures = f"word similarity (sets with 50 pairs or more) {said(figure, 'hundredths of Spearman')}; neighbours kept "
    return Verdict(
        verdict,
        f"{figures}{100 * share[0]:.0f} % (95 % {100 * share[1]:.0f} to {100 * share[2]:.0f})",
        "3e.svg" if rows else "",
    )


def tuning_printed(results: Results, direct: Direct, out: Path) -> Verdict:
    """3f."""
    f = direct["printed_tuning"]
    right = not f["requires_grad_by_default"] and f["requires_grad_when_asked"] and not f["other_parameters_is_there"]
    figures = f"`from_pretrained` without `freeze` is trainable: {f['requires_grad_by_default']}, with `freeze=False`: "
    figures += f"{f['requires_grad_when_asked']}; `other_parameters` exists: {f['other_parameters_is_there']}"
    return Verdict("holds" if right else "refuted", figures)


CLAIMS = {
    "3a": Claim(
        "Freeze when the data are few or the vocabularies differ; tune when they are many and overlap",
        "tuned minus frozen: not above zero at the fewest rows, above at the most, more with more coverage",
        few_or_many,
    ),
    "3b": Claim(
        "Shallow models gain more from tuning than deep ones",
        "gain of mean and MLP minus that of CNN, LSTM and Transformer, by its interval",
        shallow,
    ),
    "3c": Claim(
        "A smaller learning rate for the embedding protects it",
        "at the same rate: less drift, more neighbours kept, and no worse on test",
        slower,
    ),
    "3d": Claim(
        "Weight decay protects it",
        "at the same rate: less drift and more neighbours kept than tuning without it",
        decay,
    ),
    "3e": Claim("Tuned vectors forget", "word similarity after minus before, by its interval", forgets),
    "3f": Claim(
        "The printed programs do not tune",
        "`from_pretrained` is frozen by default, and `other_parameters` is not there",
        tuning_printed,
    ),
}
