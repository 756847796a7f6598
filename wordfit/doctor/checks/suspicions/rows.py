"""Rows: their padding, order, company and labels, and how they are evaluated."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from wordfit.doctor.checks.company import POOLS, lost_rows
from wordfit.doctor.checks.course import Course
from wordfit.doctor.checks.padding import HIDDEN, RECURRENT
from wordfit.doctor.checks.suspicions.clue import Clue, Suspicions, calls, line
from wordfit.doctor.finding import number


def _at_padding(course: Course) -> dict[str, float] | None:
    """By how much noise at padding and at words changes answers, if at padding it does beside the other."""
    facts = course.view.of("padding")
    effect, real = number(facts.get("pad_effect")), number(facts.get("real_effect"))
    changes = effect > 0.02 * real > 0 or number(facts.get("appended")) > 0.02
    return {"pad_effect": effect, "real_effect": real} if changes else None


def padding_in_mean_pool(course: Course) -> Iterator[Clue]:
    """Padding changes answers beside what real words change."""
    facts = course.view.of("padding")
    if _at_padding(course):
        ops = calls(course.view)
        weight = 0.3 if ops & {"mean", "sum", "div"} and not ops & {"lstm", "gru", "rnn_tanh"} else 0.15
        effects = {key: number(facts.get(key)) for key in ("pad_effect", "real_effect")}
        yield weight - (0 if course.unwell else 0.1), line("padding", **effects), {}


def last_state_is_padding(course: Course) -> Iterator[Clue]:
    """The same, in a recurrent model."""
    found = _at_padding(course)
    if found and calls(course.view) & {"lstm", "gru", "rnn_tanh", "rnn_relu"}:
        yield 0.35 - (0 if course.unwell else 0.1), line("padding", **found), {}


def padding_row_nonzero(course: Course) -> Iterator[Clue]:
    """Padding changes answers, and its row of the table is not zero."""
    facts, found = course.view.of("padding"), _at_padding(course)
    row = facts.get("padding_row") or {}
    if found and number(row.get("norm")) > 1e-6:
        zeroed = facts.get("appended_with_zero_row")
        weight = 0.4 if zeroed is not None and zeroed < 0.5 * number(facts.get("appended")) else 0.25
        yield weight - (0 if course.unwell else 0.15), line("padding", norm=row["norm"], **found), row


def padding_not_masked_attention(course: Course) -> Iterator[Clue]:
    """Padding changes answers of a model that weighs words by a softmax."""
    if (found := _at_padding(course)) and course.view.of("attention").get("calls"):
        yield 0.35 - (0 if course.unwell else 0.1), line("padding", **found), {}


def truncation_removes_signal(course: Course) -> Iterator[Clue]:
    """Most rows are cut at one length, or a plain learner finds a little more in what was cut off."""
    facts = course.view.of("truncation")
    if number(facts.get("gain")) > 0.03:
        yield 0.4, line("truncation", gain=facts["gain"], cut_share=facts["cut_share"]), {}
    lengths = course.view.of("data").get("lengths") or {}
    full, spread = number(lengths.get("at_max")), number(lengths.get("max")) - number(lengths.get("min"))
    if full > 0.6 and spread > 0 and course.lag < 0.1:
        yield 0.3, line("data", rows_at_the_longest=full, longest=lengths.get("max")), {}


def eval_mode_missing(course: Course) -> Iterator[Clue]:
    """Evaluations ran in training mode, with layers that draw."""
    facts = course.view.of("evaluation")
    if facts.get("noisy_modules") and facts.get("in_training_mode"):
        yield 0.4, line("evaluation", batches=facts["in_training_mode"], noisy=facts["noisy_modules"][:3]), {}


def unshuffled_training_data(course: Course) -> Iterator[Clue]:
    """Batches hold fewer classes than the rows do."""
    order = course.view.of("data").get("order") or {}
    if number(order.get("purity")) > number(order.get("expected")) + max(0.05, 6 * number(order.get("spread"))):
        yield 0.4, line("data", purity=order["purity"], drawn_at_random=order["expected"]), {}
    between, expected = number(order.get("between")), number(order.get("expected_between"))
    if between > 1.5 * expected > 0:
        yield 0.4, line("data", between_batches=between, drawn_at_random=expected), {}


def train_dev_leak(course: Course) -> Iterator[Clue]:
    """Rows of the evaluation stand in the training set."""
    shared = course.view.of("data").get("shared") or {}
    share = number(shared.get("share")) * number(shared.get("same_target")) - number(shared.get("repeats_in_train"))
    if share > 0.03 and not shared.get("evaluates_training_set"):
        yield min(0.2 + share, 0.5), line("data", rows_in_both=shared["share"]), {}


def class_imbalance(course: Course) -> Iterator[Clue]:
    """The commonest class is answered more often than it occurs."""
    dev = course.view.classed.get("dev") or {}
    top, balanced = number(dev.get("top_share")), number(dev.get("balanced"))
    reference = number(course.view.of("reference").get("crossed_majority"))
    if reference > 0.7 and top > reference and balanced < 0.75:
        yield 0.35, line("data", answered_commonest=top, occurs=reference, balanced=balanced), {}


def _nothing_to_find(course: Course) -> dict[str, Any] | None:
    """What a plain learner found, where that is nothing, and the model no more."""
    facts = course.view.of("reference")
    crossed, chance, rows = (number(facts.get(k)) for k in ("crossed", "crossed_majority", "rows"))
    noise = 4 * math.sqrt(max(chance * (1 - chance), 0.0) / rows) if rows > 0 else math.nan
    dev = course.view.classed.get("dev") or {}
    own = number(dev.get("accuracy")) - number((dev.get("majority") or {}).get("share"))
    classes = len((course.view.classed.get("train") or {}).get("classes") or (0, 1))
    apart = number(facts.get("crossed_balanced")) > 1 / max(classes, 2) + max(0.06, noise)  # of a rare class
    if crossed <= chance + noise and not own > noise and not apart:
        return line("reference", plain_learner=crossed, majority=chance)
    return None


def no_signal(course: Course) -> Iterator[Clue]:
    """Neither the model nor a plain learner finds more than chance would."""
    if found := _nothing_to_find(course):
        yield 0.35, found, course.view.loss_place


def labels_misaligned(course: Course) -> Iterator[Clue]:
    """Another pairing says more; or, of texts that stand beside the labels of others, nothing is found."""
    pairing, moved = course.view.of("pairing"), course.view.of("reference").get("shifted") or {}
    chance, own = (number(course.view.of("reference").get(k)) for k in ("crossed_majority", "crossed"))
    best = max((number(v) for v in moved.values()), default=math.nan)
    if number(pairing.get("gain")) > 0.05:
        yield 0.4, line("pairing", gain=pairing["gain"]), course.view.loss_place
    if best > max(own, chance) + 0.08:
        yield 0.4, line("reference", with_labels_moved=best, as_they_are=own), course.view.loss_place
    if number(pairing.get("agree")) < 0.9:
        yield 0.35, line("pairing", agree=pairing["agree"]), course.view.loss_place
    if found := _nothing_to_find(course):
        yield 0.32, found, course.view.loss_place


def pooling_over_batch(course: Course) -> Iterator[Clue]:
    """Other rows change an answer, however little, or the answer has no rows."""
    facts = course.view.of("company")
    if _mixed(facts) or (facts.get("answer_has_rows") is False and lost_rows(course.view)):
        yield 0.4, line("company", max_change=facts.get("max_change")), course.view.place(facts.get("first"))


def _mixed(facts: dict[str, Any]) -> bool:
    """Whether other rows change an answer: most of them, and not as what all are compared with."""
    reached, op = facts.get("rows_reached"), (facts.get("first") or {}).get("op")
    apart = reached is not None and (reached == 1 or (reached <= facts["rows"] / 2 and op not in POOLS))
    compared = number(facts.get("with_one_input")) < 1e-4 or facts.get("done_to_target")
    return number(facts.get("max_change")) > 1e-4 and not apart and not compared


def batch_first_mismatch(course: Course) -> Iterator[Clue]:
    """The same, through a layer that takes rows and time in an order of its own; or time comes last for all."""
    facts = course.view.of("company")
    first = facts.get("first") or {}
    along = first.get("op") in RECURRENT or "attention" in str(first.get("op"))
    if _mixed(facts) and along:
        yield 0.45, line("company", max_change=facts["max_change"], first_call=first["op"]), course.view.place(first)
    models = course.view.watched.get("models", [])
    turned = {f"{m['name']}.{c['path']}" for m in models for c in m["modules"] if c.get("batch_first") is False}
    rows = course.view.layout.get("rows")
    for op in course.view.ops if course.view.layout.get("batch_first") else ():
        shape = (op.get("inputs") or [[]])[0]
        if op["op"] in RECURRENT and op.get("module") in turned and len(shape) == 3 and shape[0] == rows != shape[1]:
            yield 0.4, line("company", shape=shape), course.view.place(op)


def attention_mask_inverted(course: Course) -> Iterator[Clue]:
    """Padding gets more than its share of attention, or changes answers more than words do."""
    for call in course.view.of("attention").get("calls", []):
        if number(call.get("to_padding")) > 1.2 * number(call.get("due")) > 0:
            shares = {"to_padding": call["to_padding"], "share_of_padding": call["due"]}
            yield 0.4, line("attention", **shares), course.view.place(call)
    found = _at_padding(course)
    if found and found["real_effect"] < min(0.5 * found["pad_effect"], HIDDEN):
        yield 0.3, line("padding", **found), {}


def train_test_vocab_mismatch(course: Course) -> Iterator[Clue]:
    """Rows of the evaluation read better by another mapping."""
    facts = course.view.of("recoding")
    told = [facts.get(k) or {} for k in ("best", "overlap", "neighbours")]
    lacking = [number(k.get("expected", 1.0)) - number(k.get("as_one", 0.0)) > 0.02 for k in told]
    gain = max((number(k.get("gain") or 0.0) for k, short in zip(told, lacking) if short), default=0.0)
    same = number((facts.get("counts") or {}).get("same"))
    if gain > 0.04 or same < 0.9:
        yield 0.35, line("recoding", gain=gain or None, same_ids=same if same < 0.9 else None), {}


SUSPICIONS: Suspicions = {
    padding_in_mean_pool: "answer one row alone and in a batch with longer ones, and compare",
    last_state_is_padding: "answer one row alone and in a batch with longer ones, and compare",
    padding_row_nonzero: "set the padding row to zero before training, and keep it there (padding_idx)",
    padding_not_masked_attention: "answer one row alone and in a batch with longer ones, and compare",
    pooling_over_batch: "answer one row alone and among others, and compare",
    batch_first_mismatch: "answer one row alone and among others, and compare; print the shape that the layer is given",
    attention_mask_inverted: "print a row's mask beside its words: which does it spare?",
    train_test_vocab_mismatch: "decode a row of each split with the mapping that encoded the training texts",
    truncation_removes_signal: "train once with twice the length",
    eval_mode_missing: "call model.eval() before every evaluation",
    unshuffled_training_data: "shuffle the rows anew in every epoch",
    train_dev_leak: "take rows of the evaluation out of the training set, and score again",
    class_imbalance: "weigh the classes, or look at the recall of each",
    no_signal: "look at ten rows with their labels: do the texts hold what decides?",
    labels_misaligned: "print ten texts beside their labels, as the loss is given them",
}
