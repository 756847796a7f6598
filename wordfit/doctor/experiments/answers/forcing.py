"""Is the decoder fed the reference while it is scored?"""

from __future__ import annotations

from collections import Counter
from typing import Any

from wordfit.doctor.bench import Bench


def forcing(bench: Bench) -> dict[str, Any] | None:
    """While evaluating, is the decoder fed the reference, and are those answers scored?"""
    sequence = bench.facts.get("sequence") or {}
    inputs = sequence.get("inputs") or []
    decoder = [i for i in inputs if (i.get("copies") or {}).get("next", 0) > 0.7]
    case = bench.case
    if case is None or not decoder or (len(inputs) < 2 and len(case.roots) < 2):
        return None
    taped = _forced_on_tape(bench)
    if taped is not None:
        return taped
    forced = free = scored = 0
    for batch in bench.split.eval_batches[-60:]:
        widths = [lookup.ids.shape for lookup in batch.lookups if lookup.ids.dim() >= 1]
        steps = [s for s in widths if len(s) == 1 or s[-1] == 1 or (case.batch_first is False and s[0] == 1)]
        whole = [lookup for lookup in batch.lookups[1:] if lookup.ids.dim() == 2 and min(lookup.ids.shape) > 1]
        if whole and not steps and batch.targets == []:
            forced += 1
            scored += bool(batch.read)
        elif whole and not steps:
            forced += 1
            scored += any(not t.is_floating_point() for t in batch.read)
        elif steps:
            free += 1
    growing = _growing(bench)
    return {"forced": forced, "free": free + growing, "scored": scored}


def _forced_on_tape(bench: Bench) -> dict[str, Any] | None:
    """On the tapes of evaluations: do the ids of the decoder's table come from answers, or from data alone?"""
    case = bench.case
    assert case is not None
    words = [t for op, ids, t in case.lookups if t in case.tape.leaves and not case.counts(ids, op)]
    tables = {id(case.tape.leaves[t]) for t in words}
    sources = [id(case.tape.leaves[t]) for t in words[:1]]
    decoder = tables - set(sources) or tables
    forced = free = scored = 0
    from wordfit.doctor.tape import is_parameter

    for step in bench.recorder.eval_steps:
        learned = {n for n, t in step.tape.leaves.items() if is_parameter(t) or id(t) in bench.names.weights}
        weights, long, fed_back, single = set(learned), 0, 0, 0
        widths: list[int] = []
        counted = {
            n for op in step.tape.ops if op.name == "arange" for n in step.tape.descendants(op.outs[0])
        } - learned
        for op in step.tape.ops:
            if op.name == "embedding" and len(op.ins) > 1 and id(step.tape.leaves.get(op.ins[1])) in decoder:
                ids = op.ins[0]
                if ids in counted - learned:  # positions
                    continue
                fed_back += ids in learned
                width = step.tape.shapes[ids][-1] if len(step.tape.shapes[ids]) > 1 else 1
                widths.append(width)
                long += width > 1 and ids not in learned
                single += width == 1 and ids not in learned
            if learned.intersection(op.ins):
                learned.update(op.outs)
        if not widths or not weights:
            continue
        picked = any(o.name in ("argmax", "topk", "max") and learned.intersection(o.ins) for o in step.tape.ops)
        compared = picked and (
            any(o.name in ("eq", "__eq__", "ne") and learned.intersection(o.ins) for o in step.tape.ops)
            or any(r[0] in ("tolist", "numpy", "item") for r in step.tape.reads)
        )
        grows = any(b == a + 1 for a, b in zip(widths, widths[1:]))
        if fed_back or grows or (single and not _walks_reference(step)):
            free += 1
        elif long or single:
            forced += 1
            scored += compared
    return {"forced": forced, "free": free, "scored": scored} if forced or free else None


SHAPING = {"squeeze", "unsqueeze", "view", "reshape", "to", "long", "contiguous", "t", "clamp", "clone", "detach"}


def _walks_reference(step: Any) -> bool:
    """Single steps cut from one tensor of data: the reference, word by word."""
    parents: Counter[int] = Counter()
    made = {n: op for op in step.tape.ops for n in op.outs}
    for op in step.tape.ops:
        cut = made.get(op.ins[0]) if op.name == "embedding" else None
        while cut is not None and cut.name in SHAPING and made.get(cut.ins[0]) is not None:
            cut = made[cut.ins[0]]
        if cut is not None and cut.name in ("__getitem__", "select", "unbind", *SHAPING):
            parents[cut.ins[0]] += 1
    return bool(parents) and max(parents.values()) > 2


def _growing(bench: Bench) -> int:
    """Evaluation calls whose input grows word by word."""
    sizes = [b.lookups[-1].ids.shape for b in bench.split.eval_batches if b.lookups and b.lookups[-1].ids.dim() == 2]
    return sum(1 for a, b in zip(sizes, sizes[1:]) if b[-1] == a[-1] + 1 or b[0] == a[0] + 1)
