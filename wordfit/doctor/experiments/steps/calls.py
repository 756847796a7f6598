"""What a call on the tape was given and gave: its numbers, who made them, and which of them are none."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

MASKING = {
    "masked_fill",
    "masked_fill_",
    "full",
    "full_like",
    "where",
    "new_full",
    "triu",
    "triu_",
    "tril",
    "zeros",
    "zeros_like",
    "ones_like",
    "new_zeros",
    "generate_square_subsequent_mask",
    "_canonical_mask",
    "log",
    "mul",
    "add",
    "fill_",
    "expand",
    "view",
    "unsqueeze",
    "__setitem__",
    "to",
    "__rmul__",
    "__radd__",
    "__getitem__",
    "logical_not",
    "transpose",
    "repeat",
    "float",
    "max",
    "amax",
    "contiguous",
    "reshape",
    "squeeze",
    "permute",
    "baddbmm",
    "__add__",
    "add_",
    "sub",
    "__sub__",
}
"""Calls that may hold minus infinity on purpose; if it does harm, a later call shows it."""


SHAPING = {"unsqueeze", "squeeze", "view", "reshape", "expand", "expand_as", "__getitem__", "transpose", "to", "float"}


def made_by(tape: Any, slot: int) -> str:
    """The call that a value comes from, past changes of its layout."""
    for op in reversed(tape.ops):
        if slot in op.outs and slot not in op.ins:
            if op.name not in SHAPING or not op.ins:
                return str(op.name)
            slot = op.ins[0]
    return ""


def underflows(tape: Any, slot: int, held: Any) -> bool:
    """Whether a value is made of exponentials of finite scores that are zero somewhere."""
    above = tape.ancestors(slot)
    exponentials = [op for op in tape.ops if op.name == "exp" and op.outs[0] in above]
    known = [(held[op.ins[0]], held[op.outs[0]]) for op in exponentials if op.ins[0] in held and op.outs[0] in held]
    return any(bool(((made == 0) & torch.isfinite(given)).any()) for given, made in known)


DIVISIONS = {"div", "__truediv__", "true_divide", "div_", "__rtruediv__"}


def operands(op: Any, held: Any) -> list[Tensor]:
    """The numbers that a call worked on; of a division also counts, which are whole numbers."""
    known = [held[n] for n in op.ins if n in held]
    return [v for v in known if v.is_floating_point() or (op.name in DIVISIONS and v.dtype != torch.bool)]


def extremes(value: Tensor) -> dict[str, Any]:
    v = value.detach().float()
    finite = v[torch.isfinite(v)]
    return {
        "min": float(finite.min()) if len(finite) else None,
        "max": float(finite.max()) if len(finite) else None,
        "zeros": float((v == 0).float().mean()),
        "nan": int(torch.isnan(v).sum()),
        "inf": int(torch.isinf(v).sum()),
        "all_masked_rows": int((torch.isneginf(v).all(dim=-1)).sum()) if v.dim() else 0,
        "lost_rows": _lost_rows(v),
        "shape": list(v.shape),
    }


def _lost_rows(value: Tensor) -> int:
    """Vectors that are no number in all of their places beside finite ones; 0 if the finite ones are of one length."""
    if value.dim() < 2 or value.shape[-1] < 2:
        return 0
    rows = value.reshape(-1, value.shape[-1])
    lost, whole = torch.isnan(rows).all(1), torch.isfinite(rows).all(1)
    if not bool(lost.any() & whole.any()) or not bool((lost | whole).all()):
        return 0
    norms = rows[whole].norm(dim=1)
    alike = bool((norms - norms.median()).abs().max() < 1e-3 * norms.median())
    return 0 if alike else int(lost.sum())
