"""Which activations are zero, or saturated, for every row; which units of a layer are copies of each other?"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from wordfit.doctor.bench import Bench
from wordfit.doctor.case import Case


def units(bench: Bench) -> dict[str, Any] | None:
    """Which activations are zero, or saturated, for every row; which units of a layer are copies of each other?"""
    case = bench.case
    if case is None:
        return None
    found = []
    starts = case.run(weights=case.copies(start=True))
    above = case.tape.ancestors(case.answer) & case.learned if case.answer is not None else set()
    for position in case.path:
        op = case.tape.ops[position]
        if op.name not in ACTIVATIONS or not op.outs or op.outs[0] not in case.base:
            continue
        if op.outs[0] not in case.learned:  # bounds of data
            continue
        row = bench.where(op) | {"before_answer": op.outs[0] in above}
        for name, held in (("start", starts), ("end", case.base)):
            value = held[op.outs[0]].float()
            flat = value.reshape(-1, value.shape[-1]) if value.dim() > 1 else value.reshape(-1, 1)
            if value.dim() == 3 and value.shape[1] != flat.shape[1] and "onv" in str(_before(case, op)):
                flat = value.transpose(1, 2).reshape(-1, value.shape[1])
            row[name] = {
                "dead": float((flat.abs() <= 1e-12).all(dim=0).float().mean()) if len(flat) else 0.0,
                "zeros": float((flat.abs() <= 1e-12).float().mean()),
                "units": flat.shape[1],
                "saturated": float((flat.abs() > 0.99).float().mean())
                if op.name == "tanh"
                else float(((flat > 0.99) | (flat < 0.01)).float().mean())
                if op.name == "sigmoid"
                else 0.0,
            }
        found.append(row)
    return {"activations": found[:40], "equal_units": _equal_units(bench)}


ACTIVATIONS = {
    "relu",
    "relu_",
    "tanh",
    "sigmoid",
    "leaky_relu",
    "elu",
    "gelu",
    "clamp",
    "clamp_min",
    "hardtanh",
    "relu6",
}


def _before(case: Case, op: Any) -> str:
    made = [o.name for o in case.tape.ops if op.ins and op.ins[0] in o.outs]
    return made[-1] if made else ""


def _equal_units(bench: Bench) -> list[dict[str, Any]]:
    """Layers whose units all hold the same weights at the start, and whether they still do."""
    found = []
    case = bench.case
    assert case is not None
    tables = {t for _, _, t in case.lookups}
    for slot, weight in case.tape.parameters().items():
        if slot in tables or weight.dim() < 2 or weight.shape[0] < 2 or id(weight) not in bench.recorder.start:
            continue
        start = _by_unit(case, slot, bench.recorder.start[id(weight)][1])
        if len(start) < 2:
            continue
        equal = bool((start - start[:1]).abs().max() <= 1e-7 * max(float(start.abs().max()), 1e-12))
        if not equal:
            continue
        now = _by_unit(case, slot, weight.detach())
        still = float((now - now[:1]).abs().max()) <= 1e-4 * max(float(now.abs().max()), 1e-12)
        last = case.answer is not None and case.tape.shapes[case.answer][-1:] == (len(start),)
        found.append(
            {
                "weight": bench.names.weight(weight),
                "units": len(start),
                "still": still,
                "output": last,
                "value": float(start.abs().max()),
            }
        )
    return found


def _by_unit(case: Case, slot: int, weight: Tensor) -> Tensor:
    """A weight as (units, inputs)."""
    first = weight if case.units_first(slot) else weight.transpose(-1, -2)
    return first.reshape(len(first), -1)
