"""`wordfit train`: labelled text and vector files to a run folder."""

from __future__ import annotations

import shlex
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer

from wordfit.cli.terminal import TrainingProgress, say_advice, say_data, say_result
from wordfit.data import read_rows, read_train
from wordfit.doctor.exam import Exam, watch
from wordfit.doctor.examine import CHEAP
from wordfit.embedding import TUNINGS, Tuning
from wordfit.errors import InputError
from wordfit.report import write_run_report
from wordfit.selection.advice import Advice, advise
from wordfit.training.preparation import prepare
from wordfit.training.run_folder import save
from wordfit.training.runs import fit
from wordfit.training.settings import Settings
from wordfit.training.trainer import Observer
from wordfit.vectors import WordVectors
from wordfit.vectors.evaluate import read_sets

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
DEFAULT = Settings()
TUNING_HELP = (
    f"{', '.join(TUNINGS)}; with changes: anchored,anchor=0.1,dropout=0.2; or auto: what `wordfit advise` says, with "
    "its learning rate, optimizer, batch size, epochs and patience unless they are given."
)
WATCHED_STEPS = 60  # of a run that is watched briefly
DOCTOR_SECONDS = {"brief": 2.0, "full": 20.0}  # for experiments on a run of our own


@app.command()
def train(
    context: typer.Context,
    train: Path = typer.Argument(..., help="Labelled rows: TSV, CSV, JSONL, Parquet, __label__ lines; may be packed."),
    dev: Path | None = typer.Option(None, help="Labelled rows to choose the best epoch by."),
    vectors: list[Path] = typer.Option(..., help="A vector file; several stand side by side."),
    out: Path = typer.Option(..., help="The run folder to write."),
    text: str | None = typer.Option(None, help="The column of the text."),
    pair: str | None = typer.Option(None, help="The column of the second text."),
    label: str | None = typer.Option(None, help="The column of the label or score."),
    task: str | None = typer.Option(None, help="classes, labels or score; found out when left out."),
    metric: str | None = typer.Option(None, help="What the best epoch is chosen by."),
    encoder: str = typer.Option(DEFAULT.encoder, help="mean, max, sif, cnn, lstm, gru, bilstm, bigru, transformer."),
    encoder_option: list[str] = typer.Option([], help="NAME=VALUE for the encoder, as hidden=64 or pool=attention."),
    pairing: str = typer.Option(DEFAULT.pairing, help="siamese, cosine, attention, bilstm-attention."),
    head: str = typer.Option(DEFAULT.head, help="linear or mlp."),
    output: str = typer.Option(DEFAULT.output, help="Two classes by cross entropy (classes) or one unit (binary)."),
    tuning: str = typer.Option("tuned", help=TUNING_HELP),
    start: str = typer.Option(DEFAULT.start, help="Start of words without a vector: zero, mean, normal, subword."),
    epochs: int = typer.Option(DEFAULT.epochs, help="Epochs at the most."),
    patience: int = typer.Option(DEFAULT.patience, help="Epochs without a better metric before training stops."),
    batch_size: int = typer.Option(DEFAULT.batch_size),
    lr: float = typer.Option(DEFAULT.lr, help="Learning rate."),
    optimizer: str = typer.Option(DEFAULT.optimizer, help="adam, adamw, adagrad or sgd."),
    schedule: str = typer.Option(DEFAULT.schedule, help="constant, linear or cosine."),
    dropout: float = typer.Option(DEFAULT.dropout, help="Share of the values that the head drops."),
    label_smoothing: float = typer.Option(DEFAULT.label_smoothing),
    balance: bool = typer.Option(False, help="Weigh the loss by inverse class frequency."),
    max_tokens: int = typer.Option(DEFAULT.max_tokens, help="Words of a text beyond these are cut off."),
    seed: int = typer.Option(0),
    resume: bool = typer.Option(False, help="Go on from the checkpoint of a run that was interrupted."),
    cache: bool = typer.Option(True, help="Keep a fast copy of the vector files in the user's cache."),
    word_sets: Path | None = typer.Option(None, help="A folder of word-similarity sets: what the vectors forgot."),
    doctor: str = typer.Option(
        "brief", help="brief: watch the first steps, and ask what is cheap to ask; full: watch and ask all; off."
    ),
    report: bool = typer.Option(True, help="Write report.html into the run folder."),
) -> None:
    """Train a model on labelled text from vector files, and examine it."""
    settings = Settings(
        encoder=encoder,
        encoder_options=encoder_options(encoder_option),
        pairing=pairing,
        head=head,
        output=output,
        tuning=Tuning() if tuning == "auto" else Tuning.parse(tuning),
        start=start,
        epochs=epochs,
        patience=patience,
        batch_size=batch_size,
        lr=lr,
        optimizer=optimizer,
        schedule=schedule,
        dropout=dropout,
        label_smoothing=label_smoothing,
        balance=balance,
        max_tokens=max_tokens,
        seed=seed,
    )
    if doctor not in (*DOCTOR_SECONDS, "off"):
        raise InputError(f"--doctor takes brief, full or off, found '{doctor}'")
    if out.exists() and not (out / "config.json").exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out}: is there already and is no run folder; it would be overwritten. Name another --out.")
    found, rows = read_train(train, text, pair, label, task, metric)
    dev_rows = read_rows(dev, found) if dev else None
    sets = [WordVectors.load(path, cache=cache) for path in vectors]
    pairs = read_sets(word_sets) if word_sets else []
    advice = None
    if tuning == "auto":
        advice = advise(found, rows, dev_rows, sets, encoder, plain_head=head == "linear")
        settings = advised(settings, advice, context)
        say_advice(advice)
    checkpoint = out.parent / f".{out.name}.checkpoint.safetensors"
    if not resume:
        checkpoint.unlink(missing_ok=True)
    prepared = prepare(found, rows, dev_rows, sets, settings)
    say_data(prepared.record)
    with TrainingProgress(settings.epochs, found.metric) as progress, watching(doctor) as exam:
        observers = [progress, *([FirstSteps(exam)] if exam is not None and doctor == "brief" else [])]
        model = fit(prepared, settings, sets, observers, checkpoint, resume, word_sets=pairs)
    if exam is not None and exam.recorder.backwards:  # a compiled loop runs no call of torch: nothing to say
        model.record.diagnosis = exam.diagnose(DOCTOR_SECONDS[doctor], CHEAP if doctor == "brief" else None)
        assert exam.record is not None
        model.record.watched, model.record.experiments = exam.record.watched, exam.record.experiments
    if advice is not None:
        model.record.settings["advice"] = advice.to_json()
    model.record.program["command"] = shlex.join(["wordfit", *sys.argv[1:]])
    save(model, out, dev_rows, write_run_report if report else None)
    say_result(model.record, out)


def advised(settings: Settings, advice: Advice, context: typer.Context) -> Settings:
    """The settings with what the advice says, except where an option was given on the command line."""
    sources = {name: context.get_parameter_source(name) for name in advice.settings}
    given = {name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"}
    wanted = {name: value for name, value in advice.settings.items() if name not in given or name == "tuning"}
    return replace(settings, **(wanted | {"tuning": Tuning.parse(wanted["tuning"])}))


def watching(doctor: str) -> AbstractContextManager[Exam | None]:
    """The doctor's watch over a training, or nothing."""
    return watch("wordfit train") if doctor != "off" else nullcontext()


class FirstSteps(Observer):
    """Ends the watch after some steps, so that the rest of the training costs what it costs unwatched."""

    def __init__(self, exam: Exam) -> None:
        self.exam, self.left = exam, WATCHED_STEPS

    def on_step(self, epoch: int, rows: int, of: int, loss: float) -> None:
        """One step less to watch."""
        self.left -= 1
        if not self.left:
            self.exam.leave(WATCHED_STEPS)


def encoder_options(pairs: list[str]) -> dict[str, Any]:
    """NAME=VALUE pairs as options, numbers as numbers."""
    options: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise InputError(f"--encoder-option takes NAME=VALUE, found '{pair}'")
        options[name] = _value(value)
    return options


def _value(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
