"""`wordfit glove train` and `wordfit glove adapt`: vectors from a corpus, and published vectors moved to one."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from wordfit.errors import InputError

app = typer.Typer(
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
    help="Train word vectors on a corpus, or adapt published ones to it.",
    context_settings={"help_option_names": ["-h", "--help"]},
)

CORPUS = typer.Argument(..., help="Text files, .gz too; - is standard input. A line is a context of its own.")
DEFAULT_WORK = "{out}.work"


class Cutting(str, Enum):
    """How text is cut into words."""

    wordfit = "wordfit"
    whitespace = "whitespace"


class Combine(str, Enum):
    """What becomes a word's vector."""

    sum = "sum"
    word = "word"
    context = "context"


@dataclass
class Reporter:
    """Says progress: one line that changes on a terminal, a line an epoch elsewhere."""

    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))
    begun: float = field(default_factory=time.monotonic)

    def stage(self, text: str) -> None:
        self._clear()
        self.console.print(f"{text}  [{time.monotonic() - self.begun:.1f} s]", markup=False, soft_wrap=True)

    def tokens(self, n: int) -> None:
        self._line(f"read {n:,} tokens")

    def progress(self, p: Any) -> None:
        line = (
            f"epoch {p.epoch}/{p.epochs}  cost {p.cost:.5f}  {p.per_second / 1e6:.2f} million entries/s  "
            f"{_duration(p.seconds_left)} left"
        )
        if p.share >= 1:
            self._clear()
            self.console.print(line, markup=False, soft_wrap=True)
        else:
            self._line(f"{line}  ({p.share:.0%} of the epoch)")

    def _line(self, text: str) -> None:
        if self.console.is_terminal:
            self.console.file.write(f"\r\x1b[2K{text[: self.console.width - 1]}")
            self.console.file.flush()

    def _clear(self) -> None:
        self._line("")
        if self.console.is_terminal:
            self.console.file.write("\r")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"


@app.callback()
def commands() -> None:
    """Train word vectors on a corpus, or adapt published ones to it."""


@app.command()
def train(
    corpus: list[Path] = typer.Argument(
        None, help="Text files, .gz too; - is standard input. A line is a context of its own."
    ),
    out: Path = typer.Option(..., "--out", "-o", help="Vectors to write: GloVe text, or another format by its ending."),
    tokenizer: Cutting = typer.Option(
        Cutting.wordfit, help="'whitespace' takes text as cut already, as Stanford's tools do."
    ),
    lowercase: bool = typer.Option(True, help="Whether the wordfit tokenizer lower-cases."),
    dim: int = typer.Option(100, help="Width of the vectors."),
    window: int = typer.Option(15, help="Words to each side that count as context."),
    symmetric: bool = typer.Option(True, help="Both sides; else a row counts the words that follow."),
    distance_weights: bool = typer.Option(True, help="A pair at distance d counts 1/d; else 1."),
    min_count: int = typer.Option(5, help="Rarer words are left out."),
    max_vocab: int = typer.Option(0, help="Keep at most so many words; 0 for all."),
    x_max: float = typer.Option(100.0, help="Counts from here on weigh 1; 10 suits some ten million words."),
    alpha: float = typer.Option(0.75, help="Smaller counts weigh (count / x_max) ^ alpha."),
    eta: float = typer.Option(0.05, help="Initial learning rate."),
    iterations: int = typer.Option(25, help="Passes over all entries."),
    combine: Combine = typer.Option(Combine.sum, help="Word plus context vector, or either."),
    unknown: bool = typer.Option(True, help="End with <unk>, the mean of the 100 rarest words."),
    threads: int = typer.Option(0, help="0: one a core. With 1, the same seed gives the same bytes."),
    memory: float = typer.Option(4.0, help="GB that the process may take; the rest goes to disk."),
    seed: int = typer.Option(1, help="Of the first vectors and the order of entries."),
    work: Path = typer.Option(None, help="Folder for entries and checkpoints; default: OUT.work, gone at the end."),
    resume: bool = typer.Option(False, help="Go on from the last checkpoint in the work folder."),
    checkpoint_seconds: float = typer.Option(60.0, help="Write a checkpoint at most so often."),
    save_counts: Path = typer.Option(None, help="Keep the counts too: a folder of Stanford's two files."),
    counts: Path = typer.Option(None, help="Train on saved counts, or on Stanford's co-occurrence file, not a corpus."),
    vocab: Path = typer.Option(None, help="The vocabulary file of --counts, where that is a file."),
) -> None:
    """Train GloVe vectors on plain text."""
    from wordfit.glove.counts import SavedCounts
    from wordfit.glove.model import GloVe
    from wordfit.glove.settings import Watch

    if bool(corpus) == (counts is not None):
        raise InputError("expected either text files (- is standard input) or --counts, found both or neither")
    glove = GloVe(
        dim, window, symmetric, distance_weights, min_count, max_vocab, x_max, alpha, eta, iterations,
        combine.value, unknown, threads, memory, seed, _tokenizer(tokenizer, lowercase),
    )  # fmt: skip
    report = Reporter()
    watch = Watch(report.stage, report.tokens, report.progress)
    folder = work or Path(DEFAULT_WORK.format(out=out))
    if counts is not None:
        folder.mkdir(parents=True, exist_ok=True)
        corpus_or_counts: Any = SavedCounts.open(counts, vocab, folder)
    else:
        corpus_or_counts = corpus
    trained = glove.fit(corpus_or_counts, folder, resume, watch, save_counts, checkpoint_seconds)
    trained.vectors.save(out, "glove" if out.suffix == ".txt" else None)
    if work is None:
        shutil.rmtree(folder)
    report.stage(f"{out}: {len(trained.vocabulary):,} words, {dim} wide, cost {trained.costs[-1]:.5f}")


def _tokenizer(cutting: Cutting, lowercase: bool) -> Any:
    if cutting is Cutting.whitespace:
        return None
    from wordfit.data.tokenizer import Rules, Tokenizer

    return Tokenizer(Rules(lowercase=lowercase))
