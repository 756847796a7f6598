"""The suite runs, goes on where it stopped, marks scores that say nothing, and writes the leaderboard's files."""

import json
import re
import zipfile

import numpy as np
import pytest
from scipy import stats

from wordfit.data import Dataset
from wordfit.glue.marks import contradicted, degenerate
from wordfit.glue.submission import best, write_submission
from wordfit.glue.suite import Place, cells, interval
from wordfit.glue.tasks import TASKS, read


@pytest.fixture
def folder(tmp_path, topic_vectors):
    """Two small tasks in GLUE's layout: CoLA without header, RTE with test rows."""
    topic_vectors.save(tmp_path / "vectors.txt", format="glove")
    words = ["soup", "bread", "song", "choir"]
    for name in ("CoLA", "RTE"):
        (tmp_path / name).mkdir()
    for split, count in (("train", 60), ("dev", 20)):
        cola = [f"s\t{i % 2}\t\t{'soup with bread' if i % 2 else 'song of choir'} {words[i % 4]}" for i in range(count)]
        (tmp_path / "CoLA" / f"{split}.tsv").write_text("\n".join(cola) + "\n")
        rte = ["index\tsentence1\tsentence2\tlabel"]
        for i in range(count):
            second = words[i % 2] if i % 3 else words[2 + i % 2]
            rte.append(f"{i}\t{words[i % 2]}\t{second}\t{'entailment' if i % 3 else 'not_entailment'}")
        (tmp_path / "RTE" / f"{split}.tsv").write_text("\n".join(rte) + "\n")
    (tmp_path / "CoLA" / "test.tsv").write_text("index\tsentence\n0\tsoup and bread\n1\ta song\n")
    (tmp_path / "RTE" / "test.tsv").write_text("index\tsentence1\tsentence2\n0\tsoup\tbread\n")
    return tmp_path


def test_the_command_writes_table_page_and_submission_and_runs_a_cell_once(folder, wordfit_command):
    options = ["--data", folder, "--vectors", folder / "vectors.txt", "--out", folder / "out", "--tasks", "cola,rte"]
    options += ["--models", "mean,attention", "--strategies", "tuned", "--seeds", 2, "--workers", 1]
    code, out, err = wordfit_command("glue", *options)
    assert (code, err) == (0, "")
    made = {path.name: path.stat().st_mtime_ns for path in (folder / "out" / "cells").iterdir()}
    assert len(made) == 2 + 4 + 2 + 4  # baselines of each task, then mean on both and attention on pairs, two seeds
    written = json.loads((folder / "out" / "table.json").read_text())["rows"]
    rows = {(row["task"], row["strategy"]): row for row in written}
    assert rows["RTE", "attention tuned"]["seeds"] == 2
    assert rows["CoLA", "majority"]["degenerate"].startswith("the same answer for every row")
    assert rows["CoLA", "GLUE paper, BiLSTM"]["score"] == pytest.approx(0.176)
    with zipfile.ZipFile(folder / "out" / "submission.zip") as archive:
        assert sorted(archive.namelist()) == ["CoLA.tsv", "RTE.tsv"]
        assert archive.read("CoLA.tsv").decode().splitlines()[0] == "index\tprediction"
        assert archive.read("RTE.tsv").decode().splitlines()[1].split("\t")[1] in ("entailment", "not_entailment")
    for row in written:
        if "run" in row:
            page = (folder / "out" / row["run"]).read_text("utf-8")
            assert row["strategy"] in page
            assert all(
                (folder / "out" / "runs" / cell).exists() for cell in re.findall(r'href="(../cells/[^"]+)"', page)
            )
    wordfit_command("glue", *options)
    assert made == {path.name: path.stat().st_mtime_ns for path in (folder / "out" / "cells").iterdir()}


def test_models_of_pairs_are_left_out_of_single_texts(folder):
    made = cells(
        {"cola": TASKS["cola"], "rte": TASKS["rte"]}, folder, folder, [], ["attention", "cosine"], ["frozen"], 1
    )
    assert [place for place, _ in made if place.model == "attention"] == [Place("rte", "attention", "frozen")]
    assert not [place for place, _ in made if place.model == "cosine"]


def test_the_interval_is_students(folder):
    scores = [0.5, 0.6, 0.55, 0.62]
    low, high = interval(scores)
    expected = stats.t.interval(0.95, 3, np.mean(scores), stats.sem(scores))
    assert (low, high) == pytest.approx(expected)


def test_a_score_that_says_nothing_is_named():
    majority = {"metrics": {"accuracy": 0.6}, "dev_rows": 100}

    def result(accuracy, answers):
        return {"metrics": {"accuracy": accuracy, "matthews": 0.1}, "answers": answers}

    assert "same answer" in degenerate(TASKS["cola"], [result(0.6, [1, 1]), result(0.7, [0, 1])], majority)
    assert "inside the interval" in degenerate(TASKS["rte"], [result(0.65, [0, 1])], majority)
    assert "worse than always" in degenerate(TASKS["wnli"], [result(0.3, [0, 1])], majority)
    assert "not told apart from chance" in degenerate(TASKS["cola"], [result(0.6, [0, 1])], majority)
    assert degenerate(TASKS["rte"], [result(0.8, [0, 1])], majority) == ""


def test_a_dev_set_that_contradicts_its_training_set_is_named():
    texts = [f"text {i}" for i in range(8)]

    def rows(labels):
        return Dataset("f", (texts, texts), labels, list(range(8)))

    train, turned = rows(["0", "1"] * 4), rows(["1", "0"] * 4)
    assert contradicted(train, turned) == (
        "dev contradicts train: 8 of 8 first texts stand in train, whose label is right for 0"
    )
    assert contradicted(train, train) == ""


@pytest.mark.real
def test_wnli_contradicts_its_training_set_and_rte_does_not(data, tmp_path):
    assert "65 of 71 first texts" in contradicted(*read(TASKS["wnli"], data / "glue", tmp_path)[1:])
    assert contradicted(*read(TASKS["rte"], data / "glue", tmp_path)[1:]) == ""


def test_the_submission_takes_the_best_place_and_words_the_hubs_numbers(tmp_path):
    def result(accuracy, answers):
        return {"metrics": {"accuracy": accuracy}, "answered": {"RTE": answers}}

    places = {Place("rte", "mean", "a"): [result(0.5, ["1"])], Place("rte", "mean", "b"): [result(0.6, ["0"])]}
    found = best(places, {"rte": TASKS["rte"]})
    assert found["RTE"] == (Place("rte", "mean", "b"), ["entailment"])
    missing = write_submission(tmp_path / "s.zip", {"RTE": ["entailment"], "STS-B": [3.14159]})
    assert "CoLA" in missing
    assert "RTE" not in missing
    with zipfile.ZipFile(tmp_path / "s.zip") as archive:
        assert archive.read("STS-B.tsv") == b"index\tprediction\n0\t3.142\n"
