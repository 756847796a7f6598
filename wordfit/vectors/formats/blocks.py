"""Cut a text file into blocks of whole lines: as a pipe gives them, or in parts that workers read themselves."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np

from wordfit.errors import InputError
from wordfit.vectors.formats.layout import layout_of
from wordfit.vectors.formats.reading import size_of
from wordfit.vectors.index import PADDING

BLOCK = 1 << 20  # bytes read at a time
TAIL = 4096  # bytes read after a block for the end of its last line
LONGEST = 1 << 28  # bytes of the longest line that is believed


@dataclass
class Block:
    """A piece of text of whole lines, with room for its rows; the memory is used again."""

    memory: bytearray
    start: int = 0
    end: int = 0
    room: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.float32))
    source: tuple[int, int, int] | None = None  # yet to be read: the file, and which part of it

    def fetch(self, name: str) -> None:
        """Read the lines that begin in a part of a file, the last of them to its end."""
        if self.source is None:
            return
        (file, first, stop), self.source = self.source, None
        closing = stop - first  # a line end here, or the first one after it, closes the block
        filled, goal = 0, closing + 1 + TAIL  # from a byte before: a line may begin right here
        while True:
            if len(self.memory) < goal + PADDING + 1:
                self.memory = bytearray(goal + PADDING + 1) if not filled else self.memory.ljust(goal + PADDING + 1)
            filled = _read_at(file, self.memory, first - 1, filled, goal)
            self.start = self.memory.find(b"\n", 0, min(closing, filled)) + 1
            self.end = self.memory.find(b"\n", closing, filled) + 1
            if self.end or not self.start or filled < goal:
                break
            if filled > LONGEST:
                raise _too_long(name)
            goal = 2 * filled
        if not self.start:
            self.end = 0  # no line begins here
        elif not self.end:  # the file ends without a line end
            self.memory[filled] = 10
            self.end = filled + 1

    def rows(self, count: int, width: int) -> np.ndarray:
        """Room for so many rows."""
        if len(self.room) < count * width:
            self.room = np.empty(count * width, dtype=np.float32)
        return self.room[: count * width].reshape(count, width)


class Blocks:
    """Cuts a file into blocks at line ends; the first one decides the layout."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self.stride = BLOCK
        self._free: list[Block] = []
        self._carry = b""
        self._first = self._next()
        text = bytes(self._first.memory[: self._first.end]) if self._first else b""
        self.layout = layout_of(text, name)

    def __iter__(self) -> Iterator[Block]:
        if self._first:
            rest = self._first.memory[self.layout.start : self._first.end]
            self._first.memory[: len(rest)] = rest
            self._first.end, first = len(rest), self._first.end
            yield self._first
            size = size_of(self._file)
            if size is not None and hasattr(os, "preadv"):
                yield from self._parts(first, size)
                return
        while block := self._next():
            yield block

    def _parts(self, start: int, size: int) -> Iterator[Block]:
        """The rest of a plain file in parts, for the workers to read."""
        for place in range(start, size, self.stride):
            block = self._free.pop() if self._free else Block(bytearray())
            block.source = (self._file.fileno(), place, min(place + self.stride, size))
            yield block

    def give_back(self, block: Block) -> None:
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

    def _next(self) -> Block | None:
        block = self._free.pop() if self._free else Block(bytearray(BLOCK + (BLOCK >> 4)))
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
                raise _too_long(self._name)
            goal = 2 * filled
        self._carry = bytes(memory[end:filled])
        block.memory, block.start, block.end = memory, 0, end
        return block if end else None

    def _fill(self, memory: bytearray, filled: int, goal: int) -> int:
        view = memoryview(memory)
        while filled < goal:
            count = self._file.readinto(view[filled:goal])  # type: ignore[attr-defined]
            if not count:
                break
            filled += count
        return filled


def _read_at(file: int, memory: bytearray, place: int, filled: int, goal: int) -> int:
    """Fill a memory that holds a file from some place on; how far it is filled then."""
    with memoryview(memory) as view:
        while filled < goal and (count := os.preadv(file, [view[filled:goal]], place + filled)):
            filled += count
    return filled


def _too_long(name: str) -> InputError:
    return InputError(f"{name}: a line is longer than {LONGEST >> 20} MB. Is this a text file?")
