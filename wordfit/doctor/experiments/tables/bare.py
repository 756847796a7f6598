"""Matrices that the program's own text makes out of bare memory, by constructors that no hook can hear.

`torch.Tensor(rows, width)` and the like fill nothing. A table that holds such a matrix, not filled as a whole,
has rows that hold what memory held, unless each was written by itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from wordfit.doctor.bench import Bench

BY_SIZES = {"Tensor", "FloatTensor", "DoubleTensor", "HalfTensor", "new"}  # of two whole numbers and more
BARE = {"empty", "empty_like", "new_empty", "ndarray", "empty_strided"}


def bare_tables(bench: Bench, tables: list[tuple[str, np.ndarray]]) -> list[dict[str, Any]]:
    """Tables that hold a matrix of such a name, with the place where it was made."""
    made = dict(_bare_names(bench))
    filled = {w.pointer for w in bench.recorder.writes if w.name not in ("__setitem__", "requires_grad.__set__")}
    found = []
    for name, matrix in bench.recorder.found.get("matrices", []) if made else []:
        place = made.get(name.removesuffix(" (later)").rsplit(".", 1)[-1])
        pointer = matrix.data_ptr() if hasattr(matrix, "data_ptr") else matrix.ctypes.data
        if place is None or pointer in filled:
            continue
        values = np.asarray(matrix.detach().cpu() if hasattr(matrix, "detach") else matrix, dtype=np.float32)
        for table, start in tables:
            if start.shape == values.shape and np.isclose(start, values, atol=1e-6).all(1).mean() > 0.9:
                found.append({"table": table, "matrix": name, "file": place[0], "line": place[1]})
    return found


def _bare_names(bench: Bench) -> Iterator[tuple[str, tuple[str, int]]]:
    """Names that the user's files give to such matrices."""
    sites = [s for s in bench.recorder.made.values() if s is not None]
    for file in sorted({s[0] for s in sites})[:20]:
        try:
            tree = ast.parse(Path(file).read_text(encoding="utf-8"))
        except (OSError, SyntaxError, UnicodeDecodeError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and _is_bare(node.value):
                for target in node.targets:
                    name = getattr(target, "id", getattr(target, "attr", None))
                    if name:
                        yield name, (file, node.lineno)


def _is_bare(value: ast.expr) -> bool:
    """A call that asks for memory, in a parameter or a layer or by itself."""
    if not isinstance(value, ast.Call):
        return False
    name = getattr(value.func, "attr", getattr(value.func, "id", ""))
    if name in BY_SIZES:
        return len(value.args) >= 2 and not any(isinstance(a, (ast.List, ast.Tuple)) for a in value.args)
    if name in BARE:
        return not any(k.arg == "buffer" for k in value.keywords)
    return name == "Parameter" and any(_is_bare(a) for a in value.args)
