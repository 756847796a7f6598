"""How many of the words that occur have a vector, and how many more would if they were written or cut otherwise."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch

from wordfit.doctor.bench import Bench
from wordfit.doctor.experiments.tables.sources import Truth, row_keys
from wordfit.doctor.experiments.texts.corpora import CUTS, read_columns
from wordfit.doctor.experiments.texts.mappings import SPECIAL, best_mapping, mappings

LETTERS = re.compile(r"[^\W\d_]+")
ALIKE = 0.3  # of the rows fed, that are one and the same
MIXED = 0.7  # cosine of a word's vector with a row made of several
UNKNOWN = re.compile(r"unk|oov|unknown|missing", re.IGNORECASE)


def unknown_share(
    bench: Bench, table: np.ndarray, maps: list[tuple[str, dict[str, int]]], sources: list[Truth]
) -> dict[str, Any] | None:
    """How many of the ids fed stand for no word, beside the raw texts' words with a vector if cut otherwise."""
    counts = token_counts(bench)
    if len(counts) > 1:
        counts.pop(bench.split.padding, None)  # type: ignore[arg-type]
    total = sum(counts.values())
    if not total or not sources:
        return None
    mapping = best_mapping(maps, len(table))
    if mapping is None and len(table) < 8 and len(counts) == 1:  # no word has an id of its own
        mapping = ("", {})
    if mapping is None:
        return None
    values = set(mapping[1].values())
    named = {i for w, i in mapping[1].items() if UNKNOWN.search(w) and SPECIAL.match(w)}
    if not named:
        strays = {i: n for i, n in counts.items() if i not in values}
        named = {max(strays, key=lambda i: strays[i])} if strays else set()
    unknown = sum(counts.get(i, 0) for i in named) / total
    texts = raw_texts(bench)
    lost = _lost_words(bench, mapping[1], max(sources, key=lambda t: len(t.words)), table)
    out: dict[str, Any] = {
        "share": unknown,
        "ids": sorted(named)[:3],
        "mapping": mapping[0],
        "texts": texts[0] if texts else None,
        "lost": lost,
        "unspaced": _unspaced(bench, max(sources, key=lambda t: len(t.words))) if not texts else None,
    }
    if texts:
        truth = max(sources, key=lambda t: len(t.words))
        out |= _of_texts(texts[1], truth) | _words_a_row(bench, texts[1], truth)
        out["beyond"] = _beyond(texts[1], mapping[1], counts)
    return out


def _beyond(texts: list[list[str]], mapping: dict[str, int], counts: Counter[int]) -> float:
    """Share of tokens whose id is above all that were fed, where next to all of the others were: so many were left out.

    A model that knows the most frequent words alone is small on purpose.
    """
    ids = Counter(mapping[w] for text in texts for w in text if w in mapping)
    last = max(counts)
    held = {i: n for i, n in ids.items() if i <= last}
    met = sum(n for i, n in held.items() if i in counts)
    if len(held) < 100 or met < 0.95 * sum(held.values()):
        return 0.0
    return (sum(ids.values()) - sum(held.values())) / max(sum(map(len, texts)), 1)


def zeros_fed(bench: Bench, sources: list[Truth]) -> dict[str, Any] | None:
    """Vectors that are fed in place of ids: how many are zeros, beside the texts' words with one if cut otherwise.

    Zeros at the end of a sequence are padding. A row for a text may have been scaled since: most are one and the same
    then, where few words were found.
    """
    texts, truth = raw_texts(bench), max(sources, key=lambda t: len(t.words))
    width = truth.matrix.shape[1]
    fed = [t for b in bench.split.training[:100] for t in b.inputs if t.is_floating_point() and t.dim() in (2, 3)]
    fed = [t for t in fed if t.shape[-1] == width or (t.dim() == 2 and t.shape[-1] % width == 0)]
    fed = [t for t in fed if t.shape[-1] == fed[0].shape[-1]]
    rows = [t for t in fed if t.dim() == 2]
    kinds, many = torch.cat(rows).unique(dim=0, return_counts=True) if rows else (torch.zeros(1, 1), torch.zeros(1))
    alike = float(many.max() / many.sum().clamp(min=1))
    empty = [torch.zeros(1), *([kinds[many.argmax()]] if alike > ALIKE else [])]
    zeros = [torch.stack([(t == e).all(-1) for e in (empty if t.dim() == 2 else empty[:1])]).any(0) for t in fed]
    if not zeros or not texts:
        return None
    inside = [z.flip(-1).long().cumprod(-1).flip(-1) == 0 if z.dim() == 2 else torch.ones_like(z) for z in zeros]
    count, within = sum(int(i.sum()) for i in inside), sum(int((z & i).sum()) for z, i in zip(zeros, inside))
    return {"share": within / max(count, 1), "alike": alike, "texts": texts[0]} | _of_texts(texts[1], truth)


def _of_texts(texts: list[list[str]], truth: Truth) -> dict[str, Any]:
    """How many of the words of texts have a vector, as they are and otherwise."""
    tokens: Counter[str] = Counter(w for t in texts for w in t)
    fake = {w: n for n, w in enumerate(tokens)}
    counts = Counter({n: tokens[w] for w, n in fake.items()})
    unknown = [(w, n) for w, n in fake.items() if w not in truth.place]
    found = coverage(fake, truth, counts, unknown)
    return {"source": Path(truth.name).name, "joined": _joined(texts, truth)} | found


def _words_a_row(bench: Bench, texts: list[list[str]], truth: Truth) -> dict[str, float]:
    """How many words a fed row has, and how many with a vector its text would have: as they are; the others cut too."""
    fed = [len(t) for row in bench.split.train.texts[:3000] if len(row) == 1 for t in row]
    if not fed:
        return {}
    known = [sum(w in truth.place for w in text) for text in texts]
    cut = [sum(w in truth.place or sum(p in truth.place for p in LETTERS.findall(w)) for w in text) for text in texts]
    return {
        "a_row_fed": float(np.mean(fed)),
        "a_row_known": float(np.mean(known)),
        "a_row_in_pieces": float(np.mean(cut)),
    }


def _unspaced(bench: Bench, truth: Truth) -> dict[str, Any] | None:
    """Texts without spaces, cut into the longest words that have a vector: how much of them do such words cover?"""
    best: dict[str, Any] | None = None
    longest = min(max((len(w) for w in truth.words), default=1), 12)
    for name, value in bench.recorder.found.get("texts", []):
        rows = [
            next((v for v in r if isinstance(v, str)), "") if isinstance(r, tuple) else r for r in list(value[:400])
        ]
        rows = [r for r in rows if isinstance(r, str) and len(r) >= 5 and " " not in r]
        if len(rows) < 30 or len(rows) < 0.8 * min(len(value), 400) or sum(r in truth.place for r in rows) > 3:
            continue
        words = [w for r in rows for w in _longest_words(r, truth, longest)]
        total, covered = sum(map(len, rows)), sum(map(len, words))
        whole = sum(len(w) for w in words if len(w) > 1)
        found = {"texts": name, "covered": covered / total, "in_words": whole / total, "examples": words[:8]}
        best = found if best is None or found["covered"] > best["covered"] else best
    return best


def _longest_words(text: str, truth: Truth, longest: int) -> list[str]:
    """Words with a vector, from left to right, the longest first; what begins none is passed over."""
    found, at = [], 0
    while at < len(text):
        word = next((text[at : at + n] for n in range(longest, 0, -1) if text[at : at + n] in truth.place), "")
        found += [word] if word else []
        at += max(len(word), 1)
    return found


def _lost_words(bench: Bench, mapping: dict[str, int], truth: Truth, table: np.ndarray) -> dict[str, Any] | None:
    """Frequent words of what was read that have a vector, if cut plainly, but no id: were they cut otherwise?

    Marks and numbers, function words, and words rarer than most that have an id, do not count: they may be left out on
    purpose; nor do words that share a row with others, as the forms of a stem do. Told for the texts, and the cut,
    that agree best with the mapping; nothing, where others agree far better that have no vectors, as texts of another
    language.
    """
    if _fed_single_words(bench):  # which nobody cut
        return None
    columns, _ = read_columns(bench)
    held = [(n, v) for n, v in bench.recorder.found.get("texts", []) if len(v) >= 30 and isinstance(v[0], str)]
    held = [(n, v) for n, v in held if np.mean([len(str(x).split()) for x in list(v)[:200]]) > 2]
    found: list[dict[str, Any]] = []
    best = 0.0
    words_of: dict[int, str] = {i: w for w, i in mapping.items() if w[:1].isalpha()}
    running = Counter({words_of[i]: n for i, n in token_counts(bench).items() if i in words_of})
    for name, texts in [*columns, *held][:6]:
        some = _spread_over(texts)
        for how in ("spaces", "words and marks"):
            counts = Counter(chain.from_iterable(map(CUTS[how], some)))
            counts = Counter({w: n for w, n in counts.items() if w[0].isalpha()})
            total = sum(counts.values())
            known = sum(n for w, n in counts.items() if w in truth.place)
            mapped = sorted(n for w, n in counts.items() if w in mapping)
            if total < 500 or len(mapped) < 20:
                continue
            best = max(best, sum(mapped) / total)
            if known < 0.6 * total:
                continue
            often = mapped[3 * len(mapped) // 4]
            fed = sum(n for w, n in running.items() if w in counts or w.lower() in counts)
            told = {w: n for w, n in counts.items() if n >= often and w in truth.place and not _is_function_word(w)}
            if len(told) < 20:
                continue
            words = {w: n for w, n in told.items() if w not in mapping}
            shared = _share_a_row(list(words), mapping, truth, table)
            words = {w: n for w, n in words.items() if w not in shared}
            folded, lost = {w.lower() for w in mapping}, sum(words.values())
            in_case = sum(n for w, n in words.items() if w.lower() in folded or w in folded)
            found.append(
                {
                    "share": min(lost / max(sum(told.values()), 1), len(words) / len(told)),
                    "texts": name,
                    "cut": how,
                    "known": known / total,
                    "mapped": sum(mapped) / total,
                    "words": sorted(words, key=lambda w: -words[w])[:8],
                    "in_other_case": in_case / max(lost, 1),
                    "fed_in_texts": fed / max(sum(running.values()), 1),
                }
            )
    return max((row for row in found if row["mapped"] > 0.5 * best), key=lambda row: row["mapped"], default=None)


def _share_a_row(words: list[str], mapping: dict[str, int], truth: Truth, table: np.ndarray) -> set[str]:
    """Those of some words whose vector points nearly as a row of the table does that holds no vector of a single word.

    Directions are told from the mean of all vectors, as which rows of no word may be filled.
    """
    rows = np.array(sorted({i for i in mapping.values() if 0 <= i < len(table)}), dtype=int)
    if not words or not len(rows) or truth.matrix.shape[1] != table.shape[1]:
        return set()
    mixed = [i for i, key in zip(rows, row_keys(table[rows])) if key not in truth.keys]
    mean = truth.matrix.mean(axis=0)
    held, own = (_directions(m - mean) for m in (table[mixed], truth.matrix[[truth.place[w] for w in words]]))
    near = (own @ held.T).max(axis=1, initial=0.0)
    return {w for w, cosine in zip(words, near) if cosine > MIXED}


def _directions(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def _spread_over(texts: Sequence[str], characters: int = 2_000_000) -> Sequence[str]:
    """At most 8,000 texts, and of long ones fewer, from the first to the last of them."""
    some = list(texts[:8000])
    return some[:: 1 + sum(map(len, some)) // characters]


def _fed_single_words(bench: Bench) -> bool:
    """Whether a row is a word: it is looked up in as many ids as there are targets."""
    case = bench.case
    if case is None or case.target is None or any(op.name == "embedding_bag" for op, _, _ in case.lookups):
        return False
    shapes = [case.tape.shapes[ids] for _, ids, _ in case.lookups]
    return 0 < len(shapes) < 3 and set(shapes) == {case.tape.shapes[case.target]}  # more are steps through a text


def _is_function_word(word: str) -> bool:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return len(word) < 3 or word.lower() in ENGLISH_STOP_WORDS


def _joined(texts: list[list[str]], truth: Truth) -> float:
    """Share of tokens with a vector of their own or, with a neighbour, as a phrase of the vector set."""
    covered = total = 0
    for words in texts[:3000]:
        total += len(words)
        held = [w in truth.place for w in words]
        for n, (a, b) in enumerate(zip(words, words[1:])):
            if any(a + mark + b in truth.place for mark in ("_", "-", " ")):
                held[n] = held[n + 1] = True
        covered += sum(held)
    return covered / max(total, 1)


def raw_texts(bench: Bench) -> tuple[str, list[list[str]]] | None:
    """The texts of the program in words, as it held them before they were encoded."""
    best = None
    for name, value in bench.recorder.found.get("texts", []):
        rows = []
        for item in list(value[:3000]):
            if isinstance(item, (tuple, list)) and item and not all(isinstance(v, str) for v in item):
                item = next(
                    (
                        v
                        for v in item
                        if isinstance(v, str) or (isinstance(v, (list, tuple)) and v and isinstance(v[0], str))
                    ),
                    None,
                )
            if isinstance(item, (tuple, list)) and 0 < len(item) < 7 and all(isinstance(v, str) for v in item):
                longest = max(item, key=len)
                item = longest if len(longest.split()) > 4 else item  # a row of columns, one of them a text
            if isinstance(item, str):
                item = item.split()
            if isinstance(item, (list, tuple)) and item and all(isinstance(v, str) for v in item):
                rows.append(list(item))
        if len(rows) >= 30 and np.mean([len(r) for r in rows]) > 1.5 and (best is None or len(rows) > len(best[1])):
            best = (name, rows)
    return best


def token_counts(bench: Bench) -> Counter[int]:
    """How often ids were fed in training.

    Where training is fed no ids, one taped step tells, in which tables are indexed; else the texts, which were made
    numbers before.
    """
    if "token counts" in bench.memo:
        return Counter(bench.memo["token counts"])
    counts: Counter[int] = Counter()
    for texts in bench.split.train.texts[:8000] if not bench.split.train.values else []:
        for text in texts[:2]:
            counts.update(text)
    if not counts and bench.case is not None:
        for _, ids, _ in bench.case.lookups:
            value = bench.case.value(ids)
            counts.update(value.reshape(-1).tolist() if value is not None and not value.is_floating_point() else [])
    if not counts and (held := raw_texts(bench)) is not None:  # made features of before training
        some = {word for text in held[1][:300] for word in text}
        known: dict[str, int] = max((m for _, m in mappings(bench)), key=lambda m: len(some & m.keys()), default={})
        counts.update(known[word] for text in held[1] for word in text if word in known)
    bench.memo["token counts"] = counts
    return Counter(counts)


HUMPS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+")
"""The words in a name that is written as one: openFile, HTTPServer."""


def coverage(
    mapping: dict[str, int],
    truth: Truth,
    counts: Counter[int],
    unknown: list[tuple[str, int]],
    held: set[str] | None = None,
) -> dict[str, Any]:
    """Share of tokens with a vector, by their own spelling or held by another, and what other spellings would add."""
    special = re.compile(r"^[<\[_].*[>\]_]$|^(pad|unk|PAD|UNK)$")
    words = {w: i for w, i in mapping.items() if not special.match(w) and w}
    total = sum(counts.get(i, 0) for i in words.values()) or 1
    by_type = max(len(words), 1)

    def share(find: Any) -> float:
        return sum(counts.get(i, 0) for w, i in words.items() if find(w)) / total

    def types(find: Any) -> float:
        return sum(1 for w in words if find(w)) / by_type

    has: Any = truth.place.keys() | held if held else truth.place
    lowered = {w.lower() for w in has} if len(has) < 2_000_000 else set()

    def plain(w: str) -> bool:
        return w in has

    def lower(w: str) -> bool:
        return w in has or w.lower() in has or w.lower() in lowered or w.title() in has or w.upper() in has

    def stripped(w: str) -> bool:
        if w in has:
            return True
        parts = [p for p in re.findall(r"\w+|[^\w\s]", w) if p]
        return (
            bool(parts)
            and len(parts) > 1
            and all(p in has for p in parts if p.isalnum())
            and any(p.isalnum() for p in parts)
        )

    def pieces(w: str) -> bool:
        if w in has:
            return True
        parts = [p for p in re.split(r"[^\w]+|_", re.sub(r"\d", "#", w)) if p]
        clitic = re.match(r"^(\w+)(n't|'\w+)$", w)
        return (
            bool(clitic and clitic.group(1) in has)
            or re.sub(r"\d", "#", w) in has
            or (len(parts) > 1 and all(p in has for p in parts))
            or (len(humps := HUMPS.findall(w)) > 1 and all(p in has or p.lower() in has for p in humps))
            or (w.startswith(("##", "▁", "Ġ")) and w.lstrip("#▁Ġ") in has)
            or w.replace("-", "_") in has
            or w.replace("_", " ") in has
            or w.replace("_", "-") in has
            or w.replace("'", "") in has
        )

    def mojibake(w: str) -> bool:
        if w in has:
            return True
        for wrong in ("latin-1", "cp1252"):
            try:
                if w.encode("utf-8").decode(wrong) in has or w.encode(wrong).decode("utf-8") in has:
                    return True
            except (UnicodeEncodeError, UnicodeDecodeError):
                continue
        return False

    return {
        "coverage": share(plain),
        "coverage_types": types(plain),
        "lower": share(lower),
        "changed_case": [share(lambda w, way=way: way(w) in has) for way in (str.title, str.upper, str.lower)],
        "stripped": share(stripped),
        "pieces": share(lambda w: pieces(w) or stripped(w)),
        "decoded": share(mojibake),
        "both": share(lambda w: lower(w) or stripped(w.lower()) or pieces(w.lower())),
        "missing": [
            w for w, i in sorted(unknown, key=lambda p: -counts.get(p[1], 0)) if not special.match(w) and w not in has
        ][:12],
        "lower_types": types(lower),
        "stripped_types": types(stripped),
        "pieces_types": types(lambda w: pieces(w) or stripped(w)),
    }


def unknown_scale(
    table: np.ndarray, unknown: list[tuple[str, int]], right: np.ndarray, counts: Counter[int], bench: Bench
) -> dict[str, Any] | None:
    """Norms of rows whose word has no vector beside rows that hold one."""
    pad = bench.split.padding
    rows = [i for w, i in unknown if i != pad]
    if len(rows) < 1 or not len(right):
        return None
    norms = np.linalg.norm(table[rows].astype(np.float64), axis=1)
    drawn = norms[norms > 1e-9]
    tokens = sum(counts.values()) or 1
    if not len(drawn):
        return {"rows": len(rows), "drawn": 0, "ratio": 0.0}
    return {
        "rows": len(rows),
        "drawn": len(drawn),
        "ratio": float(np.median(drawn) / max(np.median(np.linalg.norm(right, axis=1)), 1e-9)),
        "token_share": sum(counts.get(i, 0) for i in rows) / tokens,
        "largest": float(drawn.max()),
        "not_finite": int((~np.isfinite(norms)).sum()),
    }
