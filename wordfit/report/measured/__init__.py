"""Every experiment of the doctor for a reader: what it asks, what a sound program gives, and what this one gave.

One table; its functions stand in rooms named like those of the experiments. They take what an experiment measured and
give a line or two; records may hold less than today's experiments measure, and what is missing is left out. A share is
said in per cent, a change of answers as a part of the spread between the rows of a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from wordfit.report.measured import answers, steps, tables, texts
from wordfit.report.measured.phrases import Lines
from wordfit.report.page import Data
from wordfit.report.wording import readable

MEASURED: dict[str, tuple[str, str, Callable[[Data], Iterable[str]]]] = {
    "data": (
        "Which rows were fed, in which order?",
        "shuffled rows, none of them in training and evaluation both",
        texts.data,
    ),
    "weights": (
        "Which weights are reached, held and moved?",
        "an optimizer holds all that should learn, and they move",
        steps.weights,
    ),
    "tables": (
        "Which rows of the tables occurred, and which moved?",
        "rows move where their words occur",
        steps.tables,
    ),
    "losses": ("What does the loss say of right and of useless answers?", "better answers cost less", steps.losses),
    "belonging": (
        "Does a ranking raise the answer that goes with the question, and not what was drawn?",
        "the raised one goes with it better",
        steps.belonging,
    ),
    "dependence": ("Does the answer depend on the input?", "other words change the answer", answers.dependence),
    "company": ("Do the other rows of a batch change an answer?", "no change", answers.company),
    "sources": ("Which inputs does the answer depend on?", "all of them", answers.sources),
    "padding": ("Does padding change an answer?", "no change", answers.padding),
    "attention": ("What does attention weigh?", "nothing goes to padding", answers.attention),
    "sequence": (
        "Does a decoder see what it must give?",
        "targets are the words after; later ones change nothing",
        steps.sequence,
    ),
    "word_order": (
        "Does the order of the words change an answer?",
        "it does in a model that reads in order, and not in a bag of words",
        answers.word_order,
    ),
    "ignored": ("What does the ignored index hide?", "padding alone", texts.ignored),
    "forcing": (
        "Do scores come from a decoder that is fed the reference?",
        "no: it is fed its own answers",
        answers.forcing,
    ),
    "evaluation": ("Does evaluation repeat itself?", "the same answers twice", answers.evaluation),
    "units": ("Are units dead, saturated or equal?", "few or none", steps.units),
    "gradients": ("How do gradients fare along depth and time?", "they neither die out nor grow", steps.gradients),
    "numbers": ("Where does the first value that is no number come from?", "there is none", steps.numbers),
    "vectors": (
        "Do the rows of the table hold the vectors of their words?",
        "they do, where vectors were read",
        tables.vectors,
    ),
    "encoding": ("Were files decoded as they were written?", "no word is garbled", tables.encoding),
    "layout": ("Are the table's values laid out as its width says?", "its own width is the best", tables.layout),
    "what_if": ("Does a suspicious call or start do harm?", "the same steps learn no more without it", steps.what_if),
    "reference": (
        "What does a plain learner find in the same rows?",
        "something, and no more than the model",
        texts.reference,
    ),
    "rates": (
        "Can a few batches be learned, and with which learning rates?",
        "with its own, to the loss's floor",
        steps.rates,
    ),
    "pairing": (
        "Has another pairing of texts and labels a signal?",
        "none does better than the program's",
        texts.pairing,
    ),
    "numbered": (
        "Do labels belong to files by their numbers?",
        "no better than as they were joined",
        texts.numbered,
    ),
    "truncation": ("Does what was cut off decide?", "whole texts are no easier", texts.truncation),
    "lines": ("Do quotation marks merge lines of the files read?", "no line is merged", texts.lines),
    "classes": ("Does the order of class numbers mean something?", "no, unless they are scores", texts.classes),
    "retrained": (
        "Does the whole training learn at other rates, or clipped?",
        "no better than at its own",
        steps.retrained,
    ),
    "stale_rows": ("Do rows move in steps without their words?", "hardly", steps.stale_rows),
    "recoding": (
        "Were the splits encoded with different mappings?",
        "none does better than the one in use",
        tables.recoding,
    ),
    "freed": ("Would vectors that were frozen unasked learn?", "no better than held still", steps.freed),
    "frozen": ("Would holding the vectors answer new rows better?", "no better than tuned", steps.frozen),
    "onward": ("Does training on answers the evaluation better?", "hardly", steps.onward),
}
"""Experiment: its question, what a sound program gives, and how to say what this one gave."""


def measured(name: str, result: Any) -> Lines:
    """What an experiment found, in a line or two; nothing where the record holds nothing that could be said."""
    if isinstance(result, dict) and result.get("why_not"):
        return [f"not asked: {result['why_not']}"]
    try:
        return [said for said in MEASURED[name][2](result) if said]
    except (KeyError, TypeError, IndexError, ValueError, AttributeError, ZeroDivisionError):
        return []


def question(name: str) -> str:
    """What an experiment asks; of one that is not known here, its name."""
    return MEASURED[name][0] if name in MEASURED else readable(name)
