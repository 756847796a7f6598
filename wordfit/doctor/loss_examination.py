"""Judge a loss call: can it be negative, why is it, which argument breaks its contract, what it should have been.

A call comes as plain data from `loss_floor.describe_loss_call`, live or from a record; there is no PyTorch here. What
each loss expects stands in `loss_table`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from wordfit.doctor.loss_table import LOSSES, ROLES

Stats = dict[str, Any]
Call = dict[str, Any]


@dataclass(frozen=True)
class Breach:
    """An argument that does not hold what the loss expects of it."""

    argument: str
    expected: str
    found: str
    instead: str
    """What to hand over instead."""
    cause: str
    """Key in the catalogue of causes; empty where it has none."""
    negative: bool = False
    """Whether this alone can bring the loss below zero."""
    certain: bool = True
    """False where right values could look like this by chance."""


@dataclass(frozen=True)
class LossExamination:
    """What is known about one loss call."""

    loss: str
    floor: float | None
    """Lowest value for these targets under right inputs; None where there is no formula."""
    negative: str
    """"never", "by design" or "by breach"."""
    breaches: tuple[Breach, ...]
    says: str
    """The answer in one line."""


def examine_loss_call(call: Call, value: float | None = None, stepped: float | None = None) -> LossExamination:
    """Judge a described call; `value` is what the loss returned, `stepped` the number that `backward` was called on.

    Breaches come with what makes the loss negative first, then what is certain.
    """
    rule = LOSSES[call["loss"]]
    breaches = [
        breach
        for argument, stats in call["arguments"].items()
        for breach in _broken(call, argument, rule.arguments[argument], stats)
    ]
    breaches += _changed_sign(value, stepped)
    breaches.sort(key=lambda b: (not b.negative, not b.certain))
    floor = call.get("floor")
    if any(b.negative for b in breaches):
        negative = "by breach"
    else:
        negative = "by design" if rule.negative_by_design and (floor is None or floor < 0) else "never"
    return LossExamination(
        call["loss"], floor, negative, tuple(breaches), _sentence(call, floor, negative, breaches, value)
    )


def _broken(call: Call, argument: str, role: str, stats: Stats) -> Iterator[Breach]:
    if stats["nonfinite"] and not (
        role == "log-probabilities" and stats.get("max", 0.0) < math.inf and not _nan(stats)
    ):
        share = f"{stats['nonfinite']:.1%} of its values NaN or infinite"
        yield Breach(argument, ROLES[role], share, "find the operation that made them", "")
    if "min" in stats and role in CHECKS:
        yield from CHECKS[role](call, argument, stats)
    elif stats.get("ignored") == 1.0:
        yield _all_ignored(call, argument)


def _nan(stats: Stats) -> bool:
    """Log-probabilities may be -inf, where a class is ruled out; their sums stay finite then."""
    return not all(math.isfinite(x) for x in stats.get("logsumexp", [0.0]))


def _breach(argument: str, role: str, found: str, instead: str, cause: str = "", **more: bool) -> Breach:
    return Breach(argument, ROLES[role], found, instead, cause, **more)


def _span(stats: Stats) -> str:
    return f"{stats['min']:.4g} to {stats['max']:.4g}"


def _tolerance(stats: Stats) -> float:
    return 0.02 if stats["dtype"] in ("float16", "bfloat16") else 1e-3


def _is_probabilities(stats: Stats) -> bool:
    slack = _tolerance(stats)
    sums = stats.get("sum", [0.0, 0.0])
    return bool(stats["min"] >= 0 and all(abs(s - 1) <= slack for s in sums))


def _is_log_probabilities(stats: Stats) -> bool:
    return all(abs(s) <= _tolerance(stats) for s in stats.get("logsumexp", [math.inf]))


def _logits(call: Call, argument: str, stats: Stats) -> Iterator[Breach]:
    classes = stats.get("classes", 2)
    if classes == 1:
        yield _breach(
            argument,
            "logits",
            "a single class, whose softmax is always 1, so the loss is always 0",
            "one output for each class; or binary_cross_entropy_with_logits on the one",
            "softmax_over_single_unit",
        )
    elif _is_probabilities(stats) and call["loss"] == "cross_entropy":
        floor = math.log(1 + (classes - 1) / math.e)
        yield _breach(
            argument,
            "logits",
            f"probabilities ({_span(stats)}, each row adds up to 1); a right answer still costs {floor:.3g}",
            "the layer's output without softmax: cross_entropy applies it itself",
            "double_softmax",
        )


def _log_probabilities(call: Call, argument: str, stats: Stats) -> Iterator[Breach]:
    if _is_log_probabilities(stats) or _nan(stats):  # of what is no number, its kind is not known
        return
    cause, other = _LOG_PROBABILITIES[call["loss"]]
    low, high = stats["logsumexp"]
    if _is_probabilities(stats):
        found = f"probabilities ({_span(stats)}, each row adds up to 1)"
    else:
        found = f"raw scores ({_span(stats)}; the exponentials of a row add up to {_exp(low)} to {_exp(high)}, not 1)"
    instead = f"log_softmax of the raw scores over the classes{other}"
    yield _breach(argument, "log-probabilities", found, instead, cause, negative=high > _tolerance(stats))


_LOG_PROBABILITIES = {
    "nll_loss": ("nll_loss_on_probabilities", ", or the raw scores to cross_entropy"),
    "kl_div": ("kl_div_not_log_prob", ""),
    "ctc_loss": ("ctc_raw_logits", " (the last axis)"),
}


def _exp(value: float) -> str:
    return f"{math.exp(value):.3g}" if value < 700 else "infinity"


def _class_target(call: Call, argument: str, stats: Stats) -> Iterator[Breach]:
    if not stats["dtype"].startswith("float"):
        yield from _class_numbers(call, argument, stats)
        return
    instead = "class numbers, int64; to come near to a vector use cosine_embedding_loss or mse_loss"
    if stats["min"] < 0:
        found = f"signed values ({_span(stats)}): -t log p of a negative t has no lowest value"
        yield _breach(argument, "class target", found, instead, "cross_entropy_on_dense_vectors", negative=True)
    elif not _is_probabilities(stats):
        low, high = stats.get("sum", [stats["min"], stats["max"]])
        found = f"rows that add up to {low:.4g} to {high:.4g}"
        yield _breach(argument, "class target", found, instead, "cross_entropy_on_dense_vectors")


def _class_numbers(call: Call, argument: str, stats: Stats) -> Iterator[Breach]:
    if stats.get("ignored") == 1.0:
        yield _all_ignored(call, argument)
        return
    classes = call["arguments"].get("input", {}).get("classes")
    if stats["min"] < 0 or (classes is not None and stats["max"] >= classes):
        allowed = f"0 to {classes - 1}" if classes else "0 and above"
        yield _breach(argument, "class numbers", f"{_span(stats)}, where {allowed} exist", "numbers from 0 on")


def _all_ignored(call: Call, argument: str) -> Breach:
    ignored = call["settings"].get("ignore_index", -100)
    found = f"nothing but the ignored index {ignored}: a mean over no rows is NaN"
    return _breach(argument, "class numbers", found, "leave batches without any target out", "all_targets_ignored")


def _binary_target(call: Call, argument: str, stats: Stats) -> Iterator[Breach]:
    if stats["min"] >= 0 and stats["max"] <= 1:
        return
    distinct = stats.get("distinct")
    if distinct == [-1.0, 1.0] or distinct == [-1, 1]:
        instead = "(target + 1) / 2"
    elif distinct is not None and len(distinct) == 2 and stats["integral"]:
        instead = f"(target == {stats['max']:g}).float()"
    elif stats["integral"]:
        instead = "cross_entropy with one output for each class"
    else:
        instead = f"(target - {stats['min']:.4g}) / {stats['max'] - stats['min']:.4g}, or mse_loss"
    found = f"{_span(stats)}: -t log p - (1 - t) log(1 - p) sinks without end for a t outside [0, 1]"
    yield _breach(argument, "binary target", found, instead, "bce_target_out_of_range", negative=True)


def _binary_logits(call: Call, argument: str, stats: Stats) -> Iterator[Breach]:
    if stats["min"] >= 0 and stats["max"] <= 1 and stats["min"] < stats["max"]:
        found = f"nothing outside [0, 1] ({_span(stats)}), as after a sigmoid; a right 1 then costs at least 0.313"
        instead = "the layer's output without sigmoid: the loss applies it itself"
        yield _breach(argument, "binary logits", found, instead, "double_sigmoid", certain=False)


def _binary_probabilities(call: Call, argument: str, stats: Stats) -> Iterator[Breach]:
    if stats["min"] < 0 or stats["max"] > 1:
        instead = "sigmoid of it; better, the raw scores to binary_cross_entropy_with_logits"
        yield _breach(argument, "binary probabilities", f"values from {_span(stats)}", instead)


def _real(call: Call, argument: str, stats: Stats) -> Iterator[Breach]:
    shape = call["arguments"].get("input", stats)["shape"]
    if argument == "target" and "input" in call["arguments"] and stats["shape"] != shape:
        found = f"shape {tuple(stats['shape'])} beside an input of shape {tuple(shape)}: every value meets several"
        instead = f"target.view_as(input), or input.squeeze(-1): shape {tuple(shape)}"
        yield _breach(argument, "real", found, instead, "loss_shape_broadcast")


def _sign(call: Call, argument: str, stats: Stats) -> Iterator[Breach]:
    distinct = stats.get("distinct") or [stats["min"], stats["max"]]
    if any(abs(value) != 1 for value in distinct):
        instead = "2 * target - 1" if set(distinct) <= {0, 1} else "1 where they belong together, -1 where not"
        yield _breach(argument, "sign", f"the values {', '.join(f'{v:g}' for v in distinct)}", instead)


def _distances(call: Call, argument: str, stats: Stats) -> Iterator[Breach]:
    if stats["min"] < 0:
        found = f"values from {_span(stats)}: a target of 1 charges the value itself"
        yield _breach(argument, "distance", found, "a distance, such as 1 - cosine", negative=True)


def _probabilities(call: Call, argument: str, stats: Stats) -> Iterator[Breach]:
    if call["settings"].get("log_target", False):
        if not _is_log_probabilities(stats):
            found = f"values from {_span(stats)} with log_target=True"
            instead = "log_softmax of it, or log_target=False"
            yield _breach(argument, "probabilities", found, instead, "kl_div_not_log_prob", negative=_mass(stats))
        return
    if _is_probabilities(stats):
        return
    low, high = stats.get("sum", [math.nan, math.nan])
    if _is_log_probabilities(stats) or stats["min"] < 0:
        found = f"values from {_span(stats)}, and the logarithm of a negative target is NaN"
        instead = "log_target=True" if _is_log_probabilities(stats) else "softmax of it"
        yield _breach(argument, "probabilities", found, instead, "kl_div_not_log_prob")
    else:
        found = f"rows that add up to {low:.4g} to {high:.4g}"
        yield _breach(argument, "probabilities", found, "softmax of it", "kl_div_not_log_prob", negative=low < 1)


def _mass(stats: Stats) -> bool:
    return bool(stats.get("logsumexp", [0.0])[0] < 0)


def _variance(call: Call, argument: str, stats: Stats) -> Iterator[Breach]:
    if stats["min"] < 0:
        yield _breach(argument, "variance", f"values from {_span(stats)}", "softplus or exp of the output")


def _count(call: Call, argument: str, stats: Stats) -> Iterator[Breach]:
    if stats["min"] < 0:
        found = f"values from {_span(stats)}: exp(x) - t x of a negative t has no lowest value"
        yield _breach(argument, "count", found, "counts; or mse_loss for signed values", negative=True)


def _rate(call: Call, argument: str, stats: Stats) -> Iterator[Breach]:
    if stats["min"] < 0 and call["settings"].get("log_input") is False:
        yield _breach(argument, "rate", f"values from {_span(stats)} with log_input=False", "log_input=True")


def _lengths(call: Call, argument: str, stats: Stats) -> Iterator[Breach]:
    if argument == "input_lengths" and call.get("impossible") and not call["settings"].get("zero_infinity"):
        share = f"{call['impossible']:.1%}"
        found = f"{share} of the inputs shorter than their target with its repeats: the loss is infinite"
        yield _breach(argument, "lengths", found, "leave such rows out, or zero_infinity=True")


def _weight(call: Call, argument: str, stats: Stats) -> Iterator[Breach]:
    if stats["min"] < 0:
        mean_of_weights = call["loss"] in ("cross_entropy", "nll_loss") and call["settings"].get("reduction") != "sum"
        negative = not (mean_of_weights and stats["max"] <= 0)  # weights of one sign cancel in their mean
        yield _breach(argument, "weight", f"values from {_span(stats)}", "positive weights", negative=negative)


def _changed_sign(value: float | None, stepped: float | None) -> list[Breach]:
    if value is None or stepped is None or value == 0 or not math.isclose(stepped, -value, rel_tol=1e-3):
        return []
    found = f"{value:.4g}, and backward was called on {stepped:.4g}: training raises it"
    return [Breach("loss", "the loss itself", found, "take the minus sign away", "flipped_loss_sign", negative=True)]


CHECKS: dict[str, Callable[[Call, str, Stats], Iterator[Breach]]] = {
    "logits": _logits,
    "log-probabilities": _log_probabilities,
    "class target": _class_target,
    "class numbers": _class_numbers,
    "binary logits": _binary_logits,
    "binary probabilities": _binary_probabilities,
    "binary target": _binary_target,
    "probabilities": _probabilities,
    "real": _real,
    "sign": _sign,
    "distance": _distances,
    "variance": _variance,
    "count": _count,
    "rate": _rate,
    "lengths": _lengths,
    "weight": _weight,
}


def _sentence(call: Call, floor: float | None, negative: str, breaches: list[Breach], value: float | None) -> str:
    name = call["loss"]
    if breaches:
        first = breaches[0]
        effect = "can go below zero" if first.negative else "does not mean what it seems to"
        if value is not None and first.negative and value < 0:
            effect = f"is {value:.4g}, below zero,"
        return f"{name} {effect} because `{first.argument}` holds {first.found}; give it {first.instead}"
    if negative == "by design":
        lowest = "" if floor is None else f"; for these arguments it can fall to {floor:.4g}"
        return f"{name} may be negative and be right: its floor is {LOSSES[name].floor}{lowest}"
    if floor is not None and value is not None and value < floor - 1e-4 * max(1.0, abs(floor)):
        return f"{name} cannot give {value:.4g}: its floor here is {floor:.4g}, so something changed it after the call"
    lowest = "" if floor is None else f": its floor for these targets is {floor:.4g}"
    return f"{name} cannot be negative here{lowest}"
