"""Training regime, evaluation and sequence to sequence."""

from __future__ import annotations

import math
from typing import Any

from wordfit.doctor.checks.rates import gain_of
from wordfit.doctor.finding import ERROR, WARNING, Finding, Findings, View, number, seen


def finetune_overfit_small_data(view: View) -> Findings:
    """Tuned vectors memorise a small training set; the same vectors held still answer new rows better."""
    facts = view.of("frozen")
    if facts and _forgets(facts):
        return
    if (
        facts
        and facts.get("gain", 0) > max(0.04, 2 * facts.get("error", 0.0))
        and facts.get("train_accuracy", 0) > 0.95
        and facts.get("gap", 0) > 0.1
    ):
        yield Finding(
            "finetune_overfit_small_data",
            0.85,
            [seen("frozen", None, **{k: v for k, v in facts.items() if k not in ("seconds", "place")})],
            "hold the vectors still (freeze=True), or give them a far smaller learning rate; stop early",
            facts.get("place") or {},
        )


def _forgets(facts: dict[str, Any]) -> bool:
    """Rows left their place, others stayed, and there were rows enough not to speak of memorising."""
    cosine = number(facts.get("cosine") or 1)
    return facts.get("untouched_rows", 0) >= 5 and (cosine < 0.5 or (cosine < 0.9 and facts.get("rows", 0) > 500))


def catastrophic_forgetting(view: View) -> Findings:
    """Rows that were trained left the space that rows of unseen words still live in."""
    facts = view.of("frozen")
    if facts and _forgets(facts) and facts["gain"] > max(0.03, facts["error"]):
        yield Finding(
            "catastrophic_forgetting",
            0.88,
            [
                seen(
                    "frozen",
                    {"cosine": "above 0.9"},
                    **{k: v for k, v in facts.items() if k not in ("seconds", "place")},
                )
            ],
            "give the table a learning rate ten to a hundred times smaller than the rest, or an anchor to the start",
            facts.get("place") or {},
        )
        return
    for table in view.tables:
        seen_rows, absent = table.get("occurred"), table.get("absent")
        if not seen_rows or not absent or not table["trainable"] or not _loaded(view, table["name"]):
            continue
        if absent["rows"] < 5 or absent["moved"] > 0.05 or number(seen_rows["cosine"]) > 0.5:
            continue
        yield Finding(
            "catastrophic_forgetting",
            0.8,
            [
                seen(
                    "tables",
                    {"cosine": "above 0.9"},
                    cosine_of_trained_rows=seen_rows["cosine"],
                    trained_rows=seen_rows["rows"],
                    untouched_rows=absent["rows"],
                    lr=(table.get("group") or {}).get("lr"),
                )
            ],
            "give the table a learning rate ten to a hundred times smaller than the rest, or an anchor to the start",
            _place(table),
        )
        return


def _place(table: dict[str, Any]) -> dict[str, Any]:
    site = (table.get("group") or {}).get("site") or table.get("made")
    return {"module": table["module"], "file": site[0] if site else None, "line": site[1] if site else None}


def _loaded(view: View, name: str) -> bool:
    """Whether the table started from vectors, by any sign."""
    facts = view.of("vectors")
    for table in facts.get("tables", []):
        if table["table"] == name and any(s.get("right", 0) > 0.3 for s in table.get("sources", [])):
            return True
    if any(m["table"] == name and m["same"] > 0.8 for m in facts.get("matrices", [])):
        return True
    return any(c["in_model"] for c in facts.get("pretrained_calls", [])) or any(
        w["table"] == name and w["call"] in ("copy_", "data.__set__", "__setitem__") for w in facts.get("writes", [])
    )


def eval_mode_missing(view: View) -> Findings:
    """Evaluation ran with dropout or batch statistics on."""
    facts = view.of("evaluation")
    noise = facts.get("noisy_modules") or []
    repeat = facts.get("repeat") or {}
    by_mode = facts.get("batches") and facts.get("in_training_mode", 0) >= 0.5 * facts["batches"] and noise
    by_tape = facts.get("noise_calls") and number(repeat.get("difference") or 0) > 1e-3
    if not by_mode and not by_tape:
        return
    differs = number(repeat.get("difference") or 0) > 1e-3 or number(repeat.get("from_quiet") or 0) > 1e-3
    if facts.get("with_gradients", 0) == facts.get("batches") and not facts.get("noise_calls"):
        return
    yield Finding(
        "eval_mode_missing",
        0.95 if differs else 0.8,
        [
            seen(
                "evaluation",
                {"difference": 0.0},
                modules=noise,
                calls=facts.get("noise_calls"),
                two_passes_differ_by=repeat.get("difference"),
                differ_from_quiet_by=repeat.get("from_quiet"),
            )
        ],
        "call model.eval() before evaluating, and model.train() before training on",
        view.site_of_module(None) | _eval_place(view),
    )


def _eval_place(view: View) -> dict[str, Any]:
    models = view.watched.get("models", [])
    return {"module": models[0]["class"], "file": models[0]["file"], "line": models[0]["line"]} if models else {}


def no_signal(view: View) -> Findings:
    """No learner finds a relation between these inputs and these labels."""
    facts, data = view.of("reference"), view.of("data")
    if "crossed" not in facts or facts["rows"] < 100 or (data.get("train") or {}).get("classes") is None:
        return
    chance = facts["crossed_majority"]
    noise = 2.5 * math.sqrt(chance * (1 - chance) / facts["rows"])
    shifted = max(facts.get("shifted", {"0": 0}).values())
    balanced = facts.get("crossed_balanced", 0)
    own = (data.get("dev") or {}).get("accuracy")
    own_balanced = (data.get("dev") or {}).get("balanced")
    classes = len(data["train"]["classes"])
    dev_majority = ((data.get("dev") or {}).get("majority") or {}).get("share", chance)
    rows = (data.get("dev") or {}).get("rows", 0)
    dev_noise = 2.5 * math.sqrt(dev_majority * (1 - dev_majority) / max(rows, 1))
    if facts["crossed"] > chance + noise or shifted > chance + 0.12 or balanced > 1 / classes + max(0.06, noise):
        return
    if facts.get("dev_crossed", 0) > facts.get("dev_majority", 1) + 0.12:
        return
    if own is None or own > dev_majority + dev_noise or (own_balanced or 0) > 1 / classes + max(0.08, dev_noise):
        return
    learned = (data.get("trained") or {}).get("accuracy") or 0
    yield Finding(
        "no_signal",
        0.8,
        [
            seen(
                "reference",
                {"crossed": f"above {chance:.2f}"},
                plain_learner=facts["crossed"],
                majority=chance,
                balanced=balanced,
                model_in_dev=own,
                model_in_train=learned,
            )
        ],
        "look at ten rows with their labels: is it the right column, are labels joined to their "
        "texts, do the texts hold what decides?",
        {},
    )


def too_few_steps(view: View) -> Findings:
    """The loss was still falling steadily when training stopped, and going on lowers it much further."""
    means = [number(m) for m in view.curve.get("means", [])]
    onwards = view.of("rates").get("onwards") or {}
    if len(means) < 4 or not all(map(math.isfinite, means)) or not onwards:
        return
    gain, steps = gain_of(onwards), view.watched.get("steps", 0)
    falling = sum(a > b for a, b in zip(means, means[1:])) >= 0.75 * (len(means) - 1)
    recent = (means[-3] - means[-1]) / max(abs(means[-3]), 1e-9)
    late = means[-min(4, len(means))] - means[-1]
    if late < 0.21 * (means[0] - means[-1]):  # a straight line would give a third: it is levelling off
        return
    data = view.of("data")
    classes = len((data.get("train") or {}).get("classes") or {})
    said = view.of("losses").get("extremes") or {}
    high = means[-1] > 0.35 * number(said.get("uniform")) if said else means[-1] > 0.3 * means[0]
    own = (data.get("dev") or {}).get("accuracy")
    reachable = max(view.of("reference").get("dev", 0), view.of("reference").get("crossed", 0))
    behind = own is None or not reachable or own < reachable - 0.05 or classes == 0
    if (
        falling
        and recent > 0.01
        and gain > 0.12
        and high
        and behind
        and onwards.get("steps", 0) <= max(steps, 40) * 1.5
    ):
        yield Finding(
            "too_few_steps",
            0.75,
            [
                seen(
                    "rates",
                    None,
                    loss_at_end=means[-1],
                    after_going_on=onwards.get("after"),
                    steps_more=onwards.get("steps"),
                    steps=steps,
                ),
                seen("curve", None, tenths=means),
            ],
            "train longer: raise the number of epochs until the loss on the evaluation stops falling",
            {},
            severity=ERROR,
        )


def decoder_target_not_shifted(view: View) -> Findings:
    """The decoder is fed at every place the answer that it must give there."""
    facts = view.of("sequence")
    inputs = facts.get("inputs") or []
    for row in inputs:
        copies = row.get("copies") or {}
        if (
            copies.get("same", 0) > 0.95
            and (len(inputs) > 1 or _is_language_model(view, row))
            and copies.get("next", 0) < 0.9
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
            _model_place(view),
        )
    elif facts.get("unused_lookups") and moving and view.of("sequence"):
        yield Finding(
            "encoder_ignored",
            0.85,
            [seen("sources", {"unused": 0}, unused=facts["unused_lookups"][0])],
            "connect the encoder's state to the decoder",
            view.place(facts["unused_lookups"][0]),
        )


def _model_place(view: View) -> dict[str, Any]:
    models = view.watched.get("models", [])
    return {"module": models[0]["class"], "file": models[0]["file"], "line": models[0]["line"]} if models else {}


def loss_counts_padding(view: View) -> Findings:
    """Targets at padding take part in the loss."""
    targets = view.of("sequence").get("targets") or {}
    share, pad = targets.get("gradient_at_fill"), view.of("data").get("padding")
    if share is None or targets.get("ignore_index") == targets.get("fill") or targets.get("filled_rows", 0) < 0.2:
        return
    if pad is not None and targets["fill"] != pad and targets["fill"] not in (0, -1):
        return
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
    targets = view.of("sequence").get("targets") or {}
    ends, inputs = targets.get("ends") or {}, view.of("sequence").get("inputs") or []
    shifted = [i for i in inputs if (i.get("copies") or {}).get("next", 0) > 0.7]
    if not shifted or len(inputs) < 2 or not ends:
        return
    if ends["share"] < 0.6 and ends["distinct"] > 3:
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
                )
            ],
            "append the end mark to every target before padding, and stop decoding at it",
            view.loss_place,
        )


del WARNING
CHECKS = [
    finetune_overfit_small_data,
    catastrophic_forgetting,
    eval_mode_missing,
    no_signal,
    too_few_steps,
    decoder_target_not_shifted,
    missing_causal_mask,
    encoder_ignored,
    loss_counts_padding,
    teacher_forcing_at_eval,
    no_end_of_sequence,
]
