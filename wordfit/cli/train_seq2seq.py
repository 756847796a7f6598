"""`wordfit train --task seq2seq`: parallel text, and vector files for either side, to a run folder."""

from __future__ import annotations

import shlex
import sys
from importlib.util import find_spec
from pathlib import Path

import typer

from wordfit.cli.terminal import TrainingProgress, console, coverage_table
from wordfit.cli.train import encoder_options
from wordfit.data.parallel import Parallel, read_columns, read_lines
from wordfit.embedding import TUNINGS, Tuning
from wordfit.errors import InputError
from wordfit.record import Record
from wordfit.report import write_run_report
from wordfit.training.seq2seq import Seq2SeqSettings, prepare_parallel
from wordfit.training.seq2seq_model import run_seq2seq, save_seq2seq
from wordfit.vectors import WordVectors

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
DEFAULT = Seq2SeqSettings()


@app.command()
def train(
    train: Path = typer.Argument(..., help="Source lines, with --target; or a file with two columns."),
    target: Path | None = typer.Option(None, help="Target lines: line i answers line i of TRAIN."),
    dev: Path | None = typer.Option(None, help="Rows to choose the best epoch by, as TRAIN."),
    dev_target: Path | None = typer.Option(None, help="Target lines of DEV."),
    out: Path = typer.Option(..., help="The run folder to write."),
    task: str = typer.Option("seq2seq", help="seq2seq, which brought you here."),
    text: str | None = typer.Option(None, help="The column of the source."),
    label: str | None = typer.Option(None, help="The column of the target."),
    vectors: list[Path] = typer.Option([], help="A vector file for the source side; several stand side by side."),
    target_vectors: list[Path] = typer.Option([], help="A vector file for the target side."),
    model: str = typer.Option(DEFAULT.model, help="lstm, bilstm, gru, bigru, transformer."),
    model_option: list[str] = typer.Option([], help="NAME=VALUE, as hidden=256, dropout=0.3, attention=bahdanau."),
    tuning: str = typer.Option("tuned", help=f"Of the source's vectors: {', '.join(TUNINGS)}; with changes."),
    target_tuning: str = typer.Option("tuned", help="Of the target's vectors."),
    tied: bool = typer.Option(False, help="Let the output layer be the target's table of vectors."),
    width: int = typer.Option(DEFAULT.source_width, help="Width of a side's vectors where none are given."),
    lowercase: bool = typer.Option(True, help="Lower-case a side without vectors."),
    min_count: int = typer.Option(DEFAULT.min_count, help="Words that train has less often are the unknown word."),
    max_tokens: int = typer.Option(DEFAULT.max_tokens, help="Longer training rows are left out, and counted."),
    metric: str | None = typer.Option(None, help="bleu, chrf, exact_match, token_accuracy, perplexity."),
    label_smoothing: float = typer.Option(DEFAULT.label_smoothing),
    sampling: float = typer.Option(DEFAULT.sampling, help="Share of its own words the decoder sees at the end."),
    epochs: int = typer.Option(DEFAULT.epochs, help="Epochs at the most."),
    patience: int = typer.Option(DEFAULT.patience, help="Epochs without a better metric before training stops."),
    batch_size: int = typer.Option(DEFAULT.batch_size),
    lr: float = typer.Option(DEFAULT.lr, help="Learning rate."),
    optimizer: str = typer.Option(DEFAULT.optimizer, help="adam, adamw, adagrad or sgd."),
    schedule: str = typer.Option(DEFAULT.schedule, help="constant, linear or cosine."),
    seed: int = typer.Option(0),
    resume: bool = typer.Option(False, help="Go on from the checkpoint of a run that was interrupted."),
    report: bool = typer.Option(True, help="Write report.html into the run folder."),
) -> None:
    """Train an encoder-decoder on parallel text, with word vectors on either side or both."""
    settings = Seq2SeqSettings(
        model=model,
        model_options=encoder_options(model_option),
        source_tuning=Tuning.parse(tuning),
        target_tuning=Tuning.parse(target_tuning),
        tied=tied,
        source_width=width,
        target_width=width,
        lowercase=lowercase,
        min_count=min_count,
        max_tokens=max_tokens,
        metric=metric or ("bleu" if find_spec("sacrebleu") else "token_accuracy"),
        label_smoothing=label_smoothing,
        sampling=sampling,
        epochs=epochs,
        patience=patience,
        batch_size=batch_size,
        lr=lr,
        optimizer=optimizer,
        schedule=schedule,
        seed=seed,
    )
    if out.exists() and not (out / "config.json").exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out}: is there already and is no run folder; it would be overwritten. Name another --out.")
    rows, dev_rows = _read(train, target, text, label), _read(dev, dev_target, text, label) if dev else None
    files = {"source": vectors, "target": target_vectors}
    sets = {side: [WordVectors.load(path) for path in paths] for side, paths in files.items()}
    checkpoint = out.parent / f".{out.name}.checkpoint.safetensors"
    if not resume:
        checkpoint.unlink(missing_ok=True)
    prepared = prepare_parallel(rows, dev_rows, sets["source"], sets["target"], settings)
    _say_data(prepared.record)
    with TrainingProgress(settings.epochs, settings.metric) as progress:
        trained = run_seq2seq(prepared, settings, sets, [progress], checkpoint, resume)
    trained.record.program["command"] = shlex.join(["wordfit", *sys.argv[1:]])
    save_seq2seq(trained, out, write_run_report if report else None)
    metrics = trained.record.evaluation.get("metrics", {})
    if metrics:
        console.print("dev: " + ", ".join(f"{name} {value:.4f}" for name, value in metrics.items()))
    console.print(f"run folder: {out}")


def _read(source: Path, target: Path | None, text: str | None, label: str | None) -> Parallel:
    return read_lines(source, target) if target else read_columns(source, text, label)


def _say_data(record: Record) -> None:
    for name, split in record.data["splits"].items():
        sides = (
            f"{side} {split[side]['mean']:.1f} words each, {split[side]['unknown']:.1%} unknown"
            for side in ("source", "target")
        )
        console.print(f"{name}: {split['rows']:,} rows; {'; '.join(sides)}")
    if record.coverage:
        console.print(coverage_table(record.coverage))
    for warning in record.data["warnings"]:
        console.print(f"[yellow]note:[/] {warning}")
