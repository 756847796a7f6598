"""Who holds a weight, where it was made, and how far it has moved."""

from __future__ import annotations

from collections import Counter
from typing import Any

from torch import Tensor

from wordfit.doctor.bench import Bench


def known_weights(bench: Bench) -> tuple[set[int], set[int]]:
    """Weights that an optimizer holds, and those of models."""
    held = {id(p) for o in bench.recorder.optimizers.values() for g in o.live.param_groups for p in g["params"]}
    held |= {id(p) for o in bench.recorder.optimizers.values() for p in o.held}
    return held, {id(p) for m in bench.names.models for p in m.parameters()}


def fresh_weights(bench: Bench, held: set[int], in_models: set[int]) -> set[int]:
    """Weights that a step made for itself, of a value: no other step has them."""
    tapes = [{id(t) for t in s.tape.parameters().values()} for s in bench.recorder.train_steps]
    once = [k for k, n in Counter(k for tape in tapes for k in tape).items() if n == 1] if len(tapes) > 1 else []
    return set(once) - held - in_models - bench.recorder.start.keys()


def made_at(bench: Bench, module: Any) -> list[Any] | None:
    found = bench.recorder.made.get(module)
    return list(found) if found else None


def moved_by(bench: Bench, weight: Tensor) -> float | None:
    """How far from the start, relative to the size at the start."""
    known = bench.recorder.start.get(id(weight))
    if known is not None and known[1].shape == weight.shape:
        start = known[1]
        return float((weight.detach() - start).norm()) / max(float(start.norm()), 1e-8)
    rows = bench.recorder.row_start.get(id(weight))
    if rows is not None:
        return float((weight.detach()[rows[1]] - rows[2]).norm()) / max(float(rows[2].norm()), 1e-8)
    return None
