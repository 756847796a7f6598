"""`wordfit report RUN`: the HTML page of a run folder or of a record file."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import typer

from wordfit.errors import InputError
from wordfit.record import Record

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)


@app.command()
def report(
    run: Path = typer.Argument(..., help="A run folder, or a record in JSON."),
    out: Path | None = typer.Option(None, help="The page to write; default: report.html beside the record."),
    open_page: bool = typer.Option(False, "--open", help="Open the page in the browser."),
) -> None:
    """Write the HTML page of a run: one file that opens offline."""
    from wordfit.report import write_doctor_report, write_run_report

    source = record_file(run)
    record = Record.load(source)
    page = out or source.with_name("report.html" if source.name == "record.json" else f"{source.stem}.html")
    if record.evaluation or record.epochs or not (record.watched or record.diagnosis):
        write_run_report(record, page)
    else:
        write_doctor_report(record, page)
    typer.echo(f"{page}")
    if open_page:
        webbrowser.open(page.resolve().as_uri())


def record_file(run: Path) -> Path:
    """The record of a run folder, or the file itself."""
    if not run.is_dir():
        return run
    if not (run / "record.json").is_file():
        raise InputError(
            f"{run}: expected a run folder with record.json, found none. `wordfit train --out {run}` makes one."
        )
    return run / "record.json"
