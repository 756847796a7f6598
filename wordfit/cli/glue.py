"""`wordfit glue`: the nine tasks by models, strategies and seeds; the table, the page, the submission."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from wordfit.errors import InputError
from wordfit.files import write_whole
from wordfit.glue.pages import pages
from wordfit.glue.submission import best, write_submission
from wordfit.glue.suite import Place, cells, run_suite, table
from wordfit.glue.tasks import chosen
from wordfit.report import write_place_report, write_suite_report

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)


@app.command()
def glue(
    data: Path = typer.Option(..., help="The folder of the tasks' folders (CoLA, SST-2, ...)."),
    vectors: list[Path] = typer.Option(..., help="A vector file; several stand side by side."),
    out: Path = typer.Option(..., help="The folder for cells, table, page and submission; run again to go on."),
    tasks: str = typer.Option("glue", help="Tasks, as cola,rte; glue for the nine, all for the further ones too."),
    models: str = typer.Option(
        "mean,bilstm,matching", help="mean, sif, cnn, bilstm, matching, matches, attention, bilstm-attention, cosine."
    ),
    strategies: str = typer.Option("frozen,tuned,slow", help="Tunings, separated by commas."),
    seeds: int = typer.Option(5, help="Seeds of each cell."),
    workers: int | None = typer.Option(None, help="Processes; all cores when left out."),
    scheduler: str | None = typer.Option(None, help="The address of a Dask cluster to spread the cells over."),
) -> None:
    """Run the suite: finished cells are kept and never run again."""
    if seeds < 1:
        raise InputError(f"--seeds must be at least 1, found {seeds}")
    picked = chosen(tasks)
    names = [str(path) for path in vectors]
    made = cells(picked, data, out / "rows", names, models.split(","), strategies.split(","), seeds)
    console = Console(highlight=False)
    done: dict[Place, list[dict[str, Any]]] = {}
    with Live(console=console, refresh_per_second=2, transient=True) as live:

        def heard(place: Place, result: dict[str, Any]) -> None:
            done.setdefault(place, []).append(result)
            if console.is_terminal:
                live.update(_progress(done, len(made)))
            else:
                score = result["metrics"][picked[place.task].metrics[0]]
                console.print(
                    f"{place.task} {place.model} {place.strategy} {score:.4f} ({result['cpu_seconds']:.0f} s)"
                )

        places = run_suite(made, out / "cells", workers, scheduler, heard)
    rows = table(places, picked, data, out / "rows")
    with write_whole(out / "table.json") as file:
        json.dump({"vectors": names, "rows": rows}, file, indent=1)
    with write_whole(out / "table.md") as file:
        file.write(markdown(rows))
    write_suite_report(rows, out / "report.html")
    for name, about in pages(made, places, rows, picked, data, out / "rows"):
        write_place_report(about, out / name)
    answers = best(places, picked)
    missing = write_submission(out / "submission.zip", {name: found for name, (_, found) in answers.items()})
    shown, notes = _shown(rows)
    console.print(shown)
    for note in notes:
        console.print(Text(note))
    console.print(f"table: {out / 'table.md'}   page: {out / 'report.html'}   submission: {out / 'submission.zip'}")
    if missing:
        console.print(f"the submission lacks {', '.join(missing)}: no test file was found, or no model answered it")


def _progress(done: dict[Place, list[dict[str, Any]]], of: int) -> str:
    last = list(done)[-1]
    return f"{sum(map(len, done.values()))} of {of} cells; last {last.task} {last.model} {last.strategy}"


def _shown(rows: list[dict[str, Any]]) -> tuple[Table, list[str]]:
    """The table of the runs, and below it why a score says nothing."""
    shown = Table(box=None, pad_edge=False)
    for name in ("task", "way", "score", "95 % interval", "seeds", "CPU s"):
        shown.add_column(name, justify="left" if name in ("task", "way") else "right")
    notes: dict[str, int] = {}
    for row in rows:
        scores = "/".join(f"{value * 100:.1f}" for value in row["all"].values())
        mark = row.get("degenerate", "")
        if mark:
            scores += f" [{notes.setdefault(mark, len(notes) + 1)}]"
        ends = f"{row['low'] * 100:.1f} to {row['high'] * 100:.1f}" if row.get("seeds", 0) > 1 else ""
        seconds = f"{row['seconds']:.0f}" if "seconds" in row else ""
        shown.add_row(row["task"], row["strategy"], Text(scores), ends, str(row.get("seeds", "")), seconds)
    said = [f"[{number}] {note}" for note, number in notes.items()]
    subsets = {f"{row['task']}: {row['note']}" for row in rows if row.get("note") and not row.get("reference")}
    return shown, said + sorted(subsets)


def markdown(rows: list[dict[str, Any]]) -> str:
    """The table as a page of text."""
    lines = ["| task | way | metric | score | spread | 95 % interval | seeds | CPU seconds | parameters | note |"]
    lines.append("|---|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        scores = " / ".join(f"{value * 100:.1f}" for value in row["all"].values())
        own = (
            [f"{row['std'] * 100:.1f}", f"{row['low'] * 100:.1f} to {row['high'] * 100:.1f}"]
            if "std" in row
            else ["", ""]
        )
        cost = [
            str(row.get("seeds", "")),
            f"{row['seconds']:.0f}" if "seconds" in row else "",
            str(row.get("parameters", "")),
        ]
        note = "; ".join(filter(None, [row.get("degenerate", ""), row.get("note", "")]))
        lines.append(
            "| " + " | ".join([row["task"], row["strategy"], " / ".join(row["all"]), scores, *own, *cost, note]) + " |"
        )
    return "\n".join(lines) + "\n"
