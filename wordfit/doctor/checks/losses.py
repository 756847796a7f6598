"""The loss: is it given what it expects, does it reward what it should, and does it let gradients by?"""

from __future__ import annotations

from typing import Any

from wordfit.doctor.finding import ERROR, WARNING, Finding, Findings, View, number, seen
from wordfit.doctor.loss_table import DISTANCES

ACTS = {"flipped_loss_sign", "all_targets_ignored"}
"""Breaches that are mended by something to do, and not by another thing to hand over."""


def breaches(view: View) -> Findings:
    """A loss call was given what it does not expect."""
    for call in view.of("losses").get("calls", []):
        for breach in call.get("breaches", []):
            if not breach["cause"] or (breach["cause"] == "cross_entropy_on_dense_vectors" and _scores(call)):
                continue
            if breach["cause"] == "all_targets_ignored" and not view.curve.get("not_finite"):
                continue
            certain = breach["certain"] or _shows(view, breach["cause"])
            if not certain:
                continue
            handed = f"as `{breach['argument']}` hand over {breach['instead']}"
            yield Finding(
                breach["cause"],
                0.96 if breach["certain"] else 0.85,
                [seen("losses", {breach["argument"]: breach["expected"]}, **{breach["argument"]: breach["found"]})],
                breach["instead"] if breach["cause"] in ACTS else handed,
                view.place(call),
            )


def scores_as_probabilities(view: View) -> Findings:
    """A loss written out for scores is given probabilities: to be right for certain costs much, with scores nothing."""
    facts = view.of("losses").get("squashed") or {}
    right, scores, even = (number(facts.get(k)) for k in ("right", "right_as_scores", "even"))
    if facts and -1e-6 <= scores < 0.3 * right and right > 0.1 * even > 0:
        cause = "double_sigmoid" if facts["kind"] == "sigmoid" else "double_softmax"
        yield Finding(
            cause,
            0.92,
            [seen("losses", {"right": 0.0}, right=right, right_as_scores=scores, even=even)],
            f"the loss takes scores and applies its own {facts['kind']}: leave that of the model out",
            view.loss_place,
        )


def bce_target_by_hand(view: View) -> Findings:
    """A binary likelihood written out, which steps lower for the rows whose target lies outside of [0, 1]."""
    facts = view.of("losses").get("binary") or {}
    if facts and facts["outside"] > 0.02 and facts["lowered"] > 0.02 and facts["lowered_is_outside"] > 0.95:
        found = [facts["min"], facts["max"]]
        yield Finding(
            "bce_target_out_of_range",
            0.93,
            [seen("losses", {"target": "0 to 1"}, target=found, lowered=facts["lowered"])],
            "targets of a binary loss lie in [0, 1]: map -1 to 0, divide scores by their maximum",
            view.place(facts),
        )


def _scores(call: dict[str, Any]) -> bool:
    """Whether a cross entropy was given one real number a row on both sides: scores, and no classes at all."""
    shapes = [(call.get(side) or {}).get("shape") or [] for side in ("input", "target")]
    return call["loss"] == "cross_entropy" and all(len(s) == 1 or (len(s) == 2 and s[1] == 1) for s in shapes)


def _shows(view: View, cause: str) -> bool:
    """What a breach that could be chance needs besides: the call that makes it so stands before the loss."""
    names = [o["op"] for o in view.ops]
    if cause == "double_sigmoid":
        fed = view.of("losses").get("fed") or {}
        last = [n for n in names if n in ("sigmoid", "linear", "relu", "softmax", "log_softmax")]
        return bool(last) and last[-1] in ("sigmoid", "softmax") and number(fed.get("min")) >= 0
    if cause == "double_softmax":
        return "softmax" in names or "log_softmax" in names
    return False


def flipped_loss_sign(view: View) -> Findings:
    """A step down the loss lowers the answers that should rise."""
    facts = view.of("losses")
    way = facts.get("direction") or {}
    start, end = way.get("start"), way.get("end")
    if facts.get("maximize"):
        yield from _climbed(view, facts)
        return
    breached = [b["cause"] for c in facts.get("calls", []) for b in c.get("breaches", [])]
    likely = facts.get("likelihood") or {}
    if start is None and likely.get("lowered") and likely["lowered"] == likely["logarithms"] and likely["loss"] <= 0:
        yield Finding(
            "flipped_loss_sign",
            0.93,
            [seen("losses", {"likelihoods_lowered": 0}, likelihoods_lowered=likely["lowered"], loss=likely["loss"])],
            "steps lower the likelihood of what was seen: take the minus sign away (or put it back)",
            view.loss_place,
        )
        return
    raised = facts.get("hand_written") and likely.get("lowered", 0) < likely.get("logarithms", 0)
    if (
        start is not None
        and start < 0.05
        and (end is None or end < 0.2)
        and not raised  # a written loss whose steps raise a likelihood: what was taken for its target may be none
        and not {"nll_loss_on_probabilities", "bce_target_out_of_range"} & set(breached)
    ):
        said = facts.get("extremes") or {}
        yield Finding(
            "flipped_loss_sign",
            0.95,
            [
                seen(
                    "losses",
                    {"direction": 1.0},
                    direction=start,
                    perfect=said.get("perfect"),
                    uniform=said.get("uniform"),
                )
            ],
            "the loss rewards wrong answers: take the minus sign away (or put it back)",
            view.loss_place,
        )


def _climbed(view: View, facts: dict[str, Any]) -> Findings:
    """The optimizer goes up: wrong where steps up lower what should rise, unproven where neither is known."""
    start, likely = (facts.get("direction") or {}).get("start"), facts.get("likelihood") or {}
    lowers = None
    if start is not None:
        lowers = start > 0.5
    elif likely.get("logarithms"):
        lowers = not likely["lowered"]  # a log-likelihood is what steps down would lower
    if lowers is False:
        return
    shown = {} if start is None else {"direction": 1 - start}
    yield Finding(
        "flipped_loss_sign",
        0.95 if lowers else 0.5,
        [seen("losses", {"maximize": False}, maximize=True, **shown)],
        "drop maximize=True from the optimizer; where the update is written out, take the gradient away",
        view.optimizer_place,
        severity=ERROR if lowers else WARNING,
    )


def ranked_the_wrong_way(view: View) -> Findings:
    """A ranking or triplet loss pulls near what does not go with the anchor, and pushes away what does."""
    facts = view.of("belonging")
    raised, lowered = (number(facts.get(k)) for k in ("raised_goes_with", "lowered_goes_with"))
    if view.of("losses").get("maximize"):  # what steps down would raise is lowered
        raised, lowered = lowered, raised
    yield from _drawn_brought_near(view, facts)
    if lowered > 4 and raised < max(1.5, 0.25 * lowered):  # in standard deviations: chance may raise the other a little
        yield Finding(
            "flipped_loss_sign",
            0.9,
            [
                seen(
                    "belonging",
                    {"raised_goes_with": "above lowered_goes_with"},
                    raised_goes_with=facts["raised_goes_with"],
                    lowered_goes_with=facts["lowered_goes_with"],
                    loss=facts["loss"],
                )
            ],
            "the loss raises the answer that does not belong: exchange the two (or turn the sign of the target)",
            view.place(facts),
        )


def _drawn_brought_near(view: View, facts: dict[str, Any]) -> Findings:
    """Steps bring near what was drawn at random, and part what the data says."""
    given, drawn = (number(facts.get(k)) for k in ("given_nearer", "drawn_nearer"))
    if view.of("losses").get("maximize"):
        given, drawn = 1 - given, 1 - drawn
    if given < 0.02 and drawn > 0.98:
        yield Finding(
            "flipped_loss_sign",
            0.9,
            [seen("belonging", {"given_nearer": 1.0, "drawn_nearer": 0.0}, given_nearer=given, drawn_nearer=drawn)],
            "the loss brings near what was drawn at random and parts what the data says: exchange the two",
            view.place(facts),
        )


def hand_written_nll(view: View) -> Findings:
    """The target's own value is taken without a logarithm: probabilities where log-probabilities belong."""
    facts = view.of("losses")
    fed = facts.get("fed") or {}
    if facts.get("calls") or not fed.get("sums_to_one_-1"):
        return
    names = [o["op"] for o in view.ops if o["after_model"]]
    if (
        ("gather" in names or "__getitem__" in names)
        and not {"log", "log_softmax", "logsumexp", "log1p"} & set(names)
        and number(facts.get("value")) < 0
    ):
        yield Finding(
            "nll_loss_on_probabilities",
            0.85,
            [seen("losses", {"value": ">= 0"}, value=facts["value"])],
            "take the logarithm of the probabilities",
            view.loss_place,
        )


def loss_shape_broadcast(view: View) -> Findings:
    """Output and target broadcast against each other into a matrix of every row with every target."""
    found = view.of("losses").get("broadcast") or []
    for row in found:
        yield Finding(
            "loss_shape_broadcast",
            0.96,
            [seen("losses", {"result": row["shapes"][0]}, output_and_target=row["shapes"], result=row["result"])],
            "give both the same shape: output.squeeze(-1), or target.unsqueeze(1)",
            view.place(row),
        )
        return
    message = (view.error or {}).get("message", "")
    if "Using a target size" in message or "must be the same as input size" in message or "Target size" in message:
        places = [p for p in (view.error or {}).get("places", []) if p["users"]]
        yield Finding(
            "loss_shape_broadcast",
            0.9,
            [seen("error", None, message=message[:200])],
            "give output and target the same shape: output.squeeze(-1), or target.unsqueeze(1)",
            {"file": places[-1]["file"], "line": places[-1]["line"]} if places else {},
        )


def regression_loss_for_classes(view: View) -> Findings:
    """Squared error on class numbers; or cross entropy on a score."""
    facts = view.of("losses")
    if (written := facts.get("distance")) is not None:  # a squared difference, written out
        target = written.get("target") or {}
        if target.get("whole") and 2 <= (target.get("distinct") or 0) <= 60:
            yield from _numbers_as_targets(view, written)
    for call in facts.get("calls", []):
        target, fed = call.get("target") or {}, call.get("input") or {}
        if call["loss"] in DISTANCES and target.get("whole") and 2 <= (target.get("distinct") or 0) <= 60:
            yield from _numbers_as_targets(view, call)
        if _scores(call) and "float" in target.get("dtype", "") and number(fed.get("shape", [0])[0]) > 1:
            yield Finding(
                "regression_loss_for_classes",
                0.93,
                [
                    seen(
                        "losses", {"classes": "2 or more"}, input=fed["shape"], target=target["shape"], target_is=target
                    )
                ],
                "one number a row on both sides is a regression: mse_loss (cross entropy takes the rows for classes)",
                view.place(call),
            )
            return
        if call["loss"] == "cross_entropy" and "int64" in target.get("dtype", ""):
            yield from _scores_as_classes(view, call, target)


def _numbers_as_targets(view: View, call: dict[str, Any]) -> Findings:
    classes = view.of("classes")
    if not classes:
        return
    if classes.get("nominal_gain") is not None and classes["nominal_gain"] > 0.1:
        yield Finding(
            "regression_loss_for_classes",
            0.92,
            [seen("classes", None, **{k: v for k, v in classes.items() if k != "seconds"})],
            "one output unit a class and cross_entropy: class numbers have no order that distance could follow",
            view.place(call),
        )


def _scores_as_classes(view: View, call: dict[str, Any], target: dict[str, Any]) -> Findings:
    classes = view.of("classes")
    if classes and classes.get("rounded_from_scores"):
        yield Finding(
            "regression_loss_for_classes",
            0.85,
            [seen("classes", None, **classes)],
            "one unit and mse_loss: the targets are scores",
            view.place(call),
        )


def ignore_index_drops_class(view: View) -> Findings:
    """The ignored index is a class that occurs at real positions."""
    data, real = view.of("data").get("train", {}), view.of("ignored")
    if real.get("by_hand") and real.get("share_at_words", 0) > 0.02:
        yield Finding(
            "ignore_index_drops_class",
            0.9,
            [seen("ignored", {"share_at_words": 0.0}, **{k: v for k, v in real.items() if k != "seconds"})],
            f"the loss passes over {real['index']}, a class at real words as well as the filling: mask by the words",
            view.loss_place,
        )
        return
    for call in view.of("losses").get("calls", []):
        index = call["kwargs"].get("ignore_index")
        scores = (call.get("input") or {}).get("shape") or []
        if index is None or index < 0 or (len(scores) > 1 and index >= scores[1]):  # no class of the model's
            continue
        shape = (call.get("target") or {}).get("shape") or []
        one_a_row = len(shape) == 1 and shape[0] == view.layout.get("rows")
        if one_a_row and data.get("classes") and str(index) in data["classes"]:
            share = data["classes"][str(index)] / max(sum(data["classes"].values()), 1)
            yield Finding(
                "ignore_index_drops_class",
                0.95,
                [
                    seen(
                        "losses",
                        {"rows_of_class": 0},
                        ignore_index=index,
                        share=share,
                        recall=(data.get("recall") or {}).get(str(index)),
                    )
                ],
                f"class {index} is never learned: drop ignore_index={index}, or number the classes from 1",
                view.place(call),
            )
            return
        if real and real.get("share_at_words", 0) > 0.02 and real.get("index") == index:
            yield Finding(
                "ignore_index_drops_class",
                0.93,
                [seen("ignored", {"share_at_words": 0.0}, **{k: v for k, v in real.items() if k != "seconds"})],
                f"{index} is a class at real words as well as the filling: give the filling a number of its own (-100)",
                view.place(call),
            )
            return


def loss_clipped(view: View) -> Findings:
    """The loss is clamped, and where it lies on the bound there is no gradient."""
    for row in view.of("losses").get("clamps") or []:
        cut = max(row["cut"], row.get("cut_at_start") or 0)
        if row.get("straight") and row.get("from_below", 0) >= row["cut"]:  # a margin: nothing to learn beyond it
            continue
        if cut > 0.3 or (cut > 0.02 and view.of("losses").get("negative")):
            harm = _better_without(row)
            yield Finding(
                "loss_clipped",
                0.94,
                [
                    seen(
                        "losses",
                        {"cut": 0.0},
                        cut=row["cut"],
                        cut_at_start=row.get("cut_at_start"),
                        before=row["before"],
                        bounds=row["bounds"],
                        learned_with_it=row.get("learned_with"),
                        learned_without_it=row.get("learned_without"),
                    )
                ],
                "drop the clamp, and mend what made the loss leave its range; against large "
                "steps clip the gradient's norm",
                view.place(row),
                severity=ERROR if harm else WARNING,
            )
            return


def _better_without(row: dict[str, Any]) -> bool:
    """Whether the same few steps without the clamp lower the loss further, judged without it."""
    kept, lifted = number(row.get("learned_with")), number(row.get("learned_without"))
    return lifted < kept - 0.1 * abs(kept) or (lifted == lifted and kept != kept)


def class_imbalance(view: View) -> Findings:
    """The majority is the cheapest answer, though the rest can be told apart."""
    data, facts = view.classed, view.of("reference")
    train, dev = data.get("train") or {}, data.get("dev") or {}
    judged = dev if dev.get("top_share") is not None and dev.get("classes") else data.get("trained") or {}
    share = (train.get("majority") or {}).get("share", 0)
    if share < 0.65 or judged.get("top_share") is None or len(train.get("classes", {})) < 2:
        return
    recalls = {k: v for k, v in (judged.get("recall") or {}).items() if k != str(train["majority"]["label"])}
    if not recalls or max(recalls.values()) > 0.35:
        return
    balanced = facts.get("crossed_balanced", 0)
    chance = 1 / max(len(train["classes"]), 2)
    apart = share >= 0.75 and balanced >= max(chance + 0.1, judged.get("balanced", 0) + 0.1)
    if not apart and judged["top_share"] < 0.995:
        return
    yield Finding(
        "class_imbalance",
        0.88 if apart else 0.4,
        [
            seen(
                "data",
                {"recall": "above 0"},
                majority_share=share,
                answers_majority=judged["top_share"],
                recall=recalls,
            ),
            seen("reference", None, balanced_accuracy_of_weighted_learner=balanced, chance=chance),
        ],
        "weight the loss by inverse class frequency (weight= or pos_weight=), or draw batches "
        "evenly; report recall of every class"
        + (
            "" if apart else "; a plain learner does not tell the classes apart either: look at what the model is given"
        ),
        view.loss_place,
        severity=ERROR if apart else WARNING,
    )


CHECKS = [
    breaches,
    scores_as_probabilities,
    bce_target_by_hand,
    flipped_loss_sign,
    ranked_the_wrong_way,
    hand_written_nll,
    loss_shape_broadcast,
    regression_loss_for_classes,
    ignore_index_drops_class,
    loss_clipped,
    class_imbalance,
]
