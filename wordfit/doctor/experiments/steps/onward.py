"""The training goes on where it stopped: does the evaluation get better?"""

from __future__ import annotations

import math
import time
from typing import Any

from wordfit.doctor.bench import Bench, copied
from wordfit.doctor.description import curve
from wordfit.doctor.experiments.steps.again import go_on
from wordfit.doctor.experiments.steps.judging import accuracy, classed, recalls, single_model

MOST_EPOCHS = 8  # whoever trained longer did not stop for lack of steps


def onward(bench: Bench) -> dict[str, Any] | None:
    """The program's training goes on where it stopped, up to four times as long: does the evaluation get better?"""
    data, own = classed(bench), single_model(bench)
    dev, known = data.get("dev") or {}, len(bench.split.training)
    if own is None or dev.get("accuracy") is None or bench.left < 8 or known < bench.recorder.backwards:
        return None
    if ((bench.facts.get("data") or {}).get("shared") or {}).get("evaluates_training_set"):
        return {"why_not": "what is evaluated is the training set, which longer training always answers better"}
    if known > MOST_EPOCHS * max(bench.split.first_epoch, 1) or dev["balanced"] > 0.9:
        return None
    reference = bench.facts.get("reference") or {}
    ahead = dev["accuracy"] > max(reference.get("dev", 1.0), reference.get("crossed", 1.0)) + 0.02
    levels_off = _share_of_a_fall(known / max(bench.split.first_epoch, 1))
    if ahead and not _falls(bench.split.last_losses, levels_off):  # a plain learner's answers are no upper bound
        return None
    last = bench.split.dev_batches
    model = copied(own).eval()
    before = accuracy(bench, last, model=model), recalls(bench, last, model)
    seconds, course = min(bench.left / 3, 10.0), []
    optimizers = None
    for _ in range(4):
        began = time.process_time()
        optimizers = go_on(bench, model, seconds, optimizers)
        if optimizers is None:
            break
        seconds -= time.process_time() - began
        course.append([accuracy(bench, last, model=model), recalls(bench, last, model.eval())])
    if None in before or not course or any(None in c for c in course):
        return None
    return {
        "accuracy": before[0],
        "recall": before[1],
        "course": course,
        "steps": known,
        "rows": dev["rows"],
        "epochs": known / max(bench.split.first_epoch, 1),
    }


def _share_of_a_fall(passes: float) -> float:
    """How much of what a loss fell in all must lie in its last third: on a line a third, on what bends a little less.

    A fall that slows down steadily and has as much to come as an eighth of all still falls by 15 % in its last third;
    after a few passes that is told from rows known by heart.
    """
    return 0.15 if passes <= 3 else 1 / 3


def _falls(losses: list[float], share: float) -> bool:
    """Whether the loss fell in its last third by more than this share of all that it fell; on a line by a third."""
    if len(losses) < 30 or not all(map(math.isfinite, losses)):
        return False
    means = curve(losses)["means"]
    fell = means[0] - means[-1]
    return fell > 0.05 * abs(means[0]) and means[-4] - means[-1] > share * fell
