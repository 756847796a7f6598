"""wordfit's own file: safetensors that holds the rows and the word index as arrays, opened without reading them.

Tensors `vectors` (V, D) float32 (in compact copies float16, or int8 with `scales` (V, 1)), `words` uint8 (their UTF-8
bytes), `offsets` (V + 1,) int64, `table` (S,) int32 (see `index`), `notes` uint8 (JSON), and for fastText `subwords`
(B, D). Any safetensors reader can open it. The header has a fixed size, so rows can be written before their number
is known.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import numpy as np

from wordfit.errors import InputError
from wordfit.vectors.index import PADDING, WordIndex
from wordfit.vectors.notes import Notes

HEADER = 4096  # bytes before the first tensor
FORMAT = "wordfit vectors 1"
CODES = {"F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I8": "<i1", "U8": "<u1", "F64": "<f8"}
NAMES = {np.dtype(kind): code for code, kind in CODES.items()}


class RowsInFile:
    """Writes rows to a file as they are read, then the words; the rows are never all in memory."""

    def __init__(self, file: IO[bytes], code: str = "F32") -> None:
        self._file, self._code = file, code
        self._file.write(bytes(HEADER))
        self._size = 0
        self._tensors: dict[str, Any] = {}
        self._place = 0

    def start(self, width: int, guess: int) -> None:
        self._width = width
        self._room = np.empty((0, width), dtype=np.float32)

    def add(self, values: np.ndarray) -> None:
        self._file.write(np.ascontiguousarray(values).data)
        self._size += len(values)

    def room(self, count: int) -> np.ndarray:
        if count > len(self._room):
            self._room = np.empty((count, self._width), dtype=np.float32)
        return self._room[:count]

    def finish(self, index: WordIndex, notes: Notes, others: dict[str, np.ndarray]) -> None:
        """Write the words, other arrays, and the header."""
        self._note("vectors", self._code, (self._size, self._width))
        text = json.dumps(asdict(notes)).encode()
        arrays = {
            "offsets": index.offsets,
            "table": index.table,
            **others,
            "words": index.text,
            "notes": np.frombuffer(text, dtype=np.uint8),
        }
        for name, array in arrays.items():
            self._write(name, array)
        write_header(self._file, self._tensors)

    def _write(self, name: str, array: np.ndarray) -> None:
        gap = -self._place % 8  # keeps every array at a multiple of its element
        if gap:
            self._file.write(bytes(gap))
            self._note(f"gap before {name}", "U8", (gap,))
        self._file.write(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
        self._note(name, NAMES[array.dtype], array.shape)

    def _note(self, name: str, code: str, shape: tuple[int, ...]) -> None:
        size = int(np.prod(shape, dtype=np.int64)) * np.dtype(CODES[code]).itemsize
        self._tensors[name] = {
            "dtype": code,
            "shape": list(shape),
            "data_offsets": [self._place, self._place + size],
        }
        self._place += size


def write_header(file: IO[bytes], tensors: dict[str, Any]) -> None:
    """Write the header of a table at the start of its file."""
    text = json.dumps({"__metadata__": {"format": FORMAT}, **tensors}, separators=(",", ":")).encode()
    file.seek(0)
    file.write((HEADER - 8).to_bytes(8, "little") + text.ljust(HEADER - 8))


def read_header(path: str | os.PathLike[str]) -> tuple[dict[str, Any], int]:
    """The tensors of a safetensors file by name, and where their data start."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= min(size - 8, 100_000_000):
            raise InputError(f"{path}: not a whole safetensors file")
        try:
            tensors = json.loads(file.read(length))
        except (ValueError, RecursionError):
            raise InputError(f"{path}: expected a safetensors header in JSON, found something else") from None
    try:
        ends = [int(tensor["data_offsets"][1]) for name, tensor in tensors.items() if name != "__metadata__"]
    except (AttributeError, TypeError, KeyError, IndexError, ValueError):
        raise InputError(f"{path}: the safetensors header lacks the place of a tensor") from None
    if 8 + length + max(ends, default=0) != size:
        raise InputError(f"{path}: the safetensors file is cut off or has grown. Fetch or write it again.")
    return tensors, 8 + length


def tensor(path: str | os.PathLike[str], tensors: dict[str, Any], start: int, name: str, mode: str) -> np.ndarray:
    """One tensor of a safetensors file, mapped to memory; mode `r`, or `c` for an array that may be written to."""
    about = tensors[name]
    if about["dtype"] not in CODES:
        raise InputError(f"{path}: tensor {name} is {about['dtype']}; expected one of {', '.join(CODES)}")
    shape = tuple(about["shape"])
    first, end = about["data_offsets"]
    if min(0, first, *shape) < 0 or math.prod(shape) * np.dtype(CODES[about["dtype"]]).itemsize != end - first:
        raise InputError(f"{path}: tensor {name} does not fill its place. Fetch or write it again.")
    if 0 in shape:
        return np.empty(shape, dtype=CODES[about["dtype"]])
    mapped = np.memmap(path, CODES[about["dtype"]], mode, start + first, shape)  # type: ignore[call-overload]
    return mapped.view(np.ndarray)


def is_table(tensors: dict[str, Any]) -> bool:
    """Is it a file of this module?"""
    about = tensors.get("__metadata__")
    return isinstance(about, dict) and about.get("format") == FORMAT


def open_given_table(path: str | os.PathLike[str]) -> tuple[WordIndex, np.ndarray, Notes, dict[str, np.ndarray]]:
    """Open a table that the cache did not write: its parts are checked, so that no look-up goes astray."""
    try:
        index, vectors, notes, others = open_table(path)
        if not (_finds(index) and _fits(len(index), vectors, others)):
            raise ValueError("its parts do not fit together")
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: the table is damaged ({error}). Fetch or write it again.") from None
    return index, vectors, notes, others


def _finds(index: WordIndex) -> bool:
    """Do words and table name bytes and rows that are there, and does every search in the table come to an end?"""
    cuts, table = index.offsets, index.table
    return bool(
        cuts.ndim == table.ndim == index.text.ndim == 1
        and len(cuts) > 0
        and cuts[0] == 0
        and cuts[-1] <= len(index.text) - PADDING
        and (np.diff(cuts) >= 0).all()
        and len(table).bit_count() == 1
        and table.max() < len(index)
        and np.count_nonzero(table >= 0) == len(index) < len(table)
    )


def _fits(size: int, vectors: np.ndarray, others: dict[str, np.ndarray]) -> bool:
    """Has every word a row, in whatever form?"""
    pieces = others.get("subwords")
    return bool(
        vectors.ndim == 2
        and len(vectors) == size
        and ("scales" not in others or others["scales"].shape == (size, 1))
        and (pieces is None or (pieces.ndim == 2 and len(pieces) > 0 and pieces.shape[1] == vectors.shape[1]))
        and (pieces is None or others["subword_lengths"].shape == (2,))
    )


def open_table(path: str | os.PathLike[str]) -> tuple[WordIndex, np.ndarray, Notes, dict[str, np.ndarray]]:
    """The index, the rows (V, D), the notes and other arrays, all mapped to memory and none of them read."""
    tensors, start = read_header(path)
    index = WordIndex(*(tensor(path, tensors, start, name, "c") for name in ("words", "offsets", "table")))
    notes = json.loads(bytes(tensor(path, tensors, start, "notes", "r")))
    said: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in notes.items()}
    used = {"vectors", "words", "offsets", "table", "notes", "__metadata__"}
    others = {
        name: tensor(path, tensors, start, name, "r")
        for name in tensors
        if name not in used and not name.startswith("gap before ")
    }
    return index, tensor(path, tensors, start, "vectors", "r"), Notes(**said), others


def write_table(
    file: IO[bytes], vectors: np.ndarray, index: WordIndex, notes: Notes, others: dict[str, np.ndarray]
) -> None:
    """Write a whole set of vectors (V, D)."""
    rows = RowsInFile(file, NAMES[vectors.dtype])
    rows.start(vectors.shape[1], len(vectors))
    for start in range(0, len(vectors), 65536):
        rows.add(vectors[start : start + 65536])
    rows.finish(index, notes, others)


def table_folder() -> Path:
    """The user's cache of tables: XDG_CACHE_HOME, or ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "wordfit" / "vectors"
