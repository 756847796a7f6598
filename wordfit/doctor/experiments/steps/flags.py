"""Marks that look like freezing but do nothing, and tables that give sparse gradients."""

from __future__ import annotations

import re
from typing import Any

from torch import Tensor

from wordfit.doctor.bench import Bench
from wordfit.doctor.experiments.steps.owners import moved_by

FREEZING = re.compile(r"(is_)?(freez\w*|frozen|fixed)", re.I)
LEARNING = re.compile(r"(is_)?(requir\w*grad\w*|(re)?train\w*|learn\w*)", re.I)
"""Names of marks on a weight, to which torch gives no meaning; `requires_grad` itself is none of them."""


def odd_flags(bench: Bench) -> list[dict[str, Any]]:
    """Attributes that look like freezing but do nothing: on a module, on a copy of the data, misspelt."""
    found: list[dict[str, Any]] = []
    for model in bench.names.models:
        for path, module in model.named_modules():
            for word in ("requires_grad", "requires_grad_", "trainable", "require_grad", "freeze", "frozen"):
                if isinstance(module.__dict__.get(word), bool):
                    wanted = module.__dict__[word] if word in ("freeze", "frozen") else not module.__dict__[word]
                    if wanted:
                        found.append(_flag(bench, path, module, word))
            for own, weight in module.named_parameters(recurse=False):
                for word, value in getattr(weight, "__dict__", {}).items():
                    still = FREEZING.fullmatch(word) is not None
                    if isinstance(value, bool) and value == still and (still or LEARNING.fullmatch(word)):
                        found.append(_flag(bench, f"{path}.{own}", module, word))
    for write in bench.recorder.writes:
        if write.name == "requires_grad.__set__" and write.value is False and not write.parameter:
            names = [
                n
                for key, n in bench.names.weights.items()
                for w in _live(bench, key)
                if w.data_ptr() == write.pointer and w.requires_grad
            ]
            found += [
                {
                    "flag": "requires_grad of a copy",
                    "on": n,
                    "line": write.site[1] if write.site else None,
                    "file": write.site[0] if write.site else None,
                    "trainable": True,
                }
                for n in names
            ]
    return found


def _live(bench: Bench, key: int) -> list[Tensor]:
    owner = bench.names.owner.get(key)
    weight = getattr(owner[0], owner[1], None) if owner else None
    return [weight] if isinstance(weight, Tensor) else []


def _flag(bench: Bench, path: str, module: Any, word: str) -> dict[str, Any]:
    trainable = any(p.requires_grad for p in module.parameters())
    moved = max((moved_by(bench, p) or 0.0 for p in module.parameters()), default=0.0)
    site = bench.recorder.made.get(module)
    return {
        "flag": word,
        "on": path,
        "module": bench.names.module(module),
        "trainable": trainable,
        "moved": moved,
        "file": site[0] if site else None,
        "line": site[1] if site else None,
    }


def sparse_tables(bench: Bench) -> list[dict[str, Any]]:
    found = []
    for model in bench.names.models:
        for module in model.modules():
            if getattr(module, "sparse", False) is True:
                found.append(
                    {
                        "module": bench.names.module(module),
                        "optimizers": [type(o.live).__name__ for o in bench.recorder.optimizers.values()],
                    }
                )
    return found
