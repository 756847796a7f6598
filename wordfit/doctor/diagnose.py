"""Judge a record: every check, then the root cause first and what follows from it under it."""

from __future__ import annotations

import itertools
import logging
from typing import Any

from wordfit.doctor import evidence
from wordfit.doctor.checks import (
    batches,
    company,
    decoding,
    files,
    freezing,
    gradients,
    losses,
    numbers,
    output,
    padding,
    parameters,
    rates,
    regime,
    starts,
    tables,
    vectors,
    vocabulary,
    widths,
)
from wordfit.doctor.checks.padding import FUSED
from wordfit.doctor.checks.suspicions import suspicions
from wordfit.doctor.finding import ERROR, Finding, View
from wordfit.doctor.harm import borne_out
from wordfit.doctor.places import complete
from wordfit.record import Record

SCHEMA = 1
ROOMS = (
    files,
    vectors,
    widths,
    vocabulary,
    padding,
    company,
    numbers,
    batches,
    output,
    losses,
    freezing,
    parameters,
    tables,
    rates,
    gradients,
    starts,
    regime,
    decoding,
)
CHECKS = [check for room in ROOMS for check in room.CHECKS]

RANK = {  # the lower, the nearer to the root: what the program does, before how training went, before how it scored
    "certain": [
        "embedding_dtype_mismatch",
        "sparse_grad_unsupported_optimizer",
        "softmax_over_single_unit",
        "softmax_over_wrong_axis",
        "loss_shape_broadcast",
        "flipped_loss_sign",
        "cross_entropy_on_dense_vectors",
        "bce_target_out_of_range",
        "nll_loss_on_probabilities",
        "kl_div_not_log_prob",
        "ctc_raw_logits",
        "double_softmax",
        "double_sigmoid",
        "ignore_index_drops_class",
        "all_targets_ignored",
        "decoder_target_not_shifted",
        "encoder_ignored",
        "missing_causal_mask",
        "batch_first_mismatch",
        "attention_mask_inverted",
        "gradient_path_cut",
        "optimizer_holds_stale_params",
        "params_missing_from_optimizer",
        "zero_grad_missing",
        "quoting_merges_lines",
        "header_line_as_vector",
        "glove_token_with_spaces",
        "wrong_encoding",
        "wrong_vectors_width",
        "train_test_vocab_mismatch",
        "pretrained_overwritten_by_init",
        "empty_sequence_mean",
        "fully_masked_attention",
        "unstable_softmax",
        "zero_norm_gradient",
        "symmetric_init",
        "uninitialised_embedding_rows",
    ],
    "likely": [
        "pretrained_not_loaded",
        "vocab_row_misaligned",
        "duplicate_key_overwrite",
        "case_mismatch_oov",
        "tokenizer_mismatch_oov",
        "pooling_over_batch",
        "labels_misaligned",
        "train_dev_leak",
        "unshuffled_training_data",
        "freeze_flag_ineffective",
        "frozen_by_default",
        "max_norm_inplace_renorm",
        "regression_loss_for_classes",
        "loss_clipped",
        "no_end_of_sequence",
        "loss_counts_padding",
        "oov_scale_mismatch",
        "truncation_removes_signal",
    ],
    "shown": [
        "last_state_is_padding",
        "padding_not_masked_attention",
        "padding_in_mean_pool",
        "padding_row_nonzero",
        "eval_mode_missing",
        "teacher_forcing_at_eval",
        "weight_decay_unseen_rows",
        "dead_units",
        "init_scale_too_large",
        "exploding_gradient",
        "vanishing_gradient",
    ],
    "trained": [
        "lr_too_high",
        "lr_too_low",
        "class_imbalance",
        "adam_momentum_stale_rows",
        "catastrophic_forgetting",
        "finetune_overfit_small_data",
    ],
    "outcome": ["no_signal", "too_few_steps"],
}
ORDER = {cause: rank for rank, causes in enumerate(RANK.values()) for cause in causes}

FOLLOWS = {  # cause: what it brings about, and what is then no fault of its own
    "*": ["no_signal", "too_few_steps", "lr_too_low", "class_imbalance", "vanishing_gradient"],
    "init_scale_too_large": ["lr_too_high", "too_few_steps", "exploding_gradient"],
    "uninitialised_embedding_rows": [
        "attention_mask_inverted",
        "oov_scale_mismatch",
        "init_scale_too_large",
        "lr_too_high",
        "exploding_gradient",
    ],
    "oov_scale_mismatch": ["init_scale_too_large"],
    "wrong_encoding": ["tokenizer_mismatch_oov", "case_mismatch_oov", "oov_scale_mismatch"],
    "case_mismatch_oov": ["oov_scale_mismatch", "tokenizer_mismatch_oov"],
    "tokenizer_mismatch_oov": ["oov_scale_mismatch", "case_mismatch_oov"],
    "glove_token_with_spaces": ["vocab_row_misaligned", "duplicate_key_overwrite", "tokenizer_mismatch_oov"],
    "wrong_vectors_width": ["vocab_row_misaligned", "pretrained_not_loaded"],
    "duplicate_key_overwrite": ["vocab_row_misaligned"],
    "pretrained_overwritten_by_init": ["pretrained_not_loaded"],
    "labels_misaligned": ["no_signal", "lr_too_low"],
    "lr_too_high": ["dead_units", "exploding_gradient", "catastrophic_forgetting", "adam_momentum_stale_rows"],
    "exploding_gradient": ["lr_too_high", "unstable_softmax", "init_scale_too_large"],
    "lr_too_low": ["too_few_steps"],
    "dead_units": ["vanishing_gradient", "lr_too_low", "lr_too_high"],
    "symmetric_init": ["dead_units", "vanishing_gradient", "lr_too_low", "init_scale_too_large"],
    "flipped_loss_sign": ["lr_too_high", "exploding_gradient", "loss_clipped", "init_scale_too_large"],
    "nll_loss_on_probabilities": ["flipped_loss_sign", "lr_too_high"],
    "bce_target_out_of_range": ["lr_too_high", "exploding_gradient", "flipped_loss_sign", "loss_clipped"],
    "cross_entropy_on_dense_vectors": ["lr_too_high", "exploding_gradient", "loss_clipped", "flipped_loss_sign"],
    "kl_div_not_log_prob": ["lr_too_high", "loss_clipped"],
    "ctc_raw_logits": ["lr_too_high", "loss_clipped"],
    "zero_grad_missing": ["lr_too_high", "exploding_gradient", "dead_units", "catastrophic_forgetting"],
    "empty_sequence_mean": ["lr_too_high", "exploding_gradient"],
    "fully_masked_attention": ["lr_too_high", "exploding_gradient"],
    "all_targets_ignored": ["lr_too_high", "exploding_gradient"],
    "unstable_softmax": ["lr_too_high", "exploding_gradient"],
    "zero_norm_gradient": ["lr_too_high", "exploding_gradient"],
    "attention_mask_inverted": ["padding_not_masked_attention", "padding_row_nonzero", "padding_in_mean_pool"],
    "optimizer_holds_stale_params": ["params_missing_from_optimizer", "gradient_path_cut"],
    "decoder_target_not_shifted": ["missing_causal_mask", "no_end_of_sequence"],
    "pooling_over_batch": ["softmax_over_wrong_axis"],
    "softmax_over_wrong_axis": [
        "encoder_ignored",
        "nll_loss_on_probabilities",
        "kl_div_not_log_prob",
        "double_softmax",
    ],
    "weight_decay_unseen_rows": ["catastrophic_forgetting", "adam_momentum_stale_rows"],
    "freeze_flag_ineffective": ["finetune_overfit_small_data", "catastrophic_forgetting", "adam_momentum_stale_rows"],
    "adam_momentum_stale_rows": ["finetune_overfit_small_data"],  # most of what tuning cost is momentum's
    "catastrophic_forgetting": ["adam_momentum_stale_rows"],
    "batch_first_mismatch": [
        "last_state_is_padding",
        "padding_not_masked_attention",
        "padding_in_mean_pool",
        "pooling_over_batch",
        "missing_causal_mask",
    ],
    "last_state_is_padding": ["vanishing_gradient"],  # gradients die on their way through the padding
    "unshuffled_training_data": ["lr_too_high", "catastrophic_forgetting"],
}


SEEN_IN_MANY = {"no_signal", "too_few_steps", "lr_too_low", "lr_too_high"}
"""Faults that are told by how training went: what else speaks for a cause is noted beside them."""
SURE = 0.88
"""Confidence from which on a fault that is told by what the program does stands alone."""


def judge(record: Record) -> list[Finding]:
    """Every finding of a record, the root cause first, consequences under it; where no fault is proven, notes.

    Of two causes that may each follow from the other, the one that is not proven is noted.
    """
    view, found = View(record), []
    for check in CHECKS:
        try:
            found += [borne_out(finding, view) for finding in check(view)]
        except Exception as error:  # a check that fails is silent, and says so in the log
            logging.getLogger(__name__).warning("%s: %r", getattr(check, "__name__", check), error)
            if RAISE:
                raise
    findings = arrange(found, view)
    errors = [f.cause for f in findings if f.severity == ERROR]
    sure = any(f.severity == ERROR and f.confidence >= SURE and f.cause not in SEEN_IN_MANY for f in findings)
    if _untrained(record) or _is_beyond(record, REST) or sure:
        return findings
    told = {f.cause for f in findings}
    noted = [n for n in suspicions(view) if n.cause not in told]
    return findings + [n for n in noted if all(not _follows(e, n.cause) or _follows(n.cause, e) for e in errors)]


RAISE = False


def arrange(found: list[Finding], view: View) -> list[Finding]:
    """One finding a cause, ordered, consequences put under the cause they follow from."""
    best: dict[str, Finding] = {}
    for finding in found:
        if finding.cause not in best or finding.confidence > best[finding.cause].confidence:
            best[finding.cause] = finding
    ordered = sorted(best.values(), key=_weight)
    kept: list[Finding] = []
    for finding in ordered:
        cause = next((k for k in kept if k.severity == ERROR and _follows(k.cause, finding.cause)), None)
        if cause is not None:
            cause.explains.append(_consequence(finding))
        else:
            kept.append(finding)
    if kept:
        kept[0].explains = symptoms(view) + kept[0].explains
    return kept


MOST_SAID = 110  # characters of what was seen of a cause that follows from another


def _consequence(finding: Finding) -> str:
    """A cause that follows from another, with as many of the things seen of it as are quickly read."""
    said = next((text for row in finding.evidence if (text := evidence.found(row))), finding.remedy)
    seen = list(itertools.accumulate(said.split("; "), "{}; {}".format))
    text = max((part for part in seen if len(part) <= MOST_SAID), key=len, default=seen[0])
    if len(text) > MOST_SAID:
        text = text[:MOST_SAID].rpartition(" ")[0] + " ..."
    return f"{finding.cause}: {text}"


def _weight(finding: Finding) -> tuple[int, float]:
    rank = ORDER.get(finding.cause, 3)
    return (0 if finding.severity == ERROR else 10) + rank * 1, -finding.confidence


def _follows(cause: str, other: str) -> bool:
    general = other in FOLLOWS["*"] and ORDER.get(cause, 3) < ORDER.get(other, 3)
    return general or other in FOLLOWS.get(cause, [])


def symptoms(view: View) -> list[str]:
    """What a user would have noticed."""
    said = []
    curve, data = view.curve, view.of("data")
    if curve.get("not_finite"):
        said.append(f"the loss is no number in {curve['not_finite']} steps")
    if view.of("losses").get("negative"):
        said.append(f"the loss is negative in {view.of('losses')['negative']} of {view.of('losses')['steps']} steps")
    dev = data.get("dev") or {}
    if dev.get("top_share", 0) > 0.97:
        said.append(f"{dev['top_share']:.0%} of the answers are class {dev['top']}")
    orders = [row for row in view.of("word_order").get("inputs", []) if row["depends"]]
    if orders and all(row["changed"] == 0 for row in orders) and any(op["op"] in FUSED for op in view.ops):
        said.append("words in another order get the same answers: attention has no positions to go by")
    means = [m for m in curve.get("means", []) if isinstance(m, (int, float))]
    if len(means) > 2 and abs(means[0] - means[-1]) < 0.03 * abs(means[0]):
        said.append(f"the loss stays at {means[-1]:.3g}")
    if view.error:
        said.append(
            f"{view.error['type']}: {view.error['message'].splitlines()[0][:120] if view.error['message'] else ''}"
        )
    return said


def diagnosis(record: Record) -> dict[str, Any]:
    """The doctor's answer, in the schema of `wordfit doctor --json`."""
    view, program = View(record), record.program
    findings = [f.plain() | {"where": complete(f.where, f.cause, view)} for f in judge(record)]
    well, reason = healthy(findings, record)
    said = {"reason": reason} if reason else {}
    return {
        "schema": SCHEMA,
        "program": program.get("name"),
        "healthy": well,
        **said,
        "findings": findings,
        "examined": examined(record),
        "not_examined": record.watched.get("not_examined", []),
        "seconds": {
            "program": round(program.get("seconds", 0.0), 2),
            "doctor": round(program.get("doctor_seconds", 0.0), 2),
        },
    }


def healthy(findings: list[dict[str, Any]], record: Record) -> tuple[bool | None, str]:
    """No error among the findings; False, with a reason, if it raised for no known cause; None if nothing trained."""
    error = (record.program or {}).get("error")
    if any(f["severity"] == ERROR for f in findings):
        return False, ""
    if error and error["type"] != "KeyboardInterrupt":
        return False, f"the program raised {error['type']}, and no cause was found"
    return (None, "no training was seen") if _untrained(record) else (True, "")


REST = "the rest of the training"
"""Of a training that was watched in its first steps alone, how it went is not known, and nothing is noted of it."""


def _untrained(record: Record) -> bool:
    return _is_beyond(record, "the training")


def _is_beyond(record: Record, what: str) -> bool:
    return any(row["what"] == what for row in record.watched.get("not_examined", []))


def examined(record: Record) -> list[str]:
    """The questions that were answered."""
    return [name for name in record.experiments if not record.experiments[name].get("why_not")]
