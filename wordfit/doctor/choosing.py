"""Which of the taped training steps the experiments work on."""

from __future__ import annotations

import math

import torch

from wordfit.doctor.case import Case
from wordfit.doctor.names import Names
from wordfit.doctor.playing import DROPOUTS
from wordfit.doctor.tape import DRAWS, is_parameter
from wordfit.doctor.watch import Recorder

RANDOM = DROPOUTS | DRAWS | {
    "gumbel_softmax", "rrelu", "scaled_dot_product_attention", "multi_head_attention_forward",
}  # fmt: skip


ENOUGH = 256  # rows that say as much as thousands would


FLOWN = 20  # times the first loss


def repeats_itself(case: Case) -> bool:
    """Whether the first step, played again with the weights of the start, gives the loss that it gave; true if unknown.

    Some libraries work on tensors behind the tape's back (Keras), and experiments on such a tape would mislead.
    """
    calls = [case.tape.ops[i] for i in case.path]
    if any(op.name in RANDOM or getattr(op.module, "dropout", 0) for op in calls) or not math.isfinite(case.step.value):
        return True
    again = float(case.run(weights=case.copies(start=True), training=True)[case.loss])
    return not math.isfinite(again) or abs(again - case.step.value) <= 0.05 * abs(case.step.value) + 1e-3


def choose(recorder: Recorder, names: Names) -> Case | None:
    """The training step to work on: late, with a loss on tape, not broken by a state, and with a usable layout."""
    cases = _cases(recorder, names)
    if not cases and any(s.tape.hidden for s in recorder.train_steps):
        raise RuntimeError("its weights are at work inside torch.jit")
    if not cases:
        return None
    if cases[0].step.index == 0 and not repeats_itself(cases[0]):
        raise RuntimeError("a step that is played again gives another loss: experiments would mislead")
    biggest = max(c.rows for c in cases)
    whole = [c for c in cases if c.rows >= max(2, min(biggest // 2, ENOUGH)) and c.batch_first is not None]
    small = [c for c in whole if c.rows <= 4 * ENOUGH]
    return (small or whole or cases)[-1]


def _cases(recorder: Recorder, names: Names) -> list[Case]:
    """The steps with a loss on tape whose weights are all in sight, and that no state had broken."""
    steps = [s for s in recorder.train_steps if s.loss is not None and not s.tape.hidden]
    return _unbroken([Case(recorder, s, names) for s in steps])


def _unbroken(cases: list[Case]) -> list[Case]:
    """Steps before the loss flew off, where a state that is no number in the end is carried on from step to step.

    Such a state says of a step what an earlier one did. Data that is no number in parts tells of itself, and stays.
    """
    if not any(_is_fed_none(c) for c in cases):
        return cases
    return [c for c in cases if abs(c.step.value) < FLOWN * abs(cases[0].step.value)] or cases


def _is_fed_none(case: Case) -> bool:
    """Whether a step was fed a tensor of which not a single value is a number."""
    leaves = (t for n, t in case.tape.leaves.items() if n in case.used and not is_parameter(t))
    dense = [t for t in leaves if t.is_floating_point() and t.layout == torch.strided and not t.is_meta]
    return any(t.numel() > 1 and bool(t.isnan().all()) for t in dense)


def choose_many(recorder: Recorder, names: Names, most: int = 4) -> list[Case]:
    """Several taped steps with the layout of the chosen one and of the same model, for experiments that train."""
    chosen = choose(recorder, names)
    if chosen is None:
        return []
    calls = [chosen.tape.ops[i].name for i in chosen.path if chosen.tape.ops[i].outs[0] in chosen.learned]
    found = [chosen]
    for other in _cases(recorder, names):
        if other.step is chosen.step or len(found) >= most or _weights(other).isdisjoint(_weights(chosen)):
            continue
        if [other.tape.ops[i].name for i in other.path if other.tape.ops[i].outs[0] in other.learned] == calls:
            found.append(other)
    return found


def _weights(case: Case) -> set[int]:
    """What is trained in a step: of several models in one program each has its own."""
    return {id(t) for n, t in case.tape.leaves.items() if n in case.used and is_parameter(t)}
