"""Sets that are published in layouts of their own, as plain rows: `texts and labels`, `a file per class`, and the like.

Each layout gives the rows of a split as pairs of text and label. `as_rows` writes them as a TSV that everything else
reads. Sets without a split of their own give every tenth row of each class to dev.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from wordfit.data.table import read_table
from wordfit.errors import InputError
from wordfit.files import write_whole

Row = tuple[str, str]
FOLD = 10
"""One row in so many goes to dev where a set has no split."""


def file_per_class(folder: Path, train: bool) -> Iterator[Row]:
    """`*.pos` and `*.neg`, a text a line, in Latin-1 as Pang and Lee gave them out."""
    for file in sorted(folder.glob("*.neg")) + sorted(folder.glob("*.pos")):
        texts = [text for text in _lines(file, "latin-1") if text.strip()]
        yield from _fold(((text, file.suffix[1:]) for text in texts), train)


def label_after_at(folder: Path, train: bool) -> Iterator[Row]:
    """`text@label` lines, as the Financial PhraseBank."""
    rows = [line.rpartition("@")[::2] for line in _lines(_only(folder, "*.txt"))]
    for label in sorted({label for _, label in rows}):
        yield from _fold((row for row in rows if row[1] == label), train)


def label_first(folder: Path, train: bool) -> Iterator[Row]:
    """`label text` lines in files that end in `.train` and `.dev`, as the Stanford treebank's sentences."""
    for line in _lines(_only(folder, "*.train" if train else "*.dev")):
        label, _, text = line.partition(" ")
        yield text, label


def labels_beside(folder: Path, train: bool) -> Iterator[Row]:
    """`train_text.txt` beside `train_labels.txt`, `val_` for dev, as the sets of tweets."""
    split = "train" if train else "val"
    texts, labels = (_lines(folder / f"{split}_{part}.txt") for part in ("text", "labels"))
    if len(texts) != len(labels):
        raise InputError(f"{folder}/{split}_labels.txt: expected {len(texts)} labels, one a text, found {len(labels)}")
    yield from zip(texts, labels)


def without_dev(folder: Path, train: bool) -> Iterator[Row]:
    """A table `train.*` with columns `text` and `label`, as IMDB is kept here."""
    table = read_table(_only(folder, "train.*"), ("text", "label"))
    rows = zip(map(str, table.columns["text"]), map(str, table.columns["label"]))
    yield from _fold(rows, train)


LAYOUTS: dict[str, Callable[[Path, bool], Iterator[Row]]] = {
    "a file per class": file_per_class,
    "label after @": label_after_at,
    "label first": label_first,
    "labels beside": labels_beside,
    "without dev": without_dev,
}


def as_rows(layout: str, folder: Path, kept: Path) -> tuple[Path, Path]:
    """Train and dev of a set as TSV files with `text` and `label`, made in `kept` unless they are there already."""
    files = (kept / "train.tsv", kept / "dev.tsv")
    for file, train in zip(files, (True, False)):
        if not file.is_file():
            with write_whole(file) as out:
                out.write("text\tlabel\n")
                for text, label in LAYOUTS[layout](folder, train):
                    out.write(f"{' '.join(text.split())}\t{label.strip()}\n")
    return files


def _fold(rows: Iterator[Row], train: bool) -> Iterator[Row]:
    return (row for i, row in zip(count(), rows) if (i % FOLD != 0) == train)


def _lines(file: Path, encoding: str = "utf-8") -> list[str]:
    if not file.is_file():
        raise InputError(f"{file}: expected this file, found none. Is --data the folder of the tasks?")
    return [line.rstrip("\r") for line in file.read_bytes().decode(encoding).removesuffix("\n").split("\n")]


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if not found:
        raise InputError(f"{folder}: expected a file {pattern}, found none. Is --data the folder of the tasks?")
    return found[0]
