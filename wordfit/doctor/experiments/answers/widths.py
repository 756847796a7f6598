"""The same rows in a wider and in a narrower batch: padding is added to every row, or rows that need it are taken out.

The second way is for models that cannot be made wider (a table of positions that ends), and for packed batches, in
which only the longest row decides how much padding the others get.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.axes import is_turned
from wordfit.doctor.bench import Bench, change, copied, row_axis, scale_of
from wordfit.doctor.case import Case
from wordfit.doctor.experiments.answers.tracing import Layout, first_difference, trace
from wordfit.doctor.seen import RootCall
from wordfit.doctor.tape import Tape


def widths(bench: Bench, call: RootCall | None, pad: int) -> dict[str, Any]:
    """How much answers change with padding: the largest change over the inputs and ways, and where it comes in."""
    case = bench.case
    assert case is not None
    step = Called(case, call) if call is not None else Played(case)
    best: dict[str, Any] = {}
    why_not = "no input of words"
    among = (bench.facts.get("company") or {}).get("max_change", 1.0)
    ways: tuple[Callable[..., Any], ...] = (
        (_wider, _narrower) if among < 1e-3 else (_wider,)
    )  # beside other rows, where those change nothing themselves
    slots = step.slots
    if call is not None and not set(case.ids).intersection(slots):  # texts that the model itself makes ids of
        slots, ways = case.ids, (_narrower,)
    for ids in padded_inputs(case, [s for s in slots if ever_padded(bench, s, pad)], pad):
        waiting: list[Callable[..., Any]] = list(ways) if ids.dim() == 2 else [_wider]
        for way in waiting:
            try:
                found = _trial(bench, step, ids, pad, way)
            except Exception as error:
                why_not = f"{type(error).__name__}: {error}"[:300]
                if way is _wider:  # a table of positions may end before half as much again
                    waiting.append(_a_little_wider)
                continue
            if isinstance(found, str):
                why_not = found
            elif found["appended"] > best.get("appended", -1.0):
                best = found
    return (best or {"appended": None, "why_not_appended": why_not}) | {"played": call is None}


def ever_padded(bench: Bench, slot: int, pad: int) -> bool:
    """Whether an input held padding in any batch; others may never be filled up, though their table has such a row."""
    case, split = bench.case, bench.split
    assert case is not None
    places = [n for n, (_, ids, _) in enumerate(case.lookups) if case.source_of(ids) == slot]
    batches = [b for b in (*split.training[:200], *split.eval_batches[-200:]) if len(b.lookups) == len(case.lookups)]
    if not batches or not places or len(case.lookups) > 6:
        return True
    return any(bool((b.lookups[n].ids == pad).any()) for b in batches for n in places)


def padded_inputs(case: Case, slots: Iterable[int], pad: int) -> list[Tensor]:
    """The ids (rows, time), (time, rows) or (..., rows, time) among some slots, those with padding first."""
    found = []
    for slot in case.ids:
        value = case.value(slot)
        if slot in slots and value is not None and value.dim() > 1 and case.is_padded(slot, pad):
            found.append(value)
    return sorted(found, key=lambda ids: not bool((ids == pad).any()))[:3]


class Called:
    """A model that is called anew, with other arguments."""

    def __init__(self, case: Case, call: RootCall) -> None:
        self.model = copied(call.module).eval()
        self.given: Any = (call.args, call.kwargs)
        self.slots: Iterable[int] = call.in_slots

    def run(self, given: Any) -> tuple[Tape, dict[Any, Tensor]]:
        """Every value of a call."""
        return trace(self.model, *given)

    def without_padding_row(self, case: Case, pad: int) -> Called | None:
        """The same with the padding row at zero, if it is not."""
        bare = copy.copy(self)
        bare.model = copied(self.model)
        return bare if _clear_row(case, list(bare.model.parameters()), pad) else None


class Played:
    """A step without a model that could be called: the tape is played with other data, as far as no width is fixed."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.weights = case.copies()
        below = {n for slot in case.ids for n in case.tape.descendants(slot)} - set(case.ids)
        fed = set(case.tape.leaves)  # and not made on the way, as arange and zeros are: those are of no row
        for op in case.tape.ops:
            fed.update(op.outs if fed.intersection(op.ins) else ())
        data = fed - case.learned - below
        self.given: Any = {n: v for n in data if (v := case.value(n)) is not None and v.dim()}
        self.slots: Iterable[int] = case.ids

    def run(self, given: Any) -> tuple[Tape, dict[Any, Tensor]]:
        """Every value up to the answer."""
        changed = {n: v for n, v in given.items() if v is not self.given[n]}
        held: dict[Any, Tensor] = dict(self.case.run(changed, self.weights, until=self.case.answer))
        return self.case.tape, held | {"answer": held[self.case.answer]}

    def without_padding_row(self, case: Case, pad: int) -> Played | None:
        """The same with the padding row at zero, if it is not."""
        bare = copy.copy(self)
        bare.weights = {n: w.detach().clone() for n, w in self.weights.items()}
        return bare if _clear_row(case, list(bare.weights.values()), pad) else None


def _trial(bench: Bench, step: Called | Played, ids: Tensor, pad: int, way: Callable[..., Any]) -> Any:
    case = bench.case
    assert case is not None
    if any(t.shape == ids.shape and is_turned(t, ids) for t in _flat(step.given)):
        return "as many rows as words, given as (rows, time) and looked up as (time, rows)"
    made = way(case, step.given, ids, pad)
    if isinstance(made, str):
        return made
    narrow, wide, layout = made
    first, second = step.run(narrow), step.run(wide)
    pair = layout.alike(first[1]["answer"], second[1]["answer"])
    if pair is None:
        return "the answer's shape follows the padding"
    scale = scale_of(first[1]["answer"], _rows_of(case, first[1]["answer"]))
    out: dict[str, Any] = {"appended": change(*pair) / scale, "way": way.__name__.strip("_"), "length": layout.length}
    out["more"] = (
        _width(case, wide, ids) - layout.length if way is not _narrower else ids.shape[_time(case, ids)] - layout.length
    )
    if out["appended"] > 1e-3:
        out["first"], out["through"] = first_difference(bench, first, second, layout)
        bare = step.without_padding_row(case, pad)
        if bare is not None:
            pair = layout.alike(bare.run(narrow)[1]["answer"], bare.run(wide)[1]["answer"])
            out["appended_with_zero_row"] = change(*pair) / scale if pair is not None else None
    return out


def _rows_of(case: Case, answer: Tensor) -> int | None:
    return row_axis(tuple(answer.shape), case.rows, 0 if case.batch_first is not False else 1)


def _time(case: Case, ids: Tensor) -> int:
    return ids.dim() - 1 if case.batch_first is not False or ids.dim() > 2 else 0


def _width(case: Case, given: Any, ids: Tensor) -> int:
    """How wide the lengthened input is."""
    axis = _time(case, ids)
    flat = [t for t in _flat(given) if t.dim() == ids.dim() and t.shape[axis - 1] == ids.shape[axis - 1]]
    return max((t.shape[axis] for t in flat), default=ids.shape[axis])


def _flat(value: Any) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, (tuple, list)) else []
    return [t for item in items for t in _flat(item)]


def pads_left(ids: Tensor, pad: int, time_axis: int) -> bool:
    """Whether rows are filled up at their start."""
    view = ids.flatten(0, -2) if time_axis else ids.t()
    return int((view[:, 0] == pad).sum()) > int((view[:, -1] == pad).sum())


def _wider(case: Case, given: Any, ids: Tensor, pad: int, more: int | None = None) -> Any:
    """Every row half as long again, filled up with padding."""
    axis = _time(case, ids)
    length, left = ids.shape[axis], pads_left(ids, pad, axis)
    texts = _beside(case, ids, pad)
    return (
        given,
        _padded(given, texts, axis, more or max(3, length // 2), pad, left),
        Layout(_any_padding(texts, pad), length, left),
    )


def _a_little_wider(case: Case, given: Any, ids: Tensor, pad: int) -> Any:
    """Every row one longer."""
    return _wider(case, given, ids, pad, more=1)


def _beside(case: Case, ids: Tensor, pad: int) -> list[Tensor]:
    """The ids, and other texts that happen to be as wide: they cannot be told apart by their shape."""
    others = [case.value(s) for s in case.ids if case.is_padded(s, pad)]
    return [ids, *(o for o in others if o is not None and o.shape == ids.shape and not torch.equal(o, ids))]


def _any_padding(texts: list[Tensor], pad: int) -> Tensor:
    return torch.stack([t == pad for t in texts]).any(0)


def _narrower(case: Case, given: Any, ids: Tensor, pad: int) -> Any:
    """The shorter rows by themselves, as wide as they need; and the same after one long row.

    Rows stand by falling length, so that packing does not change their order.
    """
    axis = _time(case, ids)
    rows, left = ids.shape[1 - axis], pads_left(ids, pad, axis)
    texts = _beside(case, ids, pad)
    lengths = torch.stack([_lengths(t if axis == 1 else t.t(), pad, left) for t in texts]).amax(0)  # (rows)
    if rows < 4 or int(lengths.max()) < ids.shape[axis] or float(ids.shape[axis]) <= float(lengths.median()):
        return "no row is shorter than the others"
    short = (lengths <= lengths.median()).nonzero().flatten()
    width = max(int(lengths[short].max()), 1)
    filled = short.repeat(rows // len(short) + 1)[:rows]
    filled = filled[lengths[filled].argsort(descending=True, stable=True)]
    beside = torch.cat([lengths.argmax().reshape(1), filled[1:]])
    narrow = _cut_time(_chosen(given, filled, ids, rows, axis), ids.shape, axis, width, left)
    pads = _any_padding([t.index_select(1 - axis, filled) for t in texts], pad)
    pads = pads.narrow(axis, ids.shape[axis] - width if left else 0, width)
    return narrow, _chosen(given, beside, ids, rows, axis), Layout(pads, width, left, rows)


def _lengths(ids: Tensor, pad: int, left: bool) -> Tensor:
    """Words of every row, up to the last real one."""
    real = (ids != pad).flip(1) if left else ids != pad
    places = torch.arange(1, ids.shape[1] + 1)
    return (real * places).amax(1)


def _chosen(value: Any, rows: Tensor, ids: Tensor, count: int, axis: int) -> Any:
    """The arguments with other rows: of tensors, and of lists with an entry a row."""
    if isinstance(value, Tensor):
        if value.requires_grad or not value.dim():
            return value
        at = 1 - axis if value.dim() >= 2 and value.shape[:2] == ids.shape[:2] else 0 if len(value) == count else None
        if at is None and value.dim() >= 2 and value.shape[1] == count:
            at = 1
        return value.index_select(at, rows.to(value.device)) if at is not None else value
    if isinstance(value, dict):
        return {k: _chosen(v, rows, ids, count, axis) for k, v in value.items()}
    if isinstance(value, (tuple, list)):
        if len(value) == count and count >= 4 and type(value) in (tuple, list):
            return type(value)([value[i] for i in rows.tolist()])
        return type(value)([_chosen(v, rows, ids, count, axis) for v in value])
    return value


def _cut_time(value: Any, shape: torch.Size, axis: int, width: int, left: bool) -> Any:
    if isinstance(value, Tensor):
        if value.dim() < 2 or value.shape[:2] != shape[:2] or value.requires_grad:
            return value
        return value.narrow(axis, value.shape[axis] - width if left else 0, width)
    if isinstance(value, dict):
        return {k: _cut_time(v, shape, axis, width, left) for k, v in value.items()}
    if type(value) in (tuple, list):
        return type(value)([_cut_time(v, shape, axis, width, left) for v in value])
    return value


def _padded(value: Any, texts: list[Tensor], axis: int, more: int, pad: int, left: bool) -> Any:
    """Arguments with every (rows, time) tensor lengthened: ids by padding, masks by what they say of padding."""
    if isinstance(value, Tensor):
        axes = texts[0].dim()
        if value.dim() < axes or value.shape[:axes] != texts[0].shape or value.requires_grad:
            return value
        shape = list(value.shape)
        shape[axis] = more
        fill = torch.full(shape, _filling(value, texts, pad), dtype=value.dtype)
        return torch.cat([fill, value] if left else [value, fill], dim=axis)
    if isinstance(value, dict):
        return {k: _padded(v, texts, axis, more, pad, left) for k, v in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)([_padded(v, texts, axis, more, pad, left) for v in value])
    return value


def _filling(value: Tensor, texts: list[Tensor], pad: int) -> Any:
    """What stands at padding in ids, in a mask of one of the texts, or in other numbers by word."""
    axes = texts[0].dim()
    if value.dim() == axes and any(torch.equal(value, t) for t in texts):
        return pad
    for text in texts:
        where = text == pad
        if value.dim() != axes or not bool(where.any()):
            continue
        at_padding = value[where].unique()
        if len(at_padding) == 1 and bool((value[~where] != at_padding[0]).all()):
            return at_padding[0].item()
    where = texts[0] == pad
    whole = not value.is_floating_point() and value.dtype != torch.bool and value.dim() == axes
    if whole and bool(where.any()) and bool((value[where] == pad).all()) and bool(value.max() > 1):
        return pad
    if bool(where.any()):
        return value[where].flatten()[0].item()
    first = value.flatten()[0]  # no padding here: the opposite of what a mask says of words
    return not bool(first) if value.dtype == torch.bool else 0 if float(first) != 0 else 1


def _clear_row(case: Case, weights: list[Tensor], pad: int) -> bool:
    """Set the padding row of the tables among some weights to zero; false where it is."""
    changed = False
    shapes = [tuple(t.shape) for _, _, n in case.lookups if (t := case.tape.leaves.get(n)) is not None]
    for weight in weights:
        if weight.dim() == 2 and tuple(weight.shape) in shapes and pad < len(weight):
            changed = changed or bool(weight[pad].abs().max() > 0)
            weight.data[pad] = 0
    return changed
