"""Judging a record: the cause first, consequences under it, and silence for a healthy run."""

import json
import subprocess
import sys

import pytest

from tests.doctor.programs import FOLDER, render
from wordfit.doctor import evidence
from wordfit.doctor.checks.rates import lr_too_low
from wordfit.doctor.diagnose import CHECKS, FOLLOWS, MOST_SAID, ORDER, diagnosis, judge
from wordfit.doctor.finding import View
from wordfit.record import Record


def record(**experiments):
    return Record(program={"name": "x.py", "seconds": 1.0, "doctor_seconds": 1.0}, experiments=experiments)


def test_an_empty_record_has_no_finding():
    assert judge(record()) == []
    assert diagnosis(record())["healthy"]


def test_every_check_is_silent_on_an_empty_record():
    assert [list(check(View(record()))) for check in CHECKS] == [[] for _ in CHECKS]


def test_old_gradients_in_every_step_name_the_missing_zero_grad():
    sick = record(weights={"left_gradients": [[0, True]] * 5})
    healthy = record(weights={"left_gradients": [[0, False]] * 5})
    assert [f.cause for f in judge(sick)] == ["zero_grad_missing"]
    assert judge(healthy) == []


@pytest.mark.parametrize(
    ("asked", "fed", "named"),
    [(["torch.float32"], [], False), (["torch.float64"], [], True), ([], ["torch.float64"], True)],
)
def test_a_table_in_single_precision_is_not_named_for_doubles_that_were_made_on_the_way(asked, fed, named):
    seen = record()
    seen.watched["error_state"] = {"dtypes": {}, "asked": asked, "fed": fed}
    message = "mat1 and mat2 must have the same dtype, but got Double and Float"
    seen.program["error"] = {"type": "RuntimeError", "message": message, "places": []}
    assert [f.cause for f in judge(seen)] == (["embedding_dtype_mismatch"] if named else [])


def test_what_follows_from_a_cause_is_listed_under_it():
    order = {"purity": 0.99, "expected": 0.6, "spread": 0.02, "same_next": 0.99}
    curve = {"first": 0.7, "means": [0.7, 0.7, 0.7], "last": 0.7}
    runs = {
        "0.01": {"before": 0.7, "after": 0.7, "steps": 40},
        "1.0": {"before": 0.7, "after": 0.7, "steps": 40},
        "10.0": {"before": 0.7, "after": 0.6, "steps": 40},
        "100.0": {"before": 0.7, "after": 0.1, "steps": 40},
    }
    sick = record(data={"order": order}, rates={"runs": runs, "lr": [1e-5]})
    sick.watched = {"curve": curve}
    found = judge(sick)
    assert found[0].cause == "unshuffled_training_data"
    assert [f.cause for f in found] == ["unshuffled_training_data"]
    under = next(line for line in found[0].explains if line.startswith("lr_too_low: "))
    assert evidence.found(next(iter(lr_too_low(View(sick)))).evidence[0]).startswith(under.removeprefix("lr_too_low: "))
    assert len(under) < 2 * MOST_SAID


def test_every_cause_that_follows_from_another_has_a_rank():
    named = {c for causes in FOLLOWS.values() for c in causes} | set(FOLLOWS) - {"*"}
    assert named <= set(ORDER)


def test_the_catalogue_of_programs_is_ranked():
    planted = {p.name for p in FOLDER.iterdir() if p.is_dir() and any(p.glob("*.py"))} - {"healthy", "__pycache__"}
    assert planted <= set(ORDER)


# one program of each section; all of them are run by benchmarks/doctor.py
SMOKE = {
    "vocab_row_misaligned": "sorted_vocabulary",
    "batch_first_mismatch": "encoder_layer",
    "double_softmax": "error_codes",
    "zero_grad_missing": "accumulation",
    "eval_mode_missing": "batchnorm_single",
}


def _program(cause):
    return FOLDER / cause / f"{SMOKE[cause]}.py"


@pytest.mark.parametrize("cause", SMOKE)
def test_the_command_names_a_planted_cause(cause, tmp_path):
    path = _program(cause)
    script, out = tmp_path / "train.py", tmp_path / "out.json"
    script.write_text(render(path, "faulty"), encoding="utf-8")
    command = [sys.executable, "-m", "wordfit", "doctor", "--json", str(out), "train.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 3, done.stdout + done.stderr
    found = json.loads(out.read_text())
    assert found["findings"][0]["cause"] == cause
    assert not found["healthy"]
    assert cause in done.stdout


def test_a_healthy_program_leaves_with_zero(tmp_path):
    script, out = tmp_path / "train.py", tmp_path / "out.json"
    script.write_text(render(_program("zero_grad_missing"), "mended"), encoding="utf-8")
    command = [sys.executable, "-m", "wordfit", "doctor", "--json", str(out), "--record", "r.json", "train.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no fault found" in done.stdout
    again = subprocess.run(
        [sys.executable, "-m", "wordfit", "doctor", "r.json"], cwd=tmp_path, capture_output=True, text=True
    )
    assert again.returncode == 0, again.stdout + again.stderr
    assert json.loads(out.read_text())["findings"] == []
