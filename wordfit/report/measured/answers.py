"""What the experiments on what answers follow found, in a line or two each."""

from __future__ import annotations

from wordfit.report.measured.phrases import Lines, changes, line, tell
from wordfit.report.page import Data


def dependence(r: Data) -> Lines:
    size, between = r.get("answer_size"), r.get("answer_spread")
    return [
        line(
            tell("other words change the answer by {:of} its size", r.get("relative_change")),
            tell("rows of a batch differ by {:of} it", between / size) if size and between is not None else "",
        )
    ]


def company(r: Data) -> Lines:
    if r.get("answer_has_rows") is False:
        return [
            tell("the answer has the shape {:shape}: no axis for the {:n} rows", r.get("answer_shape"), r.get("rows"))
        ]
    call = r.get("first") or {}
    return [
        line(
            changes("changing the words of every other row, those between kept,", r.get("max_change")),
            tell("first at {:call}, {:line}", call.get("op"), call.get("line")),
        )
    ]


def sources(r: Data) -> Lines:
    rows = r.get("inputs") or []
    said = [
        tell(
            "changing {} changes the answer by {:sized} its size",
            ", ".join(s.get("looked_up_by") or []) or f"input {s['input'] + 1}",
            s["relative_change"],
        )
        for s in rows[:4]
    ]
    more = [f"{len(rows) - 4} more inputs"] if len(rows) > 4 else []
    unused = r.get("unused_lookups") or []
    lost = tell("words looked up in {} never reach the loss", unused[0].get("module") or "a table") if unused else ""
    return [line(*said, *more), lost]


def padding(r: Data) -> Lines:
    call, row = r.get("first") or {}, r.get("padding_row") or {}
    more = r.get("appended")
    return [
        line(
            tell("{:%} of the ids are padding", r.get("share")),
            changes("more of it", more) if more is not None else "rows could not be made longer",
            changes("noise at padding", r.get("pad_effect")),
            changes("noise at words", r.get("real_effect")),
        ),
        line(
            tell("it comes in at {:call}, {:line}", call.get("op"), call.get("line")),
            changes("with the padding row at zero, padding", r.get("appended_with_zero_row")),
            tell("the padding row has the length {:n}, others {:n}", row.get("norm"), row.get("others"))
            if call
            else "",
        ),
    ]


def attention(r: Data) -> Lines:
    calls = r.get("calls") or []
    padded = [c for c in calls if c.get("to_padding") is not None]
    most: Data = max(padded, key=lambda c: c["to_padding"], default={})
    return [
        line(
            f"{len(calls)} calls of attention" if len(calls) > 1 else "one call of attention",
            tell(
                "padding gets {:%} of the weight at the start, its even share is {:%}",
                most.get("to_padding"),
                most.get("due"),
            ),
        )
    ]


def word_order(r: Data) -> Lines:
    said = []
    for row in (r.get("inputs") or [])[:3]:
        names = ", ".join(row.get("looked_up_by") or []) or "the input"
        if not row.get("depends"):
            said.append(f"{names}: the answers compared do not follow its words at all")
            continue
        said.append(
            line(
                tell("{}: in another order {:%} of {:n} rows get another answer", names, row["changed"], row["rows"]),
                changes("it", row["change"]) if row["changed"] else "",
                changes("other words", row["by_other_words"], "change"),
            )
        )
    return said


def forcing(r: Data) -> Lines:
    return [
        tell(
            "{:n} evaluations fed the reference, {:n} the decoder's own answers; {:n} of the former were scored",
            r.get("forced"),
            r.get("free"),
            r.get("scored"),
        )
    ]


def evaluation(r: Data) -> Lines:
    if not r.get("batches"):
        return ["no evaluation was seen"]
    repeat = r.get("repeat") or {}
    return [
        line(
            "two passes over the same rows give the same answers"
            if repeat.get("difference") == 0
            else tell(
                "two passes over the same rows differ by {:of} the spread between rows", repeat.get("difference")
            ),
            tell("{:n} of {:n} batches were evaluated in training mode", r.get("in_training_mode"), r["batches"]),
            tell("with {:words}", r["noisy_modules"]) if r.get("noisy_modules") else "",
        )
    ]
