"""Which batches of an evaluation are held out, told from the training rows that are evaluated beside them."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from wordfit.doctor.rows import Rows
from wordfit.doctor.seen import Batch

WHOLE = 100  # rows that are a set by themselves, if one batch holds them


def share_of(rows: Rows, known: set[Any]) -> float:
    """The share of rows that are among the known ones."""
    return sum(text in known for text in rows.texts) / max(len(rows), 1)


def called_elsewhere(batches: list[Batch], rows: Rows, known: set[Any]) -> list[Batch]:
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


def one_after_the_other(sizes: Counter[int], new: Counter[int], repeats: float) -> bool:
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


def beside_all_rows(batches: list[Batch], rows: Rows, trained: Counter[Any]) -> list[Batch]:
    """Batches before or after those that answer the training set, each row as often as it was trained on; else nothing.

    The others may be known too, all or next to all: that is for a check to say. A few rows, or most of those that were
    trained on, are no set of their own then.
    """
    size = trained.total()
    for ordered in _from_either_end(rows):
        met, many = Counter[Any](), 0
        for place, (_, texts) in enumerate(ordered, 1):
            met.update(texts)
            many += len(texts)
            if many >= size:
                others = [text for _, left in ordered[place:] for text in left]
                apart = WHOLE <= len(others) < 0.6 * size
                if met == trained and (apart or any(text not in trained for text in others)):
                    return _in_order(batches, ordered[place:])
                break
    return []


def beside_what_was_met(batches: list[Batch], rows: Rows, known: set[Any], many: int) -> list[Batch]:
    """Batches before or after those that answer next to all `many` known texts, if they hold next to none of them.

    Those may answer others too: of a training set that steps ended early on, or that rows are drawn from, only a part
    was trained on.
    """
    for ordered in _from_either_end(rows):
        met = set[Any]()
        for place, (_, texts) in enumerate(ordered, 1):
            met.update(known.intersection(texts))
            if len(met) >= 0.98 * many > 0:
                others = [text in known for _, left in ordered[place:] for text in left]
                if len(others) >= 5 and sum(others) <= 0.02 * len(others):
                    return _in_order(batches, ordered[place:])
                break
    return []


Parts = list[tuple[int, list[Any]]]
"""The number of each batch, and the texts of its rows."""


def _from_either_end(rows: Rows) -> tuple[Parts, Parts]:
    """The batches from the first one on, and from the last one back."""
    texts: dict[int, list[Any]] = {}
    for number, text in zip(rows.batches, rows.texts):
        texts.setdefault(number, []).append(text)
    ordered = sorted(texts.items())
    return ordered, ordered[::-1]


def _in_order(batches: list[Batch], parts: Parts) -> list[Batch]:
    return [batches[number] for number in sorted(number for number, _ in parts)]


def of_models(training: list[Batch], evaluated: list[Batch]) -> tuple[list[Batch], list[Batch]]:
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
