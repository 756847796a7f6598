"""How a training went, in the few words that notes share."""

from __future__ import annotations

import math
import statistics
from functools import cached_property

from wordfit.doctor.finding import View, number


class Course:
    """How a training went, in the few words that the clues share."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.means = view.means
        self.steps = int(view.watched.get("steps") or 0)
        self.rates = {float(k): r for k, r in (view.of("rates").get("runs") or {}).items()}

    @cached_property
    def broken(self) -> bool:
        """Losses that were no numbers."""
        return bool(self.view.curve.get("not_finite"))

    @cached_property
    def diverged(self) -> bool:
        """The loss ended far above where it began."""
        ends = [m for m in self.means if math.isfinite(m)]
        return len(ends) > 2 and ends[0] > 0 and ends[-1] > 3 * ends[0]

    @cached_property
    def falling(self) -> float:
        """By how much of what it fell in all the loss still fell in the last third."""
        if len(self.means) < 6 or self.broken:
            return 0.0
        whole = self.means[0] - min(self.means)
        return (self.means[-4] - self.means[-1]) / whole if whole > 1e-9 else 0.0

    @cached_property
    def learned(self) -> float:
        """The share of its first loss that training took away."""
        if len(self.means) < 2 or self.broken or self.means[0] <= 0:
            return math.nan
        return 1 - self.means[-1] / self.means[0]

    @cached_property
    def still(self) -> bool:
        """No rate, large or small, changes the loss of the first batches."""
        ends = [number(r.get("last")) for r in self.rates.values()]
        return len(ends) > 2 and max(ends) - min(ends) <= 1e-3 * abs(ends[0]) and not self.broken

    @cached_property
    def moved(self) -> float:
        """How far the weights that are to be learned went, half of them at least this far, beside their own size."""
        held = [r for r in self.view.of("weights").get("rows", []) if r["held"] and r["trainable"]]
        rows = [r for r in held if r["moved"] is not None]
        rows = [r for r in rows if len(r.get("shape") or ()) > 1] or rows  # biases may start at zero
        return statistics.median_high([number(r["moved"]) for r in rows]) if rows else math.nan

    def after(self, factor: float) -> float:
        """The loss of the first batches after forty steps at so many times the rate, beside the one at the start."""
        run = self.rates.get(factor) or {}
        before = number((self.rates.get(1.0) or {}).get("before"))
        return number(run.get("last")) / before if before > 0 else math.nan

    @cached_property
    def lag(self) -> float:
        """How far the model stays behind a plain learner on the same rows; at most 0 where it does not."""
        reference = self.view.of("reference")
        if "explained" in reference:
            explains = [number(reference[k]) for k in ("model_explains", "model_explains_training") if k in reference]
            return number(reference["explained"]) - max(explains, default=math.nan)
        dev = self.view.classed.get("dev") or {}
        own, other = number(dev.get("accuracy")), number(reference.get("dev_crossed"))
        if math.isnan(own + other):
            trained = self.view.classed.get("trained") or self.view.classed.get("train") or {}
            own, other = number(trained.get("accuracy")), number(reference.get("crossed"))
        return other - own

    @cached_property
    def unwell(self) -> bool:
        """Whether the training shows a symptom that no fault was found for."""
        flat = len(self.means) > 2 and self.learned < 0.03
        return self.broken or self.diverged or self.still or self.lag > 0.08 or flat

    @cached_property
    def epochs(self) -> float:
        """How often every row was seen, as far as it is known."""
        rows = number((self.view.of("data").get("train") or {}).get("rows"))
        size = number(self.view.layout.get("rows"))
        return self.steps * size / rows if rows > 0 and size > 0 else math.nan
