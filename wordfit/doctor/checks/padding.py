"""Padding and masks: does an answer follow what stands at padding, and through which call?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from wordfit.doctor.finding import ERROR, WARNING, Finding, Findings, View, number, seen

MARK = 0.02  # a change below two hundredths of the spread between rows is of no account
SLIGHT = 0.05  # and one below five does little harm

DIVIDES = {"div", "__truediv__", "true_divide"}
RECURRENT = {"lstm", "gru", "rnn_tanh", "rnn_relu", "lstm_cell", "gru_cell", "rnn_tanh_cell"}
FUSED = {"scaled_dot_product_attention", "multi_head_attention_forward", "_transformer_encoder_layer_fwd"}
PRODUCTS = {"matmul", "bmm", "einsum", "__matmul__"}
LAYOUT = {
    "__getitem__", "select", "narrow", "gather", "index_select", "squeeze", "transpose", "cat", "unbind", "split",
    "chunk", "view", "reshape", "permute", "stack", "swapaxes", "contiguous",
}  # fmt: skip
MECHANISMS = {  # how padding comes in, by the first call that it changes
    "attention": {"softmax", "_softmax"} | FUSED,
    "recurrent": RECURRENT,
    "position": LAYOUT,
    "mean": {
        "mean", "avg_pool1d", "avg_pool2d", "adaptive_avg_pool1d", "adaptive_avg_pool2d", "embedding_bag",
    } | DIVIDES,
    "max": {
        "max", "amax", "max_pool1d", "adaptive_max_pool1d", "_max_pool1d", "max_pool1d_with_indices",
        "max_pool2d", "adaptive_max_pool2d", "_max_pool2d", "max_pool2d_with_indices", "boolean_dispatch",
    },
    "conv": {"conv1d", "conv2d", "unfold"},
    "norm": {"layer_norm", "batch_norm", "group_norm"},
    "product": PRODUCTS,
    "sum": {"sum"},
}  # fmt: skip

TIED = (
    "the table is used a second time (as the output layer), whose steps move the padding row although padding_idx "
    "holds it still where it is looked up: multiply what is looked up by the mask, or zero the row after each step"
)
REMEDIES = {
    "padding_in_mean_pool": "divide the sum over real words by their number: (x * mask.unsqueeze(-1)).sum(1) / "
    "mask.sum(1, keepdim=True).clamp(min=1)",
    "last_state_is_padding": "pack the batch (pack_padded_sequence(..., lengths, batch_first=True, "
    "enforce_sorted=False)), or take the state at lengths - 1",
    "padding_not_masked_attention": "pass src_key_padding_mask / key_padding_mask (True at padding), or fill scores at "
    "padding with -inf before the softmax",
    "padding_row_nonzero": "padding_idx keeps a row at zero only if nothing is copied over it: set table[pad] = 0 "
    "after loading, and pass padding_idx",
    "attention_mask_inverted": "the mask spares what it should hide: turn it around (key_padding_mask=(ids == pad))",
}


def _mechanism(view: View) -> str | None:
    """How padding comes in, by the first call whose values at words, or of a whole row, it changes."""
    facts = view.of("padding")
    first = facts.get("first") or {}
    op, through = first.get("op"), facts.get("through", [])
    kind = next((kind for kind, calls in MECHANISMS.items() if op in calls), "other") if op else None
    loops = any(o["op"].endswith("_cell") for o in view.ops) and len(view.layout.get("ids") or []) == 1  # over words
    if op is None and loops and not facts.get("played") and number(facts.get("pad_effect")) >= MARK:
        return "recurrent"  # a loop over time is longer where rows are, and its calls are not compared one by one
    if kind == "position":
        return "recurrent" if any(o["op"] in RECURRENT for o in view.ops) else "position"
    if op == "embedding_bag" and first.get("mode") == "sum":
        return "bag"
    if kind == "sum":
        after = through[through.index("sum") + 1 :] if "sum" in through else []
        return "mean" if after[:1] and after[0] in DIVIDES else "sum"
    if kind == "product":
        return "attention" if any(o["op"] == "softmax" for o in view.ops) else "mean"
    return kind


def padding(view: View) -> Findings:
    """Padding changes answers: in a mean, in the last state, in attention, or because its row is not zero."""
    facts = view.of("padding")
    found, share = number(facts.get("appended") or 0), facts.get("share", 0)
    if facts.get("appended") is None or (found < MARK and (facts.get("played") or _forgotten(view))):
        # widths may be fixed on the tape; or the state has settled at padding, and more of it changes nothing
        yield from _by_noise(view)
        return
    if found < MARK or share < 0.02 or any(c["loss"] == "ctc_loss" for c in view.of("losses").get("calls", [])):
        return
    first = facts.get("first") or {}
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
    for finding in _by_mechanism(view, found, evidence):
        slight = found < SLIGHT and not _drowned(facts)
        yield replace(finding, severity=WARNING) if slight else finding


def _drowned(facts: dict[str, Any]) -> bool:
    """Whether what stands at padding changes answers, and words next to nothing: a state has settled at padding."""
    return number(facts.get("pad_effect")) > 1 and number(facts.get("real_effect")) < 0.05


def _unseen(facts: dict[str, Any]) -> bool:
    """Whether nothing that stands at padding changes an answer, and words do: more of it cannot either."""
    return facts.get("pad_effect") == 0 and number(facts.get("real_effect")) > 0


def _by_mechanism(view: View, found: float, evidence: list[dict[str, Any]]) -> Findings:
    facts, how = view.of("padding"), _mechanism(view)
    first, row = facts.get("first") or {}, facts.get("padding_row") or {}
    zeroed, nonzero = facts.get("appended_with_zero_row"), number(row.get("norm") or 0) > 1e-6
    place = view.place(first)
    if nonzero and zeroed is not None and zeroed < 0.1 * found and how not in ("attention", "recurrent"):
        zero = {"norm": row.get("norm"), "change_with_row_set_to_zero": zeroed}
        evidence = [*evidence, seen("padding", {"norm": 0.0}, **zero, padding_id=facts.get("padding"))]
        ruled_out = ["padding_in_mean_pool: with the row set to zero, padding changes nothing"]
        # held at zero where it is looked up, and moved since: it stands in a product too, as where weights are tied
        tied = row.get("start") == 0 and row.get("padding_idx") == facts.get("padding")
        finding = _finding("padding_row_nonzero", 0.93, evidence, view.place(row), ruled_out=ruled_out)
        yield replace(finding, severity=WARNING, remedy=TIED) if tied else finding
    elif how == "mean":
        ruled_out = ["padding_row_nonzero: the change stays with the row set to zero"] if zeroed else []
        tried = view.of("what_if").get("averaged") or {}
        if tried:
            evidence = [*evidence, seen("what_if", None, **tried)]
        # all rows are as wide, and the task asks for a total: it is learned worse where it is divided by the words
        meant = number(tried.get("learned")) < number(tried.get("learned_with_it"))
        severity = WARNING if meant else ERROR
        yield _finding("padding_in_mean_pool", 0.95, evidence, place, severity=severity, ruled_out=ruled_out)
    elif how == "recurrent":
        # no state after the padding is used there; or the last state is a word's, and it still follows the words
        follows = facts.get("before_words") and number(facts.get("real_effect")) > 0.2 * number(facts.get("pad_effect"))
        severity = WARNING if _answers_words(view) or follows else ERROR
        yield _finding("last_state_is_padding", 0.95, evidence, place, severity=severity)
    elif how == "attention":
        yield _finding("padding_not_masked_attention", 0.95, evidence, place)
    elif how in ("sum", "max", "bag") and nonzero and (zeroed is None or zeroed < 0.3 * found):
        evidence = [*evidence, seen("padding", {"norm": 0.0}, norm=row["norm"], padding_id=facts.get("padding"))]
        yield _finding("padding_row_nonzero", 0.9, evidence, view.place(row))
    elif how == "position" and not _unseen(facts) and not first.get("of_weight"):  # places picked before any state
        yield _finding("last_state_is_padding", 0.7, evidence, place)
    elif how == "norm":
        yield _finding("padding_in_mean_pool", 0.5, evidence, place, severity=WARNING)


def _forgotten(view: View) -> bool:
    """The answer follows what stands at padding, and no change of the words reaches it."""
    facts = view.of("padding")
    pad, real = number(facts.get("pad_effect")), number(facts.get("real_effect"))
    return pad >= MARK and real < MARK and real < 0.02 * pad and not facts.get("before_words")


def _answers_words(view: View) -> bool:
    """Whether there is an answer for every word of the one text that is read."""
    ids, answer = view.layout.get("ids") or [], view.layout.get("answer") or []
    if len(ids) != 1 or len(ids[0]) != 2 or not answer:
        return False
    words = ids[0][0] * ids[0][1]
    return answer[:2] in (ids[0], ids[0][::-1]) or (len(answer) <= 2 and answer[0] == words)


def _finding(
    cause: str,
    confidence: float,
    evidence: list[dict[str, Any]],
    place: dict[str, Any],
    severity: str = ERROR,
    ruled_out: list[str] | None = None,
) -> Finding:
    return Finding(cause, confidence, evidence, REMEDIES[cause], place, severity=severity, ruled_out=ruled_out or [])


HIDDEN = 0.5  # of the spread between rows, that other words change an answer by


def inverted_mask(view: View) -> Findings:
    """Attention weighs padding and nothing else; or the answer follows what stands at padding and not the words."""
    if view.curve.get("not_finite"):
        return
    for call in view.of("attention").get("calls", []):
        if call.get("to_padding", 0) > 0.98 and call["due"] < 0.9 and call["rows_padded"] >= 2:
            found = {"to_padding": call["to_padding"], "share_of_padding": call["due"], "rows": call["rows_padded"]}
            evidence = [seen("attention", {"to_padding": 0.0}, **found)]
            yield _finding("attention_mask_inverted", 0.97, evidence, view.place(call))
            return
    facts = view.of("padding")
    pad, real = number(facts.get("pad_effect")), number(facts.get("real_effect"))
    if facts.get("share", 0) < 0.02 or not pad >= MARK or not real <= 0.2 * pad:  # neither, where they are no numbers
        return
    if facts.get("appended") == 0.0 and facts.get("way") and real > 0.02 * pad:  # its row is zero: noise alone counts
        return
    if real > HIDDEN:  # words that a mask hid would change next to nothing; answers that run away change by anything
        return
    if view.dead_layer:
        return  # no word changes an answer where every unit is dead
    attends = {"masked_fill", *MECHANISMS["attention"], *PRODUCTS}
    calls = [o for o in view.ops if o["op"] in attends or o["op"].startswith("masked_fill")]
    if not calls and real < 0.02 * pad and not any(o["op"] in RECURRENT for o in view.ops):
        calls = [o for o in view.ops if o["op"] in ("mul", "__mul__", "sum", "mean")]
    if calls:
        expected = {"effect_of_words": "> 0", "effect_of_padding": 0.0}
        evidence = [seen("padding", expected, effect_of_padding=pad, effect_of_words=real)]
        near = next((o for o in calls if o["op"] not in PRODUCTS), calls[0])
        yield _finding("attention_mask_inverted", 0.97, evidence, view.place(facts.get("first") or near))


def _by_noise(view: View) -> Findings:
    """Where rows could not be lengthened: noise at padding changes answers through a mean or attention."""
    facts = view.of("padding")
    pad, row = facts.get("pad_effect"), facts.get("padding_row") or {}
    if not number(pad) >= MARK or facts.get("share", 0) < 0.02:
        return
    washed = number(facts.get("real_effect")) < 0.2 * number(pad)
    evidence = [
        seen("padding", {"effect_of_padding": 0.0}, effect_of_padding=pad, effect_of_words=facts.get("real_effect"))
    ]
    packed = any(o["op"] == "_pack_padded_sequence" for o in view.ops)  # what is packed ends with its words
    recurrent = [] if packed else [o for o in view.ops if o["op"] in RECURRENT]
    looped = [] if packed else _looped(view)
    if washed:  # the answer follows what comes after the words, and hardly the words
        steps = recurrent or looped
        if steps and not _answers_words(view):
            yield _finding("last_state_is_padding", 0.9, evidence, view.place(steps[0]))
        return
    attended = _attended(view)
    if attended is not None:
        shares = {"to_padding": attended["to_padding"], "share_of_padding": attended["due"]}
        evidence.append(seen("attention", {"to_padding": 0.0}, **shares))
        yield _finding("padding_not_masked_attention", 0.9, evidence, view.place(attended))
    elif looped and number(pad) > 0.2 * number(facts.get("real_effect")) and not _answers_words(view):
        yield _finding("last_state_is_padding", 0.9, evidence, view.place(looped[0]))
    elif recurrent:
        between = facts.get("between_steps")
        if between is not None:
            evidence.append(seen("padding", {"between_steps": 0.0}, between_steps=between))
        # a state that has settled changes little with one place more; that padding reaches it, noise has shown
        counts = number(pad) > 0.2 * number(facts.get("real_effect"))
        shown = number(between or 0) > (1e-3 if counts else MARK) and not _answers_words(view)
        severity = ERROR if shown else WARNING
        yield _finding("last_state_is_padding", 0.9, evidence, view.place(recurrent[0]), severity=severity)
    elif (pooled := _pooled_over_time(view)) is not None:
        yield _finding("padding_in_mean_pool", 0.75, evidence, view.place(pooled))
    elif number(row.get("norm") or 0) > 1e-6:
        # the layer was told which row is padding, and did not begin with zeros there; words matter about as much
        told = row.get("padding_idx") == facts.get("padding") and number(row.get("start")) > 1e-6
        counts = number(pad) > 0.2 * number(facts.get("real_effect"))
        confidence, severity = (0.9, ERROR) if told and counts else (0.6, WARNING)
        evidence = [*evidence, seen("padding", {"norm": 0.0}, norm=row["norm"], padding_id=facts.get("padding"))]
        yield _finding("padding_row_nonzero", confidence, evidence, view.place(row), severity=severity)


def _length(view: View) -> int:
    """How many words the texts of a step have places for."""
    shape = (view.layout.get("ids") or [[0, 0]])[0]
    return shape[0 if view.layout.get("batch_first") is False else -1] if shape else 0


def _looped(view: View) -> list[dict[str, Any]]:
    """The products of a recurrent layer that is written out: one weight, multiplied with what it has made, for most
    words of a text."""
    length = _length(view)
    uses: dict[int, list[dict[str, Any]]] = {}
    made: dict[int, set[int]] = {}  # slot: the weights whose products it is made of
    for op in view.ops:
        ins, outs = op.get("ins", []), op.get("outs", [])
        behind = set().union(*(made.get(n, set()) for n in ins))
        if op["op"] in MULTIPLIES:
            for weight in ins:
                if weight not in made and (not uses.get(weight) or weight in behind):
                    uses.setdefault(weight, []).append(op)
            behind |= {n for n in ins if n not in made}
        for n in outs:
            made[n] = behind
    chains = [chain for chain in uses.values() if len(chain) >= max(4, length // 2)]
    return max(chains, key=len, default=[])


MULTIPLIES = PRODUCTS | {"linear", "mm", "addmm"}


def _attended(view: View) -> dict[str, Any] | None:
    """The first attention that gives padding half of what is due to it, or more."""
    calls = view.of("attention").get("calls", [])
    return next((c for c in calls if c.get("to_padding", 0) > 0.5 * c.get("due", 1) and c["due"] > 0.02), None)


def _pooled_over_time(view: View) -> dict[str, Any] | None:
    """The first pool over the words: one of values that have words beside their rows, and not the loss's own mean."""
    length, summed = _length(view), None
    for op in view.ops:
        shapes = op["inputs"]
        over_time = bool(shapes) and length in shapes[0] and 0 < len(op["shape"]) < len(shapes[0])
        if op["op"] == "mean" and over_time:
            return op
        if summed and op["op"] in DIVIDES and length in op["numbers"]:  # by the width of the batch
            return summed
        summed = op if op["op"] == "sum" and over_time else summed
    return None


CHECKS = [
    inverted_mask,
    padding,
]
