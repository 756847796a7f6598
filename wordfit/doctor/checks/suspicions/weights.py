"""What is reached, held, tuned and moved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wordfit.doctor.checks.course import Course
from wordfit.doctor.checks.parameters import weight_rows
from wordfit.doctor.checks.suspicions.clue import Clue, Suspicions, first_table, line
from wordfit.doctor.finding import View, number


def gradient_path_cut(course: Course) -> Iterator[Clue]:
    """No rate changes anything: what is trained does not reach the loss."""
    if course.still:
        alive = number(course.view.of("dependence").get("relative_change")) > 1e-3
        yield 0.6 if alive else 0.3, line("rates", any_rate=course.after(1.0)), course.view.loss_place
    view = course.view
    dry = [r["name"] for r in _held(view) if r["grads"] and not any(r["grads"])]
    fed = {r["name"].rpartition(".")[0] for r in _held(view) if any(r["grads"] or ())} - {""}
    if dry := [name for name in dry if name.rpartition(".")[0] not in fed]:
        yield 0.4, line("weights", without_gradient=dry[:4]), view.loss_place
    passed, cuts = view.of("what_if").get("passed") or {}, view.of("weights").get("cuts") or []
    if passed and 0 < number(passed["learned_with_it"]) < 0.8 * number(passed["learned"]):
        yield 0.5, line("what_if", cut_by=passed["op"], learned=passed["learned"]), view.place(passed)
    for cut in cuts:
        if (cut.get("floating") or cut.get("read")) and not cut.get("used_for_indexing"):
            weight = 0.3 + (0.1 if course.learned < 0.3 else 0) - (0 if course.unwell else 0.1)
            yield weight, line("weights", cut_by=cut["op"]), view.place(cut)


def _held(view: View) -> list[dict[str, Any]]:
    """Weights that are to be learned, and that an optimiser holds."""
    return [r for r in weight_rows(view) if r["trainable"] and r["held"]]


def params_missing_from_optimizer(course: Course) -> Iterator[Clue]:
    """Weights that are to be learned, and that no optimiser holds."""
    missing = [r for r in weight_rows(course.view) if r["trainable"] and not r["held"] and r["in_model"]]
    if missing and _held(course.view):
        yield 0.35, line("weights", missing=[r["name"] for r in missing][:4]), {}


def optimizer_holds_stale_params(course: Course) -> Iterator[Clue]:
    """The optimiser holds weights that no step uses."""
    if stale := course.view.of("weights").get("stale"):
        yield 0.28, line("weights", stale=[s["shape"] for s in stale][:4]), course.view.optimizer_place


def frozen_by_default(course: Course) -> Iterator[Clue]:
    """A table of vectors stays as it is, and nothing says that it shall."""
    calls = [c for c in course.view.of("vectors").get("pretrained_calls", []) if c["in_model"]]
    unasked = [c for c in calls if c["freeze"] is None]
    for table in [t for t in course.view.tables if not t.get("trainable", True)]:
        found = line("weights", table=table["name"], trainable=False)
        if unasked:
            yield 0.25 + (0.1 if course.lag > 0.05 else 0), found, course.view.place(unasked[0])
        on_purpose = any(c["freeze"] and c["shape"] == [table["rows"], table["width"]] for c in calls)
        group = table.get("group") or {"groups": 0}
        if group["groups"] > 1 and group["of"] <= 2 and not on_purpose:
            yield 0.35, found, table


def freeze_flag_ineffective(course: Course) -> Iterator[Clue]:
    """Something asks for a table to be held still, and a table moves."""
    facts, moving = course.view.of("vectors"), first_table(course.view, trainable=True)
    wishes = [name for name, wanted in facts.get("wishes", []) if wanted == "still"]
    flags = [flag["flag"] for flag in course.view.of("weights").get("odd_flags", [])]
    others = facts.get("held_by_name") or facts.get("replaced") or facts.get("flips")
    if moving and (wishes or flags or others):
        yield 0.4, line("weights", asked_by=[*wishes, *flags][:3]), moving


def max_norm_inplace_renorm(course: Course) -> Iterator[Clue]:
    """A table with `max_norm` rewrites the rows that are looked up."""
    if table := first_table(course.view, max_norm=True):
        weight = 0.55 if course.lag > 0.1 or table.get("clipped_rows") else 0.3
        yield weight, line("tables", max_norm=table["max_norm"], rows_rewritten=table.get("clipped_rows")), table


def adam_momentum_stale_rows(course: Course) -> Iterator[Clue]:
    """Rows of rare words move further than their own steps could carry them."""
    facts = course.view.of("stale_rows")
    excess, rare = number(facts.get("excess")), number(facts.get("rare_rows"))
    if excess > 1.2 and rare >= 20:
        unsteady = len(course.means) > 5 and course.means[-1] > 1.1 * min(course.means)
        weight = 0.2 + 0.15 * unsteady + 0.1 * (excess > 3)
        yield weight, line("stale_rows", excess=excess, rare_rows=rare), facts.get("place") or {}


def weight_decay_unseen_rows(course: Course) -> Iterator[Clue]:
    """A table that decays holds rows that never occur."""
    for table in course.view.tables:
        absent, group = table.get("absent") or {}, table.get("group") or {}
        decay = number(group.get("weight_decay"))
        if table.get("trainable") and decay > 0 and number(absent.get("norm_ratio")) < 0.99 and absent["rows"] >= 5:
            found = line("tables", norm_ratio=absent["norm_ratio"], rows=absent["rows"], weight_decay=decay)
            yield 0.4, found, table


def finetune_overfit_small_data(course: Course) -> Iterator[Clue]:
    """Training rows are all but memorised, others are not, and the table learns."""
    frozen = course.view.of("frozen")
    gap, gain = number(frozen.get("gap")), number(frozen.get("gain"))
    if gain > 0.01:
        yield 0.3, line("frozen", tuned=frozen.get("tuned"), frozen=frozen.get("frozen"), gap=gap), {}


def catastrophic_forgetting(course: Course) -> Iterator[Clue]:
    """Tuned vectors turned away from where they were, and words of new rows stayed behind."""
    frozen = course.view.of("frozen")
    cosine, gain = number(frozen.get("cosine")), number(frozen.get("gain"))
    if gain > 0.01 and cosine < 0.7 and number(frozen.get("untouched_rows")) > 0.1:
        yield 0.32, line("frozen", cosine=cosine, gain=gain), {}


SUSPICIONS: Suspicions = {
    gradient_path_cut: "print which parameters have a gradient after backward(); look for detach, no_grad, item, numpy",
    params_missing_from_optimizer: "hand every weight that is to be learned to the optimizer",
    optimizer_holds_stale_params: "make the optimizer after the last change of the model",
    frozen_by_default: "train once with the table tuned (freeze=False), and compare the scores on new rows",
    freeze_flag_ineffective: "compare a few rows of the table before and after training",
    max_norm_inplace_renorm: "train once without max_norm",
    adam_momentum_stale_rows: "train once with sparse=True and SparseAdam for the table, and compare",
    weight_decay_unseen_rows: "give the table a parameter group with weight_decay=0",
    finetune_overfit_small_data: "train once with the table frozen, and compare the scores on new rows",
    catastrophic_forgetting: "train once with the table frozen, or anchored, and compare rows with unseen words",
}
