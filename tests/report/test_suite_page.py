"""The page of a suite: a heat map whose cells lead to their runs, and what says nothing is called that."""

import re

from tests.report.pages import words
from tests.report.records import suite
from wordfit.report import write_suite_report
from wordfit.report.suite import heat_map


def page(rows, tmp_path):
    write_suite_report(rows, tmp_path / "suite.html")
    return (tmp_path / "suite.html").read_text(encoding="utf-8")


def test_every_cell_leads_to_its_run(tmp_path):
    text = page(suite(), tmp_path)
    links = re.findall(r'<td class="lit[^>]*><a href="([^"]+)">([^<]+)</a>', text)
    assert ("SST-2/mean%20tuned/report.html", "0.830") in links
    assert len(links) == 8  # three tasks, three strategies of ours, one cell missing


def test_a_link_never_leaves_the_folder(tmp_path):
    row = {"task": "t", "strategy": "s", "score": 0.5, "run": "javascript:alert(1)"}
    assert "javascript:" not in page([row], tmp_path)


def test_colour_goes_from_the_worst_to_the_best_of_a_task():
    levels = [cell and cell["level"] for cell in heat_map(suite())["lines"][0][1]]
    assert levels == [0.0, 0.6, 0.8, 1.0]  # 0, 0.09, 0.12, 0.15


def test_a_score_that_says_nothing_is_named_with_its_reason(tmp_path):
    said = words(page(suite(), tmp_path))
    assert "WNLI bilstm slow 0.520 inside the majority" in said
    assert "1 score with a dashed frame" in said


def test_a_task_without_any_score_still_has_its_row(tmp_path):
    assert "broken" in words(page([{"task": "broken", "strategy": "s", "score": None}], tmp_path))
