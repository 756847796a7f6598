"""Rows of single words: what a tagger was fed and answered, each real word with its neighbours and its class."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from wordfit.doctor.id_layout import oriented
from wordfit.doctor.rows import Rows
from wordfit.doctor.seen import Batch
from wordfit.doctor.split import Split

MOST_WORDS = 20_000


def word_rows(split: Split, batches: Iterable[Batch]) -> Rows:
    """Every word that has a target, in order; padding and ignored targets are left out."""
    rows = Rows()
    for number, batch in enumerate(batches):
        if len(rows) > MOST_WORDS:
            break
        ids = _ids(batch)
        labels = _labels(split, batch, ids) if ids is not None else None
        if ids is None or labels is None:
            continue
        answers = _answers(split, batch, ids)
        keep = labels >= 0
        if split.padding is not None:
            keep &= ids != split.padding
        edge = torch.full((len(ids), 1), -1)
        before, after = torch.cat([edge, ids[:, :-1]], 1), torch.cat([ids[:, 1:], edge], 1)  # (B, T)
        for r, c in keep.nonzero().tolist():
            rows.texts.append(((int(ids[r, c]),), (int(before[r, c]),), (int(after[r, c]),)))
            rows.targets.append(int(labels[r, c]))
            rows.answers.append(answers[r, c].tolist() if answers is not None else None)
            rows.batches.append(number)
            rows.steps.append(batch.step)
    return rows


def _ids(batch: Batch) -> Tensor | None:
    """Ids as (B, T); one sentence alone is a batch of one."""
    if not batch.lookups or batch.lookups[0].bag:
        return None
    ids = batch.lookups[0].ids
    if ids.dim() == 1:
        return ids.unsqueeze(0)
    found = oriented(batch, batch.lookups[0])
    return found if found is not None and found.dim() == 2 else None


def _labels(split: Split, batch: Batch, ids: Tensor) -> Tensor | None:
    """Targets as (B, T), whichever way they were laid out."""
    for target in split.targets_of(batch):
        if target.is_floating_point() or target.numel() != ids.numel() or ids.numel() < 2:
            continue
        if target.dim() == 2 and target.shape == ids.shape:
            return target.long()
        if target.dim() == 2 and target.t().shape == ids.shape:
            return target.t().long()
        if target.dim() == 1:
            turned = ids.data_ptr() == batch.lookups[0].ids.data_ptr() and ids.shape != batch.lookups[0].ids.shape
            return (target.reshape(ids.shape[1], -1).t() if turned else target.reshape(ids.shape)).long()
    return None


def _answers(split: Split, batch: Batch, ids: Tensor) -> Tensor | None:
    """What was answered, as (B, T, C)."""
    given = split.answer_of(batch, ids.numel())
    return by_word(given, ids) if given is not None else None


def by_word(answer: Tensor, ids: Tensor) -> Tensor | None:
    """An answer for every word as (B, T, C), whichever way it was laid out."""
    if not answer.is_floating_point() or not ids.numel():
        return None
    if answer.numel() % ids.numel() or answer.numel() > 60 * ids.numel():
        return None
    width = answer.numel() // ids.numel()
    if answer.shape[:2] == ids.shape:
        return answer.reshape(*ids.shape, width)
    if answer.dim() == 3 and (answer.shape[0], answer.shape[2]) == ids.shape:
        return answer.transpose(1, 2)
    if answer.dim() == 3 and (answer.shape[1], answer.shape[0]) == ids.shape:
        return answer.transpose(0, 1)
    if answer.shape[0] == ids.numel() or answer.numel() == width * ids.numel() and 1 in answer.shape[:2]:
        return answer.reshape(*ids.shape, width)
    return None


def classed_words(split: Split, batch: Batch, answer: Tensor) -> tuple[Tensor, Tensor] | None:
    """Of an answer for every word: the scores (N, C) and the classes (N) of the words that have one."""
    ids = _ids(batch)
    labels = _labels(split, batch, ids) if ids is not None else None
    scores = by_word(answer, ids) if ids is not None else None
    if ids is None or labels is None or scores is None:
        return None
    keep = labels >= 0
    if split.padding is not None:
        keep &= ids != split.padding
    return scores[keep], labels[keep]


def words_of(split: Split) -> dict[str, Any]:
    """The words of training, of the last evaluation and of the end of training."""
    return {
        "train": word_rows(split, split.training[: split.first_epoch]),
        "dev": word_rows(split, split.dev_batches),
        "trained": word_rows(split, split.last_training),
    }
