"""Which stretches of a program are put on tape: the first steps, later ones ever more rarely, a few evaluations."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import _get_current_function_mode, _get_current_function_mode_stack

from wordfit.doctor.seen import RootCall, Step
from wordfit.doctor.sites import site
from wordfit.doctor.tape import Recording, Tape
from wordfit.doctor.watch.watched import Watched, flat_tensors

DENSE_STEPS = 3
SHARE = 0.01  # of the program's time that closely watched steps may cost, the first ones apart
MOST_BACKWARDS = 3  # passes on tape between two optimizer steps
MOST_OPS = 40_000
FULL = 60_000  # calls on one tape, those that make models and rows before the first step included
LONG = 2_000  # calls after a model's answer that are kept of an evaluation; one that long is put on tape once


class Taping:
    """The stretch on tape now, and when the next one begins."""

    def __init__(self, watched: Watched, inside: Callable[[], nn.Module | None]) -> None:
        self.watched = watched
        self.recording = Recording(inside, watched.trouble)
        self.entered = False
        self.step: Step | None = None
        self.on_enter: Callable[[], None] = lambda: None
        self.before_root: Callable[[], None] = lambda: None
        self.unheard = True  # whether weights may be updated without an optimizer
        self.forced = 0  # coming steps to tape whatever they cost
        self.next_dense = 8
        self.backwards = 0  # since the last optimizer step
        self.eval_tapes = 0
        self.full = 0  # tapes that were full before a step was seen
        self.usual: Counter[int] = Counter()  # how often the last step on tape called each module, by its id
        self._bare = True

    def enter(self) -> None:
        """Listen to torch's calls, unless a mode of the program's own would end above ours."""
        if not self.entered and not self.watched.stopped and not _program_modes():
            self.on_enter()
            self.recording.__enter__()
            self.entered = True

    def leave(self) -> None:
        """Listen no more, unless the program has put a mode of its own over ours: then hear and keep nothing."""
        if not self.entered:
            return
        if _get_current_function_mode() is self.recording:
            self.recording.__exit__(None, None, None)
            self.entered = False
        else:
            self.recording.tape = None

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Hear nothing for a while, but where the program has put a mode of its own over ours."""
        top = self.entered and _get_current_function_mode() is self.recording
        if top:
            self.recording.__exit__(None, None, None)
        try:
            yield
        finally:
            if top:
                self.recording.__enter__()

    def open(self, evaluation: bool = False) -> None:
        """Begin a new tape."""
        self.enter()
        if self.entered and not _program_modes(self.recording):
            self.step = Step(index=self.watched.steps_done, tape=Tape(), evaluation=evaluation)
            self.recording.tape = self.step.tape
            self.step.tape.full_at = FULL

    def drop(self) -> None:
        """Let go of a tape that was begun."""
        self.step = None
        self.recording.tape = None

    def seal(self) -> None:
        """End the tape, and keep it if it holds a step or a piece of an evaluation."""
        step, self.step = self.step, None
        self.recording.tape = None
        if step is None or not step.tape.ops:
            return
        began = time.perf_counter()
        if step.roots:
            gone = step.tape.leave_out_starts()
            for call in step.roots:
                call.first_op -= sum(position < call.first_op for position in gone)
                call.last_op -= sum(position < call.last_op for position in gone)
        else:
            step.tape.leave_out_updates()
        if step.evaluation and step.loss is not None and _began_within(step.tape):
            return
        if len(step.tape.ops) > MOST_OPS:
            self.watched.trouble(OverflowError(f"a step of {len(step.tape.ops)} calls is too long to keep"))
            return
        step.tape.seal()
        self._keep(step)
        self.recording.spent += time.perf_counter() - began

    def _keep(self, step: Step) -> None:
        watched = self.watched
        if step.loss is not None:
            self.usual = Counter(id(call.module) for call in step.roots)
            watched.train_steps.append(step)
            if len(watched.train_steps) > 8:
                del watched.train_steps[4]
        elif step.evaluation or any(not r.grad or not r.training for r in step.roots):
            watched.first_eval = watched.first_eval or step
            watched.eval_steps.append(step)
        elif step.roots:
            watched.unfinished = step

    def root_begins(self, module: nn.Module, args: Any, grad: bool, compiled: bool = False) -> None:
        """The program calls a module: note it, and begin or end a tape where one phase gives way to the other."""
        if not self.is_bare:
            self.before_root()
        training_step = grad and module.training
        if training_step and self.step is not None and self.step.evaluation:
            self.seal()
            self._leave_unless_early()
        if self.step is not None and len(self.step.tape.ops) >= FULL:  # rows were made for long: begin anew, once
            self.drop()
            self.full += 1
        early = self.watched.steps_done < DENSE_STEPS and self.backwards < MOST_BACKWARDS and not self.is_bare
        early &= self.full < 2
        if self.step is None and (early or (self.entered and not training_step)):
            self.open()
        if not training_step:
            self._evaluation(module)
        if self.step is not None:
            self.step.tape.full_at = FULL
            call = RootCall(module, args, {}, module.training, grad, site())
            call.first_op = len(self.step.tape.ops)
            call.in_slots = [self.step.tape.slot(t) for t in flat_tensors(args)]
            call.compiled = compiled
            self.step.roots.append(call)

    def root_ends(self, module: nn.Module, kwargs: Any, tensors: list[Tensor]) -> None:
        """The module has answered."""
        if self.step is None or not self.step.roots or self.step.roots[-1].module is not module:
            return
        call, tape = self.step.roots[-1], self.step.tape
        if kwargs:
            call.kwargs = kwargs
            call.in_slots += [tape.slot(t) for t in flat_tensors(kwargs)]
        call.last_op = len(tape.ops)
        if self.step.evaluation:
            tape.full_at = len(tape.ops) + LONG
        slots = [tape.slot(t) if call.compiled else tape.find(t) for t in tensors]
        call.out_slots = [n for n in slots if n is not None]

    def _evaluation(self, module: nn.Module) -> None:
        """Put the first batches of an evaluation on tape, a few times in a run."""
        step, watched = self.step, self.watched
        if step is not None and sum(c.module is module for c in step.roots) >= 4 * max(1, self.usual[id(module)]):
            self.seal()
            self._leave_unless_early()
            return
        last = watched.eval_steps[-1] if watched.eval_steps else None
        first = self.eval_tapes < 3 and (last is None or len(last.tape.ops) < LONG)
        fresh = first or (self.eval_tapes < 40 and self._affordable(time.perf_counter()))
        if step is None and fresh and (last is None or last.index != watched.steps_done):
            self.eval_tapes += 1
            self.open(evaluation=True)

    def _leave_unless_early(self) -> None:
        if self.watched.steps_done >= DENSE_STEPS:
            self.leave()

    def _affordable(self, now: float) -> bool:
        return self.recording.spent < SHARE * (now - self.watched.began)

    def backward_begins(self, loss: Tensor) -> None:
        """Note the slot that the backward pass starts from."""
        if self.step is not None:
            self.step.loss = self.step.tape.find(loss)
            if self.watched.losses:
                self.step.value = self.watched.losses[-1]

    def backward_ends(self) -> None:
        """A step's tape ends here; what comes before the optimizer's step may be another backward pass."""
        if self.step is None and not self.is_bare:
            return
        if self.step is not None and self.step.loss is None:
            self.step = None
            self.recording.tape = None
        self.seal()
        self.backwards += 1
        if self.is_bare:  # no call of a module will tell when the coming step begins: it begins here
            more = self.backwards < MOST_BACKWARDS and self.unheard and self._wanted(time.perf_counter())
        else:
            more = self.entered and self.backwards < MOST_BACKWARDS
        if more:
            self.open()
        else:
            self.leave()

    @property
    def is_bare(self) -> bool:
        """Whether the program has called no module that holds weights: it works on bare tensors."""
        if self._bare:
            self._bare = not any(True for root in list(self.watched.roots.values()) for _ in root.parameters())
        return self._bare

    def next_step(self) -> None:
        """An optimizer has stepped: choose whether the coming step is put on tape."""
        self.watched.steps_done += 1
        self.full = 0
        self.drop()
        self.backwards = 0
        if self._wanted(time.perf_counter()):
            self.open()
        else:
            self.leave()

    def updated_before(self) -> None:
        """Weights were found changed by the time of a backward pass: what is on tape belongs to the step after."""
        self.watched.steps_done += 1
        self.backwards = 0
        if self.step is not None:
            self.step.index = self.watched.steps_done

    def _wanted(self, now: float) -> bool:
        steps = self.watched.steps_done
        if steps < DENSE_STEPS:
            return True
        if self.forced > 0:
            self.forced -= 1
            return True
        if steps >= self.next_dense and self._affordable(now):
            self.next_dense = int(steps * 1.2) + 4
            return True
        return False


def _began_within(tape: Tape) -> bool:
    """Whether what a model had answered in a training step came onto the tape as data: a teacher was asked after it."""
    return any(leaf.grad_fn is not None for leaf in tape.leaves.values())


def _program_modes(ours: Any = None) -> bool:
    """Whether the program has a function mode of its own in force, above ours if that is; a default device is none."""
    modes = _get_current_function_mode_stack()
    modes = modes[modes.index(ours) + 1 :] if ours in modes else modes
    device = getattr(torch._GLOBAL_DEVICE_CONTEXT, "device_context", None)
    return any(mode is not device for mode in modes)
