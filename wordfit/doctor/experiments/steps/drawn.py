"""Rankings of what the data says over what was drawn at random: which of the two do steps bring nearer?"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.case import Case
from wordfit.doctor.experiments.steps.signs import gradients_at
from wordfit.doctor.tape import Op

SUBTRACTING = {"sub", "__sub__", "rsub", "__rsub__"}
COMPARING = SUBTRACTING | {"add", "__add__", "__radd__"}  # margin - near + far
WITH_CONSTANTS = COMPARING | {"neg", "__neg__", "mul", "__mul__", "__rmul__", "div", "__truediv__"}
APART = SUBTRACTING | {"pairwise_distance", "cdist", "dist", "norm", "linalg_norm", "linalg_vector_norm"}
PRODUCTS = {"mul", "__mul__", "bmm", "matmul", "__matmul__", "mm", "einsum", "cosine_similarity", "bilinear"}
OWN = 0.7  # share of drawn words that stand in the row anyway: the row itself, changed


def drawn(case: Case) -> dict[str, Any] | None:
    """Of the scores of a row of the data and of one drawn at random: does a step bring the drawn one nearer?

    Scores are distances, or products, by the calls that make them; of others it is not known which should be high.
    """
    if len(case.lookups) < 2:
        return None
    above = [case.tape.ancestors(ids) for _, ids, _ in case.lookups]
    draws = case.tape.picked | {op.outs[0] for op in case.tape.ops if op.name == "multinomial"}
    of_all = set.intersection(*above)  # as the order of a pass over the data
    fresh = [bool((draws & a) - of_all) for a in above]
    if not any(fresh) or all(fresh):
        return None
    for op in (case.tape.ops[i] for i in case.path):
        if op.name not in COMPARING or len(op.ins) < 2 or any(n not in case.learned for n in op.ins[:2]):
            continue
        sides = [without_constants(case, slot) for slot in op.ins[:2]]
        asked = [sources(case, slot) for slot in sides]
        which = [any(fresh[n] for n in part) for part in asked]
        if not all(asked) or which[0] == which[1]:
            continue
        one = which.index(True)
        given, other = sides[1 - one], sides[one]
        if _own_words(case, {n for n in asked[one] if fresh[n]}, asked[1 - one]) > OWN:
            continue
        held, grads = case.run(weights=case.copies(start=True)), gradients_at(case, [given, other])[1]
        nearer = [_nearer(case, slot, held.get(slot), grad) for slot, grad in zip((given, other), grads)]
        if None not in nearer:
            place = {"file": op.site[0], "line": op.site[1]} if op.site else {}
            return place | {"loss": op.name, "given_nearer": nearer[0], "drawn_nearer": nearer[1]}
    return None


def without_constants(case: Case, slot: int) -> int:
    """What a number was, or a margin, before constants were added to it or it was turned."""
    made = case.tape.made()
    while (op := made.get(slot)) is not None and op.name in WITH_CONSTANTS and len(op.ins) == 1:
        slot = op.ins[0]
    return slot


def sources(case: Case, slot: int) -> set[int]:
    """The look-ups of data that a value is made of, by their places."""
    above = case.tape.ancestors(slot)
    return {n for n, (op, ids, _) in enumerate(case.lookups) if op.outs[0] in above and ids not in case.learned}


def _own_words(case: Case, drawn_by: set[int], given_by: set[int]) -> float:
    """The share of drawn ids that are among those of the data in the same row: a text with words left out has all."""
    shares = []
    ids = [_by_row(case, case.lookups[n][1]) for n in given_by]
    own = torch.cat([v for v in ids if v is not None], 1) if all(v is not None for v in ids) and ids else None
    for number in drawn_by:
        rows = _by_row(case, case.lookups[number][1])
        if rows is not None and own is not None:
            shares.append(float((rows[:, :, None] == own[:, None, :]).any(2).float().mean()))
    return sum(shares) / len(shares) if shares else 0.0


def _by_row(case: Case, slot: int) -> Tensor | None:
    """Ids as (rows, ...); None where they have no axis as long as the batch."""
    ids = case.value(slot)
    axis = next((n for n, size in enumerate(ids.shape) if size == case.rows), None) if ids is not None else None
    if ids is None or axis is None:
        return None
    rows = ids.movedim(axis, 0).reshape(case.rows, -1)
    return rows if rows.shape[1] <= 64 else None


def _nearer(case: Case, score: int, value: Tensor | None, grad: Tensor | None) -> float | None:
    """The share of a score's values that a step down the loss makes speak for nearness; None where that is unknown."""
    far = _is_far(case, score, value)
    if far is None or grad is None or not bool(grad.any()):
        return None
    return float(((grad[grad != 0] > 0) == far).float().mean())


def _is_far(case: Case, score: int, value: Tensor | None) -> bool | None:
    """Whether a high score says far apart: a distance, or a product turned around; None of other scores.

    Layers may make the vectors that are compared; one that makes the score of them may turn it around.
    """
    after = _since_they_met(case, score)
    names = {op.name for op in after}
    if value is None or names & {"linear", "addmm"}:
        return None
    if names & APART:
        return True if bool((value >= 0).all()) else False if bool((value <= 0).all()) else None
    return False if names & PRODUCTS and not names & {"neg", "__neg__"} else None


def _since_they_met(case: Case, score: int) -> list[Op]:
    """The calls of the model on the way to a score, from where two learned values are compared; all without one."""
    way = [op for op in (case.tape.ops[i] for i in case.tape.path_ops(score)) if op.outs[0] in case.learned]
    met = [n for n, op in enumerate(way) if op.name in PRODUCTS | APART and _two_learned(case, op)]
    return way[min(met, default=0) :]


def _two_learned(case: Case, op: Op) -> bool:
    """Whether a call takes two values that look-ups of their own went into."""
    pair = [n for n in op.ins[:2] if n in case.learned]
    asked = [sources(case, n) for n in pair]
    return len(asked) == 2 and all(asked) and asked[0] != asked[1]
