"""Where a pass over the data ends, by the rows that come again."""

from __future__ import annotations

from collections import Counter

from wordfit.doctor.id_layout import one_by_one, single_words, text_rows, unpacked
from wordfit.doctor.seen import Batch


def first_pass(batches: list[Batch]) -> int:
    """How many batches the first pass over the data has: up to where its rows come again in bulk.

    Where a batch holds nothing new although others will, rows repeat by themselves: then a pass ends where as many
    batches again hold the same rows as often, else where next to all rows were met.
    """
    keys = [_row_keys(batch) for batch in batches]
    if keys and len(set(keys[0])) < 0.5 * len(keys[0]):  # few questions, each asked of many stories
        keys = [_with_others(batch, own) for batch, own in zip(batches, keys)]
    ends = _nothing_new(keys)
    distinct = {k for batch in keys for k in batch}
    seen = {k for batch in keys[:ends] for k in batch}
    if len(seen) >= 0.95 * len(distinct):
        return ends
    if (period := _period(keys, ends)) is not None:
        return period
    while len(seen) < 0.95 * len(distinct):
        seen.update(keys[ends])
        ends += 1
    return ends


def _nothing_new(keys: list[list[int]]) -> int:
    """The first batch of which next to all rows were met before."""
    seen: set[int] = set()
    for number, batch in enumerate(keys):
        if number and batch and sum(k in seen for k in batch) > 0.8 * len(batch) and len(seen) > len(batch):
            return number
        if number and batch and len(seen) <= len(batch) and set(batch) <= seen:
            return number
        seen.update(batch)
    return len(keys)


def _period(keys: list[list[int]], least: int) -> int | None:
    """After how many batches, at least so many, as many again hold next to the same rows as often."""
    more: Counter[int] = Counter()  # how much more often a row occurs in the first part
    apart = rows = 0
    best: tuple[float, int] | None = None
    for number in range(1, len(keys) // 2 + 1):
        before, after = keys[number - 1], keys[2 * number - 2] + keys[2 * number - 1]
        for key, change in [*((k, 2) for k in before), *((k, -1) for k in after)]:
            apart += abs(more[key] + change) - abs(more[key])
            more[key] += change
        rows += len(before)
        if number >= least and apart < min(0.1, best[0] if best else 1.0) * rows:
            best = apart / rows, number
        elif best is not None:
            break
    return best[1] if best is not None else None


def _row_keys(batch: Batch) -> list[int]:
    if not batch.lookups and not batch.inputs:
        return []
    tensor = batch.lookups[0].text if batch.lookups else batch.inputs[0]
    if batch.lookups and tensor.dim() == 1 and not batch.lookups[0].bag:
        packing = batch.lookups[0].packing
        return [
            hash(t)
            for t in (unpacked(tensor, *packing) if packing is not None else one_by_one(batch) or single_words(batch))
        ]
    if batch.lookups and batch.lookups[0].bag and tensor.dim() == 1:
        return [hash(t) for t in text_rows(batch, batch.lookups[0], None)]
    if tensor.dim() < 2:
        return []
    target = next((t for t in batch.targets if t.dim()), None)
    if target is not None and tensor.dim() == 2 and target.shape[0] == tensor.shape[1] != tensor.shape[0]:
        tensor = tensor.t()
    flat = tensor.flatten(1)
    filled = not flat.is_floating_point()  # of ids; zeros among numbers say where the others stand
    return [hash(tuple(v for v in row if v) if filled else tuple(row)) for row in flat.tolist()]


def _with_others(batch: Batch, own: list[int]) -> list[int]:
    """The rows' keys with what else was looked up for each of them."""
    others = [t.flatten(1).tolist() for t in (u.text for u in batch.lookups[1:]) if t.dim() > 1 and len(t) == len(own)]
    return [hash((key, *map(tuple, rest))) for key, *rest in zip(own, *others)]
