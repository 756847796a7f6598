"""Tasks are data: official files, the hub's, and subsets are read by the same table, scored by the official metrics."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats
from sklearn import metrics as sk

from wordfit import InputError
from wordfit.data import read_rows, read_train
from wordfit.glue.tasks import ALL, TASKS, chosen, find
from wordfit.training.metrics import score


def read(data, name, kept):
    rows, note = find(ALL[name], data, kept)
    task, train = read_train(rows.train, rows.text, rows.pair, rows.label, rows.kind, rows.metric)
    return task, train, read_rows(rows.dev, task), rows, note


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "train", "dev", "test"),
    [
        ("cola", 8551, 1043, {"CoLA": 1063}),
        ("sst2", 67349, 872, {"SST-2": 1821}),
        ("mrpc", 3668, 408, {"MRPC": 1725}),
        ("stsb", 5749, 1500, {"STS-B": 1379}),
        ("rte", 2490, 277, {"RTE": 3000}),
        ("wnli", 635, 71, {"WNLI": 146}),
        ("mnli", 8999, 1000, {"AX": 1104}),
        ("qnli", 8999, 5463, {"QNLI": 5463}),
        ("qqp", 8999, 1000, {}),
        ("snli", 8999, 1000, {}),
        ("sick", 4500, 500, {}),
        ("stsb-de", 5749, 1500, {}),
        ("mr", 9594, 1068, {}),
        ("cr", 3393, 378, {}),
        ("sst5", 8544, 1101, {}),
        ("phrasebank", 4360, 486, {}),
        ("irony", 2862, 955, {}),
        ("emotion", 3257, 374, {}),
        ("offensive", 11916, 1324, {}),
        ("tweets-german", 1839, 324, {}),
    ],
)
def test_the_official_files_have_their_official_counts(data, tmp_path, name, train, dev, test):
    task, train_rows, dev_rows, rows, note = read(data / "glue", name, tmp_path)
    assert (len(train_rows), len(dev_rows)) == (train, dev)
    assert (len(train_rows.texts) == 2) == ALL[name].pairs
    assert ("subset" in note) == (train == 8999)
    answers = {}
    for key, file, text, _ in rows.answer:
        named = replace(task, text=text) if text else task
        answers[key] = len(read_rows(file, named, labelled=False))
    assert answers == test


def test_the_files_of_the_hub_are_read_too(tmp_path):
    folder = tmp_path / "mnli"
    folder.mkdir()
    for split in ("train", "validation_matched", "validation_mismatched"):
        columns = {"premise": ["a b", "c"], "hypothesis": ["a", "d"], "label": [0, 2], "idx": [0, 1]}
        pq.write_table(pa.table(columns), folder / f"{split}-00000-of-00001.parquet")
    task, train, dev, rows, note = read(tmp_path, "mnli", tmp_path)
    assert (task.text, task.pair, task.labels, len(train), note) == ("premise", "hypothesis", ("0", "2"), 2, "")
    assert [name for name, _ in rows.also] == ["mismatched"]


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(InputError, match=r"expected one of train.tsv.*found none"):
        find(TASKS["rte"], tmp_path, tmp_path)
    with pytest.raises(InputError, match="the task 'imdb2' is not known"):
        chosen("rte,imdb2")
    assert list(chosen("glue")) == list(TASKS)


def test_the_official_metrics_are_those_of_scikit_learn_and_scipy():
    random = np.random.default_rng(0)
    t, p = random.integers(0, 2, 200), random.integers(0, 2, 200)
    found = score("classes", t, p)
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(t, p))
    assert found["f1"] == pytest.approx(sk.f1_score(t, p))
    assert found["matthews"] == pytest.approx(sk.matthews_corrcoef(t, p))
    x, y = random.normal(size=200), random.normal(size=200)
    assert score("score", x, y)["pearson"] == pytest.approx(stats.pearsonr(x, y)[0])
    assert score("score", x, y)["spearman"] == pytest.approx(stats.spearmanr(x, y)[0])
    assert score("score", x, np.ones(200))["spearman"] == 0.0
