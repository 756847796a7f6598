"""The README: its program runs, its links lead somewhere, its list of folders is the real one."""

import re
import runpy
from pathlib import Path

import numpy as np
import pytest

from wordfit.cli.main import COMMANDS
from wordfit.vectors import WordVectors

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def small_demo(tmp_path, monkeypatch):
    """A folder like that of the demo, with two sentences, fifty times each."""
    rows = ["files\tRead the next line of the file.", "windows\tDraw a line in the window."] * 50
    words = sorted({word for row in rows for word in re.findall(r"[a-z]+", row.partition("\t")[2].lower())})
    matrix = np.random.default_rng(0).normal(size=(len(words), 8))
    (tmp_path / "wordfit-demo").mkdir()
    WordVectors(words, matrix).save(tmp_path / "wordfit-demo" / "vectors.txt", "glove")
    (tmp_path / "wordfit-demo" / "train.tsv").write_text("label\tsentence\n" + "\n".join(rows) + "\n", "utf-8")
    monkeypatch.chdir(tmp_path)


def test_the_shortest_program_runs_and_answers(small_demo, capsys):
    shortest = ROOT / "examples" / "first_model.py"
    assert re.search(r"```python\n(.*?)```", README, re.S)[1] == shortest.read_text(encoding="utf-8")
    runpy.run_path(str(shortest), run_name="__main__")
    assert re.fullmatch(r"\['(files|windows)' '(files|windows)'\]\n", capsys.readouterr().out)


def test_every_room_is_listed_in_about_five_words():
    listed = dict(re.findall(r"\| \[`wordfit/(\w+)`\]\([\w/]+\) \| (.*?) \|", README))
    rooms = {p.name for p in (ROOT / "wordfit").iterdir() if (p / "__init__.py").is_file()}
    assert set(listed) == rooms
    assert all(4 <= len(words.split()) <= 6 for words in listed.values())


def test_links_lead_to_files_of_the_project():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_every_command_named_is_one_that_there_is():
    for name in re.findall(
        r"(?<!from )wordfit ([a-z]+)(?= |`|\n)", "\n".join(re.findall(r"`[^`]+`|```.*?```", README, re.S))
    ):
        assert name in COMMANDS, name
