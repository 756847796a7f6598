"""One call of the program's step replaced, or its start changed: do the same few steps then learn what they did not?

The only evidence that a suspicious call does harm. Copies are trained on the taped batches with the program's own
optimiser, with the change and without, and both are judged by the same loss.
"""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Callable
from typing import Any

from torch import Tensor

from wordfit.doctor.bench import Bench
from wordfit.doctor.case import Case, untouched
from wordfit.doctor.choosing import choose_many
from wordfit.doctor.playing import Play, play
from wordfit.doctor.stepping import optimizers_for, same_weights
from wordfit.doctor.tape import Op

Change = Callable[[Case, Op], Op]


def without(case: Case, op: Op) -> Op:
    """The call gives back the learned value that it was given, and lets its gradient by."""
    place = next(n for n, slot in enumerate(op.ins) if slot in case.learned)
    slots: list[Tensor] = []

    def passed(*args: Any, **kwargs: Any) -> Tensor:
        slots[:] = [a for a in (*args, *kwargs.values()) if isinstance(a, Tensor)]
        return slots[min(place, len(slots) - 1)]

    return dataclasses.replace(op, func=passed, name="passed", grad=True)


def edited(case: Case, changes: dict[int, Change]) -> Case:
    """The same step with some calls of its path replaced, by their place on the path."""
    tape = copy.copy(case.tape)
    tape.ops = list(case.tape.ops)
    for place, change in changes.items():
        position = case.path[place]
        tape.ops[position] = change(case, case.tape.ops[position])
    return Case(case.recorder, dataclasses.replace(case.step, tape=tape), case.names)


def trained(
    bench: Bench,
    changes: dict[int, Change] | None = None,
    steps: int = 40,
    weights: dict[int, Tensor] | None = None,
    judged_by: dict[int, Change] | None = None,
) -> float | None:
    """The mean loss of a few taped batches after some steps on them from the start; not-a-number if it broke."""
    cases = choose_many(bench.recorder, bench.names, most=3)
    if not cases or bench.left < 3:
        return None
    cases = [c for c in cases if len(c.path) == len(cases[0].path)]
    judge = cases[0]
    weights = judge.copies(start=True) if weights is None else weights
    optimizers = optimizers_for(judge, weights)
    sets = [(c, edited(c, changes or {}), same_weights(judge, c, weights)) for c in cases]
    with untouched():
        for step in range(steps):
            _, case, own = sets[step % len(sets)]
            loss = play(case.tape, Play(own, {}, True, True, case.loss))[case.loss]
            if not math.isfinite(float(loss)) or not loss.requires_grad or bench.left < 2:
                return math.nan
            for optimizer in optimizers:
                optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            for optimizer in optimizers:
                optimizer.step()
    total = 0.0
    for case, _, own in sets:
        judging = edited(case, judged_by or {})
        total += float(judging.run(weights=own)[judging.loss])
    return total / len(sets)
