"""What runs inside `torch.compile` and `torch.jit`: nothing of ours may be seen there, or it would be compiled along.

While compiled code is called, and while code is scripted or traced, every hook is taken away. What a compiled model did
in the steps on tape is traced afterwards, by calling the model that was compiled with the same input, weights as they
are then. What scripted code does is out of reach.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from wordfit.doctor.seen import RootCall, Step
from wordfit.doctor.tape import Op, Recording, Slot, Tape, is_parameter
from wordfit.doctor.watch.replacing import Replacing, dressed
from wordfit.doctor.watch.taping import Taping
from wordfit.doctor.watch.watched import Watched, flat_tensors

MODELS = "the calls that torch.compile made of a model", "the model as it was written was traced in their place"
FUNCTIONS = "what compiled functions do inside", "nothing inside torch.compile can be heard"
SCRIPTED = "what scripted or traced code does inside", "nothing inside torch.jit can be heard"


class Compiled:
    """Steps aside whenever compiled code is called."""

    def __init__(self, watched: Watched, taping: Taping, in_place: Iterable[Replacing]) -> None:
        self.watched = watched
        self.taping = taping
        self.in_place = in_place  # everything that stands in another's place
        self.aside = False

    def install(self, places: Replacing) -> None:
        """Hear of what is compiled."""
        places.replace(torch, "compile", self._compile)
        for name in ("script", "trace", "trace_module"):
            places.replace(torch.jit, name, self._script)
        places.replace(torch._C.ScriptFunction, "__call__", self._scripted)
        places.replace(torch._C.ScriptMethod, "__call__", self._method)

    def _compile(self, original: Any) -> Any:
        def compile(model: Any = None, **options: Any) -> Any:
            made = original(model, **options)
            if model is None:  # a decorator, which calls this again
                return made
            self.watched.beyond.setdefault(*(MODELS if isinstance(model, nn.Module) else FUNCTIONS))
            if isinstance(made, nn.Module):
                made.forward = self._unheard(made.forward)
                return made
            return self._unheard(made)

        return dressed(compile, original)

    def _script(self, original: Any) -> Any:
        looks_around = original.__name__ == "script"  # for the names that its caller sees

        def script(*args: Any, **kwargs: Any) -> Any:
            if looks_around:
                kwargs["_frames_up"] = kwargs.get("_frames_up", 0) + 1
            if self.aside or self.watched.stopped:
                return original(*args, **kwargs)
            self.watched.beyond.setdefault(*SCRIPTED)
            with self._step_aside():
                return original(*args, **kwargs)

        return dressed(script, original)

    def _scripted(self, original: Any) -> Any:
        """A scripted function is one call on tape, which can be played again."""
        recording = self.taping.recording

        def scripted(function: Any, *args: Any, **kwargs: Any) -> Any:
            return original(function, *args, **kwargs)

        def __call__(function: Any, *args: Any, **kwargs: Any) -> Any:
            if recording.tape is None:
                return original(function, *args, **kwargs)
            return recording.__torch_function__(scripted, (), (function, *args), kwargs)

        return dressed(__call__, original)

    def _method(self, original: Any) -> Any:
        """A scripted module holds its weights out of sight: its step cannot be played with others."""
        recording = self.taping.recording

        def __call__(method: Any, *args: Any, **kwargs: Any) -> Any:
            if recording.tape is not None:
                recording.tape.hidden = True
            return original(method, *args, **kwargs)

        return dressed(__call__, original)

    def _unheard(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same call, without any of our hooks in force."""

        @functools.wraps(call)
        def unheard(*args: Any, **kwargs: Any) -> Any:
            if self.aside or self.watched.stopped:
                return call(*args, **kwargs)
            with self._step_aside():
                return call(*args, **kwargs)

        return unheard

    @contextmanager
    def _step_aside(self) -> Iterator[None]:
        with self.taping.aside():
            self.aside = True
            for places in self.in_place:
                places.suspend()
            try:
                yield
            finally:
                for places in self.in_place:
                    places.resume()
                self.aside = False


def original_of(module: nn.Module) -> nn.Module:
    """The model that was compiled; any other module itself."""
    if type(module).__name__ == "OptimizedModule":
        return module._orig_mod  # type: ignore[return-value]
    return module


def trace_compiled(steps: Iterable[Step]) -> None:
    """Put on tape what compiled models did in these steps; random state, buffers and modes are afterwards as before."""
    for step in steps:
        for call in step.roots:
            if call.compiled and call.out_slots:
                _splice(step, call, *_again(call))


def _again(call: RootCall) -> tuple[Tape, list[Tensor]]:
    """Call the model as it was called then, with every call on a tape of its own."""
    model, tape, stack = call.module, Tape(), []  # type: ignore[var-annotated]
    modes = [(m, m.training) for m in model.modules()]
    buffers = [(b, b.clone()) for b in model.buffers()]
    handles = [m.register_forward_pre_hook(lambda m, a: stack.append(m)) for m in model.modules()]
    handles += [m.register_forward_hook(lambda m, a, o: stack.pop() and None) for m in model.modules()]
    state, compiled = torch.get_rng_state(), model._compiled_call_impl
    model._compiled_call_impl = None
    recording = Recording(lambda: stack[-1] if stack else None, lambda error: None)
    recording.tape = tape
    model.train(call.training)
    try:
        with torch.set_grad_enabled(call.grad), recording:
            answer = model(*call.args, **call.kwargs)
    finally:
        model._compiled_call_impl = compiled
        torch.set_rng_state(state)
        for handle in handles:
            handle.remove()
        for module, mode in modes:
            module.training = mode
        with torch.no_grad():
            for buffer, value in buffers:
                buffer.copy_(value)
    return tape, flat_tensors(answer)


def _splice(step: Step, call: RootCall, again: Tape, answers: list[Tensor]) -> None:
    """Put the calls of a second tape where the compiled call stood on the first."""
    tape, place = step.tape, call.first_op
    given = flat_tensors(call.args) + flat_tensors(call.kwargs)
    known = {id(t): n for t, n in zip(given, call.in_slots)}
    known |= {id(t): n for n, t in tape.leaves.items() if is_parameter(t)}
    number: dict[int, int] = {}
    for answer, slot in zip(answers, call.out_slots):
        made = again.find(answer)
        if made is not None:
            number[made] = slot
            tape.leaves.pop(slot, None)
    for slot, shape in enumerate(again.shapes):
        if slot in number:
            continue
        leaf = again.leaves.get(slot)
        if leaf is not None and id(leaf) in known:
            number[slot] = known[id(leaf)]
            continue
        number[slot] = len(tape.shapes)
        tape.shapes.append(shape)
        tape.dtypes.append(again.dtypes[slot])
        if leaf is not None:
            tape.leaves[number[slot]] = leaf if is_parameter(leaf) else leaf.detach().clone()
    ops = [_renumbered(op, number) for op in again.ops]
    tape.ops[place:place] = ops
    call.last_op = place + len(ops)
    for other in step.roots:
        if other is not call and other.first_op >= place:
            other.first_op, other.last_op = other.first_op + len(ops), other.last_op + len(ops)


def _renumbered(op: Op, number: dict[int, int]) -> Op:
    ins, outs = [number[n] for n in op.ins], [number[n] for n in op.outs]
    args, kwargs = _renamed(op.args, number), _renamed(op.kwargs, number)
    return Op(op.func, op.name, args, kwargs, ins, outs, op.module, op.site, op.grad, op.shape)


def _renamed(value: Any, number: dict[int, int]) -> Any:
    if isinstance(value, Slot):
        return Slot(number[value.number])
    if isinstance(value, slice):
        return slice(*(_renamed(v, number) for v in (value.start, value.stop, value.step)))
    if type(value) is tuple or type(value) is list:
        return type(value)([_renamed(item, number) for item in value])
    if type(value) is dict:
        return {key: _renamed(item, number) for key, item in value.items()}
    return value
