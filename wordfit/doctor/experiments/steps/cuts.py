"""Where the way from weights to the loss is cut: calls that pass no gradient, numbers taken out and put back."""

from __future__ import annotations

from typing import Any

from wordfit.doctor.bench import Bench
from wordfit.doctor.case import Case
from wordfit.doctor.experiments.steps.owners import fresh_weights, known_weights
from wordfit.doctor.tape import is_parameter

CUTTING = {
    "tensor",
    "detach",
    "detach_",
    "data.__get__",
    "argmax",
    "round",
    "sign",
    "long",
    "int",
    "floor",
    "ceil",
    "__gt__",
    "gt",
    "ge",
    "lt",
    "topk",
    "multinomial",
    "bernoulli",
}


def reached(case: Case) -> set[int]:
    """Slots that gradients of the loss reach; what is used without any, as a teacher's answer is, is not among them."""
    needed = {case.loss}
    for position in reversed(case.path):
        op = case.tape.ops[position]
        if op.grad and op.name not in CUTTING - {"topk"} and needed.intersection(op.outs):
            needed.update(op.ins)
    return needed


def cuts(bench: Bench) -> list[dict[str, Any]]:
    """Calls between weights and the loss behind which no gradient flows: from grad to none."""
    case = bench.case
    if case is None:
        return []
    flows: dict[int, bool] = {n: t.requires_grad for n, t in case.tape.leaves.items()}
    found = []
    for position, op in enumerate(case.tape.ops):
        alive = any(flows.get(n, False) for n in op.ins)
        through = alive and op.grad and op.name not in CUTTING
        for n in op.outs:
            flows[n] = through if n not in flows else (flows[n] or through)
        if alive and not through and op.outs and op.outs[0] in case.used and position in case.path:
            found.append(
                bench.where(op)
                | {
                    "no_grad": not op.grad,
                    "floating": case.tape.dtypes[op.outs[0]].is_floating_point,
                    "used_for_indexing": not case.tape.dtypes[op.outs[0]].is_floating_point,
                }
            )
    made = fresh_weights(bench, *known_weights(bench))
    for slot, leaf in case.tape.parameters().items():
        users = [op for op in (case.tape.ops[p] for p in case.path) if slot in op.ins]
        if id(leaf) in made and users:
            found.append(bench.where(users[0]) | {"op": "Parameter", "no_grad": True, "floating": True})
    reads, remade = _taken_out(bench, case, flows)
    return found[:10] + [{**r, "read": True} for r in reads[:5]] + [{**r, "remade": True} for r in remade[:5] if reads]


def _taken_out(bench: Bench, case: Case, flows: dict[int, bool]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Numbers read out of what weights gave, and tensors on the way to the loss that were made of numbers.

    Values that were detached before count as well where the loss does not use them, but is computed from numbers that
    came into the step after they were read.
    """
    fresh = [
        n
        for n, t in case.tape.leaves.items()
        if n in case.used and n != case.target and t.is_floating_point() and not is_parameter(t)
    ]
    reads = [
        {"op": name, "line": where[1] if where else None, "file": where[0] if where else None}
        for name, slot, _, where in case.tape.reads
        if name in ("numpy", "tolist", "item", "__array__")
        and slot in case.learned
        and len(case.tape.shapes[slot]) > 0
        and (
            flows.get(slot, slot in case.learned)
            or (
                case.tape.dtypes[slot].is_floating_point
                and not case.used.intersection(case.tape.descendants(slot))
                and _comes_back(case, slot, [n for n in fresh if n > slot])
            )
        )
    ]
    remade = [
        bench.where(op)
        for op in case.tape.ops
        if op.name in ("tensor", "from_numpy", "as_tensor", "FloatTensor")
        and op.outs[0] in case.used
        and case.tape.dtypes[op.outs[0]].is_floating_point
    ]
    return reads, remade


def _comes_back(case: Case, read: int, fresh: list[int]) -> bool:
    """Whether numbers that came in afterwards are as many rows as were read out, in one piece or in several."""
    rows, *width = case.tape.shapes[read]
    pieces = [case.tape.shapes[n] for n in fresh if case.tape.shapes[n]]
    in_pieces = sum(many for many, *wide in pieces if wide == width) == rows
    return in_pieces or any(_as_long(case, n, read) for n in fresh)


def _as_long(case: Case, slot: int, read: int) -> bool:
    """Whether numbers have as many rows as those that were read out; or the width of the weight that was read whole."""
    one, other = case.tape.shapes[slot], case.tape.shapes[read]
    whole = any(other == case.tape.shapes[n] and n in case.tape.ancestors(read) for n in case.tape.parameters())
    return one[:1] == other[:1] or (whole and one[-1:] == other[-1:])
