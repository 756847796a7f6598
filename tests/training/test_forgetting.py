"""What training did to the vectors, and what the model lost on words that it never saw."""

import numpy as np
import pytest

from wordfit.data import read_rows, read_train
from wordfit.embedding import Tuning
from wordfit.training import Settings, run
from wordfit.training.cells import Cell, Rows, run_cell
from wordfit.training.drift import neighbours_kept
from wordfit.vectors import WordVectors
from wordfit.vectors.evaluate import WordSet

RANDOM = np.random.default_rng(0)
TOPICS = WordSet(
    "topics",
    (
        ("bread", "soup", 9.0),
        ("song", "drum", 8.0),
        ("oven", "butter", 8.5),
        ("choir", "rhythm", 9.5),
        ("salt", "recipe", 7.5),
        ("bread", "guitar", 1.0),
        ("song", "onion", 0.5),
        ("oven", "piano", 1.5),
        ("choir", "knife", 0.2),
        ("salt", "singer", 2.0),
    ),
)


@pytest.fixture
def trained(topic_files):
    def train(tuning, **options):
        task, rows = read_train(topic_files / "train.tsv")
        vectors = WordVectors.load(topic_files / "vectors.txt")
        settings = Settings(tuning=tuning, lr=0.05, epochs=4, **options)
        return run(task, rows, read_rows(topic_files / "dev.tsv", task), [vectors], settings, word_sets=[TOPICS])

    return train


def test_neighbours_are_kept_under_turning_and_lost_under_noise():
    start = RANDOM.normal(size=(60, 8)).astype(np.float32)
    turn = np.linalg.qr(RANDOM.normal(size=(8, 8)))[0].astype(np.float32)
    rows = np.arange(2, 60)
    assert neighbours_kept(start, start @ turn, rows, rows) == 1.0
    assert neighbours_kept(start, RANDOM.normal(size=(60, 8)).astype(np.float32), rows, rows) < 0.4
    assert neighbours_kept(start, start, rows, rows[:0]) is None


def test_word_similarity_is_the_same_before_and_after_where_nothing_moved(trained):
    row = trained(Tuning(lr_multiplier=0)).record.embedding["similarity"][0]
    assert row["found"] == 10
    assert row["before"] == row["after"]
    moved = trained(Tuning()).record.embedding["similarity"][0]
    assert moved["before"] == row["before"] != moved["after"]


def test_words_of_dev_alone_do_not_move_but_lose_their_company(topic_files, trained):
    rows = (topic_files / "train.tsv").read_text("utf-8").splitlines()
    kept = [rows[0], *(row for row in rows[1:] if "soup" not in row and "drum" not in row)]
    (topic_files / "train.tsv").write_text("\n".join(kept) + "\n", "utf-8")
    record = trained(Tuning(lr_multiplier=5.0)).record
    assert record.embedding["dev_only"]["words"] == 2
    assert record.embedding["dev_only"]["drift"] == 0
    assert record.embedding["dev_only"]["neighbours_kept"] < 1
    by_seen = {row["seen"]: row["rows"] for row in record.evaluation["by_seen"]}
    dev = (topic_files / "dev.tsv").read_text("utf-8").splitlines()[1:]
    unseen = [row for row in dev if {"soup", "drum"} & set(row.split("\t")[0].split())]
    assert by_seen == {True: len(dev) - len(unseen), False: len(unseen)}


def test_the_gap_is_train_minus_dev(trained):
    evaluation = trained(Tuning()).record.evaluation
    assert evaluation["train"]["rows"] == 200
    assert evaluation["gap"] == pytest.approx(evaluation["train"]["score"] - evaluation["metrics"]["accuracy"])


def test_a_cell_carries_the_same_figures(topic_files):
    rows = Rows(str(topic_files / "train.tsv"), str(topic_files / "dev.tsv"))
    vectors = (str(topic_files / "vectors.txt"),)
    found = {name: run_cell(Cell(rows, vectors, settings={"tuning": name, "lr": 0.5})) for name in ("frozen", "tuned")}
    assert found["frozen"]["kept"] == 1.0
    assert found["tuned"]["kept"] < 1
    assert {"gap", "by_seen", "kept_dev_only"} <= set(found["tuned"])
    assert "similarity" not in found["tuned"]
