"""The tasks as rows of a table: where their files are, what their columns hold, what scores them.

The nine tasks of GLUE (Wang et al. 2018) with their diagnostic set, and further sets that are read the same way. File
names are tried in order: the official ones, the hub's Parquet, then the labelled subsets that stand in where the whole
cannot be had; a subset is said in the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wordfit.data import Dataset, Task, read_rows, read_train
from wordfit.errors import InputError
from wordfit.glue.layouts import as_rows
from wordfit.training.cells import Rows

HUB = "-00000-of-00001.parquet"


@dataclass(frozen=True)
class GlueTask:
    """One task: `metrics` are the official ones, training stops on the first; a reference is GLUE's Table 6 (dev)."""

    name: str
    folder: str
    metrics: tuple[str, ...]
    kind: str = "classes"
    pairs: bool = True
    """Whether a row holds two texts."""
    epochs: int = 12
    """At most so many; fewer where train is large, so that some 60,000 rows are seen (2 to 12 epochs)."""
    layout: str = ""
    """How the files are laid out, one of `LAYOUTS`; empty for tables with a row a line."""
    train: tuple[str, ...] = ("train.tsv", f"train{HUB}")
    dev: tuple[str, ...] = ("dev.tsv", f"validation{HUB}")
    also: tuple[tuple[str, str], ...] = ()
    test: tuple[tuple[str, str], ...] = ()
    """Files without labels: the name in the submission, and the file."""
    columns: tuple[str | None, str | None, str | None] = (None, None, None)
    """Text, second text, label, where the files do not name them."""
    test_text: str | None = None
    hub_labels: tuple[str, ...] = ()
    """What the numbers of the hub's label column stand for, where the leaderboard wants words."""
    paper: dict[str, tuple[float, ...]] | None = None
    note: str = ""


TASKS = {
    "cola": GlueTask(
        "CoLA",
        "CoLA",
        ("matthews",),
        pairs=False,
        epochs=7,
        columns=("4", None, "2"),
        test=(("CoLA", "test.tsv"),),
        test_text="sentence",
        paper={"CBoW": (4.6,), "BiLSTM": (17.6,), "best static": (18.6,)},
    ),
    "sst2": GlueTask(
        "SST-2",
        "SST-2",
        ("accuracy",),
        pairs=False,
        epochs=2,
        test=(("SST-2", "test.tsv"),),
        paper={"CBoW": (79.5,), "BiLSTM": (87.5,), "best static": (87.5,)},
    ),
    "mrpc": GlueTask(
        "MRPC",
        "MRPC",
        ("accuracy", "f1"),
        test=(("MRPC", "test.tsv"),),
        paper={"CBoW": (75.0, 83.7), "BiLSTM": (77.9, 85.1), "best static": (77.9, 85.1)},
    ),
    "stsb": GlueTask(
        "STS-B",
        "STS-B",
        ("pearson", "spearman"),
        epochs=10,
        kind="score",
        test=(("STS-B", "test.tsv"),),
        paper={"CBoW": (70.6, 71.1), "BiLSTM": (71.6, 72.0), "best static": (72.4, 70.5)},
    ),
    "qqp": GlueTask(
        "QQP",
        "QQP",
        ("accuracy", "f1"),
        epochs=6,
        train=("train.tsv", f"train{HUB}", "train_subset8999.tsv"),
        dev=("dev.tsv", f"validation{HUB}", "dev_subset1000.tsv"),
        test=(("QQP", "test.tsv"),),
        paper={"CBoW": (75.0, 65.5), "BiLSTM": (85.3, 82.0), "best static": (87.7, 83.9)},
    ),
    "mnli": GlueTask(
        "MNLI",
        "MNLI",
        ("accuracy",),
        epochs=6,
        train=("train.tsv", f"train{HUB}", "train_subset8999.tsv"),
        dev=("dev_matched.tsv", f"validation_matched{HUB}", "dev_subset1000.tsv"),
        also=(("mismatched", "dev_mismatched.tsv"), ("mismatched", f"validation_mismatched{HUB}")),
        test=(
            ("MNLI-m", "test_matched.tsv"),
            ("MNLI-mm", "test_mismatched.tsv"),
            ("AX", "../diagnostic/diagnostic.tsv"),
        ),
        hub_labels=("entailment", "neutral", "contradiction"),
        paper={"CBoW": (57.1,), "BiLSTM": (66.7,), "best static": (70.0,)},
    ),
    "qnli": GlueTask(
        "QNLI",
        "QNLI",
        ("accuracy",),
        epochs=6,
        train=("train.tsv", f"train{HUB}", "train_subset8999.tsv"),
        test=(("QNLI", "test.tsv"),),
        hub_labels=("entailment", "not_entailment"),
        paper={"BiLSTM": (77.0,), "best static": (77.2,)},
        note="the paper's CBoW row has QNLI and RTE exchanged, so it is left out",
    ),
    "rte": GlueTask(
        "RTE",
        "RTE",
        ("accuracy",),
        test=(("RTE", "test.tsv"),),
        hub_labels=("entailment", "not_entailment"),
        paper={"BiLSTM": (58.5,), "best static": (61.7,)},
        note="the paper's CBoW row has QNLI and RTE exchanged, so it is left out",
    ),
    "wnli": GlueTask(
        "WNLI",
        "WNLI",
        ("accuracy",),
        test=(("WNLI", "test.tsv"),),
        paper={"CBoW": (56.3,), "BiLSTM": (56.3,), "best static": (60.6,)},
    ),
}

TENTH = "no split of its own: every tenth row is dev"
FURTHER = {  # read by the same means, not part of GLUE
    "sick": GlueTask(
        "SICK-E",
        "SICK",
        ("accuracy",),
        train=("SICK_train.txt",),
        dev=("SICK_trial.txt",),
        columns=("sentence_A", "sentence_B", "entailment_judgment"),
    ),
    "sickr": GlueTask(
        "SICK-R",
        "SICK",
        ("pearson", "spearman"),
        kind="score",
        train=("SICK_train.txt",),
        dev=("SICK_trial.txt",),
        columns=("sentence_A", "sentence_B", "relatedness_score"),
    ),
    "snli": GlueTask(
        "SNLI", "SNLI", ("accuracy",), epochs=6, train=("train_subset8999.tsv",), dev=("dev_subset1000.tsv",)
    ),
    **{
        f"stsb-{language}": GlueTask(
            f"STS-B {language}",
            "STS-B-multilingual",
            ("pearson", "spearman"),
            kind="score",
            train=(f"stsb-{language}-train.csv.gz",),
            dev=(f"stsb-{language}-dev.csv.gz",),
            columns=("1", "2", "3"),
        )
        for language in ("de", "es", "fr", "zh")
    },
    **{
        key: GlueTask(name, f"../sentiment/{folder}", metrics, pairs=False, epochs=epochs, layout=layout, note=note)
        for key, name, folder, metrics, epochs, layout, note in (
            ("mr", "MR", "MR", ("accuracy",), 6, "a file per class", TENTH + "; it holds most of SST's dev and test"),
            ("cr", "CR", "CR", ("accuracy",), 12, "a file per class", TENTH),
            ("sst5", "SST-5", "SST-5", ("accuracy", "macro_f1"), 7, "label first", "sentences only, no phrases"),
            ("phrasebank", "PhraseBank", "financial-phrasebank", ("accuracy", "macro_f1"), 12, "label after @", TENTH),
            ("imdb", "IMDB", "imdb", ("accuracy",), 2, "without dev", TENTH),
            ("emotion", "TweetEval emotion", "tweeteval/emotion", ("macro_f1", "accuracy"), 12, "labels beside", ""),
            ("irony", "TweetEval irony", "tweeteval/irony", ("f1", "accuracy"), 12, "labels beside", ""),
            (
                "offensive",
                "TweetEval offensive",
                "tweeteval/offensive",
                ("macro_f1", "accuracy"),
                5,
                "labels beside",
                "",
            ),
        )
    },
    **{
        f"tweets-{language}": GlueTask(
            f"Tweets {language}",
            f"../sentiment/umsab-multilingual/{language}",
            ("macro_f1", "accuracy"),
            pairs=False,
            layout="labels beside",
        )
        for language in ("arabic", "english", "french", "german", "hindi", "italian", "portuguese", "spanish")
    },
}
ALL = TASKS | FURTHER


def find(task: GlueTask, data: Path, kept: Path) -> tuple[Rows, str]:
    """The files of a task below `data`, and what is to be said of them; the first names that exist are taken.

    Sets in a layout of their own are written as plain rows below `kept` first.
    """
    folder = next((f for f in (data / task.folder, data / task.folder.lower()) if f.is_dir()), data / task.folder)
    if task.layout:
        train, dev = as_rows(task.layout, folder, kept / "-".join(Path(task.folder).parts[1:]))
    else:
        train, dev = (_first(folder, names) for names in (task.train, task.dev))
    text, pair, label = task.columns
    also = {name: str(folder / file) for name, file in task.also if (folder / file).is_file()}
    answer = [(name, str(folder / file), task.test_text, None) for name, file in task.test if (folder / file).is_file()]
    said = [f"train is a subset ({train.name})"] if "subset" in train.name else []
    said += [f"dev is a subset of the training set ({dev.name})"] if "subset" in dev.name else []
    rows = Rows(
        str(train), str(dev), text, pair, label, task.kind, task.metrics[0], 0, tuple(also.items()), tuple(answer)
    )
    return rows, "; ".join([*said, *([task.note] if task.note else [])])


def read(task: GlueTask, data: Path, kept: Path) -> tuple[Task, Dataset, Dataset]:
    """The rows of train and of dev, and what is learned of them."""
    rows, _ = find(task, data, kept)
    learned, train = read_train(rows.train, rows.text, rows.pair, rows.label, rows.kind, rows.metric)
    return learned, train, read_rows(rows.dev, learned)


def _first(folder: Path, names: tuple[str, ...]) -> Path:
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise InputError(f"{folder}: expected one of {', '.join(names)}, found none. Is --data the folder of the tasks?")


def chosen(names: str) -> dict[str, GlueTask]:
    """The tasks of a list such as `cola,rte`; `glue` stands for the nine, `all` for every one."""
    wanted = {"glue": list(TASKS), "all": list(ALL)}.get(names, [name.strip().lower() for name in names.split(",")])
    unknown = [name for name in wanted if name not in ALL]
    if unknown:
        raise InputError(f"the task '{unknown[0]}' is not known; there are {', '.join(ALL)}")
    return {name: ALL[name] for name in wanted}
