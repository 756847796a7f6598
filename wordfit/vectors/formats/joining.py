"""Pieces of a file of vectors, and joining them in order: words to the index, rows to their place, faults to notes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from wordfit.errors import InputError
from wordfit.vectors.formats.reading import Options, Rows
from wordfit.vectors.index import PADDING, WordIndex
from wordfit.vectors.kernels import lines as kernels
from wordfit.vectors.notes import Notes
from wordfit.vectors.packing import GrowingIndex


@dataclass
class Piece:
    """Rows of a piece of a file, N of them: where their words stand, their lines from 0, and what was at fault."""

    memory: bytearray
    values: np.ndarray  # (N, D)
    starts: np.ndarray
    ends: np.ndarray
    numbers: np.ndarray
    lines: int = 0  # lines of the piece, blank ones included
    blank: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)

    @classmethod
    def empty(cls, memory: bytearray, values: np.ndarray) -> Piece:
        """A piece whose rows (N, D) are yet to be filled in."""
        starts, ends, numbers = (np.empty(len(values), dtype=np.int64) for _ in range(3))
        return cls(memory, values, starts, ends, numbers)

    @property
    def text(self) -> np.ndarray:
        return np.frombuffer(self.memory, dtype=np.uint8)

    def trim(self, count: int) -> None:
        """Keep the first so many rows."""
        self.values, self.starts = self.values[:count], self.starts[:count]
        self.ends, self.numbers = self.ends[:count], self.numbers[:count]

    def keep(self, mask: np.ndarray) -> None:
        """Keep some of the rows."""
        if not mask.all():
            self.values, self.starts = self.values[mask], self.starts[mask]
            self.ends, self.numbers = self.ends[mask], self.numbers[mask]

    def keep_wanted(self, words: WordIndex) -> None:
        """Keep the rows of some words."""
        found = np.empty(len(self.starts), dtype=np.int64)
        kernels.find_words(self.text, self.starts, self.ends, words.text, words.offsets, words.table, found)
        self.keep(found >= 0)


class Joiner:
    """Joins pieces in order; the first row of a word wins."""

    def __init__(
        self, name: str, form: str, unit: str, first: int, rows: Rows, options: Options, capacity: int = 4096
    ) -> None:
        self._name, self._form, self._unit, self._rows, self._options = name, form, unit, rows, options
        self._index = GrowingIndex(capacity)
        self._line = first  # the number of the next piece's first line
        self._words = 0  # lines with words, wanted or not
        self._blank = self._replaced = 0
        self._duplicates: list[str] = []
        self._left_out: list[str] = []
        self._remarks: list[str] = []
        self.full = options.limit == 0

    def take(self, piece: Piece) -> None:
        """Join the rows of the next piece."""
        self._cut(piece)
        self._report(piece.problems)
        text = self._as_utf8(piece)
        fresh = self._index.add(text, piece.starts, piece.ends)
        if not fresh.all():
            again = np.flatnonzero(~fresh)
            self._duplicates += [
                bytes(text[piece.starts[i] : piece.ends[i]]).decode("utf-8", "surrogateescape") for i in again
            ]
            piece.keep(fresh)
        self._rows.add(piece.values)
        self._line += piece.lines
        self._words += piece.lines - piece.blank
        self._blank += piece.blank

    def _cut(self, piece: Piece) -> None:
        """Stop after so many words of the file."""
        limit = self._options.limit
        if limit is None or self._words + piece.lines - piece.blank < limit:
            return
        left = limit - self._words  # of the lines; blank ones count here
        piece.keep(piece.numbers < left)
        piece.problems = [problem for problem in piece.problems if problem[0] < left]
        piece.lines, piece.blank = left, 0
        self.full = True

    def _report(self, problems: list[tuple[int, str]]) -> None:
        said = [f"{self._unit} {self._line + line}: {reason}" for line, reason in problems]
        if said and not self._options.lenient:
            more = f" ({len(said) - 1} more in this part of the file)" if len(said) > 1 else ""
            raise InputError(
                f"{self._name}, {said[0]}{more}. "
                f"Mend the {self._unit}, or read with lenient (--lenient) to leave it out."
            )
        self._left_out += said

    def _as_utf8(self, piece: Piece) -> np.ndarray:
        """The text that a piece's words stand in; words that are not UTF-8 are replaced, kept or refused."""
        text = piece.text
        if kernels.all_ascii(text, piece.starts, piece.ends):
            return text
        words = [bytes(piece.memory[a:b]) for a, b in zip(piece.starts.tolist(), piece.ends.tolist())]
        bad = [i for i, word in enumerate(words) if _invalid(word)] if _invalid(b"\n".join(words)) else []
        if not bad:
            return text
        self._replaced += len(bad)
        if self._options.invalid == "keep":
            return text
        if self._options.invalid == "refuse":
            shown, line = words[bad[0]], self._line + int(piece.numbers[bad[0]])
            raise InputError(
                f"{self._name}, {self._unit} {line}: expected UTF-8, found {shown!r}. "
                "Convert the file, or read with invalid='replace'."
            )
        return _replaced(piece, words)

    def remark(self, *remarks: str) -> None:
        """Note something about the file."""
        self._remarks += remarks

    def check_promise(self, promised: int | None) -> None:
        """Compare the words found with what a header promises: fewer are a fault, more are noted."""
        if promised is None or promised == self._words or self.full:
            return
        said = f"the header promises {promised:,} words, the file holds {self._words:,}"
        if self._words < promised and not self._options.lenient:
            raise InputError(
                f"{self._name}: {said}. Is the file complete? Read with lenient (--lenient) to take what is there."
            )
        self._remarks.append(said)

    def finish(self) -> tuple[WordIndex, Notes]:
        """The index of the words joined, and the notes."""
        if self._blank:
            self._remarks.append(f"{self._blank} blank lines")
        index = self._index.finish()
        notes = Notes(
            self._name, self._form, self._words, len(index), tuple(self._duplicates),
            tuple(self._left_out), self._replaced, tuple(self._remarks),
        )  # fmt: skip
        return index, notes


def _invalid(word: bytes) -> bool:
    try:
        word.decode()
    except UnicodeDecodeError:
        return True
    return False


def _replaced(piece: Piece, words: list[bytes]) -> np.ndarray:
    """The words of a piece with U+FFFD for bytes that are not UTF-8, as its new text."""
    mended = [word.decode("utf-8", "replace").encode() for word in words]
    lengths = np.array([len(word) for word in mended], dtype=np.int64)
    piece.ends = np.cumsum(lengths)
    piece.starts = piece.ends - lengths
    return np.frombuffer(bytearray(b"".join(mended) + bytes(PADDING)), dtype=np.uint8)
