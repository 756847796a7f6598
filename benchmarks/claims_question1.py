"""Question 1, constant predictions: its claims, each with its criterion and its judge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from claims_cells import ADVISED, PRINTED, Place
from claims_pictures import Dot, dots, lines
from claims_verdicts import UNDECIDED, Claim, Direct, Results, Verdict, gains, index, interval, said, sign, test_score


def printed(results: Results) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """By (program, data): its runs."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for place, result in results:
        if place.strategy in PRINTED:
            found.setdefault((place.strategy, place.data), []).append(result)
    return found


def majority(results: Results, data: str) -> float:
    """Dev accuracy of always the commonest class."""
    return next(r["metrics"]["accuracy"] for p, r in results if p.data == data and p.encoder == "majority")


def constant(results: Results, direct: Direct, out: Path) -> Verdict:
    """1a."""
    rows, parts, flat = printed(results), [], []
    for (program, data), runs in rows.items():
        if program == "linear":
            shares = [run["commonest"] for run in runs]
            flat.append((data, float(np.mean(shares)), min(shares), max(shares)))
            accuracy = float(np.mean([run["metrics"]["accuracy"] for run in runs]))
            parts.append(
                f"{data} {np.mean(shares):.3f} (accuracy {accuracy:.3f}, majority {majority(results, data):.3f})"
            )
    dots([Dot(d, m, a, b) for d, m, a, b in flat], "Rows that get the commonest answer", "share", 1.0, out / "1a.svg")
    always = [data for data, mean, *_ in flat if mean >= 0.99]
    verdict = (
        "holds"
        if len(always) == len(flat)
        else "refuted"
        if not always
        else f"holds when the task is {', '.join(always)}"
    )
    return Verdict(verdict, f"share of the commonest answer, frozen mean + linear: {'; '.join(parts)}", "1a.svg")


def hidden(results: Results, direct: Direct, out: Path) -> Verdict:
    """1b, data set by data set: whether the layer helps, and whether the answers stay skewed all the same."""
    rows, holds, parts = printed(results), [], []
    sets = [data for program, data in rows if program == "hidden layer"]
    for data in sets:
        layer, plain = rows["hidden layer", data], rows["linear", data]
        gain = float(
            np.mean([run["metrics"]["accuracy"] - other["metrics"]["accuracy"] for run, other in zip(layer, plain)])
        )
        skew = float(np.mean([run["commonest"] - majority(results, data) for run in layer]))
        holds += [data] if gain >= 0.02 and skew >= 0.05 else []
        parts.append(f"{data} {100 * gain:+.1f} points, commonest answer {100 * skew:+.1f} points too often")
    verdict = "refuted" if not holds else "holds"
    if 0 < len(holds) < len(sets):
        verdict = f"holds when the task is {', '.join(holds)}"
    return Verdict(verdict, f"hidden layer against none: {'; '.join(parts)}")


def cure(results: Results, direct: Direct, out: Path) -> Verdict:
    """1c."""
    rows, gain = printed(results), []
    for (program, data), runs in rows.items():
        if program == "hidden layer, tuned":
            for run, frozen in zip(runs, rows["hidden layer", data]):
                gain.append((Place(data, 0, "", "", "", 0), test_score(run) - test_score(frozen)))
    flat = [data for (program, data), runs in rows.items() if program == "linear" and runs[0]["commonest"] >= 0.99]
    cured = [
        data
        for data in flat
        if max(run["commonest"] for run in rows["hidden layer, tuned", data]) < 0.99
        and np.mean([run["metrics"]["accuracy"] for run in rows["hidden layer, tuned", data]])
        > majority(results, data) + 0.02
    ]
    figure = interval(gain)
    figures = f"tuned against frozen, hidden layer: {said(figure)}; constant when frozen: {', '.join(flat) or 'none'}; "
    figures += f"of these above the majority by two points or more when tuned: {', '.join(cured) or 'none'}"
    if not flat:
        verdict = "refuted: nothing was constant, so there was nothing to cure"
    else:
        verdict = (
            "holds" if len(cured) == len(flat) else "refuted" if not cured else f"holds when it is {', '.join(cured)}"
        )
    return Verdict(verdict, figures)


def overfits(results: Results, direct: Direct, out: Path) -> Verdict:
    """1d."""
    some = [(p, r) for p, r in results if p.encoder == "mean" and p.strategy in ADVISED]
    gap, score = gains(index(some, lambda r: r.get("gap")), "tuned", "frozen"), gains(index(some), "tuned", "frozen")
    sizes = sorted({p.size for p, _ in gap}, key=lambda n: n or 10**6)
    by_size = {
        n: (interval([g for g in gap if g[0].size == n]), interval([g for g in score if g[0].size == n])) for n in sizes
    }
    series = {
        "gap, tuned - frozen": [Dot(str(n or "all"), *by_size[n][0]) for n in sizes],
        "test, tuned - frozen": [Dot(str(n or "all"), *by_size[n][1]) for n in sizes],
    }
    lines(series, "Tuned minus frozen by rows of train", "points / 100, 95 % over data sets", out / "1d.svg")
    small, large = by_size[sizes[0]], by_size[sizes[-1]]
    parts = [f"{n or 'all'} rows: gap {said(by_size[n][0])}, test {said(by_size[n][1])}" for n in sizes]
    if sign(small[0]) > 0 and sign(small[1]) < 0:
        verdict = f"holds when there are about {sizes[0]} rows" if sign(large[1]) >= 0 else "holds"
    elif sign(small[0]) > 0:
        verdict = "holds when it means the gap: tuned fits train more, but test does not fall below frozen"
    else:
        verdict = "refuted"
    return Verdict(verdict, "; ".join(parts), "1d.svg")


def one_word(results: Results, direct: Direct, out: Path) -> Verdict:
    """1e."""
    runs = direct["strongest_word"]["runs"]
    parts, shares, always = [], [], []
    for kind in ("frozen", "tuned"):
        mine = [run for run in runs if run["vectors"] == kind]
        share = [run["strongest_share"] for run in mine]
        good = np.mean([run["good_said_positive"] for run in mine])
        shares += share
        always.append(good)
        parts.append(
            f"{kind}: strongest word {np.mean(share):.2f} of all change, texts with 'good' said positive {good:.2f}"
        )
    true = runs[0]["good_positive"]
    parts.append(f"they are positive in {true:.2f} of {runs[0]['rows_with_good']} texts")
    verdict = "holds" if min(shares) > 0.5 and min(always) > 0.95 else "refuted" if max(shares) < 0.5 else UNDECIDED
    return Verdict(verdict, "; ".join(parts))


def entailment(results: Results, direct: Direct, out: Path) -> Verdict:
    """1f."""
    runs = {(p.encoder, p.strategy): [] for p, _ in results if p.data == "rte"}
    for place, result in results:
        if place.data == "rte":
            runs[place.encoder, place.strategy].append(test_score(result))
    means = {key: float(np.mean(v)) for key, v in runs.items() if key[0] != "majority"}
    base, top = float(np.mean(runs["majority", ""])), max(means.values())
    reach = 1.96 * np.sqrt(base * (1 - base) / 277)
    parts = ", ".join(f"{' '.join(filter(None, key))} {value:.3f}" for key, value in means.items())
    verdict = "holds" if top < base + reach else UNDECIDED if top < base + 0.1 else "refuted"
    return Verdict(verdict, f"RTE, 277 test rows: majority {base:.3f} (95 % up to {base + reach:.3f}); {parts}")


def classifier(results: Results, direct: Direct, out: Path) -> Verdict:
    """1g."""
    f = direct["printed_classifier"]
    faults = [f["moved_by_other_rows"] > 0.01, f["moved_by_padding"] > 0.01, not f["torchtext_is_there"]]
    figures = (
        f"with torchtext's (T, B) its mean moves by {f['moved_by_other_rows']:.2f} when only other rows change; "
        f"15 places of padding move a row's mean by {f['moved_by_padding']:.2f}; "
        f"vectors frozen by default: {f['frozen_by_default']}; "
        f"torchtext installed here: {f['torchtext_is_there']} (its `Field` is gone since 0.12)"
    )
    return Verdict("holds" if all(faults[:2]) else UNDECIDED, figures)


CLAIMS = {
    "1a": Claim(
        "Frozen GloVe, mean, one linear layer: predicts one class for everything",
        "99 % of dev rows get one answer: in every data set holds, in none refuted",
        constant,
    ),
    "1b": Claim(
        "A hidden layer helps a little, predictions stay skewed",
        "in a data set accuracy rises by 2 points and the commonest answer is still given 5 points too often, in the "
        "mean of the runs; in every data set holds, in none refuted",
        hidden,
    ),
    "1c": Claim(
        "Starting from the vectors and tuning them cures it",
        "where the frozen model is constant, the tuned one is not and beats the majority by two points",
        cure,
    ),
    "1d": Claim(
        "Tuning overfits small data",
        "at the smallest size the gap grows and test falls below frozen, by their intervals",
        overfits,
    ),
    "1e": Claim(
        "A word like 'good' decides alone",
        "the strongest word carries over half of all change in every run, and 'good' is said positive in 95 %",
        one_word,
    ),
    "1f": Claim(
        "Static vectors lack what entailment needs",
        "on RTE the best of our static models is inside the majority's 95 % interval",
        entailment,
    ),
    "1g": Claim(
        "The printed classifier does not do what it says", "other rows and padding move a row's mean", classifier
    ),
}
