"""`wordfit train --task seq2seq` and `wordfit translate`, as they are called."""

import io
import json
import sys

import pytest

from wordfit.cli.main import main

SOURCE = ["the dog .", "the cat .", "a dog .", "a cat ."]
TARGET = ["le chien .", "le chat .", "un chien .", "un chat ."]
TRAIN = [
    "train",
    "--task",
    "seq2seq",
    "train.en",
    "--target",
    "train.fr",
    "--dev",
    "train.en",
    "--dev-target",
    "train.fr",
]
SMALL = [
    "--model-option",
    "hidden=16",
    "--model-option",
    "dropout=0.0",
    "--width",
    "8",
    "--min-count",
    "1",
    "--no-report",
]


@pytest.fixture
def call(monkeypatch, capsys, tmp_path):
    """Call wordfit in a folder with parallel files; gives exit code, standard output and error."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.en").write_text("\n".join(SOURCE) + "\n")
    (tmp_path / "train.fr").write_text("\n".join(TARGET) + "\n")

    def called(*args, said=""):
        monkeypatch.setattr(sys, "argv", ["wordfit", *args])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(said.encode()))))
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, *capsys.readouterr()

    return called


def test_a_model_is_trained_and_translates_from_a_pipe_and_a_file(call, tmp_path):
    learn = ["--epochs", "25", "--patience", "25", "--lr", "0.05", "--batch-size", "4", "--metric", "perplexity"]
    code, out, err = call(*TRAIN, *SMALL, *learn, "--out", "run")
    assert (code, err) == (0, "")
    assert "exact_match 1.0000" in out
    assert call("translate", "run", said="a cat .\nthe dog .\n") == (0, "un chat.\nle chien.\n", "")
    code, out, err = call("translate", "run", "train.en", "--reference", "train.fr", "--attention", "a.jsonl")
    assert out.splitlines() == ["le chien.", "le chat.", "un chien.", "un chat."]
    assert "exact_match 1.0000" in err
    looked = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert looked[2]["source"] == ["a", "dog", "."]
    assert [len(row) for row in looked[2]["attention"]] == [3, 3, 3]
    code, out, _ = call("translate", "run", "--beam", "3", "--nbest", "2", said="a cat .\n\n")
    assert [line.split(" ||| ")[0] for line in out.splitlines()] == ["1", "1", "2", "2"]


def test_errors_are_one_message(call, tmp_path):
    (tmp_path / "train.fr").write_text("le chien .\n")
    code, _, err = call(*TRAIN, "--out", "run")
    assert code == 1
    assert err.strip() == (
        "wordfit: train.en has 4 lines, train.fr has 1: expected line i of one to be line i of the other"
    )
    code, _, err = call("translate", "nowhere")
    assert (code, len(err.splitlines())) == (1, 1)
    code, _, err = call("translate", "nowhere", "--nbest", "3")
    assert "--nbest 3 needs a beam at least as wide" in err
