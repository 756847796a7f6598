"""`wordfit doctor` on a program and on a record: exit codes, files, and what the program wrote."""

import json
import os
import subprocess
import sys
import textwrap

import pytest

from tests.report.records import sick

PROGRAM = """
import pathlib, sys, torch
from torch import nn
torch.manual_seed(0)
ids = torch.randint(1, 30, (256, 6))
labels = (ids[:, 0] > 15).long()
net = nn.Sequential(nn.Embedding(30, 8), nn.Flatten(), nn.Linear(48, 2))
optimizer = torch.optim.SGD(net.parameters(), lr=30.0, momentum=0.9)
for step in range(80):
    rows = torch.randperm(200)[:32]
    loss = nn.functional.cross_entropy(net(ids[rows]), labels[rows])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
net.eval()
with torch.no_grad():
    right = (net(ids[200:]).argmax(1) == labels[200:]).float().mean().item()
torch.save(net.state_dict(), "model.pt")
pathlib.Path(sys.argv[1]).write_text(f"{loss.item()} {right}")
"""


def test_a_second_run_leaves_what_the_program_wrote(tmp_path):
    (tmp_path / "train.py").write_text(textwrap.dedent(PROGRAM), encoding="utf-8")
    (tmp_path / "plain").mkdir()
    alone = tmp_path / "plain"
    subprocess.run([sys.executable, "../train.py", "score.txt"], cwd=alone, check=True)
    command = [
        "-m",
        "wordfit",
        "doctor",
        "--verify",
        "--budget",
        "20",
        "--json",
        "found.json",
        "--record",
        "record.json",
    ]
    command += ["train.py", "score.txt"]
    done = subprocess.run([sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, check=False)
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert (done.returncode, found["findings"][0]["cause"]) == (3, "lr_too_high"), done.stderr
    runs = found["findings"][0]["remedy"]["verified"]
    assert runs["after"]["dev_accuracy"] > runs["before"]["dev_accuracy"] + 0.1
    again = subprocess.run([sys.executable, "-m", "wordfit", "doctor", "record.json"], cwd=tmp_path, check=False)
    assert again.returncode == 3
    for name in ("score.txt", "model.pt"):
        assert (tmp_path / name).read_bytes() == (alone / name).read_bytes()


@pytest.mark.parametrize("option", ["--json", "--report", "--record"])
@pytest.mark.parametrize("place", ["folder", "a_file/found"])
def test_a_place_that_cannot_be_written_to_is_said_before_the_program_runs(wordfit_command, tmp_path, option, place):
    (tmp_path / "folder").mkdir()
    (tmp_path / "a_file").write_text("", encoding="utf-8")
    (tmp_path / "train.py").write_text("raise SystemExit('it ran')", encoding="utf-8")
    code, out, err = wordfit_command("doctor", option, tmp_path / place, tmp_path / "train.py")
    assert (code, out) == (1, "")
    assert str(tmp_path / place) in err
    assert "it ran" not in err
    assert "Traceback" not in err


def test_files_are_there_though_nobody_reads_the_page(tmp_path):
    sick().save(tmp_path / "record.json")
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "wordfit", "doctor", "--json", "again.json", "record.json"]
    subprocess.run(command, cwd=tmp_path, stdout=write, stderr=subprocess.DEVNULL, check=False)
    os.close(write)
    assert json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))["schema"] == 1
