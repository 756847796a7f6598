"""Training regime and evaluation: what was memorised, forgotten, not there to be learned, or not learned yet?"""

from __future__ import annotations

import math
from typing import Any

from wordfit.doctor.checks.rates import gain_of, no_better_than_chance, rate_runs
from wordfit.doctor.finding import ERROR, WARNING, Finding, Findings, View, number, seen
from wordfit.doctor.vector_facts import loaded

DRAWS = 3  # answers to the same rows that are drawn on purpose, to be averaged
SMALL = 1500  # rows that a table of vectors can memorise


def finetune_overfit_small_data(view: View) -> Findings:
    """Tuned vectors memorise a small training set; the same vectors held still answer new rows better.

    Where words of new rows were left behind as well, that is the cause, and this is said beside it.
    """
    facts = view.of("frozen")
    if (
        facts
        and (_gain(facts) > _worth(facts) or _surer_than_right(view, facts))
        and facts.get("train_accuracy", 0) > 0.95
        and (facts.get("gap", 0) > 0.1 or _gain(facts) > max(0.06, 2.5 * facts.get("error", 0.0)))
    ):
        beside = _forgets(facts) and _gain(facts) > _worth(facts)
        if beside and facts.get("rows", 0) > SMALL:
            return
        yield Finding(
            "finetune_overfit_small_data",
            0.5 if beside else 0.85,
            [seen("frozen", None, **{k: v for k, v in facts.items() if k not in ("seconds", "place")})],
            "hold the vectors still (freeze=True), or give them a far smaller learning rate; stop early",
            facts.get("place") or {},
            severity=WARNING if beside else ERROR,
        )


def _surer_than_right(view: View, facts: dict[str, Any]) -> bool:
    """Whether few rows were memorised, and new ones cost more than answers without the input; held still, they do not.

    As many are right either way: what tuning spoilt is how sure the answers are.
    """
    constant = number(view.of("rates").get("constant"))
    tuned, still = number(facts.get("loss_tuned")), number(facts.get("loss_frozen"))
    memorised = facts["rows"] <= SMALL and facts.get("gap", 0.0) > 0.25 and _gain(facts) > -facts.get("error", 0.0)
    return memorised and tuned > 1.2 * constant > constant > 0 and still < 0.95 * constant


def _gain(facts: dict[str, Any]) -> float:
    """How much more is right with vectors held still than tuned; than tuned without decay, where decay shrank rows."""
    gain, without = facts.get("gain", 0.0), facts.get("without_decay")
    return float(gain if without is None else min(gain, facts["frozen"] - without))


def tuning_harms(facts: dict[str, Any]) -> bool:
    """Whether still vectors answer new rows far better than tuned ones that nothing shrank."""
    return "without_decay" in facts and _gain(facts) > _worth(facts)


def _worth(facts: dict[str, Any]) -> float:
    """How much more must be right to count; less, where the loss on new rows says the same of few training rows."""
    tuned, still = number(facts.get("loss_tuned")), number(facts.get("loss_frozen"))
    error = facts.get("error", 0.0)
    surer = facts["rows"] <= SMALL and tuned > 1.5 * still  # false for what is no number
    return max(0.02, 1.5 * error) if surer else max(0.04, 2 * error)


def _forgets(facts: dict[str, Any]) -> bool:
    """Rows left their place, others stayed; texts of the others alone suffer, or rows were too many to be memorised."""
    cosine = number(facts.get("cosine") or 1)
    if facts.get("untouched_rows", 0) >= 5 and "gain_on_novel" in facts:
        noise = 2 * math.sqrt(0.25 / (facts["rows_known"] or facts["rows_novel"]))
        if facts["gain_on_novel"] > 0.05 + max(3 * facts["gain_on_known"], noise):
            return True
    if facts.get("rows", 0) <= SMALL and _costs_the_known(facts):  # few rows were memorised
        return False
    if tuning_harms(facts):  # decay turned the rows, as far as they turned; what is left is that of a small set
        return False
    return facts.get("untouched_rows", 0) >= 5 and (cosine < 0.5 or (cosine < 0.9 and facts.get("rows", 0) > 500))


def _costs_the_known(facts: dict[str, Any]) -> bool:
    """Whether texts of nothing but trained words lose much by tuning as well, beyond doubt."""
    rows, lost = facts.get("rows_known", 0), facts.get("gain_on_known", 0.0)
    enough = max(0.05, 0.5 * facts.get("gain_on_novel", 0.0))
    return bool(rows >= 50 and lost > enough and lost > 2 * math.sqrt(0.25 / rows))


def _loses_the_new(facts: dict[str, Any]) -> bool:
    """Texts with words that were not trained suffer beyond doubt, and what tuning gains on the others is no more."""
    rows = facts.get("rows_novel", 0)
    lost = facts.get("gain_on_novel", 0.0)
    return bool(rows and lost > max(0.06, 3 * math.sqrt(0.25 / rows)) and _gain(facts) > 0.5 * facts["error"])


def catastrophic_forgetting(view: View) -> Findings:
    """Rows that were trained left the space that rows of unseen words still live in."""
    facts = view.of("frozen")
    if facts and _forgets(facts) and (_gain(facts) > max(0.03, facts["error"]) or _loses_the_new(facts)):
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
        if not seen_rows or not absent or not table["trainable"] or not loaded(view, table["name"]):
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


def eval_mode_missing(view: View) -> Findings:
    """Evaluation ran with dropout or batch statistics on."""
    facts = view.of("evaluation")
    noise = facts.get("noisy_modules") or []
    repeat = facts.get("repeat") or {}
    by_mode = facts.get("batches") and facts.get("in_training_mode", 0) >= 0.5 * facts["batches"] and noise
    by_tape = facts.get("noise_calls") and number(repeat.get("difference") or 0) > 1e-3
    bare = facts.get("noise_without_modules")
    if not (by_mode or by_tape or bare) or facts.get("drawn_again", 0) >= DRAWS:
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
                calls=facts.get("noise_calls") or bare,
                two_passes_differ_by=repeat.get("difference"),
                differ_from_quiet_by=repeat.get("from_quiet"),
            )
        ],
        "give dropout `training=False` where the program evaluates"
        if bare
        else "call model.eval() before evaluating, and model.train() before training on",
        view.site_of_module(None) | view.model_place,
    )


def no_signal(view: View) -> Findings:
    """No learner finds a relation between these inputs and these labels."""
    facts, data = view.of("reference"), view.classed
    if facts.get("of") == "scores":
        yield from _no_signal_in_scores(facts)
    if "crossed" not in facts or facts["rows"] < 100 or (data.get("train") or {}).get("classes") is None:
        return
    chance = facts["crossed_majority"]
    noise = 2.5 * math.sqrt(chance * (1 - chance) / facts["rows"])
    shifted = max(facts.get("shifted", {"0": 0}).values())
    balanced = facts.get("crossed_balanced", 0)
    dev = data.get("dev") or {}
    judged = dev if dev.get("accuracy") is not None else data.get("trained") or {}  # an evaluation not understood
    own, own_balanced = judged.get("accuracy"), judged.get("balanced")
    classes = len(data["train"]["classes"])
    majority = (judged.get("majority") or {}).get("share", chance)
    if judged is not dev:  # rows that it was trained on: as many as a plain learner has by heart say nothing
        majority = max(majority, min(facts.get("train", 0.0), 0.9))
    rows = judged.get("rows", 0)
    margin = 2.5 * math.sqrt(majority * (1 - majority) / max(rows, 1))
    if facts["crossed"] > chance + noise or shifted > chance + 0.12 or balanced > 1 / classes + max(0.06, noise):
        return
    if facts.get("dev_crossed", 0) > facts.get("dev_majority", 1) + 0.12:
        return
    ended = view.means[-1] if view.means else math.nan
    begun = number(view.of("rates").get("constant") or view.curve.get("first"))
    if judged is not dev and (own or 0) <= chance + noise and ended < 0.7 * begun:
        return  # a loss that fell so far has other answers than those that were read
    if own is None and not no_better_than_chance(view, ended):
        return
    if own is not None and (own > majority + margin or (own_balanced or 0) > 1 / classes + max(0.08, margin)):
        return
    if _ranks(judged.get("ranked")) or _ranks(facts.get("crossed_ranked")):
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
                model_in_dev=dev.get("accuracy"),
                model_in_train=learned,
            )
        ],
        "look at ten rows with their labels: is it the right column, are labels joined to their "
        "texts, do the texts hold what decides?",
        {},
    )


def _ranks(found: dict[str, Any] | None) -> bool:
    """Whether rows of the rarer class have the higher score beyond chance: area under the ROC curve."""
    return found is not None and found["area"] > 0.5 + max(3 * found["error"], 0.05)


def words_cut_off(view: View) -> Findings:
    """Rows that end at one length hold no signal, and many words that have an id never occur in them: they come later.

    For programs that no longer hold the whole texts; what the words are called in a file of vectors says nothing.
    """
    lengths = view.of("data").get("lengths") or {}
    if lengths.get("at_max", 0) < 0.8 or lengths["max"] < 3 or not any(True for _ in no_signal(view)):
        return
    words = {t["table"]: t.get("words", 0) for t in view.of("vectors").get("tables", [])}
    for table in view.tables:
        if loaded(view, table["name"]):
            continue
        never = 1 - table["seen_rows"] / max(table["rows"], 1)
        if words.get(table["name"], 0) >= max(30, 0.8 * table["rows"]) and never > 0.25:
            yield Finding(
                "truncation_removes_signal",
                0.75,
                [
                    seen("data", None, rows_of_full_length=lengths["at_max"]),
                    seen("tables", {"words_never_fed": 0.0}, words_never_fed=never),
                ],
                f"keep more of the text (all rows are cut at {lengths['max']} words), or the end instead of the start",
                {},
            )
            return


def _no_signal_in_scores(facts: dict[str, Any]) -> Findings:
    """Chance alone explains about one part in as many as there are rows."""
    rows, dev_rows = facts["rows"], facts.get("rows_of_model", 0)
    trained, trained_rows = facts.get("model_explains_training", 1.0), facts.get("rows_of_model_training", 0)
    if rows < 100 or facts["explained"] > 0.005 + 4 / rows:
        return
    own = facts.get("model_explains", trained)
    if (dev_rows < 60 or own > 0.01 + 4 / dev_rows) and not (not dev_rows and trained_rows >= 500 and trained < 0.1):
        return
    yield Finding(
        "no_signal",
        0.8,
        [seen("reference", {"explained": "above 0"}, plain_learner=facts["explained"], model=own)],
        "look at ten rows with their scores: is it the right column, are scores joined to their texts?",
        {},
    )


def too_few_steps(view: View) -> Findings:
    """The loss was still falling steadily when training stopped, and going on lowers it much further."""
    if view.of("onward"):  # it was tried: what the loss alone suggests counts no more
        yield from _better_onward(view)
        return
    if (short := _scores_not_learned_yet(view)) is not None:
        yield short
        return
    means = view.means
    onwards = view.of("rates").get("onwards") or {}
    if len(means) < 4 or not all(map(math.isfinite, means)) or not onwards:
        return
    gain, steps = gain_of(onwards), view.watched.get("steps", 0)
    falling = sum(a > b for a, b in zip(means, means[1:])) >= 0.75 * (len(means) - 1)
    recent = (means[-3] - means[-1]) / max(abs(means[-3]), 1e-9)
    again = number(rate_runs(view).get(1.0, {}).get("after"))
    if steps >= 3 * onwards.get("steps", 0) and again < 0.8 * means[-1]:
        return  # the few batches that it goes on with are learned by heart, by a training of those alone as well
    late = means[-min(4, len(means))] - means[-1]
    if late < 0.21 * (means[0] - means[-1]):  # a straight line would give a third: it is levelling off
        return
    data = view.classed
    classes = len((data.get("train") or {}).get("classes") or {})
    said = view.of("losses").get("extremes") or {}
    high = means[-1] > 0.35 * number(said.get("uniform")) if said else means[-1] > 0.3 * means[0]
    own = (data.get("dev") or {}).get("accuracy")
    own = (data.get("trained") or {}).get("accuracy") if own is None else own
    known = (view.of("data").get("shared") or {}).get("evaluates_training_set", False)
    told = ("crossed",) if known else ("dev", "crossed")  # on rows that it was made of, a learner reaches anything
    reachable = max(view.of("reference").get(name, 0) for name in told)
    behind = own is None or not reachable or own < reachable - 0.05 or classes == 0
    if ((data.get("dev") or {}).get("balanced") or 0) > 0.9:  # which longer training cannot better by much
        return
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
                    own_steps=steps,
                ),
                seen("curve", None, tenths=means),
            ],
            "train longer: raise the number of epochs until the loss on the evaluation stops falling",
            {},
            severity=ERROR,
        )


def _scores_not_learned_yet(view: View) -> Finding | None:
    """After a pass or two a plain learner explains far more of the scores, and the same steps still lower the loss."""
    reference, rates = view.of("reference"), view.of("rates")
    onwards, first = rates.get("onwards") or {}, (rates.get("runs") or {}).get("1.0") or {}
    if reference.get("of") != "scores" or not onwards or not first:
        return None
    passes = view.watched.get("steps", 0) * (view.layout.get("rows") or 0) / max(reference["rows"], 1)
    behind = reference["explained"] - max(
        reference.get("model_explains_training", 1.0), reference.get("model_explains", 0.0)
    )
    start, end, later = number(first["before"]), number(onwards["before"]), number(onwards["after"])
    if not (0 < passes <= 2.5 and behind > 0.3 and later < 0.7 * end < 0.7 * start):
        return None
    return Finding(
        "too_few_steps",
        0.75,
        [
            seen("rates", None, loss_at_start=start, loss_at_end=end, after_going_on=later, passes=passes),
            seen("reference", None, plain_learner_explains=reference["explained"], behind=behind),
        ],
        "train longer: raise the number of epochs until the loss on the evaluation stops falling",
        {},
    )


def _better_onward(view: View) -> Findings:
    """Going on as before, the evaluation gets better from pass to pass, and far better than it was.

    No error where as long a training again brings little of it: then the most is learned.
    """
    facts = view.of("onward")
    if not facts or facts["rows"] < 50:
        return
    sizes = list(((view.classed.get("dev") or {}).get("classes") or {"all": facts["rows"]}).values())
    noise = 3 * math.sqrt(sum(0.25 / n for n in sizes)) / len(sizes)  # a rare class weighs as much as the others
    course = [facts["recall"], *(number(recall) for _, recall in facts["course"])]
    rising = len(course) > 3 and all(b > a - 0.003 for a, b in zip(course, course[1:]))
    enough = max(0.05 if rising else 0.08, noise)
    reference, classes = view.of("reference"), len((view.classed.get("dev") or {}).get("classes") or [0, 0])
    lost = reference.get("crossed", 1.0) < reference.get("crossed_majority", 0.0) + 0.05 and "crossed" in reference
    if lost and course[-1] < 1 / max(classes, 1) + 0.15:  # where nothing is to be learned, scores wander
        return
    if course[-1] - course[0] > enough and course[-1] > max(course) - 0.03:
        soon = course[1] - course[0] > enough / 2 or course[-1] - course[0] > 0.15
        yield Finding(
            "too_few_steps",
            0.85 if soon else 0.5,
            [seen("onward", {"recall": "as before"}, **{k: v for k, v in facts.items() if k != "seconds"})],
            "train longer: raise the number of epochs until the evaluation stops getting better",
            {},
            severity=ERROR if soon else WARNING,
        )


CHECKS = [
    finetune_overfit_small_data,
    catastrophic_forgetting,
    eval_mode_missing,
    no_signal,
    words_cut_off,
    too_few_steps,
]
