"""How a batch's ids are laid: rows and time, packed, bags, looked up text by text or step by step."""

from __future__ import annotations

import torch
from torch import Tensor

from wordfit.doctor.seen import Batch, Lookup


def padding_id(batches: list[Batch], evaluation: list[Batch]) -> int | None:
    """The id that fills rows up: the table's own, else the one that stands in runs at the end (or the start).

    Where rows of like length are trained on together, hardly one is filled up but in the evaluation.
    """
    for batch in batches:
        for lookup in batch.lookups[:1]:
            if lookup.padding_idx is not None:
                return int(lookup.padding_idx)
    for some in (batches[:60], evaluation[-60:]):
        laid = [oriented(b, b.lookups[0]) if b.lookups else fed_ids(b) for b in some]
        if (found := filling([i for i in laid if i is not None])) is not None:
            return found
    return None


def fed_ids(batch: Batch) -> Tensor | None:
    """Whole numbers that a model was fed, a row each; None where its first input is no such thing."""
    given = batch.inputs[0] if batch.inputs else None
    return given.flatten(1) if given is not None and given.dim() > 1 and not given.is_floating_point() else None


def filling(batches: list[Tensor]) -> int | None:
    """The id that stands in runs at the end, or the start, of the rows of some batches (rows, ..., time)."""
    ids = [i.flatten(0, -2) for i in batches if i.dim() > 1 and i.shape[-1] > 1 and i.numel()]
    if not ids:
        return None
    for side in (-1, 0):
        edge = torch.cat([i[:, side] for i in ids])
        value = int(edge.mode().values)
        rows = [row for i in ids for row in i if int(row[side]) == value]
        elsewhere = any(bool((row == value).any()) for i in ids for row in i if int(row[side]) != value)
        if len(rows) < 0.08 * len(edge) or elsewhere:
            continue
        runs = sum(_is_run(row, value, side) for row in rows)
        long = sum(int((row == value).sum()) > 1 for row in rows)
        if runs >= 0.98 * len(rows) and long >= 0.3 * len(rows):
            return value
    return None


def _is_run(row: Tensor, value: int, side: int) -> bool:
    hits = (row == value).nonzero().flatten()
    return int(hits[-1] - hits[0]) + 1 == len(hits)


def at_edges(ids: Tensor, pad: int) -> int:
    """How many paddings stand in runs at the beginning or the end of rows, along either axis."""
    pads = ids == pad
    if ids.dim() != 2:
        return int(pads.sum())
    found = []
    for way in (pads, pads.t()):
        edges = way.long().cumprod(1).bool() | way.flip(1).long().cumprod(1).flip(1).bool()
        found.append(int(edges.sum()))
    return max(found)


def oriented(batch: Batch, lookup: Lookup) -> Tensor | None:
    """Ids as (rows, ..., time); None for ids without rows."""
    ids = lookup.text
    if ids.dim() == 1 and not lookup.bag:
        return None
    if ids.dim() < 2:
        return ids
    target = next((t for t in batch.targets if t.dim()), None)
    turned = target is not None and target.shape[0] == ids.shape[1] != ids.shape[0]
    unknown = target is None or ids.shape[0] == ids.shape[1]  # as the batches of training, that tell
    return ids.transpose(0, 1) if turned or (batch.time_first and unknown) else ids


def time_first(batches: list[Batch]) -> bool:
    """Whether ids stand as (time, rows), by the batches that are not as long as they are wide.

    Where all are, whether columns recur, as texts do from pass to pass, more than rows. Noted with the batches.
    """
    if not batches or batches[0].time_first is not None:
        return bool(batches and batches[0].time_first)
    votes, square = 0, False
    for batch in [b for b in batches if b.training and b.lookups and b.targets][:200]:
        shape, target = tuple(batch.lookups[0].text.shape), tuple(batch.targets[0].shape)
        if len(shape) == 2 and target:
            votes += (shape[0] == target[0]) - (shape[1] == target[0])
            square |= shape == (*target, *target)
    found = votes < 0 or (not votes and square and _columns_recur(batches))
    for batch in batches:
        batch.time_first = found
    return found


def _columns_recur(batches: list[Batch]) -> bool:
    """Whether fewer columns than rows of square ids are distinct; without those that one id fills by half."""
    met: list[set[bytes]] = [set(), set()]
    told = 0
    for batch in batches:
        ids = batch.lookups[0].text if batch.lookups else torch.empty(0)
        if ids.dim() != 2 or ids.shape[0] != ids.shape[1] or told > MOST_TOLD:
            continue
        for side, laid in enumerate((ids, ids.t())):
            plain = (laid == laid.mode(1, keepdim=True).values).float().mean(1) < 0.5
            told += int(plain.sum())
            met[side].update(row.tobytes() for row in laid[plain].contiguous().cpu().numpy())
    rows, columns = (len(m) for m in met)
    return columns < 0.9 * rows


MOST_TOLD = 200_000  # rows and columns that are told apart


def recall_texts(training: list[Batch], evaluation: list[Batch]) -> None:
    """Where a model drops or exchanges words while it trains, and not in evaluation, note what it was given."""
    if not evaluation or any(_other_words(batch) for batch in evaluation[:20]):
        return
    for batch in training:
        for lookup, given in _other_words(batch):
            lookup.given = given


def _other_words(batch: Batch) -> list[tuple[Lookup, Tensor]]:
    """Lookups of a part of the very ids that the model was given, at the same places, and other ids elsewhere."""
    found = []
    for lookup in batch.lookups:
        alike = [t for t in batch.inputs if t.shape == lookup.ids.shape and not t.is_floating_point() and t.numel()]
        kept = max(((float((t == lookup.ids).float().mean()), n) for n, t in enumerate(alike)), default=(1.0, 0))
        if 0.4 < kept[0] < 1.0:
            found.append((lookup, alike[kept[1]]))
    return found


def text_rows(batch: Batch, lookup: Lookup, padding: int | None) -> list[tuple[int, ...]]:
    """The ids of every row without padding; a bag is cut at its offsets."""
    ids = lookup.text
    if lookup.bag and ids.dim() == 1 and lookup.offsets is not None:
        flat, cuts = ids.tolist(), [*lookup.offsets.tolist(), len(ids)]
        return [tuple(flat[a:b]) for a, b in zip(cuts, cuts[1:])]
    if lookup.packing is not None:
        return unpacked(ids, *lookup.packing)
    if not lookup.bag and (owned := owned_rows(batch, ids)):
        return owned
    laid = oriented(batch, lookup)
    if laid is None or laid.dim() < 2:
        return []
    rows = laid.flatten(1).tolist()
    if padding is None:
        return [tuple(row) for row in rows]
    return [tuple(i for i in row if i != padding) for row in rows]


def owned_rows(batch: Batch, ids: Tensor) -> list[tuple[int, ...]]:
    """Rows of ids that stand one after the other, where a model was given each id's row number beside them."""
    rows = {len(t) for t in batch.targets or batch.yielded or batch.read or batch.outputs if t.dim()}
    for given in batch.inputs if ids.dim() == 1 else []:
        if given is ids or given.shape != ids.shape or given.dtype not in (torch.int32, torch.int64) or not len(ids):
            continue
        steps = given.diff()
        if int(given[0]) == 0 and bool(((steps == 0) | (steps == 1)).all()) and int(given[-1]) + 1 in rows:
            return [tuple(part.tolist()) for part in ids.split(given.bincount().tolist())]
    return []


def unpacked(ids: Tensor, sizes: Tensor, order: Tensor | None) -> list[tuple[int, ...]]:
    """Rows of packed ids, which stand step by step, the longest row first."""
    rows: list[list[int]] = [[] for _ in range(int(sizes[0]))]
    for step in ids.split(sizes.tolist()):
        for row, value in zip(rows, step.tolist()):
            row.append(value)
    return [tuple(rows[i]) for i in (order.tolist() if order is not None else range(len(rows)))]


def joined(lookups: list[Lookup], rows: set[int]) -> list[Lookup]:
    """Words looked up step by step, one for each of `rows`, as one lookup (rows, time); else what is given."""
    lengths = {k.ids.shape[0] if k.ids.dim() == 1 and not k.bag and k.packing is None else 0 for k in lookups}
    if len(lookups) < 3 or len({id(k.table) for k in lookups}) > 1 or len(lengths) > 1:
        return lookups
    length = lengths.pop()
    if length < 2 or length not in rows or len(lookups) in rows:  # as many texts as targets: see `one_by_one`
        return lookups
    first = lookups[0]
    return [Lookup(first.table, torch.stack([k.ids for k in lookups], 1), first.padding_idx)]


def one_by_one(batch: Batch) -> list[tuple[int, ...]]:
    """Texts that were looked up one at a time, as many as there are targets."""
    lookups = [k for k in batch.lookups if k.ids.dim() == 1 and not k.bag and k.packing is None]
    targets = [t.numel() for t in batch.targets or batch.yielded]
    if not lookups or len(lookups) != len(batch.lookups) or len(lookups) not in targets:
        return []
    if len({id(k.table) for k in lookups}) > 1 or (len(lookups) > 1 and len(lookups) == len(lookups[0].ids)):
        return []
    return [tuple(k.ids.tolist()) for k in lookups]


def single_words(batch: Batch) -> list[tuple[int, ...]]:
    """Rows of one word: ids (rows,), as many as there are classes, which are not the words that come next."""
    if len(batch.lookups) != 1 or batch.lookups[0].bag or batch.lookups[0].packing is not None:
        return []
    ids = batch.lookups[0].ids
    if ids.dim() != 1 or len(ids) < 2 or ids.is_floating_point():
        return []
    for target in batch.targets or batch.yielded or batch.read:
        if target.dim() == 1 and len(target) == len(ids) and target.dtype == torch.int64 and target is not ids:
            follows = bool((target[:-1] == ids[1:]).float().mean() > 0.5) or torch.equal(target, ids)
            return [] if follows else [(i,) for i in ids.tolist()]
    return []
