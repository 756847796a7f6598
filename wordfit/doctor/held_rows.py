"""Targets of losses that are written by hand: what the program holds beside the rows that it feeds.

Such a loss does not say which of its numbers are targets. The tape of a step does; and where the program holds rows
and targets as tensors of one length, the rows of every other batch lead to theirs. Rows are a matrix, or stand in
columns: a tensor of users, one of titles, one of ratings.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from typing import Any

import numpy as np
import torch
from torch import Tensor

from wordfit.doctor.case import Case
from wordfit.doctor.rows import Rows
from wordfit.doctor.seen import Batch
from wordfit.doctor.watch import Recorder

MOST_ROWS = 60_000
MOST_TABLES = 24
Row = tuple[Any, ...]
Places = dict[Row, int]


def supply_targets(recorder: Recorder, case: Case | None) -> None:
    """Give batches whose loss is written by hand their targets, if the taped step confirms where they stand."""
    if case is None or case.target is None:
        return
    slots, target = case.ids or case.float_inputs, case.value(case.target)
    fed = [v for slot in slots if (v := case.value(slot)) is not None]
    if not fed or target is None or not target.dim() or len(target) != len(fed[0]):
        return
    fed = fed[:1] if fed[0].dim() == 2 else fed
    columns = len(fed) > 1 and all(t.dim() == 1 and len(t) == len(target) for t in fed)
    if not columns and fed[0].dim() != 2:
        return
    every = list({id(b): b for b in (*recorder.batches, *recorder.late)}.values())
    unheard = [b for b in every if b.training and not b.targets and not b.yielded]
    held = next(_held(recorder, fed, target), None) if unheard and not case.loss_ops else None
    if unheard and held is None:
        return
    if held is not None:
        for batch in (b for b in every if b.training):
            _give(batch, *held, len(fed))
    sets: list[tuple[Places, Tensor]] = []
    for batch in (b for b in every if columns and not b.training):
        for others, beside in sets:
            _give(batch, others, beside, len(fed))
        if (
            not batch.targets
            and not batch.yielded
            and (found := _held_beside(recorder, batch, fed, target)) is not None
        ):
            sets.append(found)
            _give(batch, *found, len(fed))


def _give(batch: Batch, places: Places, held: Tensor, columns: int) -> None:
    rows = _rows_of(batch, columns)
    found = [places.get(row) for row in rows] if rows is not None and not batch.targets else [None]
    if None not in found:
        batch.targets = [held[torch.tensor(found)]]  # type: ignore[arg-type]


def _held(recorder: Recorder, fed: list[Tensor], target: Tensor) -> Iterator[tuple[Places, Tensor]]:
    """Rows and targets of one length among the program's tensors, which give a taped step's rows its targets."""
    for places, own, length in _tables(recorder, fed):
        known = [places[row] for row in _rows(fed)]
        for held in _tensors(recorder):
            if id(held) in own or len(held) != length or held.shape[1:] != target.shape[1:]:
                continue
            beside = held[torch.tensor(known)].to(target)
            if float((beside == target).float().mean()) > 0.98:
                yield places, held.detach()


def _held_beside(recorder: Recorder, batch: Batch, like: list[Tensor], target: Tensor) -> tuple[Places, Tensor] | None:
    """Rows that an evaluation was fed, and the one tensor of the target's kind that is as long as they are."""
    fed = _columns_of(batch, len(like))
    for places, own, length in _tables(recorder, fed) if fed is not None else ():
        kind = (target.dtype, target.shape[1:])
        held = [t for t in _tensors(recorder) if id(t) not in own and len(t) == length]
        held = [t for t in held if (t.dtype, t.shape[1:]) == kind and not t.requires_grad]
        if len(held) == 1:
            return places, held[0].detach()
    return None


def _tables(recorder: Recorder, fed: list[Tensor]) -> Iterator[tuple[Places, set[int], int]]:
    """Matrices, or columns of one length, that hold all rows that were fed: their places, which tensors, how long."""
    shape = fed[0].shape[1:]
    like = [t for t in _tensors(recorder) if t.shape[1:] == shape and not t.requires_grad and len(t) <= MOST_ROWS]
    columns = [[t for t in like if t.dtype == f.dtype and (len(fed) == 1 or _holds(t, f))] for f in fed]
    for parts in islice((p for p in product(*columns) if len({len(t) for t in p}) == 1), MOST_TABLES):
        if len({id(t) for t in parts}) == len(parts):
            places: Places = {row: n for n, row in enumerate(_rows(list(parts)))}
            if all(row in places for row in _rows(fed)):
                yield places, {id(t) for t in parts}, len(parts[0])


def _holds(column: Tensor, values: Tensor) -> bool:
    return bool(torch.isin(values, column).all())


def _tensors(recorder: Recorder) -> list[Tensor]:
    found = [t for kind in ("matrices", "numbers") for _, t in recorder.found.get(kind, []) if isinstance(t, Tensor)]
    return [t for t in found if t.dim()]


def _rows(parts: list[Tensor]) -> list[Row]:
    """The rows of a matrix, or of columns side by side."""
    return [tuple(row) for row in parts[0].tolist()] if len(parts) == 1 else list(zip(*(t.tolist() for t in parts)))


def _rows_of(batch: Batch, columns: int) -> list[Row] | None:
    if columns > 1:
        ids = _columns_of(batch, columns)
        return _rows(ids) if ids is not None else None
    tensor = batch.lookups[0].ids if batch.lookups else batch.inputs[0] if batch.inputs else None
    return _rows([tensor]) if tensor is not None and tensor.dim() == 2 else None


def _columns_of(batch: Batch, many: int) -> list[Tensor] | None:
    """The ids (rows,) that a batch looked up first, if they are so many and of one length."""
    ids = [lookup.ids for lookup in batch.lookups[:many]]
    return ids if len(ids) == many and all(t.dim() == 1 and len(t) == len(ids[0]) for t in ids) else None


def supply_labels(recorder: Recorder, batches: list[Batch], rows: Rows, kinds: set[int]) -> bool:
    """Give an evaluation whose labels were compared in NumPy the program's only array of as many, of these classes.

    It must go with the answers better than chance does, so its order is that of the rows.
    """
    held = [_whole(value) for _, value in recorder.found.get("numbers", []) if len(value) == len(rows)]
    fit = {tuple(v) for v in held if v is not None and len(set(v)) > 1 and set(v) <= kinds}
    answered = rows.guesses(len(kinds))
    if len(fit) != 1 or answered is None:
        return False
    labels = np.array(fit.pop())
    right, chance = float((answered == labels).mean()), float(np.bincount(labels - labels.min()).max()) / len(labels)
    if right < chance + 2.5 * (chance * (1 - chance) / len(labels)) ** 0.5:
        return False
    of = np.array(rows.batches)
    for number, batch in enumerate(batches):
        batch.targets = [torch.as_tensor(labels[of == number])]
    return True


def _whole(value: Any) -> list[int] | None:
    """Whole numbers of a list, an array or a tensor."""
    if getattr(value, "ndim", 1) != 1 or (isinstance(value, Tensor) and value.is_meta):
        return None
    numbers = value.detach().double().cpu().numpy() if isinstance(value, Tensor) else np.asarray(value)
    if numbers.dtype.kind not in "biuf" or not np.isfinite(numbers).all() or (numbers != numbers.round()).any():
        return None
    return [int(n) for n in numbers]
