"""`wordfit report` writes the page of a run folder or of a record file, and refuses what is neither."""

import pytest
from typer.testing import CliRunner

from tests.report.records import classes, sick
from wordfit.cli.report import app
from wordfit.errors import InputError


def report(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


def test_a_run_folder_gets_its_page_inside(tmp_path):
    classes().save(tmp_path / "run" / "record.json")
    assert report(tmp_path / "run").exit_code == 0
    assert "Sections of the manual" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")


def test_a_record_of_the_doctor_gets_the_doctors_page(tmp_path):
    sick().save(tmp_path / "found.json")
    done = report(tmp_path / "found.json", "--out", tmp_path / "sub" / "page.html")
    assert done.output.strip() == str(tmp_path / "sub" / "page.html")
    assert "The doctor on train.py" in (tmp_path / "sub" / "page.html").read_text(encoding="utf-8")


def test_a_folder_without_a_record_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"expected a run folder with record\.json"):
        report(tmp_path)
    assert list(tmp_path.iterdir()) == []
