"""One verdict for each claim, from figures, by a criterion that is stated beside it.

`CLAIMS` lists them: what is said, by which figures it is judged, and the function that judges. A verdict is *holds*,
*holds when ...*, *refuted* or *not decided by these data*; an interval that reaches both sides decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from claims_cells import ADVISED, PRINTED, Place
from claims_pictures import Dot, dots, lines

Results = list[tuple[Place, dict[str, Any]]]
Direct = dict[str, dict[str, Any]]
UNDECIDED = "not decided by these data"
SHALLOW, DEEP = ("mean", "mean-mlp"), ("cnn", "lstm", "transformer")


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
    if not groups:
        return 0.0, float("-inf"), float("inf")
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
    return f"{mean:+.1f} {unit} (95 % {low:+.1f} to {high:+.1f})"


def sign(figure: tuple[float, float, float]) -> int:
    """1 above zero, -1 below, 0 where the interval has zero."""
    return 1 if figure[1] > 0 else -1 if figure[2] < 0 else 0


def name_of(place: Place) -> str:
    """A data set with its size."""
    return f"{place.data}, {place.size or 'all'}"


def printed(results: Results) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """By (program, data): its runs."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for place, result in results:
        if place.strategy in PRINTED:
            found.setdefault((place.strategy, place.data), []).append(result)
    return found


def constancy(result: dict[str, Any]) -> float:
    """The share of dev rows that get the commonest answer."""
    return float(np.bincount(result["answers"]).max() / len(result["answers"]))


def majority(results: Results, data: str) -> float:
    """Dev accuracy of always the commonest class."""
    return next(r["metrics"]["accuracy"] for p, r in results if p.data == data and p.encoder == "majority")


def constant(results: Results, direct: Direct, out: Path) -> Verdict:
    """1a."""
    rows, parts, flat = printed(results), [], []
    for (program, data), runs in rows.items():
        if program == "linear":
            shares = [constancy(run) for run in runs]
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
    """1b."""
    rows, better, skew = printed(results), [], []
    for (program, data), runs in rows.items():
        if program == "hidden layer":
            for run, plain in zip(runs, rows["linear", data]):
                place = Place(data, 0, "", "", "", 0)
                better.append((place, run["metrics"]["accuracy"] - plain["metrics"]["accuracy"]))
                skew.append((place, constancy(run) - majority(results, data)))
    gain, left = interval(better), interval(skew)
    helps, skewed = sign(gain) > 0, left[1] > 0.05
    verdict = "holds" if helps and skewed else "refuted" if sign(gain) <= 0 and left[2] < 0.05 else UNDECIDED
    if helps and not skewed:
        verdict = "holds when it is about the score: the layer helps; the skew is not shown"
    figures = (
        f"hidden layer against none: {said(gain)}; its commonest answer against the label's own share: {said(left)}"
    )
    return Verdict(verdict, figures)


def cure(results: Results, direct: Direct, out: Path) -> Verdict:
    """1c."""
    rows, gain = printed(results), []
    for (program, data), runs in rows.items():
        if program == "hidden layer, tuned":
            for run, frozen in zip(runs, rows["hidden layer", data]):
                gain.append((Place(data, 0, "", "", "", 0), test_score(run) - test_score(frozen)))
    flat = [data for (program, data), runs in rows.items() if program == "linear" and constancy(runs[0]) >= 0.99]
    cured = [
        data
        for data in flat
        if max(constancy(run) for run in rows["hidden layer, tuned", data]) < 0.99
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
        f"with torchtext's (T, B) its mean moves by {f['moved_by_other_rows']:.2f} when only other rows change; 15 places "
        f"of padding move a row's mean by {f['moved_by_padding']:.2f}; vectors frozen by default: {f['frozen_by_default']}; "
        f"torchtext installed here: {f['torchtext_is_there']} (its `Field` is gone since 0.12)"
    )
    return Verdict("holds" if all(faults[:2]) else UNDECIDED, figures)


def same_input(results: Results, direct: Direct, out: Path) -> Verdict:
    """2a."""
    told, found = direct["probes"]["told_apart"], direct["probes"]["probes"]
    apart = float(np.mean([row["accuracy"] for row in told]))
    shares, parts = [], []
    for row in found:
        trained = [
            test_score(r) for p, r in results if p.data == row["data"] and p.encoder == "lstm" and p.size == 1000
        ]
        best = max([*trained, row["mean"], row["bilstm"]])
        if best > row["majority"] + 0.02:
            shares.append((max(row["mean"], 0) - row["majority"]) / (best - row["majority"]))
        lstm = f", trained {np.mean(trained):.3f}" if trained else ""
        parts.append(
            f"{row['data']}: majority {row['majority']:.3f}, mean {row['mean']:.3f}, "
            f"random bilstm {row['bilstm']:.3f}{lstm}"
        )
    dots([Dot(" / ".join(r["tasks"]), r["accuracy"]) for r in told], "Which task is a text from? Frozen mean, linear probe",
         "accuracy", 0.5, out / "2a.svg")  # fmt: skip
    verdict = "refuted" if apart > 0.9 and np.mean(shares) > 0.5 else UNDECIDED if apart > 0.9 else "holds"
    figures = f"two tasks are told apart by their pooled input in {apart:.3f} of texts; a linear probe without any layer finds "
    figures += f"{np.mean(shares):.2f} of what the best finds above the majority ({'; '.join(parts)})"
    return Verdict(verdict, figures, "2a.svg")


def padding(results: Results, direct: Direct, out: Path) -> Verdict:
    """2b."""
    runs = direct["last_state"]["runs"]
    pairs, changed, own = [], [], []
    for run in runs:
        if run["state"] == "as printed":
            other = next(
                r for r in runs if r["state"] != run["state"] and (r["data"], r["seed"]) == (run["data"], run["seed"])
            )
            pairs.append(other["accuracy"] - run["accuracy"])
            changed.append(run["changed_by_padding"])
            own.append(other["changed_by_padding"])
    figures = f"own end against printed: {100 * np.mean(pairs):+.1f} points (runs {', '.join(f'{100 * p:+.1f}' for p in pairs)}); "
    figures += f"40 places more of padding change {np.mean(changed):.0%} of the printed answers, {np.mean(own):.0%} of the others"
    verdict = "holds when padding is kept out" if np.mean(changed) > 0.02 and max(own) == 0 else UNDECIDED
    return Verdict(verdict, figures)


def domain(results: Results, direct: Direct, out: Path) -> Verdict:
    """2c."""
    found = direct["adapted"]
    gain = tuple(found["adapted_over_published_sif"])
    parts = ", ".join(f"{name} {np.mean(value):.3f}" for name, value in found["spearman"].items())
    verdict = {1: "holds", -1: "refuted", 0: UNDECIDED}[sign(gain)]
    return Verdict(verdict, f"STS-B test, Spearman: {parts}; adapted over published under SIF {said(gain)}")


def encoders_printed(results: Results, direct: Direct, out: Path) -> Verdict:
    """2d."""
    f = direct["printed_encoders"]["moved_by_other_rows"]
    verdict = "holds" if f["printed"] > 0.01 and f["batch_first"] < 1e-5 else UNDECIDED
    return Verdict(
        verdict, f"a row's output moves by {f['printed']:.2f} with other rows as printed, {f['batch_first']:.0e} mended"
    )


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
    dots(
        names, "Tuned minus frozen, test accuracy", "points / 100, 95 % over data sets", 0.0, out / "3a.svg", "{:+.3f}"
    )
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
    by = {name: figure for name, figure in by.items() if np.isfinite(figure[1])}
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


def negative(results: Results, direct: Direct, out: Path) -> Verdict:
    """4a."""
    found = direct["negative_losses"]
    right = [run for run in found["runs"] if run["case"].startswith("cross entropy, as")]
    lowest = min(found["bounded"]["lowest_cross_entropy"], *(run["lowest"] for run in right))
    wrong = sorted({run["case"] for run in found["runs"] if run["negative"] and not run["clipped"]})
    figures = (
        f"least cross entropy of {found['bounded']['rows']:,} random rows and {len(right)} runs, frozen and tuned: "
    )
    return Verdict("refuted" if lowest >= 0 else "holds", f"{figures}{lowest:.3g}; below zero went: {', '.join(wrong)}")


def clipped(results: Results, direct: Direct, out: Path) -> Verdict:
    """4b."""
    runs = direct["negative_losses"]["runs"]
    went = {run["case"] for run in runs if run["negative"] and not run["clipped"]}
    still = [run["still"] for run in runs if run["clipped"] and run["case"] in went]
    right = {(r["case"], r["seed"], r["clipped"]): r["accuracy"] for r in runs if r["vectors"] == "frozen"}
    gain = [right[c, s, True] - right[c, s, False] for c, s, cut in right if cut and c in went]
    verdict = "refuted" if np.mean(still) > 0.9 and np.mean(gain) <= 0 else UNDECIDED
    return Verdict(
        verdict,
        f"words without a gradient when clipped {np.mean(still):.0%}; words right {100 * np.mean(gain):+.1f} points",
    )


def tuned_loss(results: Results, direct: Direct, out: Path) -> Verdict:
    """4c."""
    runs = [run for run in direct["negative_losses"]["runs"] if not run["clipped"]]
    went = {run["case"] for run in runs if run["negative"] and run["vectors"] == "frozen"}
    mended = {run["case"] for run in runs if run["case"] in went and run["vectors"] == "tuned" and not run["negative"]}
    verdict = (
        "refuted" if not mended else "holds" if mended == went else f"holds when it is {', '.join(sorted(mended))}"
    )
    return Verdict(verdict, f"{len(went)} losses went below zero frozen, {len(went - mended)} of them also tuned")


def behind(results: Results, direct: Direct, out: Path) -> Verdict:
    """4d."""
    found = direct["negative_losses"]
    other, epsilon = found["imbalance"], found["bounded"]["lowest_of_log_p_plus_1e-7"]
    wrong = any(run["negative"] for run in found["runs"])
    figures = f"99 % of one class, overfitted: least {other['lowest']:.4f}; -log(p + 1e-7): least {epsilon:.1e}; "
    figures += f"wrong losses below zero: {len({r['case'] for r in found['runs'] if r['negative']})}"
    verdict = "holds when it is a wrong loss; refuted for imbalance, instability and overfitting"
    return Verdict(verdict if wrong and not other["negative"] else UNDECIDED, figures)


def one_hot(results: Results, direct: Direct, out: Path) -> Verdict:
    """4e."""
    size = direct["negative_losses"]["one_hot_GB"]
    figures = (
        f"one-hot targets of Multi30k's 29,000 rows take {size:.1f} GB; that its encoder reaches nothing is shown in "
    )
    return Verdict("holds", f"{figures}examples/seq2seq_torch.py and tests/examples")


CLAIMS = {
    "1a": Claim("Frozen GloVe, mean, one linear layer: predicts one class for everything",
                "99 % of dev rows get one answer: in every data set holds, in none refuted", constant),
    "1b": Claim("A hidden layer helps a little, predictions stay skewed",
                "accuracy rises and the commonest answer is given 5 points too often, both by their intervals", hidden),
    "1c": Claim("Starting from the vectors and tuning them cures it",
                "where the frozen model is constant, the tuned one is not and beats the majority by two points", cure),
    "1d": Claim("Tuning overfits small data",
                "at the smallest size the gap grows and test falls below frozen, by their intervals", overfits),
    "1e": Claim("A word like 'good' decides alone",
                "the strongest word carries over half of all change in every run, and 'good' is said positive in 95 %", one_word),
    "1f": Claim("Static vectors lack what entailment needs",
                "on RTE the best of our static models is inside the majority's 95 % interval", entailment),
    "1g": Claim("The printed classifier does not do what it says",
                "other rows and padding move a row's mean", classifier),
    "2a": Claim("The input of every task is the same, so all variation comes from the layers above",
                "refuted where tasks are told apart in over 90 % and a probe without layers finds half of the score", same_input),
    "2b": Claim("LSTM (last state) and Transformer (mean) extract what the task needs",
                "holds only without padding where padding changes over 2 % of the printed answers and none of the mended", padding),
    "2c": Claim("Adapting GloVe to a corpus of the domain before the task (STS-B) helps",
                "adapted minus published under SIF weighting, by its bootstrap interval over test rows", domain),
    "2d": Claim("The printed Transformer attends across the batch",
                "another row moves a row's output as printed, and not with batch_first=True", encoders_printed),
    "3a": Claim("Freeze when the data are few or the vocabularies differ; tune when they are many and overlap",
                "tuned minus frozen: not above zero at the fewest rows, above at the most, more with more coverage", few_or_many),
    "3b": Claim("Shallow models gain more from tuning than deep ones",
                "gain of mean and MLP minus that of CNN, LSTM and Transformer, by its interval", shallow),
    "3c": Claim("A smaller learning rate for the embedding protects it",
                "at the same rate: less drift, more neighbours kept, and no worse on test", slower),
    "3d": Claim("Weight decay protects it",
                "at the same rate: less drift and more neighbours kept than tuning without it", decay),
    "3e": Claim("Tuned vectors forget",
                "word similarity after minus before, by its interval", forgets),
    "3f": Claim("The printed programs do not tune",
                "`from_pretrained` is frozen by default, and `other_parameters` is not there", tuning_printed),
    "4a": Claim("Vectors that fit the task too well push the cross entropy below zero",
                "refuted where no row and no run with the right loss goes below zero", negative),
    "4b": Claim("Clipping the loss to [0, 10] mends it",
                "refuted where over 90 % of words lose their gradient and no more words are right", clipped),
    "4c": Claim("Tuning the embedding mends it",
                "refuted where every loss that is negative frozen is negative tuned", tuned_loss),
    "4d": Claim("Imbalance, a wrong loss, numerical instability, overfitting are behind it",
                "which of them takes a loss below zero by more than its epsilon", behind),
    "4e": Claim("The printed seq2seq program never sees its source, and its targets do not fit into memory",
                "arithmetic, and the tests of the examples", one_hot),
}  # fmt: skip
