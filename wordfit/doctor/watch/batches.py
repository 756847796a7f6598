"""A little of every batch: which ids were looked up, what else went in, targets and answers, within a limit."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from wordfit.doctor.seen import Batch, Lookup
from wordfit.doctor.sites import calls
from wordfit.doctor.tape import PLAIN, Slot
from wordfit.doctor.watch.watched import Watched, flat_tensors

MOST_BATCHES = 6_000
MOST_LATE = 400
MOST_VALUES = 5_000_000  # numbers kept of inputs
MOST_TRAINED = 3_000_000  # of them in training: room is left for the evaluations after it
MOST_SAID = 4_000_000  # numbers kept of answers
MOST_ANSWERS = 200_000  # numbers in an answer that is kept
MOST_COUNTED = 400  # training batches whose columns are counted
COLUMNS = 50, 4096  # rows of numbers are counted by column from the first width on, up to the second
THIN = 8  # once enough is kept, one training batch in so many is looked at


class Batches:
    """The batch that the program works on now, and when it ends."""

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self.now: Batch | None = None
        self.yielded: list[Tensor] = []  # what the data loader gave last
        self.calls_per_step: dict[int, int] = {}  # id of a module: how often a training step calls it
        self.firsts: dict[int, Batch] = {}  # the first training batch of a module, by its id, until there is another
        self.learning: set[int] = set()  # ids of modules that were called with gradients
        self.lookups_per_step = 0
        self.packed: deque[tuple[Tensor, tuple[Tensor, Tensor | None]]] = deque(maxlen=4)
        self.kept_values = 0
        self.kept_trained = 0  # of these in training
        self.kept_answers = 0
        self.counted = 0  # training batches whose columns were counted
        self.late_answers = 0
        self.passing = False  # the training batch that comes is not looked at: enough of them are kept

    def begin(self, module: nn.Module, args: Any, grad: bool) -> None:
        """The program calls a module: with the batch that is open, or with a new one."""
        batch = self.now
        if batch is not None and self._is_over(batch, module, grad):
            self.close(False)
            batch = None
        if batch is None:
            batch = self._open(Batch(self.watched.steps_done, mode=module.training, grad=grad, root=module))
        if grad:
            self.learning.add(id(module))
        if batch.root is module:
            batch.calls += 1
            self._count_columns(batch, args)
        if len(batch.inputs) < 8 and self._has_room(batch):
            for tensor in flat_tensors(args, 6)[:6]:
                if not tensor.requires_grad and not _share(tensor, batch.outputs):
                    self._count(batch, tensor.numel())
                    batch.inputs.append(tensor)
        if batch.root is module and batch.calls == 1:
            batch.call = self._laid_out(batch, args, {})

    def _count_columns(self, batch: Batch, args: Any) -> None:
        """How many rows use which column, where rows are wide and next to empty, as counts of words are."""
        given = args[0] if args and isinstance(args[0], Tensor) else None
        if batch.used is not None or given is None or given.dim() != 2 or not given.is_floating_point():
            return
        if (
            given.requires_grad
            or given.layout != torch.strided
            or given.shape[1] < COLUMNS[0]
            or (batch.grad and self.counted >= MOST_COUNTED)
        ):
            return
        self.counted += batch.grad
        used = given[:, : COLUMNS[1]].ne(0).sum(0, dtype=torch.int32)
        if int(used.sum()) < 0.5 * len(given) * len(used):
            batch.used = used.cpu(), len(given)

    def _has_room(self, batch: Batch) -> bool:
        """Whether more numbers may be kept; a batch that finds no room is known in part."""
        batch.whole &= not self._is_full(batch.grad)
        return batch.whole

    def _is_full(self, training: bool) -> bool:
        return self.kept_values >= MOST_VALUES or (training and self.kept_trained >= MOST_TRAINED)

    def _count(self, batch: Batch, values: int) -> None:
        self.kept_values += values
        self.kept_trained += values if batch.grad else 0

    def _is_over(self, batch: Batch, module: nn.Module, grad: bool) -> bool:
        opens = id(module) in self.calls_per_step or id(batch.root) not in self.calls_per_step
        if batch.compared and not grad and not batch.grad and (batch.root is module or opens):
            return True
        if batch.root is not module:  # a copy that was evaluated; one that teaches is called in training steps as well
            strange = id(batch.root) not in self.calls_per_step or id(module) not in self.learning
            return bool(grad and not batch.grad and self.calls_per_step and strange)
        usual = self.calls_per_step.get(id(module), 1)
        return not batch.grad if grad else batch.calls >= usual

    def _open(self, batch: Batch) -> Batch:
        self.now = batch
        batch.called_at = calls()
        batch.yielded, self.yielded = self.yielded, []
        return batch

    def add_named(self, module: nn.Module, kwargs: Any) -> None:
        """Inputs that were given by name."""
        batch = self.now
        if batch is None or batch.root is not module:
            return
        if len(batch.inputs) < 8:
            batch.inputs += [t for t in flat_tensors(kwargs)[:6] if not t.requires_grad]
        if batch.calls == 1 and batch.call is not None:
            batch.call = self._laid_out(batch, batch.call[0], kwargs)

    def _laid_out(self, batch: Batch, *call: Any) -> Any:
        """The arguments of a call with slots in place of tensors that were kept; None if it holds what was not."""
        places = {id(t): n for n, t in enumerate(batch.inputs)}
        try:
            return _with_slots(call, places, lambda many: self._count(batch, many)) if batch.whole else None
        except KeyError:
            return None

    def add_answer(self, tensors: list[Tensor]) -> None:
        """What a module gave back."""
        if self.now is not None and tensors and tensors[0].numel() <= MOST_ANSWERS:
            del self.now.outputs[3:]  # of many parts that are called by themselves, the last one answers
            self.now.outputs.append(tensors[0].detach())

    @property
    def in_bare_evaluation(self) -> bool:
        """Whether code without modules asks a table without gradients, as an evaluation does."""
        return self.now is not None and self.now.root is None and not self.now.grad

    def add_scores(self, scores: Any) -> None:
        """What is decided on or taken out in an evaluation without modules; of one shape before it is compared."""
        batch = self.now
        if batch is None or not self.in_bare_evaluation or len(batch.outputs) > 3:
            return
        known = isinstance(scores, Tensor) and scores.is_floating_point() and not scores.requires_grad
        new = known and not (batch.read and any(o.shape == scores.shape for o in batch.outputs))
        if new and scores.dim() and scores.numel() <= MOST_ANSWERS:
            batch.outputs.append(scores)

    def add_target(self, name: str, fed: Tensor, target: Tensor) -> None:
        """What a loss was given."""
        batch = self._answered(fed)
        if batch is not None and len(batch.targets) < 4:
            batch.targets.append(target.detach())
            batch.losses.append(name)
            if fed.numel() <= MOST_ANSWERS:
                batch.fed.append(fed.detach())

    def _answered(self, fed: Tensor) -> Batch | None:
        """The batch that an answer was given to: several may be evaluated before the losses of any of them."""
        if self.now is None or self.now.grad or _share(fed, self.now.outputs):
            return self.now
        before = [batch for batch in islice(reversed(self.watched.late), 3) if not batch.training]
        return next((b for b in before if _share(fed, b.outputs)), self.now)

    def add_lookup(self, ids: Any, table: Any, padding: Any, bag: bool, offsets: Any) -> None:
        """Ids that a table is asked for; in code without modules they tell batches apart."""
        if bag:
            ids, table = (table, ids) if table.dtype in (torch.int64, torch.int32) else (ids, table)
        grad, batch = torch.is_grad_enabled(), self.now
        if batch is None and grad and self.passing:
            return
        if batch is not None and batch.root is None:
            full = self.lookups_per_step and len(batch.lookups) >= self.lookups_per_step and not grad
            if batch.grad != grad or full:
                self.close(False)
        batch = self.now or self._open(Batch(self.watched.steps_done, grad=grad))
        most = 6 if ids.dim() > 1 else 512  # texts may be looked up one by one
        if len(batch.lookups) < most and self._has_room(batch):
            self._count(batch, 0 if _share(ids, batch.inputs) else ids.numel())
            packing = next((cuts for data, cuts in self.packed if data is ids), None)
            batch.lookups.append(Lookup(table, ids, padding, bag, offsets, packing))

    def close(self, training: bool) -> None:
        """The batch is over; `training` says whether a backward pass followed."""
        batch, self.now = self.now, None
        if training and (len(self.watched.batches) >= MOST_BATCHES or self._is_full(True)):
            self.passing = self.watched.backwards % THIN != 0
        if batch is None:
            return
        batch.training = training
        if not training and not batch.whole:
            self.watched.in_part.add(batch.step)
        if training and batch.root is None and not self.lookups_per_step:
            self.lookups_per_step = len(batch.lookups)
        if training and batch.root is not None:
            self._count_calls(batch)
        answers = batch.answers = sum(t.numel() for t in batch.outputs + batch.fed)
        self._keep_late(batch)
        if len(self.watched.batches) < MOST_BATCHES and not self._is_full(training):
            if self.kept_answers + answers > MOST_SAID and training:
                batch = replace(batch, fed=[], outputs=[], read=[])
            else:
                self.kept_answers += answers
            self._count(batch, sum(t.numel() for t in batch.targets))
            self.watched.batches.append(batch)

    def _count_calls(self, batch: Batch) -> None:
        """How often a training step calls its model; before the first, an evaluation may have kept its gradients."""
        key = id(batch.root)
        first = self.firsts.pop(key, None)
        if key not in self.calls_per_step:
            self.calls_per_step[key], self.firsts[key] = batch.calls, batch
        elif first is not None and batch.calls < first.calls:
            self.calls_per_step[key] = batch.calls
            for kept in (self.watched.batches, self.watched.late):
                at = next((n for n, other in enumerate(kept) if other is first), None)
                if at is not None:
                    del kept[at]

    def _keep_late(self, batch: Batch) -> None:
        """The last batches are kept in full, as many as the limits allow."""
        late = self.watched.late
        late.append(batch)
        self.late_answers += batch.answers
        while len(late) > 1 and (self.late_answers > MOST_SAID // 2 or len(late) > MOST_LATE):
            self.late_answers -= late.popleft().answers


def _with_slots(value: Any, places: dict[int, int], count: Callable[[int], None]) -> Any:
    """A call's values in the same containers, which are counted; KeyError where one is neither plain nor kept."""
    if isinstance(value, (Slot, *PLAIN, type(None), torch.dtype, torch.device)):
        return value
    if isinstance(value, Tensor):
        return Slot(places[id(value)])
    if isinstance(value, dict):
        return {key: _with_slots(item, places, count) for key, item in value.items()}
    if not isinstance(value, (tuple, list)):
        raise KeyError(type(value))
    count(len(value))
    parts = [_with_slots(item, places, count) for item in value]
    return tuple.__new__(type(value), parts) if isinstance(value, tuple) else list(parts)


def _share(tensor: Tensor, others: list[Tensor]) -> bool:
    """Whether a tensor is a view of the numbers of one of the others."""
    if not others:
        return False
    try:
        store = tensor.untyped_storage().data_ptr()
        return bool(store) and any(store == other.untyped_storage().data_ptr() for other in others)
    except RuntimeError:  # tensors without a store of their own: sparse ones, those of function transforms
        return False
