"""The command `wordfit`: finds the command's module, says errors in one message, sets the exit code.

A command's module loads only when it is called, so that `wordfit predict` starts without torch. Each holds a
`typer.Typer` named `app`, made with `pretty_exceptions_enable=False` so that errors reach `main`.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

import typer

from wordfit import __version__
from wordfit.errors import InputError, MissingExtra

COMMANDS = {  # name: (module that holds `app`, one line of help)
    "demo": ("wordfit.cli.demo", "The whole story offline, in about a minute."),
    "train": ("wordfit.cli.train", "Train a model on labelled text from a vector file."),
    "predict": ("wordfit.cli.predict", "Answer new texts with a trained run, from a file or standard input."),
    "evaluate": ("wordfit.cli.evaluate", "Score a trained run on labelled text."),
    "translate": ("wordfit.cli.translate", "Translate lines with a trained seq2seq run."),
    "doctor": ("wordfit.cli.doctor", "Watch a PyTorch training, unchanged, and name the cause of its fault."),
    "compare": ("wordfit.cli.compare", "Strategies side by side over seeds, with intervals."),
    "advise": ("wordfit.cli.advise", "Which strategy, encoder and learning rate to try, and why, without training."),
    "glue": ("wordfit.cli.glue", "The nine GLUE tasks: the table and the submission files."),
    "glove": ("wordfit.cli.glove", "Train vectors on a corpus, or adapt published ones to it."),
    "vectors": ("wordfit.cli.vectors", "Vector files: info, convert, coverage, similar, evaluate, download."),
    "report": ("wordfit.cli.report", "The HTML page of a run."),
}


def help_page() -> typer.Typer:
    """The commands with a line each, none of them imported."""
    app = typer.Typer(
        name="wordfit",
        help="Put pre-trained word vectors to work in a model, and prove why when they don't work.",
        no_args_is_help=True,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def options(
        version: bool = typer.Option(False, "--version", is_eager=True, help="Say the version."),
    ) -> None:
        if version:
            typer.echo(f"wordfit {__version__}")
            raise typer.Exit()

    for name, (_, line) in COMMANDS.items():
        app.command(name, help=line)(lambda: None)
    return app


def _module(name: str, args: list[str]) -> str:
    """The module of a command; `train --task seq2seq` has options of its own."""
    if name == "train" and "--task=seq2seq" in [*args, *map("=".join, zip(args, args[1:]))]:
        return "wordfit.cli.train_seq2seq"
    return COMMANDS[name][0]


def main() -> None:
    """Exit codes: 0 done, 1 the input or the run is at fault, 2 wrong usage, 3 the doctor found a fault."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        if name in COMMANDS:
            import_module(_module(name, sys.argv[2:])).app(args=sys.argv[2:], prog_name=f"wordfit {name}")
        else:
            help_page()(prog_name="wordfit")
    except (InputError, MissingExtra) as error:
        print(f"wordfit: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
