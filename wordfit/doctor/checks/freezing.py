"""Vectors that were to be tuned and stay, or were to stay and move."""

from __future__ import annotations

import re
from typing import Any

from wordfit.doctor.checks.parameters import weight_rows
from wordfit.doctor.finding import ERROR, WARNING, Finding, Findings, View, number, seen
from wordfit.doctor.places import code_at, remark_at
from wordfit.doctor.vector_facts import loaded

TUNED = re.compile(r"\b(fine-?)?tun(e|ed|ing)\b", re.I)
STILL = re.compile(
    r"\b(frozen|freez\w+|fixed|static|constant|(not|never|n't) (be )?(train|tun|updat|chang)\w+|(stays?|kept) as)", re.I
)
"""What a remark says of a table that is to stay as it is."""


def _said_so(table: dict[str, Any], view: View) -> bool:
    """Whether the line that makes the table from vectors spells out that it is frozen."""
    calls = view.of("vectors").get("pretrained_calls", [])
    made = [c for c in calls if c["in_model"] and c["freeze"] and c["shape"] == [table["rows"], table["width"]]]
    return any(re.search(r"freeze\s*=\s*True|,\s*True\s*[,)]", str(code_at(c, view)).partition("#")[0]) for c in made)


def frozen_by_default(view: View) -> Findings:
    """The table was handed to an optimiser on purpose, but what holds it froze it unasked."""
    calls = [c for c in view.of("vectors").get("pretrained_calls", []) if c["in_model"] and c["freeze"] is None]
    for table in view.tables:
        group = table.get("group")
        asked = table["name"] in view.of("vectors").get("held_still", [])
        if table["trainable"] or not group or asked:
            continue
        own = group["groups"] > 1 and group["of"] <= 2
        call = next((c for c in calls if c["shape"] == [table["rows"], table["width"]]), None)
        if call is not None and STILL.search(remark_at(call["file"], call["line"], view)):
            continue
        if call is None and (not (own and group["lr"] > 0) or _said_so(table, view)):
            continue
        evidence = [
            seen(
                "weights",
                {"moved": "> 0"},
                table=table["name"],
                trainable=False,
                held_by=group["optimizer"],
                own_group=own,
                freeze_given=None,
            )
        ]
        yield Finding(
            "frozen_by_default",
            0.95 if own else 0.85,
            evidence,
            "from_pretrained freezes unless told otherwise: pass freeze=False (or freeze=True, "
            "and keep the table out of the optimiser)"
            if call
            else "an optimiser was given the table in a group of its own, but it asks for no gradient: "
            "make it with requires_grad=True, or keep it out of the optimiser",
            _table_made(table, call),
            severity=ERROR,
        )
        return
    if (wish := _unheard(view, "tuned", trainable=False)) is not None:
        yield Finding(
            "frozen_by_default",
            0.8,
            [seen("weights", {"moved": "> 0"}, table=wish["table"]["name"], trainable=False, asked_by=wish["flag"])],
            f"{wish['flag']} asks for tuned vectors, but the weight asks for no gradient: pass it on (freeze=False)",
            _table_made(wish["table"], None),
        )
    elif (call := next((c for c in calls if _asks_for_tuning(c, view)), None)) is not None:
        yield Finding(
            "frozen_by_default",
            0.85,
            [seen("vectors", None, remark=remark_at(call["file"], call["line"], view))],
            "from_pretrained freezes unless told otherwise: pass freeze=False",
            {"module": None, "file": call["file"], "line": call["line"]},
        )
    elif (found := _worth_tuning(view)) is not None:
        yield found


def _asks_for_tuning(call: dict[str, Any], view: View) -> bool:
    """Whether the author's remark on the call says that its vectors are tuned, and the table of that shape is still."""
    remark = remark_at(call["file"], call["line"], view)
    still = any([t["rows"], t["width"]] == call["shape"] and not t["trainable"] for t in view.tables)
    return still and bool(TUNED.search(remark)) and not STILL.search(remark)


def _worth_tuning(view: View) -> Finding | None:
    """Nothing says that the table shall be still but `from_pretrained`'s default, and tuned it answers far more."""
    facts = view.of("freed")
    call, rows = facts.get("call") or {}, max(facts.get("rows") or 0, 1)
    if not facts or STILL.search(remark_at(call["file"], call["line"], view)):
        return None
    if any(wanted == "still" for _, wanted in view.of("vectors").get("wishes", [])):
        return None
    gain = facts["tuned"] - facts["frozen"]
    if gain < max(0.1, 4 * (0.25 / rows) ** 0.5):
        return None
    evidence = {k: facts[k] for k in ("frozen", "tuned", "plain_learner")}
    return Finding(
        "frozen_by_default",
        0.8,
        [seen("freed", None, **evidence)],
        "from_pretrained freezes unless told otherwise: pass freeze=False; if the vectors are to stay as they are, "
        "say so (freeze=True)",
        {"module": None, "file": call["file"], "line": call["line"]},
        severity=ERROR if gain > 0.15 else WARNING,
    )


def _unheard(view: View, wish: str, trainable: bool) -> dict[str, Any] | None:
    """A flag of the program that asks for one thing, where its only table has done the other from the first step on."""
    asked = [name for name, wanted in view.of("vectors").get("wishes", []) if wanted == wish]
    others = [name for name, wanted in view.of("vectors").get("wishes", []) if wanted != wish]
    tables = [t for t in view.tables if t.get("is_module") and loaded(view, t["name"])]
    grads = {r["name"]: r["grads"] for r in weight_rows(view)}
    if not asked or others or len(tables) != 1 or len(view.watched.get("optimizers", [])) != 1:
        return None
    table = tables[0]
    moves = (grads.get(table["name"]) or [None])[0] is not None
    return {"flag": asked[0], "table": table} if moves == table["trainable"] == trainable else None


def _table_made(table: dict[str, Any], call: dict[str, Any] | None) -> dict[str, Any]:
    made = [call["file"], call["line"]] if call else table.get("made") or [None, None]
    return {"module": table["module"], "file": made[0], "line": made[1]}


def freeze_flag_ineffective(view: View) -> Findings:
    """A flag that looks like freezing was set where it does nothing, and the weights move."""
    for flag in view.of("weights").get("odd_flags", []):
        if flag.get("trainable") and (flag.get("moved") is None or flag["moved"] > 1e-6):
            yield Finding(
                "freeze_flag_ineffective",
                0.96,
                [seen("weights", {"moved": 0.0}, flag=flag["flag"], on=flag["on"], moved=flag.get("moved"))],
                "set it on the weight itself: layer.weight.requires_grad_(False) (a module's "
                "attribute, or a copy's, is ignored)",
                {"module": flag.get("module") or flag["on"], "file": flag.get("file"), "line": flag.get("line")},
            )
            return
    if (wish := _unheard(view, "still", trainable=True)) is not None:
        yield Finding(
            "freeze_flag_ineffective",
            0.8,
            [seen("weights", {"moved": 0.0}, flag=wish["flag"], table=wish["table"]["name"], trainable=True)],
            f"{wish['flag']} asks for vectors held still, but nothing holds them: layer.weight.requires_grad_(False)",
            _table_made(wish["table"], None),
        )
        return
    moved = {t["name"]: (t.get("occurred") or {}).get("moved", 0) for t in view.tables if t["trainable"]}
    for chosen in view.of("vectors").get("held_by_name", []) if moved else []:
        yield Finding(
            "freeze_flag_ineffective",
            0.9,
            [seen("vectors", {"weights_of_that_name": "one at least"}, test=chosen["test"], weights_of_that_name=0)],
            "no weight has such a name, so none is held still: look at the names that model.named_parameters() gives",
            {"module": None, "file": chosen["file"], "line": chosen["line"]},
        )
        return
    for other in view.of("vectors").get("replaced", []):
        if number(moved.get(other["table"], 0)) > 1e-6:
            yield Finding(
                "freeze_flag_ineffective",
                0.9,
                [seen("vectors", {"moved": 0.0}, moved=moved[other["table"]], table=other["table"])],
                "the weight that was held still was replaced by another, which moves: set the flag after the last "
                "change of the layer",
                {"module": other["table"].rpartition(".")[0], "file": other["held_at"][0], "line": other["held_at"][1]},
            )
            return
    for flip in view.of("vectors").get("flips", []):
        if number(moved.get(flip["table"], 0)) > 1e-6:
            place = flip["freed_at"] or [None, None]
            yield Finding(
                "freeze_flag_ineffective",
                0.9,
                [seen("vectors", {"moved": 0.0}, moved=moved[flip["table"]], **flip)],
                "the table is held still and then set free again with all other weights: leave it out there",
                {"module": flip["table"].rpartition(".")[0], "file": place[0], "line": place[1]},
            )
            return


CHECKS = [
    frozen_by_default,
    freeze_flag_ineffective,
]
