"""`Tokenizer`: text to words as the vector set spells them, batched in Rust by Hugging Face `tokenizers`.

The rules follow the Penn Treebank's cut (GloVe's own) and are found out from the vector file, not asked: whether its
words are lower-cased, and whether clitics (`n't`, `'s`) are words of their own. Ids come from a `Vocabulary`.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain, islice
from typing import Any

import numpy as np
from tokenizers import Regex, models, normalizers, pre_tokenizers, trainers
from tokenizers import Tokenizer as RustTokenizer

PAD, UNK = "<pad>", "<unk>"

CLITIC = r"(?:n't|'(?:s|re|ve|ll|d|m))(?![\p{L}\p{N}])"
CAPITALISED = ["London", "Paris", "Monday", "January", "John", "American", "The", "English", "Germany", "Africa"]


@dataclass(frozen=True)
class Rules:
    """How a text is cut into words."""

    lowercase: bool = True
    """Whether words are lower-cased."""
    clitics: bool = True
    """Whether `don't` is `do n't` and `it's` is `it 's`."""
    whitespace: bool = False
    """Whether words are what stands between white space, and nothing else is cut."""

    @classmethod
    def matched_to(cls, words: Container[str]) -> Rules:
        """Find the rules in the words of a vector set: capitals mean a cased set, `n't` and `'s` mean clitics."""
        lowercase = not any(word in words for word in CAPITALISED)
        clitics = ("n't" in words and "'s" in words) or "don't" not in words
        return cls(lowercase, clitics)

    def pattern(self) -> str:
        """The regular expression (Oniguruma) whose matches, left to right, are the words."""
        if self.whitespace:
            return r"\S+"
        stop = f"(?!{CLITIC})" if self.clitics else ""
        letter = rf"(?:{stop}[\p{{L}}\p{{M}}\p{{N}}_])"
        return "|".join(
            ([CLITIC] if self.clitics else [])
            + [
                r"-[LRlr][RSCrsc][Bb]-",  # brackets as the treebank writes them
                r"<[A-Za-z]+>",  # <unk>, <user>
                r"[\p{Han}\p{Hiragana}\p{Katakana}]",  # scripts without spaces: one by one
                r"(?:[A-Za-z]\.){2,}",  # u.s.
                rf"{letter}+(?:(?:{stop}[-'&]|(?<=\p{{N}})[.,:/](?=\p{{N}})){letter}+)*",  # well-known, 1,000.5
                r"\.{2,}",
                r"-{2,}",
                r"``",
                r"''",
                r"\S",
            ]
        )


class Tokenizer:
    """Cuts texts into words by `rules`; with a vocabulary, into ids."""

    def __init__(self, rules: Rules | None = None, words: Sequence[str] = (PAD, UNK)) -> None:
        self.rules = rules or Rules()
        self.words = list(words)
        self._rust = _build(self.rules, self.words)

    def tokenize(self, text: str) -> list[str]:
        """The words of one text."""
        normal = self._rust.normalizer
        text = normal.normalize_str(text) if normal is not None else text
        return [word for word, _ in self._rust.pre_tokenizer.pre_tokenize_str(text)]

    def tokenize_batch(self, texts: Sequence[str]) -> list[list[str]]:
        """The words of many texts, cut in Rust threads."""
        counted = self.with_words(self.count(texts))
        ids, offsets = counted.encode(texts)
        words = np.array(counted.words, dtype=object)[ids]
        return [words[start:end].tolist() for start, end in zip(offsets[:-1], offsets[1:])]

    def count(self, texts: Iterable[str]) -> list[str]:
        """Every word of the texts, the most frequent first, padding and unknown before all."""
        trainer = trainers.WordLevelTrainer(
            vocab_size=2**31 - 1, min_frequency=0, special_tokens=[PAD, UNK], show_progress=False
        )
        learner = _build(self.rules, [PAD, UNK])
        learner.train_from_iterator(texts, trainer)
        vocabulary = learner.get_vocab()
        found = sorted(vocabulary, key=vocabulary.__getitem__)
        return [PAD, UNK, *(word for word in found if word not in (PAD, UNK))]  # texts may hold these two as words

    def with_words(self, words: Sequence[str]) -> Tokenizer:
        """The same rules over another list of words."""
        return Tokenizer(self.rules, words)

    def encode(self, texts: Iterable[str], chunk: int = 50_000) -> tuple[np.ndarray, np.ndarray]:
        """Ids of all texts end to end (N,) int32, and where each begins (B + 1,) int64."""
        flat: list[np.ndarray] = []
        lengths: list[np.ndarray] = []
        for part in _chunks(texts, chunk):
            ids = [encoding.ids for encoding in self._rust.encode_batch_fast(part)]
            lengths.append(np.fromiter(map(len, ids), dtype=np.int64, count=len(ids)))
            flat.append(np.fromiter(chain.from_iterable(ids), dtype=np.int32, count=int(lengths[-1].sum())))
        offsets = np.concatenate([np.zeros(1, np.int64), *lengths]).cumsum()
        return np.concatenate([np.zeros(0, np.int32), *flat]), offsets

    def to_json(self) -> str:
        """The text of `tokenizer.json`, as the ecosystem reads it."""
        return self._rust.to_str(pretty=False)

    def to_config(self) -> dict[str, Any]:
        """The rules as plain data."""
        return asdict(self.rules)

    @classmethod
    def from_json(cls, text: str, config: dict[str, Any]) -> Tokenizer:
        """Build again from `tokenizer.json` and the rules."""
        vocabulary = json.loads(text)["model"]["vocab"]
        return cls(Rules(**config), sorted(vocabulary, key=vocabulary.__getitem__))


def _build(rules: Rules, words: Sequence[str]) -> RustTokenizer:
    rust = RustTokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token=UNK))
    if rules.lowercase:
        rust.normalizer = normalizers.Lowercase()
    rust.pre_tokenizer = pre_tokenizers.Split(Regex(rules.pattern()), behavior="removed", invert=True)
    return rust


def _chunks(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    source = iter(texts)
    while part := list(islice(source, size)):
        yield part
