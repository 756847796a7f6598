"""Does padding change an answer, through which call, and does what stands in the padding row decide it?"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.bench import Bench, change, row_axis, scale_of, size
from wordfit.doctor.case import Case, untouched
from wordfit.doctor.experiments.answers.loops import between_steps
from wordfit.doctor.experiments.answers.widths import padded_inputs, widths
from wordfit.doctor.id_layout import at_edges, fed_ids
from wordfit.doctor.seen import Batch, RootCall


def padding(bench: Bench) -> dict[str, Any] | None:
    """Add padding to every row and compare the answers; then once more with the padding row set to zero."""
    case, pad = bench.case, bench.split.padding
    if case is None or case.answer is None:
        return None
    share = padded_share(bench)
    out: dict[str, Any] = {"padding": pad, "share": share, "padding_row": _padding_row(bench)}
    if pad is None or share < 0.01:
        return out | {"why_not": "no row is padded"}
    out |= _perturbed(bench, pad) | {"before_words": _before_words(case, pad)}
    with untouched():
        call = _single_call(case)
        out |= widths(bench, call, pad)
        if out["appended"] is None and call is not None:
            out |= widths(bench, None, pad)
        if out.get("played") and not out.get("more"):  # as wide as before: a loop over time is written out
            out["between_steps"] = between_steps(bench, pad)
    return out


def _before_words(case: Case, pad: int) -> bool:
    """Whether padding stands before the words of every text, and nowhere after them."""
    axis = 0 if case.batch_first is False else 1
    given = [ids for ids in padded_inputs(case, case.ids, pad) if bool((ids == pad).any())]
    texts = [ids.flatten(0, -2) if axis == 1 or ids.dim() > 2 else ids.t() for ids in given]
    return bool(texts) and all(bool((t[:, 0] == pad).any()) and not bool((t[:, -1] == pad).any()) for t in texts)


def padded_share(bench: Bench) -> float:
    """Share of padding among the ids of the batches, of the input that has the most; in training or in evaluation.

    Where texts of like length are trained on together, padding is met in evaluation only.
    """
    pad, split = bench.split.padding, bench.split
    if pad is not None and _padded_elsewhere(bench, pad):
        return 0.0
    training = _share_in(split.training[:200], pad)
    if (
        pad is not None and bench.case is not None and training is None
    ):  # tables that are indexed: what is known is one batch
        streams = [stream for _, stream in bench.case.streams]
        return max((float((s == pad).sum()) / max(s.numel(), 1) for s in streams), default=0.0)
    return max(training or 0.0, _share_in(split.eval_batches[-200:], pad) or 0.0)


def _padded_elsewhere(bench: Bench, pad: int) -> bool:
    """Whether the loop that the step is of feeds no padding, beside another loop of training that does."""
    case, places = bench.case, dict[tuple[int, ...], list[Batch]]()
    for batch in bench.split.training:
        places.setdefault(batch.called_at, []).append(batch)
    own = {b.called_at for b in bench.split.training if case is not None and b.step == case.step.index}
    here, there = ([bs[:200] for place, bs in places.items() if (place in own) == mine] for mine in (True, False))
    return bool(here) and all(_share_in(bs, pad) == 0 for bs in here) and any(_share_in(bs, pad) for bs in there)


def _share_in(batches: list[Batch], pad: int | None) -> float | None:
    total, padded, edge = [0] * 4, [0] * 4, [0] * 4
    for batch in batches:
        given = [k.ids for k in batch.lookups[:4] if k.ids.dim() == 2 or not k.bag]
        if not batch.lookups and (fed := fed_ids(batch)) is not None:  # tables that are indexed
            given = [fed]
        for place, ids in enumerate(given):
            total[place] += ids.numel()
            padded[place] += int((ids == pad).sum()) if pad is not None else 0
            edge[place] += at_edges(ids, pad) if pad is not None else 0
    filling = [p if 2 * e >= p else 0 for p, e in zip(padded, edge)]  # what mostly stands amid words stands for words
    return max(p / max(t, 1) for p, t in zip(filling, total)) if any(total) else None


def _padding_row(bench: Bench) -> dict[str, Any] | None:
    """The padding row's norm at the start and now, beside the other rows'."""
    pad = bench.split.padding
    assert bench.case is not None
    for op, _, table in bench.case.lookups:
        weight = bench.case.tape.leaves.get(table)
        if weight is None or pad is None or weight.dim() < 2 or pad >= len(weight):
            continue
        start = bench.recorder.start.get(id(weight))
        norms = weight.detach().norm(dim=1)
        others = torch.cat([norms[:pad], norms[pad + 1 :]])
        return bench.where(op) | {
            "norm": float(norms[pad]),
            "others": float(others.median()),
            "table": bench.names.weight(weight),
            "start": float(start[1][pad].norm()) if start is not None else None,
            "padding_idx": getattr(op.module, "padding_idx", None),
        }
    return None


def _single_call(case: Case) -> RootCall | None:
    """The one call of a model that reads every input and gives the answer."""
    calls = [c for c in case.roots if case.answer in c.out_slots]
    if len(calls) != 1 or not case.ids:
        return None
    call = calls[0]
    inside = [op for op, ids, _ in case.lookups if case.source_of(ids) in case.ids]
    reached = all(call.first_op <= case.tape.ops.index(op) <= call.last_op for op in inside)
    return call if reached else None


def _perturbed(bench: Bench, pad: int) -> dict[str, Any]:
    """Noise in the vectors at padding, then at real words: which of them does the answer follow?"""
    case = bench.case
    assert case is not None
    base, effects, filled = case.base, {"pad": 0.0, "real": 0.0}, False
    answer = base[case.answer]  # type: ignore[index]
    axis = row_axis(tuple(answer.shape), case.rows, 0 if case.batch_first is not False else 1)
    for kind in effects:
        values = {}
        for op, ids, _ in case.lookups:
            out, given = base.get(op.outs[0]), case.value(ids)
            if out is None or given is None or case.source_of(ids) not in case.ids or out.dim() != given.dim() + 1:
                continue
            pads = (given == pad) & case.is_padded(case.source_of(ids), pad)
            filled |= bool(pads.any())
            where = pads if kind == "pad" else ~pads
            noise = torch.randn(out.shape, generator=torch.Generator().manual_seed(3)) * max(size(out), 1e-3)
            values[op.outs[0]] = out + noise.to(out) * where.unsqueeze(-1)
        if not values:
            return {}
        other = case.run(values)[case.answer]  # type: ignore[index]
        effects[kind] = _real_change(bench, answer, other) / scale_of(answer, axis)
    return {"pad_effect": effects["pad"] if filled else None, "real_effect": effects["real"]}


def _real_change(bench: Bench, a: Tensor, b: Tensor) -> float:
    """Change of answers; of one answer a word, only at real words."""
    case, pad = bench.case, bench.split.padding
    assert case is not None
    keep = _real_positions(case, a, pad)
    if keep is None:
        return change(a, b)
    return change(a[keep], b[keep])


def _real_positions(case: Case, answer: Tensor, pad: int | None) -> Tensor | None:
    if pad is None:
        return None
    for slot in reversed(case.ids):
        ids = case.value(slot)
        if ids is not None and ids.dim() == 2 and answer.dim() >= 2 and tuple(answer.shape[:2]) == tuple(ids.shape):
            return ids != pad
        if ids is not None and ids.dim() == 2 and answer.dim() >= 2 and answer.shape[0] == ids.numel():
            return (ids != pad).reshape(-1)
    return None
