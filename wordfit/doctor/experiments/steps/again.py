"""Train again, and evaluate again, on copies: the program's own batches, model and loss with one thing changed."""

from __future__ import annotations

import copy
import math
import time
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from wordfit.doctor.bench import Bench
from wordfit.doctor.case import Case, untouched
from wordfit.doctor.rows import Rows
from wordfit.doctor.seen import Batch
from wordfit.doctor.stepping import optimizers_for
from wordfit.doctor.tape import Play, play_between
from wordfit.doctor.word_rows import classed_words

MOST_EPOCHS = 8  # whoever trained longer did not stop for lack of steps


def single_model(bench: Bench) -> Any:
    """The one model that the program calls once a step, or None."""
    case = bench.case
    if case is None or len(case.roots) != 1 or case.answer not in case.roots[0].out_slots:
        return None
    return case.roots[0].module


def call_on(model: Any, batch: Batch, bench: Bench, recode: dict[int, int | None] | None = None) -> Tensor | None:
    """A copy's answer to a kept batch; ids may be recoded."""
    args = list(batch.inputs)
    if not args:
        return None
    if recode is not None:
        keys = {lookup.ids.data_ptr() for lookup in batch.lookups}
        args = [
            _recoded(a, recode) if not a.is_floating_point() and (a.data_ptr() in keys or n == 0) else a
            for n, a in enumerate(args)
        ]
    shape_of = bench.case.roots[0] if bench.case else None
    kwargs = shape_of.kwargs if shape_of is not None else {}
    try:
        if kwargs:
            names = list(kwargs)
            result = model(*args[: len(args) - len(names)], **dict(zip(names, args[-len(names) :])))
        else:
            result = model(*args)
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


def _guesses(scores: Tensor) -> Tensor:
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
    judge = model if model is not None else copy.deepcopy(own)
    judge.eval()
    pairs = _answered(bench, batches, judge, recode)
    if not pairs:
        return None
    right = sum(int((_guesses(scores) == truth).sum()) for scores, truth in pairs if len(truth))
    return right / max(sum(len(truth) for _, truth in pairs), 1)


def right_rows(bench: Bench, batches: list[Batch], model: Any) -> Tensor | None:
    """Which rows of kept batches are answered rightly (rows,), in their order; None where they cannot be judged."""
    found = [_guesses(scores) == truth for scores, truth in _answered(bench, batches, model.eval()) or [] if len(truth)]
    return torch.cat(found) if found else None


def recalls(bench: Bench, batches: list[Batch], model: Any) -> float | None:
    """The mean over classes of the share of their rows that are answered rightly."""
    right: Counter[float] = Counter()
    total: Counter[float] = Counter()
    for scores, truth in _answered(bench, batches, model) or []:
        if len(truth):
            total.update(truth.tolist())
            right.update(truth[_guesses(scores) == truth].tolist())
    return sum(right[c] / n for c, n in total.items()) / len(total) if total else None


def _classed(bench: Bench) -> dict[str, Any]:
    """What was fed and answered in classes, rows or single words."""
    data = bench.facts.get("data") or {}
    return data.get("words") or data


def onward(bench: Bench) -> dict[str, Any] | None:
    """The program's training goes on where it stopped, up to four times as long: does the evaluation get better?"""
    data, own = _classed(bench), single_model(bench)
    dev, known = data.get("dev") or {}, len(bench.split.training)
    if own is None or dev.get("accuracy") is None or bench.left < 8 or known < bench.recorder.backwards:
        return None
    reference = bench.facts.get("reference") or {}
    if known > MOST_EPOCHS * max(bench.split.first_epoch, 1):
        return None
    if dev["balanced"] > 0.9 or dev["accuracy"] > max(reference.get("dev", 1.0), reference.get("crossed", 1.0)) + 0.02:
        return None
    last = bench.split.dev_batches
    model = copy.deepcopy(own).eval()
    before = accuracy(bench, last, model=model), recalls(bench, last, model)
    seconds, course = min(bench.left / 3, 10.0), []
    optimizers = None
    for _ in range(4):
        began = time.process_time()
        optimizers = go_on(bench, model, seconds, optimizers)
        if optimizers is None:
            break
        seconds -= time.process_time() - began
        course.append([accuracy(bench, last, model=model), recalls(bench, last, model.eval())])
    if None in before or not course or any(None in c for c in course):
        return None
    return {
        "accuracy": before[0],
        "recall": before[1],
        "course": course,
        "steps": known,
        "rows": len(bench.split.dev),
        "epochs": known / max(bench.split.first_epoch, 1),
    }


def go_on(bench: Bench, model: Any, seconds: float, optimizers: Any = None) -> Any:
    """All batches of the program's training once more, on a model of one's own; None if time ran out."""
    case, own = bench.case, single_model(bench)
    if case is None or own is None or case.answer is None or case.target is None:
        return None
    if optimizers is None:
        pairs = dict(zip([id(p) for p in own.parameters()], model.parameters()))
        optimizers = optimizers_for(
            case, {n: pairs[id(t)] for n, t in case.tape.parameters().items() if id(t) in pairs}
        )
    model.train()
    began = time.process_time()
    with untouched():
        for batch in bench.split.training:
            if time.process_time() - began > seconds or bench.left < 2:
                return None
            loss = _loss(case, model, batch, bench)
            if loss is None or not math.isfinite(float(loss)):
                continue
            for optimizer in optimizers:
                optimizer.zero_grad()
            loss.backward()
            for optimizer in optimizers:
                optimizer.step()
    model.eval()
    return optimizers


def _in_unit(values: Tensor) -> bool:
    return bool(values.min() >= 0 and values.max() <= 1)


def train_again(
    bench: Bench,
    frozen: list[int],
    seconds: float,
    rate: float = 1.0,
    own_steps: list[int] | None = None,
    prepare: Callable[[Any], None] | None = None,
    first: int | None = None,
) -> Any:
    """The training once more from the program's start, with some weights held still; a trained copy, or None.

    `first` is how many batches of it, if not all.
    Rows of the tables `own_steps` move, and their optimizer's averages, only in steps that they get a gradient in.
    `prepare` changes the copy at its start.
    """
    case, own = bench.case, single_model(bench)
    if case is None or own is None or case.target is None or case.answer is None:
        return None
    model = copy.deepcopy(own)
    pairs = dict(zip([id(p) for p in own.parameters()], model.parameters()))
    for key, weight in pairs.items():
        if key in bench.recorder.start:
            weight.data.copy_(bench.recorder.start[key][1])
        if key in frozen:
            weight.requires_grad_(False)
    if prepare is not None:
        prepare(model)
    model.train()
    slots = {n: pairs[id(t)] for n, t in case.tape.parameters().items() if id(t) in pairs}
    optimizers = optimizers_for(case, slots, rate)
    began = time.process_time()
    done = 0
    with untouched():
        for batch in bench.split.training[:first]:
            if time.process_time() - began > seconds or bench.left < 1:
                return None
            loss = _loss(case, model, batch, bench)
            if loss is None or not math.isfinite(float(loss)):
                continue
            for optimizer in optimizers:
                optimizer.zero_grad()
            loss.backward()
            tables = [w for k, w in pairs.items() if k in (own_steps or ()) and w.grad is not None]
            kept = [(t, value, value.clone()) for t in tables for value in _moved_with(t, optimizers)]
            for optimizer in optimizers:
                optimizer.step()
            for table, value, before in kept:
                still = (table.grad == 0).all(1)
                value[still] = before[still]
            done += 1
    return model if done >= 0.8 * len(bench.split.training[:first]) and done else None


def affordable(bench: Bench, seconds: float) -> int:
    """How many of the training's first batches can be gone through again in a part of the budget; all at most."""
    before, known = bench.left, len(bench.split.training)
    train_again(bench, [], seconds, first=8)
    return min(known, int(0.8 * seconds / max((before - bench.left) / 8, 1e-4)))


def _moved_with(table: Tensor, optimizers: Any) -> list[Tensor]:
    """What a step changes of a table: its values and the optimizer's averages of its rows."""
    states = [o.state[table] for o in optimizers if table in o.state]
    averages = [v for state in states for v in state.values() if isinstance(v, Tensor) and v.shape == table.shape]
    return [table.data, *averages]


def mean_loss(bench: Bench, batches: list[Batch], model: Any) -> float | None:
    """The program's loss over kept batches, by a copy."""
    assert bench.case is not None
    model.eval()
    with untouched():
        found = [_loss(bench.case, model, batch, bench) for batch in batches]
    values = [float(v) for v in found if v is not None]
    return sum(values) / len(values) if values and len(values) == len(batches) else None


def weights_of(bench: Bench, case: Case, model: Any) -> dict[int, Tensor]:
    """The weights of a copy by their slots on the tape: penalties of the loss are made of them."""
    own = single_model(bench)
    pairs = dict(zip([id(p) for p in own.parameters()], model.parameters())) if own is not None else {}
    return {n: pairs[id(t)] for n, t in case.tape.parameters().items() if id(t) in pairs}


def _loss(case: Case, model: Any, batch: Batch, bench: Bench) -> Tensor | None:
    answer = call_on(model, batch, bench)
    target = next((t for t in batch.targets if t.dim()), None)
    target = _yielded_target(case, batch) if target is None else target
    if answer is None or target is None or not answer.requires_grad:
        return None
    try:
        given = weights_of(bench, case, model) | {case.answer: answer, case.target: target}
        return play_between(case.tape, given, case.loss, Play(gradients=True))  # type: ignore[arg-type]
    except Exception:
        return None


def _yielded_target(case: Case, batch: Batch) -> Tensor | None:
    """What a data loader gave besides the inputs, of the target's kind, where the loss is written by hand."""
    assert case.target is not None
    like = case.tape.dtypes[case.target], len(case.tape.shapes[case.target])
    inputs = [*batch.inputs, *(lookup.ids for lookup in batch.lookups)]
    others = [
        t
        for t in batch.yielded
        if t.dim() and (t.dtype, t.dim()) == like and not any(t.shape == i.shape and torch.equal(t, i) for i in inputs)
    ]
    return others[-1] if others else None


def frozen(bench: Bench) -> dict[str, Any] | None:
    """The training with the table held still, or a plain learner on still vectors: are new rows answered better?"""
    data, tables = _classed(bench), (bench.facts.get("tables") or {}).get("tables", [])
    table = next((t for t in tables if t["trainable"] and t.get("group")), None)
    dev = data.get("dev") or {}
    if table is None or bench.case is None or dev.get("accuracy") is None or dev["accuracy"] > 0.97 or bench.left < 3:
        return None
    last = bench.split.dev_batches
    tuned = accuracy(bench, last) or dev["accuracy"]
    trained = accuracy(bench, bench.split.last_training[-10:]) or (data.get("trained") or {}).get("accuracy", 0.0)
    if trained < tuned + 0.06 or len(bench.split.train) > 6000:
        return None
    chance = (dev.get("majority") or {}).get("share", 0.0)
    if tuned < 1 / max(len(dev.get("classes") or [0]), 1) - 3 * (0.25 / max(dev["rows"], 1)) ** 0.5 < chance:
        return None  # far worse than chance: answers and targets do not belong together
    held = _held_still(bench, last, tuned) or _plain_on_vectors(bench, tuned)
    if held is None:
        return None
    count = sum(len(bench.split.texts_of(b)) for b in last) or 1
    count = min(3 * count, dev.get("rows", count))  # the words of a text are no independent rows
    return held | {
        "tuned": tuned,
        "train_accuracy": trained,
        "cosine": (table.get("occurred") or {}).get("cosine"),
        "untouched_rows": (table.get("absent") or {}).get("rows", 0),
        "gap": trained - tuned,
        "rows": (data.get("train") or {}).get("rows") or len(bench.split.train),
        "dev_rows": count,
        "error": (0.25 / count) ** 0.5,
        "place": {
            "module": table["module"],
            "file": (table.get("made") or [None])[0],
            "line": (table.get("made") or [None, None])[1],
        },
    }


def _held_still(bench: Bench, last: list[Batch], tuned: float) -> dict[str, Any] | None:
    """The whole training again, once as it was and once with the table held still."""
    if sum(b.training for b in bench.recorder.batches) < bench.recorder.backwards or bench.left < 8:
        return None
    assert bench.case is not None
    keys = [id(bench.case.tape.leaves[s]) for _, _, s in bench.case.lookups if s in bench.case.tape.leaves]
    seconds = min(bench.left / 3, 12.0)
    again = train_again(bench, [], seconds)
    still = train_again(bench, keys, seconds) if again is not None else None
    control = accuracy(bench, last, model=again) if again is not None else None
    held = accuracy(bench, last, model=still) if still is not None else None
    if control is None or held is None:
        return None
    return {
        "tuned_again": control,
        "frozen": held,
        "gain": held - max(control, tuned),
        "loss_tuned": surprise(bench, last, again),
        "loss_frozen": surprise(bench, last, still),
        "by": "training again",
        **_by_novelty(bench, last, again, still),
    }


def _by_novelty(bench: Bench, batches: list[Batch], tuned: Any, still: Any) -> dict[str, float]:
    """What holding the table still gains on rows whose words were all trained, and on those with many that were not."""
    trained = {i for row in bench.split.train.texts for text in row for i in text}
    gains: dict[str, list[int]] = {"known": [], "novel": []}
    with torch.no_grad(), untouched():
        for batch in batches[:60]:
            texts = bench.split.texts_of(batch)
            pairs = [judged(bench, batch, a) for m in (tuned, still) if (a := call_on(m, batch, bench)) is not None]
            if any(p is None or len(p[1]) != len(texts) for p in pairs) or len(pairs) < 2:
                return {}
            right = [(_guesses(scores) == truth).long() for scores, truth in pairs if len(truth)]  # type: ignore[misc]
            for row, gain in zip(texts, (right[1] - right[0]).tolist()):
                words = [i for text in row for i in text]
                new = sum(i not in trained for i in words) / max(len(words), 1)
                if new == 0 or new > 0.25:
                    gains["novel" if new else "known"].append(gain)
    if min(len(g) for g in gains.values()) < 60:
        return {}
    return {f"gain_on_{kind}": sum(g) / len(g) for kind, g in gains.items()} | {
        f"rows_{kind}": float(len(g)) for kind, g in gains.items()
    }


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


def _plain_on_vectors(bench: Bench, tuned: float) -> dict[str, Any] | None:
    """Where the training cannot be repeated: a linear model on the means of the vectors as they were at the start."""
    from sklearn.linear_model import LogisticRegression

    train, dev = bench.split.train, bench.split.dev
    assert bench.case is not None
    leaves = [bench.case.tape.leaves[s] for _, _, s in bench.case.lookups if s in bench.case.tape.leaves]
    starts = [bench.recorder.start[id(w)][1] for w in leaves if id(w) in bench.recorder.start]
    if not starts or train.labels is None or dev.labels is None or len(set(train.labels.tolist())) < 2:
        return None
    given = _means(train, starts[0].float()), _means(dev, starts[0].float())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        held = float(LogisticRegression(max_iter=200).fit(given[0], train.labels).score(given[1], dev.labels))
    return {"frozen": held, "gain": held - tuned, "by": "a plain learner"}


def _means(rows: Rows, table: Tensor) -> Tensor:
    """Means of the vectors of every input, side by side (rows, inputs * width)."""
    empty = torch.zeros(table.shape[1])
    return torch.stack([torch.cat([table[list(t)].mean(0) if t else empty for t in row]) for row in rows.texts])
