"""The page of one run: what it learned, how well, on which words, and how to do it again.

Reads a `Record` and nothing else; a section whose part of the record is empty is left out.
"""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import PurePath
from typing import Any

from wordfit.record import Record, plain
from wordfit.report.answers import answers, headline
from wordfit.report.decisions import deciding, slices
from wordfit.report.figures import curves
from wordfit.report.findings import diagnosis, notice
from wordfit.report.origin import data_section, repeat
from wordfit.report.page import Data, Section, write_page
from wordfit.report.sequences import attention, samples
from wordfit.report.wording import compact, count, duration, number, numbers, plural, readable, said, score, share
from wordfit.report.words import coverage, movement

MODELS = {
    "classes": "A classifier",
    "labels": "A classifier of several labels",
    "score": "A regressor",
    "seq2seq": "A sequence-to-sequence model",
}
LOSSES = {"train_loss": "train", "dev_loss": "dev"}


def write_run_report(record: Record, path: str | os.PathLike[str]) -> None:
    """Write the page of a run as one HTML file that opens offline."""
    data = plain(asdict(record))
    write_page(path, title(data), opening(data), SECTIONS, data)


def title(data: Data) -> str:
    """The data that it learned from, with the folder they lie in; else the program's name."""
    name, file = data["program"].get("name"), data["data"].get("splits", {}).get("train", {}).get("file")
    if file and (not name or name == "wordfit train"):
        return f"Trained on {'/'.join(PurePath(file).parts[-2:])}"
    return str(name or "A training run")


def opening(data: Data) -> dict[str, Any]:
    """The run in a sentence, its key figures, and what must not be overlooked."""
    warnings = data["data"].get("warnings") or []
    notices = [note for note in [notice(data["diagnosis"])] if note]
    if warnings:
        first = str(warnings[0]) if len(warnings) == 1 else f"{plural(len(warnings), 'warning')} about the data."
        notices.append({"level": "warning", "text": first, "section": "data", "more": "See the data."})
    return {
        "kicker": "wordfit, report of a run",
        "sentence": f"{learned(data)} {reached(data)}".strip(),
        "key_figures": key_figures(data),
        "notices": notices,
    }


def learned(data: Data) -> str:
    """What was trained, on what, in which time, as far as the record holds it."""
    settings, program = data["settings"], data["program"]
    model = MODELS.get(str((settings.get("task") or {}).get("kind")), "A model")
    made = [f"{key} {called(settings[key])}" for key in ("encoder", "head") if settings.get(key)]
    made += [f"vectors {moved(settings['tuning'])}"] if settings.get("tuning") else []
    model += f" ({', '.join(made)})" if made else ""
    rows = data["data"].get("splits", {}).get("train", {}).get("rows")
    source = f" learned from {plural(rows, 'row')}" if rows else " was trained"
    time = f" in {duration(program['seconds'])}" if number(program.get("seconds")) else ""
    return f"{model}{source}{time}."


def reached(data: Data) -> str:
    """The headline score beside what the commonest answer alone would reach."""
    evaluation = data["evaluation"]
    metric, value = headline(data)
    if metric is None:
        return ""
    rows = (
        f"On the {plural(evaluation['rows'], 'row')} of {evaluation.get('split', 'dev')}"
        if evaluation.get("rows")
        else ""
    )
    text = f"{rows or 'On dev'} its {readable(metric)} is {score(value)}"
    majority = number(evaluation.get("majority"))
    if majority is not None and metric == "accuracy":
        return f"{text}; always giving the commonest answer would score {score(majority)}."
    return f"{text}."


def called(value: Any) -> str:
    """The name of a choice that is a word, or a dictionary with its name among its fields."""
    if isinstance(value, dict):
        return str(value.get("name") or value.get("preset") or value.get("kind") or said(value))
    return str(value)


def moved(tuning: Any) -> str:
    """How far the vectors were free to move, from the numbers of a `Tuning`."""
    if not isinstance(tuning, dict) or "lr_multiplier" not in tuning:
        return called(tuning)
    if tuning["lr_multiplier"] == 0:
        return "frozen"
    rate = tuning["lr_multiplier"]
    parts = ["tuned" if rate == 1 else f"tuned at {compact(rate)} of the learning rate"]
    parts += ["only those of words without one"] if tuning.get("known_words") is False else []
    parts += ["beside a frozen copy"] if tuning.get("channels") == 2 else []
    numbers_said = ("anchor", "decay", "warm_epochs", "dropout", "word_dropout")
    parts += [f"{readable(key)} {compact(tuning[key])}" for key in numbers_said if tuning.get(key)]
    return ", ".join(parts)


def key_figures(data: Data) -> list[dict[str, str]]:
    """A handful of numbers for the head of the page."""
    figures = []
    metric, value = headline(data)
    evaluation, embedding = data["evaluation"], data["embedding"]
    if metric:
        majority = evaluation.get("majority")
        note = f"commonest answer alone {score(majority)}" if majority is not None and metric == "accuracy" else ""
        figures.append({"name": readable(metric), "value": score(value), "note": note})
    if data["epochs"]:
        last = data["epochs"][-1]
        rate = f"{count(last['rows_per_second'])} rows/s" if number(last.get("rows_per_second")) else ""
        figures.append({"name": "epochs", "value": count(len(data["epochs"])), "note": rate})
    dev = data["coverage"].get("dev") or data["coverage"].get("train") or {}
    tokens = dev.get("tokens") or {}
    if sum(tokens.values()):
        found = 1 - tokens.get("missing", 0) / sum(tokens.values())
        figures.append({"name": "tokens with a vector", "value": share(found), "note": ""})
    if number(embedding.get("mean_drift")) is not None:
        note = (
            f"{count(embedding['moved_rows'])} of {count(embedding['rows'])} vectors"
            if {"moved_rows", "rows"} <= set(embedding)
            else ""
        )
        figures.append({"name": "mean movement of a vector", "value": share(embedding["mean_drift"]), "note": note})
    return figures


def training(data: Data) -> dict[str, Any] | None:
    """Loss and metrics by epoch, with the epoch that was kept."""
    epochs = data["epochs"]
    if not epochs:
        return None
    at = list(range(1, len(epochs) + 1))
    losses = {
        name: (at, numbers([row.get(key) for row in epochs]))
        for key, name in LOSSES.items()
        if any(key in row for row in epochs)
    }
    names = list(dict.fromkeys(name for row in epochs for name in row.get("metrics") or {}))
    scores = {readable(n): (at, numbers([(row.get("metrics") or {}).get(n) for row in epochs])) for n in names}
    figures = []
    if losses:
        figures.append(curves(losses, "epoch", "loss", "The loss by epoch, in training and on dev."))
    for together in by_scale(scores):
        name = "on dev" if len(together) > 1 else f"{next(iter(together))} on dev"
        figures.append(curves(together, "epoch", name, f"By epoch on dev: {', '.join(together)}."))
    for figure in figures:
        figure["layout"]["xaxis"] |= {"dtick": max(1, round(len(at) / 8))}
    bad = [a for a, row in zip(at, epochs) if "train_loss" in row and number(row["train_loss"]) is None]
    return {"figures": figures, "kept": kept(data), "bad": bad, "rows": epoch_rows(epochs, at, names), "names": names}


def by_scale(series: dict[str, Any]) -> list[dict[str, Any]]:
    """Metrics between -1 and 1 in one figure, the others (perplexity, BLEU) in another."""
    small = {name for name, (_, values) in series.items() if all(abs(v) <= 1 for v in values if v is not None)}
    parts = [{n: s for n, s in series.items() if n in small}, {n: s for n, s in series.items() if n not in small}]
    return [part for part in parts if part]


def kept(data: Data) -> dict[str, Any] | None:
    """The epoch with the best value of the headline metric; losses and errors are best when small."""
    metric, _ = headline(data)
    scored = [
        (value, i + 1)
        for i, row in enumerate(data["epochs"])
        if metric and (value := number((row.get("metrics") or {}).get(metric))) is not None
    ]
    if not scored or metric is None:
        return None
    small = metric in ("loss", "mse", "mae", "perplexity")
    value, epoch = min(scored) if small else max(scored, key=lambda s: (s[0], -s[1]))
    return {"epoch": epoch, "metric": readable(metric), "value": score(value)}


def epoch_rows(epochs: list[Any], at: list[Any], names: list[str]) -> list[list[str]]:
    """The epochs as a table."""
    return [
        [
            compact(a),
            *(compact(row.get(key)) for key in LOSSES),
            *(score((row.get("metrics") or {}).get(n)) for n in names),
            duration(row.get("seconds")),
            count(row.get("rows_per_second")),
            compact(row.get("lr")),
        ]
        for a, row in zip(at, epochs)
    ]


SECTIONS: list[Section] = [
    ("diagnosis", "Diagnosis", lambda data: diagnosis(data["diagnosis"])),
    ("training", "Training", training),
    ("answers", "Answers", answers),
    ("slices", "Where it does well", slices),
    ("deciding", "The words that decide", deciding),
    ("samples", "Samples", samples),
    ("attention", "Attention", attention),
    ("movement", "How the vectors moved", movement),
    ("coverage", "Words with a vector", coverage),
    ("data", "The data", data_section),
    ("repeat", "To repeat it", repeat),
]
