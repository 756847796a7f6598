"""The rows that the program fed: ids, lengths, targets and answers of training and evaluation, put together."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import Any

import numpy as np
import torch
from torch import Tensor

from wordfit.doctor.compared import are_two, differ, forget_doubtful, give_back, give_out, is_answer, tidied
from wordfit.doctor.held_out import (
    beside_all_rows,
    beside_what_was_met,
    called_elsewhere,
    of_models,
    one_after_the_other,
    share_of,
)
from wordfit.doctor.held_rows import supply_labels
from wordfit.doctor.id_layout import (
    fed_ids,
    one_by_one,
    owned_rows,
    padding_id,
    recall_texts,
    single_words,
    text_rows,
    time_first,
)
from wordfit.doctor.passes import first_pass
from wordfit.doctor.rows import Rows
from wordfit.doctor.seen import Batch
from wordfit.doctor.watch import Recorder

MOST_ROWS = 20_000
WIDEST = 10_000  # numbers in a row


class Split:
    """The rows of training and of evaluation, and what is the program's padding."""

    def __init__(self, recorder: Recorder) -> None:
        for batch in (*recorder.batches, *recorder.late):
            tidied(batch)
        training = [b for b in recorder.batches if b.training]
        evaluation = [b for b in recorder.batches if not b.training and (b.lookups or b.inputs)]
        late = [b for b in recorder.late if not b.training]
        give_back(evaluation)
        give_out(evaluation)
        forget_doubtful(evaluation)
        for batch in recorder.late:
            batch.time_first = time_first(recorder.batches)
        self.padding = padding_id(training, evaluation)
        recall_texts([*training, *(b for b in recorder.late if b.training)], evaluation)
        self.training = training
        self.place = _place_of_target(training)
        self.answer_width = _answer_width(training)
        seen = {id(b) for b in evaluation}
        evaluation += [b for b in late if id(b) not in seen and (b.lookups or b.inputs)]
        last = max((b.step for b in evaluation if b.step not in recorder.in_part), default=-1)
        evaluated = [b for b in evaluation if b.step == last]
        own, evaluated = of_models(training, evaluated)
        begun = own[0].step if own else 0  # the step at which the models that were trained last began
        self.last_losses = [v for v, at in zip(recorder.losses, recorder.loss_steps) if at >= begun]
        first = first_pass(own)
        self.first_epoch = first if len(own) == len(training) else first_pass(training)  # batches
        self._train_on(own[:first])
        self.whole_pass = first < len(own) or len(training) >= recorder.backwards
        self.dev_batches = self._once(self._held_out(self._before_known(evaluation, evaluated, recorder.in_part)))
        self.dev = self._rows(self.dev_batches)
        if len(own) >= 2 * first and len(training) >= recorder.backwards and share_of(self.dev, self.known) >= 0.1:
            self._go_by_last_pass(own, first, evaluation, evaluated, recorder.in_part)
        kinds = set(self.train.labels.tolist()) if self.train.labels is not None else set()
        unheard = kinds and len(self.dev) and all(t is None for t in self.dev.targets)
        if unheard and supply_labels(recorder, self.dev_batches, self.dev, kinds):
            self.dev = self._rows(self.dev_batches)
        self.chosen_by = self._chosen_by(own, [b for b in evaluation if b.step not in recorder.in_part])
        self.evaluations = sorted({b.step for b in evaluation})
        self.eval_batches = evaluation
        self.last_training = [b for b in recorder.late if b.training][-40:]
        self.trained = self._rows(self.last_training)

    def _train_on(self, batches: list[Batch]) -> None:
        """Take batches for one pass over the training set: a sample of its rows, and when each text was trained on."""
        self.train = self._rows(batches)
        texts = [(text, batch.step) for batch in batches for text in self.texts_of(batch)]
        self.begun = dict(reversed(texts))
        self.repeats = 1 - len(self.begun) / max(len(texts), 1)

    @property
    def known(self) -> set[Any]:
        """The texts that were trained on."""
        return set(self.begun)

    def _known_at_most(self) -> int:
        """How many texts of the training set are met in a sample of rows that holds all it may of them."""
        return min(len(self.begun), len(set(self.train.texts)))

    def _go_by_last_pass(
        self, own: list[Batch], size: int, evaluation: list[Batch], evaluated: list[Batch], in_part: set[int]
    ) -> None:
        """Take the last pass over the data for the training set, if what is evaluated beside its rows is new to it.

        So it is in a cross validation that sets one model back before every fold.
        """
        before = self.train, self.begun, self.repeats
        self._train_on(own[-size:])
        if self._began_anew(own, size, set(self.train.texts)):
            batches = self._once(self._held_out(self._before_known(evaluation, evaluated, in_part)))
            dev = self._rows(batches)
            if len(dev) and share_of(dev, self.known) < 0.01:
                self.dev_batches, self.dev = batches, dev
                return
        self.train, self.begun, self.repeats = before

    def _began_anew(self, own: list[Batch], size: int, last: set[Any]) -> bool:
        """Whether the loss was back where it began when training on the last pass's texts did; true if unknown."""
        begin = len(own) - size
        while begin >= size and len(last.intersection(self._rows(own[begin - size : begin]).texts)) > 0.95 * len(last):
            begin -= size
        few = max(3, min(size // 4, 20))
        parts = own[:few], own[max(begin - few, 0) : begin], own[begin : begin + few]
        losses = [np.array([b.loss for b in part if b.loss is not None]) for part in parts]
        if any(not len(part) or not np.isfinite(part).all() for part in losses):
            return True
        start, before, anew = (float(part.mean()) for part in losses)
        noise = (losses[0].std() + losses[1].std()) / np.sqrt(few)
        return abs(anew - start) <= abs(anew - before) or abs(start - before) < noise

    def _before_known(self, evaluation: list[Batch], last: list[Batch], in_part: set[int]) -> list[Batch]:
        """The last evaluation; if it was of training rows alone, the last one that another call made, of new rows."""
        known, places = self.known, {b.called_at for b in last}
        if not last or not known or share_of(self._rows(last, answered=False), known) < 0.98:
            return last
        others = [b for b in evaluation if b.called_at not in places and b.step not in in_part]
        before = [b for b in others if b.step == max(o.step for o in others)]
        new = share_of(self._rows(before, answered=False), known) < 0.5 if before else False
        return before if new else last

    def _held_out(self, batches: list[Batch]) -> list[Batch]:
        """Batches of an evaluation; without those of the training set, where all of it was evaluated beside others."""
        if not self.whole_pass:
            batches = self._without_all_known(batches)
        rows, known = self._rows(batches, answered=False), self.known
        if other := called_elsewhere(batches, rows, known):
            batches, rows = other, self._rows(other, answered=False)
        if self.whole_pass and (other := beside_all_rows(batches, rows, Counter(self.train.texts))):
            return other
        if other := beside_what_was_met(batches, rows, known, self._known_at_most()):
            return other
        sizes = Counter(rows.batches)
        new = Counter(n for n, text in zip(rows.batches, rows.texts) if text not in known)
        others = {n for n, many in new.items() if many > 0.1 * sizes[n]}  # an epoch may leave its last rows out
        again = {text for n, text in zip(rows.batches, rows.texts) if n not in others}
        if others and one_after_the_other(sizes, new, self.repeats):
            others = {n for n, many in new.items() if many > 0.5 * sizes[n]}
        elif not others or len(again) < 0.9 * self._known_at_most():
            return batches
        return [batch for n, batch in enumerate(batches) if n in others]

    def _once(self, batches: list[Batch]) -> list[Batch]:
        """Batches of an evaluation that answers the same rows twice over, or more often: those of the last time."""
        texts = [self.texts_of(batch) for batch in batches]
        if any(texts):  # what cannot be read is no row
            batches = [batch for batch, read in zip(batches, texts) if read]
            texts = [read for read in texts if read]
        for times in (3, 2):
            many, left = divmod(len(batches), times)
            told = [Counter(chain(*texts[n * many : (n + 1) * many])) for n in range(times)]
            if not left and told[0] and all(other == told[0] for other in told[1:]):
                return batches[-many:]
        return batches

    def _without_all_known(self, batches: list[Batch]) -> list[Batch]:
        """Where not all of the training set was kept: without calls that evaluate next to all rows that were kept."""
        known, met = self.known, dict[tuple[int, ...], set[Any]]()
        rows = self._rows(batches, answered=False)
        for number, text in zip(rows.batches, rows.texts):
            met.setdefault(batches[number].called_at, set()).add(text)
        most = 0.95 * self._known_at_most()
        return [b for b in batches if len(met.get(b.called_at, set()) & known) <= most]

    def _chosen_by(self, own: list[Batch], evaluation: list[Batch]) -> Rows:
        """Rows that a call evaluates again and again while the one model is trained, if `dev` are others.

        They tell an author when to stop, or what to choose, while new ones may be evaluated at the end. Where rows of
        several such calls were trained on in part, those of the one that has the most.
        """
        steps = [b.step for b in own]
        if not own or len({id(b.root) for b in (*own, *evaluation)}) > 1 or len(own) < len(self.training):
            return Rows()
        places: dict[tuple[int, ...], list[Batch]] = {}
        for batch in evaluation:
            if min(steps) < batch.step:
                places.setdefault(batch.called_at, []).append(batch)
        dev, found, most = set(map(id, self.dev_batches)), Rows(), 0.0
        whole = len(set(self.train.texts))  # rows may be drawn again and again
        for batches in places.values():
            last = max(b.step for b in batches)
            again = [b for b in batches if b.step == last and id(b) not in dev]
            rows = self._rows(again) if len({b.step for b in batches}) > 1 else Rows()
            share = sum(self.begun.get(text, last + 1) <= last for text in rows.texts) / max(len(rows), 1)
            if most < share < 0.97 and 2 * len(rows) < whole:  # of a part of the training set all is known
                found, most = rows, share
        return found

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
        if batch.root is None:
            return next((o for o in batch.outputs if self._answers_rows(o, rows)), None)
        fits = [o for o in batch.outputs if o.dim() and o.is_floating_point() and o.shape[-1] == self.answer_width]
        return fits[-1] if fits else (batch.outputs[0] if batch.outputs else None)

    def _answers_rows(self, scores: Tensor, rows: int) -> bool:
        """Whether numbers that were decided on in code without modules are as wide as answers, and no mask."""
        width = self.answer_width or 1
        if rows not in (len(scores), scores.shape[:-1].numel()):
            return False
        fits = scores.shape[-1] == width > 1 or (width == 1 and scores.numel() == rows == len(scores))
        return fits and not torch.equal(scores, scores.trunc())

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
            ids = fed_ids(batch)
            if ids is not None:
                sources.append([tuple(i for i in row if i != self.padding) for row in ids.tolist()])
            for tensor in batch.inputs[:1]:
                if not tensor.is_floating_point() and (owned := owned_rows(batch, tensor)):
                    sources.append(owned)
                if tensor.dim() >= 2 and tensor.is_floating_point():
                    flat = tensor.flatten(1).double().cpu().numpy()
                    sources.append([(hash(row.tobytes()),) for row in flat])
        return list(zip(*sources)) if sources else []

    def targets_of(self, batch: Batch) -> list[Tensor]:
        """What may be the target of a batch."""
        if batch.targets:  # letters of all rows one after the other are no targets of rows
            return [t for n, t in enumerate(batch.targets) if batch.losses[n : n + 1] != ["ctc_loss"] or t.dim() > 1]
        if self.place is not None and len(batch.yielded) > self.place and _is_fed(batch):
            return [batch.yielded[self.place]]
        answers = [is_answer(t, batch) for t in batch.read]
        if answers[:2] == [True, True] and are_two(*batch.read[:2]):  # all of them right
            return batch.read[1:2]
        if answers[:2] == [False, False] and batch.compared and differ(*batch.read[:2]):
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


def _is_fed(batch: Batch) -> bool:
    """Whether what the data loader gave last is what the model was given: a loop may have been left before."""
    fed = [*batch.inputs, *(k.ids for k in batch.lookups)]
    for tensor in batch.yielded:
        alike = [f for f in fed if f.numel() == tensor.numel() and f.dtype == tensor.dtype]
        if alike and tensor.dim() > 1:
            return any(torch.equal(f.reshape(-1), tensor.reshape(-1)) or f.shape != tensor.shape for f in alike)
    lengths = {n for f in fed for n in f.shape[:2]}
    return not fed or any(t.dim() and len(t) in lengths for t in batch.yielded)


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
                if torch.equal(tensor.reshape(-1).double(), target.reshape(-1).double()):
                    return place
    return None
