"""Read word vectors from text: in blocks, compiled, on several threads, without holding the text.

Blocks end at a line end. Workers turn a block into rows; the caller's thread reads the next block and joins the rows
in order, so memory is the rows plus a few blocks. A line that is not plain goes to `lines.read_line`.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np

from wordfit.errors import InputError
from wordfit.vectors import kernels
from wordfit.vectors.index import WordIndex
from wordfit.vectors.joining import Joiner, Piece
from wordfit.vectors.layout import Layout, layout_of
from wordfit.vectors.lines import BLANKS, GAP, LineError, read_line
from wordfit.vectors.native import PADDING
from wordfit.vectors.notes import Notes
from wordfit.vectors.packing import pack_bytes
from wordfit.vectors.reading import Options, Rows, size_of

BLOCK = 1 << 20  # bytes read at a time
LONGEST = 1 << 28  # bytes of the longest line that is believed


def read_text(file: BinaryIO, name: str, rows: Rows, options: Options) -> tuple[WordIndex, Notes]:
    """Read a text file of vectors into `rows`; the index of its words and the notes come back."""
    blocks = _Blocks(file, name)
    layout = blocks.layout
    rows.start(layout.width, blocks.guess() if options.words is None else len(options.words))
    joiner = Joiner(name, layout.name, "line", layout.first_line, rows, options)
    wanted = _first_parts(options.words) if options.words is not None else None
    threads = max(1, min(_cores(), 4))
    with ThreadPoolExecutor(threads) as pool:
        running: deque[tuple[_Block, Future[Piece]]] = deque()

        def join_next() -> None:
            block, work = running.popleft()
            joiner.take(work.result())
            blocks.give_back(block)

        for block in blocks:
            running.append((block, pool.submit(_parse, block, layout, wanted)))
            if len(running) > threads + 1:
                join_next()
            if joiner.full:
                break
        while running and not joiner.full:
            join_next()
    joiner.remark(*layout.remarks)
    joiner.check_promise(layout.promised)
    return joiner.finish()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass
class _Block:
    """A piece of text that ends at a line end, with room for its rows; the memory is used again."""

    memory: bytearray
    end: int = 0
    room: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.float32))

    def rows(self, count: int, width: int) -> np.ndarray:
        """Room for so many rows."""
        if len(self.room) < count * width:
            self.room = np.empty(count * width, dtype=np.float32)
        return self.room[: count * width].reshape(count, width)


class _Blocks:
    """Cuts a file into blocks at line ends; the first one decides the layout."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self._free: list[_Block] = []
        self._carry = b""
        self._first = self._next()
        text = bytes(self._first.memory[: self._first.end]) if self._first else b""
        self.layout = layout_of(text, name)

    def __iter__(self) -> Iterator[_Block]:
        if self._first:
            rest = self._first.memory[self.layout.start : self._first.end]
            self._first.memory[: len(rest)] = rest
            self._first.end = len(rest)
            yield self._first
        while block := self._next():
            yield block

    def give_back(self, block: _Block) -> None:
        """Take back a block whose rows are joined, to use its memory again."""
        self._free.append(block)

    def guess(self) -> int:
        """About how many rows there are, rather more: by the header, or by the size of the file."""
        if self._first is None:
            return 0
        lines = self._first.memory.count(b"\n", 0, self._first.end)
        size = size_of(self._file)
        guess = lines if size is None else int(1.03 * lines * size / self._first.end) + 16
        promised = self.layout.promised
        return guess if promised is None or size is None else min(promised, guess)

    def _next(self) -> _Block | None:
        block = self._free.pop() if self._free else _Block(bytearray(BLOCK + (BLOCK >> 4)))
        memory, carry = block.memory, self._carry
        filled, goal = len(carry), len(carry) + BLOCK
        while True:
            if len(memory) < goal + PADDING + 1:
                memory = memory.ljust(goal + PADDING + 1, b"\0")
            memory[: len(carry)] = carry
            filled = self._fill(memory, filled, goal)
            if filled < goal and filled and memory[filled - 1] != 10:  # the file ends without a line end
                memory[filled] = 10
                filled += 1
            end = memory.rfind(b"\n", 0, filled) + 1
            if end or filled < goal:
                break
            if filled > LONGEST:
                raise InputError(f"{self._name}: a line is longer than {LONGEST >> 20} MB. Is this a text file?")
            goal = 2 * filled
        self._carry = bytes(memory[end:filled])
        block.memory, block.end = memory, end
        return block if end else None

    def _fill(self, memory: bytearray, filled: int, goal: int) -> int:
        view = memoryview(memory)
        while filled < goal:
            count = self._file.readinto(view[filled:goal])  # type: ignore[attr-defined]
            if not count:
                break
            filled += count
        return filled


def _first_parts(words: frozenset[bytes]) -> tuple[WordIndex, WordIndex]:
    """The words, and what lines that may hold one of them begin with."""
    parts = {GAP.split(word, 1)[0] for word in words}
    return pack_bytes(sorted(words)), pack_bytes(sorted(parts))


def _parse(block: _Block, layout: Layout, wanted: tuple[WordIndex, WordIndex] | None) -> Piece:
    """Turn a block of text into rows; runs in a worker, the kernels without Python's lock."""
    room = block.end // (2 * layout.width + 1) + 1  # a line has a digit and a blank at least for each value
    piece = Piece.empty(block.memory, block.rows(room, layout.width))
    text, place, row, line = piece.text, 0, 0, 0
    where = (piece.values, piece.starts, piece.ends, piece.numbers)
    while True:
        if wanted is None:
            place, row, line = kernels.read_lines(text, place, block.end, layout.separator, *where, row, line)
        else:
            parts = (wanted[1].text, wanted[1].offsets, wanted[1].table)
            place, row, line = kernels.read_wanted(text, place, block.end, layout.separator, *parts, *where, row, line)
        if place >= block.end:
            break
        stop = block.memory.index(b"\n", place)
        row += _odd_line(piece, place, stop, row, line)
        place, line = stop + 1, line + 1
    piece.lines = line
    piece.trim(row)
    if wanted is not None:
        piece.keep_wanted(wanted[0])
    return piece


def _odd_line(piece: Piece, place: int, stop: int, row: int, line: int) -> int:
    """Read a line plainly into a row; how many rows that made, 0 or 1."""
    content = bytes(piece.memory[place:stop])
    if not content.strip(BLANKS):
        piece.blank += 1
        return 0
    try:
        word, values = read_line(content, piece.values.shape[1])
    except LineError as error:
        piece.problems.append((line, str(error)))
        return 0
    piece.values[row] = values
    piece.starts[row], piece.ends[row], piece.numbers[row] = place, place + len(word), line
    return 1
