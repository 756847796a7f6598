"""From what was seen to the record: describe it in plain data, run the experiments within the budget."""

from __future__ import annotations

import logging
import shutil
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Collection
from typing import Any

import torch

from wordfit.doctor.bench import Bench
from wordfit.doctor.case import choose
from wordfit.doctor.experiments import (
    again,
    attention,
    belonging,
    company,
    data,
    encoding,
    evaluation,
    forcing,
    layout,
    lines,
    losses,
    numbers,
    padding,
    pairing,
    recoding,
    stale_rows,
    targets,
    training,
    vectors,
    weights,
    what_if,
)
from wordfit.doctor.finding import ABSENT
from wordfit.doctor.names import Names
from wordfit.doctor.places import lines_of
from wordfit.doctor.rows import Split, filling
from wordfit.doctor.run import Ran
from wordfit.doctor.watch import Recorder
from wordfit.record import Record, plain

EXPERIMENTS: dict[str, tuple[Callable[[Bench], Any], str]] = {
    "data": (data.data, "classes, order and repetition of the rows that were fed"),
    "weights": (weights.weights, "which weights are reached, held and moved"),
    "tables": (weights.tables, "which rows of the tables occurred and moved"),
    "losses": (losses.losses, "what the losses were given, and what they say of better answers"),
    "belonging": (belonging.belonging, "whether a ranking raises the answer that goes with the question"),
    "dependence": (company.dependence, "whether the answer depends on the input, layer by layer"),
    "company": (company.company, "whether the other rows of a batch change an answer"),
    "sources": (company.sources, "which inputs the answer depends on"),
    "padding": (padding.padding, "whether padding changes an answer"),
    "attention": (attention.attention, "what attention weighs, and over which axis"),
    "sequence": (evaluation.sequence, "whether a decoder sees what it must give"),
    "ignored": (targets.ignored, "what the ignored index hides"),
    "forcing": (forcing.forcing, "whether scores come from a decoder fed the reference"),
    "evaluation": (evaluation.evaluation, "whether evaluation repeats itself"),
    "units": (training.units, "dead, saturated and equal units"),
    "gradients": (training.gradients, "gradients along depth and time"),
    "numbers": (numbers.numbers, "which rows and which call made the first value that is no number"),
    "vectors": (vectors.vectors, "whether rows of the table hold the vectors of their words"),
    "encoding": (encoding.encoding, "whether files were decoded as they were written"),
    "layout": (layout.layout, "whether the table's values are laid out as its width says"),
    "what_if": (what_if.what_if, "whether a suspicious call or start does harm"),
    "reference": (data.reference, "what a plain learner finds in the same rows"),
    "rates": (training.rates, "whether a few batches can be learned, with which learning rates"),
    "pairing": (pairing.pairing, "whether another pairing of texts and labels has a signal"),
    "truncation": (pairing.truncation, "whether what was cut off decides"),
    "lines": (lines.lines, "whether quotation marks merge lines of the files read"),
    "classes": (targets.classes, "whether the order of class numbers means something"),
    "stale_rows": (stale_rows.stale_rows, "whether rows move in steps without their words"),
    "recoding": (recoding.recoding, "whether splits were encoded with different mappings"),
    "frozen": (again.frozen, "whether holding the vectors still answers new rows better"),
    "onward": (again.onward, "whether training on answers the evaluation better"),
}


CHEAP = (
    "data", "weights", "tables", "losses", "dependence", "company", "sources", "padding",
    "attention", "sequence", "ignored", "evaluation", "numbers",
)  # fmt: skip
"""Experiments of a few hundredths of a second each: they train nothing, and speak of the program and not of how far it
has come, so that its first steps will do."""


def examine(
    recorder: Recorder, ran: Ran, program: str, budget: float = 60.0, only: Collection[str] | None = None
) -> Record:
    """Everything that was seen and measured, as a record without live objects; `only` names the experiments."""
    began = time.perf_counter()
    record = Record()
    names = Names(recorder)
    case, split, troubles = None, None, list(recorder.troubles)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            case = choose(recorder, names)
        except Exception as error:
            troubles.append(f"case: {error!r}")
        split = Split(recorder)
        if split.padding is None and case is not None:  # tables that are indexed, in place of looked up
            split.padding = filling([stream for _, stream in case.streams])
        bench = Bench(recorder, names, case, split, budget, began)
        not_examined = out_of_reach(recorder, ran) + _run_all(bench, record, troubles, only or EXPERIMENTS)
    record.program = {
        "name": program,
        "argv": sys.argv[:],
        "seconds": ran.seconds,
        "exit_code": ran.exit_code,
        "error": ran.error,
        "python": sys.version.split()[0],
        "torch": torch.__version__,
        "doctor_seconds": time.perf_counter() - began,
    }
    record.watched = describe(bench) | {"troubles": troubles, "not_examined": not_examined}
    record.experiments, record.watched, record.program = (
        plain(record.experiments),
        plain(record.watched),
        plain(record.program),
    )
    record.watched["code"] = lines_of(record.watched, record.experiments, record.program)
    if recorder.links:
        shutil.rmtree(recorder.links, ignore_errors=True)
    return record


def out_of_reach(recorder: Recorder, ran: Ran) -> list[dict[str, str]]:
    """What the recorder could not see of this program, and why."""
    missed = dict(recorder.beyond)
    if not recorder.backwards:
        why = f"the program raised {ran.error['type']} before" if ran.error else "no backward pass was seen"
        missed["the training"] = why if not recorder.beyond or ran.error else f"{why} in this process"
    elif not recorder.steps_done:
        missed["the updates"] = "no optimizer of torch took a step"
    return [{"what": what, "why": why} for what, why in missed.items()]


def _run_all(bench: Bench, record: Record, troubles: list[str], only: Collection[str]) -> list[dict[str, str]]:
    missed = []
    for name, (experiment, question) in EXPERIMENTS.items():
        if name not in only:
            missed.append({"what": question, "why": "only cheap questions were asked"})
            continue
        if bench.left < 0.5:
            missed.append({"what": question, "why": "the time budget was used up"})
            continue
        began = time.perf_counter()
        try:
            found = experiment(bench)
        except Exception as error:
            logging.getLogger(__name__).debug("%s", traceback.format_exc())
            troubles.append(f"{name}: {type(error).__name__}: {error} at {_last_place(error)}")
            missed.append(
                {"what": question, "why": f"the experiment failed: {type(error).__name__}: {str(error)[:200]}"}
            )
            continue
        if found is None:
            missed.append({"what": question, "why": ABSENT})
            continue
        found["seconds"] = round(time.perf_counter() - began, 3)
        bench.facts[name] = found
        record.experiments[name] = found
    return missed


def _last_place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "wordfit" in f.filename] or list(frames)
    return f"{ours[-1].name}:{ours[-1].lineno}" if ours else "?"


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
        "curve": curve(recorder.losses),
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


def _ops(bench: Bench) -> list[dict[str, Any]]:
    """The calls of the step, in order: what a reader of the record would otherwise have to guess."""
    case = bench.case
    if case is None:
        return []
    rows: list[dict[str, Any]] = []
    begun = False
    for position in case.path:
        op = case.tape.ops[position]
        begun = begun or bool(op.outs) and op.outs[0] in case.learned
        if not begun or len(rows) >= 220:
            continue
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
                "after_model": position >= case.model_end,
            }
        )
    return rows


def error_state(bench: Bench) -> dict[str, Any]:
    """What stood in memory when the program raised: dtypes of weights, sparse gradients."""
    dtypes: dict[str, list[str]] = {}
    for model in bench.names.models:
        for name, weight in model.named_parameters():
            dtypes.setdefault(str(weight.dtype), []).append(f"{type(model).__name__}.{name}")
    return {"dtypes": {k: v[:8] for k, v in dtypes.items()}}
