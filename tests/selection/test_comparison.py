"""Strategies are compared over seeds, halved under a budget, and the answer says what the data can show."""

import json

import pytest

from wordfit import InputError
from wordfit.cli.compare import row_counts
from wordfit.selection.comparison import Strategy, compare, strategies
from wordfit.training.cells import Rows


@pytest.fixture
def rows(topic_files):
    return Rows(str(topic_files / "train.tsv"), str(topic_files / "dev.tsv"))


def test_references_stand_beside_every_comparison(topic_files):
    ways = strategies(["mean", "cnn"], ["frozen", "tuned"], ["a.txt", "b.txt.gz"], 16)
    names = [way.name for way in ways]
    assert len(ways) == 2 + 8 + 2
    assert names[:2] == ["majority", "tfidf"]
    assert "cnn frozen b" in names
    assert names[-1] == "cnn tuned random vectors"
    assert [way.reference for way in ways] == [True, True, *[False] * 8, True, True]


def test_the_command_writes_table_and_page(topic_files, wordfit_command):
    out = topic_files / "out"
    files = [topic_files / "train.tsv", "--dev", topic_files / "dev.tsv", "--vectors", topic_files / "vectors.txt"]
    options = ["--tunings", "frozen,tuned", "--seeds", 2, "--workers", 1, "--out", out]
    code, said, err = wordfit_command("compare", *files, *options)
    assert (code, err) == (0, "")
    assert (out / "report.html").exists()
    found = json.loads((out / "table.json").read_text())
    table = {row["strategy"]: row for row in found["table"]}
    assert table["majority"]["score"] == 0.5
    assert table["mean tuned"]["seeds"] == 2
    assert table["mean tuned"]["low"] <= table["mean tuned"]["score"] <= table["mean tuned"]["high"]
    assert len(found["pairs"]) == 5 * 4 / 2
    assert found["sentence"] in " ".join(said.split())


def test_a_budget_drops_the_worse_half_and_keeps_a_learning_curve(rows, topic_files):
    vectors = (str(topic_files / "vectors.txt"),)
    ways = [Strategy("majority"), *(Strategy("mean", t, vectors) for t in ("frozen", "tuned", "slow", "decayed"))]
    found = compare(rows, ways, 2, topic_files / "cells", budget=600, workers=1)
    dropped = [row["strategy"] for row in found["table"] if row["dropped"]]
    assert len(dropped) == 2
    assert "majority" not in dropped
    assert sorted({point["rows"] for point in found["curves"]}) == [40, 66, 200]
    assert all("low" not in row for row in found["table"] if row["dropped"])


def test_ways_that_answer_alike_are_not_told_apart(rows, topic_files):
    vectors = (str(topic_files / "vectors.txt"),)
    ways = [Strategy("mean", "tuned", vectors), Strategy("mean", "decayed,decay=0", vectors)]
    found = compare(rows, ways, 1, topic_files / "cells", workers=1)
    assert "no difference" in found["sentence"]


def test_sizes_give_a_learning_curve_and_rows_say_what_was_forgotten(rows, topic_files):
    vectors = (str(topic_files / "vectors.txt"),)
    ways = [Strategy("majority"), Strategy("mean", "frozen", vectors), Strategy("mean", "tuned", vectors)]
    found = compare(rows, ways, 2, topic_files / "cells", workers=1, sizes=[40, 4000])
    assert [(p["strategy"], p["rows"]) for p in found["curves"]][:3] == [(way.name, 40) for way in ways]
    assert {point["rows"] for point in found["curves"]} == {40, 200}
    table = {row["tuning"]: row for row in found["table"]}
    assert table["frozen"]["kept"] == 1.0 > table["tuned"]["kept"]
    assert table["frozen"]["drift"] == 0.0 < table["tuned"]["drift"]
    assert {"gap", "seen", "low", "high"} <= set(table["tuned"])
    assert "gap" not in table[""]


def test_sizes_that_are_no_numbers_are_refused():
    assert row_counts("100, 1000,all") == [100, 1000]
    with pytest.raises(InputError, match="found 'many'"):
        row_counts("100,many")
