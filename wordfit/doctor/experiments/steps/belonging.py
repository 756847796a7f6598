"""Losses that compare two answers (triplets, rankings): do they raise the one whose words go with the question's?"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.axes import bag_starts
from wordfit.doctor.bench import Bench
from wordfit.doctor.case import Case
from wordfit.doctor.choosing import choose_many
from wordfit.doctor.experiments.steps.drawn import COMPARING, SUBTRACTING, drawn, sources, without_constants
from wordfit.doctor.experiments.steps.signs import gradients_at
from wordfit.doctor.playing import filled

TRIPLETS = {"triplet_margin_loss", "triplet_margin_with_distance_loss"}
MOST_KINDS = 5_000  # words whose pairs are counted
FAR = {"pairwise_distance", "cdist", "norm", "linalg_norm", "linalg_vector_norm", "sqrt", "dist", "mse_loss", "neg"}
"""Calls that make a score of what is far high, or turn it."""


def belonging(bench: Bench) -> dict[str, Any] | None:
    """Which of two candidates the loss pulls towards its anchor, and which goes with it by the words of their rows.

    The data says what belongs together: words of a question and of its answer occur together more often than chance.
    """
    case = bench.case
    if case is None:
        return None
    differences = [op for op in (case.tape.ops[i] for i in case.path) if op.name in COMPARING and _of_two(case, op)]
    for op in [*case.loss_ops, *differences]:
        parts = _parts(case, op)
        evidence = _evidence(bench, case, parts) if parts is not None else None
        if evidence is None:
            continue
        return bench.where(op) | {"loss": op.name, "raised_goes_with": evidence[0], "lowered_goes_with": evidence[1]}
    return drawn(case)


Side = tuple[set[int], int]
"""The look-ups that a side of the comparison is made of, by their places; and its slot."""


def _parts(case: Case, op: Any) -> tuple[Side, Side, Side] | None:
    """The anchor, the candidate that is pulled near, and the other."""
    if op.name in TRIPLETS and len(op.ins) >= 3:
        anchor, near, far = ((sources(case, n), n) for n in op.ins[:3])
        if _pulled(case, op.ins[1], op.ins[0]) is False:
            near, far = far, near
        return (anchor, near, far) if anchor[0] and near[0] and far[0] else None
    if op.name in ("margin_ranking_loss", *COMPARING) and len(op.ins) >= 2:
        first, second = (without_constants(case, slot) for slot in op.ins[:2])
        _, grads = gradients_at(case, [first, second])
        if any(g is None for g in grads):
            return None
        up, other = ((float((g < 0).float().sum()), float((g > 0).float().sum())) for g in grads)
        if min(up) > 0.05 * max(up) or (up[0] > up[1]) == (other[0] > other[1]):
            return None  # which of the two should win differs from row to row, or both should
        a, b = sources(case, first), sources(case, second)
        shared = {n for n in a if any(_alike(case, n, m) for m in b)}
        rest = {m for m in b if not any(_alike(case, n, m) for n in a)}
        if not (a - shared or rest):  # negatives from the batch: one input in another order
            rest = _reordered(case, first, second)
            shared = a - rest
        if not (shared and a - shared and rest):
            return None
        sides = (a - shared, first), (rest, second)
        met = [_meeting(case, slot, shared, own) for own, slot in sides]
        nearer = _nearer(case, *met)
        if nearer is None and not _of_scores(case, op):
            return None
        near, far = ((own, slot if m is None else m[1]) for (own, slot), m in zip(sides, met))
        if not (up[0] > up[1] if nearer is None else nearer):
            near, far = far, near
        return (shared, -1), near, far
    return None


def _reordered(case: Case, first: int, second: int) -> set[int]:
    """The look-ups whose rows are put in another order on the way to one of two scores, and not to the other."""
    ways = [set(case.tape.path_ops(slot)) for slot in (first, second)]
    for op in (case.tape.ops[n] for n in sorted(ways[0] ^ ways[1])):
        if op.name in TURNING and op.ins and case.tape.shapes[op.ins[0]] == op.shape:
            return sources(case, op.ins[0])
    return set()


def _nearer(case: Case, *met: tuple[int, int] | None) -> bool | None:
    """Whether steps bring the first of two candidates nearer to the anchor and the second not; None if unknown."""
    pulled = [_pulled(case, m[1], m[0]) if m is not None else None for m in met]
    return pulled[0] if None not in pulled and pulled[0] != pulled[1] else None


def _meeting(case: Case, score: int, anchor: set[int], own: set[int]) -> tuple[int, int] | None:
    """The vectors (rows, width) of the anchor and of a candidate where a score of both is made."""
    for op in (case.tape.ops[i] for i in case.tape.path_ops(score)):
        pair = [n for n in op.ins[:2] if n in case.learned and len(case.tape.shapes[n]) == 2]
        if len(pair) < 2 or case.tape.shapes[pair[0]] != case.tape.shapes[pair[1]]:
            continue
        asked = [sources(case, n) for n in pair]
        for (a, b), (x, y) in (((0, 1), asked), ((1, 0), asked[::-1])):
            if x and y and x <= anchor and y <= own:
                return pair[a], pair[b]
    return None


def _of_two(case: Case, op: Any) -> bool:
    """The difference of two numbers a row, both of the model's."""
    if len(op.ins) < 2 or any(n not in case.learned for n in op.ins[:2]):
        return False
    shapes = [case.tape.shapes[n] for n in op.ins[:2]]
    return shapes[0] == shapes[1] and case.rows >= 4 and shapes[0] in ((case.rows,), (case.rows, 1))


def _of_scores(case: Case, op: Any) -> bool:
    """Whether what is compared are scores; of distances it is not known which should be high."""
    if op.name == "margin_ranking_loss":
        return True
    above = case.tape.ancestors(op.ins[0]) | case.tape.ancestors(op.ins[1])
    made = [o.name for o in case.tape.ops if o.outs and o.outs[0] in above and o.outs[0] in case.learned]
    return not (FAR | SUBTRACTING).intersection(made)


def _alike(case: Case, first: int, second: int) -> bool:
    """Whether two look-ups ask for the same ids."""
    a, b = (case.value(case.lookups[n][1]) for n in (first, second))
    return a is not None and b is not None and torch.equal(a, b)


def _pulled(case: Case, candidate: int, anchor: int) -> bool | None:
    """Whether a step down the loss brings a candidate nearer to its anchor."""
    loss, grads = gradients_at(case, [candidate, anchor])
    held = case.run(weights=case.copies(start=True))
    if grads[0] is None or candidate not in held or anchor not in held:
        return None
    felt = (grads[0] * (held[anchor] - held[candidate])).sum(-1)
    return bool(float(felt.sum()) < 0)


def _evidence(bench: Bench, case: Case, parts: tuple[Side, Side, Side]) -> tuple[float, float] | None:
    """How much oftener words of the anchor's rows meet those of the candidate's own rows than of other rows."""
    rows: list[list[Tensor]] = [[], [], []]
    place = {slot: _place(case, slot) for _, slot in parts if slot >= 0}
    for other in choose_many(bench.recorder, bench.names, most=8):
        if len(other.lookups) != len(case.lookups) or len(other.tape.ops) != len(case.tape.ops):
            continue
        found = [_columns(other, group) for group, _ in parts]
        if any(f is None for f in found):
            continue
        for kept, value, (_, slot) in zip(rows, found, parts):
            turned = _turned(other, other.tape.ops[place[slot]].outs[0], value) if slot in place else value
            kept.append(turned)  # type: ignore[arg-type]
    if not rows[0]:
        return None
    joined = [_joined(r) for r in rows]
    return _lift(joined[0], joined[1]), _lift(joined[0], joined[2])


def _place(case: Case, slot: int) -> int:
    return next((n for n, op in enumerate(case.tape.ops) if op.outs and op.outs[0] == slot), 0)


TURNING = {"roll", "flip", "flipud", "__getitem__", "index_select"}
"""Calls that put other rows in the place of a row's own: negatives drawn from the batch."""


def _turned(case: Case, slot: int, ids: Tensor | None) -> Tensor | None:
    """The ids in the order that a side of the comparison has its rows in."""
    chain = []
    while ids is not None:
        op = next((o for o in case.tape.ops if o.outs and o.outs[0] == slot and slot not in o.ins), None)
        if op is None or not op.ins or case.tape.shapes[op.ins[0]] != case.tape.shapes[slot]:
            break
        chain += [op] if op.name in TURNING else []
        slot = op.ins[0]
    for op in reversed(chain):
        args, kwargs = filled(op.args, case.base), filled(op.kwargs, case.base)
        ids = op.func(ids, *args[1:], **kwargs)
    return ids


def _columns(case: Case, places: set[int]) -> Tensor | None:
    values = [_laid_out(case, case.lookups[n][1]) for n in sorted(places)]
    if not values or any(v is None or v.dim() != 2 or v.is_floating_point() for v in values):
        return None
    whole: list[Tensor] = [v if v.shape[0] == case.rows else v.t() for v in values if v is not None]
    return torch.cat(whole, 1) if len({len(v) for v in whole}) == 1 else None


def _laid_out(case: Case, slot: int) -> Tensor | None:
    """Ids as (rows, time); bags that stand end to end are cut, and filled up with -1; one id a row is a text of one."""
    ids, starts = case.value(slot), bag_starts(case, slot)
    if ids is not None and starts is None and tuple(ids.shape) == (case.rows,):
        return ids[:, None]
    if ids is None or starts is None or ids.dim() != 1:
        return ids
    cuts = [*starts.tolist(), len(ids)]
    return torch.nn.utils.rnn.pad_sequence([ids[a:b] for a, b in zip(cuts, cuts[1:])], True, -1)


def _joined(parts: list[Tensor]) -> Tensor:
    width = max(p.shape[1] for p in parts)
    return torch.cat([torch.nn.functional.pad(p, (0, width - p.shape[1]), value=-1) for p in parts])


def _lift(a: Tensor, b: Tensor) -> float:
    """Association of two texts' words by row: a split-half score, so that chance gives about zero.

    Pairs of words are counted in the one half of the rows; the other half's own pairs are scored by these counts, less
    the score of pairs made of different rows, in standard errors.
    """
    kinds, both = torch.cat([a.reshape(-1), b.reshape(-1)]).unique(return_inverse=True)
    filled = int((kinds < 0).sum())
    a, b = (both[: a.numel()] - filled).reshape(a.shape), (both[a.numel() :] - filled).reshape(b.shape)
    vocabulary = len(kinds) - filled
    if vocabulary > MOST_KINDS:
        return 0.0
    x, y = _bag(a, vocabulary), _bag(b, vocabulary)
    scores = []
    for train in (slice(0, None, 2), slice(1, None, 2)):
        test = slice(1 - (train.start or 0), None, 2)
        together = x[train].t() @ y[train]
        expected = x[train].sum(0)[:, None] * y[train].sum(0)[None] / max(len(x[train]), 1)
        weight = ((together + 0.5) / (expected + 0.5)).log()
        own = (x[test] @ weight * y[test]).sum(1)
        others = (x[test] @ weight * y[test].roll(1, 0)).sum(1)
        scores.append(own - others)
    score = torch.cat(scores)
    return float(score.mean() / (score.std() / len(score) ** 0.5 + 1e-9))


def _bag(ids: Tensor, vocabulary: int) -> Tensor:
    bag = torch.zeros(len(ids), vocabulary + 1)
    bag.scatter_(1, torch.where(ids < 0, vocabulary, ids), 1.0)
    return bag[:, :vocabulary]
