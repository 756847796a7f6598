"""What is to be learned is found in the rows, and what is odd about them is said before training."""

import pytest

from wordfit import InputError
from wordfit.data import read_rows, read_train
from wordfit.data.examine import warnings


def write(path, text):
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("header", "text", "pair", "label"),
    [
        ("sentence\tlabel", "sentence", None, "label"),
        ("index\tsentence1\tsentence2\tlabel", "sentence1", "sentence2", "label"),
        ("index\tquestion1\tquestion2\tis_duplicate", "question1", "question2", "is_duplicate"),
        ("premise\thypothesis\tlabel\tidx", "premise", "hypothesis", "label"),
        ("index\tquestion\tsentence\tlabel", "question", "sentence", "label"),
        ("Quality\t#1 ID\t#2 ID\t#1 String\t#2 String", "#1 String", "#2 String", "Quality"),
    ],
)
def test_the_column_names_of_glue_are_recognised(tmp_path, header, text, pair, label):
    columns = len(header.split("\t"))
    rows = "".join("\t".join([str(i % 2)] * columns) + "\n" for i in range(4))
    task, _ = read_train(write(tmp_path / "t", f"{header}\n{rows}"))
    assert (task.text, task.pair, task.label, task.kind) == (text, pair, label, "classes")


def test_columns_can_be_named(tmp_path):
    file = write(tmp_path / "t", "left\tright\tgold\na\tb\tyes\nc\td\tno\n")
    task, rows = read_train(file, text="left", pair="right", label="gold")
    assert rows.texts == (["a", "c"], ["b", "d"])
    assert task.labels == ("no", "yes")


def test_a_file_without_names_is_read_by_what_its_columns_hold(tmp_path):
    lines = [f"src{i}\t{i % 2}\t{'*' if i % 3 else ''}\tsome longer sentence {i}" for i in range(9)]
    task, rows = read_train(write(tmp_path / "t", "\n".join(lines) + "\n"))
    assert (task.text, task.label) == ("4", "2")
    assert rows.lines[0] == 1


def test_fractions_are_scores_and_whole_numbers_are_classes(tmp_path):
    task, rows = read_train(write(tmp_path / "t", "text\tscore\na\t0.5\nb\t4\n"))
    assert (task.kind, task.low, task.high, rows.targets) == ("score", 0.5, 4.0, [0.5, 4.0])
    assert read_train(write(tmp_path / "t", "text\tlabel\na\t10\nb\t9\n"))[0].labels == ("9", "10")


def test_several_labels_a_row(tmp_path):
    task, rows = read_train(write(tmp_path / "t", "text\tlabel\na\tx,y\nb\t\nc\ty\n"), kind="labels")
    assert task.labels == ("x", "y")
    assert rows.targets == [["x", "y"], [], ["y"]]


@pytest.mark.parametrize(
    ("content", "kind", "message"),
    [
        ("text\tlabel\na\t1\nb\t\n", None, "line 3: expected a label in column 'label'"),
        ("text\tscore\na\t1.5\nb\tmuch\n", "score", "line 3: expected a number in column 'score', found 'much'"),
        ('{"text": 3, "label": "x"}\n{"text": "b", "label": "y"}\n', None, "line 1: expected a text, found 3"),
        ("text\tlabel\na\t1\n", "ranks", "the kind of task 'ranks' is not known"),
    ],
)
def test_a_bad_value_stops_with_its_line(tmp_path, content, kind, message):
    with pytest.raises(InputError, match=message):
        read_train(write(tmp_path / "t", content), kind=kind)


def test_a_column_that_is_not_there_is_said_with_those_that_are(tmp_path):
    task, _ = read_train(write(tmp_path / "t", "text\tlabel\na\t1\nb\t0\n"))
    with pytest.raises(InputError, match="expected a column 'text', found none; its header names body, label"):
        read_rows(write(tmp_path / "d", "body\tlabel\na\t1\n"), task)


def test_what_is_odd_is_said_before_training(tmp_path):
    task, train = read_train(write(tmp_path / "t", "text\tlabel\na\t1\n \t1\n"))
    dev = read_rows(write(tmp_path / "d", "text\tlabel\na\t1\nc\t7\n"), task)
    said = warnings(task, train, dev)
    assert [any(part in line for line in said) for part in ("without any text", "nothing to learn")] == [True, True]
    assert any("label that train lacks ('7')" in line for line in said)
    assert any("1 row of 2 stand in train too" in line for line in said)


def test_ordinary_rows_raise_no_warning(tmp_path):
    task, train = read_train(write(tmp_path / "t", "text\tlabel\na\t1\nb\t0\n"))
    assert warnings(task, train, None) == []


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "kind", "rows", "labels"),
    [
        ("SST-2/train.tsv", "classes", 67349, {"0": 29780, "1": 37569}),
        ("CoLA/train.tsv", "classes", 8551, {"0": 2528, "1": 6023}),
        ("MRPC/train.tsv", "classes", 3668, {"0": 1194, "1": 2474}),
        ("STS-B/train.tsv", "score", 5749, None),
        ("RTE/train.tsv", "classes", 2490, {"entailment": 1249, "not_entailment": 1241}),
        ("WNLI/train.tsv", "classes", 635, {"0": 323, "1": 312}),
    ],
)
def test_real_glue_files_have_their_published_counts(data, file, kind, rows, labels):
    task, train = read_train(data / "glue" / file)
    assert (task.kind, len(train)) == (kind, rows)
    if labels:
        assert {name: train.targets.count(name) for name in task.labels} == labels
