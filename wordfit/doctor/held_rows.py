"""Targets of losses that are written by hand: what the program holds beside the rows that it feeds.

Such a loss does not say which of its numbers are targets. The tape of a step does; and where the program holds rows
and targets as two tensors of one length, the rows of every other batch lead to theirs.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.case import Case
from wordfit.doctor.seen import Batch
from wordfit.doctor.watch import Recorder

MOST_ROWS = 60_000
Places = dict[tuple[Any, ...], int]


def supply_targets(recorder: Recorder, case: Case | None) -> None:
    """Give batches whose loss is written by hand their targets, if the taped step confirms where they stand."""
    batches = [b for b in recorder.batches if b.training and not b.targets and not b.yielded]
    if case is None or case.loss_ops or case.target is None or not batches:
        return
    slots, target = case.ids or case.float_inputs, case.value(case.target)
    fed = case.value(slots[0]) if slots else None
    if fed is None or target is None or fed.dim() != 2 or not target.dim() or len(target) != len(fed):
        return
    for places, held in _held(recorder, fed, target):
        for batch in {id(b): b for b in (*batches, *recorder.late)}.values():
            rows = _rows_of(batch)
            found = [places.get(row) for row in rows] if rows is not None and not batch.targets else [None]
            if batch.training and None not in found:
                batch.targets = [held[torch.tensor(found)]]  # type: ignore[arg-type]
        return


def _held(recorder: Recorder, fed: Tensor, target: Tensor) -> Any:
    """Rows and targets of one length among the program's tensors, which give a taped step's rows its targets."""
    tensors = [t for kind in ("matrices", "numbers") for _, t in recorder.found.get(kind, []) if isinstance(t, Tensor)]
    for matrix in tensors:
        like = matrix.dim() == 2 and matrix.shape[1] == fed.shape[1] and matrix.dtype == fed.dtype
        if not like or matrix.requires_grad or len(matrix) > MOST_ROWS:
            continue
        places: Places = {tuple(row): n for n, row in enumerate(matrix.tolist())}
        known = [places.get(tuple(row)) for row in fed.tolist()]
        if None in known:
            continue
        for held in tensors:
            if held is matrix or len(held) != len(matrix) or held.shape[1:] != target.shape[1:]:
                continue
            beside = held[torch.tensor(known)].to(target)  # type: ignore[arg-type]
            if float((beside == target).float().mean()) > 0.98:
                yield places, held.detach()


def _rows_of(batch: Batch) -> list[tuple[Any, ...]] | None:
    tensor = batch.lookups[0].ids if batch.lookups else batch.inputs[0] if batch.inputs else None
    return [tuple(row) for row in tensor.tolist()] if tensor is not None and tensor.dim() == 2 else None
