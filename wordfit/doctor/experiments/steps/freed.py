"""The training with a table let go that `from_pretrained` froze unasked: are new rows answered better?"""

from __future__ import annotations

from typing import Any

from wordfit.doctor.bench import Bench
from wordfit.doctor.experiments.steps.again import train_again
from wordfit.doctor.experiments.steps.judging import accuracy, classed

AHEAD = 0.1  # by how much a plain learner must be ahead of the model


def freed(bench: Bench) -> dict[str, Any] | None:
    """What is kept of the training again, as it was and with the table tuned, where a plain learner is far ahead."""
    case, dev = bench.case, classed(bench).get("dev") or {}
    reference = bench.facts.get("reference") or {}
    reached = max(reference.get("dev", 0.0), reference.get("crossed", 0.0))
    if case is None or dev.get("accuracy") is None or dev["accuracy"] > reached - AHEAD or bench.left < 8:
        return None
    calls = (bench.facts.get("vectors") or {}).get("pretrained_calls", [])
    unasked = [c for c in calls if c["in_model"] and c["freeze"] is None]
    leaves = [case.tape.leaves[s] for _, _, s in case.lookups if s in case.tape.leaves]
    still = [t for t in leaves if not t.requires_grad and list(t.shape) in [c["shape"] for c in unasked]]
    if not still:
        return None
    last, seconds = bench.split.dev_batches, min(bench.left / 3, 12.0)
    again = train_again(bench, [], seconds)
    tuned = train_again(bench, [], seconds, freed=[id(still[0])]) if again is not None else None
    before = accuracy(bench, last, model=again) if again is not None else None
    after = accuracy(bench, last, model=tuned) if tuned is not None else None
    if before is None or after is None:
        return None
    return {
        "frozen": before,
        "tuned": after,
        "plain_learner": reached,
        "rows": dev["rows"],
        "call": next(c for c in unasked if c["shape"] == list(still[0].shape)),
    }
