"""Weights and the optimiser: what is reached, held, frozen and moved?"""

from __future__ import annotations

import re
from typing import Any

from wordfit.doctor.finding import ERROR, WARNING, Finding, Findings, View, number, seen
from wordfit.doctor.places import code_at, remark_at
from wordfit.doctor.vector_facts import loaded


def weight_rows(view: View) -> list[dict[str, Any]]:
    """One row a weight, of the experiment `weights`."""
    return view.of("weights").get("rows", [])


def _made(view: View, row: dict[str, Any]) -> dict[str, Any]:
    site = row.get("site")
    return {
        "module": row["name"].rpartition(".")[0],
        "file": site[0] if site else None,
        "line": site[1] if site else None,
    }


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


def params_missing_from_optimizer(view: View) -> Findings:
    """Weights that get gradients but that no optimiser holds."""
    rows = weight_rows(view)
    stale = view.of("weights").get("stale") or []
    missing = [r for r in rows if r["trainable"] and not r["held"] and r["on_path"] and r["numel"] > 0]
    missing = [r for r in missing if not r.get("fresh")]
    if not missing or not any(r["held"] for r in rows) and not view.watched.get("optimizers"):
        return
    if any(s.get("twins") or (s.get("dry") and s.get("grown")) for s in stale):
        return
    total = sum(r["numel"] for r in rows if r["on_path"]) or 1
    share = sum(r["numel"] for r in missing) / total
    yield Finding(
        "params_missing_from_optimizer",
        0.95,
        [seen("weights", {"missing": []}, missing=[r["name"] for r in missing][:8], share_of_weights=share)],
        "hand every trainable weight to the optimiser (layers in nn.ModuleList, "
        "model.parameters() after the model is complete)",
        _made(view, missing[0]),
    )


def optimizer_holds_stale_params(view: View) -> Findings:
    """The optimiser was made before the model's layers were replaced."""
    stale = [s for s in view.of("weights").get("stale") or [] if s["twins"] or s["dry"]]
    unheld = [r for r in weight_rows(view) if r["trainable"] and not r["held"] and r["on_path"]]
    if any(r.get("fresh") for r in unheld):  # made of a value in every step: what came before is cut off
        return
    if stale and (unheld or any(s["twins"] for s in stale)):
        yield Finding(
            "optimizer_holds_stale_params",
            0.95,
            [
                seen(
                    "weights",
                    {"stale": 0},
                    stale=[s["shape"] for s in stale][:6],
                    in_use_but_not_held=[r["name"] for r in unheld][:6],
                )
            ],
            "make the optimiser after the last change of the model's layers (loading, replacing, moving)",
            view.optimizer_place,
        )


CUTTING = (
    "tensor", "detach", "detach_", "data.__get__", "argmax", "round", "topk", "sign", "floor", "ceil", "long", "int",
)  # fmt: skip
"""Calls that give no gradient to what they were given."""


def gradient_path_cut(view: View) -> Findings:
    """The forward pass uses trainable weights that the loss does not reach: something between cuts the gradient."""
    message = (view.error or {}).get("message", "")
    if "does not require grad and does not have a grad_fn" in message:
        places = [p for p in view.error["places"] if p["users"]]  # type: ignore[index]
        yield Finding(
            "gradient_path_cut",
            0.85,
            [seen("error", None, message=message[:160])],
            "keep tensors from the weights to the loss: no .detach(), .data, .numpy(), argmax "
            "or torch.tensor(...) between",
            {"file": places[-1]["file"], "line": places[-1]["line"]} if places else {},
        )
        return
    if (partly := _cut_in_part(view)) is not None:
        yield partly
        return
    cuts = view.of("weights").get("cuts") or []
    blocking = [c for c in cuts if c.get("no_grad") or c["op"] in CUTTING or c.get("read") or c.get("remade")]
    rows = [r for r in weight_rows(view) if r["trainable"] and r["held"] and r["known_start"]]
    dry = [
        r
        for r in rows
        if r["grads"] and all(g is None or g == 0 for g in r["grads"]) and (r["on_path"] or r["in_model"])
    ]
    alive = {r["name"].rpartition(".")[0] for r in rows if any(r["grads"] or ())}  # what adds up to zero is not cut
    dry = [r for r in dry if r["name"].rpartition(".")[0] not in alive - {""}]
    moved_nothing = [r for r in dry if (r["moved"] or 0) < 1e-6 or r["grads"][0] is None]
    if not moved_nothing or not blocking:
        return
    if view.dead_layer and all(g == 0 for r in moved_nothing for g in r["grads"]):
        return  # reached, and given nothing by units that are dead
    if (
        len(moved_nothing) == len([r for r in rows if r["table"]])
        and all(r["table"] for r in moved_nothing)
        and not any(c.get("no_grad") or c["op"] in ("detach", "data.__get__") or c.get("read") for c in blocking)
    ):
        return
    cut = next(
        (c for c in blocking if c.get("no_grad") or c["op"] not in ("long", "int", "argmax", "topk")), blocking[0]
    )
    used = [r for r in moved_nothing if r["on_path"]] or moved_nothing
    yield Finding(
        "gradient_path_cut",
        0.93,
        [
            seen(
                "weights",
                {"gradient": "> 0"},
                without_gradient=[r["name"] for r in used][:8],
                cut_by=cut["op"],
                inside_no_grad=cut.get("no_grad"),
                line=cut.get("line"),
            )
        ],
        f"let the gradient pass: '{cut['op']}' in line {cut.get('line')} stands between the loss and the weights",
        {"module": cut.get("module"), "file": cut.get("file"), "line": cut.get("line")},
    )


def _cut_in_part(view: View) -> Finding | None:
    """A detach that leaves every weight some gradient, in a program that learned next to nothing: lifted, it learns."""
    found = view.of("what_if").get("passed")
    if not found:
        return None
    kept, lifted = number(found["learned"]), number(found["learned_with_it"])
    means = [number(m) for m in view.curve.get("means", [])]
    constant = number(view.of("rates").get("constant"))
    floor = constant if constant > 0 else (means[0] if means else float("nan"))
    # of losses below zero, less than half of one may be more than it
    if not means or not (means[-1] > 0.85 * floor > 0 and kept > 0 and lifted < 0.5 * kept and lifted < 0.5 * floor):
        return None
    return Finding(
        "gradient_path_cut",
        0.9,
        [
            seen(
                "what_if",
                {"learned_with_it": "as without"},
                cut_by=found["op"],
                cuts=found["cuts"],
                loss_after_some_steps=kept,
                loss_with_gradient_let_by=lifted,
                loss_without_the_input=constant,
            )
        ],
        f"let the gradient pass: '{found['op']}' in line {found.get('line')} keeps what came before from being learned",
        {"module": found.get("module"), "file": found.get("file"), "line": found.get("line")},
    )


def zero_grad_missing(view: View) -> Findings:
    """Gradients of the step before are still there when the next one begins."""
    facts = view.of("weights")
    if facts.get("backwards", 0) < 0.5 * facts.get("steps", 0):  # inside the optimizer's own closure: not heard
        return
    by_optimizer: dict[int, list[bool]] = {}
    for optimizer, old in facts.get("left_gradients") or []:
        by_optimizer.setdefault(optimizer, []).append(old)
    for optimizer, left in by_optimizer.items():
        always = len(left) >= 2 and sum(left) >= 0.9 * len(left)
        lately = len(left) >= 14 and all(left[-6:])  # a later phase of the training
        if not (always or lately):
            continue
        made = dict(enumerate(view.watched.get("optimizers", []))).get(optimizer) or {}
        yield Finding(
            "zero_grad_missing",
            0.97,
            [
                seen(
                    "weights",
                    {"steps_that_began_with_old_gradients": 0},
                    steps_that_began_with_old_gradients=sum(left),
                    steps_looked_at=len(left),
                    optimizer=made.get("class"),
                )
            ],
            "call optimizer.zero_grad() in every step, before loss.backward()",
            {"module": made.get("class"), "file": made.get("file"), "line": made.get("line")},
        )
        return


def sparse_grad_unsupported_optimizer(view: View) -> Findings:
    """The optimiser refuses the table's sparse gradients."""
    message = (view.error or {}).get("message", "")
    low = message.lower()
    if "sparse" in low and (
        "does not support" in low
        or "compatible" in low
        or "not implemented" in low
        or "could not run" in low
        or "unsupported" in low
        or "sparsecpu" in low
    ):
        sparse = (view.of("weights").get("sparse") or [{}])[0]
        yield Finding(
            "sparse_grad_unsupported_optimizer",
            0.96,
            [seen("error", None, message=message[:200], **sparse)],
            "drop sparse=True, or step the table with SparseAdam (or SGD without momentum and "
            "decay) and the rest with another optimiser",
            view.site_of_module(sparse.get("module")) if sparse else view.optimizer_place,
        )


CHECKS = [
    frozen_by_default,
    freeze_flag_ineffective,
    params_missing_from_optimizer,
    optimizer_holds_stale_params,
    gradient_path_cut,
    zero_grad_missing,
    sparse_grad_unsupported_optimizer,
]
