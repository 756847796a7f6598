"""Which weights does the loss reach, which does an optimiser hold, which moved, and how far in a step and in all?"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from wordfit.doctor.bench import Bench
from wordfit.doctor.experiments.steps.cuts import cuts, reached
from wordfit.doctor.experiments.steps.flags import odd_flags, sparse_tables
from wordfit.doctor.experiments.steps.owners import fresh_weights, known_weights, made_at, moved_by
from wordfit.doctor.tape import is_parameter


def weights(bench: Bench) -> dict[str, Any]:
    """One row a weight: trainable, reached by the loss, held, moved."""
    recorder, case = bench.recorder, bench.case
    held, in_models = known_weights(bench)
    leaves = {id(t): n for n, t in case.tape.leaves.items() if is_parameter(t)} if case else {}
    everything: dict[int, Tensor] = {key: t for key, (t, _) in recorder.start.items()}
    everything.update({key: row[0] for key, row in recorder.row_start.items()})
    everything.update({id(t): t for n, t in (case.tape.leaves.items() if case else []) if is_parameter(t)})
    for model in bench.names.models:
        everything.update({id(p): p for p in model.parameters()})
    grads: dict[int, list[float | None]] = {}
    for movement in recorder.movements:
        for row in movement.rows:
            grads.setdefault(id(row["parameter"]), []).append(row["grad"])
    tables = {id(case.tape.leaves[t]) for _, _, t in case.lookups if t in case.tape.leaves} if case else set()
    used = case.used if case else set()
    fresh = fresh_weights(bench, held, in_models)
    rows = []
    for key, weight in everything.items():
        owner = bench.names.owner.get(key)
        rows.append(
            {
                "name": bench.names.weight(weight),
                "shape": list(weight.shape),
                "numel": weight.numel(),
                "dtype": str(weight.dtype),
                "trainable": bool(weight.requires_grad),
                "held": key in held,
                "in_model": key in in_models,
                "fresh": key in fresh,
                "on_path": leaves.get(key) in used if key in leaves else False,
                "grads": [g for g in grads.get(key, [])[:6]],
                "moved": moved_by(bench, weight),
                "table": key in tables,
                "kind": type(owner[0]).__name__ if owner else None,
                "known_start": key in recorder.start or key in recorder.row_start,
                "site": made_at(bench, owner[0]) if owner else None,
            }
        )
    return {
        "rows": rows,
        "left_gradients": list(recorder.left_gradients),
        "backwards": recorder.backwards,
        "steps": recorder.steps_done,
        "stale": _stale(bench, held, everything, in_models),
        "updates": _updates(bench),
        "cuts": cuts(bench),
        "odd_flags": odd_flags(bench),
        "sparse": sparse_tables(bench),
    }


def _stale(bench: Bench, held: set[int], everything: dict[int, Tensor], in_models: set[int]) -> list[dict[str, Any]]:
    """Tensors that an optimiser holds though no model has them and no gradient reaches them."""
    case = bench.case
    used = {id(case.tape.leaves[n]) for n in reached(case) if n in case.tape.leaves} if case else set()
    found = []
    for optimizer in bench.recorder.optimizers.values():
        for group in optimizer.live.param_groups:
            for weight in group["params"]:
                if id(weight) in used or not case:
                    continue
                grads = [r["grad"] for m in bench.recorder.movements for r in m.rows if r["parameter"] is weight]
                twins = [
                    bench.names.weight(w)
                    for k, w in everything.items()
                    if w.shape == weight.shape and k in used and k not in held and w.requires_grad
                ]
                grown = [
                    bench.names.weight(w)
                    for k, w in everything.items()
                    if w.dim() > 1 and w.shape[1:] == weight.shape[1:] and w.requires_grad and k in used - held
                ]
                dry = not (grads and grads[-1])
                if (
                    id(weight) in in_models and not twins and not (grown and dry)
                ):  # another model, or has its turn later
                    continue
                found.append(
                    {
                        "shape": list(weight.shape),
                        "grads": grads[:3],
                        "twins": twins[:3],
                        "dry": dry,
                        "grown": grown[:3],
                    }
                )
    return found


def _updates(bench: Bench) -> list[dict[str, Any]]:
    """Size of a step beside the size of the weight, by step."""
    out = []
    for movement in bench.recorder.movements[:24]:
        rows = {
            bench.names.weight(r["parameter"]): r["update"] / max(r["weight"], 1e-8)
            for r in movement.rows
            if r.get("update") is not None
        }
        finite = all(r.get("finite", True) for r in movement.rows)
        total = sum((r["grad"] or 0.0) ** 2 for r in movement.rows) ** 0.5
        out.append({"step": movement.step, "ratios": rows, "finite": finite, "grad_norm": total})
    return out
