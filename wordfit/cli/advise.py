"""`wordfit advise`: what to try for these rows and vectors, with reasons, without training."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import typer
from rich.console import Console

from wordfit.data import read_rows, read_train
from wordfit.files import write_whole
from wordfit.record import plain
from wordfit.selection.advice import Advice
from wordfit.selection.advice import advise as find_advice
from wordfit.vectors import WordVectors

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)


@app.command()
def advise(
    train: Path = typer.Argument(..., help="Labelled rows, in any format of `wordfit train`."),
    dev: Path | None = typer.Option(None, help="Labelled rows that the reference learners are judged on."),
    vectors: list[Path] = typer.Option(..., help="A vector file; several stand side by side."),
    json_file: Path | None = typer.Option(None, "--json", help="Write advice and all numbers as JSON."),
    encoder: str | None = typer.Option(None, help="The encoder, where it is settled already."),
    text: str | None = typer.Option(None, help="The column of the text."),
    pair: str | None = typer.Option(None, help="The column of the second text."),
    label: str | None = typer.Option(None, help="The column of the label or score."),
    task: str | None = typer.Option(None, help="classes, labels or score; found out when left out."),
    metric: str | None = typer.Option(None, help="What the reference learners are judged by."),
) -> None:
    """Say which strategy, encoder and learning rate to try, and why, in seconds."""
    found, rows = read_train(train, text, pair, label, task, metric)
    dev_rows = read_rows(dev, found) if dev else None
    advice = find_advice(found, rows, dev_rows, [WordVectors.load(path) for path in vectors], encoder)
    if json_file is not None:
        with write_whole(json_file) as file:
            json.dump(plain(advice.to_json()), file, indent=1, ensure_ascii=False)
    say(advice, Console(highlight=False))


def say(advice: Advice, console: Console) -> None:
    """The advice in the terminal: what, how sure, why."""
    options = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in advice.settings.items())
    console.print(f"[bold]try {advice.strategy}[/] with encoder {advice.encoder}: {options}", soft_wrap=True)
    width = min(110, console.width)
    console.print(_wrapped(f"how sure: {advice.sure}", width))
    reference = advice.survey["reference"]
    numbers = advice.survey["numbers"]
    console.print(
        _wrapped(
            f"linear models in closed form, judged on {reference['judged_on']}: frozen mean {numbers['mean']:.3f}, "
            f"bag of words {numbers['bag']:.3f}, both {numbers['both']:.3f}; reading nothing {reference['chance']:.3f}",
            width,
        )
    )
    console.print("why:")
    for reason in advice.reasons:
        console.print(_wrapped(f"- {reason.says}", width, 2))
        console.print(_wrapped(f"[{reason.evidence}]", width, 4), style="dim", markup=False)


def _wrapped(sentence: str, width: int, indent: int = 0) -> str:
    return textwrap.fill(sentence, width, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2))
