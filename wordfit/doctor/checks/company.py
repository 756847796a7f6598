"""The company of a row: do the other rows of its batch change an answer, and in which call?"""

from __future__ import annotations

from typing import Any

from wordfit.doctor.checks.padding import DIVIDES, MARK, RECURRENT
from wordfit.doctor.finding import ERROR, WARNING, Finding, Findings, View, number, seen

POOLS = {"mean", "sum", "max", "amax", "min", "amin", "softmax", "logsumexp", "std", "var", "normalize"}
ORDER = 1e-3  # a change of answers by another order of words, above what sums in another order make


def company(view: View) -> Findings:
    """The other rows of the batch change a row's answer: a layer or a pool works across the batch."""
    facts = view.of("company")
    found = number(facts.get("max_change") or 0)
    found = 0.0 if found != found else found
    if facts.get("answer_has_rows") is False:
        first = lost_rows(view)
        if first is not None:
            yield Finding(
                "pooling_over_batch",
                0.75,
                [seen("company", {"rows_in_answer": facts.get("rows")}, answer=facts.get("answer_shape"))],
                "pool over the time axis (dim=1 of (rows, time, width))",
                view.place(first),
            )
        return
    if found < MARK:
        yield from _softmax_across(view, facts)
        return
    reached = facts.get("rows_reached")
    if reached == 1:  # rows changed their places and nothing else
        return
    first = facts.get("first") or {}
    evidence = [
        seen(
            "company",
            {"max_change": 0.0},
            max_change=found,
            first_call=first.get("op"),
            input=first.get("input"),
            line=first.get("line"),
        )
    ]
    op = first.get("op")
    if (
        op in RECURRENT
        or op in ("multi_head_attention_forward", "scaled_dot_product_attention", "_transformer_encoder_layer_fwd")
        or _in_library_layer(first)
    ):
        yield Finding(
            "batch_first_mismatch",
            0.96,
            evidence + _blind_to_order(view),
            "make the layer with batch_first=True for (rows, time, width), or transpose its input and output",
            view.place(first),
            ruled_out=["pooling_over_batch: the mixing happens inside the layer"],
        )
        return
    by_hand = op in ("sum", *DIVIDES) and _normalises(view, first)
    if (op in ("softmax", "log_softmax", "argmax", "gumbel_softmax") or by_hand) and _is_output(view, first):
        yield Finding("softmax_over_wrong_axis", 0.95, evidence, "softmax over the classes (dim=-1)", view.place(first))
        return
    if reached is not None and reached <= facts["rows"] / 2 and op not in POOLS:  # words of one text: the rest is apart
        return
    if facts.get("done_to_target"):
        return
    if number(facts.get("with_one_input")) < MARK:  # rows of the other one are a set that all are compared with
        return
    remedy = "pool, normalise and weigh over the time axis (dim=1 of (rows, time, width)); rows must not mix"
    yield Finding("pooling_over_batch", 0.93, evidence, remedy, view.place(first), ruled_out=_read_along(view))


def _moved_alike(view: View) -> list[dict[str, Any]]:
    """Inputs whose words were put in another order, the same in all rows."""
    return [row for row in view.of("word_order").get("inputs", []) if row.get("change_alike") is not None]


def _blind_to_order(view: View) -> list[dict[str, Any]]:
    """Evidence that the layer does not run along the words: their order, changed alike in all rows, changes nothing."""
    rows = _moved_alike(view)
    if not rows or any(row["change_alike"] > ORDER for row in rows):
        return []
    found = {k: max(row[k] for row in rows) for k in ("change_alike", "by_other_words")}
    return [seen("word_order", {"change_alike": "> 0"}, **found)]


def _read_along(view: View) -> list[str]:
    """Why no recurrent layer takes rows for time: it follows the order of the words."""
    recurrent = any(op["op"] in RECURRENT for op in view.ops)
    if not recurrent or not any(row["change_alike"] > ORDER for row in _moved_alike(view)):
        return []
    return [
        "batch_first_mismatch: words moved alike in all rows change answers, so the recurrent layer runs along them"
    ]


def _normalises(view: View, first: dict[str, Any]) -> bool:
    """Whether a sum, or a division by it, is that of exponentials: a softmax written out."""
    at = next(
        (n for n, o in enumerate(view.ops) if o["op"] == first["op"] and o.get("line") == first.get("line")), None
    )
    if at is None:
        return False
    made = {n: o["op"] for o in view.ops for n in o.get("outs", [])}
    return any(made.get(n) == "exp" for n in view.ops[at].get("ins", []))


def _in_library_layer(first: dict[str, Any]) -> bool:
    name = (first.get("module") or "").rsplit(".", 1)[-1]
    return name in ("self_attn", "multihead_attn")


def _is_output(view: View, first: dict[str, Any]) -> bool:
    """A softmax over the answer itself: nothing is learned after it."""
    after = False
    for op in view.ops:
        if after and op["op"] in ("linear", "matmul", "bmm", "lstm", "gru", "conv1d", "mul", "einsum"):
            return False
        if op["op"] == first.get("op") and op.get("line") == first.get("line"):
            after = True
    return after


def _softmax_across(view: View, facts: dict[str, Any]) -> Findings:
    """Rows are mixed between the model and the loss."""
    found = number(facts.get("max_change_at_loss") or 0)
    first = facts.get("first") or {}
    if found < MARK or not first:
        return
    cause = "softmax_over_wrong_axis" if "softmax" in (first.get("op") or "") else "pooling_over_batch"
    listed = len(first.get("input") or [0, 0]) == 1  # one score a row: a list is ranked
    yield Finding(
        cause,
        0.93,
        [seen("company", {"max_change": 0.0}, max_change=found, first_call=first.get("op"), line=first.get("line"))],
        "softmax over the classes (dim=-1)" if cause.startswith("softmax") else "rows must not mix",
        view.place(first),
        severity=ERROR if cause.startswith("softmax") and not listed else WARNING,
    )


def lost_rows(view: View) -> dict[str, Any] | None:
    """The call that pools over the rows that were looked up; none where the step picks its rows from them later."""
    rows, answers = view.layout.get("rows"), (view.of("company").get("answer_shape") or [None])[:1]
    picks = [op for op in view.ops if op["op"] in ("__getitem__", "index_select") and op["shape"][:1] == answers]
    if any(op["inputs"] and op["inputs"][0][:1] == [rows] and answers in op["inputs"][1:] for op in picks):
        return None
    for op in view.ops:
        if (
            op["op"] in ("mean", "sum", "max", "amax")
            and op["inputs"]
            and rows in op["inputs"][0]
            and rows not in op["shape"]
            and not op["after_model"]
            and op["learned"]
            and op.get("trained", True)  # what no weight that is trained leads to was made before training
        ):
            return op
    return None


CHECKS = [
    company,
]
