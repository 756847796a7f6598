"""Rows of embedding tables: what moved, shrank or was rewritten that should not have?"""

from __future__ import annotations

from typing import Any

from wordfit.doctor.checks.regime import tuning_harms
from wordfit.doctor.finding import ERROR, WARNING, Finding, Findings, View, number, seen
from wordfit.doctor.vector_facts import loaded


def weight_decay_unseen_rows(view: View) -> Findings:
    """Decay shrank rows of words that never occurred: the optimiser's, a penalty's, or a factor of the program's."""
    for table in view.tables:
        group, absent = table.get("group") or {}, table.get("absent")
        if not absent or absent["rows"] < 5 or not table["trainable"]:
            continue
        ratio = number(absent["norm_ratio"])
        shrunk = group.get("weight_decay") or table.get("penalised") or number(absent["cosine_low"]) > 0.97
        if ratio < 0.9 and absent["moved_share"] > 0.9 and shrunk:
            means = loaded(view, table["name"])  # rows drawn at random lose nothing
            other = tuning_harms(view.of("frozen"))  # without decay new rows are answered badly as well
            yield Finding(
                "weight_decay_unseen_rows",
                0.93,
                [
                    seen(
                        "tables",
                        {"norm_ratio": 1.0},
                        norm_ratio=ratio,
                        rows=absent["rows"],
                        weight_decay=group.get("weight_decay"),
                        penalised=table.get("penalised"),
                        optimizer=group.get("optimizer"),
                    )
                ],
                "give the table a parameter group with weight_decay=0 (an anchor to the start "
                "keeps words; decay pulls them to zero)"
                if group.get("weight_decay")
                else "leave the table out of the decay that is done by hand, or out of the penalty in the loss",
                _group_place(group, table),
                severity=ERROR if means and not other else WARNING,
            )
            return


def _group_place(group: dict[str, Any], table: dict[str, Any]) -> dict[str, Any]:
    site = group.get("site")
    return {"module": table["module"], "file": site[0] if site else None, "line": site[1] if site else None}


def adam_momentum_stale_rows(view: View) -> Findings:
    """Rows keep moving by momentum in steps in which their words do not occur."""
    facts = view.of("stale_rows")
    better = _better_between(view, facts.get("held_still_between") or {})
    if better or (facts.get("excess", 0) > 1.0 and facts.get("vectors_loaded")):
        yield Finding(
            "adam_momentum_stale_rows",
            0.9 if better else 0.7,
            [seen("stale_rows", {"excess": 0.0}, **{k: v for k, v in facts.items() if k not in ("seconds", "place")})],
            "make the table sparse (sparse=True) and step it with SparseAdam, which moves only rows that occur",
            facts.get("place") or {},
            severity=ERROR if better else WARNING,  # far moves alone may be what the words need
        )


def _better_between(view: View, found: dict[str, Any]) -> bool:
    """Whether rows that move in their own steps only are learned better: in training and on new rows, or rightly."""
    losses = [number(found.get(k)) for k in ("new", "new_own", "trained", "trained_own")]
    if losses[2] > 0 and losses[1] < 0.8 * losses[0] and losses[3] < 0.9 * losses[2]:
        return True
    if "classes" not in (view.classed.get("train") or {}):  # scores: the loss on new rows speaks
        if found.get("new") is None and "trained" in found:  # that nothing compared: what moves less fits better
            return losses[3] < 0.5 * losses[2] and losses[2] > 0.02 * number(view.of("rates").get("constant"))
        return found.get("rows", 0.0) >= 500 and 0 < losses[1] < 0.88 * losses[0]
    noise = (0.25 / max(found.get("rows", 1.0), 1.0)) ** 0.5
    right, own, still = number(found.get("right")), number(found.get("right_own")), view.of("frozen").get("frozen")
    if still is not None and own < number(still) - 0.03 and own - right < 0.7 * (number(still) - right):
        return False  # tuning is the harm: without momentum most of it is left
    won, lost = found.get("won", 0.0), found.get("lost", 0.0)
    dearer = losses[1] >= 0.9 * losses[0]  # false where no loss on new rows is known
    if won - lost > 3 * (won + lost) ** 0.5 and not dearer:  # the same rows, judged by both
        return True
    return own - right > max(0.1, 3 * noise)


def _bound_harms(view: View) -> bool:
    """Whether the training without `max_norm` costs less by far, in training and on new rows."""
    found = view.of("what_if").get("unbound") or {}
    losses = [number(found.get(k)) for k in ("new", "new_with_it", "learned", "learned_with_it")]
    if found.get("new") is None:  # a bound may cost in training what it gains on new rows
        return 0 <= losses[3] < 0.3 * losses[2]
    return 0 <= losses[1] < 0.8 * losses[0] and losses[3] < 0.8 * losses[2]


def max_norm_inplace_renorm(view: View) -> Findings:
    """`max_norm` rewrote rows that were looked up."""
    message = (view.error or {}).get("message") or ""
    refused = "modified by an inplace operation" in message
    for table in view.tables if refused else []:
        shapes = (f"[{table['rows']}, {table['width']}]", f"[{table['width']}, {table['rows']}]")
        if table.get("max_norm") and any(shape in message for shape in shapes):
            yield Finding(
                "max_norm_inplace_renorm",
                0.95,
                [seen("error", None, message=message[:200], max_norm=table["max_norm"], table=table["name"])],
                "drop max_norm: its look-up writes into the table after another call has used it, and the gradient of "
                "that call needs what was there before",
                _made(table),
            )
            return
    harms = _bound_harms(view)
    for table in view.tables:
        many = table.get("over_max_norm", 0) > 0.05 and table.get("clipped_rows", 0) >= 3
        if table.get("max_norm") and (many or harms):
            drawn = table["trainable"] and not loaded(view, table["name"])  # a bound on what is learned from nothing
            yield Finding(
                "max_norm_inplace_renorm",
                0.95,
                [
                    seen(
                        "tables",
                        {"rows_rewritten": 0},
                        rows_rewritten=table["clipped_rows"],
                        max_norm=table["max_norm"],
                        share_longer=table["over_max_norm"],
                    )
                ],
                "drop max_norm: it writes shortened vectors into the table at every look-up, "
                "frozen or not; normalise the output in place of the table",
                _made(table),
                severity=WARNING if drawn and not harms else ERROR,
            )
            return


def _made(table: dict[str, Any]) -> dict[str, Any]:
    """Where a table was made."""
    made = table.get("made") or (None, None)
    return {"module": table["module"], "file": made[0], "line": made[1]}


CHECKS = [
    weight_decay_unseen_rows,
    adam_momentum_stale_rows,
    max_norm_inplace_renorm,
]
