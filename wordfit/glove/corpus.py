"""Read a corpus once, and keep it as word numbers on disk: `Encoded`.

A corpus is a path (`-` is standard input), several paths, or any iterable of texts (str) or of tokens already cut
(lists of str). A line is a context of its own: windows do not cross its end. Text is cut at spaces and tabs, or by
a tokenizer: wordfit's own, or any callable from texts to lists of tokens.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numba import njit

from wordfit.data.tokenizer import Tokenizer
from wordfit.errors import InputError
from wordfit.files import open_bytes
from wordfit.glove.count import Block
from wordfit.glove.encode import LINE_END, Encoder
from wordfit.glove.words import WordCounts, decode_words

PathLike: TypeAlias = "str | os.PathLike[str]"
Corpus: TypeAlias = "PathLike | Iterable[PathLike] | Iterable[str] | Iterable[list[str]]"
Cut: TypeAlias = Callable[[list[str]], Sequence[Sequence[str]]]

PIECE = 4 << 20  # bytes of text read at a time
LINES = 5_000  # texts handed to a tokenizer at a time
DROPPED = -2  # the number of a word that is not in the vocabulary


@dataclass(frozen=True)
class Encoded:
    """A corpus as numbers on disk: of its tokens, or of what stands between white space, cut further by `parts`."""

    path: Path
    words: WordCounts
    """Every word of the corpus, in the order of its number, with its count."""
    parts: tuple[np.ndarray, np.ndarray] | None
    """Word numbers of each piece of text end to end, and where each piece's begin; None: a piece is a word."""
    length: int
    """Tokens and line ends of the corpus."""

    def numbers(self, vocabulary: WordCounts) -> np.ndarray:
        """From numbers in the corpus to rows of the vocabulary, `DROPPED` for other words: (words,) int32."""
        row = {word: i for i, word in enumerate(vocabulary.words)}
        return np.array([row.get(word, DROPPED) for word in self.words.words], np.int32)

    def pieces(self, vocabulary: WordCounts, at_a_time: int = 1 << 20) -> Iterator[np.ndarray]:
        """The corpus as rows of the vocabulary, other words left out, `LINE_END` between lines; int32."""
        numbers = self.numbers(vocabulary)
        ids, starts = self.parts or (np.arange(len(numbers), dtype=np.int32), np.arange(len(numbers) + 1))
        longest = int(np.diff(starts).max(initial=1))
        with open(self.path, "rb") as file:
            while len(raw := np.fromfile(file, np.int32, at_a_time)):
                out = np.empty(len(raw) if longest <= 1 else _room(raw, starts), np.int32)
                yield out[: rewrite(raw, ids, starts, numbers, out)]

    def blocks(self, vocabulary: WordCounts, own: int, around: int) -> Iterator[Block]:
        """Stretches of at most `own` numbers each, with `around` numbers of their neighbours on both sides."""
        held, begin, size = [np.empty(0, np.int32)], 0, 0
        for piece in self.pieces(vocabulary, min(own, 1 << 20)):
            held.append(piece)
            size += len(piece)
            while size - begin >= own + around:
                tokens = np.concatenate(held)
                end = begin + own
                yield Block(tokens[: end + around], begin, end)
                held, begin = [tokens[max(0, end - around) :]], min(end, around)
                size = len(held[0])
        if size > begin or not begin:
            yield Block(np.concatenate(held), begin, size)


def _room(raw: np.ndarray, starts: np.ndarray) -> int:
    inside = raw[raw >= 0]
    return int((starts[inside + 1] - starts[inside]).sum()) + len(raw) - len(inside)


@njit(cache=True, nogil=True)
def rewrite(raw: np.ndarray, ids: np.ndarray, starts: np.ndarray, numbers: np.ndarray, out: np.ndarray) -> int:
    """Cut pieces into words and give these their rows; words without one are left out."""
    written = 0
    for piece in raw:
        if piece < 0:
            out[written] = LINE_END
            written += 1
            continue
        for at in range(starts[piece], starts[piece + 1]):
            row = numbers[ids[at]]
            if row >= 0:
                out[written] = row
                written += 1
    return written


def encode_corpus(
    corpus: Corpus,
    path: Path,
    tokenizer: Tokenizer | Cut | None = None,
    watch: Callable[[int], None] = lambda _: None,
    most_bytes: int = 1 << 62,
) -> Encoded:
    """Read a corpus once and write its numbers to `path`; `watch` hears how many tokens are read."""
    whole = tokenizer is None or isinstance(tokenizer, Tokenizer)
    chunks = _chunks(corpus) if whole else _cut_chunks(corpus, tokenizer)  # type: ignore[arg-type]
    encoder, length, tokens = Encoder(), 0, 0
    with open(path, "wb") as file:
        for chunk in chunks:
            ids = encoder.encode(chunk)
            ids.tofile(file)
            length += len(ids)
            tokens += len(ids) - chunk.count(b"\n")
            watch(tokens)
            if encoder.nbytes > most_bytes:
                raise InputError(
                    f"{len(encoder.counts):,} different words alone take {encoder.nbytes / 2**30:.1f} GB: "
                    "give more --memory, or cut or clean the text first"
                )
    words = decode_words(encoder.words(), encoder.counts.tolist())
    if not isinstance(tokenizer, Tokenizer):
        return Encoded(path, words, None, length)
    cut, parts = _cut_pieces(words, tokenizer)
    return Encoded(path, cut, parts, length - sum(words.counts) + sum(cut.counts))


def _cut_pieces(pieces: WordCounts, tokenizer: Tokenizer) -> tuple[WordCounts, tuple[np.ndarray, np.ndarray]]:
    """Cut every different piece of text once: wordfit's tokenizer looks at nothing beyond white space."""
    encoder, lengths, ids = Encoder(), [], []
    for start in range(0, len(pieces), LINES * 10):
        cut = tokenizer.tokenize_batch(pieces.words[start : start + LINES * 10])
        lengths += [len(words) for words in cut]
        ids.append(encoder.encode(_joined(cut).replace(b"\n", b" ")))
    flat = np.concatenate([np.zeros(0, np.int32), *ids])
    starts = np.concatenate([[0], np.cumsum(np.array(lengths, np.int64))]).astype(np.int64)
    if starts[-1] != len(flat):
        raise InputError("the tokenizer made words with white space in them")
    counts = np.bincount(flat, np.repeat(pieces.counts, lengths), len(encoder.counts)).astype(np.int64)
    return decode_words(encoder.words(), counts.tolist()), (flat, starts)


def _joined(cut: Sequence[Sequence[str]]) -> bytes:
    return "".join(" ".join(words) + "\n" for words in cut).encode()


def _cut_chunks(corpus: Corpus, tokenizer: Cut) -> Iterator[bytes]:
    """Text cut by any tokenizer, its tokens with spaces between; a line that goes on in the next chunk goes on."""
    for chunk in _chunks(corpus):
        lines = chunk.decode().split("\n")
        ended = lines[-1] == ""
        text = _checked(tokenizer(lines[:-1] if ended else lines))
        yield text if ended else text[:-1] + b" "


def _checked(cut: Sequence[Sequence[str]]) -> bytes:
    text = _joined(cut)
    if len(text.split()) != sum(map(len, cut)):
        raise InputError("a token is empty or has white space in it: join it, with '_' say, before counting")
    return text


def _chunks(corpus: Corpus) -> Iterator[bytes]:
    """Text in pieces that end where a token ends, in UTF-8 and without carriage returns."""
    if isinstance(corpus, (str, os.PathLike)):
        corpus = [Path(corpus)]
    items: Iterator[Any] = iter(corpus)
    first = next(items, None)
    if first is None:
        return
    everything = chain([first], items)
    if isinstance(first, os.PathLike):
        yield from (chunk for path in everything for chunk in _file_chunks(path))
        return
    while batch := list(islice(everything, LINES)):
        if isinstance(first, str):
            yield "".join(text.rstrip("\n") + "\n" for text in batch).replace("\r", "").encode()
        else:
            yield _checked(batch)


def _file_chunks(path: PathLike) -> Iterator[bytes]:
    line, rest = 1, b""
    with open_bytes(path) as file:
        rest = file.read(PIECE).removeprefix(b"\xef\xbb\xbf")
        while piece := file.read(PIECE):
            text = rest + piece
            cut = text.rfind(b"\n") + 1 or text.rfind(b" ") + 1  # a file may be one long line
            if cut:
                yield _utf8(text[:cut], path, line)
                line += text.count(b"\n", 0, cut)
            rest = text[cut:]
    if rest:
        yield _utf8(rest if rest.endswith(b"\n") else rest + b"\n", path, line)


def _utf8(chunk: bytes, path: PathLike, line: int) -> bytes:
    try:
        chunk.decode()
    except UnicodeDecodeError as error:
        line += chunk.count(b"\n", 0, error.start)
        raise InputError(
            f"{path}, line {line}: expected UTF-8, found the byte 0x{chunk[error.start]:02x}: convert it first"
        ) from None
    return chunk.replace(b"\r", b"") if b"\r" in chunk else chunk
