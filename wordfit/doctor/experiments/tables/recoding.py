"""Were splits encoded with different mappings? By the mappings held, by the texts held, and by what the model says.

Where texts are fed as counts of words, a column for each, by how many rows use a column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from wordfit.doctor.bench import Bench
from wordfit.doctor.experiments.steps.judging import accuracy
from wordfit.doctor.experiments.texts.corpora import CUTS, corpora, tokens_of
from wordfit.doctor.experiments.texts.data import words_fed
from wordfit.doctor.experiments.texts.mappings import mappings
from wordfit.doctor.rows import Rows
from wordfit.doctor.seen import Batch
from wordfit.vectors.evaluate import spearman

LEAST = 8  # words that must be told in both splits
LEAST_ROWS = 30  # of an evaluation whose columns are compared with those of training
LEAST_COLUMNS = 50  # that rows use


def recoding(bench: Bench) -> dict[str, Any] | None:
    """Words and ids of training beside those of evaluation."""
    pairs = (bench.facts.get("vectors") or {}).get("two_mappings") or []
    out: dict[str, Any] = {"pairs": len(pairs)}
    if pairs:
        maps = dict(mappings(bench))
        out |= _by_model(bench, pairs, maps) or {}
        out["overlap"] = _by_overlap(bench, pairs, maps)
        out["neighbours"] = _by_neighbours(bench, pairs, maps)
    out["counts"] = _by_counts(bench)
    out["columns"] = _by_columns(bench)
    return out if any(v for k, v in out.items() if k != "pairs") else None


def _by_model(bench: Bench, pairs: list[dict[str, Any]], maps: dict[str, dict[str, int]]) -> dict[str, Any] | None:
    """The evaluation's ids decoded by one mapping and encoded by another: is the model right more often?"""
    batches = bench.split.eval_batches
    last = [b for b in batches if b.step == max(x.step for x in batches)] if batches else []
    before = accuracy(bench, last)
    if before is None:
        return None
    best: dict[str, Any] = {"gain": 0.0}
    for pair in pairs[:6]:
        for first, second in ((pair["first"], pair["second"]), (pair["second"], pair["first"])):
            table = {i: maps[first].get(w) for w, i in maps[second].items()}
            after = accuracy(bench, last, recode=table)
            if after is not None and after - before > best["gain"]:
                best = {
                    "gain": after - before,
                    "before": before,
                    "after": after,
                    "first": first,
                    "second": second,
                    "same": pair["same"],
                }
    return {"before": before, "best": best}


def _by_overlap(bench: Bench, pairs: list[dict[str, Any]], maps: dict[str, dict[str, int]]) -> dict[str, Any] | None:
    """How alike the words of training and of evaluation are if both were encoded by one mapping, or by two."""
    single = words_fed(bench) or {}
    train = _counts(bench.split.train) or _counts(single.get("train"))
    dev = _counts(bench.split.dev) or _counts(single.get("dev"))
    if sum(dev.values()) < 200 or sum(train.values()) < 200:
        return None
    best: dict[str, Any] = {"gain": 0.0}
    for pair in pairs[:8]:
        for first, second in ((pair["first"], pair["second"]), (pair["second"], pair["first"])):
            ours, theirs = _decoder(maps[first]), _decoder(maps[second])
            if not _covers(train, ours) or not _covers(dev, theirs):
                continue
            words = _shares(train, ours)
            one, two = _overlap(words, _shares(dev, ours)), _overlap(words, _shares(dev, theirs))
            if two - one > best["gain"]:
                best = {"gain": two - one, "as_one": one, "as_two": two, "first": first, "second": second}
                best["expected"] = _expected(words, sum(dev.values()))
    return best


def _by_neighbours(bench: Bench, pairs: list[dict[str, Any]], maps: dict[str, dict[str, int]]) -> dict[str, Any] | None:
    """How likely the evaluation's words are after each other, by those of training: decoded by one mapping, or by two.

    Words that are about as frequent as others tell little by themselves; which follows which tells far more.
    """
    splits = bench.split.train, bench.split.dev
    train, dev = ([row[0] for row in rows.texts[:6000] if len(row) == 1] for rows in splits)
    if len(train) < 100 or len(dev) < 30 or len(train[0]) < 2:
        return None
    best: dict[str, Any] = {"gain": 0.0}
    counts = [_counts(rows) for rows in splits]
    for pair in pairs[:6]:
        for first, second in ((pair["first"], pair["second"]), (pair["second"], pair["first"])):
            ours, theirs = _decoder(maps[first]), _decoder(maps[second])
            if not _covers(counts[0], ours) or not _covers(counts[1], theirs):
                continue
            known = _Following([[ours.get(i) for i in row] for row in train[: 4 * len(train) // 5]])
            one = np.array([known.likely([ours.get(i) for i in row]) for row in dev])
            two = np.array([known.likely([theirs.get(i) for i in row]) for row in dev])
            gain = float((two - one).mean())
            if gain > best["gain"]:
                rest = [known.likely([ours.get(i) for i in row]) for row in train[4 * len(train) // 5 :]]
                error = float((two - one).std() / len(dev) ** 0.5)
                best = {"gain": gain, "sure": gain / max(error, 1e-9), "first": first, "second": second}
                best |= {"as_one": float(one.mean()), "as_two": float(two.mean()), "expected": float(np.mean(rest))}
    return best


class _Following:
    """How likely a word is after another, by counts; what was not seen falls back on how frequent it is."""

    def __init__(self, rows: list[list[str | None]]) -> None:
        self.words = Counter(w for row in rows for w in row)
        self.pairs = Counter(p for row in rows for p in zip(row, row[1:]))
        self.before = Counter(w for row in rows for w in row[:-1])
        self.total = sum(self.words.values())

    def likely(self, row: list[str | None]) -> float:
        """The mean log-probability of a row's words, each after the one before."""
        share = [(self.words[w] + 0.5) / (self.total + 0.5 * len(self.words)) for w in row]
        after = [(self.pairs[a, b] + s) / (self.before[a] + 1) for a, b, s in zip(row, row[1:], share[1:])]
        return float(np.log([*share[:1], *after]).mean()) if row else 0.0


def _expected(shares: dict[str, float], size: int) -> float:
    """How alike the same words are in as few texts as the evaluation has, by chance alone."""
    shared = np.array(list(shares.values()))
    drawn = np.random.default_rng(0).multinomial(size, shared / shared.sum()) / size
    return float(np.minimum(shared, drawn).sum())


def _decoder(mapping: dict[str, int]) -> dict[int, str]:
    return {i: w for w, i in mapping.items()}


def _covers(counts: Counter[int], words: dict[int, str]) -> bool:
    """Whether a mapping may have encoded these ids: next to all of them stand for one of its words."""
    return sum(n for i, n in counts.items() if i in words) > 0.85 * sum(counts.values())


def _shares(counts: Counter[int], words: dict[int, str]) -> dict[str, float]:
    total = sum(counts.values())
    return {words[i]: n / total for i, n in counts.items() if i in words}


def _overlap(a: dict[str, float], b: dict[str, float]) -> float:
    return sum(min(share, b.get(word, 0.0)) for word, share in a.items())


def _counts(rows: Rows | None) -> Counter[int]:
    """How often ids were fed; of single words without their neighbours."""
    texts = rows.texts if rows is not None else []
    alone = len(texts[0]) == 3 and len(texts[0][0]) == 1 if texts else False
    return Counter(i for row in texts for text in (row[:1] if alone else row) for i in text)


def _by_counts(bench: Bench) -> dict[str, Any] | None:
    """Words and ids that occur as often, and in as many rows, as no other: do both splits give a word the same id?"""
    told = []
    for rows in (bench.split.train, bench.split.dev):
        found = _told(bench, rows)
        if found is None:
            return None
        told.append(found)
    shared = set(told[0]) & set(told[1])
    if len(shared) < LEAST:
        return None
    same = [w for w in shared if told[0][w] == told[1][w]]
    examples = [[w, told[0][w], told[1][w]] for w in sorted(shared - set(same))[:5]]
    return {"words": len(shared), "same": len(same) / len(shared), "examples": examples}


def _by_columns(bench: Bench) -> dict[str, Any] | None:
    """Are the columns that many rows use in training those that many use in evaluation, as they are in parts of it?

    Of the calls that evaluate, the one whose columns are least alike; beside it as many rows of training and the rest.
    """
    every = {id(b): b for b in (*bench.recorder.batches, *bench.recorder.late) if b.used is not None}.values()
    train = [b for b in bench.split.training[: bench.split.first_epoch] if b.used is not None]  # no row comes twice
    last = max((b.step for b in every if not b.training), default=-1)
    groups: dict[tuple[int, ...], list[Batch]] = {}
    for batch in every:
        if not batch.training and batch.step == last and train and _fed_alike(batch, train[0]):
            groups.setdefault(batch.called_at, []).append(batch)
    best: dict[str, Any] | None = None
    for group in groups.values():
        used, rows = _used(group)
        if rows < LEAST_ROWS:
            continue
        part, rest = _parted([b for b in train if _fed_alike(b, train[0])], rows)
        if not part or not rest or (used > 0).sum() < LEAST_COLUMNS:
            continue
        known = _used(rest)[0]
        alike, expected = spearman(known, used), spearman(known, _used(part)[0])
        if np.isfinite([alike, expected]).all() and (best is None or alike < best["alike"]):
            best = {"alike": alike, "expected": expected, "rows": rows, "width": len(known)}
    return best


def _fed_alike(one: Batch, other: Batch) -> bool:
    """Whether two batches went into one model, rows of one width."""
    return (
        one.root is other.root
        and one.used is not None
        and other.used is not None
        and len(one.used[0]) == len(other.used[0])
    )


def _parted(batches: list[Batch], rows: int) -> tuple[list[Batch], list[Batch]]:
    """Batches of about so many rows, at most half of them, and the others."""
    held = np.cumsum([b.used[1] for b in batches if b.used is not None])
    many = min(int(np.searchsorted(held, rows)) + 1, len(batches) // 2)
    return batches[:many], batches[many:]


def _used(batches: list[Batch]) -> tuple[np.ndarray, int]:
    """How many rows of these batches use each column, and how many rows they have."""
    counted = [b.used for b in batches if b.used is not None]
    return np.sum([used.numpy() for used, _ in counted], axis=0), sum(rows for _, rows in counted)


def _told(bench: Bench, rows: Rows) -> dict[str, int] | None:
    """Ids of words, told by how often they occur, from texts of which the program holds as many as it fed."""
    ids = _unique(texts[0] for texts in rows.texts)
    best: dict[str, int] = {}
    for _, texts, _ in corpora(bench):
        if len(texts) != len(rows) or bench.left < 3:
            continue
        if not all(isinstance(w, str) for t in texts[:20] for w in tokens_of(t)):  # ids are no words
            continue
        for cut in CUTS.values():
            words = _unique(cut(t) if isinstance(t, str) else tokens_of(t) for t in texts)
            found = {str(words[key]): ids[key] for key in words if key in ids}
            best = max(best, found, key=len)
            if not isinstance(texts[0], str):
                break
    return best if len(best) >= LEAST else None


def _unique(rows: Iterable[Iterable[Any]]) -> dict[tuple[int, int], Any]:
    """What occurs as often, in as many rows, as nothing else does."""
    often: Counter[Any] = Counter()
    wide: Counter[Any] = Counter()
    for row in rows:
        listed = list(row)
        often.update(listed)
        wide.update(set(listed))
    keys = Counter((n, wide[w]) for w, n in often.items())
    return {(n, wide[w]): w for w, n in often.items() if n >= 5 and keys[(n, wide[w])] == 1}
