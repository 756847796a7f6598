"""Do the rows of a table hold the vectors of the words they are said to stand for?

Words and rows come from the program's own mapping; the vectors from the files it opened, read once more with care,
and from the dictionaries it holds. Rows are taken as they were before the first step.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch

from wordfit.doctor.bench import Bench
from wordfit.doctor.seen import sample_rows

MOST_BYTES = 400_000_000
MOST_WORDS = 3000


class Truth:
    """Vectors by word from one source."""

    def __init__(self, name: str, words: list[str], matrix: np.ndarray, **notes: Any) -> None:
        self.name, self.words, self.matrix, self.notes = name, words, matrix, notes
        self.place = {w: i for i, w in reversed(list(enumerate(words)))}


def vectors(bench: Bench) -> dict[str, Any] | None:
    """Every table beside every mapping and source of vectors that may belong to it."""
    tables = _tables(bench)
    if not tables:
        return None
    maps = mappings(bench)
    files, held = _files(bench), _held(bench)
    out: dict[str, Any] = {
        "mappings": [{"name": n, "size": len(m)} for n, m in maps][:8],
        "files": [
            {"name": Path(t.name).name, "words": len(t.words), "width": int(t.matrix.shape[1]), **t.notes}
            for t in files
        ],
        "held": [{"name": t.name, "words": len(t.words), "width": int(t.matrix.shape[1])} for t in held],
        "pretrained_calls": [_call(bench, c) for c in bench.recorder.from_pretrained[:6]],
        "tables": [],
        "dictionaries": [_dictionary(h, f) for h in held for f in files],
        "two_mappings": _two_mappings(maps),
        "empties": _unwritten(bench, tables),
        "writes": _writes(bench, tables),
        "matrices": _matrices(bench, tables),
    }
    out["unknown"] = unknown_share(bench, maps, files + held)
    for name, table in tables:
        mapping = best_mapping(maps, len(table))
        row: dict[str, Any] = {
            "table": name,
            "rows": len(table),
            "width": int(table.shape[1]),
            "mapping": mapping[0] if mapping else None,
        }
        if mapping:
            row["words"] = len(mapping[1])
            row["sources"] = [compare(bench, table, mapping[1], t) for t in files + held]
        out["tables"].append(row)
    return out


def _tables(bench: Bench) -> list[tuple[str, np.ndarray]]:
    """The tables as they were before the first step; if there was none, as they are."""
    found, done = [], set()
    from torch import nn

    for model in bench.names.models:
        for module in model.modules():
            if (
                isinstance(module, (nn.Embedding, nn.EmbeddingBag))
                and id(module.weight) not in done
                and len(module.weight) >= 16
            ):
                done.add(id(module.weight))
                start = bench.recorder.start.get(id(module.weight))
                weight = start[1] if start is not None else module.weight.detach()
                found.append((bench.names.weight(module.weight), weight.float().cpu().numpy()))
    if bench.case is not None:
        for _, _, slot in bench.case.lookups:
            leaf = bench.case.tape.leaves.get(slot)
            if leaf is not None and leaf.dim() == 2 and id(leaf) not in done and len(leaf) >= 16:
                done.add(id(leaf))
                start = bench.recorder.start.get(id(leaf))
                found.append((bench.names.weight(leaf), (start[1] if start else leaf.detach()).float().cpu().numpy()))
    return found


def mappings(bench: Bench) -> list[tuple[str, dict[str, int]]]:
    """Word-to-id mappings among the program's objects, also those that are kept as a list of words."""
    found: list[tuple[str, dict[str, int]]] = []
    for name, value in bench.recorder.found.get("ids", []):
        if len(value) >= 8:
            found.append(
                (name, {k: int(v) for k, v in value.items() if isinstance(k, str) and isinstance(v, (int, np.integer))})
            )
    for name, value in bench.recorder.found.get("words", []):
        found.append((name, {w: int(i) for i, w in value.items()}))
    for name, value in bench.recorder.found.get("texts", []):
        if (
            isinstance(value, (list, tuple))
            and all(isinstance(w, str) for w in value[:50])
            and len(set(value)) == len(value)
        ) and sum(" " in w for w in value[:200]) < 20:
            found.append((name, {w: i for i, w in enumerate(value)}))
    for name, value in bench.recorder.found.get("vectors", []):
        keys = getattr(value, "key_to_index", None)
        if isinstance(keys, dict):
            found.append((name + ".key_to_index", dict(keys)))
    return found


def best_mapping(maps: list[tuple[str, dict[str, int]]], rows: int) -> tuple[str, dict[str, int]] | None:
    """The mapping whose ids fill the table best."""
    best, score = None, 0.0
    for name, mapping in maps:
        values = list(mapping.values())
        if not values or max(values) >= rows or len(set(values)) < 0.9 * len(values):
            continue
        filled = len(values) / rows
        if filled > score + 1e-9 and filled >= 0.3:
            best, score = (name, mapping), filled
    return best


def _held(bench: Bench) -> list[Truth]:
    """Dictionaries of vectors that the program holds, and gensim's keyed vectors."""
    found = []
    for name, value in bench.recorder.found.get("vectors", []):
        keys = getattr(value, "key_to_index", None)
        if isinstance(keys, dict):
            found.append(Truth(name, list(keys), np.asarray(value.vectors, dtype=np.float32)))
            continue
        rows, words = [], []
        widths = Counter(len(v) for v in list(value.values())[:500] if np.ndim(v) == 1)
        if not widths:
            continue
        width = widths.most_common(1)[0][0]
        for word, vector in value.items():
            if isinstance(word, str) and np.ndim(vector) == 1 and len(vector) == width:
                words.append(word)
                rows.append(
                    np.asarray(vector.detach() if isinstance(vector, torch.Tensor) else vector, dtype=np.float32)
                )
        if rows:
            found.append(Truth(name, words, np.stack(rows), other_widths=len(value) - len(rows)))
    return found


def _files(bench: Bench) -> list[Truth]:
    found = []
    for name, text in [*bench.recorder.streams, *bench.recorder.found.get("blobs", [])]:
        truth = _from_text(name, text.encode("utf-8", errors="replace"))
        if truth is not None:
            found.append(truth)
    for name, value in bench.recorder.found.get("pairs", []):
        rows = [
            (w, np.asarray(v.detach() if isinstance(v, torch.Tensor) else v, dtype=np.float32))
            for w, v in value[:200_000]
        ]
        width = len(rows[0][1])
        rows = [r for r in rows if len(r[1]) == width]
        found.append(Truth(name, [w for w, _ in rows], np.stack([v for _, v in rows]), non_ascii=0))
    for path, note in list(bench.recorder.files.items())[:60]:
        source = note.get("kept", path)
        try:
            truth = read_vectors(Path(source), path)
        except Exception:
            truth = None
        if truth is not None:
            truth.notes |= {"file": note["site"][0], "line": note["site"][1], "mode": str(note["mode"])}
            found.append(truth)
    return found


_NUMBER = re.compile(rb"^-?\d*\.?\d+(?:[eE][-+]?\d+)?$")


def read_vectors(source: Path, name: str) -> Truth | None:
    """A file of vectors in text, word2vec's binary or NumPy's archive; None if it is something else."""
    if not source.is_file() or source.stat().st_size > MOST_BYTES or source.stat().st_size < 200:
        return None
    if source.suffix == ".npz" or name.endswith(".npz"):
        return _archive(source, name)
    from wordfit.files import open_bytes

    with open_bytes(source) as file:
        head = file.read(65536)
        if b"\0" in head[:200] or _looks_binary(head):
            return _binary(source, name)
        if _width(head) is None:
            return None
    with open_bytes(source) as file:
        return _from_text(name, file.read())


def _width(head: bytes) -> int | None:
    """How many numbers stand at the end of most lines; None if it is no file of vectors."""
    lines = head[:65536].split(b"\n")
    counts = Counter(_numbers(line.rstrip().split(b" ")) for line in lines[1:40] if line.strip())
    counts += Counter(_numbers(line.rstrip().split()) for line in lines[1:40] if line.strip() and b"\t" in line)
    return counts.most_common(1)[0][0] if counts and counts.most_common(1)[0][0] >= 4 else None


def _from_text(name: str, content: bytes) -> Truth | None:
    width = _width(content)
    return _text(content, name, width) if width is not None and len(content) <= MOST_BYTES else None


def _looks_binary(head: bytes) -> bool:
    first = head.split(b"\n", 1)
    return (
        bool(re.match(rb"^\d+ \d+$", first[0].strip()))
        and len(first) > 1
        and len(set(first[1][:400]) - set(range(32, 127)) - {9, 10, 13}) > 60
    )


def _numbers(fields: list[bytes]) -> int:
    count = 0
    for value in reversed(fields[1:]):
        if not _NUMBER.match(value):
            break
        count += 1
    return count


def _text(content: bytes, name: str, width: int) -> Truth | None:
    words, rows, odd, header = [], [], 0, None
    spaced, broken = [], 0
    for number, line in enumerate(content.split(b"\n")):
        fields = line.rstrip().split(b" ") if b"\t" not in line else line.rstrip().split()
        if number == 0 and len(fields) == 2 and all(f.isdigit() for f in fields):
            header = [f.decode() for f in fields]
            continue
        if len(fields) < width + 1:
            odd += bool(line.strip())
            continue
        try:
            rows.append(np.array(fields[-width:], dtype=np.float32))
        except ValueError:
            odd += 1
            continue
        raw = b" ".join(fields[:-width])
        try:
            word = raw.decode("utf-8")
        except UnicodeDecodeError:
            word, broken = raw.decode("latin-1"), broken + 1
        words.append(word)
        if len(fields) > width + 1:
            spaced.append(word)
        if len(words) > 3_000_000:
            break
    if len(words) < 8:
        return None
    accents = sum(not w.isascii() for w in words)
    return Truth(
        name,
        words,
        np.stack(rows),
        header=header,
        spaced=spaced[:20],
        spaced_count=len(spaced),
        odd_lines=odd,
        non_ascii=accents,
        latin1_words=broken,
    )


def _binary(source: Path, name: str) -> Truth | None:
    content = source.read_bytes()
    end = content.find(b"\n")
    fields = content[:end].split()
    if len(fields) != 2 or not all(f.isdigit() for f in fields):
        return None
    count, width, at = int(fields[0]), int(fields[1]), end + 1
    if width < 2 or width > 5000 or count * width * 4 > MOST_BYTES * 2:
        return None
    words, rows = [], []
    for _ in range(count):
        space = content.find(b" ", at)
        if space < 0 or space + 1 + 4 * width > len(content):
            break
        words.append(content[at:space].decode("utf-8", errors="replace").lstrip("\n"))
        rows.append(np.frombuffer(content, dtype="<f4", count=width, offset=space + 1))
        at = space + 1 + 4 * width
    return Truth(name, words, np.stack(rows), binary=True) if len(words) >= 8 else None


def _archive(source: Path, name: str) -> Truth | None:
    with np.load(source, allow_pickle=False) as archive:
        arrays = {k: archive[k] for k in archive.files}
    matrix = next((v for v in arrays.values() if v.ndim == 2 and v.dtype.kind == "f"), None)
    words = next(
        (
            v
            for v in arrays.values()
            if v.ndim == 1 and v.dtype.kind in "US" and matrix is not None and len(v) == len(matrix)
        ),
        None,
    )
    if matrix is None or words is None:
        return None
    return Truth(name, [str(w) for w in words], matrix.astype(np.float32))


def _unit(matrix: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return matrix / np.maximum(np.linalg.norm(matrix, axis=-1, keepdims=True), 1e-12)


def compare(bench: Bench, table: np.ndarray, mapping: dict[str, int], truth: Truth) -> dict[str, Any]:
    """Rows beside the vectors of their words: right, another word's, or nobody's."""
    width, own = truth.matrix.shape[1], table.shape[1]
    counts = _token_counts(bench)
    known = [(w, i) for w, i in mapping.items() if w in truth.place and 0 <= i < len(table)]
    unknown = [(w, i) for w, i in mapping.items() if w not in truth.place and 0 <= i < len(table)]
    row: dict[str, Any] = {
        "source": Path(truth.name).name,
        "known": len(known),
        "unknown": len(unknown),
        "width": int(width),
    }
    row |= _coverage(mapping, truth, counts, unknown)
    if not known:
        return row
    known = known[:MOST_WORDS]
    rows = np.array([i for _, i in known])
    held = table[rows]
    places = np.array([truth.place[w] for w, _ in known])
    if width != own:
        return row | _other_width(held, truth, places, table)
    want = truth.matrix[places]
    cosine = (_unit(held) * _unit(want)).sum(1)
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
    wrong = np.flatnonzero(~right & ~zero).tolist()
    row["others"] = _whose(held, wrong, known, truth, weight, mapping, table)
    row["structure"] = _structure(held, want)
    row["unknown_scale"] = _unknown_scale(table, unknown, held[right], counts, bench)
    return row


SPECIAL = re.compile(r"^[<\[_{(|].*[>\]_})|]$|^(pad|unk|PAD|UNK|oov|OOV)$")
UNKNOWN = re.compile(r"unk|oov|unknown|missing", re.IGNORECASE)


def unknown_share(bench: Bench, maps: list[tuple[str, dict[str, int]]], sources: list[Truth]) -> dict[str, Any] | None:
    """How many of the ids fed stand for no word, beside the raw texts' words with a vector if cut otherwise."""
    counts = _token_counts(bench)
    total = sum(counts.values())
    tables = _tables(bench)
    if not total or not tables or not sources:
        return None
    mapping = best_mapping(maps, len(tables[0][1]))
    if mapping is None:
        return None
    values = set(mapping[1].values())
    named = {i for w, i in mapping[1].items() if UNKNOWN.search(w) and SPECIAL.match(w)}
    if not named:
        strays = {i: n for i, n in counts.items() if i not in values}
        named = {max(strays, key=lambda i: strays[i])} if strays else set()
    unknown = sum(counts.get(i, 0) for i in named) / total
    texts = _raw_texts(bench)
    out: dict[str, Any] = {
        "share": unknown,
        "ids": sorted(named)[:3],
        "mapping": mapping[0],
        "texts": texts[0] if texts else None,
    }
    if texts:
        truth = max(sources, key=lambda t: len(t.words))
        tokens: Counter[str] = Counter(w for t in texts[1] for w in t)
        whole = dict.fromkeys(tokens, 0)
        out["source"] = Path(truth.name).name
        fake = {w: n for n, w in enumerate(whole)}
        out["joined"] = _joined(texts[1], truth)
        out |= _coverage(
            fake,
            truth,
            Counter({n: tokens[w] for w, n in fake.items()}),
            [(w, n) for w, n in fake.items() if w not in truth.place],
        )
    return out


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


def _raw_texts(bench: Bench) -> tuple[str, list[list[str]]] | None:
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
            if isinstance(item, str):
                item = item.split()
            if isinstance(item, (list, tuple)) and item and all(isinstance(v, str) for v in item):
                rows.append(list(item))
        if len(rows) >= 30 and np.mean([len(r) for r in rows]) > 1.5 and (best is None or len(rows) > len(best[1])):
            best = (name, rows)
    return best


def _token_counts(bench: Bench) -> Counter[int]:
    counts: Counter[int] = Counter()
    for texts in bench.split.train.texts[:8000]:
        for text in texts[:2]:
            counts.update(text)
    return counts


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
    keys = {
        tuple(np.round(v[:6] / max(np.linalg.norm(v), 1e-9), 3)): i
        for i, v in reversed(list(enumerate(truth.matrix[:400_000])))
    }
    variants = others = nobody = 0
    offsets: Counter[int] = Counter()
    examples: list[list[str]] = []
    pieces = 0
    variant_weight = 0.0
    for k in wrong[:2000]:
        word, row = known[k]
        place = keys.get(tuple(np.round(held[k][:6] / max(np.linalg.norm(held[k]), 1e-9), 3)))
        if place is None:
            nobody += 1
            continue
        other = truth.words[place]
        if _spelt_alike(other, word):
            variants += 1
            variant_weight += weight[k]
        elif other.split(" ")[0] == word and " " in other:
            pieces += 1
        else:
            others += 1
            if other in mapping:
                offsets[mapping[other] - row] += 1
        if len(examples) < 6:
            examples.append([word, other])
    top = offsets.most_common(1)
    return {
        "wrong": len(wrong),
        "variants": variants,
        "variant_tokens": float(variant_weight / weight.sum()),
        "pieces": pieces,
        "other_words": others,
        "nobody": nobody,
        "examples": examples,
        "offset": top[0][0] if top else None,
        "offset_share": top[0][1] / max(others, 1) if top else 0.0,
    }


def _structure(held: np.ndarray, want: np.ndarray) -> float | None:
    """Correlation of the words' similarities in the table with those in the source."""
    some = slice(0, 300)
    a, b = _unit(held[some]), _unit(want[some])
    if len(a) < 12:
        return None
    upper = np.triu_indices(len(a), 1)
    x, y = (a @ a.T)[upper], (b @ b.T)[upper]
    if x.std() < 1e-9 or y.std() < 1e-9:
        return None
    return float(np.corrcoef(x, y)[0, 1])


def _other_width(held: np.ndarray, truth: Truth, places: np.ndarray, table: np.ndarray) -> dict[str, Any]:
    """The table is wider or narrower than the source: cut, filled up, or read across word borders?"""
    own, width = held.shape[1], truth.matrix.shape[1]
    least = min(own, width)
    cut = (_unit(held[:, :least]) * _unit(truth.matrix[places][:, :least])).sum(1)
    flat = truth.matrix[:400_000].reshape(-1)
    start = table[: min(len(table), 400)].reshape(-1)
    across = 0.0
    for lead in (0, 1, 2, 3, 4):
        part = table[lead : lead + 50].reshape(-1)
        if len(part) and len(part) <= len(flat):
            across = max(across, float((np.abs(flat[: len(part)] - part) < 1e-5).mean()))
    del start
    return {
        "table_width": int(own),
        "cut_share": float((cut > 0.99).mean()),
        "across": across,
        "structure": _structure(held, truth.matrix[places]),
    }


def _stripped(word: str) -> str:
    return re.sub(r"^\W+|\W+$", "", word).lower()


def _coverage(
    mapping: dict[str, int], truth: Truth, counts: Counter[int], unknown: list[tuple[str, int]]
) -> dict[str, Any]:
    """Share of tokens with a vector, and what lower case or stripped marks would add."""
    special = re.compile(r"^[<\[_].*[>\]_]$|^(pad|unk|PAD|UNK)$")
    words = {w: i for w, i in mapping.items() if not special.match(w) and w}
    total = sum(counts.get(i, 0) for i in words.values()) or 1
    by_type = max(len(words), 1)

    def share(find: Any) -> float:
        return sum(counts.get(i, 0) for w, i in words.items() if find(w)) / total

    def types(find: Any) -> float:
        return sum(1 for w in words if find(w)) / by_type

    has = truth.place
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
        "stripped": share(stripped),
        "pieces": share(lambda w: pieces(w) or stripped(w)),
        "decoded": share(mojibake),
        "both": share(lambda w: lower(w) or stripped(w.lower()) or pieces(w.lower())),
        "missing": [w for w, i in sorted(unknown, key=lambda p: -counts.get(p[1], 0)) if not special.match(w)][:12],
        "lower_types": types(lower),
        "stripped_types": types(stripped),
        "pieces_types": types(lambda w: pieces(w) or stripped(w)),
    }


def _unknown_scale(
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


def _call(bench: Bench, call: dict[str, Any]) -> dict[str, Any]:
    module = call["module"]()
    names = bench.names.modules
    return {
        "freeze": call["freeze"],
        "file": call["site"][0] if call["site"] else None,
        "line": call["site"][1] if call["site"] else None,
        "shape": list(call["shape"]),
        "alive": module is not None,
        "in_model": module is not None and id(module) in names,
    }


def _dictionary(held: Truth, file: Truth) -> dict[str, Any]:
    """A dictionary in memory beside the file that it seems to come from."""
    shared = [w for w in held.words if w in file.place]
    same = 0
    width = min(held.matrix.shape[1], file.matrix.shape[1])
    for word in shared[:2000]:
        a, b = held.matrix[held.place[word]][:width], file.matrix[file.place[word]][:width]
        same += bool(np.allclose(a, b, rtol=1e-2, atol=1e-3))
    header = file.notes.get("header") or []
    cut = [w.split(" ")[0] for w in file.words if " " in w]
    pieces = {w for w in cut if w not in file.place}
    accents = [w for w in file.words if not w.isascii()]
    garbled = 0
    held_set = set(held.words)
    for w in accents[:2000]:
        raw = w.encode("utf-8")
        wrong = {raw.decode(e, errors=how) for e in ("latin-1", "cp1252", "ascii") for how in ("replace", "ignore")}
        garbled += w not in held_set and bool(wrong & held_set - {""})
    variants = _overwritten(held, file)
    return {
        "held": held.name,
        "file": Path(file.name).name,
        "shared": len(shared),
        "same": same / max(min(len(shared), 2000), 1),
        "header_word": bool(header and header[0] in held_set and header[0] not in file.place),
        "cut_words": sum(w in held_set for w in set(cut)),
        "cut_of": len(cut),
        "cut_only": sum(w in held_set for w in pieces),
        "accents": len(accents),
        "accents_held": sum(w in held_set for w in accents),
        "garbled": garbled,
        "held_width": int(held.matrix.shape[1]),
        "file_width": int(file.matrix.shape[1]),
        **variants,
    }


def _overwritten(held: Truth, file: Truth) -> dict[str, Any]:
    """Keys of the dictionary whose vector is a rarer spelling's."""
    groups: dict[str, list[str]] = {}
    for word in file.words[:500_000]:
        groups.setdefault(_key(word), []).append(word)
    taken, of, examples = 0, 0, []
    for word in held.words[:20_000]:
        group = groups.get(_key(word), [])
        if len(group) < 2 or held.matrix.shape[1] != file.matrix.shape[1]:
            continue
        vector = held.matrix[held.place[word]]
        first = group[0] if word not in file.place else word
        of += 1
        if not np.allclose(vector, file.matrix[file.place[first]], rtol=1e-2, atol=1e-4):
            later = [
                w for w in group if w != first and np.allclose(vector, file.matrix[file.place[w]], rtol=1e-2, atol=1e-4)
            ]
            if later:
                taken += 1
                examples.append([word, first, later[0]])
    return {"several_spellings": of, "overwritten": taken, "overwritten_examples": examples[:5]}


def _key(word: str) -> str:
    folded = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if c.isalnum())
    return folded or word.lower()


def _spelt_alike(a: str, b: str) -> bool:
    """Two spellings of one word: the same without accents, case and marks, or nearly so."""
    return _key(a) == _key(b) or (len(a) > 3 and difflib.SequenceMatcher(None, a, b).ratio() >= 0.85)


def _two_mappings(maps: list[tuple[str, dict[str, int]]]) -> list[dict[str, Any]]:
    """Pairs of mappings that share words and give them other ids."""
    found = []
    for a in range(len(maps)):
        for b in range(a + 1, len(maps)):
            shared = [w for w in maps[a][1] if w in maps[b][1]]
            largest = max(len(m) for _, m in maps)
            if min(len(maps[a][1]), len(maps[b][1])) < 0.4 * largest:
                continue
            if len(shared) < 8 or len(shared) < 0.3 * min(len(maps[a][1]), len(maps[b][1])):
                continue
            same = sum(maps[a][1][w] == maps[b][1][w] for w in shared) / len(shared)
            if same < 0.9:
                found.append(
                    {
                        "first": maps[a][0],
                        "second": maps[b][0],
                        "shared": len(shared),
                        "same": same,
                        "sizes": [len(maps[a][1]), len(maps[b][1])],
                    }
                )
    return found[:10]


def _unwritten(bench: Bench, tables: list[tuple[str, np.ndarray]]) -> list[dict[str, Any]]:
    """Rows that still hold what memory held when the matrix was made without being filled."""
    found = []
    for shape, sample, where, _ in bench.recorder.empties:
        for name, table in tables:
            if shape[0] != len(table) or shape[1] != table.shape[1]:
                continue
            rows = sample_rows(shape[0]).numpy()
            now = table[rows].astype(np.float32)
            then = sample.numpy().astype(np.float32)
            same = (now.view(np.uint32) == then.view(np.uint32)).all(axis=1)
            found.append(
                {
                    "table": name,
                    "unwritten": int(same.sum()),
                    "of": len(rows),
                    "file": where[0] if where else None,
                    "line": where[1] if where else None,
                    "largest": float(np.nanmax(np.abs(now[same])))
                    if same.any() and np.isfinite(now[same]).any()
                    else 0.0,
                }
            )
    return found


def _writes(bench: Bench, tables: list[tuple[str, np.ndarray]]) -> list[dict[str, Any]]:
    """Calls that filled tables before training, in order; what rows held before a random start."""
    pointers = {p.data_ptr(): n for n, p in _live_tables(bench)}
    found = []
    for write in bench.recorder.writes:
        if write.pointer not in pointers or write.name == "requires_grad.__set__":
            continue
        name = pointers[write.pointer]
        table = dict(tables).get(name)
        kept = None
        if write.before is not None and table is not None and write.shape == table.shape:
            rows = sample_rows(write.shape[0], 64).numpy()
            kept = float(np.isclose(write.before.numpy(), table[rows], atol=1e-7).all(axis=1).mean())
        found.append(
            {
                "table": name,
                "call": write.name,
                "line": write.site[1] if write.site else None,
                "file": write.site[0] if write.site else None,
                "count": write.count,
                "rows_before_like_start": kept,
                "before": _before(bench, write),
            }
        )
    return found[:20]


def _before(bench: Bench, write: Any) -> float | None:
    """Share of the sampled rows that held, before this call, a vector that the program has elsewhere."""
    if write.before is None or write.name == "copy_":
        return None
    rows = sample_rows(write.shape[0], 64)
    best = 0.0
    for _, matrix in bench.recorder.found.get("matrices", []):
        if tuple(matrix.shape) == tuple(write.shape):
            m = (
                torch.as_tensor(np.asarray(matrix)).float()
                if not isinstance(matrix, torch.Tensor)
                else matrix.detach().float()
            )
            best = max(best, float(torch.isclose(m[rows], write.before.float(), atol=1e-5).all(dim=1).float().mean()))
    for _, vectors in [(t.name, t) for t in _held(bench)]:
        keys = {tuple(np.round(v[:6], 3)) for v in vectors.matrix[:100_000]}
        best = max(
            best,
            float(
                np.mean([tuple(np.round(v[:6].astype(np.float32), 3)) in keys for v in write.before.float().numpy()])
            ),
        )
    return best


def _live_tables(bench: Bench) -> list[tuple[str, torch.Tensor]]:
    from torch import nn

    found = [
        (bench.names.weight(m.weight), m.weight)
        for model in bench.names.models
        for m in model.modules()
        if isinstance(m, (nn.Embedding, nn.EmbeddingBag))
    ]
    return found


def _matrices(bench: Bench, tables: list[tuple[str, np.ndarray]]) -> list[dict[str, Any]]:
    """Matrices of a table's shape among the program's objects: does the table hold one of them?"""
    found = []
    for name, matrix in bench.recorder.found.get("matrices", []):
        for table_name, table in tables:
            if tuple(matrix.shape) != tuple(table.shape):
                continue
            if isinstance(matrix, torch.Tensor) and (matrix.requires_grad or not matrix.is_floating_point()):
                continue
            m = np.asarray(matrix.detach() if isinstance(matrix, torch.Tensor) else matrix, dtype=np.float32)
            rows = sample_rows(len(table), 400).numpy()
            a, b = table[rows], m[rows]
            same = np.isclose(a, b, atol=1e-5).all(axis=1)
            filled = np.linalg.norm(b, axis=1) > 1e-9
            found.append(
                {
                    "matrix": name,
                    "table": table_name,
                    "same": float(same[filled].mean()) if filled.any() else 1.0,
                    "rows": len(table),
                    "structure": _structure(a, b),
                    "random": bool(np.isnan(b).any()),
                }
            )
    return found[:8]
