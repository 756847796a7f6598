"""A finding is borne out by a second run with the remedy, withdrawn, or left as it is where that did not reach it."""

import pytest

from wordfit.doctor import verify
from wordfit.doctor.diagnose import ORDER, diagnosis
from wordfit.doctor.remedies import FACTORS, REMEDIES
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


@pytest.mark.parametrize(
    ("error", "missed", "healthy"),
    [
        ({"type": "FileNotFoundError", "message": "gone"}, [], False),
        ({"type": "KeyboardInterrupt", "message": ""}, [], True),
        (None, [{"what": "the training", "why": "no backward pass was seen"}], None),
        (None, [], True),
    ],
    ids=["raised", "interrupted", "nothing trained", "well"],
)
def test_healthy_is_said_only_of_a_training_that_came_to_its_end(error, missed, healthy):
    found = diagnosis(Record(program={"name": "train.py", "error": error}, watched={"not_examined": missed}))
    assert found["healthy"] is healthy
    assert ("reason" in found) == (healthy is not True)


@pytest.mark.parametrize(
    ("cause", "after", "borne_out"),
    [
        ("lr_too_high", {"dev_accuracy": 0.5, "last_loss": 0.7, "causes": []}, False),
        ("lr_too_high", {"dev_accuracy": 0.5, "last_loss": 0.1, "causes": []}, True),
        ("finetune_overfit_small_data", {"dev_accuracy": 0.5, "last_loss": 0.1, "causes": []}, False),
        ("missing_causal_mask", {"dev_accuracy": 0.2, "last_loss": 2.0, "causes": []}, True),
        ("missing_causal_mask", {"dev_accuracy": 0.9, "last_loss": 0.1, "causes": ["missing_causal_mask"]}, False),
    ],
)
def test_each_cause_is_borne_out_by_its_own_rule(cause, after, borne_out):
    before = {"last_loss": 0.7, "dev_accuracy": 0.5, "dev_rows": 1000, "causes": [cause]}
    assert verify.borne_out(cause, before, after) is borne_out


def run_of(outcomes):
    """A second run that gives what is said of each factor."""
    asked = []

    def run(finding):
        asked.append(finding["factor"])
        return {"causes": [], "dev_rows": 1000, **outcomes[finding["factor"]]}

    return asked, run


HOT = {"last_loss": 7.0, "dev_accuracy": 0.65, "dev_balanced": 0.5, "dev_rows": 1000, "causes": ["lr_too_high"]}
FLIPPED = {"last_loss": 0.73, "dev_accuracy": 0.35, "dev_balanced": 0.5}  # still one answer for all, but the other one
LEARNED = {"last_loss": 0.3, "dev_accuracy": 0.9, "dev_balanced": 0.88}
BROKEN = {"last_loss": 6.9, "dev_accuracy": 0.65, "dev_balanced": 0.5}
NEVER = dict.fromkeys(FACTORS["lr_too_high"], BROKEN)


@pytest.mark.parametrize(
    ("outcomes", "asked", "note"),
    [
        ({0.1: LEARNED}, [0.1], "learning rates times 0.1"),
        ({0.1: BROKEN, 0.01: LEARNED}, [0.1, 0.01], "learning rates times 0.01"),
        ({0.1: FLIPPED, 0.01: LEARNED}, [0.1, 0.01], "learning rates times 0.01"),
        ({**NEVER, 0.01: FLIPPED}, list(NEVER), "learning rates times 0.01"),
        (NEVER, list(NEVER), "learning rates times 0.1"),
    ],
    ids=["at once", "farther off", "first the other class", "only the loss", "never"],
)
def test_a_rate_is_changed_further_until_a_run_bears_the_finding_out(outcomes, asked, note):
    tried, run = run_of(outcomes)
    after, said = verify.best_run({"cause": "lr_too_high"}, HOT, run)
    assert (tried, said) == (asked, note)
    assert verify.borne_out("lr_too_high", HOT, after) == (
        outcomes[asked[-1]] != BROKEN or FLIPPED in outcomes.values()
    )


def test_other_remedies_have_one_strength():
    tried, run = run_of({None: LEARNED})
    assert verify.best_run({"cause": "double_softmax"}, HOT, run) == (run({"factor": None}), "")
    assert tried[0] is None


def test_which_class_is_answered_most_is_no_score():
    assert verify.compared("lr_too_high", HOT, {**HOT, **FLIPPED}) == 1
    assert verify.compared("lr_too_high", HOT, {**HOT, **FLIPPED, "last_loss": 7.0}) == -1
    assert verify.compared("lr_too_high", {**HOT, **LEARNED}, HOT) == -1
