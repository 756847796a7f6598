"""The main path from the command line: a run folder, answers from it, and one clear message for what is wrong."""

import json
import subprocess
import sys

import numpy as np
import pytest

from wordfit.training import RunFolder
from wordfit.training.answers import answers


@pytest.fixture
def trained(topic_files, monkeypatch, wordfit_command):
    """A folder with a trained run."""
    monkeypatch.chdir(topic_files)
    options = ["--vectors", "vectors.txt", "--out", "run", "--epochs", 3, "--lr", 0.01]
    code, out, err = wordfit_command("train", "train.tsv", "--dev", "dev.tsv", *options)
    assert (code, err) == (0, "")
    assert "Words with a vector" in out
    assert "accuracy" in out
    return topic_files


def test_a_run_folder_holds_what_it_promises_and_nothing_else_is_left(trained):
    names = {path.name for path in (trained / "run").iterdir()}
    assert names == {
        "README.md",
        "config.json",
        "model.safetensors",
        "predictions.tsv",
        "record.json",
        "report.html",
        "tokenizer.json",
    }
    assert {path.name for path in trained.iterdir()} == {"run", "train.tsv", "dev.tsv", "vectors.txt"}


def test_a_run_is_watched_briefly_unless_it_is_asked_not_to(trained):
    diagnosis = RunFolder("run").record().diagnosis
    assert diagnosis["healthy"], diagnosis["findings"]
    assert {"losses", "weights", "dependence"} <= set(diagnosis["examined"])
    assert "only cheap questions were asked" in {row["why"] for row in diagnosis["not_examined"]}


def test_the_loaded_model_answers_as_the_record_says(trained, wordfit_command):
    code, out, _ = wordfit_command("evaluate", "run", "dev.tsv", "--json", "scores.json")
    scores = json.loads((trained / "scores.json").read_text())
    assert code == 0
    assert scores["metrics"] == pytest.approx(RunFolder("run").record().evaluation["metrics"])
    assert f"{scores['metrics']['accuracy']:.4f}" in out


def test_predictions_are_a_line_a_text_with_probabilities(trained, wordfit_command):
    (trained / "texts.txt").write_text("soup, salt and bread\nthe song of a choir\n\n")
    code, out, _ = wordfit_command("predict", "run", "texts.txt")
    header, *lines = out.splitlines()
    assert (code, header) == (0, "prediction\tcooking\tmusic")
    assert [line.split("\t")[0] for line in lines[:2]] == ["cooking", "music"]
    assert all(sum(map(float, line.split("\t")[1:])) == pytest.approx(1, abs=1e-5) for line in lines)
    code, out, _ = wordfit_command("predict", "run", "texts.txt", "--format", "jsonl")
    assert json.loads(out.splitlines()[1])["prediction"] == "music"


def test_labelled_rows_are_predicted_as_the_run_folder_wrote_them(trained, wordfit_command):
    wordfit_command("predict", "run", "dev.tsv", "--out", "answers.tsv")
    answers = [line.split("\t")[0] for line in (trained / "answers.tsv").read_text().splitlines()[1:]]
    written = [line.split("\t")[2] for line in (trained / "run" / "predictions.tsv").read_text().splitlines()[1:]]
    assert answers == written


@pytest.mark.parametrize("how", ["full", "off"])
def test_a_watched_run_holds_its_diagnosis_and_is_the_same_model(trained, wordfit_command, how):
    options = ["--vectors", "vectors.txt", "--out", "watched", "--epochs", 3, "--lr", 0.01, "--doctor", how]
    code, out, err = wordfit_command("train", "train.tsv", "--dev", "dev.tsv", *options)
    record = RunFolder("watched").record()
    assert (code, err) == (0, "")
    assert ("doctor: no fault found" in out) == (how == "full")
    assert {f["severity"] for f in record.diagnosis.get("findings", [])} <= {"info"}  # notes at the most
    assert bool(record.diagnosis) == (how == "full")
    states = [(trained / name / "model.safetensors").read_bytes() for name in ("run", "watched")]
    assert states[0] == states[1]


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("config.json", b"{", "config.json: this run folder is damaged"),
        ("config.json", b'{"model_type": "bert"}', "expected the configuration of a run"),
        ("model.safetensors", b"\x00" * 20, "model.safetensors: this run folder is damaged"),
        ("tokenizer.json", b"{}", "tokenizer.json: this run folder is damaged"),
    ],
)
def test_a_damaged_run_folder_gets_one_message(trained, wordfit_command, file, content, message):
    (trained / "run" / file).write_bytes(content)
    code, out, err = wordfit_command("evaluate", "run", "dev.tsv")
    assert (code, out) == (1, "")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "none.tsv", "--vectors", "vectors.txt", "--out", "r"], "none.tsv: no such file"),
        (["train", "train.tsv", "--vectors", "none.txt", "--out", "r"], "none.txt: no such file"),
        (["train", "train.tsv", "--vectors", "vectors.txt", "--out", "."], "it would be overwritten"),
        (["train", "train.tsv", "--vectors", "vectors.txt", "--out", "r", "--encoder", "bert"], "encoder 'bert'"),
        (["train", "train.tsv", "--vectors", "vectors.txt", "--out", "r", "--text", "body"], "column 'body'"),
        (["train", "train.tsv", "--vectors", "vectors.txt", "--out", "r", "--tuning", "loose"], "tuning 'loose'"),
        (["predict", "nowhere", "dev.tsv"], "expected a run folder"),
        (["predict", ".", "dev.tsv"], "found no config.json"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_nothing_is_written(
    topic_files, monkeypatch, wordfit_command, arguments, message
):
    monkeypatch.chdir(topic_files)
    code, _, err = wordfit_command(*arguments)
    assert code == 1
    assert message in err
    assert err.count("\n") == 1
    assert not (topic_files / "r").exists()
    assert {path.name for path in topic_files.iterdir()} == {"train.tsv", "dev.tsv", "vectors.txt"}


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ("text1\ttext2\tscore\n" + "soup\tbread\t4.5\nsong\tsoup\t0.5\nchoir\tsong\t3.5\n" * 8, "score"),
        ("text\tlabel\n" + "soup song\tfood,sound\nsoup\tfood\nsong\tsound\n" * 8, "labels"),
        ("premise\thypothesis\tlabel\n" + "soup\tbread\tyes\nsong\tsoup\tno\nsong\tsalt\tmaybe\n" * 8, "classes"),
    ],
)
def test_scores_labels_and_pairs_take_the_same_path(topic_files, monkeypatch, wordfit_command, rows, kind):
    monkeypatch.chdir(topic_files)
    (topic_files / "rows.tsv").write_text(rows)
    options = ["--vectors", "vectors.txt", "--out", "run", "--epochs", 2, "--task", kind]
    code, _, err = wordfit_command("train", "rows.tsv", "--dev", "rows.tsv", *options)
    assert (code, err) == (0, "")
    code, out, err = wordfit_command("predict", "run", "rows.tsv")
    assert (code, err, len(out.splitlines())) == (0, "", len(rows.splitlines()))


@pytest.mark.parametrize("encoder", ["mean", "sif"])
@pytest.mark.parametrize("head", ["linear", "mlp"])
@pytest.mark.parametrize("tuning", ["frozen", "two-channel"])
def test_answers_by_numpy_are_those_of_torch(topic_files, monkeypatch, wordfit_command, encoder, head, tuning):
    monkeypatch.chdir(topic_files)
    options = ["--vectors", "vectors.txt", "--out", "run", "--epochs", 1, "--lr", 0.01, "--no-report"]
    wordfit_command("train", "train.tsv", *options, "--encoder", encoder, "--head", head, "--tuning", tuning)
    folder = RunFolder("run")
    texts = ["soup bread", "", "the song of nobody", "été"]
    _, scores = answers(folder, (texts,))
    np.testing.assert_allclose(scores, folder.model().scores((texts,)), atol=1e-6)


def test_predicting_with_a_mean_of_words_does_not_import_torch(trained):
    code = "import sys; sys.argv[1:] = ['predict', 'run', 'dev.tsv']; from wordfit.cli.main import main\n"
    code += "try: main()\nexcept SystemExit: pass\nprint('torch' in sys.modules, 'numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=trained, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False False"
