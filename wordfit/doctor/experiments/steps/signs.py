"""Which way does the loss push: do steps down it raise what should rise?"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.bench import Bench
from wordfit.doctor.case import Case, untouched
from wordfit.doctor.experiments.answers.company import against_each_other
from wordfit.doctor.playing import Play, play
from wordfit.doctor.tape import Op
from wordfit.doctor.watch import LOSSES

DRAWN_FROM = {"multinomial", "bernoulli"}
MASKING = {"__getitem__", "masked_select", "masked_fill", "masked_fill_"}


def direction(bench: Bench, case: Case) -> dict[str, Any] | None:
    """Does a step down the loss raise the answer for the true class, or bring a score nearer to its target?

    The gradient is taken at the program's start and end, at the slot of the answer.
    """
    if case.answer is None or case.target is None:
        return _of_own_pairs(case)
    target = case.value(case.target)
    if not case.tape.shapes[case.answer]:  # a sum of scores already, as of a path through a lattice: no row's answer
        return None
    if target is None or _is_distance(case, case.answer):  # what belongs together should be near
        return None
    masking = [op for op in case.tape.ops if op.name in MASKING and case.target in op.ins]
    if target.dtype == torch.bool and any({case.answer, *case.learned}.intersection(op.ins) for op in masking):
        return None  # a mask of what counts, or of what does not, is no truth about it
    if target.is_floating_point() and _goes_one_way(case, target):
        return None
    found: dict[str, Any] = {}
    for name, start in (("start", True), ("end", False)):
        grad, value = answer_gradient(case, start)
        if grad is None or value is None:
            continue
        agreement = _agreement(value, grad, target)
        if agreement is not None:
            found[name] = agreement
        found["zero_share_" + name] = (
            float((grad.reshape(len(grad), -1).abs().amax(1) == 0).float().mean()) if grad.dim() else None
        )
    return found or None


def _goes_one_way(case: Case, target: Tensor) -> bool:
    """Whether a loss pushes answers far below their targets the way that it pushes those far above: these are none.

    A loss that says the same of all answers and of all of them moved alike, as a product does, is left in doubt.
    """
    answer = case.value(case.answer)  # type: ignore[arg-type]
    if answer is None or answer.numel() != target.numel() or not answer.is_floating_point():
        return False
    truth = target.reshape(answer.shape).to(answer)
    if bool(((truth == 0) | (truth.abs() == 1)).all()):
        return False
    away = 3 * float(truth.std() + (truth - answer).abs().mean()) + 1e-3
    if not math.isfinite(away):
        return False
    below, above = (_pushed(case, truth + way * away) for way in (-1, 1))
    if below is None or above is None or torch.allclose(below, above, rtol=1e-3, atol=0.0):
        return False
    felt = (below != 0) & (above != 0)
    return bool(felt.any()) and float((below.sign() == above.sign())[felt].float().mean()) > 0.9


def _pushed(case: Case, answer: Tensor) -> Tensor | None:
    """The loss's gradient at answers put in place of the model's."""
    given = answer.detach().clone().requires_grad_()
    with untouched():
        held = play(case.tape, Play({}, {case.answer: given}, False, True, case.loss))  # type: ignore[dict-item]
    loss = held[case.loss]
    if not loss.requires_grad:
        return None
    (grad,) = torch.autograd.grad(loss, [given], allow_unused=True)
    return grad


def _of_own_pairs(case: Case) -> dict[str, Any] | None:
    """Of rows scored against each other, whose own pairs the loss takes out: does a step raise those?"""
    scored = against_each_other(case)
    op = case.tape.ops[scored] if scored is not None else None
    if op is None or op.name == "cdist" or not op.outs:
        return None
    both = [{ids for call, ids, _ in case.lookups if call.outs[0] in case.tape.ancestors(n)} for n in op.ins[:2]]
    if both[0] & both[1] or not all(both):  # each with itself
        return None
    below = case.tape.descendants(op.outs[0])
    if not any(o.name in ("diagonal", "diag") and below.intersection(o.ins) for o in case.tape.ops):
        return None
    _, (grad,) = gradients_at(case, [op.outs[0]])
    own = grad.diagonal() if grad is not None else torch.zeros(1)
    felt = own[own != 0]
    others = 0.0 if grad is None else float(grad.sum() - own.sum())
    if not len(felt) or float(felt.sum()) * others > 0:  # all scores go one way: it is their size that is held down
        return None
    return {"start": float((felt < 0).float().mean())}


DISTANCES = {"pairwise_distance", "cdist", "norm", "linalg_norm", "vector_norm", "linalg_vector_norm", "dist"}
SIZES = {"pow", "__pow__", "square", "abs", "__abs__"}


def _is_distance(case: Case, slot: int) -> bool:
    """Whether an answer is how far two learned values are apart."""
    sized = False
    for _ in range(8):
        op = next((o for o in case.tape.ops if slot in o.outs and slot not in o.ins), None)
        own = [n for n in op.ins if n in case.learned] if op is not None else []
        if op is None or not own or op.name in DISTANCES:
            return op is not None and bool(own)
        by_itself = op.name in ("mul", "__mul__") and own[1:] == own[:1]
        if len(own) > 1 and not by_itself:
            return sized and op.name in ("sub", "__sub__")
        sized = sized or by_itself or op.name in SIZES
        slot = own[0]
    return False


def answer_gradient(case: Case, start: bool) -> tuple[Tensor | None, Tensor | None]:
    """The loss's gradient at the answer."""
    weights = case.copies(start=start)
    for weight in weights.values():
        weight.requires_grad_(weight.is_floating_point())
    with untouched():
        held = play(case.tape, Play(weights, {}, False, True, case.loss))
    value = held.get(case.answer)  # type: ignore[arg-type]
    if value is None or not value.requires_grad or not held[case.loss].requires_grad:
        return None, None
    (grad,) = torch.autograd.grad(held[case.loss], [value], allow_unused=True)
    return grad, value.detach()


LOGARITHMS = {"log_softmax", "logsigmoid", "log_sigmoid", "_log_softmax"}


SUMMING = {
    "mean",
    "sum",
    "add",
    "__add__",
    "__radd__",
    "mul",
    "__mul__",
    "__rmul__",
    "neg",
    "__neg__",
    "div",
    "__truediv__",
}


PICKING = {
    "gather", "__getitem__", "index_select", "diagonal", "diag", "squeeze", "unsqueeze", "view", "reshape", "flatten",
    "clamp", "clamp_min", "add", "__add__", "rsub", "__rsub__", "transpose", "t", "T.__get__",
}  # fmt: skip


def likelihood(bench: Bench, case: Case) -> dict[str, Any] | None:
    """Do steps down the loss raise logarithms of probabilities, as every likelihood wants, or lower them?

    Needs no target. A sum over all answers (`logsumexp`) is what a likelihood wants low, as are torch's own losses.
    What a model drew from its own probabilities may rightly become less likely: its reward tells.
    """
    if any(op.name in DRAWN_FROM and case.learned.intersection(op.ins) for op in case.tape.ops):
        return None
    slots = {}
    for position in case.path:
        op = case.tape.ops[position]
        if op.outs and op.outs[0] in case.learned and (sign := _logarithm(case, op)):
            slots[op.outs[0]] = (op, sign)
    if not slots:
        return None
    held, grads = gradients_at(case, list(slots))
    wrong, total, place = 0, 0, None
    for (op, sign), grad in zip(slots.values(), grads):
        if grad is None or not bool((grad != 0).any()):
            continue
        felt = grad[grad != 0]
        total += 1
        if float((felt * sign > 0).float().mean()) > 0.95:
            wrong, place = wrong + 1, place or bench.where(op)
    return {"logarithms": total, "lowered": wrong, "loss": held, **(place or {})} if total else None


def binary_by_hand(bench: Bench, case: Case) -> dict[str, Any] | None:
    """A binary likelihood that is written out: the range of its targets, and the rows whose likelihood steps lower."""
    target = case.value(case.target) if case.target is not None else None
    if target is None or not target.numel():
        return None
    found = {}
    for op in (case.tape.ops[p] for p in case.path):
        one_a_target = op.outs and case.tape.shapes[op.outs[0]] and op.outs[0] in case.learned
        if one_a_target and op.name in ("log", *LOGARITHMS) and _of_sigmoid(case, op):
            found[op.outs[0]] = op
    slots = [n for n in found if math.prod(case.tape.shapes[n]) == target.numel()]
    if not slots:
        return None
    _, grads = gradients_at(case, slots)
    flat = target.reshape(-1).float()
    lowered = torch.zeros(len(flat), dtype=torch.bool)
    for grad in grads:
        lowered |= (grad.reshape(-1) > 0) if grad is not None else False
    outside = (flat < 0) | (flat > 1)
    return bench.where(found[slots[0]]) | {
        "min": float(flat.min()),
        "max": float(flat.max()),
        "outside": float(outside.float().mean()),
        "lowered": float(lowered.float().mean()),
        "lowered_is_outside": float((lowered == outside).float().mean()),
    }


def _of_sigmoid(case: Case, op: Op) -> bool:
    """Whether a logarithm is that of a sigmoid, or of one minus it."""
    if op.name != "log":
        return "sigmoid" in op.name
    slot = op.ins[0]
    for _ in range(6):
        made = next((o for o in case.tape.ops if slot in o.outs), None)
        if made is None or not made.ins or made.name == "sigmoid":
            return made is not None and made.name == "sigmoid"
        if made.name not in PICKING:
            return False
        slot = next((n for n in made.ins if n in case.learned), made.ins[0])
    return False


def _logarithm(case: Case, op: Op) -> int:
    """1 for what is wanted high, the logarithm of a probability; -1 for what is wanted low; 0 for other calls."""
    if op.name in LOGARITHMS:
        return 1
    if op.name in ("logsumexp", *LOSSES) or (op.name == "softplus" and _only_summed(case, op)):
        return -1
    slot = op.ins[0] if op.ins else -1
    for _ in range(6 if op.name == "log" else 0):
        made = next((o for o in case.tape.ops if slot in o.outs), None)
        if made is None or not made.ins:
            return 0
        if made.name in ("softmax", "sigmoid"):
            return 1
        if made.name not in PICKING:
            return 0
        slot = next((n for n in made.ins if n in case.learned), made.ins[0])
    return 0


def _only_summed(case: Case, op: Op) -> bool:
    """Nothing but sums and factors between a call and the loss."""
    reached = set(op.outs)
    for position in case.path:
        other = case.tape.ops[position]
        if reached.intersection(other.ins):
            if other.name not in SUMMING:
                return False
            reached.update(other.outs)
    return True


def gradients_at(case: Case, slots: list[int]) -> tuple[float, Any]:
    """The loss at the program's start, and its gradients at some slots."""
    weights = case.copies(start=True)
    for weight in weights.values():
        weight.requires_grad_(weight.is_floating_point())
    with untouched():
        held = play(case.tape, Play(weights, {}, False, True, case.loss))
    loss, at = held[case.loss], [held[n] for n in slots]
    if not loss.requires_grad or not all(t.requires_grad for t in at):
        return float(loss), [None] * len(slots)
    return float(loss), torch.autograd.grad(loss, at, allow_unused=True)


def _agreement(value: Tensor, grad: Tensor, target: Tensor) -> float | None:
    """Share of targets for which descent helps; 0.5 would be chance."""
    if not target.is_floating_point():
        classes = [
            a
            for a in range(value.dim())
            if value.numel() // max(value.shape[a], 1) == target.numel() and value.shape[a] > 1
        ]
        if classes and int(target.max()) < value.shape[classes[-1]] and value.numel() != target.numel():
            axis = class_axis(value, target) if value.dim() == 3 else classes[-1]
            axis = axis if axis in classes else classes[-1]
            flat = grad.movedim(axis, -1).reshape(-1, value.shape[axis])
            truth = target.reshape(-1)
            keep = (truth >= 0) & (flat.abs().amax(1) > 0)
            if not bool(keep.any()):
                return None
            flat, truth = flat[keep], truth[keep]
            own = flat.gather(1, truth.unsqueeze(1)).squeeze(1)
            others = (flat.sum(1) - own) / (flat.shape[1] - 1)
            return float((own < others).float().mean())
    if target.numel() == value.numel():
        flat, truth, answer = grad.reshape(-1), target.reshape(-1).float(), value.reshape(-1)
        keep = flat.abs() > 0
        if not bool(keep.any()):
            return None
        if bool(((truth == 0) | (truth == 1)).all()):
            return float(((flat < 0) == (truth > 0.5))[keep].float().mean())
        if bool((truth.abs() == 1).all()):
            return float(((flat < 0) == (truth > 0))[keep].float().mean())
        keep &= (truth - answer).abs() > 1e-6
        if not bool(keep.any()):
            return None
        nearer = float(((flat < 0) == (truth > answer))[keep].float().mean())
        ranked = _concordance(-flat[keep], truth[keep])
        return max(nearer, ranked) if ranked > 0.9 else nearer
    return None


def _concordance(push: Tensor, truth: Tensor) -> float:
    """Share of pairs whose larger target is pushed up more: so it is too where answers are logarithms of targets."""
    push, truth = push[:500], truth[:500]
    larger = truth[:, None] > truth
    return float((push[:, None] > push)[larger].float().mean()) if bool(larger.any()) else 0.0


def class_axis(value: Tensor, target: Tensor) -> int:
    """The axis of an answer that its target lacks."""
    for axis in (2, 1, 0):
        rest = [s for a, s in enumerate(value.shape) if a != axis]
        if tuple(rest) == tuple(target.shape):
            return axis
    return value.dim() - 1
