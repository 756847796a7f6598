"""What commands say: data and coverage before training, progress while it runs, the result after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from wordfit.record import Record
from wordfit.selection.advice import Advice
from wordfit.training.trainer import Observer

console = Console(highlight=False)


class TrainingProgress(Observer):
    """A bar on a terminal, a plain line per epoch elsewhere."""

    def __init__(self, epochs: int, metric: str) -> None:
        self.epochs, self.metric = epochs, metric
        columns = [TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}")]
        self.bar = Progress(*columns, TimeRemainingColumn(), console=console, transient=True)
        self.task = self.bar.add_task(f"epoch 1 of {epochs}", said="")

    def __enter__(self) -> TrainingProgress:
        if console.is_terminal:
            self.bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.bar.stop()

    def on_step(self, epoch: int, rows: int, of: int, loss: float) -> None:
        if console.is_terminal:
            name = f"epoch {epoch + 1} of {self.epochs}"
            self.bar.update(self.task, description=name, completed=rows, total=of, said=f"loss {loss:.3f}")

    def on_epoch(self, row: dict[str, Any]) -> None:
        metrics = row.get("metrics", {})
        dev = f"  dev {self.metric} {metrics[self.metric]:.4f}" if self.metric in metrics else ""
        console.print(
            f"epoch {row['epoch'] + 1:2d}  loss {row['train_loss']:.4f}{dev}  "
            f"{row['rows_per_second']:,.0f} rows/s  vectors moved {row['drift']:.1%}"
        )


def say_data(record: Record) -> None:
    """Rows, labels, warnings and coverage, before training starts."""
    for name, split in record.data["splits"].items():
        labels = ", ".join(f"{label} {n:,}" for label, n in list(split["labels"].items())[:8])
        console.print(
            f"{name}: {split['rows']:,} rows, {split['length']['mean']:.1f} words each{': ' + labels if labels else ''}"
        )
    console.print(coverage_table(record.coverage))
    for warning in record.data["warnings"]:
        console.print(f"[yellow]note:[/] {warning}")


def say_advice(advice: Advice) -> None:
    """What was chosen, how sure, and the first reason; all of them are in the record."""
    console.print(f"tuning auto: [bold]{advice.strategy}[/], learning rate {advice.settings['lr']:g}: {advice.sure}")
    console.print(f"  {advice.reasons[0].says} ({advice.reasons[0].evidence})", style="dim", markup=False)


def coverage_table(coverage: dict[str, Any]) -> Table:
    """Words with a vector per split, by token and type, and what the rest are."""
    table = Table(title="Words with a vector", title_justify="left", box=None, pad_edge=False)
    for name in ("split", "of tokens", "of types", "through another spelling", "missing tokens, by kind"):
        table.add_column(name, justify="left" if name in ("split", "missing tokens, by kind") else "right")
    for name, split in coverage.items():
        tokens, types = split["tokens"], split["types"]
        total, kinds = max(1, sum(tokens.values())), max(1, sum(types.values()))
        other = total - tokens["exact"] - tokens["missing"]
        some = [(reason, n) for reason, n in split["reasons"].items() if n * 1000 > total]
        reasons = ", ".join(f"{reason} {n / total:.1%}" for reason, n in some[:4])
        found, kind = 1 - tokens["missing"] / total, 1 - types["missing"] / kinds
        table.add_row(name, f"{found:.1%}", f"{kind:.1%}", f"{other / total:.1%}", reasons)
    return table


def say_result(record: Record, out: Path) -> None:
    """The score beside the majority's, and where the run is."""
    evaluation = record.evaluation
    metrics = ", ".join(f"{name} {value:.4f}" for name, value in evaluation["metrics"].items())
    majority = (
        f" (always the commonest label: accuracy {evaluation['majority']:.4f})" if "majority" in evaluation else ""
    )
    console.print(f"{evaluation['split']}: {metrics}{majority}")
    findings = record.diagnosis.get("findings", [])
    if record.diagnosis and all(f["severity"] == "info" for f in findings):
        console.print("doctor: no fault found")
    for finding in findings[:2]:
        level = "note" if finding["severity"] == "info" else finding["severity"]
        console.print(f"doctor: {finding['cause']} ({level}): {finding['remedy']['text']}")
    console.print(f"run folder: {out}")
