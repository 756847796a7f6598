"""Small records of every kind of run, written by hand; the figures in them are made up."""

from __future__ import annotations

from typing import Any

from wordfit.record import Record

PROGRAM = {
    "name": "Sections of the manual",
    "command": ["wordfit", "train", "train.tsv", "--dev", "my dev.tsv", "--vectors", "v.txt"],
    "seconds": 41.2,
    "seed": 7,
    "started": "2026-01-02 10:00",
    "versions": {"python": "3.12.1", "wordfit": "0.1.0", "torch": "2.13.0"},
}


def classes() -> Record:
    """A sentiment run with every section of a class run."""
    return Record(
        program=dict(PROGRAM),
        settings={
            "task": {"kind": "classes", "labels": ["negative", "positive"], "metric": "accuracy"},
            "encoder": "mean",
            "head": "linear",
            "tuning": {"lr_multiplier": 0.1, "anchor": 0.0, "known_words": True, "channels": 1},
            "lr": 0.001,
            "batch_size": 32,
            "vectors": {"file": "v.txt", "words": 10361, "width": 50},
        },
        data={
            "splits": {
                "train": {
                    "file": "train.tsv",
                    "rows": 67349,
                    "labels": {"negative": 29780, "positive": 37569},
                    "tokens": 633743,
                    "length": {"mean": 9.4, "p50": 7, "p90": 20, "max": 52},
                },
                "dev": {
                    "file": "my dev.tsv",
                    "rows": 872,
                    "labels": {"negative": 428, "positive": 444},
                    "tokens": 17046,
                    "length": {"mean": 19.5, "p50": 19, "p90": 31, "max": 47},
                },
            },
            "warnings": ["3 rows of dev are in train as well: line 4, 19, 203."],
        },
        coverage={
            "train": {
                "types": {"exact": 7600, "case": 12, "digits": 30, "parts": 900, "missing": 6200},
                "tokens": {"exact": 520000, "case": 40, "digits": 300, "parts": 9000, "missing": 104403},
                "by_label": {"negative": 0.83, "positive": 0.84},
                "reasons": {"number": 60, "punctuation": 8, "hyphen": 900, "case": 0, "tokeniser": 120, "rare": 5112},
                "commonest_missing": [["<unk>", 812, "tokeniser"], ["feel-good", 41, "hyphen"], ["2002", 22, "number"]],
            },
            "dev": {
                "types": {"exact": 2800, "missing": 1500},
                "tokens": {"exact": 14500, "missing": 2546},
                "by_label": {"negative": 0.85, "positive": 0.85},
                "reasons": {"rare": 1400, "hyphen": 100},
                "commonest_missing": [["delightful", 9, "rare"]],
            },
        },
        epochs=[
            {
                "epoch": i + 1,
                "train_loss": 0.60 - 0.05 * i,
                "dev_loss": 0.62 - 0.03 * i + 0.006 * i * i,
                "metrics": {
                    "accuracy": [0.702, 0.741, 0.769, 0.781, 0.776][i],
                    "f1": [0.70, 0.75, 0.77, 0.78, 0.78][i],
                },
                "seconds": 1.4,
                "rows_per_second": 48106,
                "lr": 0.001 * (1 - i / 5),
                "drift": 0.02 * (i + 1),
            }
            for i in range(5)
        ],
        evaluation={
            "split": "dev",
            "rows": 872,
            "metrics": {"accuracy": 0.781, "f1": 0.784},
            "majority": 0.509,
            "labels": ["negative", "positive"],
            "confusion": [[310, 118], [73, 371]],
            "true_balance": {"negative": 428, "positive": 444},
            "predicted_balance": {"negative": 383, "positive": 489},
            "by_length": [
                {"from": 1, "to": 8, "rows": 110, "score": 0.84},
                {"from": 9, "to": 18, "rows": 310, "score": 0.79},
                {"from": 19, "to": 47, "rows": 452, "score": 0.76},
            ],
            "by_coverage": [
                {"from": 0.0, "to": 0.8, "rows": 200, "score": 0.72},
                {"from": 0.8, "to": 1.0, "rows": 672, "score": 0.80},
            ],
            "deciding_words": {
                "texts": 200,
                "strongest_share": 0.41,
                "words": [
                    {"word": "dull", "change": 0.31, "texts": 4, "label": "negative"},
                    {"word": "moving", "change": 0.27, "texts": 6, "label": "positive"},
                    {"word": "2", "change": 0.02, "texts": 2, "label": "positive"},
                    {"word": "<br>", "change": -0.01, "texts": 2, "label": "negative"},
                ],
                "examples": [
                    {
                        "text": "a dull ride",
                        "label": "negative",
                        "predicted": "negative",
                        "words": [["a", 0.01], ["dull", 0.33], ["ride", -0.04]],
                    },
                    {
                        "text": "never moving",
                        "label": "negative",
                        "predicted": "positive",
                        "words": [["never", -0.11], ["moving", 0.25]],
                    },
                ],
            },
        },
        embedding={
            "rows": 10363,
            "moved_rows": 9871,
            "mean_drift": 0.101,
            "by_frequency": [
                {"from_rank": 1, "to_rank": 100, "drift": 0.31},
                {"from_rank": 101, "to_rank": 1000, "drift": 0.19},
                {"from_rank": 1001, "to_rank": 10361, "drift": 0.04},
            ],
            "most_moved": [["dull", 0.61, 230], ["moving", 0.55, 190]],
            "neighbours": [
                {"word": "dull", "before": ["bland", "flat", "sharp"], "after": ["bland", "boring", "flat"]}
            ],
            "neighbours_kept": 0.87,
        },
        diagnosis={"schema": 1, "healthy": True, "findings": [], "examined": ["padding", "input dependence"]},
    )


def scores() -> Record:
    """A similarity run: one number a row."""
    pairs = [[i / 10, min(5.0, max(0.0, 0.8 * i / 10 + 0.6 + ((i * 37) % 11 - 5) / 10))] for i in range(51)]
    return Record(
        program={**PROGRAM, "name": "Similarity"},
        settings={"task": {"kind": "score", "metric": "pearson"}, "encoder": "mean", "tuning": "frozen"},
        evaluation={"rows": 51, "metrics": {"pearson": 0.93, "mse": 0.2}, "scatter": pairs},
    )


def several_labels() -> Record:
    """Any number of labels a row."""
    names = [f"topic {i}" for i in range(6)]
    return Record(
        settings={"task": {"kind": "labels", "labels": names, "metric": "f1"}},
        evaluation={
            "rows": 300,
            "metrics": {"f1": 0.61, "exact": 0.4},
            "labels": names,
            "true_balance": {n: 40 + 9 * i for i, n in enumerate(names)},
            "predicted_balance": {n: 35 + 11 * i for i, n in enumerate(names)},
            "by_label": [
                {"label": n, "rows": 40 + 9 * i, "precision": 0.7, "recall": 0.5 + i / 20, "f1": 0.6}
                for i, n in enumerate(names)
            ],
        },
    )


def sequences() -> Record:
    """A translation run with samples and attention."""
    return Record(
        program={**PROGRAM, "name": "German to English"},
        settings={"task": {"kind": "seq2seq", "metric": "bleu"}, "encoder": "lstm"},
        epochs=[
            {"epoch": i, "train_loss": 5 - i, "dev_loss": 5 - 0.9 * i, "metrics": {"bleu": 6.0 * i}} for i in (1, 2, 3)
        ],
        coverage={
            "source": {"tokens": {"exact": 900, "missing": 100}},
            "target": {"tokens": {"exact": 950, "missing": 50}},
        },
        evaluation={
            "rows": 1014,
            "metrics": {"bleu": 18.0, "chrf": 44.1, "perplexity": 9.2},
            "by_length": [
                {"from": 1, "to": 10, "rows": 400, "score": 21.0},
                {"from": 11, "to": 40, "rows": 614, "score": 16.2},
            ],
            "samples": [
                {"source": "ein hund", "target": "a dog", "predicted": "a dog", "score": 100.0},
                {"source": "die die katze", "target": "the cat", "predicted": "the dog"},
            ],
            "attention": [
                {
                    "source": ["ein", "hund"],
                    "predicted": ["a", "dog", "</s>"],
                    "weights": [[0.9, 0.1], [0.05, 0.95], [0.4, 0.6]],
                },
                {
                    "source": ["die", "die", "katze"],
                    "predicted": ["the", "dog"],
                    "weights": [[0.6, 0.3, 0.1], [0.1, 0.1, 0.8]],
                },
            ],
        },
    )


def nothing() -> Record:
    """A record that holds nothing yet."""
    return Record()


RUNS: dict[str, Any] = {
    "classes": classes,
    "scores": scores,
    "several_labels": several_labels,
    "sequences": sequences,
    "nothing": nothing,
}


def sick() -> Record:
    """A program that averages its padding in, as the doctor leaves it."""
    place = {"module": "Classifier.pool", "file": "train.py", "line": 41}
    return Record(
        program={
            "name": "train.py",
            "command": ["train.py", "--epochs", "3"],
            "seconds": 9.1,
            "versions": {"torch": "2.13.0"},
        },
        watched={
            "losses": [0.70 - 0.001 * i for i in range(30)],
            "loss_steps": list(range(0, 300, 10)),
            "rates": [0.001, 0.0005, 0.0],
            "steps": 300,
        },
        experiments={
            "padding": {"padding": 0, "share": 0.61, "appended": 0.83, "length": 40, "first": dict(place, op="mean")},
            "company": {"rows": 32, "max_change": 0.0, "answer_has_rows": True},
            "dependence": {
                "rows": 32,
                "relative_change": 0.002,
                "stages": [
                    {
                        "op": "embedding",
                        "module": "Classifier.embedding",
                        "file": "train.py",
                        "line": 30,
                        "relative": 0.98,
                        "size": 0.4,
                    },
                    {
                        "op": "mean",
                        "module": "Classifier.pool",
                        "file": "train.py",
                        "line": 41,
                        "relative": 0.004,
                        "size": 0.3,
                    },
                    {
                        "op": "linear",
                        "module": "Classifier.head",
                        "file": "train.py",
                        "line": 42,
                        "relative": 0.003,
                        "size": 0.2,
                    },
                ],
            },
        },
        diagnosis={
            "schema": 1,
            "program": "train.py",
            "healthy": False,
            "findings": [
                {
                    "cause": "padding_in_mean_pool",
                    "severity": "error",
                    "confidence": 0.97,
                    "where": {**place, "code": "x = x.mean(dim=1)"},
                    "evidence": [
                        {"experiment": "padding", "found": {"max_change": 0.83}, "expected": {"max_change": 0.0}}
                    ],
                    "explains": ["accuracy near chance on long batches"],
                    "remedy": {
                        "text": "Divide by the number of words and not by the length of the batch.",
                        "verified": {"before": {"dev_accuracy": 0.61}, "after": {"dev_accuracy": 0.9}},
                    },
                },
                {
                    "cause": "lr_too_low",
                    "severity": "warning",
                    "confidence": 0.4,
                    "where": {},
                    "evidence": [],
                    "explains": [],
                    "remedy": {"text": "Raise it."},
                },
            ],
            "examined": ["padding", "company", "dependence"],
            "not_examined": [{"what": "word order", "why": "the answer was not found"}],
            "seconds": {"program": 9.1, "doctor": 6.4},
        },
    )


def sound() -> Record:
    """A program without a fault."""
    return Record(diagnosis={"schema": 1, "program": "ok.py", "healthy": True, "findings": [], "examined": ["padding"]})


def suite() -> list[dict[str, Any]]:
    """Three tasks by four strategies, with a reference, a constant answer and a missing cell."""
    scores = {"CoLA": (0.0, 0.09, 0.12, 0.15), "SST-2": (0.51, 0.79, 0.83, 0.84), "WNLI": (0.56, 0.55, 0.56, 0.52)}
    rows: list[dict[str, Any]] = []
    for task, values in scores.items():
        for strategy, value in zip(("majority", "mean frozen", "mean tuned", "bilstm slow"), values):
            row = {
                "task": task,
                "strategy": strategy,
                "score": value,
                "metric": "mcc" if task == "CoLA" else "accuracy",
            }
            if strategy == "majority":
                row |= {"reference": True}
            else:
                seconds = {"mean frozen": 4.0, "mean tuned": 9.0, "bilstm slow": 210.0}[strategy]
                row |= {"low": value - 0.02, "high": value + 0.02, "std": 0.01, "seeds": 5, "seconds": seconds}
                row |= {"parameters": 602, "model": strategy.split()[0], "run": f"{task}/{strategy}/report.html"}
            rows.append(row)
    rows[-1] |= {"degenerate": "inside the majority's interval", "note": "its dev set contradicts its training set"}
    return rows[:-2] + rows[-1:]


def comparison() -> dict[str, Any]:
    """Four strategies with intervals, a reference, learning curves and duels."""
    table: list[dict[str, Any]] = []
    for i, name in enumerate(("mean, slow", "mean, tuned", "mean, frozen", "cnn, anchored")):
        value = (0.826, 0.822, 0.771, 0.834)[i]
        table.append(
            {"strategy": name, "metric": "accuracy", "score": value, "low": value - 0.006, "high": value + 0.006}
        )
        table[-1] |= {"seeds": 5, "seconds": (7.0, 8.0, 2.0, 95.0)[i], "drift": (0.05, 0.31, 0.0, 0.11)[i]}
        table[-1] |= {"kept": (0.9, 0.5, 1.0, 0.8)[i], "run": f"cells/{i}/report.html"}
    table.append({"strategy": "TF-IDF + logistic regression", "score": 0.813, "seconds": 1.1, "reference": True})
    table.append({"strategy": "majority", "score": 0.509, "reference": True})
    curves = [
        {
            "strategy": name,
            "rows": rows,
            "score": top - 1.5 / rows**0.5,
            "low": top - 1.8 / rows**0.5,
            "high": top - 1.2 / rows**0.5,
        }
        for name, top in (("mean, slow", 0.84), ("mean, frozen", 0.78))
        for rows in (100, 1000, 10000, 60000)
    ]
    pairs = [
        {
            "first": "mean, slow",
            "second": "mean, frozen",
            "better": 0.99,
            "difference": 0.055,
            "low": 0.04,
            "high": 0.07,
        },
        {"first": "mean, slow", "second": "mean, tuned", "better": 0.61, "difference": 0.004},
    ]
    return {"table": table, "curves": curves, "pairs": pairs}
