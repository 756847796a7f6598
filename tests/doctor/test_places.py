"""Findings point at a line of the user's code, and say what stands there."""

import os

import wordfit
from wordfit.doctor.finding import View
from wordfit.doctor.places import complete, lines_of
from wordfit.doctor.sites import is_users
from wordfit.record import Record

SOURCE = """import torch
model = Model()
optimizer = Adam(model.parameters())
for ids in batches:
    loss = f(model(ids))
"""


def view(tmp_path, **watched):
    (tmp_path / "train.py").write_text(SOURCE, encoding="utf-8")
    places = {"file": str(tmp_path / "train.py")}
    known = {"calls": {"training": {**places, "line": 5, "module": "Model"}}}
    known["optimizers"] = [{**places, "line": 3, "class": "Adam"}]
    known |= watched
    return View(Record(watched=known | {"code": lines_of(known)}))


def test_a_place_gets_the_text_of_its_line(tmp_path):
    seen = view(tmp_path)
    where = complete({"file": str(tmp_path / "train.py"), "line": 5, "module": "Model"}, "double_softmax", seen)
    assert where["code"] == "loss = f(model(ids))"


def test_a_cause_of_the_optimizer_without_a_place_points_at_the_optimizer(tmp_path):
    where = complete({}, "lr_too_high", view(tmp_path))
    assert (where["line"], where["module"], where["code"]) == (3, "Adam", "optimizer = Adam(model.parameters())")


def test_a_cause_of_the_rows_points_at_where_they_are_fed(tmp_path):
    where = complete({}, "no_signal", view(tmp_path))
    assert (where["line"], where["module"], where["code"]) == (5, "Model", "loss = f(model(ids))")


def test_lines_of_libraries_are_not_kept():
    assert lines_of({"file": "/usr/lib/python3/os.py", "line": 3}, [["<string>", 1, "f"]]) == {}


def test_an_empty_record_leaves_the_place_open():
    assert complete({}, "no_signal", View(Record())) == {"module": None, "file": None, "line": None, "code": None}


def test_a_folder_whose_name_begins_like_ours_is_the_users():
    ours = os.path.dirname(wordfit.__file__)
    assert is_users(ours + "-demo/train.py")
    assert not is_users(ours + "/record.py")
