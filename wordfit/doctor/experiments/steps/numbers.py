"""The first loss that was no number: which rows, which call; targets, forward pass or gradient?"""

from __future__ import annotations

import math
import time
from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.bench import Bench, copied
from wordfit.doctor.case import Case, untouched
from wordfit.doctor.choosing import choose_many
from wordfit.doctor.experiments.answers.tracing import trace
from wordfit.doctor.experiments.steps.again import weights_of
from wordfit.doctor.experiments.steps.calls import MASKING, extremes, made_by, operands, underflows
from wordfit.doctor.experiments.steps.gradients import first_broken, gradients_at
from wordfit.doctor.experiments.steps.judging import call_on, called_with, single_model
from wordfit.doctor.experiments.steps.stand_in import StandIn
from wordfit.doctor.playing import Play, play, play_between
from wordfit.doctor.seen import Batch
from wordfit.doctor.stepping import optimizers_for, same_weights


def numbers(bench: Bench) -> dict[str, Any] | None:
    """Play the batch that spoilt the loss, and the one before it, with the weights of the start."""
    losses, steps = bench.recorder.losses, bench.recorder.loss_steps
    bad = next((i for i, v in enumerate(losses) if not math.isfinite(v)), None)
    if bad is None:
        return None
    training = [b for b in bench.recorder.batches if b.training]
    suspects = [b for b in training if b.step in (steps[bad], steps[bad] - 1)]
    out: dict[str, Any] = {
        "first_bad": bad,
        "step": steps[bad],
        "batches": [],
        "divides_by_count": _divides_by_count(bench),
    }
    for batch in suspects[-3:]:
        out["batches"].append(_look(bench, batch))
    if not any(b.get("forward") or b.get("backward") for b in out["batches"]):
        out["again"] = _again(bench, bad)
    return out


def _again(bench: Bench, bad: int) -> dict[str, Any] | None:
    """A step on tape that breaks with the weights of the start, or with those that the loss broke with; or training on
    such steps until it breaks: where?"""
    case = bench.case
    if case is None:
        return None
    weights = case.copies(start=True)
    last = {id(t): bench.recorder.last_sound.get(id(t)) for t in case.tape.parameters().values()}
    alike = choose_many(bench.recorder, bench.names, most=12)
    for steps, given in ((0, weights), (bad, {n: last.get(id(case.tape.leaves[n])) for n in weights})):
        whole = {n: w for n, w in given.items() if w is not None and not _is_bad(w)}
        for other in alike if len(whole) == len(weights) else ():
            same = same_weights(case, other, whole)
            held = other.run(weights=same)
            if not math.isfinite(float(held[other.loss])):
                return (born(bench, other, held) or {}) | {"steps": steps}
            if any(_is_bad(grad) for grad in gradients_at(other, same)):
                return (first_broken(bench, other, same) or {}) | {"steps": steps}
    sets = [(c, same_weights(case, c, weights)) for c in alike[:3]]
    optimizers, until = optimizers_for(case, weights), time.process_time() + min(6.0, bench.left / 3)
    with untouched():
        for step in range(2 * bad + 40):
            now, own = sets[step % len(sets)]
            held = play(now.tape, Play(own, {}, True, True, now.loss))
            loss = held[now.loss]
            if not math.isfinite(float(loss)):
                return (born(bench, now, held) or {}) | {"steps": step}
            if not loss.requires_grad or time.process_time() > until:
                return None
            for optimizer in optimizers:
                optimizer.zero_grad()
            loss.backward()
            if any(w.grad is not None and _is_bad(w.grad) for w in own.values()):
                return (first_broken(bench, now, own) or {}) | {"steps": step}
            for optimizer in optimizers:
                optimizer.step()
    return None


def born(bench: Bench, case: Case, held: dict[int, Tensor]) -> dict[str, Any] | None:
    """Walk back from a loss that is no number to the call that made the first one; past sums of infinities."""
    made = {n: op for position in case.path for op in [case.tape.ops[position]] for n in op.outs}
    slot, op = case.loss, made.get(case.loss)
    while op is not None:
        bad = [n for n in op.ins if n in held and n in case.learned and _is_bad(held[n])]
        worst = [n for n in bad if bool(torch.isnan(held[n]).any())] or bad
        if not worst or (op.name in SOFTMAXES and not bool(torch.isnan(held[worst[0]]).any())):
            break
        if worst[0] not in made or made[worst[0]] is op:
            break
        slot, op = worst[0], made[worst[0]]
    if op is None:
        return None
    above = case.tape.ancestors(slot)
    ins = operands(op, held)
    return bench.where(op) | {
        "direction": "forward",
        "inputs": [extremes(i) for i in ins[:3]],
        "divisor": made_by(case.tape, op.ins[1]) if len(op.ins) > 1 else "",
        "of_exp": any(o.name == "exp" and o.outs[0] in above and o.outs[0] in case.learned for o in case.tape.ops),
        "underflow": underflows(case.tape, slot, held),
        "weights_finite": all(bool(torch.isfinite(held[n]).all()) for n in case.tape.parameters() if n in held),
    }


def _is_bad(value: Tensor) -> bool:
    value = value.coalesce().values() if value.is_sparse else value
    return value.is_floating_point() and not bool(torch.isfinite(value).all())


SOFTMAXES = {"softmax", "log_softmax", "scaled_dot_product_attention", "multi_head_attention_forward"}


def _look(bench: Bench, batch: Batch) -> dict[str, Any]:
    row: dict[str, Any] = {"step": batch.step, "loss": batch.loss, "ignored": _ignored(bench, batch)}
    texts = bench.split.texts_of(batch)
    row["empty_rows"] = [n for n, t in enumerate(texts) if not t[0]][:10]
    own = single_model(bench)
    if own is None or isinstance(own, StandIn):
        return row | _on_tape(bench, batch)
    model = copied(own)
    for weight, mine in zip(own.parameters(), model.parameters()):
        if id(weight) in bench.recorder.start:
            mine.data.copy_(bench.recorder.start[id(weight)][1])
    try:
        with untouched():
            row["forward"] = _forward(bench, model, batch)
            row["backward"] = _backward(bench, model, batch) if row["forward"] is None else None
        if not row["forward"] and not row["backward"]:
            row |= _on_tape(bench, batch)
    except Exception as error:
        row |= {"why_not": f"{type(error).__name__}: {error}"[:200]} | _on_tape(bench, batch)
    return row


def _on_tape(bench: Bench, batch: Any) -> dict[str, Any]:
    """A batch fed to the tape of another, where there is no model to call, or its loss takes more than one answer."""
    case = bench.case
    if case is None or len(batch.lookups) < len(case.ids):
        return {}
    values = {slot: lookup.ids for slot, lookup in zip(case.ids, batch.lookups)} | _given(case, batch)
    target = next((t for t in batch.targets if t.dim()), None)
    if case.target is not None and target is not None:
        values[case.target] = target
    weights = case.copies(start=True)
    try:
        held = case.run(values, weights)
        if not math.isfinite(float(held[case.loss])):
            return {"forward": born(bench, case, held)}
        if any(_is_bad(grad) for grad in gradients_at(case, weights, values)):
            return {"backward": first_broken(bench, case, weights, values)}
    except Exception as error:
        return {"why_not": f"{type(error).__name__}: {error}"[:200]}
    return {}


def _given(case: Case, batch: Batch) -> dict[int, Tensor]:
    """A batch's inputs at their places on tape: what modules, and losses that are modules, were called with in turn."""
    slots = [s for call in case.step.roots for s in call.in_slots if s not in case.learned]
    shapes = [tuple(t.shape[1:]) for t in batch.inputs]
    alike = shapes == [tuple(case.tape.shapes[s][1:]) for s in slots]
    return dict(zip(slots, batch.inputs)) if alike else {}


def _divides_by_count(bench: Bench) -> dict[str, Any] | None:
    """A loss divided by a sum over data alone, such as a mask: what if the mask is empty?"""
    case = bench.case
    if case is None:
        return None
    for position in case.path:
        op = case.tape.ops[position]
        if op.name not in ("div", "__truediv__", "true_divide") or position < case.model_end or len(op.ins) < 2:
            continue
        count = op.ins[1]
        made = [o for o in case.tape.ops if count in o.outs]
        if (
            count not in case.learned
            and made
            and made[-1].name in ("sum", "count_nonzero", "float", "to")
            and op.outs[0] in case.used
        ):
            zero = torch.zeros(case.tape.shapes[count], dtype=case.tape.dtypes[count])
            mask = made[-1].ins[0]
            empty = torch.zeros(case.tape.shapes[mask], dtype=case.tape.dtypes[mask])
            loss = case.run({mask: empty, count: zero})[case.loss]
            return bench.where(op) | {"loss_with_nothing_counted": float(loss)}
    return None


def _ignored(bench: Bench, batch: Any) -> dict[str, Any] | None:
    """Whether every target of the batch is ignored, or there is none."""
    index = -100
    for call in (bench.facts.get("losses") or {}).get("calls", []):
        index = call["kwargs"].get("ignore_index", index)
    for target in batch.targets:
        if not target.is_floating_point():
            share = float((target == index).float().mean()) if target.numel() else 1.0
            return {"index": index, "share": share}
    return None


def _forward(bench: Bench, model: Any, batch: Any) -> dict[str, Any] | None:
    tape, values = trace(model, *called_with(batch, bench))
    for op in tape.ops:
        for slot in op.outs[:1]:
            value = values.get(slot)
            if (
                value is None
                or not value.is_floating_point()
                or op.name in MASKING
                or bool(torch.isfinite(value).all())
            ):
                continue
            bad = ~torch.isfinite(value)
            rows = bad.reshape(len(value), -1).any(1).nonzero().flatten().tolist()[:10] if value.dim() else []
            return bench.where(op) | {
                "direction": "forward",
                "inputs": [extremes(i) for i in operands(op, values)[:3]],
                "rows": rows,
                "divisor": made_by(tape, op.ins[1]) if len(op.ins) > 1 else "",
            }
    return None


def _backward(bench: Bench, model: Any, batch: Batch) -> dict[str, Any] | None:
    case = bench.case
    target = next((t for t in batch.targets if t.dim()), None)
    answer = call_on(model, batch, bench)
    if case is None or case.answer is None or answer is None:
        return None
    given = {case.answer: answer} | weights_of(bench, case, model)
    if case.target is not None and target is not None:
        given[case.target] = target
    try:
        loss = play_between(case.tape, given, case.loss, Play(gradients=True))
    except KeyError:  # the loss takes more than this answer
        return None
    if not bool(torch.isfinite(loss).all()):
        return {"op": "loss", "direction": "forward", "value": float(loss), "inputs": [extremes(answer)]}
    grads = torch.autograd.grad(loss, [p for p in model.parameters() if p.requires_grad], allow_unused=True)
    if all(g is None or bool(torch.isfinite(g.coalesce().values() if g.is_sparse else g).all()) for g in grads):
        return None
    with torch.autograd.set_detect_anomaly(True, check_nan=True):
        answer = call_on(model, batch, bench)
        given[case.answer] = answer  # type: ignore[assignment]
        try:
            play_between(case.tape, given, case.loss, Play(gradients=True)).backward()
        except RuntimeError as error:
            told = {"op": _backward_name(str(error)), "direction": "backward", "message": str(error)[:160]}
            return told | (_root_of_zero(bench, model, batch) or {})
    return {"op": "?", "direction": "backward"}


def _root_of_zero(bench: Bench, model: Any, batch: Batch) -> dict[str, Any] | None:
    """A root whose argument is zero somewhere: its gradient is infinite there, and no number after the next product."""
    tape, values = trace(model, *called_with(batch, bench))
    learned = tape.descendants(*tape.parameters())
    for op in tape.ops:
        if op.name in ROOTS and learned.intersection(op.ins) and bool((values[op.ins[0]] == 0).any()):
            return bench.where(op) | {"direction": "backward", "inputs": [extremes(values[op.ins[0]])]}
    return None


ROOTS = {"sqrt", "sqrt_", "rsqrt"}


def _backward_name(message: str) -> str:
    """From torch's own account: Function 'SqrtBackward0' returned nan values."""
    name = message.split("'")[1] if "'" in message else message
    return name.replace("Backward0", "").replace("Backward1", "").replace("LinalgVector", "").lower()
