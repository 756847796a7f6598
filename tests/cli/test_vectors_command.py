"""`wordfit vectors`, as its user runs it."""

import json
import sys

import numpy as np
import pytest

from wordfit import WordVectors
from wordfit.cli.main import main

WORDS = ["the", "king", "queen", "man", "woman", "film", "good", "bad"]
MATRIX = np.array(
    [[1, 1, 1], [2, 0, 1], [2, 1, 1], [0, 0, 1], [0, 1, 1], [-1, 2, 0], [-2, 1, 0.5], [-2, 1.5, -0.5]], np.float32
)


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    WordVectors(WORDS, MATRIX).save("v.txt")
    return "v.txt"


@pytest.fixture
def run(capsys, monkeypatch):
    """Run the command; its exit code, output and errors."""

    def call(*args: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["wordfit", "vectors", *args])
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_info_says_what_is_there_and_what_is_odd(file, run):
    with open(file, "a") as out:
        out.write("king 9 9 9\n")
    code, out, _ = run("info", file)
    assert code == 0
    assert "8 words x 3, GloVe text" in out
    assert "the file holds 9 words; 8 were taken" in out
    assert "duplicated words, the first kept (1): king" in out
    said = json.loads(run("info", file, "--json", "--geometry")[1])
    assert said["words"] == 8
    assert said["notes"]["duplicates"] == ["king"]
    assert "geometry_mean_cosine" in said


def test_a_fault_is_one_message_and_exit_code_1_and_lenient_lists_it(file, run):
    with open(file, "a") as out:
        out.write("ragged 1\n")
    code, out, err = run("info", file)
    assert (code, out) == (1, "")
    assert err.startswith("wordfit: v.txt, line 9: expected a word and 3 values, found 1 values.")
    assert "Traceback" not in err
    assert "left out (1): line 9" in run("info", file, "--lenient")[1]
    assert run("info", "absent.txt")[0] == 1
    assert run("nonsense")[0] == 2


@pytest.mark.parametrize("name", ["o.bin", "o.vec.gz", "o.npz", "o.safetensors"])
def test_convert_writes_what_loads_the_same(file, run, name):
    code, out, _ = run("convert", file, name)
    assert code == 0
    assert "8 words x 3" in out
    assert np.array_equal(WordVectors.load(name).vectors, MATRIX)


def test_convert_takes_part_and_changes(file, run, tmp_path):
    (tmp_path / "words").write_text("queen\nabsent\nking\n")
    run("convert", file, "o.txt", "--words", "words", "--normalise")
    vectors = WordVectors.load("o.txt")
    assert list(vectors) == ["king", "queen"]
    assert np.allclose(vectors.norms, 1)
    run("convert", file, "small.safetensors", "--compact", "int8", "--limit", "3")
    assert len(WordVectors.load("small.safetensors")) == 3
    assert run("convert", file, "small.txt", "--compact", "int8")[0] == 1


def test_similar_answers_one_word_several_and_what_is_missing(file, run):
    assert run("similar", file, "king", "woman", "--minus", "man", "-n", "1")[1].split()[1] == "queen"
    assert list(json.loads(run("similar", file, "king", "bad", "--each", "--json", "-n", "1")[1])) == ["king", "bad"]
    code, _, err = run("similar", file, "King")
    assert code == 1
    assert "'King' has no vector; 'king' has one" in err


def test_evaluate_measures_pairs_and_questions(file, run, tmp_path):
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "pairs.txt").write_text("king queen 9\nking bad 1\ngood bad 7\nman film 2\n")
    (tmp_path / "sets" / "questions.txt").write_text(": royal\nman king woman queen\n")
    code, out, _ = run("evaluate", file, "--sets", "sets", "--draws", "20")
    assert code == 0
    assert "pairs" in out
    assert "royal" in out
    said = json.loads(run("evaluate", file, "--sets", "sets", "--draws", "20", "--json")[1])
    assert said["analogies"][0]["add"] == 1.0
    assert said["similarity"][0]["found"] == 4


def test_coverage_counts_types_tokens_labels_and_reasons(file, run, tmp_path):
    rows = ["a good film\tpos", "the bad film\tneg", "The queen\tpos", "a wonderful man\tneg"] * 3
    (tmp_path / "data.tsv").write_text("sentence\tlabel\n" + "\n".join(rows) + "\n")
    code, out, _ = run("coverage", file, "data.tsv")
    assert code == 0
    assert "label pos" in out
    assert "'wonderful'" in out
    found = json.loads(run("coverage", file, "data.tsv", "--json")[1])
    assert found["tokens"]["exact"] == 24
    (tmp_path / "plain.txt").write_text("a good film\nthe king\n")
    assert json.loads(run("coverage", file, "plain.txt", "--json")[1])["tokens"]["exact"] == 4


def test_download_lists_and_refuses_unknown_names(run):
    code, out, _ = run("download")
    assert code == 0
    assert "glove.6B.100d" in out
    assert run("download", "glove.7B")[0] == 1
