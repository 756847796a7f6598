"""Load vectors from a file of any format: through the cache where that helps, in memory otherwise."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np

from wordfit.errors import InputError
from wordfit.vectors.formats.reading import Options, Rows, RowsInMemory
from wordfit.vectors.formats.recognised import Answer, read, recognise
from wordfit.vectors.index import WordIndex
from wordfit.vectors.named_sets import NAMED_SETS, downloaded
from wordfit.vectors.notes import Notes
from wordfit.vectors.store import Store
from wordfit.vectors.tables import is_table, open_given_table, open_table, read_header

Loaded = tuple[WordIndex | list[str], np.ndarray, Notes, dict[str, np.ndarray]]
SMALL = 1 << 20  # bytes; a smaller file is read faster than a copy is made


def load(path: str | os.PathLike[str], options: Options, cache: bool) -> Loaded:
    """The index of words, their rows (V, D), the notes, and arrays of the format's own."""
    path = _named(path)
    if os.path.isfile(path) and _is_own(path):
        return _chosen(open_given_table(path), options)
    if not cache or not Store.serves(path) or (os.path.isfile(path) and os.path.getsize(path) < SMALL):
        return _in_memory(path, options)
    return _through_store(path, options)


def _named(path: str | os.PathLike[str]) -> str | os.PathLike[str]:
    """The file of a named set, where no file has that name."""
    if str(path) not in NAMED_SETS or os.path.exists(path):
        return path
    found = downloaded(str(path))
    if found is None:
        raise InputError(f"{path}: no such file. It is a named set: wordfit vectors download {path}")
    return found


def _is_own(path: str | os.PathLike[str]) -> bool:
    with open(path, "rb") as file:
        head = file.read(16)
    return head[8:9] == b"{" and recognise(head, str(path)).name == "safetensors" and is_table(read_header(path)[0])


def _in_memory(path: str | os.PathLike[str], options: Options) -> Loaded:
    rows = RowsInMemory()
    index, notes, others = read(path, rows, options)
    return index, rows.finish(), notes, others


def _through_store(path: str | os.PathLike[str], options: Options) -> Loaded:
    partial = options.words is not None or options.limit is not None
    store = Store(path, options)
    table = store.known() if partial else store.find()
    if table is not None:
        try:
            return _chosen(_renamed(open_table(table), path), options)
        except (InputError, ValueError, KeyError, TypeError, OSError):
            store.drop(table)  # damaged from outside
    if partial:
        return _in_memory(path, options)

    def read_into(rows: Rows) -> Answer:
        return read(path, rows, options)

    try:
        return open_table(store.fill(read_into))
    except OSError as error:
        index, matrix, notes, others = _in_memory(path, options)
        remark = f"no copy was kept in the cache: {error}"
        return index, matrix, replace(notes, remarks=(*notes.remarks, remark)), others


def _renamed(loaded: Loaded, path: str | os.PathLike[str]) -> Loaded:
    """The same, said of the file that was asked for: another of the same content may have been read."""
    index, matrix, notes, others = loaded
    return index, matrix, replace(notes, file=str(path)), others


def _chosen(loaded: Loaded, options: Options) -> Loaded:
    """Of a whole table only the wanted words, in the order of the file, and of those the first."""
    index, matrix, notes, others = loaded
    if (options.words is None and options.limit is None) or not isinstance(index, WordIndex):
        return loaded
    if options.words is None:
        found = np.arange(len(index))
    else:
        found = np.unique(index.rows([word.decode("utf-8", "surrogateescape") for word in options.words]))
        found = found[found >= 0]
    if options.limit is not None:
        found = found[found < options.limit]
    kept = [index.words[i] for i in found.tolist()]
    if "scales" in others:
        others = {**others, "scales": others["scales"][found]}
    return kept, matrix[found], replace(notes, taken=len(kept)), others
