"""The loss, what it is given, and what a decoder is fed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wordfit.doctor.checks.course import Course
from wordfit.doctor.checks.suspicions.clue import Clue, Suspicions, line
from wordfit.doctor.finding import View, number
from wordfit.doctor.loss_table import DISTANCES


def loss_clipped(course: Course) -> Iterator[Clue]:
    """A loss or an answer is held between bounds."""
    for clamp in course.view.of("losses").get("clamps") or []:
        cut = max(number(clamp.get("cut")), number(clamp.get("cut_at_start") or 0.0))
        if cut - number(clamp.get("from_below") or 0.0) > 0.2:  # a margin holds from below
            yield 0.35, line("losses", cut=clamp.get("cut"), at_start=clamp.get("cut_at_start")), clamp


def flipped_loss_sign(course: Course) -> Iterator[Clue]:
    """Losses below zero, or steps that lower what should rise."""
    losses = course.view.of("losses")
    down, climbs = (losses.get("direction") or {}).get("start"), losses.get("maximize")
    direction = None if down is None else 1 - number(down) if climbs else number(down)
    if direction is not None and direction >= 0.6:
        return
    if direction is not None:
        weight = 0.4 if course.unwell else 0.2
        yield weight, line("losses", steps_in_the_right_direction=direction), course.view.loss_place
    elif number(losses.get("negative")) > 0 and not climbs:
        yield 0.25, line("losses", negative=losses["negative"], steps=losses["steps"]), course.view.loss_place
    found = course.view.of("belonging")
    for good, bad in (("raised_goes_with", "lowered_goes_with"), ("given_nearer", "drawn_nearer")):
        if not climbs and number(found.get(bad)) > number(found.get(good)):
            yield 0.45, line("belonging", **{good: found[good], bad: found[bad]}), course.view.place(found)
    dev = course.view.classed.get("dev") or {}
    if number(dev.get("accuracy")) < 0.5 * number(course.view.of("reference").get("crossed_majority")):
        yield 0.4, line("data", right_answers=dev["accuracy"]), course.view.loss_place


def regression_loss_for_classes(course: Course) -> Iterator[Clue]:
    """Whole numbers as scores, and few of them."""
    losses = course.view.of("losses")
    target = losses.get("target") or {}
    squared = {c.get("loss") for c in losses.get("calls") or []} & {"mse_loss", "l1_loss", "smooth_l1_loss"}
    classes = course.view.of("classes").get("classes") or number(target.get("distinct"))
    if squared and target.get("whole") and 2 <= classes <= 30:
        yield 0.4, line("classes", classes=classes), course.view.loss_place


def encoder_ignored(course: Course) -> Iterator[Clue]:
    """What the source says hardly changes the loss beside what the decoder is fed."""
    inputs = [i for i in course.view.of("sources").get("inputs") or [] if i.get("in_loss")]
    changes = sorted(
        [(number(i.get("loss_change")), i) for i in inputs if len(i.get("shape") or []) == 2], key=lambda c: c[0]
    )
    if len(changes) > 1 and changes[0][0] < 0.1 * changes[-1][0] and course.view.of("sequence"):
        found = line("sources", least=changes[0][0], most=changes[-1][0])
        yield 0.45, found, {"module": (changes[0][1].get("looked_up_by") or [None])[0]}


def no_end_of_sequence(course: Course) -> Iterator[Clue]:
    """Targets of a decoder, which is fed them one step late, have no mark at their end."""
    facts = course.view.of("sequence")
    targets = facts.get("targets") or {}
    share = number(targets.get("same_end"))
    fed = any(number((i.get("copies") or {}).get("next")) > 0.5 for i in facts.get("inputs") or [])
    if fed and share < 0.9 and number(targets.get("filled_rows")) > 0.1:
        yield 0.3, line("sequence", rows_that_end_alike=share), {}


def teacher_forcing_at_eval(course: Course) -> Iterator[Clue]:
    """A decoder was scored on rows it was fed."""
    facts = course.view.of("forcing")
    if facts.get("scored") and not facts.get("free"):
        yield 0.4, line("forcing", forced=facts["forced"], free=0), {}


def _calls_of(view: View, *names: str) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Calls of a loss, each with what is known of its input and its target."""
    for call in view.of("losses").get("calls", []):
        if call["loss"] in names:
            yield call, call.get("input") or {}, call.get("target") or {}


def _probable(fed: dict[str, Any]) -> bool:
    """Whether numbers add up to one, along an axis."""
    return bool(fed.get("sums_to_one_-1") or fed.get("sums_to_one_1"))


def double_softmax(course: Course) -> Iterator[Clue]:
    """Probabilities in a cross entropy, or two softmaxes in the step."""
    for call, fed, _ in _calls_of(course.view, "cross_entropy"):
        if _probable(fed) or fed.get("log_sums_to_zero_-1") or fed.get("log_sums_to_zero_1"):
            yield 0.45, line("losses", adds_up_to=1.0), course.view.place(call)
        elif number(fed.get("min")) >= 0 and number(fed.get("max")) <= 1:
            yield 0.2, line("losses", lowest=fed["min"], highest=fed["max"]), course.view.place(call)


def double_sigmoid(course: Course) -> Iterator[Clue]:
    """Numbers from 0 to 1 in a loss that takes scores."""
    for call, fed, _ in _calls_of(course.view, "binary_cross_entropy_with_logits"):
        if number(fed.get("min")) >= 0 and number(fed.get("max")) <= 1:
            yield 0.45, line("losses", lowest=fed["min"], highest=fed["max"]), course.view.place(call)


def nll_loss_on_probabilities(course: Course) -> Iterator[Clue]:
    """Numbers above zero, or a loss below it, where log-probabilities belong."""
    for call, fed, _ in _calls_of(course.view, "nll_loss"):
        if not number(fed.get("max")) <= 0:
            yield 0.45, line("losses", highest=fed.get("max")), course.view.place(call)


def kl_div_not_log_prob(course: Course) -> Iterator[Clue]:
    """A divergence of what are no log-probabilities, or below zero."""
    for call, fed, _ in _calls_of(course.view, "kl_div"):
        if not number(fed.get("max")) <= 0:
            yield 0.45, line("losses", highest=fed.get("max")), course.view.place(call)
        elif course.unwell:
            yield 0.2, line("losses", loss="kl_div"), course.view.place(call)


def ctc_raw_logits(course: Course) -> Iterator[Clue]:
    """A CTC loss of what does not add up to one."""
    for call, fed, _ in _calls_of(course.view, "ctc_loss"):
        if not fed.get("log_sums_to_zero_-1") or call.get("negative"):
            yield 0.45, line("losses", highest=fed.get("max")), course.view.place(call)


def bce_target_out_of_range(course: Course) -> Iterator[Clue]:
    """Binary targets outside of 0 and 1."""
    for call, _, target in _calls_of(course.view, "binary_cross_entropy_with_logits", "binary_cross_entropy"):
        if number(target.get("min")) < 0 or number(target.get("max")) > 1:
            yield 0.5, line("losses", lowest=target["min"], highest=target["max"]), course.view.place(call)


def cross_entropy_on_dense_vectors(course: Course) -> Iterator[Clue]:
    """Targets of a cross entropy that are neither class numbers nor add up to one."""
    for call, _, target in _calls_of(course.view, "cross_entropy"):
        if "float" in str(target.get("dtype")) and not _probable(target):
            yield 0.45, line("losses", lowest=target.get("min"), highest=target.get("max")), course.view.place(call)


def loss_shape_broadcast(course: Course) -> Iterator[Clue]:
    """A loss of two shapes."""
    for call, fed, target in _calls_of(course.view, *DISTANCES, "binary_cross_entropy_with_logits"):
        if fed.get("shape") != target.get("shape"):
            shapes = [fed.get("shape"), target.get("shape")]
            yield 0.5, line("losses", output_and_target=shapes), course.view.place(call)


def _softmaxes(course: Course) -> Iterator[tuple[dict[str, Any], int]]:
    """Every softmax over what is learned, and its axis."""
    for op in course.view.ops:
        if op["op"] in ("softmax", "log_softmax") and op.get("inputs") and op.get("learned"):
            dim = op["named"].get("dim", next((n for n in op["numbers"] if isinstance(n, int)), None))
            if dim is not None and op["inputs"][0]:
                yield op, dim % len(op["inputs"][0])


def softmax_over_wrong_axis(course: Course) -> Iterator[Clue]:
    """A softmax over the first axis, or over one amid others."""
    for op, dim in _softmaxes(course):
        shape = op["inputs"][0]
        if len(shape) > 1 and dim != len(shape) - 1:
            weight = (0.4 if dim == 0 else 0.25) + (0 if course.unwell else -0.1)
            yield weight, line("losses", dim=dim, shape=shape), course.view.place(op)


def softmax_over_single_unit(course: Course) -> Iterator[Clue]:
    """A softmax of one number."""
    for op, dim in _softmaxes(course):
        if op["inputs"][0][dim] == 1:
            yield 0.5, line("losses", shape=op["inputs"][0]), course.view.place(op)


def ignore_index_drops_class(course: Course) -> Iterator[Clue]:
    """A loss passes over a number that words or rows have too."""
    at_words = number(course.view.of("ignored").get("share_at_words"))
    if at_words > 0:
        yield 0.4, line("ignored", share_at_words=at_words), course.view.loss_place
    for call in course.view.of("losses").get("calls", []):
        if number(call["kwargs"].get("ignore_index")) >= 0 and course.unwell:
            yield 0.25, line("losses", ignore_index=call["kwargs"]["ignore_index"]), course.view.place(call)


def loss_counts_padding(course: Course) -> Iterator[Clue]:
    """Rows of targets end with filling, which the loss may count."""
    targets = course.view.of("sequence").get("targets") or {}
    felt = number(targets.get("gradient_at_fill"))
    if targets.get("ignore_index") != targets.get("fill") and number(targets.get("fill_share")) > 0.03 and felt > 0.01:
        weight = 0.35 if felt > 0.03 and course.unwell else 0.25
        yield weight, line("sequence", targets_at_padding=targets["fill_share"]), course.view.loss_place


def _fed_targets(course: Course, how: str) -> Iterator[tuple[float, dict[str, Any]]]:
    """Inputs that hold the targets, at the same place or before (`same`, `next`), and how many of them."""
    for row in course.view.of("sequence").get("inputs") or []:
        if number((row.get("copies") or {}).get(how)) > 0.5 and not number(row.get("seen_after")) > 0:
            yield row["copies"][how], row.get("future") or {}


def decoder_target_not_shifted(course: Course) -> Iterator[Clue]:
    """Targets are among the inputs, at their own places and not before."""
    if any(share > 0.9 for share, _ in _fed_targets(course, "next")):
        return
    for share, _ in _fed_targets(course, "same"):
        yield 0.4, line("sequence", targets_equal_to_input=share), course.view.loss_place


def missing_causal_mask(course: Course) -> Iterator[Clue]:
    """Targets are the inputs that follow, and early answers change a little with later inputs."""
    for share, future in _fed_targets(course, "next"):
        if number(future.get("early")) > 1e-4:
            found = {"early_change": future["early"], "targets_are_next_inputs": share}
            yield 0.45, line("sequence", **found), course.view.model_place


SUSPICIONS: Suspicions = {
    loss_clipped: "train once without the bound",
    flipped_loss_sign: "check that a right answer costs less than a wrong one",
    double_softmax: "hand the scores to the loss, without the softmax",
    double_sigmoid: "hand the scores to the loss, without the sigmoid",
    nll_loss_on_probabilities: "hand log_softmax(scores) to the loss",
    kl_div_not_log_prob: "hand log-probabilities to kl_div first, and probabilities second",
    ctc_raw_logits: "hand log_softmax(scores, dim=-1) to the loss",
    bce_target_out_of_range: "print the lowest and the highest target",
    cross_entropy_on_dense_vectors: "print a target: is it a class number, or does it add up to one?",
    loss_shape_broadcast: "print the shapes of output and target before the loss",
    softmax_over_wrong_axis: "add up what the softmax gives along the axis of the classes: is it one?",
    softmax_over_single_unit: "give one unit a sigmoid, or make two of it",
    ignore_index_drops_class: "count the targets that are the ignored number: are they filling alone?",
    loss_counts_padding: "count the targets that are filling, and leave them out of the loss",
    decoder_target_not_shifted: "print a row of inputs beside its targets: is each target the next input?",
    missing_causal_mask: "change the last word of a row, and see whether earlier answers change",
    regression_loss_for_classes: "if the numbers only name classes, give one output a class and use cross entropy",
    encoder_ignored: "answer with the sources of other rows: does the output stay the same?",
    no_end_of_sequence: "end every target with a mark, and let it count in the loss",
    teacher_forcing_at_eval: "decode from the source alone, feeding the decoder its own words, and score that",
}
