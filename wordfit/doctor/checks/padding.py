"""Padding and masks: does an answer follow what stands at padding, and through which call?"""

from __future__ import annotations

from typing import Any

from wordfit.doctor.finding import WARNING, Finding, Findings, View, number, seen

MEANS = {
    "mean",
    "div",
    "avg_pool1d",
    "adaptive_avg_pool1d",
    "embedding_bag",
    "__truediv__",
    "true_divide",
    "adaptive_avg_pool2d",
}


MAXES = {
    "max",
    "amax",
    "max_pool1d",
    "adaptive_max_pool1d",
    "_max_pool1d",
    "max_pool1d_with_indices",
    "boolean_dispatch",
}


RECURRENT = {"lstm", "gru", "rnn_tanh", "rnn_relu", "lstm_cell", "gru_cell", "rnn_tanh_cell"}


ATTENTION = {
    "softmax",
    "scaled_dot_product_attention",
    "multi_head_attention_forward",
    "matmul",
    "bmm",
    "_softmax",
    "einsum",
    "__matmul__",
}


MARK = 0.02  # a change below two hundredths of the spread between rows is of no account


def _mechanism(view: View) -> str | None:
    """How padding comes in, by the first call whose values at words, or of a whole row, it changes."""
    facts = view.of("padding")
    first = facts.get("first") or {}
    op, through = first.get("op"), facts.get("through", [])
    if op is None:
        return None
    if op in (
        "softmax",
        "scaled_dot_product_attention",
        "multi_head_attention_forward",
        "_transformer_encoder_layer_fwd",
    ):
        return "attention"
    if op in RECURRENT:
        return "recurrent"
    if op in (
        "__getitem__",
        "select",
        "narrow",
        "gather",
        "index_select",
        "squeeze",
        "transpose",
        "cat",
        "unbind",
        "split",
        "chunk",
        "view",
        "reshape",
        "permute",
        "stack",
        "swapaxes",
        "contiguous",
    ):
        return "recurrent" if any(o["op"] in RECURRENT for o in view.ops) else "position"
    if op in MEANS:
        return "bag" if op == "embedding_bag" and first.get("mode") == "sum" else "mean"
    if op == "sum":
        after = through[through.index("sum") + 1 :] if "sum" in through else []
        return "mean" if after[:1] and after[0] in ("div", "__truediv__", "true_divide") else "sum"
    if op in MAXES:
        return "max"
    if op in ("conv1d", "conv2d", "unfold"):
        return "conv"
    if op in ("layer_norm", "batch_norm", "group_norm"):
        return "norm"
    if op in ("matmul", "bmm", "einsum", "__matmul__"):
        return "attention" if any(o["op"] == "softmax" for o in view.ops) else "mean"
    return "other"


def padding(view: View) -> Findings:
    """Padding changes answers: in a mean, in the last state, in attention, or because its row is not zero."""
    facts = view.of("padding")
    found = number(facts.get("appended")) if facts.get("appended") is not None else None
    share = facts.get("share", 0)
    if found is None:
        yield from _by_noise(view)
        return
    if found < MARK or share < 0.02 or any(c["loss"] == "ctc_loss" for c in view.of("losses").get("calls", [])):
        return
    first, how = facts.get("first") or {}, _mechanism(view)
    zeroed = facts.get("appended_with_zero_row")
    row = facts.get("padding_row") or {}
    nonzero = number(row.get("norm") or 0) > 1e-6
    evidence = [
        seen(
            "padding",
            {"max_change": 0.0},
            max_change=found,
            padding_added=facts.get("more"),
            first_call=first.get("op"),
            line=first.get("line"),
            share_of_padding=share,
        )
    ]
    pad_idx_site = view.place(row)
    if nonzero and zeroed is not None and zeroed < 0.1 * found and how not in ("attention", "recurrent"):
        yield Finding(
            "padding_row_nonzero",
            0.93,
            [*evidence, seen("padding", {"norm": 0.0}, norm=row.get("norm"), change_with_row_set_to_zero=zeroed)],
            "padding_idx keeps a row at zero only if nothing is copied over it: set table[pad] "
            "= 0 after loading, and pass padding_idx",
            pad_idx_site,
            ruled_out=["padding_in_mean_pool: with the row set to zero, padding changes nothing"],
        )
        return
    if how == "mean":
        yield Finding(
            "padding_in_mean_pool",
            0.95,
            evidence,
            "divide the sum over real words by their number: (x * mask.unsqueeze(-1)).sum(1) / "
            "mask.sum(1, keepdim=True).clamp(min=1)",
            view.place(first),
            ruled_out=["padding_row_nonzero: the change stays with the row set to zero"] if zeroed else [],
        )
    elif how == "recurrent":
        yield Finding(
            "last_state_is_padding",
            0.95,
            evidence,
            "pack the batch (pack_padded_sequence(..., lengths, batch_first=True, "
            "enforce_sorted=False)), or take the state at lengths - 1",
            view.place(first),
        )
    elif how == "attention":
        yield from _attention(view, evidence, first)
    elif how in ("sum", "max", "bag") and nonzero and (zeroed is None or zeroed < 0.3 * found):
        yield Finding(
            "padding_row_nonzero",
            0.9,
            evidence,
            "set the padding row to zero after loading, and mask padding before pooling",
            pad_idx_site,
        )
    elif how == "position":
        yield Finding(
            "last_state_is_padding",
            0.7,
            evidence,
            "take the state at the last real word (lengths - 1), not at the end of the row",
            view.place(first),
        )
    elif how == "norm":
        yield Finding(
            "padding_in_mean_pool",
            0.5,
            evidence,
            "keep padding out of statistics over time",
            view.place(first),
            severity=WARNING,
        )


def _attention(view: View, evidence: list[dict[str, Any]], first: dict[str, Any]) -> Findings:
    facts = view.of("padding")
    pad, real = number(facts.get("pad_effect") or 0), number(facts.get("real_effect") or 0)
    if pad > MARK and real < 0.05 * pad:
        yield _inverted(view, first, pad, real)
        return
    yield Finding(
        "padding_not_masked_attention",
        0.95,
        evidence,
        "pass src_key_padding_mask / key_padding_mask (True at padding), or fill scores at "
        "padding with -inf before the softmax",
        view.place(first),
    )


def _inverted(view: View, first: dict[str, Any], pad: float, real: float) -> Finding:
    return Finding(
        "attention_mask_inverted",
        0.97,
        [
            seen(
                "padding",
                {"effect_of_words": "> 0", "effect_of_padding": 0.0},
                effect_of_padding=pad,
                effect_of_words=real,
            )
        ],
        "the mask spares what it should hide: turn it around (key_padding_mask=(ids == pad))",
        view.place(first),
    )


def inverted_mask(view: View) -> Findings:
    """The answer follows what stands at padding and not the words."""
    facts = view.of("padding")
    pad, real = facts.get("pad_effect"), facts.get("real_effect")
    if pad is None or facts.get("share", 0) < 0.02 or number(pad) < MARK or number(real) > 0.2 * number(pad):
        return
    if view.curve.get("not_finite"):
        return
    if not any(o["op"] in ATTENTION or o["op"].startswith("masked_fill") for o in view.ops):
        return
    first = facts.get("first") or next(
        (
            o
            for o in view.ops
            if o["op"] in ("softmax", "scaled_dot_product_attention", "multi_head_attention_forward", "masked_fill")
        ),
        {},
    )
    yield _inverted(view, first, number(pad), number(real))


def _by_noise(view: View) -> Findings:
    """Where rows could not be lengthened: noise at padding changes answers through a mean or attention."""
    facts = view.of("padding")
    pad = facts.get("pad_effect")
    row = facts.get("padding_row") or {}
    if (
        pad is None
        or number(pad) < MARK
        or facts.get("share", 0) < 0.02
        or number(facts.get("real_effect")) < 0.2 * number(pad)
    ):
        return
    names = [o["op"] for o in view.ops]
    evidence = [
        seen("padding", {"effect_of_padding": 0.0}, effect_of_padding=pad, effect_of_words=facts.get("real_effect"))
    ]
    if "multi_head_attention_forward" in names or "scaled_dot_product_attention" in names:
        op = next(o for o in view.ops if o["op"] in ("multi_head_attention_forward", "scaled_dot_product_attention"))
        yield Finding(
            "padding_not_masked_attention",
            0.6,
            evidence,
            "pass key_padding_mask (True at padding)",
            view.place(op),
            severity=WARNING,
        )
    elif any(n in RECURRENT for n in names) and "_pack_padded_sequence" not in names:
        op = next(o for o in view.ops if o["op"] in RECURRENT)
        yield Finding(
            "last_state_is_padding",
            0.6,
            evidence,
            "pack the batch, or take the state at lengths - 1",
            view.place(op),
            severity=WARNING,
        )
    elif (pooled := _pooled_over_time(view)) is not None:
        yield Finding(
            "padding_in_mean_pool", 0.75, evidence, "divide the sum over real words by their number", view.place(pooled)
        )
    elif number(row.get("norm") or 0) > 1e-6:
        yield Finding(
            "padding_row_nonzero", 0.6, evidence, "set the padding row to zero", view.place(row), severity=WARNING
        )


def _pooled_over_time(view: View) -> dict[str, Any] | None:
    length = (view.layout.get("ids") or [[0, 0]])[0][-1]
    for op in view.ops:
        if (
            op["op"] == "mean"
            and op["inputs"]
            and length in op["inputs"][0]
            and len(op["shape"]) < len(op["inputs"][0])
        ):
            return op
    return None


CHECKS = [
    inverted_mask,
    padding,
]
