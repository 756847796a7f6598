"""What the program read: files that it opened, unpacked, and long texts that it held or read as if they were files."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from wordfit.doctor.bench import Bench
from wordfit.files import open_bytes

MOST_BYTES = 60_000_000
BINARY = (".bin", ".npz", ".npy", ".pt", ".pth", ".pkl", ".safetensors")


@dataclass
class Content:
    """One text that was read: its name, its bytes, and the user's line that opened it."""

    name: str
    raw: bytes
    file: str | None = None
    line: int | None = None

    @cached_property
    def text(self) -> str:
        """Decoded; what is not UTF-8 is taken for Latin-1."""
        try:
            return self.raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            return self.raw.decode("latin-1")

    @cached_property
    def delimiter(self) -> str | None:
        """What parts the columns of most lines, in the same number."""
        lines = [line for line in self.text.split("\n", 400)[:400] if line.strip()]
        best, share = None, 0.8
        for mark in "\t,;|":
            counts = Counter(line.count(mark) for line in lines)
            number, lines_so = counts.most_common(1)[0] if counts else (0, 0)
            if number and lines_so / len(lines) > share:
                best, share = mark, lines_so / len(lines)
        return best

    @cached_property
    def rows(self) -> list[list[str]]:
        """Lines cut into columns, as many in each; fields of lines of JSON; else one column."""
        lines = [line.rstrip("\r") for line in self.text.split("\n") if line.strip()]
        if lines[:1] and lines[0].lstrip().startswith("{") and (parsed := _json_rows(lines)):
            return parsed
        if self.delimiter is None:
            labelled = [line.split(" ", 1) for line in lines]
            starts = {r[0] for r in labelled}
            return labelled if 2 <= len(starts) <= 60 and all(len(r) == 2 for r in labelled) else [[x] for x in lines]
        csv.field_size_limit(10_000_000)
        try:
            if self.delimiter == "\t":
                rows = [line.split("\t") for line in lines]
            else:
                rows = [r for r in csv.reader(io.StringIO(self.text), delimiter=self.delimiter) if r]
        except csv.Error:
            return [[x] for x in lines]
        width = Counter(map(len, rows)).most_common(1)[0][0]
        return [r for r in rows if len(r) == width]


def _json_rows(lines: list[str]) -> list[list[str]]:
    rows, keys = [], None
    for line in lines[:50_000]:
        try:
            found = json.loads(line)
        except json.JSONDecodeError:
            return []
        keys = list(found) if keys is None else keys
        rows.append([str(found.get(k, "")) for k in keys])
    return rows


def contents(bench: Bench) -> list[Content]:
    """Everything that was read as text, once; binary files are left out."""
    if "contents" not in bench.memo:
        bench.memo["contents"] = [*_held(bench), *_opened(bench)]
    found: list[Content] = bench.memo["contents"]
    return found


def _held(bench: Bench) -> list[Content]:
    held = [*bench.recorder.streams, *bench.recorder.found.get("blobs", [])]
    return [Content(name, text.encode("utf-8", errors="replace")) for name, text in held]


def _opened(bench: Bench) -> list[Content]:
    found, left = [], 3 * MOST_BYTES
    for path, note in list(bench.recorder.files.items())[:60]:
        source = Path(note.get("kept", path))
        if source.suffix in BINARY or not source.is_file() or not 100 < source.stat().st_size < min(MOST_BYTES, left):
            continue
        try:
            with open_bytes(source) as file:
                raw = file.read(MOST_BYTES * 4)
        except Exception:  # a folder of an archive, a broken file: nothing to read
            continue
        if b"\0" in raw[:2000]:
            continue
        left -= len(raw)
        found.append(Content(path, raw, note["site"][0], note["site"][1]))
    return found
