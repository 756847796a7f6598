"""The inputs of a step with other content in some rows: other words of the same batch, texts, numbers."""

from __future__ import annotations

import torch
from torch import Tensor

from wordfit.doctor.axes import bag_rows, bag_starts, single_texts
from wordfit.doctor.bench import Bench, row_axis
from wordfit.doctor.case import Case

FIELDS = 4
"""Rows of so few places may hold a field in each, as triples do, of a table of its own."""


def other_words(ids: Tensor, rows: Tensor, axis: int, padding: int | None, seed: int = 0) -> Tensor:
    """The ids with other real words, drawn from the same batch, in some rows; padding stays where it is.

    A word of several numbers (letters, or its fields in tables of their own) is exchanged as a whole.
    """
    generator = torch.Generator().manual_seed(seed)
    out = ids.clone()
    view = out if axis == 0 else out.transpose(0, 1)
    filled = view == padding if padding is not None else torch.zeros_like(view, dtype=torch.bool)
    if view.dim() == 2 and view.shape[1] <= FIELDS:
        others = torch.randint(len(view), (len(rows), view.shape[1]), generator=generator)
        drawn, keep = view.gather(0, others), filled[rows] | filled.gather(0, others)
    elif view.dim() == 3:
        empty = filled.all(2)
        pool = view[~empty]  # (words, numbers)
        if not len(pool):
            return out
        drawn = pool[torch.randint(len(pool), view[rows].shape[:2], generator=generator)]
        keep = empty[rows].unsqueeze(2).expand_as(drawn)
    else:
        pool = view[~filled]
        if not len(pool):
            return out
        drawn, keep = pool[torch.randint(len(pool), view[rows].shape, generator=generator)], filled[rows]
    view[rows] = torch.where(keep, view[rows], drawn)
    return out


def other_words_of(ids: Tensor, where: Tensor, seed: int = 0) -> Tensor:
    """Ids (N,) with others of the same batch where it is said."""
    out = ids.clone()
    drawn = torch.randint(len(ids), (int(where.sum()),), generator=torch.Generator().manual_seed(seed))
    out[where] = ids[drawn]
    return out


def other_texts(case: Case, texts: list[int], rows: Tensor, seed: int) -> dict[int, Tensor]:
    """Texts that are looked up one at a time: other words of the same batch for some of them."""
    values = [case.value(slot) for slot in texts]
    if any(v is None for v in values):
        return {}
    pool = torch.cat([v for v in values if v is not None])
    generator = torch.Generator().manual_seed(seed)
    drawn = (
        [pool[torch.randint(len(pool), case.tape.shapes[s], generator=generator)] for s in texts] if len(pool) else []
    )
    return {texts[row]: drawn[row] for row in rows.tolist() if drawn}


def other_values(values: Tensor, rows: Tensor, axis: int, seed: int = 0) -> Tensor:
    """Floating inputs with other values in some rows."""
    generator = torch.Generator().manual_seed(seed)
    out = values.clone()
    view = out if axis == 0 else out.transpose(0, 1)
    noise = torch.randn(view[rows].shape, generator=generator).to(out.dtype) * max(float(values.float().std()), 1e-3)
    view[rows] = view[rows].roll(1, 0) + noise
    return out


def inputs_of(case: Case) -> list[int]:
    """The slots of what is read: ids, else floating inputs, laid out in rows."""
    slots = [
        s
        for s in case.ids
        if len(case.tape.shapes[s]) >= 2 or case.tape.shapes[s][:1] == (case.rows,) or bag_starts(case, s) is not None
    ]
    return slots or [s for s in case.float_inputs if len(case.tape.shapes[s]) >= 2]


def changed_inputs(bench: Bench, rows: Tensor, seed: int = 0) -> dict[int, Tensor]:
    """Every input slot with other content in some rows."""
    case = bench.case
    assert case is not None
    made: dict[int, Tensor] = {}
    for texts in single_texts(case):
        made |= other_texts(case, texts, rows, seed)
    for slot in inputs_of(case) if not made else []:
        value = case.value(slot)
        if value is None:
            continue
        starts = bag_starts(case, slot)
        if starts is not None:
            if len(value) and len(starts) == case.rows:  # others stand beside every row, as answers to choose from
                made[slot] = other_words_of(value, torch.isin(bag_rows(starts, len(value)), rows), seed)
            continue
        axis = row_axis(tuple(value.shape), case.rows, 0 if case.batch_first is not False else 1)
        if axis is None:
            continue
        if value.is_floating_point():
            made[slot] = other_values(value, rows, axis, seed)
        else:
            made[slot] = other_words(value, rows, axis, bench.split.padding, seed)
    return made
