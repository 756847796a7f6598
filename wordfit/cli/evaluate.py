"""`wordfit evaluate`: score a trained run on labelled text."""

from __future__ import annotations

import json
from pathlib import Path

import typer
from rich.console import Console

from wordfit.data import read_rows
from wordfit.errors import InputError
from wordfit.files import write_whole
from wordfit.training.run_folder import RunFolder

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)


@app.command()
def evaluate(
    run: Path = typer.Argument(..., help="The run folder."),
    file: Path = typer.Argument(..., help="Labelled rows, in any format of `wordfit train`."),
    json_file: Path | None = typer.Option(None, "--json", help="Write the metrics to this file too."),
) -> None:
    """Score a trained run on labelled rows."""
    folder = RunFolder(run)
    rows = read_rows(file, folder.task)
    metrics = folder.model().evaluate(rows)
    if json_file is not None:
        if json_file.is_dir():
            raise InputError(f"{json_file}: expected a file to write to, found a folder")
        with write_whole(json_file) as out:
            json.dump({"run": str(run), "file": str(file), "rows": len(rows), "metrics": metrics}, out, indent=1)
            out.write("\n")
    console = Console(highlight=False)
    console.print(f"{file}: {len(rows):,} rows")
    for name, value in metrics.items():
        console.print(f"{name:16s} {value:.4f}")
