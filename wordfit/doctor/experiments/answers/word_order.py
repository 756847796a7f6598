"""Does word order change an answer: the words of a row move among their own places, and nothing else changes.

What fills rows up stays where it is, and so do marks that begin or end every row. Of one answer a word, the answer at
the middle word is compared, while the words before it and those after it move among themselves: so the word stays,
and for a model that looks one way only the words that it has seen stay the same ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.axes import bag_rows, bag_starts, by_word
from wordfit.doctor.bench import Bench, row_axis, scale_of, size
from wordfit.doctor.case import Case

SHUFFLES = 2
MARK = 0.95  # share of rows that begin, or end, with one and the same id: a mark, and no word


@dataclass
class Text:
    """One input: the slots that hold it, where it has words, and what of its places may move."""

    slots: dict[int, int | None]  # slot to the axis that counts its rows; None for rows that stand end to end, as bags
    real: Tensor  # (rows, time)
    groups: Tensor  # (rows, time), places with the same number exchange their words; 0 stays
    answered: bool = False  # whether there is an answer for each of its words
    middle: Tensor | None = None  # (rows), the place whose answer is compared, where there is one for each word


def word_order(bench: Bench) -> dict[str, Any] | None:
    """Move the words of every row among their own places; beside it, the same rows with other words in these places.

    By input: the share of rows whose answer changes beyond noise, and by how much, as a share of the spread between
    rows; and the change where all rows move alike, which a layer that takes rows for time does not see.
    """
    case = bench.case
    if case is None or case.rows < 2 or case.answer is None or not _has_rows(case):
        return None
    base = case.base.get(case.answer)
    if base is None or not base.is_floating_point() or not bool(torch.isfinite(base).all()):
        return None
    texts = _texts(bench, case, base)
    rows = [row for text in texts if (row := _asked(bench, case, base, text, texts)) is not None]
    return {"inputs": rows} if rows else None


def _has_rows(case: Case) -> bool:
    """Whether it is known which axis counts the rows: by the target, else by what inputs and answer have in common."""
    if case.batch_first is not None:
        return True
    shapes = [case.tape.shapes[s] for s in case.ids]
    rows = case.tape.shapes[case.answer][:1]  # type: ignore[index]
    return bool(shapes) and all(len(s) == 2 and s[:1] == rows and s[1] != s[0] for s in shapes)


def _texts(bench: Bench, case: Case, base: Tensor) -> list[Text]:
    """The inputs that are read word by word; what is laid out alike, padding included, tells of the same words."""
    decoder, pad, found = _decoder(bench, case), bench.split.padding, dict[Any, Text]()
    for slot in dict.fromkeys(_laid_out(case, s) for s in (case.ids or case.float_inputs)):
        value = case.value(slot) if slot is not None else None
        if slot is None or value is None or (pad is None and _picked(case, slot)):
            continue
        grid = _grid(case, slot, value)
        axis = row_axis(tuple(value.shape), case.rows, 0 if case.batch_first else 1) if grid is None else None
        whole = value.dim() in (2, 3) and axis in (0, 1) and not (value.is_floating_point() and value.dim() == 2)
        if not whole if grid is None else len(grid) != case.rows:
            continue
        laid = _rows_of(case, slot, axis, value)
        real = _real(laid, pad) if grid is None else grid >= 0
        key = slot == decoder, tuple(real.shape), real.numpy().tobytes()
        same = found.setdefault(key, Text({}, real, real))
        same.slots[slot] = axis
        same.groups = same.groups & ~_marks(laid, real)
    texts = [t for t in found.values() if t.real.shape[1] > 1]
    last = next((t for t in reversed(texts) if _by_word(case, base, t) is not None), None)
    for text in texts:
        text.groups = text.groups.long()
        if text is last:
            text.answered, text.middle = True, _middle(text.real)
            text.groups = _around(text.groups, text.middle)
    return texts


def _picked(case: Case, slot: int) -> bool:
    """Whether some places of an input are looked up, not all of them nor one step's: which ones is not known."""
    shape = case.tape.shapes[slot]
    looked = [case.tape.shapes[ids] for _, ids, _ in case.lookups if case.source_of(ids) == slot]
    return len(shape) == 2 and any(len(s) == 1 and s[0] not in (*shape, shape[0] * shape[1]) for s in looked)


def _grid(case: Case, slot: int, value: Tensor) -> Tensor | None:
    """Where in flat ids every word of every row of bags stands (rows, time), -1 where there is none."""
    starts = bag_starts(case, slot)
    if starts is None or value.is_floating_point():
        return None
    rows, places = bag_rows(starts.cpu(), len(value)), torch.arange(len(value))
    after = places - starts.cpu()[rows]
    grid = torch.full((len(starts), int(after.max()) + 1 if len(value) else 1), -1)
    grid[rows, after] = places
    return grid


def _rows_of(case: Case, slot: int, axis: int | None, value: Tensor) -> Tensor:
    """An input as (rows, time), or (rows, time, letters or features)."""
    if axis is not None:
        return value.movedim(axis, 0).cpu()
    grid = _grid(case, slot, value)
    assert grid is not None
    return value.cpu()[grid.clamp(min=0)]


def _back(case: Case, slot: int, axis: int | None, value: Tensor, laid: Tensor) -> Tensor:
    """Changed rows in the layout of the input that they were taken from."""
    if axis is not None:
        return laid.movedim(0, axis).to(value.device)
    grid, out = _grid(case, slot, value), value.cpu().clone()
    assert grid is not None
    out[grid[grid >= 0]] = laid[grid >= 0]
    return out.to(value.device)


def _laid_out(case: Case, slot: int) -> int | None:
    """The ids (rows, time) that flat ones were packed or picked from; bags are flat themselves."""
    if bag_starts(case, slot) is not None:
        return slot
    for _ in range(8):
        if len(case.tape.shapes[slot]) != 1:
            return slot
        made = [op for op in case.tape.ops if slot in op.outs and op.ins and slot not in op.ins]
        if not made:
            return None
        slot = made[0].ins[0]
    return None


def _decoder(bench: Bench, case: Case) -> int | None:
    """The slot of the input whose next words are the targets."""
    rows = (bench.facts.get("sequence") or {}).get("inputs") or []
    streams = [case.streams[r["input"]][0] for r in rows if (r.get("copies") or {}).get("next", 0) > 0.7]
    return streams[-1] if streams else None


def _real(laid: Tensor, pad: int | None) -> Tensor:
    """Where there is a word: (rows, time)."""
    if laid.is_floating_point():
        return laid.abs().sum(-1) > 0
    words = laid != pad if pad is not None else torch.ones_like(laid, dtype=torch.bool)
    return words if words.dim() == 2 else words.any(-1)


def _marks(laid: Tensor, real: Tensor) -> Tensor:
    """Places of marks that begin or end every row: they say where a text begins or ends, and stay."""
    marks = torch.zeros_like(real)
    if laid.dim() != 2 or laid.is_floating_point() or len(laid) < 4:
        return marks
    places = torch.arange(1, real.shape[1] + 1)
    for ends in ((real * places.flip(0)).argmax(1), (real * places).argmax(1)):  # (rows)
        ids = laid.gather(1, ends.unsqueeze(1)).squeeze(1)
        if float((ids == ids.mode().values).float().mean()) >= MARK:
            marks.scatter_(1, ends.unsqueeze(1), True)
    return marks & real


def _middle(real: Tensor) -> Tensor:
    """The place of the middle word of every row."""
    order = real.cumsum(1)
    return ((order == order[:, -1:] // 2 + 1) & real).long().argmax(1)


def _around(groups: Tensor, middle: Tensor) -> Tensor:
    """Words before the middle one, and those after it, move among themselves."""
    places = torch.arange(groups.shape[1])
    return groups * torch.where(places < middle.unsqueeze(1), 1, 2) * (places != middle.unsqueeze(1))


def _by_word(case: Case, answer: Tensor, text: Text) -> Tensor | None:
    """Answers (rows, time, ...) where there is one for each word of a text, as there is a target for each."""
    target = case.tape.shapes[case.target] if case.target is not None else ()
    if target and torch.Size(target).numel() <= case.rows:
        return None
    axis = next(iter(text.slots.values()))
    return by_word(answer, case.rows, text.real.shape[1], 1 - axis) if axis is not None else None


def _asked(bench: Bench, case: Case, base: Tensor, text: Text, texts: list[Text]) -> dict[str, Any] | None:
    """What moving the words of one input does to the answers; None where no row has two words to exchange."""
    answers = _reader(case, text, texts)
    if answers is None or (before := answers(base)) is None:
        return None
    again = answers(case.run(until=case.answer)[case.answer])  # type: ignore[index]
    shift = _shift(before, again)  # (rows), what the same words played twice differ by
    scale = scale_of(before, 0)
    least = torch.clamp(3 * shift, min=max(1e-4 * scale, _rounding(base) * size(before)))
    draw = torch.Generator().manual_seed(6)
    moved, asked = torch.zeros(case.rows), torch.zeros(case.rows, dtype=torch.bool)
    for _ in range(SHUFFLES):
        change, differs = _changed(case, text, _shuffled(text.groups, draw), answers, before)
        moved, asked = torch.maximum(moved, change), asked | differs
    if not bool(asked.any()):
        return None
    swapped = _changed(case, text, None, answers, before, draw)[0]
    slots = list(text.slots)
    tables = [
        bench.names.module(op.module) for op, ids, _ in case.lookups if _laid_out(case, case.source_of(ids)) in slots
    ]
    found: dict[str, Any] = {
        "looked_up_by": list(dict.fromkeys(tables)),
        "answer": "of the middle word" if text.answered else "of the row",
        "rows": int(asked.sum()),
        "changed": float((moved > least)[asked].float().mean()),
        "change": float(moved[asked].mean()) / scale,
        "by_other_words": float(swapped[asked].mean()) / scale,
        "depends": bool((swapped > least)[asked].any()),
    }
    return found | _alike(case, base, text, answers, scale)


def _rounding(value: Tensor) -> float:
    """Sums in another order differ by this share of their size."""
    return max(1e-5, 8 * torch.finfo(value.dtype).eps)


def _reader(case: Case, text: Text, texts: list[Text], place: int | None = None) -> Callable[[Tensor], Any] | None:
    """How the answers that are compared are read off: (rows, ...); at one place of all rows if it is given."""
    if text.answered:
        middle = text.middle if place is None else torch.full((case.rows,), place)

        def at_middle(answer: Tensor) -> Tensor | None:
            folded = _by_word(case, answer, text)
            return folded[torch.arange(case.rows), middle] if folded is not None else None

        return at_middle
    other = next((t for t in texts if t.answered), None)
    if other is not None:  # a source: the answers at every word of what is written

        def at_words(answer: Tensor) -> Tensor | None:
            folded = _by_word(case, answer, other)
            if folded is None:
                return None
            keep = other.real.reshape(*other.real.shape, *[1] * (folded.dim() - 2))
            return folded.masked_fill(~keep.to(folded.device), 0.0)

        return at_words
    shape = tuple(case.tape.shapes[case.answer])  # type: ignore[index]
    axis = row_axis(shape, case.rows, 0 if case.batch_first else 1)
    return (lambda answer: answer.movedim(axis, 0)) if axis is not None else None


def _shift(a: Tensor, b: Tensor) -> Tensor:
    """The largest change in each row: (rows)."""
    return (a.float() - b.float()).abs().reshape(len(a), -1).amax(1).cpu()


def _shuffled(groups: Tensor, draw: torch.Generator) -> Tensor:
    """Which place every place takes its word from: (rows, time)."""
    places = torch.arange(groups.shape[1]).expand_as(groups)
    keys = torch.rand(groups.shape, generator=draw, dtype=torch.float64)
    here = (groups * groups.shape[1] + places).argsort(1)
    there = (groups + 0.999 * keys).argsort(1)
    return torch.where(groups > 0, places.scatter(1, here, there), places)


def _changed(
    case: Case, text: Text, index: Tensor | None, answers: Any, before: Tensor, draw: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """The change of every row's answer, and which rows differ: by an order of words, or by words drawn anew."""
    values, differs = {}, torch.zeros(case.rows, dtype=torch.bool)
    for slot, axis in text.slots.items():
        value = case.value(slot)
        assert value is not None
        laid = _rows_of(case, slot, axis, value)  # (rows, time, ...)
        taken = _taken(laid, index) if index is not None else _drawn(laid, text, draw)
        differs |= (taken != laid).reshape(case.rows, -1).any(1)
        values[slot] = _back(case, slot, axis, value, taken)
    after = answers(case.run(values, until=case.answer)[case.answer])  # type: ignore[index]
    return _shift(before, after), differs


def _taken(laid: Tensor, index: Tensor) -> Tensor:
    more = index.reshape(*index.shape, *[1] * (laid.dim() - 2))
    return laid.gather(1, more.expand_as(laid))


def _drawn(laid: Tensor, text: Text, draw: torch.Generator | None) -> Tensor:
    """Other words of the batch at the places that may move."""
    pool = laid[text.groups > 0]  # (words, ...)
    out = laid.clone()
    out[text.groups > 0] = pool[torch.randint(len(pool), (len(pool),), generator=draw)]
    return out


def _alike(case: Case, base: Tensor, text: Text, answers: Any, scale: float) -> dict[str, Any]:
    """Move whole columns, the same in all rows: a layer that runs over the rows in place of the words sees nothing.

    The outermost columns stay, since an answer may be read off there; rows that have words in all of them are compared.
    """
    free = (text.groups > 0) | (_at(text.middle, text.real) if text.answered else torch.zeros_like(text.real))
    if None in text.slots.values():  # bags have no columns
        return {}
    columns = (free.float().mean(0) >= 0.5).nonzero().flatten()[1:-1]
    place = int(columns[len(columns) // 2]) if text.answered and len(columns) else None
    rows = text.real[:, columns].all(1)
    moving = columns[columns != place] if place is not None else columns
    if len(moving) < 2 or int(rows.sum()) < 2:
        return {}
    index = torch.arange(text.real.shape[1])
    index[moving] = moving.roll(1)
    answers = _reader(case, text, [text], place) if place is not None else answers
    change, differs = _changed(case, text, index.expand_as(text.real), answers, answers(base))
    rows &= differs
    return (
        {"change_alike": float(change[rows].mean()) / scale, "rows_alike": int(rows.sum())} if bool(rows.any()) else {}
    )


def _at(places: Tensor | None, like: Tensor) -> Tensor:
    assert places is not None
    return torch.zeros_like(like).scatter(1, places.unsqueeze(1), True)
