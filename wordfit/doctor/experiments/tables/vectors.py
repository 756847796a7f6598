"""Do the rows of a table hold the vectors of the words they are said to stand for?

Words and rows come from the program's own mapping; the vectors from the files it opened, read once more with care,
and from the dictionaries it holds. Rows are taken as they were before the first step.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from wordfit.doctor.bench import Bench
from wordfit.doctor.experiments.tables.bare import bare_tables
from wordfit.doctor.experiments.tables.by_name import held_by_name
from wordfit.doctor.experiments.tables.coverage import coverage, token_counts, unknown_scale, unknown_share, zeros_fed
from wordfit.doctor.experiments.tables.dictionaries import dictionary, spelt_alike
from wordfit.doctor.experiments.tables.fills import (
    flips,
    held_still,
    left_out,
    matrices,
    pretrained_call,
    replaced,
    structure,
    unit,
    unwritten_rows,
    writes,
)
from wordfit.doctor.experiments.tables.sources import Truth, held_vectors, row_keys, vectors_in_files
from wordfit.doctor.experiments.texts.mappings import best_mapping, mappings, two_mappings
from wordfit.doctor.survey import sizes_of_vocabularies, wish_of

MOST_WORDS = 3000


def vectors(bench: Bench) -> dict[str, Any] | None:
    """Every table beside every mapping and source of vectors that may belong to it."""
    tables = tables_at_start(bench)
    maps = mappings(bench)
    files, held = vectors_in_files(bench), held_vectors(bench)
    if not tables and not files:  # with files and no table, vectors are made features of outside the model
        return None
    out: dict[str, Any] = {
        "mappings": [{"name": n, "size": len(m)} for n, m in maps][:8],
        "files": [
            {"name": Path(t.name).name, "words": len(t.words), "width": int(t.matrix.shape[1]), **t.notes}
            for t in files
        ],
        "held": [{"name": t.name, "words": len(t.words), "width": int(t.matrix.shape[1])} for t in held],
        "pretrained_calls": [pretrained_call(bench, c) for c in bench.recorder.from_pretrained[:6]],
        "tables": [],
        "dictionaries": [dictionary(h, f) for h in held for f in files],
        "two_mappings": two_mappings(maps),
        "header_mapped": [w for f in files for w in _header_words(bench, f, maps)],
        "narrow": [row for f in files for row in _narrow(bench, f, maps)],
        "pieces": [row for f in files for row in _pieces(f, maps, tables)],
        "empties": unwritten_rows(bench, tables),
        "bare": bare_tables(bench, tables),
        "writes": writes(bench, tables, files + held),
        "matrices": matrices(bench, tables),
        "flips": flips(bench),
        "replaced": replaced(bench),
        "left_out": left_out(bench),
        "held_still": held_still(bench),
        "held_by_name": held_by_name(bench),
        "wishes": [[n, wish_of(n, v)] for n, v in bench.recorder.found.get("flags", [])],
    }
    if tables:
        out["unknown"] = unknown_share(bench, tables[0][1], maps, files + held)
    elif files:
        out["unknown"] = zeros_fed(bench, files + held)
    for name, table in tables or _of_words(bench, files):
        mapping = best_mapping(maps, len(table))
        row: dict[str, Any] = {
            "table": name,
            "rows": len(table),
            "width": int(table.shape[1]),
            "mapping": mapping[0] if mapping else None,
        }
        row["across"] = {
            Path(t.name).name: {"width": int(t.matrix.shape[1]), "share": across_borders(table, t.matrix)}
            for t in files
            if t.matrix.shape[1] != table.shape[1]
        }
        if mapping:
            row["words"] = len(mapping[1])
            row["sources"] = [compare(bench, table, mapping[1], t) for t in files + held]
        out["tables"].append(row)
    return out


def _narrow(bench: Bench, file: Truth, maps: list[tuple[str, dict[str, int]]]) -> list[dict[str, Any]]:
    """Matrices with a row for every word of a file with a header, as wide as the header has values after its word."""
    if not file.notes.get("header") or file.matrix.shape[1] == 1:
        return []
    known = [m for _, m in maps if len(m) >= 50 and sum(w in file.place for w in m) >= 0.5 * len(m)]
    rows = {len(m) + more for m in known for more in (0, 1, 2)}
    held = [(n, np.shape(m)) for n, m in bench.recorder.found.get("matrices", [])]
    return [
        {"file": Path(file.name).name, "matrix": n, "width": 1}
        for n, s in held
        if len(s) == 2 and s[1] == 1 and s[0] in rows
    ]


def _pieces(
    file: Truth, maps: list[tuple[str, dict[str, int]]], tables: list[tuple[str, np.ndarray]]
) -> list[dict[str, Any]]:
    """Beginnings of words with spaces that look up the vector of such a word, though they are no words of the file."""
    if not file.notes.get("spaced_count"):
        return []
    starts = {w.split(" ")[0] for w in file.words if " " in w} - file.place.keys()
    found = []
    for name, mapping in maps:
        for _, table in tables:
            ids = [(w, i) for w, i in mapping.items() if w in starts and 0 <= i < len(table)]
            if len(ids) < 2 or table.shape[1] != file.matrix.shape[1]:
                continue
            owners = [(w, file.keys.get(key)) for (w, _), key in zip(ids, row_keys(table[[i for _, i in ids]]))]
            held = [(w, file.words[n]) for w, n in owners if n is not None and file.words[n].startswith(w + " ")]
            if len(held) >= 2:
                row = {"file": Path(file.name).name, "mapping": name, "rows": len(held), "of": len(ids)}
                found.append(row | {"examples": held[:5]})
    return found


def _header_words(bench: Bench, file: Truth, maps: list[tuple[str, dict[str, int]]]) -> list[str]:
    """The header's count, where it became a word of a mapping though no text holds it."""
    header = file.notes.get("header") or []
    if not header or header[0] in file.place:
        return []
    counts = token_counts(bench)
    near = [m for _, m in maps if header[0] in m and sum(w in file.place for w in m) >= 0.5 * len(m)]
    return [header[0] for m in near if not counts.get(m[header[0]])][:1]


def _of_words(bench: Bench, files: list[Truth]) -> list[tuple[str, np.ndarray]]:
    """Matrices with a row for every word of a mapping, as wide as a file's vectors: texts are made features of them."""
    sizes, widths = sizes_of_vocabularies(bench.recorder.found), {t.matrix.shape[1] for t in files}
    found: dict[int, tuple[str, np.ndarray]] = {}
    for name, matrix in bench.recorder.found.get("matrices", []):
        if matrix.shape[0] in sizes and matrix.shape[1] in widths:
            values = matrix.detach().cpu().numpy() if isinstance(matrix, torch.Tensor) else matrix
            if values.dtype.kind == "f":  # an array and the tensor that was made of it are one
                found.setdefault(values.ctypes.data, (name, values.astype(np.float32)))
    return list(found.values())[:2]


def tables_at_start(bench: Bench) -> list[tuple[str, np.ndarray]]:
    """The tables as they were before the first step; if there was none, as they are."""
    found, done = [], set()
    first = bench.case.lookups[:1] if bench.case is not None else []  # of words, however few have an id
    looked_up = {id(bench.case.tape.leaves.get(slot)) for _, _, slot in first} if bench.case is not None else set()
    for model in bench.names.models:
        for module in model.modules():
            if (
                isinstance(module, (nn.Embedding, nn.EmbeddingBag))
                and id(module.weight) not in done
                and (len(module.weight) >= 16 or id(module.weight) in looked_up)
            ):
                done.add(id(module.weight))
                start = bench.recorder.start.get(id(module.weight))
                weight = start[1] if start is not None else module.weight.detach()
                found.append((bench.names.weight(module.weight), weight.float().cpu().numpy()))
    if bench.case is not None:
        for _, _, slot in bench.case.lookups:
            leaf = bench.case.tape.leaves.get(slot)
            long = leaf is not None and (len(leaf) >= 16 or id(leaf) in looked_up)
            if leaf is not None and leaf.dim() == 2 and id(leaf) not in done and long:
                done.add(id(leaf))
                start = bench.recorder.start.get(id(leaf))
                found.append((bench.names.weight(leaf), (start[1] if start else leaf.detach()).float().cpu().numpy()))
    return found


def compare(bench: Bench, table: np.ndarray, mapping: dict[str, int], truth: Truth) -> dict[str, Any]:
    """Rows beside the vectors of their words: right, another word's, or nobody's."""
    width, own = truth.matrix.shape[1], table.shape[1]
    counts = token_counts(bench)
    known = [(w, i) for w, i in mapping.items() if w in truth.place and 0 <= i < len(table)]
    unknown = [(w, i) for w, i in mapping.items() if w not in truth.place and 0 <= i < len(table)]
    row: dict[str, Any] = {
        "source": Path(truth.name).name,
        "known": len(known),
        "unknown": len(unknown),
        "width": int(width),
    }
    held_otherwise = _hold_a_vector(table, unknown, truth)
    row |= coverage(mapping, truth, counts, unknown, held_otherwise)
    row["held_otherwise"] = len(held_otherwise)
    unknown = [(w, i) for w, i in unknown if w not in held_otherwise]
    if not known:
        return row
    known = known[:MOST_WORDS]
    rows = np.array([i for _, i in known])
    held = table[rows]
    places = np.array([truth.place[w] for w, _ in known])
    if width != own:
        return row | _other_width(held, truth, places, table)
    want = truth.matrix[places]
    held = _back_from_centre(held, want, truth)
    want = _centred_as(held, want, truth)
    cosine = (unit(held) * unit(want)).sum(1)
    zero = (np.linalg.norm(held, axis=1) < 1e-9) & (np.linalg.norm(want, axis=1) > 1e-9)
    right = (cosine > 0.99) | (np.linalg.norm(want, axis=1) < 1e-9)
    row |= {"right": float(right.mean()), "zero": float(zero.mean()), "median_cosine": float(np.median(cosine))}
    weight = np.array([counts.get(i, 0) + 1e-9 for i in rows])
    row["right_tokens"] = float((right * weight).sum() / weight.sum())
    row["scale"] = (
        float(
            np.median(np.linalg.norm(held[right], axis=1)) / max(np.median(np.linalg.norm(want[right], axis=1)), 1e-9)
        )
        if right.any()
        else None
    )
    spaced = np.array([" " in w for w, _ in known])
    if spaced.any() and not spaced.all():
        held_right = {"right": float(right[spaced].mean()), "others_right": float(right[~spaced].mean())}
        row["with_spaces"] = {"known": int(spaced.sum()), **held_right}
    wrong = np.flatnonzero(~right & ~zero).tolist()
    row["others"] = _whose(held, wrong, known, truth, weight, mapping, table)
    row["structure"] = structure(held, want)
    row["unknown_scale"] = unknown_scale(table, unknown, held[right], counts, bench)
    return row


def _back_from_centre(held: np.ndarray, want: np.ndarray, truth: Truth) -> np.ndarray:
    """Rows that lost their mean, put back where the source has it, if nearly all are vectors of the source then."""
    moved = want.mean(0) - held.mean(0)
    if len(held) < 20 or float(np.abs(moved).max()) < 1e-4:
        return held
    back: np.ndarray = held + moved
    some = slice(0, 500)
    found = [np.mean([key in truth.keys for key in row_keys(rows[some])]) for rows in (held, back)]
    return back if found[1] > 0.9 > 2 * found[0] else held


def _centred_as(held: np.ndarray, want: np.ndarray, truth: Truth) -> np.ndarray:
    """The vectors of rows without the mean that they lost, where next to all rows point as their own do then.

    Rows that were centred and then scaled to one length cannot be put back.
    """
    if len(held) < 20 or np.mean((unit(held) * unit(want)).sum(1) > 0.99) > 0.1:
        return want
    centred = [np.asarray(want - centre) for centre in (want.mean(0), truth.matrix.mean(0))]
    best = max(centred, key=lambda vectors: float((unit(held) * unit(vectors)).sum(1).mean()))
    return best if np.mean((unit(held) * unit(best)).sum(1) > 0.99) > 0.9 else want


def _hold_a_vector(table: np.ndarray, unknown: list[tuple[str, int]], truth: Truth) -> set[str]:
    """Words that the source lacks as they are, but whose rows hold a vector of it: they were found otherwise."""
    if truth.matrix.shape[1] != table.shape[1] or not unknown:
        return set()
    keys = row_keys(table[[i for _, i in unknown]])
    return {w for (w, i), key in zip(unknown, keys) if any(key) and key in truth.keys}


def _whose(
    held: np.ndarray,
    wrong: list[int],
    known: list[tuple[str, int]],
    truth: Truth,
    weight: np.ndarray,
    mapping: dict[str, int],
    table: np.ndarray,
) -> dict[str, Any]:
    """Of the rows that do not hold their word's vector: do they hold another word's?"""
    found: Counter[str] = Counter()
    offsets: Counter[int] = Counter()
    examples: list[list[str]] = []
    variant_weight = 0.0
    places = row_keys(held[wrong[:2000]]) if wrong else []
    for k, key in zip(wrong[:2000], places):
        word, row = known[k]
        place = truth.keys.get(key)
        if place is None:
            found["nobody"] += 1
            continue
        other = truth.words[place]
        kind = _kind_of(other, word, later=place > truth.place[word])
        found[kind] += 1
        variant_weight += weight[k] * (kind == "variants")
        if other in mapping:
            offsets[mapping[other] - row] += 1
        if len(examples) < 6:
            examples.append([word, other])
    top = offsets.most_common(1)
    if top and found["variants"] and top[0][0] != 0 and top[0][1] > 0.6 * (found["variants"] + found["other_words"]):
        found["other_words"] += found.pop("variants")  # neighbours in a sorted list are spelt alike as well
    return {
        "wrong": len(wrong),
        "variants": found["variants"],
        "variant_tokens": float(variant_weight / weight.sum()),
        "pieces": found["pieces"],
        "other_words": found["other_words"],
        "nobody": found["nobody"],
        "examples": examples,
        "offset": top[0][0] if top else None,
        "offset_share": top[0][1] / max(found["other_words"], 1) if top else 0.0,
    }


def _kind_of(other: str, word: str, later: bool) -> str:
    """What a row's true owner is to the word that looks it up."""
    if other.split(" ")[0] == word and " " in other:
        return "pieces"
    if spelt_alike(other, word) or (later and len(word) > 2 and other.lower().startswith(word.lower())):
        return "variants"
    return "other_words"


def _other_width(held: np.ndarray, truth: Truth, places: np.ndarray, table: np.ndarray) -> dict[str, Any]:
    """The table is wider or narrower than the source: cut, filled up, or read across word borders?"""
    own, width = held.shape[1], truth.matrix.shape[1]
    least = min(own, width)
    return {
        "table_width": int(own),
        "cut_share": float(_begin_alike(held[:, :least], truth.matrix[places][:, :least]).mean()),
        "across": across_borders(table, truth.matrix),
        "beyond": _beyond(held, least),
        "structure": structure(held, truth.matrix[places]),
    }


def _begin_alike(held: np.ndarray, want: np.ndarray) -> np.ndarray:
    """Which rows begin as their words' vectors do, up to scale; so few numbers that any are alike must be the same."""
    if held.shape[1] < 3:
        return np.isclose(held, want, rtol=1e-4, atol=1e-7).all(1)  # type: ignore[no-any-return]
    return (unit(held) * unit(want)).sum(1) > 0.99  # type: ignore[no-any-return]


def _beyond(held: np.ndarray, least: int) -> float:
    """Share of rows that hold values of their own beyond the source's width: more than a vector that was filled up."""
    rest = held[:, least:]
    if not rest.shape[1]:
        return 0.0
    return float(((rest != 0).any(1) & (rest != np.median(rest, axis=0)).any(1)).mean())


def across_borders(table: np.ndarray, matrix: np.ndarray) -> float:
    """Share of some rows whose values stand one after the other in a source, but not as the beginning of one vector.

    Up to scale: rows may have been brought to one length after they were read.
    """
    flat = matrix[:400_000].reshape(-1)
    width, own = matrix.shape[1], table.shape[1]
    if own < 4 or own > len(flat):
        return 0.0
    kept = np.flatnonzero((np.abs(table) > 1e-6).all(1))
    drawn = np.random.default_rng(0).choice(
        kept, min(len(kept), 24), replace=False
    )  # evenly spaced rows may all be odd
    rows = table[drawn] if len(kept) >= 16 else table[:0]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = flat[1:] / flat[:-1]
    ratios = ratios[: len(flat) - own + 1]  # of the first two values of every stretch
    found = 0
    for row in rows:
        own_ratios = row[1:] / row[:-1]
        starts = np.flatnonzero(np.abs(ratios - own_ratios[0]) < 1e-4 * abs(own_ratios[0]))
        starts = starts[np.isclose(flat[starts + 2] * row[1], flat[starts + 1] * row[2], rtol=1e-3, atol=1e-6)]
        fits = [s for s in starts.tolist() if (unit(flat[None, s : s + own]) * unit(row[None])).sum() > 0.99999]
        found += any(s % width + own > width or s % width for s in fits)
    return found / max(len(rows), 1)
