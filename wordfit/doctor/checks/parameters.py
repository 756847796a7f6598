"""Weights and the optimiser: what is reached, held and moved?"""

from __future__ import annotations

from typing import Any

from wordfit.doctor.finding import Finding, Findings, View, number, seen


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
    read_alone = not view.layout.get("roots") and any(c.get("read") for c in cuts)  # weights without a model
    dry = [
        r
        for r in rows
        if r["grads"] and all(g is None or g == 0 for g in r["grads"]) and (r["on_path"] or r["in_model"] or read_alone)
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
    """A detach that leaves every weight some gradient, in a program that learned little: lifted, it learns.

    Where it learned next to nothing, twice as much must be learned; where it came half of the way, four times.
    """
    found = view.of("what_if").get("passed")
    if not found:
        return None
    kept, lifted = number(found["learned"]), number(found["learned_with_it"])
    means = [number(m) for m in view.curve.get("means", [])]
    constant = number(view.of("rates").get("constant"))
    floor = constant if constant > 0 else (means[0] if means else float("nan"))
    # of losses below zero, less than half of one may be more than it
    if not means or not (means[-1] > 0.5 * floor > 0 and kept > 0 and lifted < 0.5 * floor):
        return None
    if not lifted < (0.5 if means[-1] > 0.85 * floor else 0.25) * kept:
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
                **({"loss_without_the_input": constant} if constant > 0 else {}),
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
    params_missing_from_optimizer,
    optimizer_holds_stale_params,
    gradient_path_cut,
    zero_grad_missing,
    sparse_grad_unsupported_optimizer,
]
