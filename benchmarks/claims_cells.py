"""The cells of `benchmarks/claims.py`: which data sets, sizes, vectors, encoders and strategies are run, in two forms.

The mean of the words with one linear layer is trained by the compiled engine (Adagrad, a row a step); every other
encoder in torch (Adam, batches of 32; of 128 where CNN, LSTM and Transformer see all of SST-2). To compare strategies
at one learning rate is to compare rates: under the engine each has two of its own, and the better on dev counts. The
rates were chosen by trials on CR, MR and emotion (seed 0).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

from claims_data import DATA, SOURCES, VECTORS, rows_of

from wordfit.training.cells import RANDOM, Cell

COMPILED: dict[str, Any] = {"encoder": "mean", "optimizer": "adagrad", "batch_size": 1, "epochs": 20, "patience": 6}
ADAM: dict[str, Any] = {"optimizer": "adam", "batch_size": 32, "epochs": 15, "patience": 3, "dropout": 0.2}
LARGE: dict[str, Any] = {"batch_size": 128}  # of the dear cells
ENCODERS: dict[str, dict[str, Any]] = {
    "mean-mlp": ADAM | {"encoder": "mean", "head": "mlp"},
    "cnn": ADAM | {"encoder": "cnn"},
    "lstm": ADAM | {"encoder": "lstm", "encoder_options": {"hidden": 64}},
    "transformer": ADAM | {"encoder": "transformer", "encoder_options": {"hidden": 64, "layers": 1}},
}
STRATEGIES: dict[str, tuple[str, tuple[float, ...], float]] = {  # name: tuning, rates of the engine, rate of Adam
    "frozen": ("frozen", (0.5, 2.0), 2e-3),
    "slow": ("slow", (0.1, 0.5), 2e-3),
    "tuned": ("tuned", (0.02, 0.1), 1e-3),
    "tuned at 0.1": ("tuned", (0.1,), 1e-3),
    "slow at 0.1": ("slow", (0.1,), 1e-3),
    "anchored at 0.1": ("anchored,anchor=0.01", (0.1,), 1e-3),
    "decayed at 0.1": ("decayed,decay=0.01", (0.1,), 1e-3),
}
PRINTED = {  # the programs of question 1 in the order of the article, without their faults
    "linear": {"encoder": "mean", "head": "linear", "output": "binary", "tuning": "frozen"},
    "hidden layer": {"encoder": "mean", "head": "mlp", "output": "binary", "tuning": "frozen"},
    "hidden layer, tuned": {"encoder": "mean", "head": "mlp", "output": "binary", "tuning": "tuned"},
}
ADVISED = ("frozen", "slow", "tuned")  # what the rule chooses from
WORD_SETS = str(DATA / "wordsim")


@dataclass(frozen=True)
class Place:
    """Where a cell stands in the tables."""

    data: str
    size: int
    vectors: str
    encoder: str
    strategy: str
    seed: int

    def cell(self, folder: Path) -> Cell:
        """The run of this place in torch, or its baseline."""
        rows = rows_of(self.data, folder, self.size)
        if self.encoder in ("majority", "tfidf"):
            return Cell(rows, model=self.encoder, seed=self.seed)
        vectors = f"{RANDOM}50" if self.vectors == "random" else str(VECTORS[self.vectors])
        if self.strategy in PRINTED:
            settings = PRINTED[self.strategy] | {"lr": 1e-3, "batch_size": 32, "epochs": 10, "patience": 10}
            return Cell(rows, (vectors,), settings=settings, seed=self.seed)
        tuning, _, rate = STRATEGIES[self.strategy]
        encoder = ADAM | {"encoder": "mean"} if self.encoder == "mean" else ENCODERS[self.encoder]
        encoder = encoder | LARGE if self.dear else encoder
        return Cell(rows, (vectors,), settings=encoder | {"tuning": tuning, "lr": rate}, seed=self.seed)

    @property
    def fast(self) -> bool:
        """Whether the compiled engine trains it: a mean of the words of one text, with one linear layer."""
        return self.encoder == "mean" and self.strategy in STRATEGIES and not SOURCES[self.data].pair

    @property
    def dear(self) -> bool:
        """An encoder in torch on all of the largest data set: a minute or two a cell."""
        return self.data == "sst2" and not self.size and self.encoder in ("cnn", "lstm", "transformer")


@dataclass(frozen=True)
class Form:
    """How much is run."""

    seeds: int
    data: tuple[str, ...]
    sizes: tuple[int, ...]
    vectors: tuple[str, ...]
    encoder_data: tuple[str, ...]
    encoder_sizes: tuple[int, ...]
    encoders: tuple[str, ...]
    encoder_seeds: int
    printed: tuple[tuple[str, int], ...]
    printed_seeds: int


FORMS = {
    "reduced": Form(
        seeds=3,
        data=("cr", "phrasebank", "mr", "irony", "spanish", "cola", "emotion", "sst2"),
        sizes=(1000, 200, 5000),
        vectors=("glove", "word2vec"),
        encoder_data=("cr", "phrasebank", "mr", "emotion"),
        encoder_sizes=(1000,),
        encoders=("mean-mlp", "cnn", "lstm", "transformer"),
        encoder_seeds=3,
        printed=(("sst2", 2000), ("cola", 2000), ("rte", 0), ("cr", 0), ("irony", 0)),
        printed_seeds=3,
    ),
    "full": Form(
        seeds=5,
        data=(
            "cr",
            "phrasebank",
            "mr",
            "emotion",
            "irony",
            "spanish",
            "cola",
            "sst2",
            "sst5",
            "offensive",
            "rte",
            "stsb",
        ),
        sizes=(50, 200, 1000, 5000, 20000, 0),
        vectors=("word2vec", "glove", "twitter"),
        encoder_data=("cr", "phrasebank", "mr", "emotion", "sst2"),
        encoder_sizes=(200, 1000, 5000, 0),
        encoders=("mean-mlp", "cnn", "lstm", "transformer"),
        encoder_seeds=5,
        printed=(("sst2", 0), ("cola", 0), ("rte", 0), ("cr", 0), ("mr", 0), ("irony", 0)),
        printed_seeds=5,
    ),
}


def places(form: Form, folder: Path) -> list[Place]:
    """Every cell, seed by seed, so that what is done when it is stopped is a whole table of fewer seeds."""
    made: list[Place] = []
    for seed in range(form.seeds):
        for size, vectors, data in product(form.sizes, form.vectors, form.data):
            if fits(data, size, form, folder):
                made += [Place(data, size, vectors, "mean", strategy, seed) for strategy in ADVISED]
        if seed < form.encoder_seeds:
            grid = product(form.encoder_data, form.encoder_sizes, form.encoders, ADVISED)
            made += [Place(d, n, "glove", e, s, seed) for d, n, e, s in grid if fits(d, n, form, folder)]
        if seed < form.printed_seeds:
            made += [Place(d, n, "glove", "mean", s, seed) for d, n in form.printed for s in PRINTED]
        made += list(_protected(form, seed))
        for data in form.data:
            made.append(Place(data, 0 if form.seeds == 5 else 5000, "random", "mean", "tuned", seed))
    every = dict.fromkeys([*form.data, *(data for data, _ in form.printed)])
    made += [Place(data, 0, "", name, "", 0) for data, name in product(every, ("majority", "tfidf"))]
    return made


def _protected(form: Form, seed: int) -> Iterator[Place]:
    """Claims 3c to 3e: the same rate for all, to see what slowing, anchoring and decay each protect."""
    for data in form.data[:4] if form.seeds < 5 else form.data:
        for strategy in ("tuned at 0.1", "slow at 0.1", "anchored at 0.1", "decayed at 0.1"):
            yield Place(data, 1000, "word2vec", "mean", strategy, seed)


def fits(data: str, size: int, form: Form, folder: Path) -> bool:
    """Whether a data set has so many rows (0: all); in a form without 0, 5,000 are all of a smaller one."""
    have = _rows_in(rows_of(data, folder).train)
    return size == 0 or size <= have or (size == 5000 and have > 2000 and 0 not in form.sizes)


@lru_cache
def _rows_in(train: str) -> int:
    """How many rows a file with a header has."""
    with open(train, encoding="utf-8") as file:
        return sum(1 for _ in file) - 1
