"""The user's lines that findings point at: their text, kept in the record, and where a finding says no place itself.

`lines_of` reads sources while they are there; `complete` works from the record alone.
"""

from __future__ import annotations

import linecache
from collections.abc import Iterator
from typing import Any

from wordfit.doctor.finding import View
from wordfit.doctor.sites import is_users

AROUND = 2  # lines kept before and after
MOST = 600  # lines of text in a record

KINDS = {  # what a cause is about, where its check names no line
    "loss": """
        loss_shape_broadcast loss_clipped regression_loss_for_classes double_softmax double_sigmoid ctc_raw_logits
        nll_loss_on_probabilities kl_div_not_log_prob bce_target_out_of_range cross_entropy_on_dense_vectors
        flipped_loss_sign ignore_index_drops_class all_targets_ignored loss_counts_padding class_imbalance
        unstable_softmax zero_norm_gradient softmax_over_single_unit decoder_target_not_shifted
    """,
    "optimizer": """
        lr_too_high lr_too_low zero_grad_missing weight_decay_unseen_rows adam_momentum_stale_rows
        sparse_grad_unsupported_optimizer params_missing_from_optimizer optimizer_holds_stale_params exploding_gradient
    """,
    "training": """
        too_few_steps no_signal labels_misaligned unshuffled_training_data truncation_removes_signal
        quoting_merges_lines empty_sequence_mean no_end_of_sequence
    """,
    "evaluation": "train_dev_leak eval_mode_missing teacher_forcing_at_eval train_test_vocab_mismatch",
}
KIND = {cause: kind for kind, causes in KINDS.items() for cause in causes.split()}


def lines_of(*sections: Any) -> dict[str, dict[str, str]]:
    """Text of every line of the user's code that a record speaks of, with its neighbours: file, line, text."""
    found: dict[str, dict[str, str]] = {}
    for file, line in dict.fromkeys(pair for section in sections for pair in _pairs(section)):
        if sum(map(len, found.values())) >= MOST:
            break
        if line > 0 and is_users(file):
            texts = {n: linecache.getline(file, n) for n in range(max(1, line - AROUND), line + AROUND + 1)}
            found.setdefault(file, {}).update({str(n): t.rstrip()[:200] for n, t in texts.items() if t})
    return {file: lines for file, lines in found.items() if lines}


def _pairs(value: Any) -> Iterator[tuple[str, int]]:
    """Every file with a line, as named fields or side by side in a list."""
    if isinstance(value, dict):
        file, line = value.get("file"), value.get("line")
        if isinstance(file, str) and isinstance(line, int):
            yield file, line
        for item in value.values():
            yield from _pairs(item)
    elif isinstance(value, (list, tuple)):
        if len(value) in (2, 3) and isinstance(value[0], str) and isinstance(value[1], int) and "." in value[0]:
            yield value[0], value[1]
        for item in value:
            if isinstance(item, (dict, list, tuple)):
                yield from _pairs(item)


def complete(where: dict[str, Any], cause: str, view: View) -> dict[str, Any]:
    """The place of a finding: what its check says, then what the cause is about; with the text of its line."""
    where = {key: where.get(key) for key in ("module", "file", "line")}
    if not where["file"] or not where["line"]:
        other = _place(cause, view)
        where |= {
            "file": other.get("file"),
            "line": other.get("line"),
            "module": where["module"] or other.get("module"),
        }
    where["module"] = where["module"] or _module(cause, where, view)
    where["code"] = code_at(where, view)
    return where


def code_at(where: dict[str, Any], view: View) -> str | None:
    """The text of a line, without its indent."""
    text = (view.watched.get("code") or {}).get(where["file"], {}).get(str(where["line"]))
    return text.strip() if text else None


def remark_at(file: str, line: int, view: View) -> str:
    """What the author remarks on a line: behind it, or in a line of its own above it."""
    lines = (view.watched.get("code") or {}).get(file, {})
    here, above = lines.get(str(line), ""), lines.get(str(line - 1), "").strip()
    return " ".join([here.partition("#")[2], above.lstrip("# ") if above.startswith("#") else ""]).strip()


def _place(cause: str, view: View) -> dict[str, Any]:
    """Where the loss, the optimizer or the calls of the model are; where the program raised."""
    calls = view.watched.get("calls") or {}
    known = {
        "loss": view.loss_place,
        "optimizer": view.optimizer_place,
        "training": calls.get("training") or {},
        "evaluation": calls.get("evaluation") or calls.get("training") or {},
    }
    order = [KIND.get(cause, "training"), "training", "loss", "optimizer"]
    if view.error:
        raised = [p for p in view.error.get("places", []) if p.get("users")]
        if raised and not any(known[kind].get("line") for kind in order):
            return {"file": raised[-1]["file"], "line": raised[-1]["line"]}
    return next((known[kind] for kind in order if known[kind].get("line")), {})


def _module(cause: str, where: dict[str, Any], view: View) -> str | None:
    """What stands at the line, where it is no module of a model: the loss by its name, the optimizer, the model."""
    kind = KIND.get(cause)
    if kind == "loss":
        calls = view.of("losses").get("calls") or [{}]
        return calls[0].get("module") or calls[0].get("op") or next(iter(view.layout.get("roots") or []), None)
    if kind == "optimizer":
        return view.optimizer_place.get("module")
    roots = view.layout.get("roots") or []
    return roots[0] if kind and roots else None
