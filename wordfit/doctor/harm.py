"""Does the program bear out what was found? A fault of words, rows or training that costs nothing is no error.

Calls and shapes show for themselves that they are wrong. What the words of a table, the texts of rows or the labels at
them *mean* is inferred, and can be inferred wrongly of a program that was built otherwise than most. Its answers to new
rows are measured apart from that, and must agree.
"""

from __future__ import annotations

from dataclasses import replace

from wordfit.doctor.finding import ERROR, WARNING, Finding, View, number, seen

GOOD = 0.8  # of the way from the majority's score to a perfect one: none of the causes below would let a model so far

INFERRED = {
    "case_mismatch_oov",
    "duplicate_key_overwrite",
    "frozen_by_default",
    "glove_token_with_spaces",
    "labels_misaligned",
    "lr_too_low",
    "no_signal",
    "oov_scale_mismatch",
    "pretrained_not_loaded",
    "pretrained_overwritten_by_init",
    "tokenizer_mismatch_oov",
    "too_few_steps",
    "train_test_vocab_mismatch",
    "truncation_removes_signal",
    "unshuffled_training_data",
    "vocab_row_misaligned",
    "wrong_encoding",
    "wrong_vectors_width",
}
"""Causes that answers to new rows must not contradict: a model that answers nearly all of them rightly has none."""
TO_BE_SHOWN = {"labels_misaligned", "pooling_over_batch", "train_test_vocab_mismatch", "truncation_removes_signal"}
"""Those that take the most to infer, of rows too: an error only where the answers were read."""


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


def borne_out(finding: Finding, view: View) -> Finding:
    """The finding; a warning in place of an error where the model's own answers do not bear it out."""
    cause = finding.cause
    if finding.severity != ERROR or cause not in INFERRED | TO_BE_SHOWN:
        return finding
    share = reached(view)
    if share is None:
        return replace(finding, severity=WARNING) if cause in TO_BE_SHOWN else finding
    if share < GOOD or cause not in INFERRED:
        return finding
    evidence = seen("data", {"answers_right": f"below {GOOD}"}, answers_right=share)
    return replace(finding, severity=WARNING, evidence=[*finding.evidence, evidence])
