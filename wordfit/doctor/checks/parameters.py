"""Parameters and optimiser: what is reached, held and moved, and whether steps have a sensible size."""

from __future__ import annotations

import math
from typing import Any

from wordfit.doctor.finding import ERROR, INFO, WARNING, Finding, Findings, View, number, seen


def _weights(view: View) -> list[dict[str, Any]]:
    return view.of("weights").get("rows", [])


def _made(view: View, row: dict[str, Any]) -> dict[str, Any]:
    site = row.get("site")
    return {
        "module": row["name"].rpartition(".")[0],
        "file": site[0] if site else None,
        "line": site[1] if site else None,
    }


def frozen_by_default(view: View) -> Findings:
    """The table was handed to an optimiser on purpose, but `from_pretrained` froze it unasked."""
    calls = [c for c in view.of("vectors").get("pretrained_calls", []) if c["in_model"] and c["freeze"] is None]
    for table in view.tables:
        if table["trainable"] or not table.get("group") or not calls:
            continue
        group = table["group"]
        call = next((c for c in calls if c["shape"] == [table["rows"], table["width"]]), None)
        if call is None:
            continue
        own = group["groups"] > 1 and group["of"] <= 2
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
            "and keep the table out of the optimiser)",
            {"module": table["module"], "file": call["file"], "line": call["line"]},
            severity=ERROR,
        )
        return


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


def params_missing_from_optimizer(view: View) -> Findings:
    """Weights that get gradients but that no optimiser holds."""
    rows = _weights(view)
    stale = view.of("weights").get("stale") or []
    missing = [r for r in rows if r["trainable"] and not r["held"] and r["on_path"] and r["numel"] > 0]
    if not missing or not any(r["held"] for r in rows) and not view.watched.get("optimizers"):
        return
    if stale and any(s.get("twins") for s in stale):
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
    stale = [s for s in view.of("weights").get("stale") or [] if all(g is None for g in s["grads"])]
    unheld = [r for r in _weights(view) if r["trainable"] and not r["held"] and r["on_path"]]
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
    cuts = view.of("weights").get("cuts") or []
    blocking = [
        c
        for c in cuts
        if c.get("no_grad")
        or c["op"]
        in ("detach", "detach_", "data.__get__", "argmax", "round", "topk", "sign", "floor", "ceil", "long", "int")
        or c.get("read")
        or c.get("remade")
    ]
    rows = [r for r in _weights(view) if r["trainable"] and r["held"] and r["known_start"]]
    dry = [
        r
        for r in rows
        if r["grads"] and all(g is None or g == 0 for g in r["grads"]) and (r["on_path"] or r["in_model"])
    ]
    moved_nothing = [r for r in dry if (r["moved"] or 0) < 1e-6 or r["grads"][0] is None]
    if not moved_nothing or not blocking:
        return
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


def zero_grad_missing(view: View) -> Findings:
    """Gradients of the step before are still there when the next one begins."""
    left = view.of("weights").get("left_gradients") or []
    if len(left) >= 2 and sum(left) >= 0.9 * len(left):
        yield Finding(
            "zero_grad_missing",
            0.97,
            [
                seen(
                    "weights",
                    {"steps_that_began_with_old_gradients": 0},
                    steps_that_began_with_old_gradients=sum(left),
                    steps_looked_at=len(left),
                )
            ],
            "call optimizer.zero_grad() in every step, before loss.backward()",
            view.optimizer_place,
        )


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


def weight_decay_unseen_rows(view: View) -> Findings:
    """Decay shrank rows of words that never occurred."""
    for table in view.tables:
        group, absent = table.get("group") or {}, table.get("absent")
        if not absent or not group.get("weight_decay") or absent["rows"] < 5:
            continue
        ratio = number(absent["norm_ratio"])
        if ratio < 0.9 and absent["moved_share"] > 0.9:
            yield Finding(
                "weight_decay_unseen_rows",
                0.93,
                [
                    seen(
                        "tables",
                        {"norm_ratio": 1.0},
                        norm_ratio=ratio,
                        rows=absent["rows"],
                        weight_decay=group["weight_decay"],
                        optimizer=group["optimizer"],
                    )
                ],
                "give the table a parameter group with weight_decay=0 (an anchor to the start "
                "keeps words; decay pulls them to zero)",
                _group_place(group, table),
            )
            return


def _group_place(group: dict[str, Any], table: dict[str, Any]) -> dict[str, Any]:
    site = group.get("site")
    return {"module": table["module"], "file": site[0] if site else None, "line": site[1] if site else None}


def adam_momentum_stale_rows(view: View) -> Findings:
    """Rows keep moving by momentum in steps in which their words do not occur."""
    facts = view.of("stale_rows")
    if facts and facts.get("excess", 0) > 1.0 and facts.get("vectors_loaded"):
        yield Finding(
            "adam_momentum_stale_rows",
            0.7,
            [seen("stale_rows", {"excess": 0.0}, **{k: v for k, v in facts.items() if k not in ("seconds", "place")})],
            "make the table sparse (sparse=True) and step it with SparseAdam, which moves only rows that occur",
            facts.get("place") or {},
        )


def max_norm_inplace_renorm(view: View) -> Findings:
    """`max_norm` rewrote rows that were looked up."""
    for table in view.tables:
        if table.get("max_norm") and table.get("over_max_norm", 0) > 0.05 and table.get("clipped_rows", 0) >= 3:
            made = table.get("made")
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
                {"module": table["module"], "file": made[0] if made else None, "line": made[1] if made else None},
            )
            return


def _runs(view: View) -> dict[float, dict[str, Any]]:
    return {float(k): v for k, v in (view.of("rates").get("runs") or {}).items()}


def _gain(run: dict[str, Any]) -> float:
    """What a short training took off the loss, as a share of it; below zero if it made it worse."""
    before, after = number(run["before"]), number(run["after"])
    if not math.isfinite(after):
        return -math.inf
    return (before - after) / max(abs(before), 1e-9)


def lr_too_high(view: View) -> Findings:
    """With a tenth or a hundredth of the learning rate the same steps learn; with the program's own they do not."""
    runs = _runs(view)
    if 1.0 not in runs or 0.1 not in runs:
        return
    own, lower = _gain(runs[1.0]), max(_gain(runs[f]) for f in (0.1, 0.01) if f in runs)
    curve = view.curve
    means = [number(m) for m in curve.get("means", [])]
    first, last = number(curve.get("first")), means[-1] if means else math.nan
    poor = not math.isfinite(last) or last > 0.85 * first or _worse_than_chance(view, last)
    if poor and lower > 0.1 and (own < 0.4 * lower or own < 0.02):
        worst = number(runs[1.0].get("worst"))
        yield Finding(
            "lr_too_high",
            0.9 if own < 0 or worst > 3 * first else 0.75,
            [
                seen(
                    "rates",
                    None,
                    own_rate=view.of("rates").get("lr"),
                    gain=_plain(own),
                    gain_with_lower_rate=_plain(lower),
                    steps=runs[1.0]["steps"],
                ),
                seen("curve", None, first=first, last=_plain(last)),
            ],
            f"lower the learning rate ten times or more (from {view.of('rates').get('lr')})",
            view.optimizer_place,
            ruled_out=["the same batches are learned at a lower rate, so model, loss and data are in order"],
        )


def _worse_than_chance(view: View, last: float) -> bool:
    classes = view.of("data").get("train", {}).get("classes") or {}
    total = sum(classes.values())
    if (
        len(classes) < 2
        or not total
        or not any(c["loss"] == "cross_entropy" for c in view.of("losses").get("calls", []))
    ):
        return False
    entropy = -sum(n / total * math.log(n / total) for n in classes.values() if n)
    return last > 0.97 * entropy


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None


def lr_too_low(view: View) -> Findings:
    """The program's steps learn next to nothing; larger ones learn."""
    runs = _runs(view)
    if 1.0 not in runs or 100.0 not in runs:
        return
    own, higher = _gain(runs[1.0]), max(_gain(runs[f]) for f in (10.0, 100.0) if f in runs)
    means = [number(m) for m in view.curve.get("means", [])]
    if len(means) < 3 or not all(map(math.isfinite, means)):
        return
    fallen = (means[0] - means[-1]) / max(abs(means[0]), 1e-9)
    onward = _gain(view.of("rates").get("onwards") or {"before": 1, "after": 1})
    ratios = [r for u in view.of("weights").get("updates", []) for r in u["ratios"].values()]
    small = sorted(ratios)[len(ratios) // 2] if ratios else 0.0
    moved = sorted(r["moved"] for r in _weights(view) if r["held"] and r["trainable"] and r["moved"] is not None)
    if moved and moved[len(moved) // 2] > 0.1:  # weights went somewhere: it is not the size of the steps
        return
    still = moved and moved[len(moved) // 2] < 0.01 and fallen < 0.05
    lowest = number((view.of("rates").get("memorise") or {}).get("lowest"))
    learnable = lowest < 0.5 * number(view.of("rates").get("first"))
    linear = still and learnable and higher > 0.003 and higher > 20 * max(own, 1e-6)  # gain grows with the rate
    if linear or (fallen < 0.12 and own < 0.05 and higher > 0.15 and higher > 6 * max(own, 1e-6)):
        yield Finding(
            "lr_too_low",
            0.9,
            [
                seen(
                    "rates",
                    None,
                    own_rate=view.of("rates").get("lr"),
                    gain=own,
                    gain_with_higher_rate=higher,
                    fallen_in_the_run=fallen,
                ),
                seen("weights", {"update": "about 0.001"}, median_update=small, onwards=onward),
            ],
            f"raise the learning rate ten to a hundred times (from {view.of('rates').get('lr')})",
            view.optimizer_place,
        )


def exploding_gradient(view: View) -> Findings:
    """Gradients grow through time or depth, or from step to step, until steps throw the model away."""
    start = view.of("gradients").get("start") or {}
    norms = [number(u["grad_norm"]) for u in view.of("weights").get("updates", [])]
    finite = [n for n in norms if math.isfinite(n)]
    largest = max(finite, default=0.0)
    ratio = start.get("time_ratio") or {}
    grown = number(ratio.get("early", 0)) / max(number(ratio.get("late", 1)), 1e-12) if ratio else 0.0
    deep = _depth(start)
    broke = any(not u["finite"] for u in view.of("weights").get("updates", [])) or view.curve.get("not_finite", 0) > 0
    curve_bad = broke or number(view.curve.get("max")) > 20 * max(abs(number(view.curve.get("first"))), 1e-9)
    if (grown > 100 or deep > 1e4) and (curve_bad or largest > 100):
        yield Finding(
            "exploding_gradient",
            0.9,
            [
                seen(
                    "gradients",
                    {"early_over_late": "about 1"},
                    early_over_late=grown,
                    first_over_last_layer=deep,
                    largest_norm=largest,
                )
            ],
            "clip the gradient's norm (torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)) "
            "and start recurrent weights orthogonal",
            view.optimizer_place,
        )


def _depth(start: dict[str, Any]) -> float:
    """How much larger gradients are at the first layers than at the last."""
    along = [number(r["norm"]) for r in start.get("along", []) if number(r["norm"]) > 0]
    return along[0] / along[-2] if len(along) > 4 else 0.0


def vanishing_gradient(view: View) -> Findings:
    """Gradients die out on their way down, through layers or through time."""
    start = view.of("gradients").get("start") or {}
    weights = [(n, w) for n, w in (start.get("weights") or {}).items() if w["grad"] is not None and w["numel"] > 8]
    matrices = [(n, number(w["grad"]) / max(number(w["weight"]), 1e-9)) for n, w in weights if not n.endswith("bias")]
    ratio = start.get("time_ratio") or {}
    through_time = number(ratio.get("early", 1)) / max(number(ratio.get("late", 1)), 1e-30) if ratio else 1.0
    own = _gain(_runs(view).get(1.0, {"before": 1, "after": 1}))
    means = [number(m) for m in view.curve.get("means", [])]
    stuck = len(means) > 2 and means[-1] > 0.9 * means[0]
    if len(matrices) >= 4 and stuck:
        top = max(m for _, m in matrices[len(matrices) // 2 :])
        bottom = max(m for _, m in matrices[: max(1, len(matrices) // 3)])
        if top > 0 and bottom / top < 1e-3:
            yield Finding(
                "vanishing_gradient",
                0.9,
                [
                    seen(
                        "gradients",
                        {"first_over_last_layer": "above 0.01"},
                        first_over_last_layer=bottom / top,
                        first=matrices[0][0],
                        last=matrices[-1][0],
                        gain=_plain(own),
                    )
                ],
                "ReLU or GELU in place of saturating activations, normalisation or residual "
                "connections between layers, a start that keeps variance",
                view.site_of_module(matrices[0][0].rpartition(".")[0]),
            )
            return
    if through_time < 1e-4 and stuck:
        yield Finding(
            "vanishing_gradient",
            0.85,
            [
                seen(
                    "gradients",
                    {"early_over_late": "above 0.01"},
                    early_over_late=through_time,
                    length=ratio.get("length"),
                )
            ],
            "an LSTM or GRU in place of a plain RNN, or pooling over all states",
            view.place(next((o for o in view.ops if o["op"].startswith(("rnn", "tanh", "sigmoid"))), None)),
        )


def dead_units(view: View) -> Findings:
    """Most units of a layer are zero for every row."""
    for row in view.of("units").get("activations", []):
        end, start = row.get("end") or {}, row.get("start") or {}
        if (
            row["op"] in ("relu", "relu_", "clamp", "clamp_min", "relu6", "hardtanh")
            and end.get("units", 0) >= 4
            and end["dead"] >= 0.85
            and start.get("dead", 0) >= 0.5
        ):
            yield Finding(
                "dead_units",
                0.93,
                [
                    seen(
                        "units",
                        {"dead": "below 0.5"},
                        dead=end["dead"],
                        dead_at_start=start["dead"],
                        units=end["units"],
                    )
                ],
                "a start without negative biases, smaller steps, or leaky activations",
                view.place(row),
            )
            return
    for row in view.of("units").get("activations", []):
        end = row.get("end") or {}
        if row["op"] in ("relu", "relu_") and end.get("units", 0) >= 4 and end["dead"] >= 0.97:
            yield Finding(
                "dead_units",
                0.7,
                [seen("units", {"dead": "below 0.5"}, dead=end["dead"], dead_at_start=row["start"]["dead"])],
                "smaller steps, or leaky activations",
                view.place(row),
            )
            return


def init_scale_too_large(view: View) -> Findings:
    """The first loss lies far above that of uniform answers: training must first undo the start."""
    facts, first = view.of("losses"), number(view.curve.get("first"))
    calls = [c for c in facts.get("calls", []) if c["loss"] in ("cross_entropy", "nll_loss")]
    said = facts.get("extremes") or {}
    uniform = number(said.get("uniform")) if said else math.nan
    binary = [c for c in facts.get("calls", []) if c["loss"] == "binary_cross_entropy_with_logits"]
    if binary and not math.isfinite(uniform):
        uniform = math.log(2)
    if not (calls or binary or said) or not math.isfinite(uniform) or not math.isfinite(first) or uniform <= 0:
        return
    if any(b["cause"] for c in facts.get("calls", []) for b in c.get("breaches", []) if b["certain"]):
        return
    if first > 2.5 * uniform and first > uniform + 1:
        big = _largest_start(view)
        yield Finding(
            "init_scale_too_large",
            0.88,
            [
                seen(
                    "losses",
                    {"first": uniform},
                    first=first,
                    uniform=uniform,
                    **({"weight": big[0], "norm_per_row": big[1]} if big else {}),
                )
            ],
            "start with a smaller scale (std about 1 / sqrt(width)), so that the first loss is that of uniform answers",
            view.site_of_module(big[0].rpartition(".")[0]) if big else view.loss_place,
        )


def _largest_start(view: View) -> tuple[str, float] | None:
    rows = [
        (
            r["name"],
            number((view.of("gradients").get("start") or {}).get("weights", {}).get(r["name"], {}).get("weight"))
            / math.sqrt(max(r["numel"], 1)),
        )
        for r in _weights(view)
        if r["numel"] > 8 and r["on_path"]
    ]
    rows = [r for r in rows if math.isfinite(r[1])]
    return max(rows, key=lambda r: r[1]) if rows else None


def symmetric_init(view: View) -> Findings:
    """Units of a layer start equal and stay equal: they are one unit."""
    rows = [r for r in view.of("units").get("equal_units", []) if not r["output"]]
    still = [r for r in rows if r["still"]]
    outputs = [r for r in view.of("units").get("equal_units", []) if r["output"] and r["value"] > 0]
    if still:
        yield Finding(
            "symmetric_init",
            0.95,
            [
                seen(
                    "units",
                    {"different_units": "all"},
                    weights=[r["weight"] for r in still][:5],
                    units=still[0]["units"],
                    start_value=still[0]["value"],
                )
            ],
            "start weights at random (nn.init.xavier_uniform_); constants are for biases",
            view.site_of_module(still[0]["weight"].rpartition(".")[0]),
        )
    elif len(rows) + len(outputs) >= 2 and rows:
        yield Finding(
            "symmetric_init",
            0.7,
            [seen("units", None, weights=[r["weight"] for r in rows][:5])],
            "start weights at random",
            view.site_of_module(rows[0]["weight"].rpartition(".")[0]),
        )


del INFO, WARNING
CHECKS = [
    frozen_by_default,
    freeze_flag_ineffective,
    params_missing_from_optimizer,
    optimizer_holds_stale_params,
    gradient_path_cut,
    zero_grad_missing,
    sparse_grad_unsupported_optimizer,
    weight_decay_unseen_rows,
    adam_momentum_stale_rows,
    max_norm_inplace_renorm,
    lr_too_high,
    lr_too_low,
    exploding_gradient,
    vanishing_gradient,
    dead_units,
    init_scale_too_large,
    symmetric_init,
]
