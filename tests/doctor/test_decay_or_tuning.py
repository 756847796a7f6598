"""Decay of unseen rows told from the tuning of a small set, and batches that models are fed as dictionaries."""

import pytest
import torch

from tests.doctor.test_diagnose import record
from wordfit.doctor.diagnose import judge
from wordfit.doctor.experiments.steps.judging import _laid_like


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


def test_a_batch_is_laid_as_the_taped_step_was():
    ids, mask = torch.tensor([[1, 2]]), torch.tensor([[True, False]])
    like = ({"ids": torch.zeros(3, 4), "names": ["a", "b"], "rest": (torch.zeros(3), 0.5)}, 7)
    laid, seven = _laid_like(like, iter([ids, mask]))
    assert [seven, laid["names"], laid["rest"][1]] == [7, ["a", "b"], 0.5]
    assert laid["ids"] is ids
    assert laid["rest"][0] is mask
