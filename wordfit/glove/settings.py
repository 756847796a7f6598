"""`Settings`: how vectors are made, refused where they contradict themselves; `Watch`: who listens meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field

from wordfit.data.tokenizer import Tokenizer
from wordfit.errors import InputError
from wordfit.glove.corpus import Cut
from wordfit.glove.count import Window
from wordfit.glove.memory import Memory
from wordfit.glove.train import Progress, tables_bytes
from wordfit.glove.words import WordCounts

LEAST_ENTRIES = 8 << 20  # bytes of entries that are held at a time, at least
COMBINE = ("sum", "word", "context")


@dataclass(frozen=True)
class Settings:
    """How vectors are made (Pennington, Socher and Manning 2014); the defaults are those of Stanford's tools."""

    dim: int = 100
    """Width of the vectors."""
    window: int = 15
    """Words to each side of a word that count as its context."""
    symmetric: bool = True
    """Both sides of a word; else rows count the words that follow (Stanford's `-symmetric 0`)."""
    by_distance: bool = True
    """A pair at distance d counts 1/d."""
    min_count: int = 5
    """Rarer words are left out, and take no place in a window."""
    max_vocab: int = 0
    """Keep at most so many words, the most frequent; 0 for all."""
    x_max: float = 100.0
    """Counts from here on weigh 1; 10 suits corpora of some ten million words."""
    alpha: float = 0.75
    """A count x below x_max weighs (x / x_max)^alpha."""
    eta: float = 0.05
    """Initial learning rate of AdaGrad."""
    iterations: int = 25
    """Passes over all entries."""
    combine: str = "sum"
    """What becomes a word's vector: `sum` of its word and context vector, `word`, or `context`."""
    unknown: bool = True
    """End the vectors with `<unk>`, the mean of the 100 rarest words, as Stanford's do."""
    threads: int = 0
    """Threads that count and train; 0 for one a core. With one, the same seed gives the same bytes."""
    memory: float = 4.0
    """Memory that the process may take, in GB; what does not fit goes to disk."""
    seed: int = 1
    """Of the first vectors and the order of entries."""
    tokenizer: Tokenizer | Cut | None = None
    """Cuts text into words: wordfit's, or any callable from texts to lists of tokens; None cuts at spaces."""

    def __post_init__(self) -> None:
        for name, least in (("dim", 1), ("window", 1), ("min_count", 1), ("iterations", 1), ("threads", 0)):
            if getattr(self, name) < least:
                raise InputError(f"{name}: expected at least {least}, found {getattr(self, name)}")
        for name in ("x_max", "eta", "memory"):
            if not getattr(self, name) > 0:
                raise InputError(f"{name}: expected a number above 0, found {getattr(self, name)}")
        if self.combine not in COMBINE:
            raise InputError(f"combine: expected one of {', '.join(COMBINE)}, found {self.combine!r}")

    @property
    def cores(self) -> int:
        return self.threads or len(os.sched_getaffinity(0))

    @property
    def contexts(self) -> Window:
        return Window(self.window, self.symmetric, self.by_distance)

    @property
    def budget(self) -> Memory:
        return Memory(int(self.memory * 2**30))

    def room(self, size: int, tables: int = 1) -> int:
        """Bytes left for entries beside the tables of `size` words, or beside so many of them."""
        needed = tables * tables_bytes(size, self.dim)
        return self.budget.left(needed + LEAST_ENTRIES, f"training {size:,} words") - needed

    def cut(self, words: WordCounts) -> WordCounts:
        """The vocabulary that training keeps of all words."""
        vocabulary = words.cut(self.min_count, self.max_vocab)
        if not vocabulary.words:
            raise InputError(
                f"no word occurs {self.min_count} times among {sum(words.counts):,} tokens: "
                "is the corpus empty? Else lower --min-count"
            )
        return vocabulary


@dataclass(frozen=True)
class Watch:
    """Who listens while vectors are made; every call is optional."""

    stage: Callable[[str], None] = field(default=lambda text: None)
    """A line when a stage is done, with its figures."""
    tokens: Callable[[int], None] = field(default=lambda n: None)
    """Tokens read so far."""
    progress: Callable[[Progress], None] = field(default=lambda progress: None)
    """Where the training stands."""
