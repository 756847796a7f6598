"""A finding is borne out by a second run with the remedy, withdrawn, or left as it is where that did not reach it."""

import pytest

from wordfit.doctor import verify
from wordfit.doctor.diagnose import ORDER
from wordfit.doctor.remedies import REMEDIES
from wordfit.record import Record

BEFORE = {"last_loss": 0.7, "dev_accuracy": 0.5, "causes": ["double_softmax"]}


@pytest.mark.parametrize(
    ("after", "severity", "healthy"),
    [
        ({"last_loss": 0.1, "dev_accuracy": 0.9, "causes": []}, "error", False),
        ({"last_loss": 0.6, "dev_accuracy": 0.5, "causes": ["double_softmax"]}, "info", True),
        ({"last_loss": 0.2, "dev_accuracy": 0.3, "causes": []}, "info", True),
        ({"last_loss": 0.1, "dev_accuracy": 0.9, "causes": ["double_softmax"]}, "error", False),
        (BEFORE, "error", False),
    ],
    ids=["mended", "not mended", "worse", "mended in part", "not reached"],
)
def test_what_the_second_run_says_decides(after, severity, healthy, monkeypatch):
    monkeypatch.setattr(verify, "scores", lambda record: dict(BEFORE))
    monkeypatch.setattr(verify, "again", lambda *order: after)
    found = {"findings": [{"cause": "double_softmax", "severity": "error", "remedy": {"text": "..."}}]}
    found = verify.verify_findings(found, Record(), "train.py", [], False)
    finding = found["findings"][0]
    assert (finding["severity"], found["healthy"]) == (severity, healthy)
    assert ("withdrawn" in finding) == (severity == "info")
    assert ("not_verified" in finding["remedy"]) == (after is BEFORE)


def test_every_remedy_is_for_a_cause_of_the_catalogue():
    assert set(REMEDIES) <= set(ORDER)
