"""What was seen of a program, in plain data: models, optimizers, layout, calls and the loss curve."""

from __future__ import annotations

from typing import Any

from wordfit.doctor.bench import Bench


def describe(bench: Bench) -> dict[str, Any]:
    """What was seen, in plain data."""
    recorder, names = bench.recorder, bench.names
    return {
        "models": [_model(bench, m) for m in names.models[:10]],
        "optimizers": [_optimizer(bench, o) for o in recorder.optimizers.values()],
        "losses": thinned(recorder.losses),
        "loss_steps": thinned(recorder.loss_steps),
        "steps": recorder.steps_done,
        "backwards": recorder.backwards,
        "rates": thinned(recorder.rates, 100),
        "files": [
            {"name": n, "line": f["site"][1], "file": f["site"][0]} for n, f in list(recorder.files.items())[:40]
        ],
        "taped_steps": len(recorder.train_steps),
        "taped_evaluations": len(recorder.eval_steps),
        "found": {k: [n for n, _ in v][:20] for k, v in recorder.found.items()},
        "curve": curve(recorder.losses) | {"means_of_last": curve(bench.split.last_losses).get("means", [])},
        "layout": _layout(bench),
        "ops": _ops(bench),
        "error_state": error_state(bench),
        "calls": _calls(bench),
    }


def _calls(bench: Bench) -> dict[str, Any]:
    """Where the program calls its model, in training and in evaluation."""
    recorder, found = bench.recorder, {}
    for kind, steps in (("training", recorder.train_steps), ("evaluation", recorder.eval_steps)):
        calls = [c for s in steps for c in s.roots if c.site and any(True for _ in c.module.parameters())]
        if calls:
            file, line, _ = calls[-1].site  # type: ignore[misc]
            found[kind] = {"module": bench.names.module(calls[-1].module), "file": file, "line": line}
    return found


def thinned(values: list[Any], most: int = 400) -> list[Any]:
    """At most so many values, evenly."""
    return values if len(values) <= most else values[:: len(values) // most + 1]


def curve(losses: list[float]) -> dict[str, Any]:
    """The loss curve in a few numbers: its course by tenths, its best and its worst."""
    if not losses:
        return {}
    finite = [v for v in losses if v == v and abs(v) != float("inf")]
    tenth = max(1, len(losses) // 10)
    parts = [losses[i : i + tenth] for i in range(0, len(losses), tenth)][:10]
    means = [sum(p) / len(p) for p in parts]
    return {
        "first": losses[0],
        "last": losses[-1],
        "means": means,
        "min": min(finite, default=None),
        "max": max(finite, default=None),
        "not_finite": len(losses) - len(finite),
        "first_bad": next((i for i, v in enumerate(losses) if v != v or abs(v) == float("inf")), None),
    }


def _model(bench: Bench, model: Any) -> dict[str, Any]:
    modules = []
    for path, child in model.named_modules():
        if not any(True for _ in child.children()) or child is model:
            site = bench.recorder.made.get(child)
            modules.append(
                {
                    "path": path,
                    "class": type(child).__name__,
                    "line": site[1] if site else None,
                    "weights": sum(p.numel() for p in child.parameters(recurse=False)),
                    "batch_first": getattr(child, "batch_first", None),
                    "repr": repr(child)[:120] if child is not model else "",
                }
            )
    site = bench.recorder.made.get(model)
    return {
        "name": bench.names.module(model),
        "class": type(model).__name__,
        "file": site[0] if site else None,
        "line": site[1] if site else None,
        "modules": modules[:80],
        "compiled": hasattr(model, "_orig_mod"),
    }


def _optimizer(bench: Bench, optimizer: Any) -> dict[str, Any]:
    groups = [
        {k: v for k, v in s.items() if isinstance(v, (int, float, bool, tuple, str))} | {"tensors": len(g["params"])}
        for s, g in zip(optimizer.start, optimizer.live.param_groups)
    ]
    return {
        "class": type(optimizer.live).__name__,
        "steps": optimizer.steps,
        "groups": groups,
        "file": optimizer.site[0] if optimizer.site else None,
        "line": optimizer.site[1] if optimizer.site else None,
    }


def _layout(bench: Bench) -> dict[str, Any]:
    case = bench.case
    if case is None:
        return {}
    shapes = case.tape.shapes
    return {
        "ids": [list(shapes[s]) for s in case.ids],
        "floats": [list(shapes[s]) for s in case.float_inputs],
        "rows": case.rows,
        "batch_first": case.batch_first,
        "answer": list(shapes[case.answer]) if case.answer is not None else None,
        "fed": list(shapes[case.fed]) if case.fed is not None else None,
        "target": list(shapes[case.target]) if case.target is not None else None,
        "roots": [bench.names.module(c.module) for c in case.roots][:8],
        "loss_site": _loss_site(case),
    }


def _loss_site(case: Any) -> list[Any] | None:
    for position in reversed(case.path):
        if case.tape.ops[position].site:
            return list(case.tape.ops[position].site)
    return None


MOST_CALLS = 220


def _ops(bench: Bench) -> list[dict[str, Any]]:
    """The calls of the step, in order: what a reader of the record would otherwise have to guess.

    Of a long loop the first calls and the last, which make the answer and the loss.
    """
    case = bench.case
    if case is None:
        return []
    rows: list[dict[str, Any]] = []
    trained = case.tape.descendants(*(n for n, t in case.tape.leaves.items() if t.requires_grad))
    made = (at for at, n in enumerate(case.path) if case.learned.intersection(case.tape.ops[n].outs[:1]))
    positions = case.path[next(made, len(case.path)) :]
    if len(positions) > MOST_CALLS:
        positions = [*positions[: MOST_CALLS // 2], *positions[-MOST_CALLS // 2 :]]
    for position in positions:
        op = case.tape.ops[position]
        numbers = [
            a
            for a in (op.args if isinstance(op.args, tuple) else ())
            if isinstance(a, (int, float, bool))
            or (isinstance(a, (tuple, list)) and all(isinstance(i, int) for i in a))
        ]
        rows.append(
            bench.where(op)
            | {
                "shape": list(op.shape or ()),
                "inputs": [list(case.tape.shapes[n]) for n in op.ins[:3]],
                "numbers": numbers[:4],
                "named": {k: v for k, v in op.kwargs.items() if isinstance(v, (int, float, bool, str))},
                "ins": op.ins[:6],
                "outs": op.outs[:3],
                "learned": bool(op.outs) and op.outs[0] in case.learned,
                "trained": bool(op.outs) and op.outs[0] in trained,
                "after_model": position >= case.model_end,
            }
        )
    return rows


def error_state(bench: Bench) -> dict[str, Any]:
    """What stood in memory when the program raised: dtypes of weights, of tables that were asked, of what was fed."""
    dtypes: dict[str, list[str]] = {}
    for model in bench.names.models:
        for name, weight in model.named_parameters():
            dtypes.setdefault(str(weight.dtype), []).append(f"{type(model).__name__}.{name}")
    last = bench.recorder.batches[-1:]
    return {
        "dtypes": {k: v[:8] for k, v in dtypes.items()},
        "asked": sorted({str(lookup.table.dtype) for batch in last for lookup in batch.lookups}),
        "fed": sorted({str(value.dtype) for batch in last for value in batch.inputs}),
    }
