"""Evidence said in words: every key that a check gives has its phrase, and no dictionary is shown raw."""

import ast
from pathlib import Path

import pytest

from wordfit.doctor import evidence
from wordfit.doctor.evidence import phrases
from wordfit.doctor.evidence.said import WAYS, Said
from wordfit.doctor.page import page

CHECKS = Path(evidence.__file__).parent.parent / "checks"


def given():
    """Experiment and key of all evidence that the checks give by name."""
    for file in sorted(CHECKS.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("seen", "line"):
                experiment = getattr(node.args[0], "value", "data")
                yield from ((file.name, experiment, k.arg) for k in node.keywords if k.arg)


def test_every_key_of_the_checks_has_a_phrase():
    unknown = [row for row in given() if f"{row[1]}.{row[2]}" not in phrases.FOUND and row[2] not in phrases.FOUND]
    assert unknown == []


def test_every_experiment_of_the_checks_has_a_name():
    assert {row[1] for row in given()} - set(phrases.NAMES) <= {"gradients", "units", "attention"}


def test_what_was_found_and_what_was_expected_are_sentences():
    row = {"experiment": "company", "found": {"max_change": 0.445, "first_call": "lstm", "line": 35}}
    row["expected"] = {"max_change": 0.0}
    assert evidence.found(row) == (
        "answers change by 0.445 of the spread between rows; the change comes in at lstm in line 35"
    )
    assert evidence.expected(row) == "no change"


def test_what_is_not_known_is_left_out_and_a_new_key_is_said_by_its_name():
    row = {"experiment": "frozen", "found": {"tuned": None, "new_thing": 0.5}, "expected": None}
    assert evidence.found(row) == "new thing 0.5"
    assert evidence.expected(row) == ""


@pytest.mark.parametrize(
    ("way", "value", "expected"),
    [
        ("n", 12345, "12\u00a0345"),
        ("n", 0.123456, "0.123"),
        ("n", "NaN", "no number"),
        ("%", 0.0123, "1.2\u00a0%"),
        ("of", 0.5, "0.5 of"),
        ("of", 2.5, "2.5 times"),
        ("sized", 2500.0, "2.5 times"),
        ("shape", [3, 4], "(3, 4)"),
        ("shapes", [[3], [3, 1]], "(3) and (3, 1)"),
        ("words", list("abcdef"), "a, b, c, d and 2 more"),
        ("pairs", [["bank", "bank|VERB"]], "'bank|VERB' for 'bank'"),
        ("call", "__getitem__", "picking with [...]"),
        ("given", [{"min": 0.0, "max": 0.0, "zeros": 1.0, "nan": 0}], "0, all zeros"),
    ],
)
def test_a_value_is_said_in_the_way_that_a_template_asks_for(way, value, expected):
    assert format(Said(value), way) == expected
    assert way in WAYS


def test_the_terminal_page_fits_a_screen_however_much_was_found(sick_record):
    record = sick_record
    lines = page(record.diagnosis, record)
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 100
    assert not any(mark in line for line in lines for mark in ("{", "}", "_change"))


@pytest.fixture
def sick_record():
    from wordfit.record import Record

    row = {"experiment": "padding", "found": {"max_change": 0.4, "first_call": "mean", "line": 41}, "expected": None}
    finding = {
        "cause": "padding_in_mean_pool",
        "severity": "error",
        "confidence": 0.97,
        "where": {"module": "a.b" * 9, "file": "t.py", "line": 1234, "code": "x" * 200},
        "evidence": [{**row, "found": {f"{k}_{i}": "word " * 9 for i in range(9) for k in row}} for _ in range(5)],
        "ruled_out": ["dead_units: " + "why " * 60] * 4,
        "explains": ["this and that " * 9] * 9,
        "remedy": {"text": "do " * 200},
    }
    found = {"program": "t.py", "healthy": False, "findings": [finding] * 9, "examined": list(phrases.NAMES)}
    found |= {"not_examined": [{"what": "x " * 50, "why": f"{i}"} for i in range(9)]}
    return Record(program={"name": "t.py"}, diagnosis=found | {"seconds": {"program": 1.0, "doctor": 1.0}})


@pytest.mark.parametrize(("gain", "told"), [(0.3, "loss falls by 30\u00a0%"), (-0.23, "loss rises by 23\u00a0%")])
def test_a_loss_that_a_rate_raises_is_not_said_to_fall(gain, told):
    assert told in evidence.found({"experiment": "rates", "found": {"gain": gain}})
