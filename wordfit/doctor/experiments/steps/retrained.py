"""The training again with other rates, and with clipped gradients: does it then learn what it did not?"""

from __future__ import annotations

import math
from typing import Any, TypedDict

from wordfit.doctor.bench import Bench
from wordfit.doctor.description import curve
from wordfit.doctor.experiments.steps.again import affordable, mean_loss, train_again
from wordfit.doctor.experiments.steps.judging import single_model
from wordfit.doctor.experiments.steps.rates import DEEP

POOR = 0.8  # of what is known without the input: a loss that ended above has learned next to nothing
FEWEST = 60  # steps that are a training


class Cost(TypedDict):
    """The loss on the last batches that were trained on, and on new rows."""

    learned: float
    new: float | None


def retrained(bench: Bench) -> dict[str, Any] | None:
    """The whole training, or its first third at least, where it learned next to nothing: what does it cost then?

    Through a long chain of products clipped to a norm of one, at ten and at a hundred times the rate, until one learns;
    and as it was, and at a tenth of the rate, where that must be known to say why.
    """
    rates, losses = bench.facts.get("rates") or {}, bench.split.last_losses
    constant, training = rates.get("constant"), bench.split.training
    if not constant or constant <= 0 or single_model(bench) is None or bench.left < 8 or len(losses) < FEWEST:
        return None
    ended = curve(losses)["means"][-1]
    if ended <= POOR * constant:
        return None
    seconds = min(bench.left / 5, 5.0)
    first = affordable(bench, seconds)
    if first < max(FEWEST, len(training) // 3):
        return {"why_not": "going through the training again takes too long"}

    def learns(cost: Cost | None) -> bool:
        return cost is not None and cost["learned"] < 0.5 * constant

    runs: dict[str, Cost | None] = {}
    if rates.get("depth", 0) >= DEEP:
        runs["clipped"] = _cost(bench, first, seconds, 1.0, clip=1.0)
        if learns(runs["clipped"]):
            runs["0.1"] = _cost(bench, first, seconds, 0.1)
    for factor in (10.0, 100.0) if math.isfinite(ended) else ():
        if not any(map(learns, runs.values())):
            runs[str(factor)] = _cost(bench, first, seconds, factor)
    if any(map(learns, runs.values())):
        broke: Cost = {"learned": math.inf, "new": None}
        runs["1.0"] = _cost(bench, first, seconds, 1.0) if math.isfinite(ended) else broke
    known = {name: cost for name, cost in runs.items() if cost is not None}
    return {**known, "steps": first, "of": len(training)}


def _cost(bench: Bench, first: int, seconds: float, rate: float, clip: float | None = None) -> Cost | None:
    """What a training costs at its end; None if it came to none, as where it broke."""
    model = train_again(bench, [], 2 * seconds, rate=rate, first=first, clip=clip) if bench.left > 2 else None
    if model is None:
        return None
    learned = mean_loss(bench, bench.split.training[:first][-max(10, first // 10) :][:40], model)
    new = mean_loss(bench, bench.split.dev_batches[:30], model) if bench.split.dev_batches else None
    return {"learned": learned, "new": new} if learned is not None and math.isfinite(learned) else None
