"""`wordfit predict`: answers for new texts, from a file or standard input; without torch for mean encoders."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import typer

from wordfit.data.task import read_rows
from wordfit.errors import InputError
from wordfit.files import write_whole
from wordfit.training.answers import answers
from wordfit.training.run_folder import RunFolder

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
FORMATS = ("tsv", "jsonl")


@app.command()
def predict(
    run: Path = typer.Argument(..., help="The run folder."),
    file: Path = typer.Argument(Path("-"), help="Texts: any format of `wordfit train`, labelled or not; - is stdin."),
    out: Path | None = typer.Option(None, help="Where the answers go; standard output when left out."),
    format: str = typer.Option("tsv", help="tsv or jsonl."),
) -> None:
    """Answer new texts with a trained run: a line for each, with probabilities."""
    if format not in FORMATS:
        raise InputError(f"--format takes {' or '.join(FORMATS)}, found '{format}'")
    folder = RunFolder(run)
    rows = read_rows(file, folder.task, labelled=False)
    found, scores = answers(folder, rows.texts)
    names = list(folder.task.labels)
    with _target(out) as target:
        if format == "tsv":
            target.write("\t".join(["prediction", *names]) + "\n")
        for answer, row in zip(found, scores.tolist()):
            target.write(_line(format, names, answer, row) + "\n")


def _line(format: str, names: list[str], answer: Any, row: Any) -> str:
    if format == "jsonl":
        shares = {"probabilities": dict(zip(names, row))} if names else {}
        return json.dumps({"prediction": answer, **shares}, ensure_ascii=False)
    if not names:
        return f"{answer:.6g}"
    said = ",".join(answer) if isinstance(answer, list) else str(answer)
    return "\t".join([said, *(f"{value:.6f}" for value in row)])


@contextmanager
def _target(out: Path | None) -> Iterator[IO[str]]:
    if out is None:
        yield sys.stdout
    else:
        with write_whole(out) as file:
            yield file
