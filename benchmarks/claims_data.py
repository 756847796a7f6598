"""The data sets of `benchmarks/claims.py`: read from WORDFIT_DATA, cut into train, dev and test by a seed.

Training stops on dev; what is reported is test. Written as TSV into the output folder, never into the repository.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wordfit.training.cells import Rows

DATA = Path(os.environ.get("WORDFIT_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
VECTORS = {
    "word2vec": DATA / "vectors" / "word2vec.GoogleNews.300d.13598words.txt.gz",
    "glove": DATA / "vectors" / "glove.6B.50d.top10361.txt.gz",
    "twitter": DATA / "vectors" / "glove.twitter.27B.25d.common11925.txt.gz",
}
OF_VECTORS = {
    "word2vec": "word2vec (13,598 words, 300-d)",
    "glove": "GloVe 6B (10,361 words, 50-d)",
    "twitter": "GloVe Twitter (11,925 words, 25-d)",
    "random": "random ones",
}
Row = tuple[str, ...]  # the text or the two texts, then the label
Splits = tuple[list[Row], list[Row], list[Row]]


@dataclass(frozen=True)
class Source:
    """A data set: how to read it, and what it is."""

    read: Callable[[], Splits]
    about: str
    kind: str = "classes"
    pair: bool = False
    metric: str = "accuracy"


def _table(path: Path, columns: Iterable[int], header: bool = True) -> list[Row]:
    with path.open(encoding="utf-8-sig") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [tuple(row[i] for i in columns) for row in rows[1 if header else 0 :]]


def _cut(rows: list[Row], dev: int, test: int) -> Splits:
    """Shuffled by a fixed seed: the rest is train."""
    order = np.random.default_rng(0).permutation(len(rows))
    mixed = [rows[i] for i in order]
    return mixed[dev + test :], mixed[:dev], mixed[dev : dev + test]


def _signs(folder: str, stem: str, dev: int, test: int) -> Splits:
    rows = []
    for sign in ("pos", "neg"):
        lines = (DATA / "sentiment" / folder / f"{stem}.{sign}").read_text("latin-1").splitlines()
        rows += [(line, sign) for line in lines if line.strip()]
    return _cut(rows, dev, test)


def _treebank(folder: str, stem: str) -> list[list[Row]]:
    found = []
    for split in ("train", "dev", "test"):
        lines = (DATA / "sentiment" / folder / f"{stem}.{split}").read_text("utf-8").splitlines()
        found.append([(line[2:], line[0]) for line in lines if line.strip()])
    return found


def _tweets(folder: str) -> Splits:
    found = []
    for split in ("train", "val", "test"):
        texts, labels = (
            (DATA / "sentiment" / folder / f"{split}_{what}.txt").read_text("utf-8").rstrip("\n").split("\n")
            for what in ("text", "labels")
        )
        found.append(list(zip(texts, labels)))
    return found[0], found[1], found[2]


def _phrasebank() -> Splits:
    lines = (DATA / "sentiment" / "financial-phrasebank" / "Sentences_50Agree.txt").read_text("utf-8").splitlines()
    rows = [line.rsplit("@", 1) for line in dict.fromkeys(lines) if "@" in line]
    return _cut([(text, label) for text, label in rows], 700, 700)


def _sst2() -> Splits:
    train, dev = (_table(DATA / "glue" / "SST-2" / f"{split}.tsv", (0, 1)) for split in ("train", "dev"))
    return train, dev, _treebank("SST-2-sentences", "stsa.binary")[2]


def _cola() -> Splits:
    folder = DATA / "glue" / "CoLA"
    halves = [
        _table(folder / "original" / "raw" / f"{h}_domain_dev.tsv", (3, 1), header=False) for h in ("in", "out_of")
    ]
    return _table(folder / "train.tsv", (3, 1), header=False), halves[0], halves[1]


def _rte() -> Splits:
    train = _table(DATA / "glue" / "RTE" / "train.tsv", (1, 2, 3))
    rest, dev, _ = _cut(train, 300, 0)
    return rest, dev, _table(DATA / "glue" / "RTE" / "dev.tsv", (1, 2, 3))


def _stsb() -> Splits:
    train, dev = (_table(DATA / "glue" / "STS-B" / f"{split}.tsv", (7, 8, 9)) for split in ("train", "dev"))
    return train, dev, _table(DATA / "glue" / "STS-B" / "original" / "sts-test.tsv", (5, 6, 4), header=False)


def _sst5() -> Splits:
    train, dev, test = _treebank("SST-5", "stsa.fine")
    return train, dev, test


SOURCES = {
    "sst2": Source(_sst2, "SST-2, film review phrases"),
    "mr": Source(lambda: _signs("MR", "rt-polarity", 1000, 1000), "MR, film review sentences"),
    "cr": Source(lambda: _signs("CR", "custrev", 500, 500), "CR, customer reviews"),
    "sst5": Source(_sst5, "SST-5, film review sentences, five classes"),
    "phrasebank": Source(_phrasebank, "Financial PhraseBank, news, three classes"),
    "emotion": Source(lambda: _tweets("tweeteval/emotion"), "TweetEval emotion, four classes"),
    "irony": Source(lambda: _tweets("tweeteval/irony"), "TweetEval irony"),
    "offensive": Source(lambda: _tweets("tweeteval/offensive"), "TweetEval offensive"),
    "spanish": Source(lambda: _tweets("umsab-multilingual/spanish"), "Spanish tweets, three classes"),
    "cola": Source(_cola, "CoLA, acceptability"),
    "rte": Source(_rte, "RTE, entailment", pair=True),
    "stsb": Source(_stsb, "STS-B, similarity", kind="score", pair=True, metric="spearman"),
}


def rows_of(name: str, folder: Path, most: int = 0) -> Rows:
    """The rows of a data set as files in `folder`, written when they are not there; `most` of train."""
    source = SOURCES[name]
    place = folder / "data" / name
    if not (place / "test.tsv").exists():
        place.mkdir(parents=True, exist_ok=True)
        head = ["sentence1", "sentence2", "label"] if source.pair else ["text", "label"]
        for split, rows in zip(("train", "dev", "test"), source.read()):
            lines = ["\t".join(" ".join(cell.split()) for cell in row) for row in [tuple(head), *rows]]
            (place / f"{split}.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    train, dev, test = (str(place / f"{split}.tsv") for split in ("train", "dev", "test"))
    return Rows(train, dev, kind=source.kind, metric=source.metric, most=most, also=(("test", test),))
