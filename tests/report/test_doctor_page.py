"""The doctor's page: findings with code, experiments with expected and found, where inputs become alike."""

import re
from pathlib import Path

import pytest

from tests.report.pages import figures, words
from tests.report.records import sick, sound
from wordfit.doctor.examine import EXPERIMENTS
from wordfit.report import write_doctor_report, write_run_report
from wordfit.report.experiments import most_lost, stage_name
from wordfit.report.findings import before_after
from wordfit.report.measured import MEASURED, measured

DOCS = Path(__file__).parents[2] / "docs" / "doctor.md"


def page(record, tmp_path, write=write_doctor_report):
    write(record, tmp_path / "doctor.html")
    return (tmp_path / "doctor.html").read_text(encoding="utf-8")


def test_a_finding_comes_with_its_line_evidence_and_remedy(tmp_path):
    text = page(sick(), tmp_path)
    said = words(text)
    assert "The cause is most likely this: padding in mean pool. 1 further finding below." in said
    assert "97 % sure train.py, line 41, Classifier.pool" in said
    assert 'class="hit"><span class="line">  41  </span>x = x.mean(dim=1)' in text
    assert "padding no change answers change by 0.83 of the spread between rows" in said
    assert "Divide by the number of words" in said
    assert "dev accuracy 0.61 0.9" in said


def test_the_layer_where_texts_become_alike_is_named(tmp_path):
    said = words(page(sick(), tmp_path))
    assert "Most is lost at Classifier.pool: mean (train.py, line 41): the spread falls from 0.98 to 0.004" in said


def test_a_long_path_of_a_layer_keeps_its_end_and_its_call():
    stage = {"module": "Encoder.layers.layers.0.self_attn", "op": "multi_head_attention_forward"}
    assert stage_name(stage, 30) == "\u20260.self_attn: multi_head_a\u2026"
    assert stage_name({"module": "Net.emb", "op": "embedding"}, 30) == "Net.emb: embedding"


def test_difference_is_lost_where_no_later_layer_regains_it():
    assert most_lost([0.9, 0.5, 0.4]) is None
    assert most_lost([0.9, 0.001, 0.5, 0.002, 0.003]) == 3
    assert most_lost([0.9, 0.32, 0.09, 0.03]) == 2
    assert most_lost([0.0, 0.0]) == 0
    assert most_lost([]) is None


def test_every_experiment_shows_what_was_expected_and_found(tmp_path):
    said = words(page(sick(), tmp_path))
    assert "Does padding change an answer? no change" in said
    assert "Do the other rows of a batch change an answer? no change" in said
    assert "the answer was not found: word order" in said


def test_an_experiment_is_answered_in_words_with_numbers(tmp_path):
    said = words(page(sick(), tmp_path))
    assert "61 % of the ids are padding; more of it changes answers by 0.83 of the spread between rows" in said
    assert "changing the words of every other row, those between kept, changes no answer" in said


def test_the_page_has_words_for_every_experiment_of_the_doctor():
    assert set(MEASURED) == set(EXPERIMENTS)
    told = re.findall(r"^\| `(\w+)` \| .*\? \|", DOCS.read_text(encoding="utf-8"), re.M)
    assert told == list(MEASURED)
    assert [name for name, (asks, sound, _) in MEASURED.items() if not asks.endswith("?") or not sound] == []


@pytest.mark.parametrize("name", MEASURED)
def test_a_record_that_holds_less_than_the_page_knows_is_said_as_far_as_it_goes(name):
    assert not any(mark in line for line in measured(name, {"seconds": 0.1}) for mark in "{}[]_")
    assert measured(name, {"why_not": "there was no time"}) == ["not asked: there was no time"]


def test_an_experiment_that_the_page_does_not_know_is_shown_by_its_name(tmp_path):
    record = sick()
    record.experiments["new_question"] = {"answer": 3.5}
    assert "new question" in words(page(record, tmp_path))
    assert "answer 3.5" in words(page(record, tmp_path))


def test_no_fault_is_said_with_what_was_examined(tmp_path):
    said = words(page(sound(), tmp_path))
    assert "No fault was found." in said
    assert "What was examined (1) Does padding change an answer?" in said


def test_the_page_of_a_run_has_its_diagnosis(tmp_path):
    said = words(page(sick(), tmp_path, write_run_report))
    assert "The doctor found: padding in mean pool (error, 97 % sure). See why." in said


def test_code_that_the_record_lacks_is_read_from_the_file(tmp_path):
    (tmp_path / "train.py").write_text("a = 1\nb = a.mean(dim=1)\nc = 3\n", encoding="utf-8")
    record = sick()
    record.diagnosis["findings"][0]["where"] = {"file": str(tmp_path / "train.py"), "line": 2}
    assert 'class="hit"><span class="line">   2  </span>b = a.mean(dim=1)' in page(record, tmp_path)
    assert "train.py, line 2" in words(page(record, tmp_path))


def test_a_loss_out_of_range_leaves_a_gap_and_is_said(tmp_path):
    record = sick()
    record.watched["losses"][4:6] = ["NaN", float("inf")]
    text = page(record, tmp_path)
    assert "2 values of the loss were no finite numbers" in words(text)
    assert figures(text)[1]["data"][0]["y"][4:6] == [None, None]


def test_what_neither_run_has_stands_in_no_row_of_before_and_after():
    told = before_after({"before": {"last_loss": 1.5, "raised": None}, "after": {"last_loss": 0.1, "raised": None}})
    assert [row[0] for row in told["rows"]] == ["last loss"]
