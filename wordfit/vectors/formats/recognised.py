"""Which format a file of vectors is in, told from its first bytes, and the reader of each."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from wordfit.errors import InputError
from wordfit.files import compression, damage_named, open_bytes, open_zip
from wordfit.vectors.formats.reading import Options, Rows
from wordfit.vectors.index import WordIndex
from wordfit.vectors.notes import Notes

HEAD = 1 << 16  # bytes that decide
HEADER = re.compile(rb"\s*[0-9]+[ \t]+[0-9]+[ \t]*\r?\n")
NUMERIC = frozenset(b"0123456789+-.eE \t\r\nnaifNAIFty")
Answer = tuple[WordIndex, Notes, dict[str, np.ndarray]]
Reader = Callable[[BinaryIO, str, Rows, Options], Answer]


@dataclass(frozen=True)
class Format:
    """A format: its name, how its first bytes are known, and what reads it."""

    name: str
    known_by: Callable[[bytes], bool]
    reader: Callable[[], Reader]


def _is_binary_word2vec(head: bytes) -> bool:
    """A header line, and after the first word something that is not written in digits."""
    header = HEADER.match(head)
    if not header:
        return False
    record = head[header.end() :].lstrip(b"\n")
    values = record[record.find(b" ") + 1 :][:256]
    return b" " in record and not set(values.split(b"\n")[0]) <= NUMERIC


def _is_safetensors(head: bytes) -> bool:
    return len(head) > 9 and head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 100_000_000


def _text() -> Reader:
    from wordfit.vectors.formats.text import read_text

    return lambda *given: (*read_text(*given), {})


def _binary() -> Reader:
    from wordfit.vectors.formats.binary import read_binary

    return lambda *given: (*read_binary(*given), {})


def _fasttext() -> Reader:
    from wordfit.vectors.formats.fasttext import read_fasttext

    return read_fasttext


def _npy() -> Reader:
    from wordfit.vectors.formats.arrays import read_npy

    return read_npy


def _npz() -> Reader:
    from wordfit.vectors.formats.arrays import read_npz

    return read_npz


def _safetensors() -> Reader:
    from wordfit.vectors.formats.arrays import read_safetensors

    return read_safetensors


FORMATS = (  # the first that knows the first bytes; text is what is left
    Format("NumPy", lambda head: head.startswith(b"\x93NUMPY"), _npy),
    Format("NumPy archive", lambda head: compression(head) == "zip", _npz),
    Format("fastText binary", lambda head: head.startswith((793712314).to_bytes(4, "little")), _fasttext),
    Format("safetensors", _is_safetensors, _safetensors),
    Format("word2vec binary", _is_binary_word2vec, _binary),
    Format("text", lambda head: b"\0" not in head, _text),
)

FOREIGN = (  # what is met where vectors were expected: how it starts, what it is, what to do
    (b"\x80", "a Python pickle, which can run code when it is opened",
     "Open it with gensim and pass on the object: WordVectors.of(KeyedVectors.load(path))"),
    (b"<", "a web page or XML", "The address gave a page, not the file: download it again"),
    (b"\x89HDF", "HDF5", "Convert it to text or .npz first"),
    (b"SQLite format 3", "a SQLite database (pymagnitude?)", "Convert it to text first"),
    (b"GGUF", "a GGUF language model", "wordfit reads tables of word vectors"),
    (b"%PDF", "a PDF", "Give the file of vectors"),
    (b"FiFu", "finalfusion", "Convert it with its own tool: finalfusion convert -t word2vec"),
)  # fmt: skip


def read(path: str | os.PathLike[str], rows: Rows, options: Options) -> Answer:
    """Read a file of vectors of any format into `rows`: index, notes, and arrays of the format's own."""
    name = str(path)
    with damage_named(name), open_source(path) as file:
        head, source = _look(file)
        try:
            return recognise(head, name).reader()(source, name, rows, options)
        except MemoryError:
            raise InputError(f"{name}: the file promises more vectors than memory can hold") from None


def recognise(head: bytes, name: str) -> Format:
    """The format that a file's first bytes are in."""
    for start, what, step in FOREIGN:
        if head.startswith(start) and not _like_a_line(head):
            raise InputError(f"{name}: expected word vectors, found {what}. {step}.")
    for form in FORMATS:
        if form.known_by(head):
            return form
    raise InputError(
        f"{name}: expected word vectors, found bytes of no known format. "
        "Known are GloVe and word2vec text, word2vec and fastText binary, .npy, .npz, safetensors."
    )


def _like_a_line(head: bytes) -> bool:
    """Does it start with a word and numbers after all? "<" and "<unk>" are words."""
    fields = head.split(b"\n", 1)[0].split()[1:3]
    return len(fields) == 2 and all(set(field) <= NUMERIC for field in fields)


def open_source(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file unpacked; an archive of NumPy arrays stays packed, because it is the format."""
    if str(path) != "-" and os.path.isfile(path):
        with open(path, "rb") as file:
            packed = compression(file.read(8)) == "zip"
        if packed:
            names = [name for name in open_zip(path).namelist() if not name.endswith("/")]
            if names and all(name.endswith(".npy") for name in names):
                return open(path, "rb")
    return open_bytes(path)


def _look(file: BinaryIO) -> tuple[bytes, BinaryIO]:
    """The first bytes of a file, and the file from its start again."""
    head = b""
    while len(head) < HEAD and (more := file.read(HEAD - len(head))):
        head += more
    if isinstance(file, io.BufferedReader) and isinstance(file.raw, io.FileIO) and file.seekable():
        file.seek(0)
        return head, file
    return head, io.BufferedReader(_Again(head, file), HEAD)


class _Again(io.RawIOBase):
    """Bytes that were read already, then the rest of their file."""

    def __init__(self, head: bytes, file: BinaryIO) -> None:
        self._head, self._file = memoryview(head), file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if len(self._head):
            count = min(len(buffer), len(self._head))
            buffer[:count], self._head = self._head[:count], self._head[count:]
            return count
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
