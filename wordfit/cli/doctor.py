"""`wordfit doctor`: run a program watched and say what is wrong with its training; or judge a record again."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import typer

from wordfit.errors import InputError
from wordfit.files import check_writable, write_whole

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False}
)
def doctor(
    context: typer.Context,
    program: str = typer.Argument("", help="A Python program, or a record (JSON) or run folder to judge again."),
    module: str = typer.Option("", "-m", help="Run a module, as `python -m` does."),
    json_file: Path = typer.Option(None, "--json", help="Write the diagnosis as JSON."),
    report: Path = typer.Option(None, "--report", help="Write the diagnosis as an HTML page."),
    record_file: Path = typer.Option(None, "--record", help="Keep the record, to be judged again without the program."),
    verify: bool = typer.Option(
        False, "--verify", help="Run again with the remedy, and withdraw what it does not mend."
    ),
    budget: float = typer.Option(60.0, "--budget", help="Seconds that experiments may take."),
) -> None:
    """Watch a PyTorch training, unchanged, and name the cause of its fault.

    Exit code 3 when a fault was found or the program raised, 0 when none was or nothing was trained.
    """
    arguments = list(context.args)
    if module:
        arguments = ([program] if program else []) + arguments
    elif not program:
        raise InputError("wordfit doctor: name the program to watch, for example: wordfit doctor train.py")
    for path in (json_file, report, record_file):
        if path:
            check_writable(path)
    from wordfit.doctor.page import show

    if not module and (Path(program).suffix == ".json" or Path(program).is_dir()):
        record, found = _judge_again(Path(program))
    else:
        began = time.time()
        record, found = _watch(module or program, arguments, bool(module), budget)
        record.diagnosis = found
        if verify and found["findings"]:
            from wordfit.doctor.left_as_written import left_as_written
            from wordfit.doctor.verify import verify_findings

            with left_as_written(began, arguments) as missed:
                found = verify_findings(found, record, module or program, arguments, bool(module), budget)
            found["not_examined"] += [{"what": "what the program wrote, before it ran again", "why": w} for w in missed]
    record.diagnosis = found
    try:  # a reader that closes its end of a pipe gets the files all the same, and one whose disk is full the page
        _write(found, record, json_file, record_file, report)
    finally:
        show(found, record)
        sys.stdout.flush()
    raise typer.Exit(3 if found["healthy"] is False else 0)


def _write(found, record, json_file, record_file, report):  # type: ignore[no-untyped-def]
    if json_file:
        with write_whole(json_file) as file:
            json.dump(found, file, indent=1, ensure_ascii=False)
            file.write("\n")
    if record_file:
        record.save(record_file)
    if report:
        from wordfit.report import write_doctor_report

        write_doctor_report(record, report)


def _watch(program, arguments, module, budget):  # type: ignore[no-untyped-def]
    from wordfit.doctor.diagnose import diagnosis
    from wordfit.doctor.examine import examine
    from wordfit.doctor.run import run_watched
    from wordfit.doctor.watch import Recorder
    from wordfit.record import plain

    recorder = Recorder()
    ran = run_watched(program, arguments, recorder, module)
    record = examine(recorder, ran, Path(program).name, budget)
    return record, plain(diagnosis(record))


def _judge_again(path: Path):  # type: ignore[no-untyped-def]
    from wordfit.doctor.diagnose import diagnosis
    from wordfit.record import Record, plain

    record = Record.load(path / "record.json" if path.is_dir() else path)
    return record, plain(diagnosis(record))
