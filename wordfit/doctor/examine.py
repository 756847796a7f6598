"""From what was seen to the record: run the experiments within the budget, and say what was not examined."""

from __future__ import annotations

import logging
import shutil
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Collection, Iterable
from typing import Any

import torch

from wordfit.doctor.bench import Bench
from wordfit.doctor.choosing import choose
from wordfit.doctor.description import describe
from wordfit.doctor.diagnose import ORDER, judge
from wordfit.doctor.experiments.answers import attention, company, evaluation, forcing, padding, word_order
from wordfit.doctor.experiments.steps import (
    belonging,
    freed,
    frozen,
    gradients,
    losses,
    numbers,
    onward,
    rates,
    retrained,
    sequence,
    stale_rows,
    table_rows,
    units,
    weights,
    what_if,
)
from wordfit.doctor.experiments.tables import encoding, layout, recoding, vectors
from wordfit.doctor.experiments.texts import data, lines, numbered, pairing, reference, targets
from wordfit.doctor.finding import ABSENT, ERROR
from wordfit.doctor.held_rows import supply_targets
from wordfit.doctor.id_layout import filling
from wordfit.doctor.names import Names
from wordfit.doctor.places import lines_of
from wordfit.doctor.run import Ran
from wordfit.doctor.split import Split
from wordfit.doctor.watch import Recorder
from wordfit.doctor.watch.watched import INSIDE
from wordfit.record import Record, plain

EXPERIMENTS: dict[str, tuple[Callable[[Bench], Any], str]] = {
    "data": (data.data, "classes, order and repetition of the rows that were fed"),
    "weights": (weights.weights, "which weights are reached, held and moved"),
    "tables": (table_rows.tables, "which rows of the tables occurred and moved"),
    "losses": (losses.losses, "what the losses were given, and what they say of better answers"),
    "belonging": (belonging.belonging, "whether a ranking raises the answer that goes with the question"),
    "dependence": (company.dependence, "whether the answer depends on the input, layer by layer"),
    "company": (company.company, "whether the other rows of a batch change an answer"),
    "sources": (company.sources, "which inputs the answer depends on"),
    "padding": (padding.padding, "whether padding changes an answer"),
    "attention": (attention.attention, "what attention weighs, and over which axis"),
    "sequence": (sequence.sequence, "whether a decoder sees what it must give"),
    "word_order": (word_order.word_order, "whether the order of the words changes an answer"),
    "ignored": (targets.ignored, "what the ignored index hides"),
    "forcing": (forcing.forcing, "whether scores come from a decoder fed the reference"),
    "evaluation": (evaluation.evaluation, "whether evaluation repeats itself"),
    "units": (units.units, "dead, saturated and equal units"),
    "gradients": (gradients.gradients, "gradients along depth and time"),
    "numbers": (numbers.numbers, "which rows and which call made the first value that is no number"),
    "vectors": (vectors.vectors, "whether rows of the table hold the vectors of their words"),
    "encoding": (encoding.encoding, "whether files were decoded as they were written"),
    "layout": (layout.layout, "whether the table's values are laid out as its width says"),
    "reference": (reference.reference, "what a plain learner finds in the same rows"),
    "truncation": (pairing.truncation, "whether what was cut off decides"),
    "pairing": (pairing.pairing, "whether another pairing of texts and labels has a signal"),
    "numbered": (numbered.numbered, "whether numbered files were read out of order"),
    "lines": (lines.lines, "whether quotation marks merge lines of the files read"),
    "classes": (targets.classes, "whether the order of class numbers means something"),
    "recoding": (recoding.recoding, "whether splits were encoded with different mappings"),
    "what_if": (what_if.what_if, "whether a suspicious call or start does harm"),
    "rates": (rates.rates, "whether a few batches can be learned, with which learning rates"),
    "stale_rows": (stale_rows.stale_rows, "whether rows move in steps without their words"),
    "freed": (freed.freed, "whether vectors that were frozen unasked would learn"),
    "frozen": (frozen.frozen, "whether holding the vectors still answers new rows better"),
    "onward": (onward.onward, "whether training on answers the evaluation better"),
    "retrained": (retrained.retrained, "whether the whole training learns at other rates, or clipped"),
}


LAST = "retrained"
"""The dearest experiment, made where nothing else has told why a program learned next to nothing."""


SHORT = 8.0  # seconds left with which some experiments do not begin

CHEAP = (
    "data", "weights", "tables", "losses", "dependence", "company", "sources", "padding",
    "attention", "sequence", "word_order", "ignored", "evaluation", "numbers",
)  # fmt: skip
"""Experiments of a few hundredths of a second each: they train nothing, and speak of the program and not of how far it
has come, so that its first steps will do."""


def examine(
    recorder: Recorder, ran: Ran, program: str, budget: float = 60.0, only: Collection[str] | None = None
) -> Record:
    """Everything that was seen and measured, as a record without live objects; `only` names the experiments."""
    began = time.perf_counter()
    record = Record()
    names = Names(recorder)
    case, troubles, unread = None, list(recorder.troubles), []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            case = choose(recorder, names)
        except Exception as error:
            troubles.append(f"case: {_first_line(error)}")
            unread.append({"what": "a training step, played again", "why": _first_line(error)})
        try:
            supply_targets(recorder, case)
        except Exception as error:
            troubles.append(f"targets: {_first_line(error)}")
        split = _split(recorder, troubles, unread)
        if split.padding is None and case is not None:  # tables that are indexed, in place of looked up
            split.padding = filling([stream for _, stream in case.streams])
        bench = Bench(recorder, names, case, split, budget, began)
        asked = [name for name in EXPERIMENTS if only is None or name in only]
        missed = [missing(name, "only cheap questions were asked") for name in EXPERIMENTS if name not in asked]
        missed += _run_all(bench, record, troubles, [name for name in asked if name != LAST])
        _see(bench, record, ran, program)
        if LAST in asked and _told(record):
            missed.append(missing(LAST, "a fault is proven that explains how training went"))
        elif LAST in asked:
            missed += _run_all(bench, record, troubles, [LAST])
    not_examined = unread + out_of_reach(recorder, ran) + missed
    record.program["doctor_seconds"] = time.perf_counter() - began
    record.experiments = plain(record.experiments)
    record.watched |= plain({"troubles": troubles, "not_examined": not_examined})
    record.watched["code"] = lines_of(record.watched, record.experiments, record.program)
    if recorder.links:
        shutil.rmtree(recorder.links, ignore_errors=True)
    return record


def missing(name: str, why: str) -> dict[str, str]:
    """An experiment that was not made."""
    return {"what": EXPERIMENTS[name][1], "why": why}


def _told(record: Record) -> bool:
    """Whether a fault is proven by what the program does, and not by how its training went."""
    rank = ORDER["lr_too_low"]
    return any(f.severity == ERROR and ORDER.get(f.cause, rank) < rank for f in judge(record))


def _see(bench: Bench, record: Record, ran: Ran, program: str) -> None:
    """Put into the record what was seen of the program."""
    record.program = {
        "name": program,
        "argv": sys.argv[:],
        "seconds": ran.seconds,
        "exit_code": ran.exit_code,
        "error": ran.error,
        "python": sys.version.split()[0],
        "torch": torch.__version__,
    }
    record.experiments, record.watched, record.program = (
        plain(record.experiments),
        plain(describe(bench)),
        plain(record.program),
    )


def _split(recorder: Recorder, troubles: list[str], unread: list[dict[str, str]]) -> Split:
    """The rows that were fed; where they cannot be read, none, and why."""
    try:
        return Split(recorder)
    except Exception as error:
        logging.getLogger(__name__).debug("%s", traceback.format_exc())
        troubles.append(f"rows: {_first_line(error)} at {_last_place(error)}")
        recorder.batches.clear()
        recorder.late.clear()
        unread.append({"what": "the rows that were fed", "why": _first_line(error)})
        return Split(recorder)


def out_of_reach(recorder: Recorder, ran: Ran) -> list[dict[str, str]]:
    """What the recorder could not see of this program, and why."""
    missed = dict(recorder.beyond)
    if not recorder.backwards:
        why = f"the program raised {ran.error['type']} before" if ran.error else "no backward pass was seen"
        elsewhere = not ran.error and set(recorder.beyond) - {INSIDE}
        missed["the training"] = f"{why} in this process" if elsewhere else why
    elif not recorder.steps_done:
        missed["the updates"] = "no optimizer of torch took a step"
    if recorder.in_part and {b.step for b in recorder.batches if not b.training} <= recorder.in_part:
        missed["the rows of the evaluation"] = "more numbers went into it than are kept"
    return [{"what": what, "why": why} for what, why in missed.items()]


def _run_all(bench: Bench, record: Record, troubles: list[str], names: Iterable[str]) -> list[dict[str, str]]:
    """Make experiments, and say of which nothing came, and why."""
    missed = []
    for experiment, question, name in ((*EXPERIMENTS[name], name) for name in names):
        if bench.left < 0.5:
            missed.append({"what": question, "why": "the time budget was used up"})
            continue
        began = time.perf_counter()
        try:
            found = experiment(bench)
        except Exception as error:
            logging.getLogger(__name__).debug("%s", traceback.format_exc())
            troubles.append(f"{name}: {_first_line(error)} at {_last_place(error)}")
            missed.append(
                {"what": question, "why": f"the experiment failed: {type(error).__name__}: {str(error)[:200]}"}
            )
            continue
        if found is None or set(found) == {"why_not"}:
            absent = ABSENT if bench.left > min(SHORT, bench.budget / 3) else "the time budget was all but used up"
            missed.append({"what": question, "why": found["why_not"] if found else absent})
            continue
        found["seconds"] = round(time.perf_counter() - began, 3)
        bench.facts[name] = found
        record.experiments[name] = found
    return missed


def _first_line(error: Exception) -> str:
    """What went wrong, in a line: torch tells all its backends."""
    return f"{type(error).__name__}: {error}".partition("\n")[0][:200]


def _last_place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "wordfit" in f.filename] or list(frames)
    return f"{ours[-1].name}:{ours[-1].lineno}" if ours else "?"
