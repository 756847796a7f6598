"""What if rows were paired or cut otherwise? A plain learner tries other pairings and whole texts."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from wordfit.doctor.bench import Bench
from wordfit.doctor.experiments.texts.bags import bags
from wordfit.doctor.experiments.texts.corpora import (
    ROWS,
    Columns,
    corpora,
    joined_at_ends,
    plain_value,
    rows_held,
    rows_read,
    spelled,
    tokens_of,
)
from wordfit.doctor.experiments.texts.data import words_fed
from wordfit.doctor.experiments.texts.mappings import mappings

MOST = 2000  # rows that a plain learner is tried on


def pairing(bench: Bench) -> dict[str, Any] | None:
    """If the rows as fed hold no signal: does another pairing of texts and labels that the program held have one?"""
    reference = bench.facts.get("reference") or {}
    if "crossed" not in reference or reference.get("of") != "rows" or bench.left < 4:
        return None
    if reference["crossed"] > reference["crossed_majority"] + 0.25 or reference["crossed"] > 0.97 or _learned(bench):
        return None
    best: dict[str, Any] = {
        "fed": reference["crossed"],
        "majority": reference["crossed_majority"],
        "best": 0.0,
        "tried": 0,
    }
    if bench.split.train.values:
        return _numbers_paired(bench, best)
    fed_shares = _shares(bench.split.train.labels)
    for name, texts, labels in [*joined_at_ends(bench)[:3], *corpora(bench)]:
        if bench.left < 3 or best["tried"] >= 8:
            break
        labels_fed = bench.split.train.labels
        kinds = {str(int(v)) for v in set(labels_fed.tolist())} if labels_fed is not None else set()
        if kinds < {str(plain_value(v)) for v in labels}:  # the program left classes out
            chosen = [(t, y) for t, y in zip(texts, labels) if str(plain_value(y)) in kinds]
            texts, labels = [t for t, _ in chosen], [y for _, y in chosen]
        if not _same_labels(fed_shares, _shares([plain_value(v) for v in labels])):
            continue
        score, majority = _score(list(texts[:MOST]), list(labels[:MOST]))
        best["tried"] += 1
        if score - majority > max(best["best"] - best.get("majority_of_best", 0.0), chance(majority, len(labels))):
            best |= {"best": score, "pairing": name, "majority_of_best": majority}
    silent = reference["crossed"] < reference["crossed_majority"] + 0.05
    best |= _alike(bench) | _beside_their_texts(bench, rows_read(bench) if silent else [])
    best["gain"] = (best["best"] - best.get("majority_of_best", 0)) - max(
        reference["crossed"] - reference["crossed_majority"], 0.0
    )
    return best if best["tried"] or "matched" in best else None


def chance(majority: float, rows: int) -> float:
    """How far above the majority's share a learner of nothing may come on so many rows, with several tried: 3 errors.

    The standard error of a share (binomial); at most `MOST` rows are tried.
    """
    return float(3 * np.sqrt(majority * (1 - majority) / max(min(rows, MOST), 1)))


def _beside_their_texts(bench: Bench, read: Sequence[Columns] = ()) -> dict[str, Any]:
    """Rows that were fed, found again among rows of (text, label): is the label the same?

    They are found by where their words repeat, or by the ids of their words that have one. The share is that of the
    label which goes best with each that was held, of the column that agrees best: what the program calls its classes
    does not matter. Of files that were read, columns of labels that are as frequent are asked.
    """
    fed, labels = bench.split.train.texts[:ROWS], bench.split.train.labels
    if labels is None:
        return {}
    rows = [t[0] for t in fed]
    best: dict[str, Any] = {}
    shares = _shares(labels)
    for texts, columns in [
        *rows_held(bench),
        *((texts, [c for c in columns if _same_labels(shares, _shares(c))]) for texts, columns in read),
    ]:
        for patterns, cuts in _written_alike(bench, rows, texts):
            known = Counter(cuts)
            place = {pattern: n for n, pattern in enumerate(cuts) if known[pattern] == 1 and len(pattern) > 3}
            pairs = [(place[p], y) for p, y in zip(patterns, labels.tolist()) if p in place]
            if len(pairs) < max(100, 0.3 * len(fed)):
                continue
            majority = Counter(y for _, y in pairs).most_common(1)[0][1] / len(pairs)
            for column in columns:
                together = Counter((column[n], y) for n, y in pairs)
                agree = sum(max(c for (h, _), c in together.items() if h == held) for held in {h for h, _ in together})
                if agree / len(pairs) > best.get("agree", 0.0):
                    best = {"matched": len(pairs), "agree": agree / len(pairs), "agree_by_chance": majority}
    return best


Written = tuple[list[tuple[int, ...]], list[tuple[int, ...]]]


def _written_alike(bench: Bench, rows: list[tuple[int, ...]], texts: list[str]) -> Iterator[Written]:
    """Rows of ids and texts in one way of writing: as they are, by what repeats in them, or by words that are known."""
    if all(word.isdigit() for text in texts[:50] for word in text.split()):  # ids that were written out
        yield rows, [tuple(map(int, text.split())) for text in texts]
        return
    for cut in (str.split, list):
        yield [repeats(row) for row in rows], [repeats(cut(text)) for text in texts]
    words = [text.split() for text in texts]
    told = {word for text in words for word in text}
    for _, mapping in mappings(bench)[:2]:
        ids = {i for word, i in mapping.items() if word in told}
        shared = [tuple(i for i in row if i in ids) for row in rows]
        yield shared, [tuple(mapping[word] for word in text if word in mapping) for text in words]


def repeats(words: Iterable[Any]) -> tuple[int, ...]:
    """Which words of a text are the same, whatever they are: each by the number of its first place."""
    seen: dict[Any, int] = {}
    return tuple(seen.setdefault(word, len(seen)) for word in words)


def _numbers_paired(bench: Bench, best: dict[str, Any]) -> dict[str, Any] | None:
    """Rows of numbers in the order they had before they were shuffled, beside lists of labels as long."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score

    corpora(bench)
    width = len(bench.split.train.values[0])
    for name, rows in bench.recorder.shuffled:
        if not isinstance(rows[0], np.ndarray) or rows[0].shape != (width,):
            continue
        for other, labels in bench.memo["lists"][1][:6]:
            y = np.array([str(plain_value(v)) for v in labels[:MOST]])
            kinds = Counter(y.tolist())
            if len(labels) != len(rows) or len(kinds) < 2 or min(kinds.values()) < 3 or bench.left < 3:
                continue
            x = np.stack(rows[:MOST]).astype(float)
            x = (x - x.mean(0)) / (x.std(0) + 1e-6)
            score = float(cross_val_score(LogisticRegression(max_iter=60), x, y, cv=3).mean())
            majority = kinds.most_common(1)[0][1] / len(y)
            best["tried"] += 1
            if score - majority > max(best["best"] - best.get("majority_of_best", 0.0), chance(majority, len(y))):
                name = f"{name} before it was shuffled with {other}"
                best |= {"best": score, "pairing": name, "majority_of_best": majority}
    best |= {"kinds_fed": width, "kinds_held": width, "words_a_row_fed": width, "words_a_row_held": width}
    best["gain"] = best["best"] - best.get("majority_of_best", 0.0) - max(best["fed"] - best["majority"], 0.0)
    return best if best["tried"] else None


def _learned(bench: Bench) -> bool:
    """Whether the model itself answers the evaluation far better than by its majority: then labels are in order."""
    dev = (bench.facts.get("data") or {}).get("dev") or {}
    share = (dev.get("majority") or {}).get("share", 1.0)
    return dev.get("balanced", 0.0) > 1 / max(len(dev.get("classes") or [0]), 1) + 0.08 and bool(
        dev.get("accuracy", 0.0) > share + 0.03 + 3 * (0.25 / max(dev["rows"], 1)) ** 0.5
    )


def _score(texts: list[Any], labels: list[Any], cut: int | None = None) -> tuple[float, float]:
    """Accuracy of a plain learner by cross-validation, and of the majority."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score

    place = {v: i for i, v in enumerate(sorted({plain_value(v) for v in labels}, key=str))}
    y = np.array([place[plain_value(v)] for v in labels])
    counts = Counter(y.tolist())
    majority = counts.most_common(1)[0][1] / len(y)
    if len(counts) < 2 or min(counts.values()) < 3:
        return majority, majority
    x, _ = bags([(tokens_of(t, cut),) for t in texts])
    often = np.diff(x.tocsc().indptr) > 1  # a word of one row teaches nothing about others, and takes time
    x = x[:, often] if often.any() else x
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(cross_val_score(LogisticRegression(max_iter=60), x, y, cv=3).mean()), majority


def _shares(labels: Any) -> list[float]:
    counts = Counter(list(labels) if labels is not None else [])
    total = sum(counts.values()) or 1
    return sorted((n / total for n in counts.values()), reverse=True)


def _same_labels(a: list[float], b: list[float]) -> bool:
    """As many classes, about as frequent: the same labels, only joined otherwise."""
    if abs(len(a) - len(b)) > 1:
        return False
    width = max(len(a), len(b))
    pairs = zip(a + [0.0] * (width - len(a)), b + [0.0] * (width - len(b)))
    return sum(abs(x - y) for x, y in pairs) / 2 < 0.12


def _alike(bench: Bench) -> dict[str, Any]:
    """Whether the rows as fed hold as many words, and as many different ones, as the texts that the program held."""
    fed = [t[0] for t in bench.split.train.texts[:ROWS]]
    fed_kinds = len({i for t in fed for i in t})
    sizes, kinds = [], []
    for _, texts, _ in corpora(bench)[:12]:
        words = [tokens_of(t) for t in list(texts[:ROWS])]
        sizes.append(float(np.mean([len(w) for w in words])))
        kinds.append(len({w for t in words for w in t}))
    if not sizes:
        return {}
    return {
        "words_a_row_fed": float(np.mean([len(t) for t in fed])),
        "words_a_row_held": max(sizes),
        "kinds_fed": fed_kinds,
        "kinds_held": max(kinds),
    }


def truncation(bench: Bench) -> dict[str, Any] | None:
    """Rows are cut: would a plain learner find more in the whole texts that the program holds?"""
    lengths = (bench.facts.get("data") or {}).get("lengths") or {}
    if words_fed(bench) is not None:  # every word has a class of its own: what is cut off decides nothing
        return None
    if not lengths or lengths["max"] < 3 or bench.split.train.values or bench.left < 4:
        return None
    at_one_length = lengths["at_max"] >= 0.3
    if not at_one_length and _learned(bench):
        return None
    whole_rows = [sum(map(len, row)) for row in bench.split.train.texts[:ROWS]]  # of all the texts of a pair
    several = len(bench.split.train.texts[0]) > 1
    longest = max(whole_rows) if several else lengths["max"]
    length, best = int(longest if at_one_length else np.median(whole_rows)), None
    fed = _shares(bench.split.train.labels)
    held = (spelled(bench) or corpora(bench))[:8]
    if "target" in (bench.facts.get("data") or {}).get("train", {}):  # scores: classes beside them ask something else
        held = [c for c in held if any(not _is_whole(plain_value(v)) for v in c[2][:ROWS])]
    for name, texts, labels in sorted(
        held, key=lambda c: not _same_labels(fed, _shares(list(map(plain_value, c[2][:ROWS]))))
    ):
        some, y = _unpadded(list(texts[:ROWS]), bench.split.padding), list(labels[:ROWS])
        letters = isinstance(some[0], str) and " " not in some[0]
        sizes = [len(t) if letters else len(tokens_of(t)) for t in some]
        if len(set(bench.split.train.texts)) > 1.2 * len(texts):  # texts were cut into windows, and all are fed
            continue
        cut = float(np.mean([s > (length if at_one_length else 1.6 * length) for s in sizes]))
        if cut < (0.3 if at_one_length else 0.6) or bench.left < 3:
            continue
        short, whole = ([_pieces(t[:n]) for t in some] for n in (length, None)) if letters else (some, some)
        found, majority = _score(whole, y)
        left, _ = _score(short, y, cut=None if letters else length)
        row: dict[str, Any] = {
            "texts": name,
            "length": length,
            "longest": max(sizes),
            "cut_share": cut,
            "at_one_length": at_one_length,
            "whole": found,
            "cut": left,
            "majority": majority,
            "gain": found - left,
        }
        if best is None or row["gain"] > best["gain"]:
            best = row
        if best["gain"] > 0.1:  # seldom more in other texts, and each costs time
            break
    return best


def _is_whole(value: Any) -> bool:
    return isinstance(value, str) or float(value).is_integer()


def _unpadded(texts: list[Any], padding: int | None) -> list[Any]:
    """Texts; of rows of ids, which are filled up to one width, without what fills them up."""
    if padding is None or isinstance(texts[0], str) or len({len(t) for t in texts}) > 1:
        return texts
    rows = [tokens_of(t) for t in texts]
    return [[i for i in row if i != padding] for row in rows] if all(isinstance(i, int) for i in rows[0]) else texts


def _pieces(word: str) -> list[str]:
    """The letters of a word, and two and three of them together."""
    return [word[i : i + n] for n in (1, 2, 3) for i in range(len(word) - n + 1)]
