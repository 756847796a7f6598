"""What if rows were paired, cut, encoded or scored otherwise? Each experiment tries one other way on the same rows."""

from __future__ import annotations

import csv
import io
import itertools
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch

from wordfit.doctor.bench import Bench
from wordfit.doctor.experiments.data import _bags
from wordfit.doctor.experiments.vectors import mappings

ROWS = 3000


def corpora(bench: Bench) -> list[tuple[str, list[Any], list[Any]]]:
    """Lists of texts and of labels of one length among the program's objects, in every pairing."""
    found = bench.recorder.found
    lists: list[tuple[str, list[Any]]] = [(n, list(v)) for n, v in found.get("texts", [])]
    lists += [(f"{n} before it was shuffled", v) for n, v in bench.recorder.shuffled]
    texts, labels, out = [], [], []
    for name, value in lists:
        if len(value) < 40 or len(value) > 200_000:
            continue
        if all(isinstance(v, (tuple, list)) and 2 <= len(v) <= 6 for v in value[:20]) and (pair := _split(value)):
            out.append((name, *pair))
            texts.append((f"{name} (texts)", pair[0]))
            labels.append((f"{name} (labels)", pair[1]))
        elif all(isinstance(v, str) for v in value[:20]):
            words = [v.split() for v in value[:ROWS]]
            if np.mean([len(w) for w in words]) > 1.5:
                texts.append((name, value))
            elif len(set(value)) <= 60:
                labels.append((name, value))
        elif all(isinstance(v, (list, tuple, np.ndarray, torch.Tensor)) for v in value[:20]):
            texts.append((name, value))
    for name, value in [
        *found.get("numbers", []),
        *((n, v) for n, v in bench.recorder.shuffled if isinstance(v[0], int)),
    ]:
        if len(value) >= 40 and len({_plain(v) for v in list(value[:300])}) <= 60:
            labels.append((name, list(value)))
    for name, value in found.get("matrices", []):
        kind = getattr(value, "dtype", None)
        if kind in (torch.int64, torch.int32) or getattr(kind, "kind", "") in "iu":
            texts.append((name, value))
    out += _from_files(bench)
    out += [(f"{a} with {b}", t, y) for (a, t), (b, y) in itertools.product(texts, labels) if len(t) == len(y)]
    return out[:24]


def _from_files(bench: Bench) -> list[tuple[str, list[Any], list[Any]]]:
    """Texts and labels in the files that the program opened: columns of one file, or lines of two."""
    columns: list[tuple[str, list[str]]] = []
    for path, note in list(bench.recorder.files.items())[:20]:
        source = Path(note.get("kept", path))
        if (
            not source.is_file()
            or source.stat().st_size > 30_000_000
            or source.suffix in (".gz", ".bin", ".npz", ".npy", ".pt")
        ):
            continue
        content = source.read_text(encoding="utf-8", errors="replace").splitlines()
        if len(content) < 60:
            continue
        rows = [line.split("\t") for line in content]
        width = Counter(map(len, rows)).most_common(1)[0][0]
        rows = [r for r in rows if len(r) == width] if width > 1 else rows
        for c in range(min(width, 5)):
            columns.append((f"{Path(path).name} column {c + 1}", [r[c] if c < len(r) else "" for r in rows]))
    texts = [(n, v) for n, v in columns if np.mean([len(x.split()) for x in v[:200]]) > 2]
    labels = [(n, v) for n, v in columns if 2 <= len(set(v[1:])) <= 12]
    return [(f"{a} with {b}", t[1:], y[1:]) for a, t in texts for b, y in labels if len(t) == len(y)][:6]


def _split(rows: list[Any]) -> tuple[list[Any], list[Any]] | None:
    """Rows of (text, label), in either order."""
    width = min(len(r) for r in rows[:50])
    columns = list(range(width))
    parts = [c for c in columns if all(_is_text(r[c]) for r in rows[:20])]
    text = parts[0] if parts else None
    label = next(
        (
            c
            for c in columns
            if c not in parts
            and all(
                isinstance(r[c], (int, str, bool, np.integer)) and not (isinstance(r[c], str) and " " in r[c])
                for r in rows[:20]
            )
        ),
        None,
    )
    if text is None or label is None or len({r[label] for r in rows[:500]}) > 60:
        return None
    if len(parts) > 1:  # a pair: its words one after the other
        return [[w for c in parts for w in _tokens(r[c])] for r in rows], [r[label] for r in rows]
    return [r[text] for r in rows], [r[label] for r in rows]


def _is_text(value: Any) -> bool:
    if isinstance(value, str):
        return " " in value
    return (
        isinstance(value, (list, tuple, np.ndarray, torch.Tensor))
        and np.ndim(value) <= 1
        and len(value) != 0
        and not isinstance(value, float)
        if hasattr(value, "__len__")
        else False
    )


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, (torch.Tensor, np.generic)) else value


def _tokens(value: Any, cut: int | None = None) -> tuple[Any, ...]:
    words = value.split() if isinstance(value, str) else [_plain(v) for v in value]
    return tuple(words[:cut] if cut else words)


def _score(texts: list[Any], labels: list[Any], cut: int | None = None) -> tuple[float, float]:
    """Accuracy of a plain learner by cross-validation, and of the majority."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score

    place = {v: i for i, v in enumerate(sorted({_plain(v) for v in labels}, key=str))}
    y = np.array([place[_plain(v)] for v in labels])
    counts = Counter(y.tolist())
    majority = counts.most_common(1)[0][1] / len(y)
    if len(counts) < 2 or min(counts.values()) < 3:
        return majority, majority
    x, _ = _bags([(_tokens(t, cut),) for t in texts])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(cross_val_score(LogisticRegression(max_iter=100), x, y, cv=3).mean()), majority


def pairing(bench: Bench) -> dict[str, Any] | None:
    """If the rows as fed hold no signal: does another pairing of texts and labels that the program held have one?"""
    reference = bench.facts.get("reference") or {}
    if "crossed" not in reference or bench.left < 4:
        return None
    if reference["crossed"] > reference["crossed_majority"] + 0.25 or reference["crossed"] > 0.97:
        return None
    best: dict[str, Any] = {
        "fed": reference["crossed"],
        "majority": reference["crossed_majority"],
        "best": 0.0,
        "tried": 0,
    }
    fed_shares = _shares(bench.split.train.labels)
    for name, texts, labels in corpora(bench):
        if bench.left < 3 or best["tried"] >= 8:
            break
        labels_fed = bench.split.train.labels
        kinds = {str(int(v)) for v in set(labels_fed.tolist())} if labels_fed is not None else set()
        if kinds < {str(_plain(v)) for v in labels}:  # the program left classes out
            chosen = [(t, y) for t, y in zip(texts, labels) if str(_plain(y)) in kinds]
            texts, labels = [t for t, _ in chosen], [y for _, y in chosen]
        if not _same_labels(fed_shares, _shares([_plain(v) for v in labels[:ROWS]])):
            continue
        score, majority = _score(list(texts[:1200]), list(labels[:1200]))
        best["tried"] += 1
        if score - majority > best["best"] - best.get("majority_of_best", 0.0):
            best |= {"best": score, "pairing": name, "majority_of_best": majority}
    best |= _alike(bench)
    best["gain"] = (best["best"] - best.get("majority_of_best", 0)) - max(
        reference["crossed"] - reference["crossed_majority"], 0.0
    )
    return best if best["tried"] else None


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
        words = [_tokens(t) for t in list(texts[:ROWS])]
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
    """Rows end at one length: would a plain learner find more in the whole texts that the program holds?"""
    lengths = (bench.facts.get("data") or {}).get("lengths") or {}
    if not lengths or lengths["at_max"] < 0.3 or bench.left < 4:
        return None
    length, best = int(lengths["max"]), None
    for name, texts, labels in corpora(bench)[:8]:
        some, y = list(texts[:ROWS]), list(labels[:ROWS])
        sizes = [len(_tokens(t)) for t in some]
        cut = float(np.mean([s > length for s in sizes]))
        if cut < 0.3 or bench.left < 3:
            continue
        whole, majority = _score(some, y)
        short, _ = _score(some, y, cut=length)
        row: dict[str, Any] = {
            "texts": name,
            "length": length,
            "longest": max(sizes),
            "cut_share": cut,
            "whole": whole,
            "cut": short,
            "majority": majority,
            "gain": whole - short,
        }
        if best is None or row["gain"] > best["gain"]:
            best = row
    return best


def lines(bench: Bench) -> dict[str, Any] | None:
    """Files of rows with quotation marks: does quoting change the rows, and which has the program?"""
    held = Counter(
        len(v)
        for kind in ("texts", "numbers", "matrices")
        for _, v in bench.recorder.found.get(kind, [])
        if hasattr(v, "__len__")
    )
    sizes = set(held) | {len(bench.split.train), len(bench.split.dev)}
    found = []
    for path, note in list(bench.recorder.files.items())[:40]:
        source = Path(note.get("kept", path))
        if not source.is_file() or source.stat().st_size > 60_000_000 or (bench.left < 2):
            continue
        try:
            text = source.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if '"' not in text or text.count("\n") < 20:
            continue
        row = _merged(text)
        if row is None:
            continue
        merged, plain = row["rows_merged"], row["lines"]
        row["rows_held_like_merged"] = bool(sizes & {merged, merged - 1}) or _has_breaks(bench)
        row["rows_held_like_lines"] = bool(sizes & {plain, plain - 1})
        found.append(row | {"name": Path(path).name, "file": note["site"][0], "line": note["site"][1]})
    total_merged, total_plain = sum(r["rows_merged"] for r in found), sum(r["lines"] for r in found)
    for row in found:
        row["rows_held_like_merged"] = row["rows_held_like_merged"] and not row["rows_held_like_lines"]
    return {"files": found, "merged": total_merged, "lines": total_plain} if found else None


def _merged(text: str) -> dict[str, Any] | None:
    plain = [line for line in text.splitlines() if line.strip()]
    delimiter = "\t" if sum("\t" in line for line in plain[:50]) > 25 else ","
    csv.field_size_limit(10_000_000)
    try:
        rows = [r for r in csv.reader(io.StringIO(text), delimiter=delimiter) if r]
    except csv.Error:
        return None
    right = [r for r in csv.reader(io.StringIO(text), delimiter=delimiter, quoting=csv.QUOTE_NONE) if r]
    width = Counter(len(r) for r in right).most_common(1)[0][0]
    fits = sum(len(r) == width for r in right) / len(right)
    merged = len(rows) < len(plain) - 1 and fits > 0.95
    return (
        {
            "merged": merged,
            "lines": len(plain),
            "rows_merged": len(rows),
            "longest_merged": max(len("".join(r)) for r in rows),
        }
        if merged
        else None
    )


def _has_breaks(bench: Bench) -> bool:
    for _, value in bench.recorder.found.get("texts", []):
        some = [v for v in list(value)[:5000]]
        flat = [v for v in some if isinstance(v, str)] + [
            w for v in some if isinstance(v, (list, tuple)) for w in v if isinstance(w, str)
        ]
        if sum("\n" in v or "\t" in v for v in flat) >= 2:
            return True
    return False


def classes(bench: Bench) -> dict[str, Any] | None:
    """Distances to class numbers: does their order mean something, or would any numbering do as well?"""
    facts = bench.facts.get("losses") or {}
    calls = facts.get("calls") or []
    out: dict[str, Any] = {}
    case = bench.case
    if case is not None and case.target is not None and any(c["loss"] == "cross_entropy" for c in calls):
        made = [op for op in case.tape.ops if case.target in op.outs]
        if (
            made
            and made[0].name in ("long", "to", "int", "round", "type")
            and made[0].ins
            and case.tape.dtypes[made[0].ins[0]].is_floating_point
        ):
            source = case.value(made[0].ins[0])
            if source is not None and bool((source != source.round()).any()):
                return {"rounded_from_scores": True, "distinct_scores": int(len(source.unique()))}
    squared = [c for c in calls if c["loss"] in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")]
    labels = bench.split.train.labels
    if not squared or labels is None or bench.left < 4:
        return out or None
    kinds = sorted(set(labels.tolist()))
    if not 3 <= len(kinds) <= 40 or len(labels) < 60:
        return None
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import cross_val_predict

    x, _ = _bags(bench.split.train.texts[:ROWS])
    y = labels[:ROWS].astype(float)
    generator = np.random.default_rng(0)

    def fit(values: np.ndarray) -> float:
        predicted = cross_val_predict(Ridge(alpha=1.0), x, values, cv=3)
        return float(np.corrcoef(predicted, values)[0, 1] ** 2) if predicted.std() > 0 else 0.0

    own, others = fit(y), []
    for order in _numberings(len(kinds), generator):
        place = {k: float(order[i]) for i, k in enumerate(kinds)}
        others.append(fit(np.array([place[int(v)] for v in y])))
    if not others:
        return None
    better = float(np.mean([o >= own * 0.97 for o in others]))
    return {
        "classes": len(kinds),
        "explained": own,
        "explained_by_other_numberings": float(np.mean(others)),
        "numberings_as_good": better,
        "nominal_gain": 1.0
        if better >= 0.3 and float(np.mean(others)) > 0.05 and own < 1.25 * float(np.mean(others))
        else 0.0,
    }


def _numberings(count: int, generator: np.random.Generator) -> list[np.ndarray]:
    if count == 3:
        return [np.array(o) for o in ((0, 2, 1), (1, 0, 2))]
    return [generator.permutation(count) for _ in range(12)]


def ignored(bench: Bench) -> dict[str, Any] | None:
    """Targets with the ignored index: do they stand at padding only, or at words as well?"""
    case = bench.case
    if case is None or case.target is None:
        return None
    index = next(
        (op.kwargs.get("ignore_index") for op in case.loss_ops if op.name in ("cross_entropy", "nll_loss")), None
    )
    target = case.value(case.target)
    if index is None or index < 0 or target is None or len({t for _, _, t in case.lookups}) > 1:
        return None  # with several inputs it is not known which of them the targets go with
    for slot in case.ids:
        ids = case.value(slot)
        if ids is None or ids.numel() != target.numel():
            continue
        flat = ids.reshape(-1) if ids.shape == target.shape or target.dim() == 1 else ids.t().reshape(-1)
        words = (
            flat != bench.split.padding if bench.split.padding is not None else torch.ones_like(flat, dtype=torch.bool)
        )
        hits = target.reshape(-1) == index
        filled = bool((~words).any())
        if filled and float(hits[~words].float().mean()) < 0.9:
            continue
        streams = (bench.facts.get("sequence") or {}).get("inputs") or []
        if any((s.get("copies") or {}).get("next", 0) > 0.5 for s in streams):
            return None  # a decoder: the input holds the end mark where the target is filled up
        return {
            "index": int(index),
            "share_at_words": float(hits[words].float().mean()),
            "share_at_padding": float(hits[~words].float().mean()) if filled else None,
        }
    return None


def stale_rows(bench: Bench) -> dict[str, Any] | None:
    """Rows of rare words: did they move further than their own steps could have carried them?"""
    for table in (bench.facts.get("tables") or {}).get("tables", []):
        group = table.get("group") or {}
        if (
            not table["trainable"]
            or not group
            or "Adam" not in group["optimizer"]
            or "Sparse" in group["optimizer"]
            or table.get("sparse")
        ):
            continue
        weight, start = _table_of(bench, table["name"])
        if weight is None or start is None:
            continue
        met: Counter[int] = Counter()
        for batch in bench.recorder.batches:
            if batch.training:
                met.update(
                    {i for lookup in batch.lookups if lookup.table is weight for i in lookup.ids.unique().tolist()}
                )
        steps = max(1, bench.recorder.steps_done)
        rare = [i for i, n in met.items() if n <= max(3, 0.03 * steps) and i != bench.split.padding]
        if len(rare) < 5:
            continue
        rows = torch.tensor(rare)
        moved = (weight.detach()[rows] - start[rows]).norm(dim=1)
        reach = torch.tensor([met[i] for i in rare]) * group["lr"] * table["width"] ** 0.5
        norms = start[rows].norm(dim=1).clamp(min=1e-6)
        return {
            "table": table["name"],
            "rare_rows": len(rare),
            "excess": float((moved / reach).median()) if float((moved / norms).median()) > 0.15 else 0.0,
            "moved_by_own_steps_at_most": float((reach / norms).median()),
            "moved": float((moved / norms).median()),
            "vectors_loaded": _was_loaded(bench, table["name"]),
            "place": {
                "module": table["module"],
                "file": (group.get("site") or [None])[0],
                "line": (group.get("site") or [None, None])[1],
            },
        }
    return None


def _table_of(bench: Bench, name: str) -> tuple[Any, Any]:
    if bench.case is None:
        return None, None
    for _, _, slot in bench.case.lookups:
        weight = bench.case.tape.leaves.get(slot)
        if weight is not None and bench.names.weight(weight) == name and id(weight) in bench.recorder.start:
            return weight, bench.recorder.start[id(weight)][1]
    return None, None


def _was_loaded(bench: Bench, name: str) -> bool:
    from wordfit.doctor.checks.regime import _loaded
    from wordfit.doctor.finding import View
    from wordfit.record import Record

    return _loaded(View(Record(experiments=bench.facts)), name)


def recoding(bench: Bench) -> dict[str, Any] | None:
    """The evaluation's ids decoded by one mapping and encoded by another: is the model right more often?"""
    pairs = (bench.facts.get("vectors") or {}).get("two_mappings") or []
    maps = dict(mappings(bench))
    if not pairs:
        return None
    from wordfit.doctor.experiments.again import accuracy

    batches = bench.split.eval_batches
    last = [b for b in batches if b.step == max(x.step for x in batches)] if batches else []
    before = accuracy(bench, last)
    if before is None:
        return None
    best: dict[str, Any] = {"gain": 0.0}
    for pair in pairs[:6]:
        for first, second in ((pair["first"], pair["second"]), (pair["second"], pair["first"])):
            back = {i: w for w, i in maps[second].items()}
            table = {i: maps[first].get(w) for i, w in back.items()}
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
    return {"before": before, "best": best, "pairs": len(pairs)}


def forcing(bench: Bench) -> dict[str, Any] | None:
    """While evaluating, is the decoder fed the reference, and are those answers scored?"""
    sequence = bench.facts.get("sequence") or {}
    inputs = sequence.get("inputs") or []
    decoder = [i for i in inputs if (i.get("copies") or {}).get("next", 0) > 0.7]
    case = bench.case
    if case is None or not decoder or (len(inputs) < 2 and len(case.roots) < 2):
        return None
    taped = _forced_on_tape(bench)
    if taped is not None:
        return taped
    forced = free = scored = 0
    for batch in bench.split.eval_batches[-60:]:
        widths = [lookup.ids.shape for lookup in batch.lookups if lookup.ids.dim() >= 1]
        steps = [s for s in widths if len(s) == 1 or s[-1] == 1 or (case.batch_first is False and s[0] == 1)]
        whole = [lookup for lookup in batch.lookups[1:] if lookup.ids.dim() == 2 and min(lookup.ids.shape) > 1]
        if whole and not steps and batch.targets == []:
            forced += 1
            scored += bool(batch.read)
        elif whole and not steps:
            forced += 1
            scored += any(not t.is_floating_point() for t in batch.read)
        elif steps:
            free += 1
    growing = _growing(bench)
    return {"forced": forced, "free": free + growing, "scored": scored}


def _forced_on_tape(bench: Bench) -> dict[str, Any] | None:
    """On the tapes of evaluations: do the ids of the decoder's table come from answers, or from data alone?"""
    case = bench.case
    assert case is not None
    tables = {id(case.tape.leaves[t]) for op, ids, t in case.lookups if t in case.tape.leaves}
    sources = [id(case.tape.leaves[t]) for op, ids, t in case.lookups[:1] if t in case.tape.leaves]
    decoder = tables - set(sources) or tables
    forced = free = scored = 0
    from wordfit.doctor.tape import is_parameter

    for step in bench.recorder.eval_steps:
        learned = {n for n, t in step.tape.leaves.items() if is_parameter(t) or id(t) in bench.names.weights}
        weights, long, fed_back, single = set(learned), 0, 0, 0
        widths: list[int] = []
        for op in step.tape.ops:
            if op.name == "embedding" and len(op.ins) > 1 and id(step.tape.leaves.get(op.ins[1])) in decoder:
                ids = op.ins[0]
                fed_back += ids in learned
                width = step.tape.shapes[ids][-1] if len(step.tape.shapes[ids]) > 1 else 1
                widths.append(width)
                long += width > 1 and ids not in learned
                single += width == 1 and ids not in learned
            if learned.intersection(op.ins):
                learned.update(op.outs)
        if not widths or not weights:
            continue
        picked = any(o.name in ("argmax", "topk", "max") and learned.intersection(o.ins) for o in step.tape.ops)
        compared = picked and (
            any(o.name in ("eq", "__eq__", "ne") and learned.intersection(o.ins) for o in step.tape.ops)
            or any(r[0] in ("tolist", "numpy", "item") for r in step.tape.reads)
        )
        grows = any(b == a + 1 for a, b in zip(widths, widths[1:]))
        if fed_back or grows or (single and not _walks_reference(step)):
            free += 1
        elif long or single:
            forced += 1
            scored += compared
    return {"forced": forced, "free": free, "scored": scored} if forced or free else None


def _walks_reference(step: Any) -> bool:
    """Single steps cut from one tensor of data: the reference, word by word."""
    parents: Counter[int] = Counter()
    made = {n: op for op in step.tape.ops for n in op.outs}
    for op in step.tape.ops:
        if (
            op.name == "embedding"
            and op.ins[0] in made
            and made[op.ins[0]].name in ("__getitem__", "select", "unbind", "squeeze", "unsqueeze")
        ):
            parents[made[op.ins[0]].ins[0]] += 1
    return bool(parents) and max(parents.values()) > 2


def _growing(bench: Bench) -> int:
    """Evaluation calls whose input grows word by word."""
    sizes = [b.lookups[-1].ids.shape for b in bench.split.eval_batches if b.lookups and b.lookups[-1].ids.dim() == 2]
    return sum(1 for a, b in zip(sizes, sizes[1:]) if b[-1] == a[-1] + 1 or b[0] == a[0] + 1)
