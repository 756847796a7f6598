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


class Cutting(str, Enum):
    """How text is cut into words."""

    wordfit = "wordfit"
    whitespace = "whitespace"


class Combine(str, Enum):
    """What becomes a word's vector."""

    sum = "sum"
    word = "word"
    context = "context"


class AnchorBy(str, Enum):
    """How hard each published word is held."""

    weight = "weight"
    constant = "constant"


@dataclass
class Reporter:
    """Says progress: one line that changes on a terminal, a line an epoch elsewhere."""

    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))
    begun: float = field(default_factory=time.monotonic)

    def stage(self, text: str) -> None:
        self._over("")
        self.say(f"{text}  [{time.monotonic() - self.begun:.1f} s]")

    def tokens(self, n: int) -> None:
        self._over(f"read {n:,} tokens")

    def progress(self, p: Any) -> None:
        line = (
            f"epoch {p.epoch}/{p.epochs}  cost {p.cost:.5f}  {p.per_second / 1e6:.2f} million entries/s  "
            f"{_duration(p.seconds_left)} left"
        )
        if p.share >= 1:
            self._over("")
            self.say(line)
        else:
            self._over(f"{line}  ({p.share:.0%} of the epoch)")

    def say(self, text: str) -> None:
        self.console.print(text, markup=False, soft_wrap=True)

    def _over(self, text: str) -> None:
        """Write over the line that stands there; only on a terminal."""
        if self.console.is_terminal:
            self.console.file.write(f"\r\x1b[2K{text[: self.console.width - 1]}")
            self.console.file.flush()


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"


CORPUS = typer.Argument(None, help="Text files, packed or not; - is standard input. A line is a context of its own.")
OUT = typer.Option(
    ..., "--out", "-o", help="Vectors to write, the format by the ending: .txt is GloVe text; may be given twice."
)
TOKENIZER = typer.Option(Cutting.wordfit, help="'whitespace' takes text as cut already, as Stanford's tools do.")
WINDOW = typer.Option(15, min=1, help="Words to each side that count as context.")
MIN_COUNT = typer.Option(5, min=1, help="Rarer words are left out.")
MAX_VOCAB = typer.Option(0, min=0, help="Keep at most so many words; 0 for all.")
X_MAX = typer.Option(100.0, help="Counts from here on weigh 1; 10 suits some ten million words.")
ALPHA = typer.Option(0.75, help="Smaller counts weigh (count / x_max) ^ alpha.")
ETA = typer.Option(0.05, help="Initial learning rate.")
ITERATIONS = typer.Option(25, min=1, help="Passes over all entries.")
THREADS = typer.Option(0, min=0, help="0: one a core. With 1, the same seed gives the same bytes.")
MEMORY = typer.Option(4.0, help="GB that the process may take; the rest goes to disk.")
SEED = typer.Option(1, help="Of the first vectors and the order of entries.")
WORK = typer.Option(None, help="Folder for entries and checkpoints, which stays; default: OUT.work, gone at the end.")
RESUME = typer.Option(False, "--resume", help="Go on from the last checkpoint in the work folder.")
CHECKPOINT_SECONDS = typer.Option(60.0, help="Write a checkpoint at most so often.")
COUNTS = typer.Option(None, help="Take saved counts, or Stanford's co-occurrence file, instead of a corpus.")
VOCAB = typer.Option(None, help="The vocabulary file of --counts, where that is a file.")
DASK = typer.Option(None, help="Count on a Dask cluster: its address, or 'local' for one process a core.")


@app.command()
def train(
    corpus: list[Path] = CORPUS,
    out: list[Path] = OUT,
    tokenizer: Cutting = TOKENIZER,
    lowercase: bool = typer.Option(True, help="Whether the wordfit tokenizer lower-cases."),
    dim: int = typer.Option(100, min=1, help="Width of the vectors."),
    window: int = WINDOW,
    symmetric: bool = typer.Option(True, help="Both sides; else a row counts the words that follow."),
    distance_weights: bool = typer.Option(True, help="A pair at distance d counts 1/d; else 1."),
    min_count: int = MIN_COUNT,
    max_vocab: int = MAX_VOCAB,
    x_max: float = X_MAX,
    alpha: float = ALPHA,
    eta: float = ETA,
    iterations: int = ITERATIONS,
    combine: Combine = typer.Option(Combine.sum, help="Word plus context vector, or either."),
    unknown: bool = typer.Option(True, help="End with <unk>, the mean of the 100 rarest words."),
    threads: int = THREADS,
    memory: float = MEMORY,
    seed: int = SEED,
    work: Path = WORK,
    resume: bool = RESUME,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    save_counts: Path = typer.Option(None, help="Keep the counts too: a folder of Stanford's two files."),
    counts: Path = COUNTS,
    vocab: Path = VOCAB,
    dask: str = DASK,
) -> None:
    """Train GloVe vectors on plain text."""
    from wordfit.glove.model import GloVe

    glove = GloVe(
        dim, window, symmetric, distance_weights, min_count, max_vocab, x_max, alpha, eta, iterations,
        combine.value, unknown, threads, memory, seed, _tokenizer(tokenizer, _rules(lowercase)),
    )  # fmt: skip
    report, folder = Reporter(), work or _work_beside(out[0])
    source = _source(glove, corpus, counts, vocab, dask, folder)
    trained = glove.fit(source, folder, resume, _watch(report), save_counts, checkpoint_seconds)
    for target in out:
        trained.vectors.save(target)
    _clear(folder, work)
    report.stage(f"{_listed(out)}: {len(trained.vocabulary):,} words, {dim} wide, cost {trained.costs[-1]:.5f}")


@app.command()
def adapt(
    corpus: list[Path] = CORPUS,
    start: Path = typer.Option(..., "--from", help="Published vectors, in any format."),
    out: list[Path] = OUT,
    tokenizer: Cutting = typer.Option(Cutting.wordfit, help="'wordfit' cuts as the published set's words are cut."),
    anchor: float = typer.Option(0.01, min=0, help="How hard published words are held to where they were."),
    anchor_by: AnchorBy = typer.Option(
        AnchorBy.weight, help="In proportion to a word's weight in the cost, or all alike as in Mittens."
    ),
    window: int = WINDOW,
    min_count: int = MIN_COUNT,
    max_vocab: int = MAX_VOCAB,
    x_max: float = typer.Option(10.0, help="Counts from here on weigh 1."),
    alpha: float = ALPHA,
    eta: float = ETA,
    iterations: int = typer.Option(15, min=1, help="Passes over all entries."),
    threads: int = THREADS,
    memory: float = MEMORY,
    seed: int = SEED,
    work: Path = WORK,
    resume: bool = RESUME,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    counts: Path = COUNTS,
    vocab: Path = VOCAB,
    dask: str = DASK,
    wordsim: list[Path] = typer.Option(
        [], help="Word-similarity files, or a folder of them, to score before and after."
    ),
    changed: int = typer.Option(20, min=0, help="Say so many of the words that changed most."),
) -> None:
    """Adapt published vectors to plain text: words it lacks stay, new words come in."""
    from wordfit.data.tokenizer import Rules
    from wordfit.glove.adapt import adapt as adapt_vectors
    from wordfit.glove.model import GloVe
    from wordfit.vectors.word_vectors import WordVectors

    published = WordVectors.load(start)
    cutter = _tokenizer(tokenizer, Rules.matched_to(published.key_to_index))
    glove = GloVe(
        published.vector_size, window, True, True, min_count, max_vocab, x_max, alpha, eta, iterations,
        threads=threads, memory=memory, seed=seed, tokenizer=cutter,
    )  # fmt: skip
    report, folder = Reporter(), work or _work_beside(out[0])
    source = _source(glove, corpus, counts, vocab, dask, folder)
    adapted = adapt_vectors(
        glove, source, published, anchor, anchor_by is AnchorBy.weight, folder, resume, _watch(report),
        checkpoint_seconds,
    )  # fmt: skip
    for target in out:
        adapted.vectors.save(target)
    _clear(folder, work)
    report.stage(f"{_listed(out)}: {len(adapted.vectors):,} words, {published.vector_size} wide")
    for line in _moved(adapted, published, changed):
        typer.echo(line)
    for line in _similarity(published, adapted.vectors, wordsim):
        typer.echo(line)


def _moved(adapted: Any, published: Any, changed: int) -> list[str]:
    """What moved, and the words that changed most with their neighbours before and after."""
    movement = adapted.movement
    lines = [
        f"{len(movement.words):,} published words adapted, {adapted.untouched:,} left as they were, "
        f"{len(adapted.new):,} new",
        f"cosine to the published vector: median {movement.median:.3f}, one in twenty below {movement.low:.3f}",
    ]
    rows = movement.most_changed(changed)
    if rows:
        lines.append(f"changed most (of words seen {movement.SEEN} times or more):")
        width = max(len(row[0]) for row in rows)
        lines.append(f"  {'word':<{width}}  seen     cosine  nearest before -> nearest now")
    for word, count, cosine, _ in rows:
        before, now = (
            ", ".join(w for w, _ in vectors.most_similar(word, topn=3)) for vectors in (published, adapted.vectors)
        )
        lines.append(f"  {word:<{width}}  {count:<8,} {cosine:6.3f}  {before} -> {now}")
    return lines


def _similarity(published: Any, adapted: Any, paths: list[Path]) -> list[str]:
    """Word similarity before and after, over the pairs that the published set knows, so that harm is seen."""
    if not paths:
        return ["word similarity before and after: not measured; give --wordsim FILE or FOLDER"]
    from wordfit.vectors.evaluate import read_sets, similarity_score
    from wordfit.vectors.word_vectors import WordVectors

    after = WordVectors(list(published.index_to_key), adapted.vectors[: len(published)])
    lines = ["word similarity (Spearman, 95 % over pairs), published words, before -> after:"]
    for pairs in (one for path in paths for one in read_sets(path) if one.pairs):
        scores = [similarity_score(vectors, pairs) for vectors in (published, after)]
        was, now = (f"{s.spearman:.3f} ({s.low:.3f} to {s.high:.3f})" for s in scores)
        lines.append(f"  {pairs.name:<16} {scores[0].found:>5,} pairs  {was} -> {now}")
    return lines


def _source(
    glove: Any, corpus: list[Path] | None, counts: Path | None, vocab: Path | None, dask: str | None, folder: Path
) -> Any:
    """What to train on: files, saved counts, or counts of files made by a cluster."""
    from wordfit.glove.counts import SavedCounts
    from wordfit.glove.spread import connect, count_spread

    if bool(corpus) == (counts is not None):
        raise InputError(
            "expected text files (- is standard input) or --counts, found " + ("both" if corpus else "none")
        )
    if counts is not None:
        return SavedCounts.open(counts, vocab, folder)
    if dask is not None:
        with connect(dask) as client:
            return count_spread(glove, corpus or [], client)
    return corpus


def _rules(lowercase: bool) -> Any:
    from wordfit.data.tokenizer import Rules

    return Rules(lowercase=lowercase)


def _tokenizer(cutting: Cutting, rules: Any) -> Any:
    from wordfit.data.tokenizer import Tokenizer

    return None if cutting is Cutting.whitespace else Tokenizer(rules)


def _watch(report: Reporter) -> Any:
    from wordfit.glove.settings import Watch

    return Watch(report.stage, report.tokens, report.progress)


def _work_beside(out: Path) -> Path:
    return out.with_name(out.name + ".work")


def _clear(folder: Path, asked: Path | None) -> None:
    if asked is None:
        shutil.rmtree(folder)


def _listed(paths: list[Path]) -> str:
    return ", ".join(map(str, paths))
