"""Vectors that are arrays already: `.npy` and `.npz` with words, and safetensors with a tokenizer beside it."""

from __future__ import annotations

import io
import json
import math
import struct
from collections.abc import Sequence
from pathlib import Path
from tokenize import TokenError
from typing import BinaryIO

import numpy as np

from wordfit.errors import InputError
from wordfit.vectors.formats.joining import Joiner, Piece
from wordfit.vectors.formats.reading import Options, Rows
from wordfit.vectors.formats.recognised import Answer
from wordfit.vectors.index import encode, join
from wordfit.vectors.packing import pack_bytes
from wordfit.vectors.tables import CODES

BLOCK = 16384  # rows joined at a time
# what NumPy and zipfile raise over bytes that are not what they seem, besides the errors of `files.DAMAGED`
ODD = (ValueError, TypeError, OverflowError, KeyError, RuntimeError, SyntaxError, OSError, struct.error, TokenError)
BESIDE = ("{stem}.words.txt", "{stem}.words", "{stem}.vocab.txt", "{stem}.vocab", "{stem}.txt",
          "words.txt", "vocab.txt")  # fmt: skip


def read_npy(file: BinaryIO, name: str, rows: Rows, options: Options) -> Answer:
    """A matrix (V, D), its words one to a line in a file beside it."""
    matrix = _array(file, name)
    return take_rows(_words_beside(name), matrix, f"{name}", "NumPy", rows, options)


def read_npz(file: BinaryIO, name: str, rows: Rows, options: Options) -> Answer:
    """An archive that holds one matrix (V, D) of numbers and one array (V,) of words."""
    try:
        with np.load(io.BytesIO(file.read()), allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
    except ODD as error:
        raise InputError(f"{name}: {error}. Words must be an array of strings, not of objects.") from None
    matrices = [a for a in arrays.values() if a.ndim == 2 and a.dtype.kind == "f"]
    words = [a for a in arrays.values() if a.ndim == 1 and a.dtype.kind in "US"]
    if len(matrices) != 1 or len(words) != 1:
        found = ", ".join(f"{key} {a.dtype}{list(a.shape)}" for key, a in arrays.items())
        raise InputError(f"{name}: expected a matrix of numbers and an array of words, found {found}")
    spelled = [w if isinstance(w, bytes) else encode(w) for w in words[0].tolist()]
    return take_rows(spelled, matrices[0], name, "NumPy archive", rows, options)


def read_safetensors(file: BinaryIO, name: str, rows: Rows, options: Options) -> Answer:
    """The one matrix (V, D) of a static embedding; its words are in `tokenizer.json` or a list beside it.

    Model2Vec's `mapping` (V,) says which row a token has where several share one, its `weights` (V,) what to multiply.
    """
    tensors, data = _tensors(file, name)
    tables = [key for key, about in tensors.items() if len(about[1]) == 2]
    if len(tables) != 1:
        raise InputError(f"{name}: expected one matrix of vectors, found the tensors {', '.join(tensors)}")
    matrix = _tensor(tables[0], tensors, data, name)
    if "mapping" in tensors:
        mapping = _tensor("mapping", tensors, data, name)
        if mapping.ndim != 1 or mapping.dtype.kind != "i" or not ((mapping >= 0) & (mapping < len(matrix))).all():
            raise InputError(f"{name}: expected `mapping` to name rows of the {len(matrix)}, found others")
        matrix = matrix[mapping]
    if "weights" in tensors:
        weights = _tensor("weights", tensors, data, name)
        if weights.shape != (len(matrix),):
            raise InputError(f"{name}: expected a weight for each of {len(matrix)} tokens, found {weights.shape}")
        matrix = matrix * weights[:, None]
    beside = Path(name).with_name("tokenizer.json")
    above = Path(name).absolute().parent.parent / "tokenizer.json"
    found = next((p for p in (beside, above) if p.is_file()), None)
    words = _tokenizer_words(found, len(matrix)) if found else _words_beside(name)
    return take_rows(words, matrix, name, "safetensors", rows, options)


Tensors = dict[str, tuple[str, tuple[int, ...], int, int]]  # name: dtype, shape, start, end


def _tensors(file: BinaryIO, name: str) -> tuple[Tensors, bytes]:
    """What a safetensors file says that it holds, and its data."""
    length = int.from_bytes(file.read(8), "little")
    try:
        said = json.loads(file.read(length))
        found: Tensors = {}
        for key, about in said.items():
            if key != "__metadata__":
                start, end = map(int, about["data_offsets"])
                found[key] = str(about["dtype"]), tuple(map(int, about["shape"])), start, end
        bad = [key for key, (_, shape, start, end) in found.items() if min(0, *shape, start, end - start) < 0]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise InputError(f"{name}: the safetensors header is damaged ({error})") from None
    if bad:
        raise InputError(f"{name}: the safetensors header is damaged at tensor {bad[0]}")
    return found, file.read()


def _tensor(key: str, tensors: Tensors, data: bytes, name: str) -> np.ndarray:
    code, shape, start, end = tensors[key]
    kind = np.dtype("<u2") if code == "BF16" else np.dtype(CODES.get(code, "V1"))
    if kind.kind == "V":
        raise InputError(f"{name}: tensor {key} is {code}; expected one of {', '.join([*CODES, 'BF16'])}")
    if math.prod(shape) * kind.itemsize != end - start or end > len(data):
        raise InputError(f"{name}: the safetensors file is cut off at tensor {key}. Fetch it again.")
    array = np.frombuffer(data, kind, math.prod(shape), start).reshape(shape)
    return (array.astype(np.uint32) << 16).view(np.float32) if code == "BF16" else array


def take_rows(words: Sequence[bytes], matrix: np.ndarray, name: str, form: str, rows: Rows, options: Options) -> Answer:
    """Words (as bytes) and a matrix (V, D) of any float type, read like a file."""
    if matrix.ndim != 2 or len(words) != len(matrix):
        raise InputError(f"{name}: expected a row for each word, found {len(words)} words, shape {matrix.shape}")
    rows.start(matrix.shape[1], len(matrix) if options.words is None else len(options.words))
    joiner = Joiner(name, form, "row", 0, rows, options)
    wanted = pack_bytes(sorted(options.words)) if options.words is not None else None
    for start in range(0, len(matrix), BLOCK):
        piece = _piece(words[start : start + BLOCK], matrix[start : start + BLOCK])
        if wanted is not None:
            piece.keep_wanted(wanted)
        joiner.take(piece)
        if joiner.full:
            break
    index, notes = joiner.finish()
    return index, notes, {}


def _piece(words: Sequence[bytes], matrix: np.ndarray) -> Piece:
    text, offsets = join(words)
    with np.errstate(over="ignore"):
        values = np.ascontiguousarray(matrix, dtype=np.float32)
    finite = np.asarray(np.isfinite(values).all(axis=1))
    piece = Piece(bytearray(text), values, offsets[:-1], offsets[1:], np.arange(len(words)), len(words))
    piece.problems = [(int(i), "holds a value that is not finite") for i in np.flatnonzero(~finite)]
    piece.keep(finite)
    return piece


def _array(file: BinaryIO, name: str) -> np.ndarray:
    try:
        array = np.lib.format.read_array(file, allow_pickle=False)
    except ODD as error:
        raise InputError(f"{name}: {error}") from None
    if array.ndim != 2 or array.dtype.kind not in "fiu":
        raise InputError(f"{name}: expected a matrix of numbers, found {array.dtype} of shape {array.shape}")
    return array


def _words_beside(name: str) -> list[bytes]:
    """The words of a matrix, one to a line; of `word count` lines the word."""
    path = Path(name)
    stem = path.name.split(".")[0] if path.name.endswith((".gz", ".bz2", ".xz")) else path.stem
    tried = [path.with_name(pattern.format(stem=stem)) for pattern in BESIDE]
    found = next((p for p in tried if p.is_file() and p != path), None)
    if found is None:
        names = ", ".join(p.name for p in tried)
        raise InputError(f"{name}: a matrix needs its words, one to a line, in a file beside it: {names}")
    lines = found.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    lines = [line.removesuffix(b"\r") for line in (lines[:-1] if lines[-1] == b"" else lines)]
    counted = [line.rsplit(None, 1) for line in lines]
    if all(len(parts) == 2 and parts[1].isdigit() for parts in counted):
        return [parts[0] for parts in counted]
    return lines


def _tokenizer_words(path: Path, size: int) -> list[bytes]:
    """The tokens of a `tokenizer.json` in the order of their ids; the row of a missing id gets an empty name."""
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
        vocabulary = described["model"]["vocab"]
        entries = (
            [(token, i) for i, (token, _) in enumerate(vocabulary)]  # Unigram: pairs of token and score
            if isinstance(vocabulary, list)
            else list(vocabulary.items())
        )
        entries += [(added["content"], added["id"]) for added in described.get("added_tokens", [])]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: expected a tokenizer with a vocabulary ({error!r})") from None
    words = [f"[row {i}]".encode() for i in range(size)]
    for token, i in entries:
        if 0 <= i < size:
            words[i] = encode(token)
    return words
