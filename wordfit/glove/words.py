"""`WordCounts`: how often each word occurs; added up over parts of a corpus, then cut and put in Stanford's order."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from wordfit.errors import InputError
from wordfit.files import write_whole

UNKNOWN = "<unk>"
SIGNED = bytes(byte ^ 0x80 for byte in range(256))  # a byte's place among C's signed characters


@dataclass(frozen=True)
class WordCounts:
    """Words, each once, with how often each occurs."""

    words: tuple[str, ...]
    counts: tuple[int, ...]

    @classmethod
    def of(cls, counts: dict[str, int]) -> WordCounts:
        return cls(tuple(counts), tuple(counts.values()))

    def __len__(self) -> int:
        return len(self.words)

    def __add__(self, other: WordCounts) -> WordCounts:
        total = Counter(dict(zip(self.words, self.counts)))
        total.update(dict(zip(other.words, other.counts)))
        return WordCounts.of(total)

    def cut(self, min_count: int = 5, max_vocab: int = 0) -> WordCounts:
        """Keep words that occur at least `min_count` times, at most `max_vocab` of them (0: all), in order.

        The order is that of Stanford's `vocab_count`: by count, ties by the words' bytes. Where `max_vocab`
        cuts through words of equal count, those stay whose checksum is lowest: a sample over the whole
        alphabet that is the same on every run (Stanford's depends on its hash table).
        """
        kept = [(word, n) for word, n in zip(self.words, self.counts) if n >= min_count and word != UNKNOWN]
        if max_vocab and len(kept) > max_vocab:
            kept = sorted(kept, key=lambda pair: (-pair[1], crc32(pair[0].encode())))[:max_vocab]
        kept.sort(key=lambda pair: (-pair[1], stanford_key(pair[0])))
        return WordCounts(tuple(word for word, _ in kept), tuple(n for _, n in kept))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write `word count` lines, the vocabulary file of Stanford's tools."""
        with write_whole(path) as file:
            file.writelines(f"{word} {n}\n" for word, n in zip(self.words, self.counts))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> WordCounts:
        """Read a vocabulary file of `word count` lines, ours or Stanford's."""
        try:
            text = Path(path).read_bytes().decode()
        except FileNotFoundError:
            raise InputError(f"{path}: no such file") from None
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: expected UTF-8, found {error}") from None
        counts: dict[str, int] = {}
        for number, line in enumerate(text.removesuffix("\n").split("\n") if text else [], 1):
            word, _, n = line.rstrip("\r").rpartition(" ")
            if not word or not n.isdecimal():
                raise InputError(f"{path}, line {number}: expected a word and its count, found {line[:60]!r}")
            if word in counts:
                raise InputError(f"{path}, line {number}: the word {word!r} stands there twice")
            counts[word] = int(n)
        return cls.of(counts)


def stanford_key(word: str) -> bytes:
    """Sorts words as C's signed `char` does: bytes outside ASCII come before the end of a word, and that before 'a'."""
    return word.encode().translate(SIGNED) + b"\x80"


def decode_words(raw: Sequence[bytes], counts: Iterable[int]) -> WordCounts:
    """Words from the bytes that stood in a text."""
    words = []
    for word in raw:
        try:
            words.append(word.decode())
        except UnicodeDecodeError:
            raise InputError(f"the corpus holds {word[:40]!r}, which is not UTF-8: convert it first") from None
    return WordCounts(tuple(words), tuple(counts))
