"""`wordfit compare`: strategies side by side over seeds, with intervals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from wordfit.errors import InputError
from wordfit.files import write_whole
from wordfit.report import write_comparison_report
from wordfit.selection.comparison import compare as run
from wordfit.selection.comparison import strategies
from wordfit.training.cells import Rows
from wordfit.vectors import WordVectors

EXPLAINED = (
    "moved: mean movement of a vector; kept: of its ten nearest words; gap: train minus dev; "
    "seen, unseen: dev rows whose words train has all, and the others"
)
app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
TUNINGS = "frozen,tuned,slow,anchored,decayed,unknown-only,two-channel,warm-up"


@app.command()
def compare(
    train: Path = typer.Argument(..., help="Labelled rows, in any format of `wordfit train`."),
    dev: Path = typer.Option(..., help="Labelled rows that the ways are scored on."),
    vectors: list[Path] = typer.Option(..., help="A vector file; each of several is compared by itself."),
    out: Path = typer.Option(..., help="The folder for cells, table and page; run again to go on."),
    tunings: str = typer.Option(TUNINGS, help="Tunings, separated by commas."),
    encoders: str = typer.Option("mean", help="Encoders, separated by commas."),
    seeds: int = typer.Option(5, help="Seeds of each way."),
    sizes: str = typer.Option("", help="Rows for the learning curves, as 100,1000,all; all rows are always run."),
    budget: float | None = typer.Option(None, help="Seconds: the worse half leaves after a part of the rows."),
    word_sets: Path | None = typer.Option(None, help="A folder of word-similarity sets, scored before and after."),
    text: str | None = typer.Option(None, help="The column of the text."),
    pair: str | None = typer.Option(None, help="The column of the second text."),
    label: str | None = typer.Option(None, help="The column of the label or score."),
    task: str | None = typer.Option(None, help="classes, labels or score; found out when left out."),
    metric: str | None = typer.Option(None, help="What the ways are compared by."),
    workers: int | None = typer.Option(None, help="Processes; all cores when left out."),
    scheduler: str | None = typer.Option(None, help="The address of a Dask cluster to spread the cells over."),
) -> None:
    """Compare ways to use the vectors, paired over seeds and dev rows."""
    if seeds < 1:
        raise InputError(f"--seeds must be at least 1, found {seeds}")
    console = Console(highlight=False)
    names = [str(file) for file in vectors]
    width = WordVectors.load(names[0]).vector_size
    ways = strategies(encoders.split(","), tunings.split(","), names, width)
    rows = Rows(str(train), str(dev), text, pair, label, task, metric)

    def heard(name: str, result: dict[str, Any]) -> None:
        console.print(f"{name}: {result['train_rows']:,} rows, {result['seconds']:.0f} s")

    known = str(word_sets) if word_sets else ""
    found = run(rows, ways, seeds, out / "cells", budget, workers, scheduler, heard, row_counts(sizes), known)
    with write_whole(out / "table.json") as file:
        json.dump(found, file, indent=1)
    write_comparison_report(
        found["table"], out / "report.html", found["curves"], found["pairs"], sentence=found["sentence"]
    )
    console.print(_shown(found["table"]))
    console.print(EXPLAINED, style="dim")
    console.print(found["sentence"])
    console.print(f"page: {out / 'report.html'}")


def row_counts(text: str) -> list[int]:
    """`100,1000,all` as numbers, all rows left out since they are run in any case."""
    counts = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        if part != "all" and (not part.isdigit() or int(part) < 1):
            raise InputError(f"--sizes takes numbers of rows or all, separated by commas, found '{part}'")
        counts += [] if part == "all" else [int(part)]
    return counts


COLUMNS = {  # heading: a row's value, and how it is said
    "moved": ("drift", "{:.1%}"),
    "kept": ("kept", "{:.0%}"),
    "gap": ("gap", "{:+.3f}"),
    "seen": ("seen", "{:.3f}"),
    "unseen": ("unseen", "{:.3f}"),
    "word sim.": ("similarity", "{:+.3f}"),
}


def _shown(rows: list[dict[str, Any]]) -> Table:
    columns = {name: cell for name, cell in COLUMNS.items() if any(cell[0] in row for row in rows)}
    table = Table(box=None, pad_edge=False)
    for name in ("way", "score", "95 %", "seeds", "s", *columns):
        table.add_column(name, justify="left" if name == "way" else "right", no_wrap=name != "way", overflow="fold")
    for row in sorted(rows, key=lambda row: (row["dropped"], -row["score"])):
        ends = f"{row['low']:.3f}-{row['high']:.3f}" if "low" in row else f"left at {row['rows']:,} rows"
        more = [form.format(row[key]) if key in row else "" for key, form in columns.values()]
        table.add_row(row["strategy"], f"{row['score']:.3f}", ends, str(row["seeds"]), f"{row['seconds']:.0f}", *more)
    return table
