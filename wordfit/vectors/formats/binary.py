"""Read word2vec's binary format: a header line, then for each word its bytes, a space and D float32."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np

from wordfit.errors import InputError
from wordfit.vectors.formats.joining import Joiner, Piece
from wordfit.vectors.formats.reading import Options, Rows, size_of
from wordfit.vectors.index import PADDING, WordIndex
from wordfit.vectors.kernels import lines as kernels
from wordfit.vectors.notes import Notes
from wordfit.vectors.packing import pack_bytes

BLOCK = 1 << 19  # bytes read at a time
WIDEST = 1_000_000  # values of a word that are believed
NAME = "word2vec binary"


def read_binary(file: BinaryIO, name: str, rows: Rows, options: Options) -> tuple[WordIndex, Notes]:
    """Read a binary file of vectors into `rows`; the index of its words and the notes come back."""
    promised, width = _header(file, name)
    size = size_of(file)
    guess = min(promised, 65536 if size is None else size // (4 * width + 1) + 1)
    guess = guess if options.words is None else min(guess, len(options.words))
    rows.start(width, guess)
    joiner = Joiner(name, NAME, "entry", 1, rows, options, guess)
    wanted = pack_bytes(sorted(options.words)) if options.words is not None else None
    block, filled, count = bytearray(max(BLOCK, 8 * width + 4096) + PADDING), 0, 0
    while count < promised and not joiner.full:
        filled += _fill(file, block, filled)
        room = min(promised - count, filled // (4 * width + 1) + 1)
        values = rows.room(room) if wanted is None else np.empty((room, width), dtype=np.float32)
        piece, used = _records(block, filled, values, wanted)
        if piece.lines == 0:
            break
        count += piece.lines
        joiner.take(piece)
        block[: filled - used] = block[used:filled]
        filled -= used
    joiner.check_promise(promised)
    return joiner.finish()


def _header(file: BinaryIO, name: str) -> tuple[int, int]:
    line = file.readline(100)
    try:
        words, width = (int(part) for part in line.split())
    except ValueError:
        raise InputError(f"{name}, line 1: expected the number of words and of values, found {line!r}") from None
    if width < 1:
        raise InputError(f"{name}, line 1: expected at least one value a word, found {width}")
    if width > WIDEST:
        raise InputError(f"{name}, line 1: a header that promises {width:,} values a word is not believed")
    return words, width


def _fill(file: BinaryIO, block: bytearray, filled: int) -> int:
    view, start = memoryview(block)[: len(block) - PADDING], filled
    while filled < len(view):
        count = file.readinto(view[filled:])  # type: ignore[attr-defined]
        if not count:
            break
        filled += count
    return filled - start


def _records(block: bytearray, end: int, values: np.ndarray, wanted: WordIndex | None) -> tuple[Piece, int]:
    """The records that a block holds whole, read into `values`, and how many bytes they take."""
    text = np.frombuffer(block, dtype=np.uint8)
    room, width = values.shape
    piece = Piece.empty(block, values)
    place = row = entry = 0
    while True:
        before = row
        place, row, infinite = kernels.read_records(
            text, place, end, room - (entry - row), values.view(np.uint32), piece.starts, piece.ends, row
        )
        piece.numbers[before:row] = np.arange(entry, entry + row - before)
        entry += row - before
        if not infinite:
            break
        stop = block.index(b" ", place)
        word = bytes(block[place:stop]).lstrip(b"\n").decode("utf-8", "replace")
        piece.problems.append((entry, f"the vector of {word!r} holds a value that is not finite"))
        place, entry = stop + 1 + 4 * width, entry + 1
    piece.lines = entry
    piece.trim(row)
    if wanted is not None:
        piece.keep_wanted(wanted)
    return piece, place
