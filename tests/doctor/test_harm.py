"""What is inferred of words, rows and labels is an error only where the program's own answers bear it out."""

import pytest

from wordfit.doctor.diagnose import ORDER, judge
from wordfit.doctor.finding import ERROR, WARNING, Finding, View
from wordfit.doctor.harm import GOOD, INFERRED, LEAST_LEFT, MOST_LEFT, TO_BE_SHOWN, borne_out, left, reached
from wordfit.record import Record


def seen_by(**experiments):
    return View(Record(program={"name": "x.py"}, experiments=experiments))


def answers(accuracy, share, **where):
    return {"accuracy": accuracy, "majority": {"label": 0, "share": share}, **where}


def severity(cause, **experiments):
    return borne_out(Finding(cause, 0.9, [], ""), seen_by(**experiments)).severity


@pytest.mark.parametrize(
    ("experiments", "share"),
    [
        ({}, None),
        ({"data": {"dev": answers(0.75, 0.5)}}, 0.5),
        ({"data": {"dev": answers(0.4, 0.5), "trained": answers(1.0, 0.5)}}, -0.2),
        ({"data": {"dev": {"rows": 9}, "trained": answers(1.0, 0.5)}}, 1.0),
        ({"data": {"dev": answers(0.9, 0.5), "words": {"dev": answers(0.6, 0.2)}}}, 0.5),
        ({"data": {"dev": answers(1.0, 1.0)}}, None),
        ({"reference": {"model_explains": 0.3, "model_explains_training": 0.9}}, 0.3),
        ({"reference": {"model_explains_training": 0.9}}, 0.9),
    ],
)
def test_how_far_answers_are_from_the_majoritys_to_perfect_ones(experiments, share):
    assert reached(seen_by(**experiments)) == (share if share is None else pytest.approx(share))


@pytest.mark.parametrize("cause", sorted(INFERRED))
def test_a_model_that_answers_nearly_all_new_rows_rightly_has_no_fault_of_words_or_rows(cause):
    assert severity(cause, data={"dev": answers(0.97, 0.5)}) == WARNING
    assert severity(cause, data={"dev": answers(0.6, 0.5)}) == ERROR


@pytest.mark.parametrize("cause", sorted(INFERRED))
def test_what_takes_the_most_to_infer_is_an_error_only_where_answers_were_read(cause):
    assert severity(cause) == (WARNING if cause in TO_BE_SHOWN else ERROR)


def test_what_calls_and_shapes_show_is_an_error_whatever_the_answers():
    shown = set(ORDER) - INFERRED
    assert "pooling_over_batch" in shown
    assert {severity(cause, data={"dev": answers(1.0, 0.5)}) for cause in shown} == {ERROR}


def test_a_warning_says_what_the_answers_were():
    found = borne_out(Finding("vocab_row_misaligned", 0.9, [], ""), seen_by(data={"dev": answers(0.95, 0.5)}))
    assert found.evidence[-1]["found"] == {"answers_right": pytest.approx(0.9)}
    assert found.evidence[-1]["expected"] == {"answers_right": GOOD}


def course(*means):
    return View(Record(watched={"curve": {"means": list(means)}}))


@pytest.mark.parametrize(
    ("means", "share"),
    [([2.0, 1.5, 0.5], 0.25), ([2.0, 1.0], None), ([2.0, 1.0, -0.5], None), ([2.0, "nan", 1.0], None), ([], None)],
)
def test_what_is_left_of_the_first_loss(means, share):
    assert left(course(*means)) == share


@pytest.mark.parametrize("cause", sorted(MOST_LEFT))
def test_who_sees_the_answers_has_little_left_of_the_loss(cause):
    found = Finding(cause, 0.9, [], "")
    assert borne_out(found, course(2.0, 0.5, 0.1)).severity == ERROR
    assert borne_out(found, course(2.0, 1.9, 1.8)).severity == WARNING
    assert borne_out(found, course(2.0, 1.9, -1.8)).severity == ERROR  # that course says nothing


@pytest.mark.parametrize("cause", sorted(LEAST_LEFT))
def test_who_is_kept_from_learning_has_most_of_the_loss_left(cause):
    found = Finding(cause, 0.9, [], "")
    assert borne_out(found, course(2.0, 1.9, 1.8)).severity == ERROR
    assert borne_out(found, course(2.0, 0.5, 0.05)).severity == WARNING


@pytest.mark.parametrize("of_classes", [False, True])
@pytest.mark.parametrize(("course_of", "severity"), [((0.72, 0.87, 0.97), ERROR), ((0.72, 0.74, 0.8), WARNING)])
def test_new_rows_that_are_answered_far_better_say_more_than_the_loss(course_of, severity, of_classes):
    before, *after = course_of
    course = [[0.9, right] if of_classes else [right, 0.9] for right in after]
    going_on = {"accuracy": 0.88 if of_classes else before, "recall": before if of_classes else 0.88, "course": course}
    seen = Record(experiments={"onward": going_on}, watched={"curve": {"means": [1.9, 1.2, 0.8]}})
    assert borne_out(Finding("too_few_steps", 0.9, [], ""), View(seen)).severity == severity


def test_the_judgement_of_a_record_goes_by_it():
    order = {"purity": 0.99, "expected": 0.6, "spread": 0.02, "same_next": 0.99}

    def judged(accuracy):
        data = {"order": order, "dev": answers(accuracy, 0.5)}
        return [(f.cause, f.severity) for f in judge(Record(program={"name": "x.py"}, experiments={"data": data}))]

    assert judged(0.6) == [("unshuffled_training_data", ERROR)]
    assert judged(0.97) == [("unshuffled_training_data", WARNING)]
