"""What speaks for a cause without proving it: notes for programs in which no fault was found.

A check proves; where none does, a stranger still wants to know where to look. Each function here weighs what the
record holds for one cause and says what would settle it. Its weight orders the notes and is no probability; a note
is never an error, and a program with nothing but notes counts as healthy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from wordfit.doctor.checks.course import Course
from wordfit.doctor.checks.gradients import first_over_last
from wordfit.doctor.checks.rates import finite_or_none
from wordfit.doctor.finding import INFO, Finding, View, number, seen

MOST = 3  # notes that are shown
LEAST = 0.3  # weight of a note that is worth a line
UNWELL = 0.1  # the same, of a program that shows a symptom

Clue = tuple[float, dict[str, Any], dict[str, Any]]
"""Weight, one line of evidence, and the place."""


def _table(view: View, **wanted: Any) -> dict[str, Any]:
    """The first table with these facts."""
    return next((t for t in view.tables if all(bool(t.get(k)) == v for k, v in wanted.items())), {})


def _line(experiment: str, **found: Any) -> dict[str, Any]:
    return seen(experiment, None, **{k: v for k, v in found.items() if v is not None})


def zero_grad_missing(course: Course) -> Iterator[Clue]:
    """The program's own steps diverge, and the same steps with cleared gradients do not."""
    if course.diverged and course.after(1.0) < 0.8:
        yield 0.8, _line("rates", own_loss=course.means[-1], same_steps_cleared=course.after(1.0)), {}


def lr_too_high(course: Course) -> Iterator[Clue]:
    """A tenth of the rate does better, or the loss swings."""
    own, slower = course.after(1.0), course.after(0.1)
    if course.diverged or slower < 0.8 * own:
        yield 0.5, _line("rates", own=own, a_tenth_of_it=slower), course.view.optimizer_place
    elif len(course.means) > 5 and min(course.means) < 0.6 * course.means[-1]:
        yield 0.25, _line("rates", lowest=min(course.means), at_the_end=course.means[-1]), course.view.optimizer_place


def lr_too_low(course: Course) -> Iterator[Clue]:
    """Ten times the rate does far better, and the loss hardly fell."""
    if course.after(10.0) < 0.6 * course.after(1.0) and course.learned < 0.35 and not course.still:
        weight = 0.45 if course.after(1.0) > 0.9 and course.steps >= 100 else 0.2
        yield weight, _line("rates", own=course.after(1.0), ten_times=course.after(10.0)), course.view.optimizer_place


def too_few_steps(course: Course) -> Iterator[Clue]:
    """The loss was still falling when training stopped."""
    few = 0 < course.steps <= 40 and not course.learned > 0.9
    if course.falling > 0.12 and course.learned < 0.6 or few:
        weight = 0.5 if course.steps <= 60 or course.epochs < 1.5 else 0.3
        weight -= 0.15 if course.lag <= 0.05 else 0
        yield weight, _line("rates", steps=course.steps, of_the_fall_in_the_last_third=course.falling), {}
    elif course.epochs <= 3 and course.learned < 0.3:
        yield 0.2, _line("rates", passes=course.epochs), {}


def gradient_path_cut(course: Course) -> Iterator[Clue]:
    """No rate changes anything: what is trained does not reach the loss."""
    if course.still:
        alive = number(course.view.of("dependence").get("relative_change")) > 1e-3
        yield 0.6 if alive else 0.3, _line("rates", any_rate=course.after(1.0)), course.view.loss_place


def dead_units(course: Course) -> Iterator[Clue]:
    """No rate changes anything, and the answer is the same for all inputs."""
    same = number(course.view.of("dependence").get("relative_change")) < 1e-3
    if course.still and same:
        yield 0.6, _line("dependence", relative_change=0.0), {}


def max_norm_inplace_renorm(course: Course) -> Iterator[Clue]:
    """A table with `max_norm` rewrites the rows that are looked up."""
    if table := _table(course.view, max_norm=True):
        weight = 0.55 if course.lag > 0.1 or table.get("clipped_rows") else 0.3
        yield weight, _line("tables", max_norm=table["max_norm"], rows_rewritten=table.get("clipped_rows")), table


def adam_momentum_stale_rows(course: Course) -> Iterator[Clue]:
    """Rows of rare words move further than their own steps could carry them."""
    facts = course.view.of("stale_rows")
    excess, rare = number(facts.get("excess")), number(facts.get("rare_rows"))
    if excess > 1.2 and rare >= 20:
        unsteady = len(course.means) > 5 and course.means[-1] > 1.1 * min(course.means)
        weight = 0.2 + 0.15 * unsteady + 0.1 * (excess > 3)
        yield weight, _line("stale_rows", excess=excess, rare_rows=rare), facts.get("place") or {}


def weight_decay_unseen_rows(course: Course) -> Iterator[Clue]:
    """A table that decays holds rows that never occur."""
    for table in course.view.tables:
        absent, group = table.get("absent") or {}, table.get("group") or {}
        decay = number(group.get("weight_decay"))
        if table.get("trainable") and decay > 0 and number(absent.get("norm_ratio")) < 0.99 and absent["rows"] >= 5:
            found = _line("tables", norm_ratio=absent["norm_ratio"], rows=absent["rows"], weight_decay=decay)
            yield 0.4, found, table


def finetune_overfit_small_data(course: Course) -> Iterator[Clue]:
    """Training rows are all but memorised, others are not, and the table learns."""
    frozen = course.view.of("frozen")
    gap, gain = number(frozen.get("gap")), number(frozen.get("gain"))
    if gain > 0.01:
        yield 0.3, _line("frozen", tuned=frozen.get("tuned"), frozen=frozen.get("frozen"), gap=gap), {}


def catastrophic_forgetting(course: Course) -> Iterator[Clue]:
    """Tuned vectors turned away from where they were, and words of new rows stayed behind."""
    frozen = course.view.of("frozen")
    cosine, gain = number(frozen.get("cosine")), number(frozen.get("gain"))
    if gain > 0.01 and cosine < 0.7 and number(frozen.get("untouched_rows")) > 0.1:
        yield 0.32, _line("frozen", cosine=cosine, gain=gain), {}


def class_imbalance(course: Course) -> Iterator[Clue]:
    """The commonest class is answered more often than it occurs."""
    dev = course.view.classed.get("dev") or {}
    top, balanced = number(dev.get("top_share")), number(dev.get("balanced"))
    reference = number(course.view.of("reference").get("crossed_majority"))
    if reference > 0.7 and top > reference and balanced < 0.75:
        yield 0.35, _line("data", answered_commonest=top, occurs=reference, balanced=balanced), {}


def tokenizer_mismatch_oov(course: Course) -> Iterator[Clue]:
    """Many words of the texts have no vector."""
    unknown = course.view.of("vectors").get("unknown") or {}
    as_written = 1 - number(unknown.get("coverage") or 1.0)
    share = max(number(unknown.get("share")), as_written if "mapping" in unknown else 0.0)  # else zeros that were fed
    if share > 0.3:
        yield min(0.25 + 0.3 * share, 0.5), _line("vectors", words_without_a_vector=share), {}


def wrong_vectors_width(course: Course) -> Iterator[Clue]:
    """No table is as wide as the vectors of the file."""
    vectors = course.view.of("vectors")
    widths = {f["width"] for f in vectors.get("files") or [] if f.get("words", 0) > 50}
    if any(table.get("width") in widths for table in course.view.tables):
        return
    for table in course.view.tables:
        if widths and table.get("width") not in widths and table.get("rows", 0) > 50:
            yield 0.45, _line("vectors", file=max(widths), table=table["width"]), table


def pretrained_not_loaded(course: Course) -> Iterator[Clue]:
    """A vector file was read, and no table holds its rows."""
    vectors = course.view.of("vectors")
    held = any(t.get("mapping") and number(t.get("same") or t.get("agree")) > 0.5 for t in vectors.get("tables") or [])
    if vectors.get("files") and not held and course.lag > 0.05:
        yield 0.2, _line("vectors", files=len(vectors["files"])), course.view.tables[0] if course.view.tables else {}


def oov_scale_mismatch(course: Course) -> Iterator[Clue]:
    """Rows of a table differ in length by far."""
    unknown = course.view.of("vectors").get("unknown") or {}
    scale = unknown.get("scale") or {}
    ratio = number(scale.get("unknown")) / (number(scale.get("known")) or math.nan)
    if ratio > 1.5 or 0 < ratio < 0.5:
        yield 0.4, _line("vectors", ratio=ratio), {}


def _at_padding(course: Course) -> dict[str, float] | None:
    """By how much noise at padding and at words changes answers, if at padding it does beside the other."""
    facts = course.view.of("padding")
    effect, real = number(facts.get("pad_effect")), number(facts.get("real_effect"))
    return {"pad_effect": effect, "real_effect": real} if effect > 0.02 * real > 0 else None


def padding_in_mean_pool(course: Course) -> Iterator[Clue]:
    """Padding changes answers beside what real words change."""
    facts = course.view.of("padding")
    if _at_padding(course) or number(facts.get("appended")) > 0.02:
        ops = {op["op"] for op in course.view.ops}
        weight = 0.3 if ops & {"mean", "sum", "div"} and not ops & {"lstm", "gru", "rnn_tanh"} else 0.15
        effects = {key: number(facts.get(key)) for key in ("pad_effect", "real_effect")}
        yield weight - (0 if course.unwell else 0.1), _line("padding", **effects), {}


def last_state_is_padding(course: Course) -> Iterator[Clue]:
    """The same, in a recurrent model."""
    found = _at_padding(course)
    if found and {op["op"] for op in course.view.ops} & {"lstm", "gru", "rnn_tanh", "rnn_relu"}:
        yield 0.35 - (0 if course.unwell else 0.1), _line("padding", **found), {}


def padding_row_nonzero(course: Course) -> Iterator[Clue]:
    """Padding changes answers, and its row of the table is not zero."""
    facts, found = course.view.of("padding"), _at_padding(course)
    row = facts.get("padding_row") or {}
    if found and number(row.get("norm")) > 1e-6:
        zeroed = facts.get("appended_with_zero_row")
        weight = 0.4 if zeroed is not None and zeroed < 0.5 * number(facts.get("appended")) else 0.25
        yield weight - (0 if course.unwell else 0.15), _line("padding", norm=row["norm"], **found), row


def padding_not_masked_attention(course: Course) -> Iterator[Clue]:
    """Padding changes answers of a model that weighs words by a softmax."""
    if (found := _at_padding(course)) and course.view.of("attention").get("calls"):
        yield 0.35 - (0 if course.unwell else 0.1), _line("padding", **found), {}


def truncation_removes_signal(course: Course) -> Iterator[Clue]:
    """Most rows are cut at one length."""
    lengths = course.view.of("data").get("lengths") or {}
    full, spread = number(lengths.get("at_max")), number(lengths.get("max")) - number(lengths.get("min"))
    if full > 0.6 and spread > 0 and course.lag < 0.1:
        yield 0.3, _line("data", rows_at_the_longest=full, longest=lengths.get("max")), {}


def eval_mode_missing(course: Course) -> Iterator[Clue]:
    """Evaluations ran in training mode, with layers that draw."""
    facts = course.view.of("evaluation")
    if facts.get("noisy_modules") and facts.get("in_training_mode"):
        yield 0.4, _line("evaluation", batches=facts["in_training_mode"], noisy=facts["noisy_modules"][:3]), {}


def teacher_forcing_at_eval(course: Course) -> Iterator[Clue]:
    """A decoder was scored on rows it was fed."""
    facts = course.view.of("forcing")
    if facts.get("scored") and not facts.get("free"):
        yield 0.4, _line("forcing", forced=facts["forced"], free=0), {}


def encoder_ignored(course: Course) -> Iterator[Clue]:
    """What the source says hardly changes the loss beside what the decoder is fed."""
    inputs = [i for i in course.view.of("sources").get("inputs") or [] if i.get("in_loss")]
    changes = sorted(
        [(number(i.get("loss_change")), i) for i in inputs if len(i.get("shape") or []) == 2], key=lambda c: c[0]
    )
    if len(changes) > 1 and changes[0][0] < 0.1 * changes[-1][0] and course.view.of("sequence"):
        found = _line("sources", least=changes[0][0], most=changes[-1][0])
        yield 0.45, found, {"module": (changes[0][1].get("looked_up_by") or [None])[0]}


def no_end_of_sequence(course: Course) -> Iterator[Clue]:
    """Targets of a decoder, which is fed them one step late, have no mark at their end."""
    facts = course.view.of("sequence")
    targets = facts.get("targets") or {}
    share = number(targets.get("same_end"))
    fed = any(number((i.get("copies") or {}).get("next")) > 0.5 for i in facts.get("inputs") or [])
    if fed and share < 0.9 and number(targets.get("filled_rows")) > 0.1:
        yield 0.3, _line("sequence", rows_that_end_alike=share), {}


def loss_clipped(course: Course) -> Iterator[Clue]:
    """A loss or an answer is held between bounds."""
    for clamp in course.view.of("losses").get("clamps") or []:
        cut = max(number(clamp.get("cut")), number(clamp.get("cut_at_start") or 0.0))
        if cut - number(clamp.get("from_below") or 0.0) > 0.2:  # a margin holds from below
            yield 0.35, _line("losses", cut=clamp.get("cut"), at_start=clamp.get("cut_at_start")), clamp


def flipped_loss_sign(course: Course) -> Iterator[Clue]:
    """Losses below zero, or steps that lower what should rise."""
    losses = course.view.of("losses")
    down, climbs = (losses.get("direction") or {}).get("start"), losses.get("maximize")
    direction = None if down is None else 1 - number(down) if climbs else number(down)
    if direction is not None and direction >= 0.6:
        return
    if direction is not None:
        weight = 0.4 if course.unwell else 0.2
        yield weight, _line("losses", steps_in_the_right_direction=direction), course.view.loss_place
    elif number(losses.get("negative")) > 0 and not climbs:
        yield 0.25, _line("losses", negative=losses["negative"], steps=losses["steps"]), course.view.loss_place
    dev = course.view.classed.get("dev") or {}
    if number(dev.get("accuracy")) < 0.5 * number(course.view.of("reference").get("crossed_majority")):
        yield 0.4, _line("data", right_answers=dev["accuracy"]), course.view.loss_place


def regression_loss_for_classes(course: Course) -> Iterator[Clue]:
    """Whole numbers as scores, and few of them."""
    losses = course.view.of("losses")
    target = losses.get("target") or {}
    squared = {c.get("loss") for c in losses.get("calls") or []} & {"mse_loss", "l1_loss", "smooth_l1_loss"}
    classes = course.view.of("classes").get("classes") or number(target.get("distinct"))
    if squared and target.get("whole") and 2 <= classes <= 30:
        yield 0.4, _line("classes", classes=classes), course.view.loss_place


def unshuffled_training_data(course: Course) -> Iterator[Clue]:
    """Batches hold fewer classes than the rows do."""
    order = course.view.of("data").get("order") or {}
    between, expected = number(order.get("between")), number(order.get("expected_between"))
    if between > 1.5 * expected > 0:
        yield 0.4, _line("data", between_batches=between, drawn_at_random=expected), {}


def train_dev_leak(course: Course) -> Iterator[Clue]:
    """Rows of the evaluation stand in the training set."""
    shared = course.view.of("data").get("shared") or {}
    share = number(shared.get("share")) * number(shared.get("same_target")) - number(shared.get("repeats_in_train"))
    if share > 0.03 and not shared.get("evaluates_training_set"):
        yield min(0.2 + share, 0.5), _line("data", rows_in_both=shared["share"]), {}


def symmetric_init(course: Course) -> Iterator[Clue]:
    """Units that are equal to each other, those of the answer apart: they come apart at the first step."""
    if equal := [r for r in course.view.of("units").get("equal_units") or [] if not r.get("output")]:
        yield 0.4, _line("units", layers=len(equal)), {}


def init_scale_too_large(course: Course) -> Iterator[Clue]:
    """The first loss is far above that of an answer that knows nothing."""
    uniform = number((course.view.of("losses").get("extremes") or {}).get("uniform"))
    first = number(course.view.curve.get("first"))
    if uniform > 0 and first > 1.5 * uniform:
        yield min(0.15 + 0.1 * first / uniform, 0.45), _line("losses", first=first, knows_nothing=uniform), {}


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
        return _line("reference", plain_learner=crossed, majority=chance)
    return None


def no_signal(course: Course) -> Iterator[Clue]:
    """Neither the model nor a plain learner finds more than chance would."""
    if found := _nothing_to_find(course):
        yield 0.35, found, course.view.loss_place


def labels_misaligned(course: Course) -> Iterator[Clue]:
    """The same: texts that stand beside the labels of others look like texts without a signal."""
    if found := _nothing_to_find(course):
        yield 0.32, found, course.view.loss_place


def vanishing_gradient(course: Course) -> Iterator[Clue]:
    """Gradients get small through layers, or through time."""
    layers = first_over_last(course.view.of("gradients").get("start") or {})
    if layers < 0.01 and course.unwell:
        yield 0.35, _line("gradients", first_over_last_layer=layers), {}
    found = (course.view.of("gradients").get("start") or {}).get("time_ratio") or {}
    ratio = number(found.get("early")) / (number(found.get("late")) or math.nan)
    if ratio < 0.01:
        yield 0.35, _line("gradients", first_words_beside_last=ratio), {}


def empty_sequence_mean(course: Course) -> Iterator[Clue]:
    """A row without a word, or a sum divided by a count, where losses are no numbers."""
    facts = course.view.of("numbers")
    if course.broken:
        rows = any(b.get("empty_rows") for b in facts.get("batches") or [])
        weight = 0.6 if rows else 0.4 if facts.get("divides_by_count") else 0.2
        yield weight, _line("numbers", first_bad_step=facts.get("first_bad")), {}


def unstable_softmax(course: Course) -> Iterator[Clue]:
    """Exponentials or logarithms, where losses are no numbers."""
    if course.broken:
        ops = {op["op"] for op in course.view.ops}
        weight = 0.5 if "exp" in ops or "log" in ops else 0.15
        yield weight, _line("numbers", first_bad_step=course.view.of("numbers").get("first_bad")), {}


def zero_norm_gradient(course: Course) -> Iterator[Clue]:
    """Roots or norms, where losses are no numbers."""
    ops = {op["op"] for op in course.view.ops}
    if course.broken and ops & {"sqrt", "norm", "cdist", "linalg_norm", "linalg_vector_norm", "pow", "acos"}:
        yield 0.45, _line("numbers", first_bad_step=course.view.of("numbers").get("first_bad")), {}


def exploding_gradient(course: Course) -> Iterator[Clue]:
    """Steps leap through a long chain of products, and clipped ones do not."""
    rates = course.view.of("rates")
    clipped, own = rates.get("clipped") or {}, course.rates.get(1.0) or {}
    before, worst = number(own.get("before")), own.get("worst")
    leaps = worst is not None and not number(worst) < 3 * before
    if leaps and clipped and number(rates.get("depth")) >= 10 and number(clipped.get("worst")) < 3 * before:
        line = _line("rates", highest_loss=finite_or_none(number(worst)), highest_when_clipped=clipped["worst"])
        yield 0.55, line, course.view.optimizer_place


SUSPICIONS: dict[Callable[[Course], Iterator[Clue]], str] = {
    zero_grad_missing: "call optimizer.zero_grad() before every backward pass, and see whether the loss still grows",
    lr_too_high: "train once with a tenth of the learning rate, and compare the loss and the score",
    lr_too_low: "train once with ten times the learning rate, and compare the loss and the score",
    too_few_steps: "train three times as long, and see whether new rows are answered better",
    gradient_path_cut: "print which parameters have a gradient after backward(); look for detach, no_grad, item, numpy",
    dead_units: "look at the activations before the last layer: are they zero for every input?",
    max_norm_inplace_renorm: "train once without max_norm",
    adam_momentum_stale_rows: "train once with sparse=True and SparseAdam for the table, and compare",
    weight_decay_unseen_rows: "give the table a parameter group with weight_decay=0",
    finetune_overfit_small_data: "train once with the table frozen, and compare the scores on new rows",
    catastrophic_forgetting: "train once with the table frozen, or anchored, and compare rows with unseen words",
    class_imbalance: "weigh the classes, or look at the recall of each",
    tokenizer_mismatch_oov: "list the commonest words without a vector: do they look as the file writes words?",
    wrong_vectors_width: "compare one row of the table with the file, value by value",
    pretrained_not_loaded: "compare one row of the table with the file before training",
    oov_scale_mismatch: "draw rows without a vector at the standard deviation of the others",
    padding_in_mean_pool: "answer one row alone and in a batch with longer ones, and compare",
    last_state_is_padding: "answer one row alone and in a batch with longer ones, and compare",
    padding_row_nonzero: "set the padding row to zero before training, and keep it there (padding_idx)",
    padding_not_masked_attention: "answer one row alone and in a batch with longer ones, and compare",
    truncation_removes_signal: "train once with twice the length",
    eval_mode_missing: "call model.eval() before every evaluation",
    teacher_forcing_at_eval: "decode from the source alone, feeding the decoder its own words, and score that",
    encoder_ignored: "answer with the sources of other rows: does the output stay the same?",
    no_end_of_sequence: "end every target with a mark, and let it count in the loss",
    loss_clipped: "train once without the bound",
    flipped_loss_sign: "check that a right answer costs less than a wrong one",
    regression_loss_for_classes: "if the numbers only name classes, give one output a class and use cross entropy",
    no_signal: "look at ten rows with their labels: do the texts hold what decides?",
    labels_misaligned: "print ten texts beside their labels, as the loss is given them",
    unshuffled_training_data: "shuffle the rows anew in every epoch",
    train_dev_leak: "take rows of the evaluation out of the training set, and score again",
    symmetric_init: "start the layer at random",
    init_scale_too_large: "start with smaller weights, and see whether the first loss is that of a uniform answer",
    vanishing_gradient: "use gates or a shorter way from the first words to the answer",
    empty_sequence_mean: "divide by count.clamp(min=1), and leave rows without words out",
    unstable_softmax: "use log_softmax or logsumexp in place of exp and log",
    zero_norm_gradient: "add a small number under the root or the norm",
    exploding_gradient: "clip the gradient's norm, and see whether the loss still leaps",
}


def suspicions(view: View) -> list[Finding]:
    """The notes of a record, the weightiest first, one a cause."""
    course, found = Course(view), []
    for clue, settle in SUSPICIONS.items():
        best = max(clue(course), key=lambda c: c[0], default=None)
        if best is not None and best[0] >= (UNWELL if course.unwell else LEAST):
            weight, evidence, place = best
            where = {k: place.get(k) for k in ("module", "file", "line")}
            text = f"not proven; to settle it: {settle}"
            found.append(Finding(clue.__name__, weight, [evidence], text, where, INFO))
    return sorted(found, key=lambda f: -f.confidence)[:MOST]
