"""Read and write fastText's `.bin`, and give unseen words the vectors that fastText gives them.

A word's vector is the mean of its own row and of the rows of its character n-grams, which are hashed into buckets
(Bojanowski et al. 2017, section 3; the layout is that of fastText's own writer, versions 11 and 12). The rows of
a model compressed to product codes (`.ftz`, Joulin et al. 2016) are unpacked; one that was pruned and has n-grams is
refused.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import IO, BinaryIO

import numpy as np

from wordfit.errors import InputError
from wordfit.vectors.formats.joining import Joiner, Piece
from wordfit.vectors.formats.reading import Options, Rows
from wordfit.vectors.formats.recognised import Answer
from wordfit.vectors.index import encode, join
from wordfit.vectors.packing import pack_bytes

NAME = "fastText binary"
MAGIC, VERSION = 793712314, 12
END_OF_SENTENCE = b"</s>"  # the one word without n-grams
WIDEST = 1_000_000  # values of a word that are believed
BLOCK = 16384  # words joined at a time
STEPS = (1, 1, 0.5, 0.75, 1.5, 1, 0.3, 0.6)  # parts of what a mean is off by, tried in turn until it is not


class Subwords:
    """The rows of hashed character n-grams (B, D), and the vectors that they give to unseen words."""

    def __init__(self, rows: np.ndarray, shortest: int, longest: int) -> None:
        self.rows, self.shortest, self.longest = rows, shortest, longest

    def vector(self, word: str) -> np.ndarray:
        """The vector of a word that is not in the vocabulary (D,): zeros if it has no n-gram."""
        return self.vectors([word])[0]

    def vectors(self, words: Sequence[str]) -> np.ndarray:
        """The vectors of words that are not in the vocabulary (N, D)."""
        from wordfit.vectors.kernels.subwords import mean_rows

        text, offsets = join([_bounded(encode(word)) for word in words])
        out = np.empty((len(words), self.rows.shape[1]), dtype=np.float32)
        mean_rows(text, offsets, self.rows[:0], self.rows, self.shortest, self.longest, out)
        return out

    def arrays(self) -> dict[str, np.ndarray]:
        """What a table keeps of it."""
        return {"subwords": self.rows, "subword_lengths": np.array([self.shortest, self.longest])}

    @classmethod
    def of(cls, arrays: dict[str, np.ndarray]) -> Subwords | None:
        """The subwords that a table kept, if any."""
        if "subwords" not in arrays:
            return None
        shortest, longest = arrays["subword_lengths"].tolist()
        return cls(arrays["subwords"], shortest, longest)


def _bounded(word: bytes) -> bytes:
    return b"" if word == END_OF_SENTENCE else b"<" + word + b">"


def read_fasttext(file: BinaryIO, name: str, rows: Rows, options: Options) -> Answer:
    """Read a fastText model's words, their vectors and its subwords."""
    source = _Fields(file, name)
    source.take("2i")  # the magic number and the version
    version_11 = source.version == 11
    width, *_, model, buckets, shortest, longest, _ = source.take("12i")
    source.take("d")
    if not 0 < width <= WIDEST or buckets < 0:
        raise InputError(f"{name}: a fastText model of {width:,} values a word and {buckets:,} buckets is not believed")
    if version_11 and model == 3:  # supervised models of that version were written without n-grams
        longest = 0
    words, pruned = _dictionary(source, name)
    if pruned >= 0 and longest > 0:
        raise InputError(f"{name}: a fastText model whose n-grams were pruned (.ftz); give the .bin or .vec")
    coded = bool(source.take("?")[0])
    normed = coded and bool(source.take("?")[0])
    count, found_width = source.take("2q")
    kept = buckets if pruned < 0 else pruned
    if found_width != width or count != len(words) + kept:
        raise InputError(
            f"{name}: expected {len(words)} words and {kept} buckets of {width} values, "
            f"found a matrix of {count} x {found_width}"
        )
    matrix = _unpacked(source, count, width, normed, name) if coded else source.array((count, width), "<f4")
    subwords = Subwords(matrix[len(words) :], shortest, longest if buckets else 0)
    index, notes = _join(words, matrix[: len(words)], subwords, name, rows, options)
    return index, notes, subwords.arrays() if subwords.longest > 0 else {}


class _Fields:
    """Reads little-endian fields and arrays from a file, or says that it is cut off."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self.version = 0

    def take(self, form: str) -> tuple[int, ...]:
        values = struct.unpack("<" + form, self.read(struct.calcsize("<" + form)))
        if form == "2i" and not self.version:
            self.version = values[1]
            if values[1] not in (11, 12):
                raise InputError(f"{self._name}: fastText version {values[1]}; expected 11 or 12")
        return values

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) != size:
            raise InputError(f"{self._name}: the fastText model is cut off. Fetch it again.")
        return data

    def word(self) -> bytes:
        """Bytes up to a zero byte."""
        parts = bytearray()
        while (byte := self.read(1)) != b"\0":
            parts += byte
        return bytes(parts)

    def array(self, shape: tuple[int, ...], kind: str) -> np.ndarray:
        if min(shape) < 0:
            raise InputError(f"{self._name}: the fastText model is damaged")
        out = np.empty(shape, dtype=kind)
        view, filled = out.data.cast("B") if out.size else memoryview(b""), 0
        while filled < len(view):
            read = self._file.readinto(view[filled : filled + (1 << 24)])  # type: ignore[attr-defined]
            if not read:
                raise InputError(f"{self._name}: the fastText model is cut off. Fetch it again.")
            filled += read
        return out


def _dictionary(source: _Fields, name: str) -> tuple[list[bytes], int]:
    """The words of a model, labels left out, and how many n-grams were kept of a pruned one; -1 for all."""
    entries, words, _ = source.take("3i")
    _, pruned = source.take("2q")
    if min(entries, words) < 0 or words > entries:
        raise InputError(f"{name}: the dictionary of the fastText model is damaged")
    found = []
    for _ in range(entries):
        word = source.word()
        _, kind = struct.unpack("<qb", source.read(9))
        if kind == 0:
            found.append(word)
    for _ in range(pruned):
        source.read(8)
    return found, pruned


def _unpacked(source: _Fields, count: int, width: int, normed: bool, name: str) -> np.ndarray:
    """The rows (count, D) that product codes stand for: pieces out of codebooks, times a coded length if `normed`."""
    size = source.take("i")[0]
    codes = source.array((size,), "u1")
    parts, piece, last, book = _codebook(source, width, name)
    if size != count * parts:
        raise InputError(f"{name}: expected {count * parts} codes in the fastText model, found {size}")
    codes = codes.reshape(count, parts)
    rows = np.empty((count, width), dtype=np.float32)
    for part in range(parts):
        wide = last if part == parts - 1 else piece
        start = part * piece
        rows[:, start : start + wide] = book[256 * start : 256 * (start + wide)].reshape(256, wide)[codes[:, part]]
    if normed:
        lengths = source.array((count,), "u1")
        rows *= _codebook(source, 1, name)[3][lengths][:, None]
    return rows


def _codebook(source: _Fields, width: int, name: str) -> tuple[int, int, int, np.ndarray]:
    """How many pieces a row is cut into, how wide they are, the last of them, and 256 choices for each."""
    found, parts, piece, last = source.take("4i")
    if found != width or parts < 1 or piece < 1 or last < 1 or (parts - 1) * piece + last != width:
        raise InputError(f"{name}: the codebook of the fastText model is damaged")
    return parts, piece, last, source.array((256 * width,), "<f4")


def _join(words: list[bytes], own: np.ndarray, subwords: Subwords, name: str, rows: Rows, options: Options) -> tuple:
    from wordfit.vectors.kernels.subwords import mean_rows

    rows.start(own.shape[1], len(words) if options.words is None else len(options.words))
    joiner = Joiner(name, NAME, "word", 1, rows, options)
    wanted = pack_bytes(sorted(options.words)) if options.words is not None else None
    for start in range(0, len(words), BLOCK):
        some = words[start : start + BLOCK]
        text, offsets = join(some)
        piece = Piece(bytearray(text), own[start : start + BLOCK], offsets[:-1], offsets[1:], np.arange(len(some)))
        piece.lines = len(some)
        if wanted is not None:
            piece.keep_wanted(wanted)
        values = np.empty(piece.values.shape, dtype=np.float32)
        bounded, cuts = join([_bounded(some[i]) for i in piece.numbers])
        mean_rows(bounded, cuts, piece.values, subwords.rows, subwords.shortest, subwords.longest, values)
        piece.values = values
        finite = np.asarray(np.isfinite(values).all(axis=1))
        piece.problems = [
            (int(piece.numbers[i]), "its vector holds a value that is not finite") for i in np.flatnonzero(~finite)
        ]
        piece.keep(finite)
        joiner.take(piece)
        if joiner.full:
            break
    return joiner.finish()


def write_fasttext(words: list[bytes], vectors: np.ndarray, subwords: Subwords | None, out: IO[bytes]) -> None:
    """Write words and their vectors (V, D) as a model that fastText and gensim open.

    What is not known is filled in: counts that fall with the rank, an output matrix of zeros, fastText's own defaults.
    """
    count, width = vectors.shape
    buckets = subwords.rows if subwords is not None else np.empty((0, width), dtype=np.float32)
    shortest, longest = (subwords.shortest, subwords.longest) if subwords is not None else (0, 0)
    # width, window, epochs, least count, negatives, word n-grams, loss (ns), model (skipgram), buckets, lengths, rate
    out.write(
        struct.pack("<2i12id", MAGIC, VERSION, width, 5, 5, 1, 5, 1, 2, 2, len(buckets), shortest, longest, 100, 1e-4)
    )
    out.write(struct.pack("<3i2q", count, count, 0, count * (count + 1) // 2, -1))
    for rank, word in enumerate(words):
        out.write(word + struct.pack("<Bqb", 0, count - rank, 0))
    own = vectors if longest == 0 else _own_rows(words, vectors, buckets, shortest, longest)
    out.write(struct.pack("<?2q", False, count + len(buckets), width))
    for rows in (own, buckets):
        out.write(np.ascontiguousarray(rows, dtype="<f4").data)
    out.write(struct.pack("<?2q", False, count, width))
    for _ in range(count):
        out.write(bytes(4 * width))


def _own_rows(words: list[bytes], vectors: np.ndarray, buckets: np.ndarray, shortest: int, longest: int) -> np.ndarray:
    """Rows (V, D) whose means with the n-grams of the words are these vectors, bit for bit where float32 allows."""
    from wordfit.vectors.kernels.subwords import count_ngrams, mean_rows

    text, offsets = join([_bounded(word) for word in words])
    own, means = np.zeros_like(vectors), np.empty_like(vectors)
    mean_rows(text, offsets, own, buckets, shortest, longest, means)  # the n-grams alone, over one more than they are
    counts = np.empty(len(words), dtype=np.int64)
    count_ngrams(text, offsets, shortest, longest, counts)
    own[:] = (vectors.astype(np.float64) - means) * (counts[:, None] + 1)
    for step in STEPS:
        mean_rows(text, offsets, own, buckets, shortest, longest, means)
        off = (vectors.astype(np.float64) - means) * (counts[:, None] + 1)  # the rounding of the sums
        if not off.any():
            break
        moved = (own + step * off).astype(np.float32)
        beside = np.nextafter(own, np.where(off > 0, np.inf, -np.inf).astype(np.float32))
        own = np.where((moved == own) & (off != 0), beside, moved)
    return own
