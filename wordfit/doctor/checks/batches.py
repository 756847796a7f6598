"""Batches, masks and pooling: does a row's answer depend on its own words, all of them, and on nothing else?"""

from __future__ import annotations

from typing import Any

from wordfit.doctor.finding import ERROR, WARNING, Finding, Findings, View, number, seen

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
        return (
            "mean" if after[:1] and after[0] in ("div", "__truediv__", "true_divide") and _counts_all(view) else "sum"
        )
    if op in MAXES:
        return "max"
    if op in ("conv1d", "conv2d", "unfold"):
        return "conv"
    if op in ("layer_norm", "batch_norm", "group_norm"):
        return "norm"
    if op in ("matmul", "bmm", "einsum", "__matmul__"):
        return "attention" if any(o["op"] == "softmax" for o in view.ops) else "mean"
    return "other"


def _counts_all(view: View) -> bool:
    return True


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


def company(view: View) -> Findings:
    """The other rows of the batch change a row's answer: a layer or a pool works across the batch."""
    facts = view.of("company")
    found = number(facts.get("max_change") or 0)
    found = 0.0 if found != found else found
    if facts.get("answer_has_rows") is False:
        first = _lost_rows(view)
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
            evidence,
            "make the layer with batch_first=True for (rows, time, width), or transpose its input and output",
            view.place(first),
            ruled_out=["pooling_over_batch: the mixing happens inside the layer"],
        )
        return
    if op in ("softmax", "log_softmax", "argmax", "gumbel_softmax") and _is_output(view, first):
        yield Finding("softmax_over_wrong_axis", 0.95, evidence, "softmax over the classes (dim=-1)", view.place(first))
        return
    remedy = "pool, normalise and weigh over the time axis (dim=1 of (rows, time, width)); rows must not mix"
    yield Finding("pooling_over_batch", 0.93, evidence, remedy, view.place(first))


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
    yield Finding(
        cause,
        0.93,
        [seen("company", {"max_change": 0.0}, max_change=found, first_call=first.get("op"), line=first.get("line"))],
        "softmax over the classes (dim=-1)" if cause.startswith("softmax") else "rows must not mix",
        view.place(first),
    )


def _lost_rows(view: View) -> dict[str, Any] | None:
    rows = view.layout.get("rows")
    for op in view.ops:
        if (
            op["op"] in ("mean", "sum", "max", "amax")
            and op["inputs"]
            and rows in op["inputs"][0]
            and rows not in op["shape"]
            and not op["after_model"]
            and op["learned"]
        ):
            return op
    return None


def broken_numbers(view: View) -> Findings:
    """A value or a gradient that is no number: in which call, for which rows, and why there?"""
    facts, curve = view.of("gradients"), view.curve
    broken = facts.get("broken") or facts.get("broken_at_start") or {}
    bad = curve.get("not_finite", 0)
    data = view.of("data").get("train", {})
    if not broken and not bad:
        return
    first = facts.get("broken_at_start") or broken
    suspects = view.of("numbers").get("batches", [])
    ignored = [b for b in suspects if (b.get("ignored") or {}).get("share") == 1.0]
    if ignored:
        yield _ignored(
            view, [seen("numbers", {"ignored": "below 1"}, step=ignored[0]["step"], **ignored[0]["ignored"])]
        )
        return
    counted = view.of("numbers").get("divides_by_count")
    sound = suspects and all(
        b.get("forward") is None and b.get("backward") is None and not b.get("why_not") for b in suspects
    )
    if counted and sound and not isinstance(counted["loss_with_nothing_counted"], (int, float)):
        yield Finding(
            "all_targets_ignored",
            0.9,
            [seen("numbers", {"finite": True}, first_bad=curve.get("first_bad"), **counted)],
            "leave batches without any target out, or divide by the number of targets clamped to one",
            view.place(counted),
        )
        return
    told = next(
        (b.get("forward") or b.get("backward") for b in suspects if b.get("forward") or b.get("backward")), None
    )
    first = told or first
    empty = [b for b in suspects if b.get("empty_rows")]
    op, ins = first.get("op"), first.get("inputs", [])
    evidence = [
        seen(
            "gradients",
            {"finite": True},
            call=op,
            direction=first.get("direction"),
            line=first.get("line"),
            rows=first.get("rows"),
            inputs=ins[:2],
        ),
        seen("curve", {"not_finite": 0}, not_finite=bad, first_bad=curve.get("first_bad")),
    ]
    place = view.place(first)
    zero_over_zero = op in ("div", "__truediv__", "true_divide", "mean", "nanmean") and (
        any((i.get("zeros") or 0) > 0 for i in ins[1:]) or op == "mean"
    )
    if op in ("cross_entropy", "nll_loss") and _all_ignored(view):
        yield _ignored(view, evidence)
    elif first.get("direction") == "forward" and zero_over_zero:
        yield Finding(
            "empty_sequence_mean",
            0.95,
            evidence,
            "divide by at least one: mask.sum(1, keepdim=True).clamp(min=1)",
            place,
        )
    elif (
        op in ("softmax", "scaled_dot_product_attention", "multi_head_attention_forward", "log_softmax", "_softmax")
        and (any(i.get("all_masked_rows") for i in ins) or op != "softmax")
        and first.get("direction") == "forward"
    ):
        yield Finding(
            "fully_masked_attention",
            0.95,
            evidence,
            "leave at least one position open in every row (or zero the weights of such rows after the softmax)",
            place,
        )
    elif (
        op in ("exp", "log", "div", "__truediv__", "log1p", "log10", "log2", "pow")
        and first.get("direction") == "forward"
    ):
        yield Finding(
            "unstable_softmax",
            0.93,
            evidence,
            "use F.log_softmax / F.cross_entropy on the scores: they subtract the largest first",
            place,
        )
    elif first.get("direction") == "backward" and op in (
        "norm",
        "sqrt",
        "cdist",
        "pairwise_distance",
        "cosine_similarity",
        "normalize",
        "vector_norm",
        "linalg_norm",
        "linalg_vector_norm",
        "pow",
        "rsqrt",
        "std",
        "acos",
        "__pow__",
        "dist",
        "arccos",
        "linalgvectornorm",
        "cosinesimilarity",
        "distance",
        "euclideandist",
        "dist",
    ):
        yield Finding(
            "zero_norm_gradient",
            0.95,
            evidence,
            "add a small number under the root: (x.pow(2).sum(-1) + 1e-8).sqrt()",
            place,
        )
    elif first.get("direction") == "backward" and op in ("log", "exp", "div", "__truediv__"):
        yield Finding("unstable_softmax", 0.85, evidence, "use F.log_softmax / F.cross_entropy on the scores", place)
    elif op == "loss" or (first.get("direction") == "backward" and op in ("exp", "log")):
        yield Finding(
            "unstable_softmax", 0.8, evidence, "use F.log_softmax / F.cross_entropy on the scores", view.loss_place
        )
    elif data.get("empty") and (empty or not suspects):
        yield Finding(
            "empty_sequence_mean",
            0.55,
            [*evidence, seen("data", {"empty": 0}, empty=data["empty"])],
            "divide by at least one; leave empty texts out",
            place,
        )


def _all_ignored(view: View) -> bool:
    calls = view.of("losses").get("calls", [])
    return any(b["cause"] == "all_targets_ignored" for c in calls for b in c.get("breaches", []))


def _ignored(view: View, evidence: list[dict[str, Any]]) -> Finding:
    return Finding(
        "all_targets_ignored",
        0.95,
        evidence,
        "leave batches without any target out, or sum the loss and divide by the number of targets clamped to one",
        view.loss_place,
    )


def unshuffled_training_data(view: View) -> Findings:
    """Batches are purer than shuffled rows would make them."""
    order = view.of("data").get("order") or {}
    if "purity" in order:
        gap = order["purity"] - order["expected"]
        if order["purity"] > 0.85 and gap > 0.2 and gap > 6 * max(order["spread"], 1e-3) and order["expected"] < 0.85:
            yield Finding(
                "unshuffled_training_data",
                0.92,
                [
                    seen(
                        "data",
                        {"purity": order["expected"]},
                        purity=order["purity"],
                        same_label_as_row_before=order["same_next"],
                    )
                ],
                "shuffle the training rows every epoch (DataLoader(..., shuffle=True))",
                _loader_place(view),
            )
    elif order.get("autocorrelation", 0) > 0.8 and order.get("between", 0) > 4 * order.get("expected_between", 1):
        yield Finding(
            "unshuffled_training_data",
            0.85,
            [seen("data", {"autocorrelation": 0.0}, autocorrelation=order["autocorrelation"])],
            "shuffle the training rows every epoch",
            _loader_place(view),
        )


def _loader_place(view: View) -> dict[str, Any]:
    return view.place(next((o for o in view.ops if o.get("line")), None))


def train_dev_leak(view: View) -> Findings:
    """Rows of the evaluation were trained on, far more than rows repeat by chance."""
    shared = view.of("data").get("shared") or {}
    if not shared or shared.get("evaluates_training_set"):
        return
    repeats = max(shared["repeats_in_train"], shared["repeats_in_dev"])
    if (
        shared["rows"] >= 5
        and shared["share"] > 0.15
        and shared["share"] > 2.5 * repeats + 0.1
        and shared["same_target"] > 0.7
    ):
        yield Finding(
            "train_dev_leak",
            0.93,
            [
                seen(
                    "data",
                    {"share": repeats},
                    share=shared["share"],
                    rows=shared["rows"],
                    repeats_in_train=shared["repeats_in_train"],
                )
            ],
            "split before any copying or augmenting, and drop rows of the evaluation from training",
            {},
            severity=ERROR,
        )


def truncation_removes_signal(view: View) -> Findings:
    """With the words that were cut off, a plain learner finds what it cannot find in what was fed."""
    facts = view.of("truncation")
    if facts and facts.get("gain", 0) > 0.1 and facts.get("cut_share", 0) > 0.3:
        yield Finding(
            "truncation_removes_signal",
            0.93,
            [seen("truncation", None, **{k: v for k, v in facts.items() if k != "seconds"})],
            f"keep more of the text (rows are cut at {facts.get('length')} of up to "
            f"{facts.get('longest')} words), or the end instead of the start",
            {},
        )


def _apart(facts: dict[str, Any], dev_rows: int) -> bool:
    """Whether the signals in training and evaluation differ by more than so few rows would make them."""
    training = facts["crossed"] - facts["crossed_majority"]
    evaluation = facts.get("dev_crossed", 0) - facts.get("dev_majority", 1)
    return evaluation - training > 3 * (0.25 / max(facts["rows"], 1) + 0.25 / max(dev_rows, 1)) ** 0.5


def labels_misaligned(view: View) -> Findings:
    """Labels belong to the texts of other rows: another pairing of the same rows has the signal."""
    facts, pairing = view.of("reference"), view.of("pairing")
    whole = not pairing or (
        pairing.get("kinds_fed", 0) >= 0.1 * pairing.get("kinds_held", 1e9)
        and (view.of("vectors").get("unknown") or {}).get("share", 0) < 0.12
        and pairing.get("words_a_row_fed", 0) >= 0.8 * pairing.get("words_a_row_held", 1e9)
    )
    few = (facts or {}).get("rows", 0) < 150
    if (
        pairing
        and whole
        and not few
        and pairing.get("gain", 0) > 0.1
        and pairing.get("best", 0) > pairing.get("majority", 1) + 0.1
    ):
        yield Finding(
            "labels_misaligned",
            0.95,
            [seen("pairing", None, **{k: v for k, v in pairing.items() if k != "seconds"})],
            "shuffle, sort and filter texts and labels together (rows = list(zip(texts, labels)))",
            {},
        )
        return
    if not facts or "crossed" not in facts or few:
        return
    chance = facts["crossed_majority"]
    noise = 2.5 * (chance * (1 - chance) / max(facts["rows"], 1)) ** 0.5
    shifted = max(facts.get("shifted", {"0": 0.0}).values())
    if facts["crossed"] < chance + noise and shifted > chance + max(0.12, 2 * noise):
        yield Finding(
            "labels_misaligned",
            0.95,
            [
                seen(
                    "reference",
                    {"crossed": "above majority"},
                    crossed=facts["crossed"],
                    majority=chance,
                    with_labels_moved=facts["shifted"],
                )
            ],
            "labels are moved by a row or two against the texts: read, filter and shuffle them together",
            {},
        )
    elif (
        facts["crossed"] < chance + noise
        and facts.get("dev_crossed", 0) > facts.get("dev_majority", 1) + 0.12
        and _apart(facts, view.of("data").get("dev", {}).get("rows", 0))
    ):
        yield Finding(
            "labels_misaligned",
            0.85,
            [
                seen(
                    "reference",
                    {"crossed": "above majority"},
                    crossed_in_train=facts["crossed"],
                    majority=chance,
                    crossed_in_dev=facts["dev_crossed"],
                    dev_majority=facts["dev_majority"],
                )
            ],
            "the evaluation's rows have a signal that the training rows lack: shuffle and "
            "filter texts and labels together",
            {},
        )


CHECKS = [
    inverted_mask,
    padding,
    company,
    broken_numbers,
    unshuffled_training_data,
    train_dev_leak,
    truncation_removes_signal,
    labels_misaligned,
]
