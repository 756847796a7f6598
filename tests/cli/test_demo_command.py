"""`wordfit demo`: the story runs to its end on a part of the documentation, and its sentences say what was measured."""

import subprocess
import sys
from pathlib import Path

import pytest

from wordfit.cli.demo import sentences, write
from wordfit.data.python_docs import Documentation
from wordfit.record import Record

SMALL = """
import sys
from wordfit.cli import demo
from wordfit.data.python_docs import Documentation, read_documentation

whole = read_documentation()
demo.read_documentation = lambda: Documentation(whole.train[::6], whole.dev[::6], whole.text[::3])
sys.argv = ["wordfit", "demo"]
demo.app(args=["--out", "told"], standalone_mode=False)
"""


def record(accuracy, drift=0.0, findings=()):
    made = Record(evaluation={"metrics": {"accuracy": accuracy}, "majority": 0.25, "labels": ["a", "b"]})
    made.embedding = {"mean_drift": drift}
    made.diagnosis = {"findings": list(findings)}
    return made


def test_the_sentences_say_what_was_measured():
    fault = {"cause": "last_state_is_padding", "where": {"line": 52}, "explains": ["all answers are class 0"]}
    told = sentences({"frozen": record(0.4), "tuned": record(0.7, 1.1), "broken": record(0.2, findings=[fault])})
    assert "right in 40% of cases" in told[0]
    assert "is better: 70%" in told[1]
    assert told[2] == (
        "In the broken program all answers are class 0; the doctor found the cause: last state is padding, line 52."
    )


def test_a_story_that_goes_otherwise_is_told_otherwise():
    told = sentences({"frozen": record(0.7), "tuned": record(0.6, 1.1), "broken": record(0.2)})
    assert "is no better: 60%" in told[1]
    assert "did not find the cause" in told[2]


def test_the_broken_program_is_written_as_it_stands_and_compiles(tmp_path):
    write(Documentation([("text", "A line.")], [("text", "A word.")], ["A line."]), tmp_path)
    compile((tmp_path / "broken.py").read_text(encoding="utf-8"), "broken.py", "exec")
    assert (tmp_path / "train.tsv").read_text(encoding="utf-8") == "label\tsentence\ntext\tA line.\n"


def test_a_folder_with_other_things_is_not_overwritten(tmp_path):
    (tmp_path / "mine.txt").write_text("kept", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "wordfit", "demo", "--out", str(tmp_path)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1
    assert "is there already and is no earlier demo" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run([sys.executable, "-c", SMALL], cwd=folder, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder / "told", done.stdout


def test_the_story_runs_to_its_end_and_names_the_report(told):
    folder, said = told
    assert said.rstrip().endswith(f"The report: {Path('told') / 'report.html'}")
    for page in ("report.html", "frozen/report.html", "tuned/report.html", "doctor.html"):
        assert (folder / page).stat().st_size > 1_000_000
    assert "wordfit train told/train.tsv" in Record.load(folder / "tuned" / "record.json").program["command"]


def test_the_doctor_finds_the_fault_that_was_planted(told):
    folder, _ = told
    found = Record.load(folder / "doctor.json").diagnosis["findings"][0]
    assert found["cause"] == "last_state_is_padding"
    line = (folder / "broken.py").read_text(encoding="utf-8").splitlines()[found["where"]["line"] - 1]
    assert "states[:, -1]" in line
