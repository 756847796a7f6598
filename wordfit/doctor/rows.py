"""The rows that the program fed: ids, lengths, targets and answers of training and evaluation, put together."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from wordfit.doctor.id_layout import joined, one_by_one, padding_id, single_words, text_rows
from wordfit.doctor.passes import first_pass
from wordfit.doctor.seen import Batch
from wordfit.doctor.tape import dense
from wordfit.doctor.watch import Recorder

MOST_ROWS = 20_000
WIDEST = 10_000  # numbers in a row
WHOLE = 100  # rows that are a set by themselves, if one batch holds them


@dataclass
class Rows:
    """Rows of one split in the order they came; `texts` holds the ids of every input without padding."""

    texts: list[tuple[tuple[int, ...], ...]] = field(default_factory=list)
    targets: list[Any] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    values: list[np.ndarray] = field(default_factory=list)  # of rows that hold numbers in place of ids
    batches: list[int] = field(default_factory=list)  # batch number of every row
    steps: list[int] = field(default_factory=list)
    empty: int = 0

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def labels(self) -> np.ndarray | None:
        """Class numbers, where every row has one."""
        if not self.targets or any(t is None or not np.isscalar(t) for t in self.targets):
            return None
        values = np.array(self.targets, dtype=float)
        if self._are_places(values):
            return None
        if not np.isfinite(values).all() or (values != values.round()).any():
            return None
        return values.astype(int)

    def _are_places(self, values: np.ndarray) -> bool:
        """Targets 0, 1, 2 ... in every batch say which row of the batch is the right one; they are no classes."""
        batches = np.array(self.batches)
        parts = [values[batches == b] for b in sorted(set(self.batches))[:6]]
        return len(values) > 8 and all(len(p) > 3 and (p == np.arange(len(p))).all() for p in parts[:-1] or parts)


def _tidied(batch: Batch) -> None:
    """Let go of tensors without values, which Keras builds its models with; write sparse and nested ones out; lay
    steps side by side."""
    batch.lookups = [k for k in batch.lookups if not (k.ids.is_meta or k.table.is_meta)]
    for name in ("inputs", "outputs", "fed", "targets", "read", "yielded"):
        setattr(batch, name, [_flat(t) for t in getattr(batch, name) if not t.is_meta])
    batch.lookups = joined(batch.lookups, {len(t) for t in (*batch.targets, *batch.yielded) if t.dim()})


def _flat(tensor: Tensor) -> Tensor:
    """Numbers side by side: sparse tensors written out, nested ones with zeros at their ends."""
    return torch.nested.to_padded_tensor(tensor, 0) if tensor.is_nested else dense(tensor)


def _give_back(evaluation: list[Batch]) -> None:
    """What was read after the answers to several sets of unlike sizes belongs to the set that has as many rows."""
    for number, batch in enumerate(evaluation):
        for before in evaluation[max(0, number - 3) : number]:
            heard = before.read or before.targets or before.compared
            if before.step != batch.step or heard or not before.outputs or not batch.outputs:
                continue
            rows, own = before.outputs[0].shape[:1], batch.outputs[0].shape[:1]
            theirs = [t for t in batch.read if rows != own and t.shape[:1] == rows]
            if theirs:
                before.read, before.compared = theirs, batch.compared
                batch.read = [t for t in batch.read if t.shape[:1] != rows]


def _give_out(evaluation: list[Batch]) -> None:
    """What the answers to several batches were compared with, put together, belongs to each of them, part by part."""
    for number, batch in enumerate(evaluation):
        if not batch.read or batch.targets or not batch.outputs:
            continue
        parts = [batch]
        for before in reversed(evaluation[:number]):
            heard = before.read or before.targets or not before.outputs
            if heard or (before.step, before.called_at) != (batch.step, batch.called_at):
                break
            parts.insert(0, before)
        sizes = [part.outputs[0].shape[0] if part.outputs[0].dim() else 0 for part in parts]
        whole = [t for t in batch.read if len(parts) > 1 and t.dim() and len(t) == sum(sizes)]
        if whole:
            split = [t.split(sizes) for t in whole]
            for place, part in enumerate(parts):
                part.read, part.compared = [pieces[place] for pieces in split], batch.compared


def _forget_doubtful(evaluation: list[Batch]) -> None:
    """Let go of what was read after two answers to as many rows each: it may belong to either of them."""
    for before, batch in zip(evaluation, evaluation[1:]):
        alone = before.step == batch.step and not (before.targets or before.compared or batch.targets or batch.compared)
        if not alone or not before.inputs or not batch.inputs or before.yielded or batch.yielded:
            continue
        fed = before.inputs[0], batch.inputs[0]
        answers = [_is_answer(t, before) for t in before.read]
        if answers and all(answers) and fed[0].shape == fed[1].shape and not torch.equal(*fed):
            batch.read = [t for t in batch.read if _is_answer(t, batch)]


class Split:
    """The rows of training and of evaluation, and what is the program's padding."""

    def __init__(self, recorder: Recorder) -> None:
        for batch in (*recorder.batches, *recorder.late):
            _tidied(batch)
        training = [b for b in recorder.batches if b.training]
        evaluation = [b for b in recorder.batches if not b.training and (b.lookups or b.inputs)]
        late = [b for b in recorder.late if not b.training]
        _give_back(evaluation)
        _give_out(evaluation)
        _forget_doubtful(evaluation)
        self.padding = padding_id(recorder, training)
        self.place = _place_of_target(training)
        self.answer_width = _answer_width(training)
        seen = {id(b) for b in evaluation}
        evaluation += [b for b in late if id(b) not in seen and (b.lookups or b.inputs)]
        last = max((b.step for b in evaluation if b.step not in recorder.in_part), default=-1)
        evaluated = [b for b in evaluation if b.step == last]
        own, evaluated = _of_models(training, evaluated)
        begun = own[0].step if own else 0  # the step at which the models that were trained last began
        self.last_losses = [v for v, at in zip(recorder.losses, recorder.loss_steps) if at >= begun]
        first = first_pass(own)
        self.first_epoch = first if len(own) == len(training) else first_pass(training)  # batches
        self.train = self._rows(own[:first])
        self.whole_pass = first < len(own) or len(training) >= recorder.backwards
        self.dev_batches = self._held_out(self._before_known(evaluation, evaluated, recorder.in_part))
        self.dev = self._rows(self.dev_batches)
        if len(own) >= 2 * first and len(training) >= recorder.backwards and _share_of(self.dev, self.known) >= 0.1:
            self._go_by_last_pass(self._rows(own[-first:]), evaluation, evaluated, recorder.in_part)
        self.evaluations = sorted({b.step for b in evaluation})
        self.eval_batches = evaluation
        self.last_training = [b for b in recorder.late if b.training][-40:]
        self.training = training
        self.trained = self._rows(self.last_training)

    @property
    def known(self) -> set[Any]:
        """The texts that were trained on."""
        return set(self.train.texts)

    def _go_by_last_pass(self, rows: Rows, evaluation: list[Batch], evaluated: list[Batch], in_part: set[int]) -> None:
        """Take the last pass over the data for the training set, if what is evaluated beside its rows is new to it.

        So it is in a cross validation that sets one model back before every fold.
        """
        first, self.train = self.train, rows
        batches = self._held_out(self._before_known(evaluation, evaluated, in_part))
        dev = self._rows(batches)
        if len(dev) and _share_of(dev, self.known) < 0.01:
            self.dev_batches, self.dev = batches, dev
        else:
            self.train = first

    def _before_known(self, evaluation: list[Batch], last: list[Batch], in_part: set[int]) -> list[Batch]:
        """The last evaluation; if it was of training rows alone, the last one that another call made, of new rows."""
        known, places = self.known, {b.called_at for b in last}
        if not last or not known or _share_of(self._rows(last, answered=False), known) < 0.98:
            return last
        others = [b for b in evaluation if b.called_at not in places and b.step not in in_part]
        before = [b for b in others if b.step == max(o.step for o in others)]
        new = _share_of(self._rows(before, answered=False), known) < 0.5 if before else False
        return before if new else last

    def _held_out(self, batches: list[Batch]) -> list[Batch]:
        """Batches of an evaluation; without those of the training set, where all of it was evaluated beside others."""
        if not self.whole_pass:
            batches = self._without_all_known(batches)
        rows, known = self._rows(batches, answered=False), self.known
        if other := _called_elsewhere(batches, rows, known):
            return other
        sizes = Counter(rows.batches)
        new = Counter(n for n, text in zip(rows.batches, rows.texts) if text not in known)
        others = {n for n, many in new.items() if many > 0.1 * sizes[n]}  # an epoch may leave its last rows out
        again = {text for n, text in zip(rows.batches, rows.texts) if n not in others}
        repeats = 1 - len(known) / max(len(self.train), 1)
        if others and _one_after_the_other(sizes, new, repeats):
            others = {n for n, many in new.items() if many > 0.5 * sizes[n]}
        elif not others or len(again) < 0.9 * len(known):
            return batches
        return [batch for n, batch in enumerate(batches) if n in others]

    def _without_all_known(self, batches: list[Batch]) -> list[Batch]:
        """Where not all of the training set was kept: without calls that evaluate next to all rows that were kept."""
        known, met = self.known, dict[tuple[int, ...], set[Any]]()
        rows = self._rows(batches, answered=False)
        for number, text in zip(rows.batches, rows.texts):
            met.setdefault(batches[number].called_at, set()).add(text)
        return [b for b in batches if len(met.get(b.called_at, set()) & known) <= 0.95 * len(known)]

    def _rows(self, batches: list[Batch], answered: bool = True) -> Rows:
        """Rows of batches; if `answered`, without those whose answers nothing was compared with, where others were."""
        rows = Rows()
        for number, batch in enumerate(batches):
            if len(rows) > MOST_ROWS:
                break
            texts = self.texts_of(batch)
            if not texts:
                continue
            target = self.target_of(batch, len(texts))
            if answered and target is None and rows.targets and rows.targets[-1] is not None:
                continue
            if answered and target is not None and rows.targets and rows.targets[-1] is None:
                rows = Rows()
            answer = self.answer_of(batch, len(texts))
            rows.texts += texts
            rows.values += _values(batch, len(texts))
            rows.batches += [number] * len(texts)
            rows.steps += [batch.step] * len(texts)
            rows.targets += target if target is not None else [None] * len(texts)
            rows.answers += _answers(answer, len(texts))
            rows.empty += sum(1 for t in texts if not t[0])
        return rows

    def answer_of(self, batch: Batch, rows: int) -> Tensor | None:
        """What the loss was given; without a loss the last output that is as wide as answers are in training."""
        if batch.fed:
            return batch.fed[0]
        fits = [o for o in batch.outputs if o.dim() and o.is_floating_point() and o.shape[-1] == self.answer_width]
        return fits[-1] if fits else (batch.outputs[0] if batch.outputs else None)

    def texts_of(self, batch: Batch) -> list[tuple[tuple[int, ...], ...]]:
        """Every row's inputs: one text, or two and more."""
        if alone := one_by_one(batch) or single_words(batch):
            return [(text,) for text in alone]
        sources: list[Any] = []
        for lookup in batch.lookups[:6]:
            part = text_rows(batch, lookup, self.padding)
            if part and (not sources or len(part) == len(sources[0])) and part not in sources:
                sources.append(part)
        if not sources:
            for tensor in batch.inputs[:1]:
                if tensor.dim() >= 2 and not tensor.is_floating_point():
                    sources.append([tuple(r) for r in tensor.flatten(1).tolist()])
                elif tensor.dim() >= 2:
                    flat = tensor.flatten(1).double().cpu().numpy()
                    sources.append([(hash(row.tobytes()),) for row in flat])
        return list(zip(*sources)) if sources else []

    def targets_of(self, batch: Batch) -> list[Tensor]:
        """What may be the target of a batch."""
        if batch.targets:  # letters of all rows one after the other are no targets of rows
            return [t for n, t in enumerate(batch.targets) if batch.losses[n : n + 1] != ["ctc_loss"] or t.dim() > 1]
        if self.place is not None and len(batch.yielded) > self.place and _is_fed(batch):
            return [batch.yielded[self.place]]
        answers = [_is_answer(t, batch) for t in batch.read]
        if answers[:2] == [True, True] and _compared(*batch.read[:2]):  # all of them right
            return batch.read[1:2]
        if answers[:2] == [False, False] and batch.compared and _differ(*batch.read[:2]):
            return []  # which of them was answered is not known, as where actions are drawn
        return [t for t, answer in zip(batch.read, answers) if not answer]

    def target_of(self, batch: Batch, rows: int) -> list[Any] | None:
        """One target a row: from the loss, else by its place in the data loader's batch, else as compared."""
        for target in self.targets_of(batch):
            if target.numel() == rows == 1:
                return [target.item()]
            if target.dim() and target.shape[0] == rows and target.numel() == rows:
                return target.reshape(-1).tolist()
            if target.dim() == 2 and target.shape[0] == rows:
                return [tuple(r) for r in target.tolist()]
        return None


def _share_of(rows: Rows, known: set[Any]) -> float:
    """The share of rows that are among the known ones."""
    return sum(text in known for text in rows.texts) / max(len(rows), 1)


def _called_elsewhere(batches: list[Batch], rows: Rows, known: set[Any]) -> list[Batch]:
    """Batches of other rows, where a call of its own evaluates some rows of the training set; else nothing.

    Of a language model the longest row of a batch lacks its last word: a row or two of a batch may look new.
    """
    shares: dict[tuple[int, ...], list[bool]] = {}
    for number, text in zip(rows.batches, rows.texts):
        shares.setdefault(batches[number].called_at, []).append(text in known)
    again = {place for place, met in shares.items() if len(met) >= 5 and sum(met) > 0.95 * len(met)}
    if not again or len(again) == len(shares):
        return []
    return [batch for batch in batches if batch.called_at not in again]


def _one_after_the_other(sizes: Counter[int], new: Counter[int], repeats: float) -> bool:
    """Whether batches hold known rows or new ones only, in a stretch each: two sets that one loop evaluates.

    Rows repeat by themselves, so a few new ones may be known. Of rows that were changed a little while they were
    trained, or drawn, only a share is known: as large a share of every batch. Where one batch holds the end of known
    rows and the beginning of new ones, both are one set.
    """
    if min(sizes.values()) < 2:  # rows one by one: also what two sets share may stand in one stretch
        return False
    shares = {n: new[n] / size for n, size in sorted(sizes.items())}
    sets = [share > 0.5 for share in shares.values()]
    slack = 0.02 + min(2 * repeats, 0.2)
    if (
        sum(a != b for a, b in zip(sets, sets[1:])) not in (1, 2)
        or min(s for s in shares.values() if s > 0.5) < 1 - slack
    ):
        return False
    again = [n for n, share in shares.items() if share <= 0.5]
    within = again[:-1] or [n for n in again if sizes[n] >= WHOLE]  # the last one may be a mixed batch
    usual = sum(new[n] for n in within) / max(sum(sizes[n] for n in within), 1)
    if usual <= slack:
        return all(shares[n] <= slack for n in again)
    return all(abs(shares[n] - usual) <= slack + 4 * math.sqrt(usual * (1 - usual) / sizes[n]) for n in again)


def _of_models(training: list[Batch], evaluated: list[Batch]) -> tuple[list[Batch], list[Batch]]:
    """Batches of training and of an evaluation of the models that were trained last: a fold trained another before.

    What is evaluated may be a copy that never trained, as a running average of weights is.
    """
    spans: dict[int, tuple[int, int]] = {}
    for batch in training:
        first, _ = spans.get(id(batch.root), (batch.step, batch.step))
        spans[id(batch.root)] = first, batch.step
    asked = {id(b.root) for b in evaluated if b.root is not None and id(b.root) in spans}
    among = asked or set(spans)
    begin = spans[max(among, key=lambda root: spans[root][1])][0] if among else 0
    last = {root for root in among if spans[root][1] >= begin}
    own = [b for b in training if id(b.root) in last]
    known = [b for b in evaluated if id(b.root) in last or (id(b.root) not in spans and not _learned(b))]
    return own or training, known or [b for b in evaluated if id(b.root) in spans or not _learned(b)]


def _learned(batch: Batch) -> bool:
    """Whether the model of an evaluation was trained itself; on which rows, is not known where none were kept."""
    return batch.root is not None and any(p.grad is not None for p in batch.root.parameters())


def _compared(answer: Tensor, target: Tensor) -> bool:
    """Whether two tensors that are equal are two, and not one that was read twice."""
    return answer.data_ptr() != target.data_ptr() and torch.equal(answer.reshape(-1), target.reshape(-1).to(answer))


def _differ(first: Tensor, second: Tensor) -> bool:
    """Whether two tensors of one shape hold different numbers."""
    return first.dim() > 0 and first.shape == second.shape and not torch.equal(first, second.to(first))


def _is_fed(batch: Batch) -> bool:
    """Whether what the data loader gave last is what the model was given: a loop may have been left before."""
    fed = [*batch.inputs, *(k.ids for k in batch.lookups)]
    for tensor in batch.yielded:
        alike = [f for f in fed if f.numel() == tensor.numel() and f.dtype == tensor.dtype]
        if alike and tensor.dim() > 1:
            return any(torch.equal(f.reshape(-1), tensor.reshape(-1)) or f.shape != tensor.shape for f in alike)
    lengths = {n for f in fed for n in f.shape[:2]}
    return not fed or any(t.dim() and len(t) in lengths for t in batch.yielded)


def _is_answer(tensor: Tensor, batch: Batch) -> bool:
    """Whether a tensor is what the model answered, in place of a target."""
    whole = not tensor.is_floating_point() or bool(
        ((tensor == 0) | (tensor == 1)).all()
    )  # decisions, whatever their type
    if not whole and any(o.numel() == tensor.numel() for o in batch.outputs):
        return any(
            o.numel() == tensor.numel() and torch.equal(o.reshape(-1), tensor.reshape(-1)) for o in batch.outputs
        )
    for output in batch.outputs:
        for axis in range(output.dim()):
            if output.shape[axis] > 1 and output.numel() == tensor.numel() * output.shape[axis]:
                guess = output.argmax(axis).reshape(-1)
                if len(guess) == tensor.numel() and torch.equal(guess, tensor.reshape(-1).long()):
                    return len(batch.read) > 1 and any(
                        t is not tensor and t.numel() == tensor.numel() and not torch.equal(t.reshape(-1).long(), guess)
                        for t in batch.read
                    )
        if output.numel() == tensor.numel() and (whole or tensor.dtype in (torch.bool, torch.int64)):
            positive = (output.reshape(-1) > 0).long()
            half = (output.reshape(-1) > 0.5).long()
            flat = tensor.reshape(-1).long()
            if torch.equal(flat, positive) or torch.equal(flat, half):
                return any(t is not tensor and not torch.equal(t.reshape(-1).long(), flat) for t in batch.read)
    return False


def _values(batch: Batch, rows: int) -> list[np.ndarray]:
    """The numbers of every row, where a model is fed numbers and looks nothing up."""
    given = batch.inputs[0] if batch.inputs and not batch.lookups else None
    if given is None or not given.is_floating_point() or given.dim() != 2 or given.shape[1] > WIDEST:
        return []
    return list(given.float().cpu().numpy()) if len(given) == rows else []


def _answers(answer: Tensor | None, rows: int) -> list[Any]:
    if answer is None or not answer.dim() or answer.shape[0] != rows or answer.numel() > rows * 200:
        return [None] * rows
    return answer.reshape(rows, -1).float().tolist()


def _answer_width(batches: list[Batch]) -> int | None:
    """How many numbers an answer has, by what the loss was given in training."""
    fed = [(b.fed[0], b.outputs) for b in batches[:5] if b.fed and b.fed[0].dim()]
    shapes = [tuple(f.shape) for f, _ in fed if f.dim() > 1]
    single = [f for f, given in fed if any(tuple(o.shape) == (len(f), 1) for o in given)]  # squeezed on the way
    return shapes[-1][-1] if shapes else 1 if single else None


def _place_of_target(batches: list[Batch]) -> int | None:
    """Where in the data loader's batches the target stands."""
    for batch in batches[:5]:
        for place, tensor in enumerate(batch.yielded):
            for target in batch.targets:
                if tensor.shape == target.shape and torch.equal(tensor.double(), target.double()):
                    return place
    return None
