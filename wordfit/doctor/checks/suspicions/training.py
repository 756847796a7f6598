"""How training went: steps, gradients, starts, and numbers that are none."""

from __future__ import annotations

import math
from collections.abc import Iterator

from wordfit.doctor.checks.course import Course
from wordfit.doctor.checks.gradients import first_over_last
from wordfit.doctor.checks.rates import finite_or_none
from wordfit.doctor.checks.suspicions.clue import Clue, Suspicions, calls, line
from wordfit.doctor.finding import number


def zero_grad_missing(course: Course) -> Iterator[Clue]:
    """The program's own steps diverge, and the same steps with cleared gradients do not."""
    if course.diverged and course.after(1.0) < 0.8:
        yield 0.8, line("rates", own_loss=course.means[-1], same_steps_cleared=course.after(1.0)), {}


def lr_too_high(course: Course) -> Iterator[Clue]:
    """A tenth of the rate does better, or the loss swings."""
    own, slower = course.after(1.0), course.after(0.1)
    if course.diverged or slower < 0.8 * own:
        yield 0.5, line("rates", own=own, a_tenth_of_it=slower), course.view.optimizer_place
    elif len(course.means) > 5 and min(course.means) < 0.6 * course.means[-1]:
        yield 0.25, line("rates", lowest=min(course.means), at_the_end=course.means[-1]), course.view.optimizer_place


def lr_too_low(course: Course) -> Iterator[Clue]:
    """Weights are all but where they began, and so is the loss; or ten times the rate does far better."""
    if course.moved < 0.05 and course.learned < 0.1 and not course.still:
        yield 0.5, line("weights", moved=course.moved, share_of_the_loss=course.learned), course.view.optimizer_place
    if course.after(10.0) < 0.6 * course.after(1.0) and course.learned < 0.35 and not course.still:
        weight = 0.45 if course.after(1.0) > 0.9 and course.steps >= 100 else 0.2
        yield weight, line("rates", own=course.after(1.0), ten_times=course.after(10.0)), course.view.optimizer_place


def too_few_steps(course: Course) -> Iterator[Clue]:
    """The loss was still falling when training stopped."""
    few = 0 < course.steps <= 40 and not course.learned > 0.9
    if course.falling > 0.12 and course.learned < 0.6 or few:
        weight = 0.5 if course.steps <= 60 or course.epochs < 1.5 else 0.3
        soon = course.epochs < 2.5 and course.falling > 0.2
        weight -= 0.15 if course.lag <= 0.05 and not soon else 0
        yield weight, line("rates", steps=course.steps, of_the_fall_in_the_last_third=course.falling), {}
    elif course.epochs < 1.5 and course.falling > 0.2:
        yield 0.3, line("rates", passes=course.epochs, of_the_fall_in_the_last_third=course.falling), {}
    elif course.epochs <= 3 and course.learned < 0.3:
        yield 0.2, line("rates", passes=course.epochs), {}


def init_scale_too_large(course: Course) -> Iterator[Clue]:
    """The first loss is far above that of an answer that knows nothing."""
    uniform = number((course.view.of("losses").get("extremes") or {}).get("uniform"))
    first = number(course.view.curve.get("first"))
    if uniform > 0 and first > 1.5 * uniform:
        yield min(0.15 + 0.1 * first / uniform, 0.45), line("losses", first=first, knows_nothing=uniform), {}


def symmetric_init(course: Course) -> Iterator[Clue]:
    """Units that are equal to each other, those of the answer apart: they come apart at the first step."""
    if equal := [r for r in course.view.of("units").get("equal_units") or [] if not r.get("output")]:
        yield 0.4, line("units", layers=len(equal)), {}


def dead_units(course: Course) -> Iterator[Clue]:
    """No rate changes anything, and the answer is the same for all inputs."""
    same = number(course.view.of("dependence").get("relative_change")) < 1e-3
    if course.still and same:
        yield 0.6, line("dependence", relative_change=0.0), {}
    for row in course.view.of("units").get("activations", []):
        dead = number((row.get("end") or {}).get("dead"))
        if dead > 0.5:
            yield 0.5 * dead, line("units", dead=dead), course.view.place(row)


def vanishing_gradient(course: Course) -> Iterator[Clue]:
    """Gradients get small through layers, or through time."""
    layers = first_over_last(course.view.of("gradients").get("start") or {})
    if layers < 0.01 and course.unwell:
        yield 0.35, line("gradients", first_over_last_layer=layers), {}
    found = (course.view.of("gradients").get("start") or {}).get("time_ratio") or {}
    ratio = number(found.get("early")) / (number(found.get("late")) or math.nan)
    if ratio < 0.01:
        yield 0.35, line("gradients", first_words_beside_last=ratio), {}


def exploding_gradient(course: Course) -> Iterator[Clue]:
    """Steps leap through a long chain of products, and clipped ones do not."""
    rates = course.view.of("rates")
    clipped, own = rates.get("clipped") or {}, course.rates.get(1.0) or {}
    before, worst = number(own.get("before")), own.get("worst")
    leaps = worst is not None and not number(worst) < 3 * before
    if leaps and clipped and number(rates.get("depth")) >= 10 and number(clipped.get("worst")) < 3 * before:
        found = {"highest_loss": finite_or_none(number(worst)), "highest_when_clipped": clipped["worst"]}
        yield 0.55, line("rates", **found), course.view.optimizer_place
    norms = sorted(number(u["grad_norm"]) for u in course.view.of("weights").get("updates", []))
    largest = max((n for n in norms if math.isfinite(n)), default=0.0)
    leapt = largest > max(10 * norms[len(norms) // 2], 10.0) if norms else False
    if leapt and number(rates.get("depth")) >= 10 and not course.learned > 0.5:
        yield 0.35, line("gradients", largest_norm=largest), course.view.optimizer_place


def empty_sequence_mean(course: Course) -> Iterator[Clue]:
    """A row without a word, or a sum divided by a count, where losses are no numbers."""
    facts = course.view.of("numbers")
    if course.broken:
        rows = any(b.get("empty_rows") for b in facts.get("batches") or [])
        weight = 0.6 if rows else 0.4 if facts.get("divides_by_count") else 0.2
        yield weight, line("numbers", first_bad_step=facts.get("first_bad")), {}


def unstable_softmax(course: Course) -> Iterator[Clue]:
    """Exponentials or logarithms, where losses are no numbers."""
    if course.broken:
        ops = calls(course.view)
        weight = 0.5 if "exp" in ops or "log" in ops else 0.15
        yield weight, line("numbers", first_bad_step=course.view.of("numbers").get("first_bad")), {}


def zero_norm_gradient(course: Course) -> Iterator[Clue]:
    """Roots or norms, where losses are no numbers."""
    ops = calls(course.view)
    if course.broken and ops & {"sqrt", "norm", "cdist", "linalg_norm", "linalg_vector_norm", "pow", "acos"}:
        yield 0.45, line("numbers", first_bad_step=course.view.of("numbers").get("first_bad")), {}


def fully_masked_attention(course: Course) -> Iterator[Clue]:
    """A softmax, over scores that a mask may have taken all of, where losses are no numbers."""
    softmaxes = {"softmax", "scaled_dot_product_attention", "multi_head_attention_forward"}
    if course.broken and (used := calls(course.view) & softmaxes):
        weight = 0.45 if course.view.of("attention").get("calls") or "masked_fill" in calls(course.view) else 0.3
        yield weight, line("numbers", first_bad_step=course.view.of("numbers").get("first_bad"), by=sorted(used)), {}


def all_targets_ignored(course: Course) -> Iterator[Clue]:
    """A loss that may pass over all of a batch, where losses are no numbers."""
    counted = course.view.of("numbers").get("divides_by_count")
    passed = [c for c in course.view.of("losses").get("calls", []) if "ignore_index" in c["kwargs"]]
    if course.broken and (counted or passed):
        yield 0.4, line("numbers", first_bad_step=course.view.of("numbers").get("first_bad")), course.view.loss_place


SUSPICIONS: Suspicions = {
    zero_grad_missing: "call optimizer.zero_grad() before every backward pass, and see whether the loss still grows",
    lr_too_high: "train once with a tenth of the learning rate, and compare the loss and the score",
    lr_too_low: "train once with ten times the learning rate, and compare the loss and the score",
    too_few_steps: "train three times as long, and see whether new rows are answered better",
    init_scale_too_large: "start with smaller weights, and see whether the first loss is that of a uniform answer",
    symmetric_init: "start the layer at random",
    dead_units: "look at the activations before the last layer: are they zero for every input?",
    vanishing_gradient: "use gates or a shorter way from the first words to the answer",
    exploding_gradient: "clip the gradient's norm, and see whether the loss still leaps",
    empty_sequence_mean: "divide by count.clamp(min=1), and leave rows without words out",
    unstable_softmax: "use log_softmax or logsumexp in place of exp and log",
    fully_masked_attention: "leave a position open in every row, and see whether the loss stays a number",
    all_targets_ignored: "leave out batches in which every target is passed over",
    zero_norm_gradient: "add a small number under the root or the norm",
}
