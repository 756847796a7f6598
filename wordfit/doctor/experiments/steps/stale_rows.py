"""Rows of rare words: did they move further than their own steps could carry them?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import torch

from wordfit.doctor.bench import Bench
from wordfit.doctor.experiments.steps.again import affordable, mean_loss, train_again
from wordfit.doctor.experiments.steps.judging import accuracy, right_rows
from wordfit.doctor.finding import View
from wordfit.doctor.vector_facts import loaded
from wordfit.record import Record


def stale_rows(bench: Bench) -> dict[str, Any] | None:
    """Rows of rare words: did they move further than their own steps could have carried them?

    Said of the first table with such rows; what holding still costs or saves, of all of them together.
    """
    found = list(_tables(bench))
    if not found:
        return None
    weights = [weight for weight, _, still in found if still]
    return {"held_still_between": _between(bench, weights) if weights else None} | found[0][1]


def _tables(bench: Bench) -> Iterator[tuple[torch.Tensor, dict[str, Any], bool]]:
    """Tables with rare rows, how far these moved, and whether that is worth a training with rows held still."""
    for table in (bench.facts.get("tables") or {}).get("tables", []):
        group = table.get("group") or {}
        if (
            not table["trainable"]
            or not group
            or "Adam" not in group["optimizer"]
            or "Sparse" in group["optimizer"]
            or table.get("sparse")
        ):
            continue
        weight, start = _table_of(bench, table["name"])
        if weight is None or start is None:
            continue
        met: Counter[int] = Counter()
        for batch in bench.recorder.batches:
            if batch.training:
                met.update(
                    {i for lookup in batch.lookups if lookup.table is weight for i in lookup.ids.unique().tolist()}
                )
        steps = max(1, bench.recorder.steps_done)
        rare = [i for i, n in met.items() if n <= max(3, 0.03 * steps) and i != bench.split.padding]
        if len(rare) < 5:
            continue
        rows = torch.tensor(rare)
        moved = (weight.detach()[rows] - start[rows]).norm(dim=1)
        reach = torch.tensor([met[i] for i in rare]) * group["lr"] * table["width"] ** 0.5
        norms = start[rows].norm(dim=1).clamp(min=1e-6)
        far = float((moved / norms).median()) > 0.15
        told = {
            "table": table["name"],
            "rare_rows": len(rare),
            "excess": float((moved / reach).median()) if far else 0.0,
            "moved_by_own_steps_at_most": float((reach / norms).median()),
            "moved": float((moved / norms).median()),
            "vectors_loaded": _was_loaded(bench, table["name"]),
            "place": {
                "module": table["module"],
                "file": (group.get("site") or [None])[0],
                "line": (group.get("site") or [None, None])[1],
            },
        }
        yield weight, told, far


def _between(bench: Bench, weights: list[torch.Tensor]) -> dict[str, float] | None:
    """The training once more with rows held still between their own steps: what do both trainings cost in the end?"""
    last, training = bench.split.dev_batches[:30], bench.split.training
    if not last or bench.left < 8 or len(training) < bench.recorder.backwards:
        return None
    seconds = min(bench.left / 4, 8.0)
    first = affordable(bench, seconds)
    if first < max(60, len(training) // 2):
        return None
    again = train_again(bench, [], 2 * seconds, first=first)
    if again is None:
        return None
    own = train_again(bench, [], 2 * seconds, own_steps=[id(w) for w in weights], first=first)
    if own is None:
        return None
    seen = training[:first][-max(10, first // 10) :][:60]
    found: dict[str, float] = {}
    for name, model in (("", again), ("_own", own)):
        said = {
            "trained": mean_loss(bench, seen, model),
            "new": mean_loss(bench, last, model),
            "right": accuracy(bench, last, model=model),
        }
        found |= {what + name: value for what, value in said.items() if value is not None}
    by_both = [right_rows(bench, last, model) for model in (again, own)]
    if by_both[0] is not None and by_both[1] is not None and len(by_both[0]) == len(by_both[1]):
        found["won"] = float((by_both[1] & ~by_both[0]).sum())  # rows that only the second answers rightly
        found["lost"] = float((by_both[0] & ~by_both[1]).sum())
    return found | {"rows": float(sum(len(bench.split.texts_of(b)) for b in last))}


def _table_of(bench: Bench, name: str) -> tuple[Any, Any]:
    if bench.case is None:
        return None, None
    for _, _, slot in bench.case.lookups:
        weight = bench.case.tape.leaves.get(slot)
        if weight is not None and bench.names.weight(weight) == name and id(weight) in bench.recorder.start:
            return weight, bench.recorder.start[id(weight)][1]
    return None, None


def _was_loaded(bench: Bench, name: str) -> bool:
    return loaded(View(Record(experiments=bench.facts)), name)
