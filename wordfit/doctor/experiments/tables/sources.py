"""Where vectors by word come from: files that the program opened, read once more with care, and what it holds."""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from wordfit.doctor.bench import Bench
from wordfit.doctor.survey import keyed

MOST_BYTES = 400_000_000


class Truth:
    """Vectors by word from one source."""

    def __init__(self, name: str, words: list[str], matrix: np.ndarray, **notes: Any) -> None:
        self.name, self.words, self.matrix, self.notes = name, words, matrix, notes
        self.place = {w: i for i, w in reversed(list(enumerate(words)))}

    @cached_property
    def keys(self) -> dict[tuple[float, ...], int]:
        """Rows by their direction, the first of several alike: whose vector is this?"""
        return {key: i for i, key in reversed(list(enumerate(row_keys(self.matrix[:400_000]))))}


def row_keys(rows: np.ndarray) -> list[tuple[float, ...]]:
    """What tells vectors apart, whatever their scale: a few of their values, of vectors of length one."""
    norms = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return [tuple(r) for r in np.round(rows[:, :6] / norms, 3).tolist()]


def held_vectors(bench: Bench) -> list[Truth]:
    """Dictionaries of vectors that the program holds, and gensim's keyed vectors."""
    found = []
    for name, value in bench.recorder.found.get("vectors", []):
        if (keys := keyed(value)) is not None:
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


def vectors_in_files(bench: Bench) -> list[Truth]:
    """Vectors in files, in texts read as if they were files, and in lists of words with their vectors."""
    found = [truth for name, value in bench.recorder.found.get("pairs", []) if (truth := _pairs(name, value))]
    for name, text in [*bench.recorder.streams, *bench.recorder.found.get("blobs", [])]:
        truth = _from_text(name, text.encode("utf-8", errors="replace"))
        if truth is not None:
            found.append(truth)
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


def _pairs(name: str, value: Any) -> Truth | None:
    """A list of words with their vectors."""
    rows = [(w, _plain(v)) for w, v in value[:200_000] if isinstance(w, str)]
    width = Counter(len(v) for _, v in rows).most_common(1)[0][0]
    rows = [r for r in rows if len(r[1]) == width]
    if len(rows) < 8:
        return None
    return Truth(name, [w for w, _ in rows], np.stack([v for _, v in rows]), non_ascii=0)


def _plain(vector: Any) -> np.ndarray:
    return np.asarray(vector.detach().cpu() if isinstance(vector, torch.Tensor) else vector, dtype=np.float32)


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
    some = [line.rstrip() for line in lines[1:40] if line.strip()]
    counts = Counter(_numbers(line.split() if b"\t" in line else line.split(b" ")) for line in some)
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
