"""Does the program bear out what was found? A fault of words, rows or training that costs nothing is no error.

Calls and shapes show for themselves that they are wrong. What the words of a table, the texts of rows or the labels at
them *mean* is inferred, and can be inferred wrongly of a program that was built otherwise than most. Its answers to new
rows, and the course of its loss, are measured apart from that, and must agree.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from wordfit.doctor.finding import ERROR, WARNING, Finding, View, number, seen

GOOD = 0.8  # of the way from the majority's score to a perfect one: none of the causes below would let a model so far

INFERRED = {
    "frozen_by_default",
    "labels_misaligned",
    "no_signal",
    "pretrained_not_loaded",
    "tokenizer_mismatch_oov",
    "too_few_steps",
    "train_test_vocab_mismatch",
    "truncation_removes_signal",
    "unshuffled_training_data",
    "vocab_row_misaligned",
}
"""Causes that answers to new rows must not contradict: a model that answers nearly all of them rightly has none.

What is compared number by number with its source (keys that were overwritten, words cut at a space) is not among them.
"""
TO_BE_SHOWN = {"labels_misaligned", "train_test_vocab_mismatch", "truncation_removes_signal"}
"""Those of them that take the most to infer: an error only where the answers were read."""


MOST_LEFT = {
    "catastrophic_forgetting": 0.8,
    "decoder_target_not_shifted": 0.6,
    "finetune_overfit_small_data": 0.8,
    "missing_causal_mask": 0.6,
    "train_dev_leak": 0.8,
}
"""Share of its first loss that may be left at the end of training, for causes that show where answers were seen: what
copies its target, or has learned the rows by heart, has little left."""
LEAST_LEFT = {
    "batch_first_mismatch": 0.05,
    "dead_units": 0.2,
    "double_sigmoid": 0.2,
    "double_softmax": 0.2,
    "encoder_ignored": 0.2,
    "frozen_by_default": 0.2,
    "lr_too_low": 0.5,
    "optimizer_holds_stale_params": 0.1,
    "softmax_over_single_unit": 0.5,
    "too_few_steps": 0.55,
    "vanishing_gradient": 0.5,
}
"""Share that must be left, for causes that hinder learning: these keep most of it."""


def reached(view: View) -> float | None:
    """How far the model's answers to new rows are from the majority's (0, or below) to perfect ones (1).

    Of scores the share of their variance that is explained; of training rows where no new ones were read; None where
    answers and targets were not understood.
    """
    for rows in (view.classed.get("dev") or {}, view.classed.get("trained") or {}):
        accuracy, share = rows.get("accuracy"), (rows.get("majority") or {}).get("share")
        if accuracy is not None and share is not None and share < 1:
            return (number(accuracy) - number(share)) / (1 - number(share))
    reference = view.of("reference")
    for name in ("model_explains", "model_explains_training"):
        if name in reference:
            return number(reference[name])
    return None


def left(view: View) -> float | None:
    """The share of its first loss that training left; None where the loss is not one that falls towards zero."""
    means = view.means
    if len(means) < 3 or not all(math.isfinite(m) and m >= 0 for m in means) or means[0] == 0:
        return None
    return means[-1] / means[0]


def borne_out(finding: Finding, view: View) -> Finding:
    """The finding; a warning in place of an error where the program's own answers or losses do not bear it out."""
    cause = finding.cause
    share = left(view)
    if finding.severity == ERROR and share is not None:
        least, most = LEAST_LEFT.get(cause, 0.0), MOST_LEFT.get(cause, math.inf)
        if cause == "too_few_steps" and _far_from_done(view):  # new rows say more than the loss
            least = 0.0
        if not least <= share <= most:
            return _doubted(finding, seen("curve", {"left": least if share < least else most}, left=share))
    if finding.severity != ERROR or cause not in INFERRED:
        return finding
    share = reached(view)
    if share is None:
        return replace(finding, severity=WARNING) if cause in TO_BE_SHOWN else finding
    if share < GOOD:
        return finding
    return _doubted(finding, seen("data", {"answers_right": GOOD}, answers_right=share))


def _far_from_done(view: View) -> bool:
    """Whether a fifth more of the new rows, or of each class of them, is answered rightly on, half of them soon."""
    facts = view.of("onward")
    for measure, name in enumerate(("accuracy", "recall")):
        course = [number(row[measure]) for row in facts.get("course") or []]
        if course and course[0] > number(facts.get(name)) + 0.1 and course[-1] > number(facts.get(name)) + 0.2:
            return True
    return False


def _doubted(finding: Finding, why: dict[str, Any]) -> Finding:
    """A warning, with the measure that speaks against it, beside where that would have to end for it."""
    return replace(finding, severity=WARNING, evidence=[*finding.evidence, why])
