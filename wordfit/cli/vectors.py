"""`wordfit vectors`: look at vector files, convert, measure, and fetch them."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from wordfit.errors import InputError
from wordfit.vectors import WordVectors
from wordfit.vectors.notes import Notes

app = typer.Typer(
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
    help="Vector files: look, convert, cover a data set, ask for neighbours, measure, download.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 160)
LISTED = 10  # duplicates and lines left out that are printed

FILE = typer.Argument(..., help="A vector file of any format, archive.zip/member, a named set, or - for a pipe.")
LENIENT = typer.Option(False, "--lenient", help="Leave lines that are at fault out and list them, instead of stopping.")
INVALID = typer.Option("replace", help="Words that are not UTF-8: replace, keep or refuse.")
CACHE = typer.Option(True, help="Keep a copy in the user's cache that opens in milliseconds.")
JSON = typer.Option(False, "--json", help="Print JSON.")


@app.command()
def info(
    file: str = FILE,
    lenient: bool = LENIENT,
    invalid: str = INVALID,
    cache: bool = CACHE,
    shape: bool = typer.Option(False, "--geometry", help="Measure anisotropy, lengths against rank, and hubs."),
    seed: int = typer.Option(0, help="Seed of the sample that geometry is measured on."),
    as_json: bool = JSON,
) -> None:
    """Say what a file holds, and everything about it that is not plain."""
    start = time.perf_counter()
    vectors = WordVectors.load(file, lenient=lenient, invalid=invalid, cache=cache)
    seconds = time.perf_counter() - start
    geometry = _geometry(vectors, seed) if shape else {}
    if as_json:
        said = {"words": len(vectors), "width": vectors.vector_size, "notes": asdict(vectors.notes), **geometry}
        print(json.dumps(said, ensure_ascii=False))
        return
    console.print(f"{file}: {len(vectors):,} words x {vectors.vector_size}, {vectors.notes.format}, in {seconds:.2f} s")
    console.print(f"first words: {', '.join(map(repr, vectors.index_to_key[:8]))}", markup=False)
    if vectors.subwords is not None:
        lengths = f"{vectors.subwords.shortest} to {vectors.subwords.longest}"
        console.print(f"subwords: {len(vectors.subwords.rows):,} rows for pieces of {lengths} characters")
    _say_notes(vectors.notes)
    for name, value in geometry.items():
        console.print(f"{name.replace('_', ' ')}: {_shown(value)}", markup=False)


def _geometry(vectors: WordVectors, seed: int) -> dict[str, Any]:
    from wordfit.vectors.geometry import geometry

    return {"geometry_" + name: value for name, value in asdict(geometry(vectors, seed=seed)).items()}


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, tuple | list):
        return ", ".join(f"{word} {count}" for word, count in value)
    return f"{value:,}"


def _say_notes(notes: Notes) -> None:
    """What was not plain, a line for each kind."""
    if notes.total != notes.taken:
        console.print(f"the file holds {notes.total:,} words; {notes.taken:,} were taken")
    for remark in notes.remarks:
        console.print(f"note: {remark}", markup=False)
    if notes.replaced:
        console.print(f"note: {notes.replaced:,} words are not UTF-8")
    for name, items in (("duplicated words, the first kept", notes.duplicates), ("left out", notes.left_out)):
        if items:
            more = f" ... and {len(items) - LISTED:,} more" if len(items) > LISTED else ""
            console.print(f"{name} ({len(items):,}): {'; '.join(items[:LISTED])}{more}", markup=False)


@app.command()
def convert(
    file: str = FILE,
    out: Path = typer.Argument(
        ..., help="What to write: .txt .vec .bin .npz .npy .safetensors; text also .gz .bz2 .xz .zip."
    ),
    format: str | None = typer.Option(None, help="glove, word2vec, word2vec-binary, fasttext, npz, npy, safetensors."),
    words: Path | None = typer.Option(None, help="Only the words of this file, one to a line."),
    limit: int | None = typer.Option(None, min=0, help="Only the first so many words."),
    normalise: bool = typer.Option(False, help="Bring every vector to length one."),
    centre: bool = typer.Option(False, help="Take the mean vector off."),
    without_top: int | None = typer.Option(None, min=0, help="Take the mean and so many principal components off."),
    compact: str | None = typer.Option(None, help="Write float16 or int8 (as .safetensors)."),
    lenient: bool = LENIENT,
    invalid: str = INVALID,
    cache: bool = CACHE,
) -> None:
    """Write vectors in another format, whole or in part."""
    wanted = words.read_text(encoding="utf-8").splitlines() if words else None
    vectors = WordVectors.load(file, wanted, limit, lenient, cache, invalid)
    if centre:
        vectors = vectors.centred()
    if without_top is not None:
        vectors = vectors.without_top(without_top)
    if normalise:
        vectors = vectors.normalised()
    if compact:
        if out.suffix != ".safetensors":
            raise InputError(f"{out}: {compact} vectors are written as .safetensors")
        vectors.compact(compact).save(out)
    else:
        vectors.save(out, format)
    _say_notes(vectors.notes)
    console.print(f"{out}: {len(vectors):,} words x {vectors.vector_size}, {out.stat().st_size:,} bytes")


@app.command()
def similar(
    file: str = FILE,
    words: list[str] = typer.Argument(..., help="Words; put --minus before those to take off: king woman --minus man."),
    minus: list[str] = typer.Option([], help="A word to take off; may be given again."),
    topn: int = typer.Option(10, "-n", min=1, help="How many neighbours."),
    multiply: bool = typer.Option(False, help="Combine by 3CosMul rather than 3CosAdd."),
    each: bool = typer.Option(False, help="The neighbours of each word by itself."),
    cache: bool = CACHE,
    as_json: bool = JSON,
) -> None:
    """The words nearest to a word, or to several taken together."""
    vectors = WordVectors.load(file, cache=cache)
    for word in [*words, *minus]:
        if word not in vectors and vectors.subwords is None:
            raise InputError(_unknown(vectors, word, file))
    ask = vectors.most_similar_cosmul if multiply else vectors.most_similar
    groups = {word: [word] for word in words} if each else {" + ".join(words): words}
    answers = {name: ask(group, minus, topn) for name, group in groups.items()}
    if as_json:
        print(json.dumps(answers, ensure_ascii=False))
        return
    for name, near in answers.items():
        if each:
            console.print(f"{name}:", markup=False)
        for word, score in near:
            console.print(f"{score:.4f}  {word}", markup=False)


def _unknown(vectors: WordVectors, word: str, file: str) -> str:
    other = [form for form in (word.lower(), word.capitalize(), word.upper()) if form != word and form in vectors]
    return f"{file}: {word!r} has no vector" + (f"; {other[0]!r} has one" if other else "")


@app.command()
def evaluate(
    file: str = FILE,
    sets: Path = typer.Option(..., help="A folder of similarity and analogy sets, or one of them."),
    restrict: int | None = typer.Option(None, min=1, help="Analogies: answers among the first so many words only."),
    draws: int = typer.Option(1000, min=1, help="Bootstrap draws of the interval."),
    seed: int = typer.Option(0),
    cache: bool = CACHE,
    as_json: bool = JSON,
) -> None:
    """Measure on word similarity (Spearman, with a 95 % bootstrap interval) and analogies (3CosAdd and 3CosMul)."""
    from wordfit.vectors.evaluate import analogy_score, read_sets, similarity_score

    found = read_sets(sets)
    vectors = WordVectors.load(file, cache=cache)
    similarity = [similarity_score(vectors, one, draws, seed) for one in found if one.pairs]
    analogies = [analogy_score(vectors, one, restrict) for one in found if one.questions]
    if as_json:
        print(json.dumps({"similarity": [asdict(s) for s in similarity], "analogies": [asdict(a) for a in analogies]}))
        return
    if similarity:
        table = _table("similarity set", "pairs", "found", "Spearman", "95 % interval", "missing as the mean")
        for s in similarity:
            interval = f"{s.low:.3f} to {s.high:.3f}"
            table.add_row(
                s.name, f"{s.pairs:,}", f"{s.found:,}", f"{s.spearman:.3f}", interval, f"{s.spearman_all:.3f}"
            )
        console.print(table)
    if analogies:
        table = _table("analogy set", "questions", "found", "3CosAdd", "3CosMul")
        for a in analogies:
            table.add_row(a.name, f"{a.questions:,}", f"{a.found:,}", f"{a.add:.3f}", f"{a.mul:.3f}")
            for name, (count, add, mul) in a.sections.items():
                if name:
                    table.add_row(f"  {name}", "", f"{count:,}", f"{add:.3f}", f"{mul:.3f}")
        console.print(table)


def _table(first: str, *columns: str) -> Table:
    table = Table(first, box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right")
    return table


@app.command()
def coverage(
    file: str = FILE,
    data: Path = typer.Argument(..., help="TSV, CSV, JSONL, Parquet or plain lines of text (.txt); may be packed."),
    text: str | None = typer.Option(None, help="The column of the text."),
    pair: str | None = typer.Option(None, help="The column of the second text."),
    label: str | None = typer.Option(None, help="The column of the label."),
    cache: bool = CACHE,
    as_json: bool = JSON,
) -> None:
    """Which words of a data set have vectors, by type, by token and by label, and why the rest have not."""
    import numpy as np

    from wordfit.data import Tokenizer, Vocabulary, read_train
    from wordfit.data.tokenizer import Rules
    from wordfit.embedding import align
    from wordfit.embedding import coverage as measure
    from wordfit.files import open_text

    labels: list[Any] = []
    if ".txt" in data.suffixes:
        with open_text(data) as lines:
            texts = [line.rstrip("\r\n") for line in lines]
    else:
        task, rows = read_train(data, text, pair, label, None, None)
        texts = [one for column in rows.texts for one in column]
        labels = rows.targets * len(rows.texts) if task.kind == "classes" else []
    vectors = WordVectors.load(file, cache=cache)
    rules = Rules.matched_to(vectors)
    vocabulary = Vocabulary.build(Tokenizer(rules), texts)
    ids, offsets = Tokenizer(rules).with_words(vocabulary.words).encode(texts)
    found = measure(align([vectors], vocabulary.words, "zero"), vocabulary.words, np.asarray(ids), offsets, labels)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    _say_coverage(found, rules.lowercase)


def _say_coverage(found: dict[str, Any], lowercase: bool) -> None:
    console.print(f"words are cut as the set has them: {'lower case' if lowercase else 'cased'}")
    table = _table("found", "types", "share", "tokens", "share")
    types, tokens = sum(found["types"].values()), sum(found["tokens"].values())
    for how, count in found["types"].items():
        if count:
            token = found["tokens"][how]
            table.add_row(how, f"{count:,}", f"{count / types:.1%}", f"{token:,}", f"{token / tokens:.1%}")
    console.print(table)
    for name, share in found["by_label"].items():
        console.print(f"label {name}: {share:.1%} of tokens have a vector", markup=False)
    if found["reasons"]:
        console.print("missing tokens: " + ", ".join(f"{why} {count:,}" for why, count in found["reasons"].items()))
        common = ", ".join(f"{word!r} {count:,}" for word, count, _ in found["commonest_missing"])
        console.print(f"most frequent of them: {common}", markup=False)


@app.command()
def download(
    name: str = typer.Argument("", help="A named set, as glove.6B.100d; without one they are listed."),
    to: Path | None = typer.Option(None, help="The folder to write to, instead of the user's cache."),
) -> None:
    """Fetch a published set: goes on where a transfer was cut, and checks what came."""
    from wordfit.vectors.download import download as fetch
    from wordfit.vectors.named_sets import NAMED_SETS, downloaded

    if not name:
        table = Table("name", "what it is", "size", "checked", "", box=None, pad_edge=False)
        for one, about in NAMED_SETS.items():
            size = about.files[0].size
            check = (about.files[0].checksum or "-").partition(":")[0]
            have = "downloaded" if downloaded(one) else ""
            table.add_row(one, about.about, f"{size / 1e6:,.0f} MB" if size else "?", check, have)
        console.print(table)
        return
    with _Fetching() as progress:
        path = fetch(name, to, progress)
    known = all(file.checksum for file in NAMED_SETS[name].files)
    console.print("checked" if known else "no source states a checksum of it: only the number of bytes was checked")
    console.print(f"load it as: {name if to is None else path}", markup=False)


class _Fetching:
    """A bar on a terminal, a plain line for every tenth elsewhere."""

    def __enter__(self) -> _Fetching:
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        self._bar = Progress(*columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal)
        self._bar.start()
        self._task: Any = None
        self._said = -1
        return self

    def __call__(self, name: str, done: int, total: int | None) -> None:
        if self._task is None:
            self._task = self._bar.add_task(name)
        self._bar.update(self._task, description=name, completed=done, total=total)
        tenth = 10 * done // total if total else done >> 28
        if not console.is_terminal and tenth != self._said:
            self._said = tenth
            print(f"{name}: {done:,} of {total:,} bytes" if total else f"{name}: {done:,} bytes", file=sys.stderr)

    def __exit__(self, *error: object) -> None:
        self._bar.stop()
