"""What tuning a table cost: decay, momentum, forgetting and a small set told apart; batches fed as dictionaries."""

import pytest

from tests.doctor.test_diagnose import record
from wordfit.doctor.diagnose import judge

TWO_CLASSES = {"train": {"classes": {"0": 200, "1": 200}, "rows": 400}}


@pytest.mark.parametrize(
    ("without_decay", "first"), [(0.99, "weight_decay_unseen_rows"), (0.77, "finetune_overfit_small_data")]
)
def test_decay_is_at_fault_as_far_as_training_without_it_answers_new_rows(without_decay, first):
    absent = {"rows": 30, "norm_ratio": 0.0, "moved_share": 1.0, "cosine_low": 0.0, "moved": 1.0}
    group = {"weight_decay": 1e-3, "optimizer": "Adam"}
    moved = {"moved": 1.0, "cosine": 0.1}
    table = {"name": "t", "module": "m", "trainable": True, "group": group, "absent": absent, "occurred": moved}
    still = {"frozen": 0.99, "gain": 0.25, "train_accuracy": 1.0, "gap": 0.3, "rows": 160, "error": 0.02}
    still |= {"cosine": 0.1, "untouched_rows": 30, "without_decay": without_decay}
    held = {"tables": [{"table": "t", "sources": [{"right": 1.0, "source": "s", "known": 100}]}]}
    findings = judge(record(tables={"tables": [table]}, frozen=still, vectors=held))
    assert [f.cause for f in findings if f.severity == "error"] == [first]


STILL = {"frozen": 0.96, "tuned": 0.75, "gain": 0.21, "train_accuracy": 1.0, "gap": 0.25, "error": 0.02, "cosine": 0.85}


@pytest.mark.parametrize(("own", "first"), [(0.92, "adam_momentum_stale_rows"), (0.80, "finetune_overfit_small_data")])
def test_momentum_is_at_fault_where_most_of_what_tuning_cost_is_regained_without_it(own, first):
    between = {"trained": 0.02, "trained_own": 0.5, "right": 0.75, "right_own": own, "won": 84.0, "lost": 3.0}
    stale = {"excess": 5.0, "vectors_loaded": True, "held_still_between": between | {"rows": 480.0}}
    found = judge(record(frozen=STILL | {"rows": 400, "untouched_rows": 0}, stale_rows=stale, data=TWO_CLASSES))
    assert [f.cause for f in found if f.severity == "error"] == [first]


@pytest.mark.parametrize(("rows", "beside"), [(400, ["finetune_overfit_small_data"]), (20_000, [])])
def test_beside_words_left_behind_a_small_set_is_said_as_well(rows, beside):
    left = {"gain_on_novel": 0.3, "gain_on_known": 0.0, "rows_known": 100.0, "untouched_rows": 80}
    found = judge(record(frozen=STILL | left | {"rows": rows}))
    assert [f.cause for f in found if f.severity == "error"] == ["catastrophic_forgetting"]
    assert [f.cause for f in found if f.severity == "warning"] == beside


@pytest.mark.parametrize(("gain", "rows_novel", "causes"), [(0.025, 330, 1), (-0.01, 330, 0), (0.025, 60, 0)])
def test_new_words_that_suffer_beyond_doubt_are_forgotten_though_known_ones_gain_as_much(gain, rows_novel, causes):
    mixed = STILL | {"gain": gain, "gap": 0.13, "rows": 4000, "error": 0.014, "untouched_rows": 360}
    mixed |= {"gain_on_novel": 0.104, "gain_on_known": -0.1, "rows_known": 600.0, "rows_novel": rows_novel}
    found = judge(record(frozen=mixed))
    assert [f.cause for f in found if f.severity == "error"] == ["catastrophic_forgetting"] * causes


@pytest.mark.parametrize(
    ("known", "rows", "first"),
    [
        (0.0, 360, "catastrophic_forgetting"),
        (0.13, 360, "finetune_overfit_small_data"),
        (0.13, 20_000, "catastrophic_forgetting"),
    ],
)
def test_few_rows_were_memorised_where_texts_of_trained_words_alone_lose_as_well(known, rows, first):
    left = {"gain_on_novel": 0.16, "gain_on_known": known, "rows_known": 102.0, "rows_novel": 271.0}
    found = judge(record(frozen=STILL | left | {"rows": rows, "untouched_rows": 80, "cosine": 0.3}))
    assert [f.cause for f in found if f.severity == "error"] == [first]


@pytest.mark.parametrize(
    ("tuned", "still", "gain", "named"),
    [
        (1.08, 0.6, 0.0, True),
        (0.65, 0.6, 0.0, False),  # new rows cost less than answers without the input
        (1.08, 0.75, 0.0, False),  # so they do not with still vectors
        (1.08, 0.6, -0.08, False),  # tuning answers more of them rightly
    ],
)
def test_memorised_rows_may_spoil_how_sure_the_answers_are_and_not_how_many_are_right(tuned, still, gain, named):
    facts = {"frozen": 0.68 + gain, "tuned": 0.68, "gain": gain, "train_accuracy": 1.0, "gap": 0.32, "error": 0.017}
    facts |= {"cosine": 0.87, "untouched_rows": 900, "rows": 800, "loss_tuned": tuned, "loss_frozen": still}
    found = judge(record(frozen=facts, rates={"constant": 0.693}))
    assert [f.cause for f in found if f.severity == "error"] == (["finetune_overfit_small_data"] if named else [])


@pytest.mark.parametrize(
    ("tuned", "remark", "severity"),
    [
        (0.94, "", "error"),
        (0.77, "", "warning"),
        (0.70, "", None),
        (0.70, "  # tune them to the task", "error"),
        (0.94, "  # not tuned", None),
        (0.94, "  # stays as it is", None),
    ],
)
def test_vectors_that_were_frozen_unasked_are_at_fault_as_far_as_tuned_they_answer_more(tuned, remark, severity):
    call = {"freeze": None, "file": "x.py", "line": 1, "shape": [256, 12], "in_model": True}
    seen = record(
        freed={"frozen": 0.65, "tuned": tuned, "plain_learner": 0.93, "rows": 800, "call": call},
        vectors={"pretrained_calls": [call]},
        tables={"tables": [{"name": "emb", "module": "m", "trainable": False, "rows": 256, "width": 12}]},
    )
    seen.watched = {"code": {"x.py": {"1": f"emb = nn.Embedding.from_pretrained(vectors){remark}"}}}
    found = {f.cause: f.severity for f in judge(seen)}
    assert found.get("frozen_by_default") == severity
