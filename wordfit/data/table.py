"""Read rows from TSV, CSV, JSONL, Parquet and `__label__` files into named columns.

The format is recognised from the content. A quotation mark in a TSV is text (GLUE files are not quoted); in a CSV it
quotes. A bad row stops the work with its line. What the columns mean is decided in `columns`.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

from wordfit.errors import InputError, need
from wordfit.files import damage_named, open_bytes

LABEL_PREFIX = "__label__"


@dataclass(frozen=True)
class Table:
    """Columns of equal length, and the line of the file that each row begins on."""

    path: str
    format: str
    columns: dict[str, list[Any]]
    lines: list[int]
    header: bool

    def __len__(self) -> int:
        return len(self.lines)


def read_table(
    path: str | os.PathLike[str], known_names: Iterable[str] = (), header: bool | None = None, bare: bool = False
) -> Table:
    """Read a file of rows; `known_names` are what a header line is recognised by when `header` is left open.

    With `bare`, a file without tabs and without a known header is one text a line, commas included.
    """
    name = str(path)
    with open_bytes(path) as file, damage_named(path):
        content = file.read()
    if content.startswith(b"PAR1"):
        return _parquet(name, content)
    text = _decode(name, content)
    if not text.strip():
        raise InputError(f"{name}: expected rows, found an empty file")
    first = text.lstrip()[:1]
    if first == "{":
        return _jsonl(name, text)
    if text.lstrip().startswith(LABEL_PREFIX):
        return _label_lines(name, text)
    if "\t" in text.partition("\n")[0]:
        rows = [line.removesuffix("\r").split("\t") for line in text.split("\n")]
        numbered = [(i, row) for i, row in enumerate(rows, 1) if row != [""] or i < len(rows)]
        return _delimited(name, "tsv", numbered, set(known_names), header)
    named = not set(known_names).isdisjoint(cell.strip() for cell in text.partition("\n")[0].split(","))
    if "," in text.partition("\n")[0] and (named or not bare):
        return _delimited(name, "csv", _csv_rows(name, text), set(known_names), header)
    lines = text.removesuffix("\n").split("\n")
    numbered = [(i, [line.removesuffix("\r")]) for i, line in enumerate(lines, 1)]
    return _delimited(name, "lines", numbered, set(known_names), header)


def _decode(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(
            f"{name}, line {line}: expected UTF-8, found the byte 0x{content[error.start]:02x}. "
            f"Convert the file first, for example: iconv -f latin1 -t utf-8 {name}"
        ) from None


def _csv_rows(name: str, text: str) -> list[tuple[int, list[str]]]:
    rows, line = [], 1
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if row:
                rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{name}, line {line}: expected a CSV row, found: {error}") from None
    return rows


def _delimited(
    name: str, format: str, rows: list[tuple[int, list[str]]], known: set[str], header: bool | None
) -> Table:
    first = rows[0][1]
    if header is None:
        header = any(cell.strip() in known for cell in first)
    names = [cell.strip() for cell in first] if header else [str(i) for i in range(1, len(first) + 1)]
    if len(set(names)) != len(names):
        twice = next(n for n in names if names.count(n) > 1)
        raise InputError(f"{name}, line {rows[0][0]}: the header names the column '{twice}' twice")
    body = rows[1:] if header else rows
    for line, row in body:
        if len(row) != len(names):
            hint = "Is the separator a tab?" if format == "tsv" else "Is a text with commas quoted?"
            raise InputError(
                f"{name}, line {line}: expected {len(names)} columns as in line {rows[0][0]}, found {len(row)}. {hint}"
            )
    columns = {n: [row[i] for _, row in body] for i, n in enumerate(names)}
    return Table(name, format, columns, [line for line, _ in body], header)


def _jsonl(name: str, text: str) -> Table:
    rows: list[dict[str, Any]] = []
    lines: list[int] = []
    for line, part in enumerate(text.split("\n"), 1):
        if not part.strip():
            continue
        try:
            row = json.loads(part)
        except json.JSONDecodeError as error:
            raise InputError(f"{name}, line {line}: expected one JSON object, found: {error.msg}") from None
        if not isinstance(row, dict):
            raise InputError(f"{name}, line {line}: expected a JSON object, found {type(row).__name__}")
        rows.append(row)
        lines.append(line)
    names = list(dict.fromkeys(chain.from_iterable(rows)))
    for line, row in zip(lines, rows):
        missing = [n for n in names if n not in row]
        if missing:
            raise InputError(f"{name}, line {line}: expected the fields {', '.join(names)}, found no '{missing[0]}'")
    return Table(name, "jsonl", {n: [row[n] for row in rows] for n in names}, lines, True)


def _label_lines(name: str, text: str) -> Table:
    labels, texts, lines = [], [], []
    for line, part in enumerate(text.split("\n"), 1):
        words = part.split()
        if not words:
            continue
        count = next((i for i, word in enumerate(words) if not word.startswith(LABEL_PREFIX)), len(words))
        if count == 0:
            raise InputError(f"{name}, line {line}: expected {LABEL_PREFIX}NAME at its start, found '{words[0]}'")
        labels.append([word.removeprefix(LABEL_PREFIX) for word in words[:count]])
        texts.append(" ".join(words[count:]))
        lines.append(line)
    several = any(len(row) > 1 for row in labels)
    column: list[Any] = labels if several else [row[0] for row in labels]
    return Table(name, "fasttext", {"label": column, "text": texts}, lines, True)


def _parquet(name: str, content: bytes) -> Table:
    parquet = need("pyarrow.parquet", "parquet")
    try:
        table = parquet.read_table(io.BytesIO(content))
    except (OSError, ValueError) as error:
        raise InputError(f"{name}: expected Parquet, found a damaged file: {error}") from None
    columns = {n: table.column(n).to_pylist() for n in table.column_names}
    return Table(name, "parquet", columns, list(range(1, table.num_rows + 1)), True)
