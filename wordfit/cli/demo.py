"""`wordfit demo`: the whole story offline, on the documentation that every Python carries.

Writes text and labels into a folder and runs the other commands on them, each shown as it would be typed: vectors
from the text, a classifier with frozen and with tuned vectors, a broken program under the doctor, a page of it all.
"""

from __future__ import annotations

import os
import shlex
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import typer

from wordfit.cli.broken_program import PROGRAM
from wordfit.cli.main import COMMANDS
from wordfit.data.python_docs import Documentation, read_documentation
from wordfit.errors import InputError
from wordfit.files import write_whole
from wordfit.record import Record

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)

FAULT = 3  # the doctor's exit code for a fault
VECTORS = "--dim 100 --window 8 --min-count 3 --x-max 10 --iterations 25"  # small text: rarer words, lower counts
TRAINING = "--lr 0.005 --epochs 5"


@app.command()
def demo(
    out: Path = typer.Option(Path("wordfit-demo"), help="The folder to write; an earlier demo there is replaced."),
) -> None:
    """The whole story offline, in about a minute: vectors, training, a fault found, a report."""
    began = time.perf_counter()
    os.environ.setdefault(
        "OMP_NUM_THREADS", "1"
    )  # models this small gain nothing from threads that wait for each other
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / "broken.py").exists())):
        raise InputError(f"{out}: is there already and is no earlier demo. Name another --out.")
    say("Reading the documentation of this Python's standard library ...")
    documentation = read_documentation()
    write(documentation, out)
    parts = len({part for part, _ in documentation.train})
    say(
        f"{len(documentation.train):,} sentences to learn from and {len(documentation.dev):,} to be asked about, each "
        f"labelled with the part of the library that it documents ({parts} parts)."
    )
    say("1. Word vectors, trained on that text.")
    run("glove", "train", out / "text.txt", "--out", out / "vectors.txt", *VECTORS.split())
    records = {}
    for i, (tuning, what) in enumerate((("frozen", "left as they are"), ("tuned", "moved by the task")), 2):
        say(f"{i}. A classifier over these vectors, {what}.")
        files = (out / "train.tsv", "--dev", out / "dev.tsv", "--vectors", out / "vectors.txt")
        run("train", *files, "--tuning", tuning, "--out", out / tuning, *TRAINING.split())
        records[tuning] = Record.load(out / tuning / "record.json")
    say("4. The same task as many people program it, with a classic fault, under the doctor.")
    page, file = out / "doctor.html", out / "doctor.json"
    run("doctor", "--report", page, "--record", file, out / "broken.py", out, may_give=FAULT)
    records["broken"] = Record.load(file)
    summary(out, records)
    conclude(out, records, time.perf_counter() - began)


def say(text: str) -> None:
    typer.secho(f"\n{text}", bold=True)


def run(name: str, *arguments: Any, may_give: int = 0) -> int:
    """Run a command of wordfit as if it had been typed, and show it."""
    words = [str(argument) for argument in arguments]
    typer.secho(f"$ {shlex.join(['wordfit', name, *words])}", fg="cyan")
    sys.stdout.flush()
    before, sys.argv = sys.argv, ["wordfit", name, *words]
    try:
        code = import_module(COMMANDS[name][0]).app(args=words, prog_name=f"wordfit {name}", standalone_mode=False) or 0
    finally:
        sys.argv = before
    if code not in (0, may_give):
        raise typer.Exit(code)
    return int(code)


def write(documentation: Documentation, out: Path) -> None:
    """The labelled sentences, the running text and the broken program."""
    for name, rows in (("train.tsv", documentation.train), ("dev.tsv", documentation.dev)):
        with write_whole(out / name) as file:
            file.write("label\tsentence\n" + "".join(f"{part}\t{sentence}\n" for part, sentence in rows))
    with write_whole(out / "text.txt") as file:
        file.write("\n".join(documentation.text) + "\n")
    with write_whole(out / "broken.py") as file:
        file.write(PROGRAM)


def summary(out: Path, records: dict[str, Record]) -> None:
    """The page that leads to the others."""
    from wordfit.report import write_comparison_report

    rows: list[dict[str, Any]] = []
    for name in ("frozen", "tuned"):
        record = records[name]
        row = {
            "strategy": f"{name} vectors",
            "metric": "accuracy",
            "score": accuracy(record),
            "run": f"{name}/report.html",
        }
        row |= {"parameters": record.settings["parameters"]}
        rows.append(
            row | {"drift": record.embedding["mean_drift"], "kept": record.embedding.get("neighbours_kept", 1.0)}
        )
    commonest = records["tuned"].evaluation["majority"]
    rows.append({"strategy": "always the commonest part", "score": commonest, "reference": True})
    rows.append({"strategy": "the broken program", "score": None, "run": "doctor.html"})
    sentence = " ".join(sentences(records))
    write_comparison_report(
        rows, out / "report.html", title="Word vectors at work on Python's documentation", sentence=sentence
    )


def accuracy(record: Record) -> float:
    return float(record.evaluation["metrics"]["accuracy"])


def sentences(records: dict[str, Record]) -> list[str]:
    """What was seen, for someone who hears of it for the first time."""
    frozen, tuned = accuracy(records["frozen"]), accuracy(records["tuned"])
    commonest = records["tuned"].evaluation["majority"]
    parts = len(records["tuned"].evaluation["labels"])
    diagnosis = records["broken"].diagnosis
    first = (
        f"Asked which of {parts} parts of Python's library a new sentence documents, a model that only averages the "
        f"vectors of its words is right in {frozen:.0%} of cases; always naming the commonest part, in {commonest:.0%}."
    )
    moved = f"{records['tuned'].embedding['mean_drift']:.0%} of their length"
    better = "better" if tuned > frozen else "no better"
    second = (
        f"Letting training move the vectors as well (by {moved} on average) is {better}: {tuned:.0%} (one run each)."
    )
    third = "The doctor did not find the cause of the broken program's fault."
    if diagnosis["findings"]:
        finding = diagnosis["findings"][0]
        cause = finding["cause"].replace("_", " ")
        cause += f", line {finding['where']['line']}" if finding["where"].get("line") else ""
        seen = f"In the broken program {finding['explains'][0]}; the" if finding.get("explains") else "The"
        third = f"{seen} doctor found the cause: {cause}."
    return [first, second, third]


def conclude(out: Path, records: dict[str, Record], seconds: float) -> None:
    """Three sentences, and where to read on."""
    say(f"What this shows ({seconds:.0f} s)")
    for sentence in sentences(records):
        typer.echo(sentence)
    typer.echo(f"\nThe report: {out / 'report.html'}")
