"""`wordfit glove` as its user calls it: real processes, files, exit codes."""

import subprocess
import sys

import numpy as np
import pytest

from wordfit.vectors.word_vectors import WordVectors

COMMON = ["--window", "5", "--min-count", "1", "--iterations", "3", "--threads", "1", "--tokenizer", "whitespace"]


def wordfit(*words, cwd, text: str = "") -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "wordfit", "glove", *map(str, words)]
    return subprocess.run(command, cwd=cwd, input=text, capture_output=True, text=True)


@pytest.fixture(scope="module")
def text() -> str:
    rng = np.random.default_rng(0)
    return "\n".join(" ".join(rng.choice(["red", "green", "blue", "sky", "grass"], 8)) for _ in range(50))


def test_train_reads_standard_input_and_writes_both_formats(tmp_path, text):
    done = wordfit("train", "-", "-o", "v.txt", "-o", "v.npz", "--dim", 6, *COMMON, cwd=tmp_path, text=text)
    assert done.returncode == 0, done.stderr
    assert "epoch 3/3  cost" in done.stderr
    assert "5 kept (100.0% of the tokens)" in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["v.npz", "v.txt"]  # the work folder is gone
    as_text, stored = WordVectors.load(tmp_path / "v.txt"), WordVectors.load(tmp_path / "v.npz")
    assert set(as_text) == set(text.split()) | {"<unk>"}
    np.testing.assert_array_equal(as_text.vectors, stored.vectors)


def test_adapt_says_what_moved_and_keeps_what_the_corpus_lacks(tmp_path, text):
    (tmp_path / "c.txt").write_text(text.replace("blue", "azure"))
    start = WordVectors(["red", "blue", "sky"], np.eye(3, dtype=np.float32))
    start.save(tmp_path / "start.txt")
    done = wordfit("adapt", "c.txt", "--from", "start.txt", "-o", "a.txt", *COMMON, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2 published words adapted, 1 left as they were, 3 new" in done.stdout
    assert "not measured; give --wordsim" in done.stdout
    adapted = WordVectors.load(tmp_path / "a.txt")
    assert list(adapted)[:3] == ["red", "blue", "sky"]
    np.testing.assert_array_equal(adapted["blue"], start["blue"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["train", "-o", "v.txt"], "expected text files"),
        (["train", "none.txt", "-o", "v.txt"], "none.txt: no such file"),
        (["train", "-", "-o", "v.txt", "--eta", "0"], "eta: expected a number above 0"),
        (["train", "-", "-o", "v.txt"], "is the corpus empty"),
    ],
)
def test_a_wrong_input_is_one_message_and_exit_code_1(tmp_path, words, said):
    done = wordfit(*words, cwd=tmp_path)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())
