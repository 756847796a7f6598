"""How well do copies of the model answer kept batches?"""

from __future__ import annotations

from collections import Counter
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from wordfit.doctor.bench import Bench, copied
from wordfit.doctor.case import untouched
from wordfit.doctor.experiments.steps.stand_in import StandIn, ids_for, stand_in
from wordfit.doctor.playing import filled
from wordfit.doctor.seen import Batch
from wordfit.doctor.watch.watched import flat_tensors
from wordfit.doctor.word_rows import classed_words


def single_model(bench: Bench) -> Any:
    """The one model that the program calls once a step; what stands in for it where layers are called; or None."""
    case = bench.case
    if case is None:
        return None
    if len(case.roots) == 1 and case.answer in case.roots[0].out_slots:
        return case.roots[0].module
    if "stand_in" not in bench.memo:
        bench.memo["stand_in"] = stand_in(case)
    return bench.memo["stand_in"]


def called_with(
    batch: Batch, bench: Bench, recode: dict[int, int | None] | None = None
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments and named arguments of a batch's first call; ids may be recoded."""
    given = list(batch.inputs) if batch.call is not None else _first_inputs(batch, bench)
    if recode is not None:
        keys = {lookup.ids.data_ptr() for lookup in batch.lookups}
        given = [
            _recoded(t, recode) if not t.is_floating_point() and (t.data_ptr() in keys or n == 0) else t
            for n, t in enumerate(given)
        ]
    if batch.call is None:
        return tuple(given), {}
    args, kwargs = filled(batch.call, dict(enumerate(given)))
    return args, kwargs


def _first_inputs(batch: Batch, bench: Bench) -> list[Tensor]:
    """What of a call could be kept; what a loss that is a module of its own was given comes after."""
    root = bench.case.roots[0] if bench.case and bench.case.roots else None
    if root is None or root.module is not batch.root:
        return list(batch.inputs)
    given = [t for t in (*flat_tensors(root.args), *flat_tensors(root.kwargs)) if not t.requires_grad]
    return batch.inputs[: len(given) or None]


def call_on(model: Any, batch: Batch, bench: Bench, recode: dict[int, int | None] | None = None) -> Tensor | None:
    """A copy's answer to a kept batch; ids may be recoded."""
    if isinstance(model, StandIn):
        ids = ids_for(model, batch)
        try:
            return model([_recoded(t, recode) if recode is not None else t for t in ids]) if ids is not None else None
        except Exception:
            return None
    args, kwargs = called_with(batch, bench, recode)
    if not args and not kwargs:
        return None
    try:
        result = model(*args, **kwargs)
    except Exception:
        return None
    if isinstance(result, dict):
        result = list(result.values())
    while isinstance(result, (tuple, list)):
        scalars = [isinstance(r, Tensor) and not r.dim() for r in result]  # a model may give its loss besides
        result = next((r for r, scalar in zip(result, scalars) if not scalar), result[0])
    return result if isinstance(result, Tensor) else None


def _recoded(ids: Tensor, table: dict[int, int | None]) -> Tensor:
    size = max(int(ids.max()) + 1, max(table) + 1)
    lut = torch.arange(size)
    for old, new in table.items():
        if new is not None and old < size:
            lut[old] = new
    return lut[ids]


def judged(bench: Bench, batch: Batch, answer: Tensor) -> tuple[Tensor, Tensor] | None:
    """Scores (N, C) and classes (N) of a kept batch's rows; where every word has a class, of its words."""
    target = bench.split.target_of(batch, answer.shape[0])
    if target is not None and all(isinstance(t, (int, float, bool)) for t in target):
        return answer.reshape(len(answer), -1), torch.tensor([float(t) for t in target])
    words = classed_words(bench.split, batch, answer)
    return (words[0], words[1].float()) if words is not None else None


def _answered(
    bench: Bench, batches: list[Batch], model: Any, recode: dict[int, int | None] | None = None
) -> list[tuple[Tensor, Tensor]] | None:
    """Scores and classes, batch by batch; None where one of the batches cannot be judged."""
    found = []
    with torch.no_grad(), untouched():
        for batch in batches[:60]:
            answer = call_on(model, batch, bench, recode)
            if answer is None:
                return None
            pair = judged(bench, batch, answer)
            if pair is not None:
                found.append(pair)
            elif bench.split.targets_of(batch):
                return None
    return found


def guesses(scores: Tensor) -> Tensor:
    if scores.shape[1] > 1:
        return scores.argmax(1).float()
    return (scores[:, 0] > (0.5 if _in_unit(scores) else 0.0)).float()


def accuracy(
    bench: Bench, batches: list[Batch], recode: dict[int, int | None] | None = None, model: Any = None
) -> float | None:
    """Share of right classes over kept batches."""
    own = single_model(bench)
    if own is None or not batches:
        return None
    judge = model if model is not None else copied(own)
    judge.eval()
    pairs = _answered(bench, batches, judge, recode)
    if not pairs:
        return None
    right = sum(int((guesses(scores) == truth).sum()) for scores, truth in pairs if len(truth))
    return right / max(sum(len(truth) for _, truth in pairs), 1)


def right_rows(bench: Bench, batches: list[Batch], model: Any) -> Tensor | None:
    """Which rows of kept batches are answered rightly (rows,), in their order; None where they cannot be judged."""
    found = [guesses(scores) == truth for scores, truth in _answered(bench, batches, model.eval()) or [] if len(truth)]
    return torch.cat(found) if found else None


def recalls(bench: Bench, batches: list[Batch], model: Any) -> float | None:
    """The mean over classes of the share of their rows that are answered rightly."""
    right: Counter[float] = Counter()
    total: Counter[float] = Counter()
    for scores, truth in _answered(bench, batches, model) or []:
        if len(truth):
            total.update(truth.tolist())
            right.update(truth[guesses(scores) == truth].tolist())
    return sum(right[c] / n for c, n in total.items()) / len(total) if total else None


def _in_unit(values: Tensor) -> bool:
    return bool(values.min() >= 0 and values.max() <= 1)


def surprise(bench: Bench, batches: list[Batch], model: Any) -> float | None:
    """Mean negative log-likelihood of kept batches' classes, where answers are scores."""
    total, count = 0.0, 0
    model.eval()
    for scores, truth in _answered(bench, batches, model) or []:
        flat = scores.float()
        if flat.shape[1] > 1 and len(truth) and float(truth.min()) >= 0 and float(truth.max()) < flat.shape[1]:
            total += float(F.cross_entropy(flat, truth.long(), reduction="sum"))
        elif flat.shape[1] == 1 and len(truth) and float(truth.min()) >= 0 and float(truth.max()) <= 1:
            total += float(F.binary_cross_entropy_with_logits(flat[:, 0], truth, reduction="sum"))
        else:
            return None
        count += len(truth)
    return total / count if count else None


def classed(bench: Bench) -> dict[str, Any]:
    """What was fed and answered in classes, rows or single words."""
    data = bench.facts.get("data") or {}
    return data.get("words") or data
