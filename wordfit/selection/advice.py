"""`advise`: which strategy, encoder and learning rate to try for these rows and vectors, and why, without training.

Each reason has its number and what was measured behind it (`rule.json`, fitted by `benchmarks/claims.py`); where
nothing was measured, it says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from wordfit.data import Dataset, Task
from wordfit.selection.rule import Leaf, Rule, load_rule
from wordfit.selection.survey import MEASURED, ORDER_FREE, survey
from wordfit.vectors import WordVectors

TELLING = ("bag_over_mean", "tokens_covered", "neighbours", "frequency", "hang_on_missing")  # told in any case
POINTS = {"bag_over_mean", "both_over_mean", "hang_on_missing", "above_chance"}
SHARES = {"tokens_covered", "types_covered", "dev_new_tokens", "label_gap"}
COUNTS = {"log_rows", "rows_per_class"}  # powers of ten
WHOLE = {"width", "classes"}
NONE = "nothing of ours was measured behind this: a sign to look at, not a finding"


@dataclass(frozen=True)
class Reason:
    """A number of these data, what it says, and what was measured behind it."""

    name: str
    value: float
    says: str
    evidence: str


@dataclass(frozen=True)
class Advice:
    """What to try first, and why."""

    strategy: str
    encoder: str
    settings: dict[str, Any]
    """Options of `training.Settings` under which the evidence was measured: tuning, lr, optimizer, batch size."""
    sure: str
    reasons: tuple[Reason, ...]
    survey: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """The advice as plain data."""
        return asdict(self)


def advise(
    task: Task,
    train: Dataset,
    dev: Dataset | None,
    vectors: Sequence[WordVectors],
    encoder: str | None = None,
    rule: Rule | None = None,
    plain_head: bool = True,
) -> Advice:
    """Survey the rows and vectors, follow the rule, and give the reasons; `encoder` where it is settled already.

    Without a `plain_head` (one linear layer) the compiled engine cannot train, so the settings are torch's.
    """
    rule = rule or load_rule()
    found = survey(task, train, dev, vectors)
    chosen, about_encoder = (encoder, None) if encoder else _encoder(rule, found["numbers"], task)
    numbers = found["numbers"] | {"order": 0.0 if chosen in ORDER_FREE else 1.0}
    leaf = rule.follow(numbers)
    compiled = chosen in ("mean", "sif") and task.pair is None and plain_head
    recipe = rule.evidence["recipes"]["compiled" if compiled else "torch"]
    settings = {"encoder": chosen} | recipe["settings"] | recipe["strategies"][leaf.strategy]
    settings |= {"lr": leaf.lr} if compiled and leaf.lr is not None else {}
    reasons = [_chosen(rule, leaf), *_path(leaf, rule), *_telling(numbers, rule, leaf)]
    reasons += [about_encoder] if about_encoder else []
    reasons += [_rate(leaf, settings, recipe), *_warnings(found)]
    return Advice(leaf.strategy, chosen, settings, _sure(rule, leaf), tuple(reasons), found)


def said(name: str, value: float) -> str:
    """A measured number as people read it."""
    if name in POINTS:
        return f"{100 * value:+.1f} points"
    if name in SHARES:
        return f"{100 * value:.1f} %"
    if name in COUNTS:
        return f"{round(10**value):,}"
    if name in WHOLE:
        return f"{value:.0f}"
    return f"{value:.2f}"


def _chosen(rule: Rule, leaf: Leaf) -> Reason:
    others = [
        f"{100 * (leaf.behind[leaf.strategy] - b):+.1f} points over {s}"
        for s, b in leaf.behind.items()
        if s != leaf.strategy
    ]
    text = f"on data like these, {leaf.strategy} came out best on average: {', '.join(others)}"
    evidence = rule.evidence["cases"]
    behind = leaf.about or f"{leaf.cases} of {evidence['count']} measured cases are like these ({evidence['about']})"
    return Reason("strategy", leaf.behind[leaf.strategy], text, behind)


def _path(leaf: Leaf, rule: Rule) -> list[Reason]:
    """What the tree asked; of a number that it asked for twice, the narrower answer."""
    reasons = []
    for step in {step.name: step for step in leaf.path}.values():
        side = "above" if step.above else "at most"
        text = f"{MEASURED[step.name]}: {said(step.name, step.value)}, {side} {said(step.name, step.at)}"
        reasons.append(Reason(step.name, step.value, text, _measured(rule, step.name) or NONE))
    return reasons


def _telling(numbers: dict[str, float], rule: Rule, leaf: Leaf) -> list[Reason]:
    asked = {step.name for step in leaf.path}
    reasons = []
    for name in TELLING:
        if name not in asked:
            text = f"{MEASURED[name]}: {said(name, numbers[name])}"
            reasons.append(Reason(name, numbers[name], text, _measured(rule, name) or NONE))
    return reasons


def _measured(rule: Rule, name: str) -> str:
    """How the number went with the gain of tuning over freezing, over the measured cases."""
    row = rule.evidence["correlations"].get(name)
    if row is None:
        return ""
    gain, low, high = row["tuned_over_frozen"], row["low"], row["high"]
    sides = "more of it went with a larger" if gain > 0 else "more of it went with a smaller"
    if low <= 0 <= high:
        sides = "it did not clearly go with the"
    return (
        f"{sides} gain of tuning over freezing (rank correlation {gain:+.2f}, 95 % {low:+.2f} to {high:+.2f}, "
        f"{row['cases']} cases)"
    )


def _encoder(rule: Rule, numbers: dict[str, float], task: Task) -> tuple[str, Reason]:
    """The encoder that did best at the measured size nearest to these rows."""
    rows = rule.evidence["encoders"]
    if not rows:
        text = "the mean of the words, the cheapest"
        return "mean", Reason("encoder", numbers["log_rows"], text, rule.evidence.get("encoder_note", NONE))
    nearest = min(rows, key=lambda row: abs(row["log_rows"] - numbers["log_rows"]))
    scores = ", ".join(f"{name} {value:.3f}" for name, value in sorted(nearest["scores"].items(), key=lambda s: -s[1]))
    text = f"the nearest size that was measured is {round(10 ** nearest['log_rows']):,} rows: {scores}"
    best = nearest["encoder"]
    return best, Reason("encoder", numbers["log_rows"], text, nearest["about"])


def _rate(leaf: Leaf, settings: dict[str, Any], recipe: dict[str, Any]) -> Reason:
    rule = f"{settings['optimizer']}, {settings['batch_size']} rows a step"
    text = f"learning rate {settings['lr']:g} under {rule}: the one that {leaf.strategy} was measured with"
    return Reason("lr", settings["lr"], text, recipe["about"])


def _warnings(found: dict[str, Any]) -> list[Reason]:
    numbers, reasons = found["numbers"], []
    if numbers["above_chance"] < 0.03:
        text = (
            f"a linear model finds {said('above_chance', numbers['above_chance'])} above an answer that reads nothing"
        )
        reasons.append(
            Reason("above_chance", numbers["above_chance"], f"{text}: words alone may not tell the labels", NONE)
        )
    if numbers["tokens_covered"] < 0.6:
        text = "most words have no vector: a set of the same language and spelling would help more than any strategy"
        reasons.append(Reason("tokens_covered", numbers["tokens_covered"], text, NONE))
    if numbers["label_gap"] > 0.1:
        text = f"the labels differ by {said('label_gap', numbers['label_gap'])} in words with a vector"
        reasons.append(Reason("label_gap", numbers["label_gap"], f"{text}: missing words speak for a label", NONE))
    if numbers["rows_per_class"] < 1.5:
        few = said("rows_per_class", numbers["rows_per_class"])
        text = f"the smallest class has {few} rows: figures will vary a lot"
        reasons.append(Reason("rows_per_class", numbers["rows_per_class"], text, NONE))
    return reasons


def _sure(rule: Rule, leaf: Leaf) -> str:
    held = rule.evidence["held_out"]
    if leaf.about:
        return f"not very: one measured case stands behind it ({leaf.about})"
    return (
        f"within one standard error of the best in {leaf.within:.0%} of the {leaf.cases} cases like these, and in "
        f"{held['within']:.0%} of {held['cases']} cases of data sets that the rule had not seen "
        f"(always freezing {held['always']['frozen']:.0%}, always tuning {held['always']['tuned']:.0%}, "
        f"always slow {held['always']['slow']:.0%})"
    )
