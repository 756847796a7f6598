"""The evaluation's ids decoded by one mapping and encoded by another."""

from __future__ import annotations

from typing import Any

from wordfit.doctor.bench import Bench
from wordfit.doctor.experiments.mappings import mappings


def recoding(bench: Bench) -> dict[str, Any] | None:
    """The evaluation's ids decoded by one mapping and encoded by another: is the model right more often?"""
    pairs = (bench.facts.get("vectors") or {}).get("two_mappings") or []
    maps = dict(mappings(bench))
    if not pairs:
        return None
    from wordfit.doctor.experiments.again import accuracy

    batches = bench.split.eval_batches
    last = [b for b in batches if b.step == max(x.step for x in batches)] if batches else []
    before = accuracy(bench, last)
    if before is None:
        return None
    best: dict[str, Any] = {"gain": 0.0}
    for pair in pairs[:6]:
        for first, second in ((pair["first"], pair["second"]), (pair["second"], pair["first"])):
            back = {i: w for w, i in maps[second].items()}
            table = {i: maps[first].get(w) for i, w in back.items()}
            after = accuracy(bench, last, recode=table)
            if after is not None and after - before > best["gain"]:
                best = {
                    "gain": after - before,
                    "before": before,
                    "after": after,
                    "first": first,
                    "second": second,
                    "same": pair["same"],
                }
    return {"before": before, "best": best, "pairs": len(pairs)}
