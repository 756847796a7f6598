"""The same text in two steps of different width: for loops over time that the program writes out.

Such a step cannot be played with longer rows, since the tape holds as many turns as the loop had. Another taped step
had another number of them: a text takes the place of one that is as long there, and its answers are compared.
"""

from __future__ import annotations

from torch import Tensor

from wordfit.doctor.bench import Bench, change, row_axis, scale_of
from wordfit.doctor.case import Case

MOST = 8  # texts that are compared


def between_steps(bench: Bench, pad: int) -> float | None:
    """The largest change of an answer from one width to another; None where no text can be moved."""
    case = bench.case
    assert case is not None
    if (
        len(case.ids) != 1
        or case.batch_first is None
        or (bench.facts.get("company") or {}).get("max_change", 1.0) > 1e-3
    ):
        return None
    best: float | None = None
    for step in bench.recorder.train_steps:
        other = Case(bench.recorder, step, bench.names) if step is not case.step and step.loss is not None else None
        if other is None or len(other.ids) != 1 or other.batch_first != case.batch_first:
            continue
        moved = _moved(case, other, pad)
        best = moved if best is None or (moved or 0.0) > best else best
    return best


def _moved(case: Case, other: Case, pad: int) -> float | None:
    """Texts of one step put in the place of texts as long in another that is wider or narrower."""
    here, there = _rows(case), _rows(other)
    if here is None or there is None or here.shape[1] == there.shape[1]:
        return None
    if bool((here[:, 0] == pad).any() | (there[:, 0] == pad).any()):  # padding before the words
        return None
    ends = [(ids != pad).sum(1).tolist() for ids in (here, there)]
    pairs: dict[int, int] = {}
    for row, length in enumerate(ends[0]):
        fits = [n for n, size in enumerate(ends[1]) if size == length and n not in pairs.values()]
        if fits and length and len(pairs) < MOST:
            pairs[row] = fits[0]
    if len(pairs) < 2:
        return None
    changed = there.clone()
    for row, place in pairs.items():
        length = ends[0][row]
        changed[place, :length] = here[row, :length]
    ids = changed if other.batch_first else changed.t()
    one = _answers(case, case.base, list(pairs))
    two = _answers(other, other.run({other.ids[0]: ids}), list(pairs.values()))
    return (
        change(one, two) / scale_of(one, 0) if one is not None and two is not None and one.shape == two.shape else None
    )


def _rows(case: Case) -> Tensor | None:
    """The ids as (rows, time)."""
    ids = case.value(case.ids[0])
    if ids is None or ids.dim() != 2:
        return None
    return ids if case.batch_first else ids.t()


def _answers(case: Case, held: dict[int, Tensor], rows: list[int]) -> Tensor | None:
    answer = held.get(case.answer) if case.answer is not None else None
    axis = row_axis(tuple(answer.shape), case.rows) if answer is not None else None
    return answer.movedim(axis, 0)[rows] if answer is not None and axis is not None else None
