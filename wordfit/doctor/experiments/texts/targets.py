"""Class numbers: does their order mean something, and what does the ignored index hide?"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch

from wordfit.doctor.bench import Bench
from wordfit.doctor.case import Case
from wordfit.doctor.experiments.steps.sequence import by_word, steps_of_target
from wordfit.doctor.experiments.steps.signs import answer_gradient
from wordfit.doctor.experiments.texts.bags import features
from wordfit.doctor.experiments.texts.corpora import ROWS
from wordfit.doctor.loss_table import DISTANCES


def classes(bench: Bench) -> dict[str, Any] | None:
    """Distances to class numbers: does their order mean something, or would any numbering do as well?"""
    facts = bench.facts.get("losses") or {}
    calls = facts.get("calls") or []
    out: dict[str, Any] = {}
    case = bench.case
    if case is not None and case.target is not None and any(c["loss"] == "cross_entropy" for c in calls):
        made = [op for op in case.tape.ops if case.target in op.outs]
        if (
            made
            and made[0].name in ("long", "to", "int", "round", "type")
            and made[0].ins
            and case.tape.dtypes[made[0].ins[0]].is_floating_point
        ):
            source = case.value(made[0].ins[0])
            if source is not None and bool((source != source.round()).any()):
                return {"rounded_from_scores": True, "distinct_scores": int(len(source.unique()))}
    squared = [c for c in calls if c["loss"] in DISTANCES]
    squared = squared or [facts["distance"]] if facts.get("distance") else squared
    labels = bench.split.train.labels
    if not squared or labels is None or bench.left < 4 or _of_another_loss(bench):
        return out or None
    kinds = sorted(set(labels.tolist()))
    if not 3 <= len(kinds) <= 40 or len(labels) < 60:
        return None
    places = np.searchsorted(kinds, labels[:ROWS])
    orders = [np.arange(len(kinds)), *_numberings(len(kinds), np.random.default_rng(0))]
    numbered = np.array([order[places] for order in orders]).T
    x, _ = features(bench.split.train, ROWS)
    own, *others = _explained(x, numbered)
    if (
        max(own, float(np.mean(others))) < FOUND and (vectors := _by_vectors(bench)) is not None
    ):  # of words that hardly come again
        own, *others = _explained(x := vectors, numbered)
    middle = float(np.mean(others))
    better = float(np.mean([o >= own * 0.97 for o in others]))
    nominal = middle > 0.05 and ((better >= 0.3 and own < 1.25 * middle) or (better > 0 and own < 1.15 * middle))
    apart = None
    if not nominal and better > 0 and 0.05 < middle > 0.75 * own and np.bincount(places).min() >= 3:
        apart = _told_apart(x, places)
        nominal = apart["as_classes"] > apart["as_numbers"] + 0.3
    return {
        "classes": len(kinds),
        "explained": own,
        "explained_by_other_numberings": middle,
        "numberings_as_good": better,
        "nominal_gain": float(nominal),
        **(apart or {}),
    }


def _told_apart(x: Any, places: np.ndarray) -> dict[str, float]:
    """The share of rows whose class a linear model finds among classes, and by rounding a number, across the rows."""
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.model_selection import cross_val_predict, cross_val_score

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kinds = cross_val_score(LogisticRegression(max_iter=200), x, places, cv=3).mean()
    numbers = cross_val_predict(Ridge(alpha=1.0), x, places.astype(float), cv=3).round()
    return {"as_classes": float(kinds), "as_numbers": float((numbers == places).mean())}


FOUND = 0.1
"""The share of a numbering's variance below which bags of ids are taken to say nothing of it."""


def _by_vectors(bench: Bench) -> np.ndarray | None:
    """Words of the rows by their vectors as they were at the start, side by side where all rows have as many."""
    case, train = bench.case, bench.split.train
    leaves = [case.tape.leaves[s] for _, _, s in case.lookups if s in case.tape.leaves] if case is not None else []
    if not leaves or not train.texts:
        return None
    table = bench.recorder.start.get(id(leaves[0]), (None, leaves[0].detach()))[1].float()
    rows = [[i for text in row for i in text] for row in train.texts[:ROWS]]
    if max((i for row in rows for i in row), default=0) >= len(table) or not all(rows):
        return None
    few = len({len(row) for row in rows}) == 1 and len(rows[0]) <= 4
    vectors = [table[row].flatten() if few else table[row].mean(0) for row in rows]
    return torch.stack(vectors).cpu().numpy()


def _of_another_loss(bench: Bench) -> bool:
    """Whether the rows' labels are the targets of a loss that is no distance: of two tasks the first counts."""
    first = next((batch.losses[0] for batch in bench.split.training if batch.losses), None)
    return first is not None and first not in DISTANCES


def _explained(x: Any, numbers: np.ndarray) -> list[float]:
    """What a ridge regression explains of each column of numbers (N, K), in rows that it was not fitted on."""
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import cross_val_predict

    predicted = cross_val_predict(Ridge(alpha=1.0), x, numbers.astype(float), cv=3)
    pairs = zip(predicted.T, numbers.T)
    return [float(np.corrcoef(p, y)[0, 1] ** 2) if p.std() > 0 else 0.0 for p, y in pairs]


def _numberings(count: int, generator: np.random.Generator) -> list[np.ndarray]:
    if count == 3:
        return [np.array(o) for o in ((0, 2, 1), (1, 0, 2))]
    return [generator.permutation(count) for _ in range(12)]


LIFTING = ("clamp", "clamp_min", "clip", "relu", "abs", "where", "masked_fill", "maximum")


def ignored(bench: Bench) -> dict[str, Any] | None:
    """Targets with the ignored index: do they stand at the filled ends of rows only, or at words as well?"""
    case = bench.case
    if case is None or case.target is None or case.tape.dtypes[case.target] == torch.bool:  # a mask has no classes
        return None
    index = next(
        (op.kwargs.get("ignore_index") for op in case.loss_ops if op.name in ("cross_entropy", "nll_loss")), None
    )
    steps = steps_of_target(bench, case, case.value(case.target))
    by_hand = index is None and not case.loss_ops and steps is not None
    if by_hand and steps is not None:
        index = _passed_over(case, steps)
    if index is None or index < 0 or steps is None or len({t for _, _, t in case.lookups}) > 1:
        return None  # with several inputs it is not known which of them the targets go with
    hits = steps == index  # (rows, time)
    tails = hits.flip(1).long().cumprod(1).flip(1).bool()
    for slot in case.ids:
        ids = case.value(slot)
        if ids is None or ids.is_floating_point():
            continue
        if ids.dim() == 3 and ids.shape[:2] in (steps.shape, steps.t().shape):  # several features of every word
            ids = ids if ids.shape[:2] == steps.shape else ids.transpose(0, 1)
        elif ids.dim() == 2 and ids.numel() == steps.numel():
            ids = (ids if ids.shape == steps.shape else ids.t()).unsqueeze(-1)
        else:
            continue
        pad = bench.split.padding
        words = (ids != pad).any(-1) if pad is not None else torch.ones_like(hits)
        filled = bool((~words).any())
        if filled and float(hits[~words].float().mean()) < 0.9:
            continue
        return {
            "by_hand": by_hand,
            "index": int(index),
            "share_at_words": float((hits & words & ~tails).float().sum() / words.float().sum().clamp(min=1)),
            "share_at_padding": float(hits[~words].float().mean()) if filled else None,
        }
    return None


def _passed_over(case: Case, steps: torch.Tensor) -> int | None:
    """The class whose places, and no others, have no part in the gradient of a loss written by hand.

    None where the program had marked its places by numbers below zero, and lifted those to be able to pick.
    """
    grad, _ = answer_gradient(case, start=True)
    if grad is None or grad.numel() % steps.numel():
        return None
    before = [case.value(op.ins[0]) for op in case.tape.ops if case.target in op.outs and op.name in LIFTING]
    if any(v is not None and bool((v < 0).any()) for v in before):
        return None
    felt = by_word(grad, len(steps), steps.shape[1], 1 if case.batch_first is not False else 0)
    if felt is None:
        return None
    still = (felt.reshape(len(steps), steps.shape[1], -1) == 0).all(-1)  # (rows, time)
    kinds = steps[still].unique()
    return int(kinds[0]) if len(kinds) == 1 and torch.equal(still, steps == kinds[0]) else None
