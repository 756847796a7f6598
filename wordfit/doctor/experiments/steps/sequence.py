"""Does a decoder see what it must give, and do the ends and the filling of its targets count?"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.axes import by_word
from wordfit.doctor.bench import Bench, change, scale_of
from wordfit.doctor.case import Case
from wordfit.doctor.experiments.steps.signs import answer_gradient, gradients_at

MOST_BEGINNINGS = 200


def sequence(bench: Bench) -> dict[str, Any] | None:
    """For an answer a word: does an early answer change with later input; is the target the input itself?"""
    case = bench.case
    if case is None or case.target is None or case.answer is None:
        return None
    steps = steps_of_target(bench, case, case.value(case.target))
    terms = _terms(case) if steps is None else []
    if terms:
        steps = torch.stack([t for _, t in terms], 1)
    if steps is None:
        return None
    length = steps.shape[1]
    out: dict[str, Any] = {"length": length, "rows": len(steps), "inputs": []}
    pad = bench.split.padding
    for order, (slot, ids) in enumerate(case.streams):
        if ids.shape[0] != len(steps):
            continue
        row: dict[str, Any] = {"input": order, "length": ids.shape[1]}
        first = _first_answered(ids, steps)
        row["copies"] = _agreements(ids[:, first or 0 :], steps, pad)
        if slot is None and ids.shape[1] < length:
            row["copies"]["next"] = max(row["copies"]["next"], _some_steps(ids, steps))
        if slot is None and row["copies"]["same"] > 0.9:
            row["seen_after"] = _seen_after(case, ids, steps, terms)
        if slot is not None and (ids.shape[1] == length or first is not None):
            row["future"] = _future(bench, case, slot, first or 0, ids.shape[1], steps)
        out["inputs"].append(row)
    out["targets"] = _targets(bench, case, steps, terms)
    out["lengths"] = len({w for ids in _looked_up(bench, case, training=True) if (w := _width(case, ids)) > 1})
    out["decodes"] = _decodes(bench, case)
    return out


def _looked_up(bench: Bench, case: Case, training: bool) -> list[Tensor]:
    """What the decoder's table was asked for, look-up by look-up."""
    asked = [(ids, t) for op, ids, t in reversed(case.lookups) if not case.counts(ids, op)]  # positions are no words
    table = next((case.tape.leaves.get(t) for ids, t in asked if ids not in case.learned), None)
    return [
        lookup.ids
        for batch in bench.recorder.batches
        if batch.training == training and not (training is False and batch.grad)
        for lookup in batch.lookups
        if lookup.table is table and lookup.ids.dim()
    ]


def _width(case: Case, ids: Tensor) -> int:
    """How many words of a row were asked for at once."""
    return 1 if ids.dim() == 1 else ids.shape[-1 if case.batch_first is not False else 0]


def _decodes(bench: Bench, case: Case) -> int:
    """How often a look-up is of a single word after another, or of one word more than that before: free decoding.

    Not where the words before are those of the data: there every next word is asked for, and none is written.
    """
    ids = _looked_up(bench, case, training=False)
    widths = [_width(case, one) for one in ids]
    grown = [n for n, (a, b) in enumerate(zip(widths, widths[1:]), 1) if b == a + 1]
    if grown and _begin_rows(bench, case, [ids[n] for n in grown[-MOST_BEGINNINGS:]]):
        grown = []
    return len(grown) + sum(a == b == 1 for a, b in zip(widths, widths[1:]))


def _begin_rows(bench: Bench, case: Case, looked_up: list[Tensor]) -> bool:
    """Whether nearly all of what was looked up are beginnings of rows that the program holds."""
    rows = [row for part in looked_up for row in (part if case.batch_first is not False else part.t()).tolist()]
    texts = [text[0] for split in (bench.split.dev, bench.split.train) for text in split.texts]
    lengths = {len(row) for row in rows}
    begun = {text[:n] for text in texts for n in lengths if n <= len(text)}
    return sum(tuple(row) in begun for row in rows) > 0.9 * len(rows)


def _terms(case: Case) -> list[tuple[int, Tensor]]:
    """A loss for every word, as decoders that go word by word have: the slot of each answer, and its targets (rows)."""
    found = []
    for op in case.loss_ops:
        target = case.value(op.ins[1]) if op.name in ("cross_entropy", "nll_loss") and len(op.ins) > 1 else None
        if target is not None and target.dim() == 1 and len(target) == case.rows and not target.is_floating_point():
            found.append((op.ins[0], target))
    return found if len(found) > 2 else []


def steps_of_target(bench: Bench, case: Case, target: Tensor | None) -> Tensor | None:
    """The targets as (rows, time); a flattened target is folded back."""
    if target is None or target.is_floating_point():
        return None
    if target.dim() == 3 and target.shape[-1] == 1:
        target = target.squeeze(-1)
    if target.dim() == 2 and target.shape[1] > 1:
        same = any(tuple(case.tape.shapes[s]) == tuple(target.shape) for s in case.ids)
        if case.batch_first is False and target.shape[0] != case.rows and (not same or target.shape[1] == case.rows):
            return target.t()
        return (
            target if target.shape[0] == case.rows or same else (target.t() if target.shape[1] == case.rows else None)
        )
    if target.dim() == 1 and case.rows and target.numel() % case.rows == 0 and target.numel() > case.rows:
        if _one_a_row(case, target.numel()):
            return None
        for slot in case.ids:
            if len(case.tape.shapes[slot]) == 2 and _numel(case.tape.shapes[slot]) == target.numel():
                ids_shape = case.tape.shapes[slot]
                folded = target.reshape(ids_shape)
                return folded if ids_shape[0] == case.rows else folded.t()
        return target.reshape(case.rows, -1) if case.batch_first is not False else target.reshape(-1, case.rows).t()
    return None


def _one_a_row(case: Case, many: int) -> bool:
    """Whether another input has as many rows as there are targets, as an episode's queries beside their examples."""
    shapes = [case.tape.shapes[slot] for slot in case.ids]
    return any(len(s) == 2 and s[0] == many for s in shapes) and all(_numel(s) != many for s in shapes)


def _numel(shape: tuple[int, ...]) -> int:
    total = 1
    for s in shape:
        total *= s
    return total


def _agreements(ids: Tensor, steps: Tensor, pad: int | None) -> dict[str, float]:
    """Share of targets equal to the input at the same place, one before, one after."""
    found = {}
    for name, shift in (("same", 0), ("next", 1), ("previous", -1)):
        length = min(ids.shape[1], steps.shape[1])
        a, b = ids[:, :length], steps[:, :length]
        if shift == 1:
            a, b = a[:, 1:], b[:, :-1]
        elif shift == -1:
            a, b = a[:, :-1], b[:, 1:]
        keep = (b >= 0) & (b != pad) if pad is not None else b >= 0
        found[name] = float((a == b)[keep].float().mean()) if bool(keep.any()) else 0.0
    return found


def _some_steps(ids: Tensor, steps: Tensor) -> float:
    """Share of single steps (rows, some) that are steps of the target, in order: others were a decoder's own answers.

    A mark that begins all rows is left out.
    """
    columns = [c for n, c in enumerate(ids.unbind(1)) if n or not bool((c == c[0]).all())]
    found, after = 0, 0
    for column in columns:
        at = next((n for n in range(after, steps.shape[1]) if torch.equal(column, steps[:, n])), None)
        if at is not None:
            found, after = found + 1, at + 1
    return found / len(columns) if len(columns) > 2 else 0.0


def _first_answered(ids: Tensor, steps: Tensor) -> int | None:
    """Where a longer input begins to be answered, if what follows there are the targets: a prompt has no loss."""
    length = steps.shape[1]
    for first in range(ids.shape[1] - length + 1) if ids.shape[1] > length > 2 else ():
        if float((ids[:, first + 1 : first + length] == steps[:, :-1]).float().mean()) > 0.9:
            return first
    return None


def _future(bench: Bench, case: Case, slot: int, first: int, whole: int, steps: Tensor) -> dict[str, Any] | None:
    """Change the later half of an input; answers before it must not change in a model of what comes next.

    Of the `whole` input the steps of the target begin with that at `first`.
    """
    ids = case.value(slot)
    assert ids is not None
    rows, length = steps.shape
    half = length // 2
    time_axis = 1 if ids.shape[0] == rows and ids.shape[1] == whole else 0
    if half < 1:
        return None
    changed = ids.clone()
    part = changed.narrow(time_axis, first + half, whole - first - half)
    pad = bench.split.padding
    pool = ids[ids != pad] if pad is not None else ids.reshape(-1)
    drawn = pool[torch.randint(len(pool), part.shape, generator=torch.Generator().manual_seed(5))]
    part.copy_(torch.where(part == pad, part, drawn) if pad is not None else drawn)
    answer_slot = case.answer
    assert answer_slot is not None
    a, b = case.base[answer_slot], case.run({slot: changed})[answer_slot]
    base, other = (_answers_of(answer, steps, first, whole, time_axis) for answer in (a, b))
    if base is None or other is None:
        return None
    early = change(base[:, :half], other[:, :half]) / scale_of(base, None)
    late = change(base[:, half:], other[:, half:]) / scale_of(base, None)
    out: dict[str, Any] = {"early": early, "late": late}
    if early > 1e-4:
        out["recurrent"] = any(getattr(o.module, "bidirectional", False) for o in case.tape.ops)
        out["attention"] = sorted(
            {
                o.name
                for o in case.tape.ops
                if o.name in ("softmax", "scaled_dot_product_attention", "multi_head_attention_forward")
            }
        )
    return out


def _answers_of(answer: Tensor, steps: Tensor, first: int, whole: int, time_axis: int) -> Tensor | None:
    """The answers (rows, time, ...) that go with the targets, where a model may answer more of its input."""
    rows, length = steps.shape
    own = by_word(answer, rows, length, time_axis)
    if own is None and (every := by_word(answer, rows, whole, time_axis)) is not None:
        return every[:, first : first + length]
    return own


def _seen_after(case: Case, ids: Tensor, steps: Tensor, terms: list[tuple[int, Tensor]]) -> int | None:
    """How many places after its own a word that is looked up alone first changes an answer; None if that is not known.

    A decoder that goes word by word may look a word up at the end of its place, for the place to come.
    """
    slots = [slot for slot, _ in terms] or ([case.answer] if case.answer is not None else [])
    for place in range(ids.shape[1] // 2, ids.shape[1]):
        column = ids[:, place]
        alone = [(n, v) for _, n, _ in case.lookups if (v := case.value(n)) is not None and v.numel() == len(column)]
        alone = [(n, v) for n, v in alone if torch.equal(v.reshape(-1), column)]
        if len(alone) != 1 or torch.equal(column, column.roll(1)):
            continue
        slot, words = alone[0]
        played = case.run({slot: words.reshape(-1).roll(1).reshape(words.shape)})
        answers = [(case.base[n], played[n]) for n in slots]
        if not terms:
            pair = [by_word(value, len(steps), steps.shape[1], _time_axis(case)) for value in answers[0]]
            if pair[0] is None or pair[1] is None:
                return None
            answers = list(zip(pair[0].unbind(1), pair[1].unbind(1)))
        return next((n - place for n, (before, after) in enumerate(answers) if not torch.equal(before, after)), None)
    return None


def _targets(bench: Bench, case: Case, steps: Tensor, terms: list[tuple[int, Tensor]]) -> dict[str, Any]:
    """What the targets hold at the ends of rows, and how much of the loss comes from padding."""
    ignored = next(
        (op.kwargs.get("ignore_index", -100) for op in case.loss_ops if op.name in ("cross_entropy", "nll_loss")), None
    )
    fills = _filling(steps, ignored)
    tails = (steps == fills).flip(1).long().cumprod(1).sum(1)
    tails = tails.masked_fill(tails == steps.shape[1], 0)  # filling follows on something else
    filled = tails > (0 if fills == ignored else 1)  # a single one may be a mark of the end
    flat, counts = steps.reshape(-1).unique(return_counts=True)
    ends = _ends(steps, {fills if float((tails > 1).float().mean()) > 0.1 else None, ignored, bench.split.padding})
    return {
        "fill": fills,
        "fill_share": float((steps == fills).float().mean()),
        "filled_rows": float(filled.float().mean()),
        "fill_inside": _inside(steps, fills),
        "ignore_index": ignored,
        "distinct": len(flat),
        "top": int(flat[counts.argmax()]),
        "top_share": float(counts.max() / counts.sum()),
        "ends": ends,
        "same_end": ends["share"] if ends else None,
        "input_filled": _input_filled(case, steps, fills),
        "gradient_at_fill": _gradient_at_fill(bench, case, steps, fills, terms),
    }


def _filling(steps: Tensor, ignored: int | None) -> int:
    """What rows of targets are filled up with: what the loss ignores, if rows end with it; else what most end with."""
    last = steps[:, -1]
    return ignored if ignored is not None and bool((last == ignored).any()) else int(last.mode().values)


def _inside(steps: Tensor, fill: int) -> float:
    """How much of what may be filling stands before something else: none of it, where it is filling."""
    found = steps == fill
    at_end = found.flip(1).long().cumprod(1).flip(1).bool()
    return float((found & ~at_end).sum() / found.sum().clamp(min=1))


def _input_filled(case: Case, steps: Tensor, fill: int) -> float | None:
    """How often inputs hold one and the same id where rows of targets end with their filling, its first place aside."""
    tails = (steps == fill).flip(1).long().cumprod(1).flip(1).bool()
    tails = tails & tails.roll(1, 1)
    tails[:, 0] = False
    shares = []
    for _, ids in case.streams:
        if ids.shape == steps.shape and bool(tails.any()):
            there = ids[tails]
            shares.append(float((there == there.mode().values).float().mean()))
    return max(shares, default=None)


def _ends(steps: Tensor, fills: set[int | None]) -> dict[str, Any] | None:
    """The last real target of every row: is it always the same, as a mark of the end, which stands nowhere else?"""
    rows = [real for row in steps.tolist() if (real := [i for i in row if i not in fills and i >= 0])]
    if not rows:
        return None
    ends = [row[-1] for row in rows]
    top = max(set(ends), key=ends.count)
    inside = sum(top in row[:-1] for row in rows) / len(rows)
    return {"id": top, "share": ends.count(top) / len(ends), "distinct": len(set(ends)), "inside": inside}


def _gradient_at_fill(
    bench: Bench, case: Case, steps: Tensor, fill: int, terms: list[tuple[int, Tensor]]
) -> float | None:
    """Share of the loss's gradient at the answer that lies where the target is the filling."""
    if terms:
        _, grads = gradients_at(case, [slot for slot, _ in terms])
        if any(g is None for g in grads):
            return None
        strength = torch.stack([g.reshape(len(steps), -1).abs().sum(-1) for g in grads], 1)  # (rows, time)
    else:
        grad, _ = answer_gradient(case, start=True)
        folded = by_word(grad, len(steps), steps.shape[1], _time_axis(case)) if grad is not None else None
        if folded is None:
            return None
        strength = folded.reshape(len(steps), steps.shape[1], -1).abs().sum(-1)
    tails = (steps == fill).flip(1).long().cumprod(1).flip(1).bool()
    pad = bench.split.padding
    texts = [ids for _, ids in case.streams if ids.shape == steps.shape]
    ends = [found for ids in texts if pad is not None and bool((found := ids.eq(pad)).any())]
    if texts and pad is not None and not ends:  # all as long: what targets end with is no filling
        return None
    if ends:  # the texts tell where they end
        padded = tails & torch.stack(ends).any(0)
        a_class_too = bool(((steps == fill) & ~tails).any())  # that rows may end with
        tails = padded if a_class_too or (bool(padded.any()) and not bool(strength[padded].any())) else tails
    return float(strength[tails].sum() / strength.sum().clamp(min=1e-12))


def _time_axis(case: Case) -> int:
    return 1 if case.batch_first is not False else 0
