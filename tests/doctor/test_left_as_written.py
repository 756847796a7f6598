"""Files that a program wrote are as it left them after it ran again."""

import os
import time

import pytest

from wordfit.doctor import left_as_written as module
from wordfit.doctor.left_as_written import left_as_written


@pytest.fixture
def folder(tmp_path):
    """A folder with a file from before the program ran."""
    (tmp_path / "here" / "run").mkdir(parents=True)
    (tmp_path / "here" / "data.txt").write_text("rows")
    os.utime(tmp_path / "here" / "data.txt", (1e9, 1e9))
    return tmp_path / "here"


def program(folder, score):
    """What a program writes: a checkpoint anew, a log that grows, and a file that it takes away again."""
    (folder / "run" / "model.bin").write_bytes(score * 3)
    with open(folder / "log.txt", "ab") as file:
        file.write(score)
    (folder / "lock").unlink(missing_ok=True)


def test_what_was_written_over_appended_to_or_removed_is_put_back(folder):
    began = time.time()
    program(folder, b"bad")
    (folder / "lock").write_text("held")
    with left_as_written(began, [], folder) as why:
        program(folder, b"good")
        (folder / "run" / "new.bin").write_bytes(b"new")
    assert why == []
    assert (folder / "run" / "model.bin").read_bytes() == b"badbadbad"
    assert (folder / "log.txt").read_bytes() == b"bad"
    assert (folder / "lock").read_text() == "held"
    assert (folder / "run" / "new.bin").read_bytes() == b"new"
    assert {p.name for p in folder.rglob("*")} == {"run", "model.bin", "new.bin", "log.txt", "lock", "data.txt"}


def test_times_and_rights_are_put_back_too(folder):
    began = time.time()
    path = folder / "tool.sh"
    path.write_text("one")
    path.chmod(0o750)
    before = path.stat()
    with left_as_written(began, [], folder):
        path.write_text("two")
    after = path.stat()
    assert (after.st_mode, after.st_mtime_ns, after.st_size) == (before.st_mode, before.st_mtime_ns, before.st_size)


def test_what_is_older_than_the_program_is_not_looked_after(folder):
    with left_as_written(time.time(), [], folder):
        (folder / "data.txt").write_text("other rows")
    assert (folder / "data.txt").read_text() == "other rows"


@pytest.mark.parametrize("argument", ["{out}", "--out={out}", "{out}/model.bin"])
def test_places_that_arguments_name_are_looked_through(folder, tmp_path, argument):
    out = tmp_path / "elsewhere"
    out.mkdir()
    began = time.time()
    (out / "model.bin").write_bytes(b"bad")
    with left_as_written(began, ["7", argument.format(out=out), "--seed"], folder):
        (out / "model.bin").write_bytes(b"good")
    assert (out / "model.bin").read_bytes() == b"bad"


def test_files_are_put_back_when_the_second_run_is_stopped(folder):
    began = time.time()
    program(folder, b"bad")

    def stopped():
        with left_as_written(began, [], folder):
            program(folder, b"good")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert (folder / "log.txt").read_bytes() == b"bad"


@pytest.mark.parametrize(("limit", "said"), [("MOST_LOOKED_AT", "to look through"), ("MOST_BYTES", "too large")])
def test_what_is_too_much_to_be_kept_is_said(folder, limit, said, monkeypatch):
    monkeypatch.setattr(module, limit, 1)
    began = time.time()
    program(folder, b"bad")
    with left_as_written(began, [], folder) as why:
        pass
    assert len(why) == 1
    assert said in why[0]


def test_the_programs_own_folder_is_looked_through_before_a_large_one_that_it_reads(folder, tmp_path, monkeypatch):
    data = tmp_path / "data"
    for part in range(9):
        (data / str(part)).mkdir(parents=True)
    monkeypatch.setattr(module, "MOST_LOOKED_AT", 5)
    began = time.time()
    program(folder, b"bad")
    with left_as_written(began, [str(data)], folder) as why:
        program(folder, b"good")
    assert len(why) == 1
    assert (folder / "log.txt").read_bytes() == b"bad"
