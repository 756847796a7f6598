"""Sequence to sequence: what a decoder sees, what it is scored on, and whether it can stop."""

from __future__ import annotations

from typing import Any

from wordfit.doctor.finding import Finding, Findings, View, number, seen


def decoder_target_not_shifted(view: View) -> Findings:
    """The decoder is fed at every place the answer that it must give there."""
    facts = view.of("sequence")
    inputs = facts.get("inputs") or []
    if any((row.get("copies") or {}).get("next", 0) > 0.9 for row in inputs):
        return  # fed rightly; another input may well resemble the target
    for row in inputs:
        copies = row.get("copies") or {}
        if (
            copies.get("same", 0) > 0.95
            and (len(inputs) > 1 or _is_language_model(view, row))
            and copies.get("next", 0) < 0.9
            and (row.get("seen_after") or 0) <= 0
        ):
            yield Finding(
                "decoder_target_not_shifted",
                0.95,
                [
                    seen(
                        "sequence",
                        {"same": "about chance"},
                        targets_equal_to_input=copies["same"],
                        equal_to_next_input=copies["next"],
                    )
                ],
                "feed target[:, :-1] and score against target[:, 1:]",
                view.loss_place,
                ruled_out=["missing_causal_mask: the answer itself is among the inputs"],
            )
            return


def _is_language_model(view: View, row: dict[str, Any]) -> bool:
    """One input that only looks back: for such a model a target equal to the input teaches nothing."""
    future = row.get("future") or {}
    return bool(future) and number(future.get("early")) < 1e-4


def missing_causal_mask(view: View) -> Findings:
    """Targets are the inputs one place later, and early answers change with later inputs."""
    for row in view.of("sequence").get("inputs") or []:
        copies, future = row.get("copies") or {}, row.get("future") or {}
        if copies.get("next", 0) > 0.85 and number(future.get("early", 0)) > 0.01:
            op = next(
                (
                    o
                    for o in view.ops[::-1]
                    if o["op"] in ("multi_head_attention_forward", "scaled_dot_product_attention", "softmax")
                    and not o["after_model"]
                ),
                None,
            )
            op = op or next((o for o in view.ops if o["op"] in ("lstm", "gru", "conv1d")), None)
            yield Finding(
                "missing_causal_mask",
                0.95,
                [
                    seen(
                        "sequence",
                        {"early_change": 0.0},
                        early_change=future["early"],
                        targets_are_next_inputs=copies["next"],
                    )
                ],
                "mask what comes later (torch.nn.Transformer.generate_square_subsequent_mask(T), or is_causal=True)",
                view.place(op),
            )
            return


def encoder_ignored(view: View) -> Findings:
    """The decoder's answer does not change with the source."""
    facts = view.of("sources")
    inputs = facts.get("inputs") or []
    moving = [i for i in inputs if number(i["relative_change"]) > 1e-3]
    still = [i for i in inputs if number(i["relative_change"]) < 1e-5 and number(i.get("loss_change", 0)) < 1e-7]
    still += [  # a mark that all rows share may still count; what reaches the loss beside the answer is a penalty
        i
        for i in inputs
        if number(i.get("change_by_rows")) < 1e-5 and number(i.get("loss_change_by_rows")) < 1e-5
        if number(i["relative_change"]) >= 1e-5
    ]
    moving = [i for i in moving if i not in still]
    if len(inputs) >= 2 and moving and still:
        yield Finding(
            "encoder_ignored",
            0.95,
            [
                seen(
                    "sources",
                    {"change": "> 0"},
                    input_without_effect=still[0]["input"],
                    change=still[0]["change"],
                    looked_up_by=still[0]["looked_up_by"],
                )
            ],
            "connect the two: hand the encoder's state (or its outputs, through attention) to the decoder",
            view.model_place,
        )
    elif facts.get("unused_lookups") and moving and view.of("sequence"):
        yield Finding(
            "encoder_ignored",
            0.85,
            [seen("sources", {"unused": 0}, unused=facts["unused_lookups"][0])],
            "connect the encoder's state to the decoder",
            view.place(facts["unused_lookups"][0]),
        )


def _a_class_too(view: View) -> bool:
    """Whether what rows of targets end with stands inside of them as well, and nothing is known to be filling."""
    targets = view.of("sequence").get("targets") or {}
    return bool(targets.get("fill_inside", 0.0) > 0.02 and targets.get("fill") != view.of("data").get("padding"))


def loss_counts_padding(view: View) -> Findings:
    """Targets at padding take part in the loss."""
    targets = view.of("sequence").get("targets") or {}
    share, pad = targets.get("gradient_at_fill"), view.of("data").get("padding")
    if share is None or targets.get("ignore_index") == targets.get("fill") or targets.get("filled_rows", 0) < 0.2:
        return
    if pad is not None and targets["fill"] != pad and targets["fill"] not in (0, -1):
        return
    if pad is None and (not number(targets.get("input_filled", 1.0)) >= 0.9 or _a_class_too(view)):
        return  # a class that rows may end with, and no filling
    if share > 0.03 and targets.get("fill_share", 0) > 0.08:
        yield Finding(
            "loss_counts_padding",
            0.93,
            [
                seen(
                    "sequence",
                    {"gradient_at_padding": 0.0},
                    gradient_at_padding=share,
                    targets_at_padding=targets["fill_share"],
                    ignore_index=targets.get("ignore_index"),
                )
            ],
            f"leave padding out: ignore_index={targets['fill']}, or a mask over the loss",
            view.loss_place,
        )


def teacher_forcing_at_eval(view: View) -> Findings:
    """The answers that are scored come from a decoder that was fed the reference."""
    facts = view.of("forcing")
    if facts and facts.get("forced") and not facts.get("free") and facts.get("scored"):
        yield Finding(
            "teacher_forcing_at_eval",
            0.85,
            [seen("forcing", {"fed": "its own answers"}, **{k: v for k, v in facts.items() if k != "seconds"})],
            "decode step by step from the start mark, feeding back the decoder's own answers, and score those",
            {},
        )


def no_end_of_sequence(view: View) -> Findings:
    """Targets never hold a mark of the end: decoding cannot learn to stop."""
    facts = view.of("sequence")
    targets = facts.get("targets") or {}
    ends, inputs = targets.get("ends") or {}, facts.get("inputs") or []
    shifted = [i for i in inputs if (i.get("copies") or {}).get("next", 0) > 0.7]
    known = targets.get("fill") in (targets.get("ignore_index"), view.of("data").get("padding"))
    filled = targets.get("filled_rows", 0) > (0.05 if known else 0.2) and not _a_class_too(view)
    if not shifted or not ends or not (filled or facts.get("lengths", 0) > 1):  # all of one length: nothing to stop
        return
    writes = facts.get("decodes", 0) >= 5 or view.of("forcing").get("free", 0) > 0
    if len(inputs) < 2 and not (filled and writes):  # a language model that never writes
        return
    if any(i not in shifted and _read_beside(i, facts) for i in inputs):
        return
    letter = ends.get("inside", 0.0) > 0.05  # rows end alike, but with what stands inside of rows as well
    if (ends["share"] < 0.6 and ends["distinct"] > 3) or letter:
        yield Finding(
            "no_end_of_sequence",
            0.88,
            [
                seen(
                    "sequence",
                    {"last_target_is_the_end_mark": 1.0},
                    most_frequent_last_target=ends["id"],
                    share=ends["share"],
                    different_last_targets=ends["distinct"],
                    rows_that_hold_it_inside=ends.get("inside"),
                )
            ],
            "append the end mark to every target before padding, and stop decoding at it",
            view.loss_place,
        )


def _read_beside(source: dict[str, Any], facts: dict[str, Any]) -> bool:
    """Whether a source is read word by word beside the answers, which then end where it ends."""
    future = source.get("future") or {}
    blind = number(future.get("early")) < 1e-4 < number(future.get("late"))
    return blind and source.get("length") == facts.get("length")


CHECKS = [
    decoder_target_not_shifted,
    missing_causal_mask,
    encoder_ignored,
    loss_counts_padding,
    teacher_forcing_at_eval,
    no_end_of_sequence,
]
