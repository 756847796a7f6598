"""Watch a PyTorch training unchanged: global hooks that keep samples and never touch what the program computes.

The first steps are put on tape in full, later ones ever more rarely and only while the time spent so stays under
a few per cent of the program's own. Always on, and cheap: which modules are called, ids that tables are asked
for, the losses with what they were given, `backward`, `step`. No random number is drawn; the program's results
are the same bit for bit. Forked workers are not watched.
"""

from __future__ import annotations

import io
import os
import random
import sys
import tempfile
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules import module as modules
from torch.optim import optimizer as optimizers
from torch.utils.data.dataloader import _BaseDataLoaderIter

from wordfit.doctor.seen import Batch, Lookup, Movement, Optimizer, RootCall, Step, Write, sample_rows
from wordfit.doctor.sites import is_users, site
from wordfit.doctor.survey import survey_frames
from wordfit.doctor.tape import Recording, Tape

LOSSES = (
    "cross_entropy",
    "nll_loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "mse_loss",
    "l1_loss",
    "smooth_l1_loss",
    "huber_loss",
    "kl_div",
    "ctc_loss",
    "gaussian_nll_loss",
    "poisson_nll_loss",
    "cosine_embedding_loss",
    "margin_ranking_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
    "hinge_embedding_loss",
    "soft_margin_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
)
DENSE_STEPS = 3
SHARE = 0.03  # of the program's time that closely watched steps may cost
MOST_OPS = 40_000
MOST_BATCHES = 6_000
MOST_VALUES = 4_000_000  # numbers kept of inputs, and again of answers


class Recorder:
    """Everything seen of one run; `install` and `remove` put the hooks in place and take them away."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.thread = threading.get_ident()
        self.stack: list[nn.Module] = []
        self.recording = Recording(self._inside, self.trouble)
        self.recording.on_write = self._write
        self.recording.on_empty = self._empty
        self.entered = False
        self.step_now: Step | None = None
        self.train_steps: list[Step] = []
        self.eval_steps: deque[Step] = deque(maxlen=8)
        self.first_eval: Step | None = None
        self.unfinished: Step | None = None
        self.batch: Batch | None = None
        self.batches: list[Batch] = []
        self.late: deque[Batch] = deque(maxlen=400)
        self.kept_values = 0
        self.kept_answers = 0
        self.losses: list[float] = []
        self.loss_steps: list[int] = []
        self.rates: list[float] = []
        self.steps_done = 0
        self.backwards = 0
        self.optimizers: dict[int, Optimizer] = {}
        self.made: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()
        self.roots: dict[int, nn.Module] = {}
        self.calls_per_step: dict[int, int] = {}
        self.movements: list[Movement] = []
        self.start: dict[int, tuple[Tensor, Tensor]] = {}  # id: (parameter, copy at the first step)
        self.row_start: dict[int, tuple[Tensor, Tensor, Tensor, Tensor]] = {}  # sampled rows of big tables
        self.left_gradients: list[bool] = []
        self.writes: list[Write] = []
        self.empties: list[tuple[tuple[int, ...], Tensor, Any, str]] = []
        self.from_pretrained: list[dict[str, Any]] = []
        self.files: dict[str, dict[str, Any]] = {}
        self.found: dict[str, list[Any]] = {}
        self.train_rng: Any = None
        self.backward_kinds: list[tuple[tuple[int, ...], str]] = []
        self.troubles: list[str] = []
        self.began = time.perf_counter()
        self.dense_time = 0.0
        self.own_time = 0.0
        self.next_dense = 8
        self.step_began = 0.0
        self.plain_step = float("inf")
        self.eval_tapes = 0
        self.stopped = False
        self._undo: list[Callable[[], None]] = []
        self._in_step = False
        self._fresh = True  # no backward since the last optimizer step
        self._write_index: dict[tuple[int, str], Write] = {}
        self.yielded: list[Tensor] = []
        self.streams: list[tuple[str, str]] = []  # texts read as if they were files
        self.shuffled: list[tuple[str, list[Any]]] = []
        self.links = ""
        self.forced = 0
        self.lookups_per_step = 0
        self.temporary = tempfile.gettempdir()  # asked for now: it opens files itself

    # ------------------------------------------------------------------ hooks in and out

    def install(self) -> None:
        """Put the hooks in place; from here on the program is watched."""
        pre = modules.register_module_forward_pre_hook(self._before)
        post = modules.register_module_forward_hook(self._after, with_kwargs=True, always_call=True)
        before = optimizers.register_optimizer_step_pre_hook(self._before_step)
        after = optimizers.register_optimizer_step_post_hook(self._after_step)
        self._undo += [pre.remove, post.remove, before.remove, after.remove]
        self._replace(torch.autograd, "backward", self._wrap_backward)
        for name in LOSSES:
            self._replace(F, name, self._wrap_loss)
        self._replace(F, "embedding", self._wrap_embedding)
        self._replace(F, "embedding_bag", self._wrap_embedding)
        self._replace(nn.Module, "__init__", self._wrap_made)
        self._replace(torch.optim.Optimizer, "__init__", self._wrap_made)
        self._replace(np, "empty", self._wrap_numpy_empty)
        for name in ("__eq__", "eq", "tolist", "numpy"):
            self._replace(Tensor, name, self._wrap_read)
        self._replace(random, "shuffle", self._wrap_shuffle)
        self._replace(random.Random, "shuffle", self._wrap_shuffle)
        self._replace(np.random, "shuffle", self._wrap_shuffle)
        self._replace(io, "StringIO", self._wrap_stream)
        self._replace(_BaseDataLoaderIter, "__next__", self._wrap_next)
        self._replace_from_pretrained()
        _listeners.append(self)
        _audit()
        self._enter()

    def remove(self) -> None:
        """Take every hook away; what was seen stays."""
        if self.stopped:
            return
        self._leave()
        self._seal_open()
        self._close_batch(False)
        self.stopped = True
        for undo in reversed(self._undo):
            undo()
        with suppress(ValueError):
            _listeners.remove(self)

    def _replace(self, owner: Any, name: str, wrap: Callable[[Any], Any]) -> None:
        original = getattr(owner, name)
        setattr(owner, name, wrap(original))
        self._undo.append(lambda: setattr(owner, name, original))

    def _replace_from_pretrained(self) -> None:
        original = nn.Embedding.__dict__["from_pretrained"]
        recorder = self

        def from_pretrained(cls: Any, embeddings: Any, *args: Any, **kwargs: Any) -> Any:
            made = original.__func__(cls, embeddings, *args, **kwargs)
            if recorder.on():
                freeze = args[0] if args else kwargs.get("freeze")
                recorder.from_pretrained.append(
                    {
                        "module": weakref.ref(made),
                        "freeze": freeze,
                        "site": site(),
                        "shape": tuple(embeddings.shape),
                        "sample": embeddings.detach()[sample_rows(len(embeddings), 64)].clone(),
                    }
                )
            return made

        nn.Embedding.from_pretrained = classmethod(from_pretrained)  # type: ignore[assignment, method-assign]
        self._undo.append(lambda: setattr(nn.Embedding, "from_pretrained", original))

    def keep_file(self, path: str) -> None:
        """Hold on to a temporary file that the program may delete: a second name for it, no copy."""
        if path.startswith(self.temporary):
            with suppress(OSError):
                if not self.links:
                    self.links = os.path.join(self.temporary, f"wordfit-{os.getpid()}-{id(self)}")
                    os.mkdir(self.links)
                link = os.path.join(self.links, f"{len(self.files)}-{os.path.basename(path)}")
                os.link(path, link)
                self.files[path]["kept"] = link

    def on(self) -> bool:
        """Whether this thread of this process is watched now."""
        return not self.stopped and not self._in_step and os.getpid() == self.pid

    def trouble(self, error: BaseException) -> None:
        """Remember what went wrong in watching; the program goes on."""
        if len(self.troubles) < 20:
            self.troubles.append(f"{type(error).__name__}: {error}")

    def _inside(self) -> nn.Module | None:
        return self.stack[-1] if self.stack else None

    def _enter(self) -> None:
        if not self.entered and not self.stopped:
            self.recording.__enter__()
            self.entered = True

    def _leave(self) -> None:
        if not self.entered:
            return
        from torch.overrides import _get_current_function_mode

        if _get_current_function_mode() is self.recording:
            self.recording.__exit__(None, None, None)
            self.entered = False
        else:  # the program holds a mode of its own: stay, but record nothing
            self.recording.tape = None

    def _open(self) -> Step:
        step = Step(index=self.steps_done, tape=Tape())
        self.step_now = step
        self.recording.tape = step.tape
        self.step_began = time.perf_counter()
        return step

    def _seal_open(self) -> None:
        step, self.step_now = self.step_now, None
        self.recording.tape = None
        if step is None or not step.tape.ops:
            return
        self.dense_time += max(0.0, time.perf_counter() - self.step_began - self.plain_step)
        if len(step.tape.ops) > MOST_OPS:
            self.trouble(OverflowError(f"a step of {len(step.tape.ops)} calls is too long to keep"))
            return
        step.tape.seal()
        if step.loss is not None:
            self.train_steps.append(step)
            if len(self.train_steps) > 8:
                del self.train_steps[4]
        elif step.evaluation or any(not r.grad or not r.training for r in step.roots):
            self.first_eval = self.first_eval or step
            self.eval_steps.append(step)
        elif step.roots:
            self.unfinished = step

    # ------------------------------------------------------------------ modules

    def _before(self, module: nn.Module, args: Any) -> None:
        if not self.on() or threading.get_ident() != self.thread:
            return
        if not self.stack and not isinstance(module, nn.modules.loss._Loss):
            try:
                self._root_begins(module, args)
            except Exception as error:
                self.trouble(error)
        self.stack.append(module)

    def _root_begins(self, module: nn.Module, args: Any) -> None:
        key, grad = id(module), torch.is_grad_enabled()
        self.roots.setdefault(key, module)
        self._batch_for_root(module, args, grad)
        training_step = grad and module.training
        if training_step and self.step_now is not None and self.step_now.evaluation:
            self._seal_open()
            self._leave_unless_early()
        if self.entered and self.recording.tape is None and (self.steps_done < DENSE_STEPS or not training_step):
            self._open()
        if not training_step:
            self._evaluation_tape(module)
        if self.step_now is not None:
            call = RootCall(module, args, {}, module.training, grad, site())
            tape = self.step_now.tape
            call.first_op = len(tape.ops)
            call.in_slots = [tape.slot(t) for t in flat_tensors(args)]
            self.step_now.roots.append(call)

    def _evaluation_tape(self, module: nn.Module) -> None:
        """Put the first batches of an evaluation on tape, a few times in a run."""
        step = self.step_now
        if step is not None and len(step.roots) >= 4 * max(1, self.calls_per_step.get(id(module), 1)):
            self._seal_open()
            self._leave_unless_early()
            return
        fresh = self.eval_tapes < 3 or (
            self.eval_tapes < 40 and self.dense_time < SHARE * (time.perf_counter() - self.began)
        )
        if step is None and fresh and (not self.eval_steps or self.eval_steps[-1].index != self.steps_done):
            self.eval_tapes += 1
            self._enter()
            self._open().evaluation = True

    def _leave_unless_early(self) -> None:
        if self.steps_done >= DENSE_STEPS:
            self._leave()

    def _batch_for_root(self, module: nn.Module, args: Any, grad: bool) -> None:
        batch = self.batch
        usual = self.calls_per_step.get(id(module), 1)
        if batch is not None and (batch.calls >= usual and batch.root is module) and not grad:
            self._close_batch(False)
            batch = None
        if batch is not None and grad and batch.root is module and not batch.grad:
            self._close_batch(False)
            batch = None
        if batch is None:
            batch = self.batch = Batch(self.steps_done, mode=module.training, grad=grad, root=module)
            batch.yielded, self.yielded = self.yielded, []
        if batch.root is module:
            batch.calls += 1
        if len(batch.inputs) < 8 and self.kept_values < MOST_VALUES:
            for tensor in flat_tensors(args)[:6]:
                if not tensor.requires_grad:
                    self.kept_values += tensor.numel()
                    batch.inputs.append(tensor)

    def _after(self, module: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        if not self.stack or self.stopped or threading.get_ident() != self.thread:
            return
        while self.stack:  # a call that raised may have left modules behind
            if self.stack.pop() is module:
                break
        if self.stack or isinstance(module, nn.modules.loss._Loss) or not self.on():
            return
        try:
            self._root_ends(module, kwargs, output)
        except Exception as error:
            self.trouble(error)

    def _root_ends(self, module: nn.Module, kwargs: Any, output: Any) -> None:
        tensors = flat_tensors(output)
        if kwargs:
            self._named_inputs(module, kwargs)
        if self.step_now is not None and self.step_now.roots and self.step_now.roots[-1].module is module:
            call, tape = self.step_now.roots[-1], self.step_now.tape
            call.last_op = len(tape.ops)
            call.out_slots = [n for t in tensors if (n := tape.find(t)) is not None]
        if self.batch is not None and tensors and len(self.batch.outputs) < 4:
            answer = tensors[0]
            if answer.numel() <= 200_000:
                self.batch.outputs.append(answer.detach())

    def _named_inputs(self, module: nn.Module, kwargs: Any) -> None:
        if self.step_now is not None and self.step_now.roots and self.step_now.roots[-1].module is module:
            call = self.step_now.roots[-1]
            call.kwargs = kwargs
            call.in_slots += [self.step_now.tape.slot(t) for t in flat_tensors(kwargs)]
        if self.batch is not None and self.batch.root is module and len(self.batch.inputs) < 8:
            self.batch.inputs += [t for t in flat_tensors(kwargs)[:6] if not t.requires_grad]

    # ------------------------------------------------------------------ functions

    def _wrap_loss(self, original: Any) -> Any:
        recorder, name = self, original.__name__

        def loss(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            if recorder.on() and recorder.batch is not None and len(recorder.batch.targets) < 4:
                fed = args[0] if args else kwargs.get("input")
                target = args[1] if len(args) > 1 else kwargs.get("target")
                if isinstance(target, Tensor) and isinstance(fed, Tensor):
                    recorder.batch.targets.append(target.detach())
                    recorder.batch.losses.append(name)
                    if fed.numel() <= 200_000:
                        recorder.batch.fed.append(fed.detach())
            return result

        return _dressed(loss, original)

    def _wrap_read(self, original: Any) -> Any:
        """Integers compared with answers, or taken out while evaluating, may be the targets of an evaluation."""
        recorder = self

        def read(tensor: Any, *args: Any, **kwargs: Any) -> Any:
            result = original(tensor, *args, **kwargs)
            batch = recorder.batch
            if batch is not None and batch.outputs and len(batch.read) < 6 and recorder.on():
                for value in (tensor, *args[:1]):
                    if isinstance(value, Tensor) and not value.requires_grad and 0 < value.dim() < 3:
                        batch.read.append(value)
            return result

        return _dressed(read, original)

    def _wrap_shuffle(self, original: Any) -> Any:
        """Remember the order that lists had before they were shuffled, in case labels were left behind."""
        recorder = self

        def shuffle(*args: Any, **kwargs: Any) -> Any:
            listed = next((a for a in args[:2] if isinstance(a, (list, np.ndarray))), None)
            early = recorder.on() and recorder.steps_done == 0 and len(recorder.shuffled) < 12
            if early and listed is not None and 40 <= len(listed) <= 200_000:
                recorder.shuffled.append((f"list {len(recorder.shuffled) + 1}", list(listed)))
            return original(*args, **kwargs)

        return _dressed(shuffle, original)

    def _wrap_stream(self, original: Any) -> Any:
        recorder = self

        class StringIO(original):  # type: ignore[misc, valid-type]
            def __init__(self, initial_value: Any = "", *args: Any, **kwargs: Any) -> None:
                super().__init__(initial_value, *args, **kwargs)
                if (
                    isinstance(initial_value, str)
                    and len(initial_value) > 2000
                    and len(recorder.streams) < 6
                    and recorder.on()
                ):
                    recorder.streams.append(("StringIO", initial_value))

        return StringIO

    def _wrap_next(self, original: Any) -> Any:
        recorder = self

        def __next__(loader: Any) -> Any:
            yielded = original(loader)
            if recorder.on():
                recorder.yielded = flat_tensors(yielded)[:8]
            return yielded

        return _dressed(__next__, original)

    def _wrap_embedding(self, original: Any) -> Any:
        recorder, bag = self, original.__name__ == "embedding_bag"

        def embedding(input: Any, weight: Any, *args: Any, **kwargs: Any) -> Any:
            result = original(input, weight, *args, **kwargs)
            if recorder.on():
                padding = args[0] if args and not bag else kwargs.get("padding_idx")
                offsets = (args[0] if args else kwargs.get("offsets")) if bag else None
                recorder._lookup(input, weight, padding, bag, offsets)
            return result

        return _dressed(embedding, original)

    def _lookup(self, ids: Any, table: Any, padding: Any, bag: bool, offsets: Any) -> None:
        if bag:
            ids, table = (table, ids) if table.dtype in (torch.int64, torch.int32) else (ids, table)
        grad = torch.is_grad_enabled()
        if self.batch is not None and self.batch.root is None:  # code without modules: lookups tell batches apart
            full = self.lookups_per_step and len(self.batch.lookups) >= self.lookups_per_step and not grad
            if self.batch.grad != grad or full:
                self._close_batch(False)
        if self.batch is None:
            self.batch = Batch(self.steps_done, grad=grad)
            self.batch.yielded, self.yielded = self.yielded, []
        if self.batch is not None and len(self.batch.lookups) < 6 and self.kept_values < MOST_VALUES:
            self.kept_values += ids.numel()
            self.batch.lookups.append(Lookup(table, ids, padding, bag, offsets))

    def _wrap_made(self, original: Any) -> Any:
        recorder = self

        def __init__(made: Any, *args: Any, **kwargs: Any) -> None:
            if recorder.on():
                with suppress(Exception):
                    recorder.made.setdefault(made, site())
            original(made, *args, **kwargs)

        return _dressed(__init__, original)

    def _wrap_numpy_empty(self, original: Any) -> Any:
        recorder = self

        def empty(shape: Any, *args: Any, **kwargs: Any) -> Any:
            made = original(shape, *args, **kwargs)
            if recorder.on() and recorder.steps_done == 0 and isinstance(shape, tuple) and len(shape) == 2:
                with suppress(Exception):
                    if made.dtype.kind == "f" and shape[0] >= 20 and shape[1] >= 4:
                        rows = sample_rows(shape[0]).numpy()
                        caller = sys._getframe(1).f_code.co_filename
                        sample = torch.from_numpy(made[rows].astype(np.float64))
                        recorder.empties.append((tuple(shape), sample, site(), caller))
            return made

        return _dressed(empty, original)

    def _write(self, name: str, args: Any, kwargs: Any) -> None:
        """A table-like tensor is filled or changed before training."""
        if self.steps_done or self._in_step or not self.on():
            return
        try:
            if name in ("empty", "empty_like"):
                return
            tensor = args[0] if args else kwargs.get("tensor")
            with torch._C.DisableTorchFunction():
                self._note_write(name, tensor, args)
        except Exception as error:
            self.trouble(error)

    def _empty(self, made: Any, frame: Any) -> None:
        """The user's own code asks for a matrix without filling it: keep what memory held."""
        if self.steps_done or not self.on() or not is_users(frame.f_code.co_filename):
            return
        if isinstance(made, Tensor) and made.dim() == 2 and made.is_floating_point() and made.shape[0] >= 20:
            with torch._C.DisableTorchFunction():
                sample = made[sample_rows(len(made))].clone()
            self.empties.append((tuple(made.shape), sample, site(), frame.f_code.co_filename))

    def _note_write(self, name: str, tensor: Any, args: Any) -> None:
        if not isinstance(tensor, Tensor) or tensor.dim() not in (1, 2) or not tensor.is_floating_point():
            return
        if tensor.dim() == 1 and name not in ("copy_", "requires_grad.__set__"):
            return
        if tensor.dim() == 2 and tensor.shape[0] < 16:
            return
        key = (tensor.data_ptr() if tensor.dim() == 2 else id(tensor.untyped_storage().data_ptr), name)
        known = self._write_index.get(key)
        if known is not None and name in ("__setitem__", "copy_"):
            known.count += 1
            return
        if len(self.writes) > 400:
            return
        write = Write(name, tensor.data_ptr(), tuple(tensor.shape), site())
        write.parameter = isinstance(tensor, nn.Parameter)
        if name == "requires_grad.__set__":
            write.value = bool(args[1])
        elif tensor.dim() == 2 and name != "__setitem__":
            write.before = tensor.detach()[sample_rows(len(tensor), 64)].clone()
        self._write_index[key] = write
        self.writes.append(write)

    # ------------------------------------------------------------------ backward and step

    def _wrap_backward(self, original: Any) -> Any:
        recorder = self

        def backward(tensors: Any, *args: Any, **kwargs: Any) -> Any:
            watched = recorder.on() and threading.get_ident() == recorder.thread
            if watched:
                recorder._guard(recorder._before_backward, tensors)
            try:
                return original(tensors, *args, **kwargs)
            finally:
                if watched:
                    recorder._guard(recorder._after_backward)

        return _dressed(backward, original)

    def _guard(self, call: Callable[..., None], *args: Any) -> None:
        try:
            with torch._C.DisableTorchFunction():
                call(*args)
        except Exception as error:
            self.trouble(error)

    def _before_backward(self, tensors: Any) -> None:
        loss = tensors if isinstance(tensors, Tensor) else next(iter(tensors))
        for optimizer in self.optimizers.values():
            if optimizer.steps < 14 and not optimizer.cleared:
                optimizer.cleared = not self._gradients_left(optimizer)
        self.backwards += 1
        if loss.numel() == 1:
            self.losses.append(float(loss.detach()))
            self.loss_steps.append(self.steps_done)
        if self.batch is not None:
            self.batch.loss = self.losses[-1] if self.losses else None
        step = self.step_now
        if step is not None:
            step.loss = step.tape.find(loss)
            if self.losses:
                step.value = self.losses[-1]

    def _gradients_left(self, optimizer: Optimizer) -> bool:
        """Whether an optimizer still holds gradients when a backward pass begins."""
        held = [p for g in optimizer.live.param_groups for p in g["params"] if p.grad is not None]
        for parameter in held[:2] + held[-2:]:
            grad = parameter.grad
            if grad is not None and not grad.is_sparse and bool(grad.abs().max() > 0):
                return True
        return False

    def _after_backward(self) -> None:
        self._close_batch(True)
        if self.step_now is not None:
            if self.step_now.loss is None:
                self.step_now = None
                self.recording.tape = None
            self._seal_open()
            if self.entered:
                self._open()

    def _close_batch(self, training: bool) -> None:
        batch, self.batch = self.batch, None
        if batch is None:
            return
        batch.training = training
        if training and batch.root is None and not self.lookups_per_step:
            self.lookups_per_step = len(batch.lookups)
        if training and batch.root is not None:
            self.calls_per_step.setdefault(id(batch.root), batch.calls)
        answers = sum(t.numel() for t in batch.outputs + batch.fed)
        self.late.append(batch)
        while len(self.late) > 1 and _answers(self.late) > MOST_VALUES // 2:
            self.late.popleft()
        if len(self.batches) < MOST_BATCHES and self.kept_values < MOST_VALUES:
            if self.kept_answers + answers > MOST_VALUES and training:
                batch = replace(batch, fed=[], outputs=[], read=[])
            else:
                self.kept_answers += answers
            self.kept_values += sum(t.numel() for t in batch.targets)
            self.batches.append(batch)

    def _before_step(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        if os.getpid() != self.pid or self.stopped:
            return
        self._in_step = True
        self.recording.tape = None
        began = time.perf_counter()
        self._guard(self._look_before_step, optimizer)
        self.own_time += time.perf_counter() - began

    def _look_before_step(self, optimizer: Any) -> None:
        known = self.optimizers.get(id(optimizer))
        if known is None:
            known = Optimizer(optimizer, self.made.get(optimizer))
            known.start = [{k: v for k, v in g.items() if k != "params"} for g in optimizer.param_groups]
            known.held = [p for g in optimizer.param_groups for p in g["params"]]
            self.optimizers[id(optimizer)] = known
            if len(self.optimizers) == 1:
                self.found = survey_frames(sys._getframe(1))
                self.forced = 0
            else:
                self.forced = 2  # another phase of the program: look at its first steps
            self._snapshot(known)
        if 0 < known.steps < 14:
            self.left_gradients.append(not known.cleared)
            known.cleared = False
        if len(self.rates) < 100_000:
            self.rates.append(float(optimizer.param_groups[0]["lr"]))
        if self.steps_done < 4 or self.entered:
            self._look_closely(known)

    def _snapshot(self, optimizer: Optimizer) -> None:
        """Copy the weights as they are before the first step; of very big tables only sampled rows."""
        everything = {id(p): p for p in optimizer.held}
        for root in list(self.roots.values()):
            everything.update({id(p): p for p in root.parameters()})
        total = sum(p.numel() for p in everything.values())
        for key, parameter in everything.items():
            if key in self.start or key in self.row_start:
                continue
            if parameter.dim() == 2 and total > 12_000_000 and parameter.numel() > 2_000_000:
                rows = sample_rows(len(parameter), 4096).to(parameter.device)
                norms = parameter.detach().norm(dim=1)
                self.row_start[key] = (parameter, rows, parameter.detach()[rows].clone(), norms)
            else:
                self.start[key] = (parameter, parameter.detach().clone())

    def _look_closely(self, optimizer: Optimizer) -> None:
        movement = Movement(self.steps_done)
        for parameter in self._watched_parameters():
            grad = parameter.grad
            row: dict[str, Any] = {"parameter": parameter, "grad": None, "sparse": False}
            if grad is not None:
                row["sparse"] = grad.is_sparse
                values = grad.coalesce().values() if grad.is_sparse else grad
                row["grad"] = float(values.norm())
                row["finite"] = bool(torch.isfinite(values).all())
                if parameter.numel() <= 3_000_000:
                    row["before"] = parameter.detach().clone()
            movement.rows.append(row)
        self.movements.append(movement)
        if len(self.movements) > 24:
            del self.movements[6]

    def _watched_parameters(self) -> Iterator[Tensor]:
        seen = set()
        for parameter, _ in self.start.values():
            if id(parameter) not in seen:
                seen.add(id(parameter))
                yield parameter
        for parameter, *_ in self.row_start.values():
            yield parameter

    def _after_step(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        if os.getpid() != self.pid or self.stopped:
            return
        began = time.perf_counter()
        self._guard(self._look_after_step, optimizer)
        self._in_step = False
        self.own_time += time.perf_counter() - began
        self._next_step()

    def _look_after_step(self, optimizer: Any) -> None:
        known = self.optimizers.get(id(optimizer))
        if known is not None:
            known.steps += 1
        if self.movements and self.movements[-1].step == self.steps_done:
            for row in self.movements[-1].rows:
                before = row.pop("before", None)
                if before is not None:
                    change = row["parameter"].detach() - before
                    row["weight"] = float(before.norm())
                    row["update"] = float(change.norm())
                    if before.dim() == 2 and before.shape[0] >= 16:
                        row["moved_rows"] = int((change.abs().amax(dim=1) > 0).sum())

    def _next_step(self) -> None:
        """Choose whether the coming step is put on tape."""
        self._fresh = True
        now = time.perf_counter()
        if self.step_now is None and self.steps_done > DENSE_STEPS + 1:
            self.plain_step = min(self.plain_step, now - self.step_began)
        self.steps_done += 1
        self.step_now = None
        self.recording.tape = None
        self.step_began = now
        if self.steps_done < DENSE_STEPS:
            self._enter()
            self._open()
        elif self.forced > 0:
            self.forced -= 1
            self._enter()
            self._open()
        elif self.steps_done >= self.next_dense and self.dense_time < SHARE * (now - self.began):
            self.next_dense = int(self.steps_done * 1.2) + 4
            self._enter()
            self._open()
        else:
            self._leave()


def _answers(batches: Any) -> int:
    return sum(t.numel() for b in batches for t in b.outputs + b.fed)


def flat_tensors(value: Any) -> list[Tensor]:
    """The tensors in nested tuples, lists and dictionaries, in order."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        return [t for item in value.values() for t in flat_tensors(item)]
    if isinstance(value, (tuple, list)):
        return [t for item in value for t in flat_tensors(item)]
    return []


def _dressed(wrapper: Any, original: Any) -> Any:
    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        with suppress(AttributeError):
            setattr(wrapper, name, getattr(original, name))
    wrapper.__wrapped__ = original
    return wrapper


_listeners: list[Recorder] = []
_audited = False


def _audit() -> None:
    """Hear of files that the program opens; such a hook can never be taken away, so there is one for all."""
    global _audited
    if not _audited:
        sys.addaudithook(_on_event)
        _audited = True


def _on_event(event: str, args: Any) -> None:
    if event != "open" or not _listeners:
        return
    path, mode = args[0], args[1]
    if not isinstance(path, (str, bytes)) or (isinstance(mode, str) and "w" in mode):
        return
    name = os.fsdecode(path)
    if (
        name.endswith((".py", ".pyc", ".so", ".pth"))
        or "-packages" in name
        or name.startswith(("/proc", "/sys", "/dev"))
    ):
        return
    for recorder in _listeners:
        if recorder.on() and len(recorder.files) < 200 and name not in recorder.files:
            where = site()
            if where is not None:
                recorder.files[os.path.abspath(name)] = {"mode": mode, "site": where}
                recorder.keep_file(os.path.abspath(name))


@contextmanager
def watching() -> Iterator[Recorder]:
    """Watch what runs inside; the hooks are gone afterwards."""
    recorder = Recorder()
    recorder.install()
    try:
        yield recorder
    finally:
        recorder.remove()
