"""The rule of `wordfit advise`: fitted to the cells of `benchmarks/claims.py`, scored on data sets left out.

A case is a data set, a size, a vector set and an encoder. For each the strategies' distances from the best are what a
shallow regression tree learns from the survey's numbers; a leaf advises the strategy that is nearest to the best on
average. A strategy is good enough where it is within one standard error of the best: that of the best's mean, from its
spread over seeds and from the number of test rows.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from claims_cells import ADAM, ADVISED, COMPILED, STRATEGIES, Place
from claims_data import SOURCES, VECTORS, rows_of
from scipy.stats import spearmanr
from sklearn.tree import DecisionTreeRegressor

from wordfit.data import read_rows, read_train
from wordfit.record import plain
from wordfit.selection.survey import ORDER_FREE, survey
from wordfit.training.cells import _sample
from wordfit.vectors import WordVectors

ROWS, SIZES = ("log_rows",), ("log_rows", "width")
LEARNERS = ("log_rows", "bag_over_mean", "both_over_mean")
SHAPES = [  # what a tree may ask for, its depth, and the cases of a leaf at least; the simplest first
    (asked, depth, leaf)
    for asked in (ROWS, SIZES, LEARNERS, (*LEARNERS, "order"))
    for depth in (1, 2, 3)
    for leaf in (25, 12, 6)
]
TRIED = (  # said beside the score
    f"{len(SHAPES)} shapes of the tree (rows alone, or the width of the vectors as well, or what the learners find, or "
    "the encoder's kind; depth 1 to 3; leaves of 6, 12, 25 cases), of which each rule takes the one that is nearest to "
    "the best on data sets left out of its own cases"
)
ENCODER_NOTE = (
    "on SST-2 whole a BiLSTM of 64 had .855 against .823 of the mean with an MLP (2 and 3 seeds, docs/results.md), at "
    "many times the cost"
)
RELATED = (  # numbers whose relation to the gain of tuning is told
    "log_rows",
    "rows_per_class",
    "length",
    "tokens_covered",
    "dev_new_tokens",
    "width",
    "above_chance",
    "bag_over_mean",
    "both_over_mean",
    "hang_on_missing",
    "frequency",
    "neighbours",
    "order",
)
WHOLE = {  # SST-2 whole by `benchmarks/sst2.py`, mean + MLP, word2vec, 3 seeds, dev accuracy (docs/results.md)
    "strategy": "tuned",
    "lr": 0.02,
    "behind": {"frozen": -0.031, "slow": -0.0073, "tuned": 0.0},
    "cases": 1,
    "within": 1.0,
    "data": {"sst2 whole": 1},
    "about": "SST-2 whole: 67,349 rows, word2vec, mean + MLP under Adam, 3 seeds (docs/results.md); no other data set "
    "of that size was measured, and the learning rate is carried over from smaller ones",
}


@dataclass(frozen=True)
class Case:
    """One row of what the rule learns from."""

    data: str
    size: int
    vectors: str
    encoder: str
    numbers: dict[str, float]
    scores: dict[str, list[float]]
    """Strategy to its test score for each seed."""
    test_rows: int
    rates: dict[str, list[float]]
    """Strategy to the learning rate that dev chose for each seed, under the compiled engine."""

    @cached_property
    def means(self) -> np.ndarray:
        """Mean score of each advised strategy: (S,)."""
        return np.array([np.mean(self.scores[name]) for name in ADVISED])

    def error(self) -> float:
        """The standard error of the best mean: over seeds, and over test rows (of a share, or of a correlation)."""
        best = self.scores[ADVISED[int(self.means.argmax())]]
        p = min(max(float(np.mean(best)), 1e-6), 1 - 1e-6)
        seeds = float(np.var(best, ddof=1)) / len(best) if len(best) > 1 else 0.0
        share = SOURCES[self.data].metric == "accuracy"
        rows = p * (1 - p) / self.test_rows if share else (1 - p**2) ** 2 / max(self.test_rows - 1, 1)
        return float(np.sqrt(seeds + rows))

    def within(self, strategy: str) -> bool:
        """Whether a strategy is within one standard error of the best."""
        return bool(self.means.max() - np.mean(self.scores[strategy]) <= self.error())


def cases(results: list[tuple[Place, dict[str, Any]]], folder: Path) -> list[Case]:
    """Every case for which all advised strategies were run, with the survey of its rows (seed 0)."""
    scores: dict[tuple, dict[str, list[float]]] = {}
    rates: dict[tuple, dict[str, list[float]]] = {}
    for place, result in results:
        if place.strategy in ADVISED and place.vectors in VECTORS:
            key = (place.data, place.size, place.vectors, place.encoder)
            scores.setdefault(key, {}).setdefault(place.strategy, []).append(tested(place, result))
            rates.setdefault(key, {}).setdefault(place.strategy, []).extend([result["lr"]] if "lr" in result else [])
    made = []
    for key, found in scores.items():
        count = {len(found.get(name, [])) for name in ADVISED}
        if len(count) == 1 and count != {0}:
            data, size, vectors, encoder = key
            numbers = surveyed(data, size, vectors, folder) | {"order": 0.0 if _base(encoder) in ORDER_FREE else 1.0}
            with open(rows_of(data, folder).also[0][1], encoding="utf-8") as file:
                rows = sum(1 for _ in file) - 1
            made.append(Case(data, size, vectors, encoder, numbers, found, rows, rates[key]))
    return made


def tested(place: Place, result: dict[str, Any]) -> float:
    """The score on test rows: accuracy, or the data set's own metric where its targets are scores."""
    return float(result["also"]["test"][SOURCES[place.data].metric])


def _base(encoder: str) -> str:
    return encoder.removesuffix("-mlp")


def surveyed(data: str, size: int, vectors: str, folder: Path) -> dict[str, float]:
    """The survey of a data set cut to a size, kept in the folder; judged on its dev rows as `wordfit advise` does."""
    kept = folder / "surveys" / f"{data}-{size}-{vectors}.json"
    if not kept.exists():
        rows = rows_of(data, folder, size)
        task, train = read_train(rows.train, kind=rows.kind, metric=rows.metric)
        train = _sample(train, size, 0)
        found = survey(task, train, read_rows(rows.dev, task), [WordVectors.load(VECTORS[vectors])])
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(plain(found["numbers"])), "utf-8")
    return json.loads(kept.read_text("utf-8"))


Shape = tuple[tuple[str, ...], int, int]
"""The numbers that a tree may ask for, its depth, and the least number of cases in a leaf."""


def grown(some: list[Case], shape: Shape) -> tuple[DecisionTreeRegressor, np.ndarray]:
    """A tree of a shape, and the cases' numbers that it asks for (N, A)."""
    asked, depth, leaf = shape
    x = np.array([[case.numbers[name] for name in asked] for case in some])
    y = np.array([case.means - case.means.max() for case in some])  # (N, S), 0 for the best
    least = min(leaf, max(1, len(some) // 4))
    return DecisionTreeRegressor(max_depth=depth, min_samples_leaf=least, random_state=0).fit(x, y), x


def chosen_shape(some: list[Case]) -> Shape:
    """The shape whose trees, each fitted without a data set, advise least far behind the best on that data set."""
    sets = list(dict.fromkeys(case.data for case in some))

    def behind(shape: Shape) -> float:
        lost = 0.0
        for data in sets if len(sets) > 1 else []:
            rest, left = ([c for c in some if (c.data == data) is kept] for kept in (False, True))
            tree, _ = grown(rest, shape)
            best = tree.predict(np.array([[c.numbers[name] for name in shape[0]] for c in left])).argmax(1)
            lost += sum(float(c.means.max() - c.means[b]) for c, b in zip(left, best))
        return lost

    return min(SHAPES, key=behind)


def fit(some: list[Case]) -> dict[str, Any]:
    """The tree as plain data, its leaves with what stands behind them."""
    asked, *_ = shape = chosen_shape(some)
    tree, x = grown(some, shape)
    parts = tree.tree_
    place = tree.apply(x)

    def node(i: int) -> dict[str, Any]:
        if parts.children_left[i] < 0:
            mine = [case for case, at in zip(some, place) if at == i]
            behind = np.mean([case.means - case.means.max() for case in mine], axis=0)
            chosen = ADVISED[int(behind.argmax())]
            return {
                "strategy": chosen,
                "lr": common(rate for case in mine for rate in case.rates[chosen]),
                "behind": {name: round(float(b), 4) for name, b in zip(ADVISED, behind)},
                "cases": len(mine),
                "within": round(float(np.mean([case.within(chosen) for case in mine])), 3),
                "data": dict(sorted(Counter(case.data for case in mine).items())),
            }
        below, above = parts.children_left[i], parts.children_right[i]
        name = asked[parts.feature[i]]
        return {"asks": name, "at": round(float(parts.threshold[i]), 4), "below": node(below), "above": node(above)}

    return node(0)


def advised(tree: dict[str, Any], case: Case) -> str:
    """The strategy that a tree advises for a case."""
    while "asks" in tree:
        tree = tree["above" if case.numbers[tree["asks"]] > tree["at"] else "below"]
    return tree["strategy"]


def held_out(some: list[Case]) -> dict[str, Any]:
    """Each data set judged by a rule fitted on the others, beside always freezing, tuning and slow."""
    rows = []
    for data in dict.fromkeys(case.data for case in some):
        tree = fit([case for case in some if case.data != data])
        for case in (case for case in some if case.data == data):
            chosen = {"advised": advised(tree, case)} | {name: name for name in ADVISED}
            row: dict[str, Any] = {"data": data, "size": case.size, "vectors": case.vectors, "encoder": case.encoder}
            row["advised"], row["matters"] = chosen["advised"], not all(case.within(name) for name in ADVISED)
            row["within"] = {way: case.within(name) for way, name in chosen.items()}
            best = float(case.means.max())
            row["behind"] = {way: float(np.mean(case.scores[name])) - best for way, name in chosen.items()}
            rows.append(row)
    ways = ["advised", *ADVISED]
    matter = [row for row in rows if row["matters"]]
    share = {way: float(np.mean([row["within"][way] for row in rows])) for way in ways}
    return {
        "cases": len(rows),
        "within": share["advised"],
        "always": {name: share[name] for name in ADVISED},
        "cases_that_matter": len(matter),
        "within_where_it_matters": {
            way: float(np.mean([row["within"][way] for row in matter])) if matter else None for way in ways
        },
        "mean_behind": {way: float(np.mean([row["behind"][way] for row in rows])) for way in ways},
        "advised_minus": {name: _interval(rows, name) for name in ADVISED},
        "by_data": {
            data: float(np.mean([row["within"]["advised"] for row in rows if row["data"] == data]))
            for data in dict.fromkeys(row["data"] for row in rows)
        },
        "rows": rows,
    }


def _interval(rows: list[dict[str, Any]], name: str) -> list[float]:
    """Mean of advised minus always `name`, with a 95 % bootstrap interval over data sets."""
    sets = list(dict.fromkeys(row["data"] for row in rows))
    gains = {s: [r["behind"]["advised"] - r["behind"][name] for r in rows if r["data"] == s] for s in sets}
    random = np.random.default_rng(0)
    draws = [np.concatenate([gains[s] for s in random.choice(sets, len(sets))]).mean() for _ in range(2000)]
    low, high = np.quantile(draws, [0.025, 0.975])
    return [float(np.mean(np.concatenate(list(gains.values())))), float(low), float(high)]


def correlations(some: list[Case]) -> dict[str, Any]:
    """How each number went with the gain of tuning over freezing, over cases; intervals resample data sets."""
    gain = np.array([np.mean(case.scores["tuned"]) - np.mean(case.scores["frozen"]) for case in some])
    data = np.array([case.data for case in some])
    sets, random, table = np.unique(data), np.random.default_rng(0), {}
    places = [
        np.concatenate([np.flatnonzero(data == name) for name in random.choice(sets, len(sets))]) for _ in range(500)
    ]
    for name in RELATED:
        values = np.array([case.numbers[name] for case in some])
        if np.ptp(values) == 0:
            continue
        draws = [spearmanr(values[p], gain[p])[0] for p in places if np.ptp(values[p]) > 0]
        low, high = np.nanquantile(draws, [0.025, 0.975])
        row = {"tuned_over_frozen": float(spearmanr(values, gain)[0]), "low": float(low), "high": float(high)}
        table[name] = {key: round(value, 3) for key, value in row.items()} | {"cases": len(some)}
    return table


def encoders(results: list[tuple[Place, dict[str, Any]]], some: list[Case]) -> list[dict[str, Any]]:
    """By size: the best strategy's mean test score of every encoder, over the data sets that have them all."""
    rows = {(case.data, case.size): case.numbers["log_rows"] for case in some}
    scores: dict[int, dict[str, dict[str, dict[str, list[float]]]]] = {}
    for place, result in results:
        if place.strategy in ADVISED and place.vectors == "glove":
            by_data = scores.setdefault(place.size, {}).setdefault(place.data, {})
            by_data.setdefault(place.encoder, {}).setdefault(place.strategy, []).append(tested(place, result))
    table = []
    for size, by_data in scores.items():
        whole = {data: found for data, found in by_data.items() if len(found) > 1 and (data, size) in rows}
        if len(whole) < 3:  # one or two data sets choose no encoder
            continue
        names = sorted(set.intersection(*(set(found) for found in whole.values())))
        means = {
            name: float(np.mean([max(np.mean(s) for s in found[name].values()) for found in whole.values()]))
            for name in names
        }
        best = max(means, key=means.__getitem__)
        seeds = min(len(s) for found in whole.values() for name in names for s in found[name].values())
        about = f"mean test accuracy over {', '.join(sorted(whole))}, glove, best strategy each, {seeds} seeds or more"
        log_rows = round(float(np.mean([rows[data, size] for data in whole])), 3)
        table.append({"log_rows": log_rows, "encoder": _base(best), "scores": means, "about": about})
    return table


def write(results: list[tuple[Place, dict[str, Any]]], folder: Path, form: str, file: Path) -> dict[str, Any]:
    """Fit, score, and write `rule.json`."""
    some = cases(results, folder)
    held = held_out(some)
    sets, seeds = sorted({case.data for case in some}), sorted({len(case.scores["frozen"]) for case in some})
    sizes = [str(size or "all") for size in sorted({case.size for case in some}, key=lambda size: size or 10**6)]
    about = (
        f"{', '.join(sets)}; {', '.join(sizes)} rows; {', '.join(sorted({c.vectors for c in some}))}; "
        f"{' to '.join(map(str, sorted({seeds[0], seeds[-1]})))} seeds; {form} form of benchmarks/claims.py"
    )
    largest = max(case.numbers["log_rows"] for case in some)
    half_way = round((largest + np.log10(67_349)) / 2, 2)
    tree = fit(some)
    if half_way > largest + 0.1:  # beyond what was measured the tree may not be asked
        tree = {"asks": "log_rows", "at": half_way, "below": tree, "above": WHOLE}
    content = {
        "tree": tree,
        "evidence": {
            "cases": {"count": len(some), "about": about},
            "held_out": {key: value for key, value in held.items() if key != "rows"} | {"tried": TRIED},
            "correlations": correlations(some),
            "encoders": encoders(results, some),
            "encoder_note": ENCODER_NOTE,
            "recipes": recipes(results),
        },
    }
    file.write_text(json.dumps(plain(content), indent=1) + "\n", "utf-8")
    return {"rows": held["rows"], "cases": [vars(case) for case in some], **content}


def common(rates: Iterable[float]) -> float | None:
    """The learning rate that was chosen most often."""
    counts = Counter(rates)
    return max(counts, key=lambda rate: counts[rate]) if counts else None


def recipes(results: list[tuple[Place, dict[str, Any]]]) -> dict[str, Any]:
    """The settings under which each strategy was measured."""
    tried = "; ".join(f"{name} {', '.join(map(str, STRATEGIES[name][1]))}" for name in ADVISED)
    about = f"of the two rates tried for each strategy ({tried}), the one that dev chose more often in cases like these"

    def rate_of(name: str) -> float | None:
        return common(r["lr"] for place, r in results if place.strategy == name and "lr" in r)

    keep = ("optimizer", "batch_size", "epochs", "patience")
    return {
        "compiled": {
            "settings": {key: COMPILED[key] for key in keep},
            "strategies": {name: {"tuning": STRATEGIES[name][0], "lr": rate_of(name)} for name in ADVISED},
            "about": about,
        },
        "torch": {
            "settings": {key: ADAM[key] for key in (*keep, "dropout")},
            "strategies": {name: {"tuning": STRATEGIES[name][0], "lr": STRATEGIES[name][2]} for name in ADVISED},
            "about": "a usual rate for Adam, set beforehand; it was not chosen by measurement",
        },
    }
