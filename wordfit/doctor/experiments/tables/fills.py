"""How tables were filled before training: calls that wrote to them, matrices that were prepared for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from wordfit.doctor.bench import Bench
from wordfit.doctor.experiments.tables.sources import Truth, row_keys
from wordfit.doctor.seen import sample_rows
from wordfit.doctor.tape import is_parameter


def pretrained_call(bench: Bench, call: dict[str, Any]) -> dict[str, Any]:
    module = call["module"]()
    names = bench.names.modules
    return {
        "freeze": call["freeze"],
        "file": call["site"][0] if call["site"] else None,
        "line": call["site"][1] if call["site"] else None,
        "shape": list(call["shape"]),
        "alive": module is not None,
        "in_model": module is not None and id(module) in names,
    }


def unwritten_rows(bench: Bench, tables: list[tuple[str, np.ndarray]]) -> list[dict[str, Any]]:
    """Rows that still hold what memory held when the matrix was made without being filled."""
    found = []
    for shape, sample, where, _ in bench.recorder.empties:
        for name, table in tables:
            if shape[0] != len(table) or shape[1] != table.shape[1]:
                continue
            rows = sample_rows(shape[0]).numpy()
            now = table[rows].astype(np.float32)
            then = sample.numpy().astype(np.float32)
            same = (now.view(np.uint32) == then.view(np.uint32)).all(axis=1)
            filled = same & (now != 0).any(axis=1)  # memory that happens to be clean does no harm today
            found.append(
                {
                    "table": name,
                    "unwritten": int(filled.sum()),
                    "clean": int((same & ~filled).sum()),
                    "of": len(rows),
                    "file": where[0] if where else None,
                    "line": where[1] if where else None,
                    "largest": float(np.nanmax(np.abs(now[filled])))
                    if filled.any() and np.isfinite(now[filled]).any()
                    else 0.0,
                }
            )
    return found


def writes(bench: Bench, tables: list[tuple[str, np.ndarray]], sources: list[Truth]) -> list[dict[str, Any]]:
    """Calls that filled tables before training, in order; what rows held before a random start."""
    pointers = {p.data_ptr(): n for n, p in _live_tables(bench)}
    found = []
    for write in bench.recorder.writes:
        if write.pointer not in pointers or write.name == "requires_grad.__set__":
            continue
        name = pointers[write.pointer]
        table = dict(tables).get(name)
        kept = None
        if write.before is not None and table is not None and write.shape == table.shape:
            rows = sample_rows(write.shape[0], 64).numpy()
            kept = float(np.isclose(write.before.numpy(), table[rows], atol=1e-7).all(axis=1).mean())
        found.append(
            {
                "table": name,
                "call": write.name,
                "line": write.site[1] if write.site else None,
                "file": write.site[0] if write.site else None,
                "count": write.count,
                "rows_before_like_start": kept,
                "before": _before(bench, write, sources),
            }
        )
    return found[:20]


def flips(bench: Bench) -> list[dict[str, Any]]:
    """Tables that were held still on their own, and set free again together with everything else."""
    pointers = {p.data_ptr(): n for n, p in _live_tables(bench)}
    frozen: dict[str, Any] = {n: call for n, call in _held_on_purpose(bench)}
    found = []
    for run in _runs([w for w in bench.recorder.writes if w.name == "requires_grad.__set__" and w.parameter]):
        tables = [pointers[w.pointer] for w in run if w.pointer in pointers]
        alone = len(tables) == len(run)
        for name in tables:
            if run[0].value and not alone and name in frozen:
                found.append({"table": name, "held_at": frozen[name], "freed_at": run[0].site, "with": len(run) - 1})
            if not run[0].value and alone:
                frozen[name] = run[0].site
            else:
                frozen.pop(name, None)
    return found


def replaced(bench: Bench) -> list[dict[str, Any]]:
    """Weights that were held still and then replaced, by one of their shape that asks for gradients."""
    live = {id(p): (n, p) for n, p in _live_tables(bench)}
    found = []
    for write in bench.recorder.writes:
        if write.name != "requires_grad.__set__" or write.value or write.weight is None:
            continue
        held = write.weight()
        if held is not None and (id(held) in live or id(held) in bench.names.owner):
            continue
        for name, weight in live.values():
            if tuple(weight.shape) == write.shape and weight.requires_grad:
                place = write.site or (None, None)
                found.append({"table": name, "held_at": list(place), "freed_at": None})
    return found[:4]


def left_out(bench: Bench) -> list[dict[str, Any]]:
    """Tables that a state left as they were, though it holds one of their shape under another name."""
    live = {id(p): (n, tuple(p.shape)) for n, p in _live_tables(bench)}
    found = []
    for load in bench.recorder.loads:
        weights = dict(load["module"].named_parameters())
        for key in load["missing"]:
            name, shape = live.get(id(weights.get(key)), (None, None))
            other = [k for k, s in load["given"].items() if s == shape]
            if name is not None and other:
                place = load["site"] or (None, None)
                found.append({"table": name, "key": key, "under": other[0], "file": place[0], "line": place[1]})
    return found


def held_still(bench: Bench) -> list[str]:
    """Tables that the program itself asked to hold still, by a flag on the weight."""
    pointers = {p.data_ptr(): n for n, p in _live_tables(bench)}
    given = {c["site"] for c in bench.recorder.from_pretrained}  # which sets the flag itself
    flags = [w for w in bench.recorder.writes if w.name == "requires_grad.__set__" and w.parameter and not w.value]
    return sorted({pointers[w.pointer] for w in flags if w.pointer in pointers and w.site not in given})


def _runs(writes: list[Any]) -> list[list[Any]]:
    """Calls one after the other from one place with one value: a loop over weights."""
    found: list[list[Any]] = []
    for write in writes:
        if found and (found[-1][0].site, found[-1][0].value) == (write.site, write.value):
            found[-1].append(write)
        else:
            found.append([write])
    return found


def _held_on_purpose(bench: Bench) -> list[tuple[str, Any]]:
    calls = [(c["module"](), c) for c in bench.recorder.from_pretrained if c["freeze"]]
    return [(bench.names.weight(m.weight), c["site"]) for m, c in calls if m is not None]


def _before(bench: Bench, write: Any, sources: list[Truth]) -> float | None:
    """Share of the sampled rows that held, before this call, a vector that the program has or had elsewhere."""
    if write.before is None:
        return None
    rows, before = sample_rows(write.shape[0], 64), write.before.float()
    best = 0.0
    earlier = [c["sample"] for c in bench.recorder.from_pretrained if tuple(c["shape"]) == tuple(write.shape)]
    for _, matrix in bench.recorder.found.get("matrices", []):
        if tuple(matrix.shape) == tuple(write.shape):
            whole = matrix.detach() if isinstance(matrix, torch.Tensor) else torch.as_tensor(np.asarray(matrix))
            earlier.append(whole[rows])
    for sample in earlier:
        if sample.shape == before.shape:
            best = max(best, float(torch.isclose(sample.float(), before, atol=1e-5).all(dim=1).float().mean()))
    kept = before.norm(dim=1) > 1e-9
    for truth in sources:
        if truth.matrix.shape[1] == before.shape[1] and bool(kept.any()):
            best = max(best, float(np.mean([key in truth.keys for key in row_keys(before[kept].numpy())])))
    return best


def _live_tables(bench: Bench) -> list[tuple[str, torch.Tensor]]:
    found = [
        (bench.names.weight(m.weight), m.weight)
        for model in bench.names.models
        for m in model.modules()
        if isinstance(m, (nn.Embedding, nn.EmbeddingBag))
    ]
    known = {id(p) for _, p in found}
    looked_up = [bench.case.tape.leaves.get(t) for _, _, t in bench.case.lookups] if bench.case is not None else []
    for leaf in looked_up:  # tables of code without modules
        if leaf is not None and is_parameter(leaf) and leaf.dim() == 2 and id(leaf) not in known:
            known.add(id(leaf))
            found.append((bench.names.weight(leaf), leaf))
    return found


def matrices(bench: Bench, tables: list[tuple[str, np.ndarray]]) -> list[dict[str, Any]]:
    """Matrices of a table's shape among the program's objects: does the table hold one of them?"""
    found = []
    live = {n: p.data_ptr() for n, p in _live_tables(bench)}
    for name, matrix in bench.recorder.found.get("matrices", []):
        for table_name, table in tables:
            if tuple(matrix.shape) != tuple(table.shape) or _pointer(matrix) == live.get(table_name):
                continue  # what shares the table's memory says nothing of what the table should hold
            if isinstance(matrix, torch.Tensor) and (matrix.requires_grad or not matrix.is_floating_point()):
                continue
            if _kept_up(bench, matrix):
                continue
            m = np.asarray(matrix.detach() if isinstance(matrix, torch.Tensor) else matrix, dtype=np.float32)
            rows = sample_rows(len(table), 400).numpy()
            a, b = table[rows], m[rows]
            same = np.isclose(a, b, atol=1e-5).all(axis=1)
            filled = np.linalg.norm(b, axis=1) > 1e-9
            found.append(
                {
                    "matrix": name,
                    "table": table_name,
                    "same": float(same[filled].mean()) if filled.any() else 1.0,
                    "rows": len(table),
                    "structure": structure(a, b),
                    "random": bool(np.isnan(b).any()),
                    "in_another": _pointer(matrix) in live.values(),
                }
            )
    return found[:8]


def _kept_up(bench: Bench, matrix: Any) -> bool:
    """Whether training writes into a matrix in nearly every step: a momentum or an average, and no vectors."""
    if not isinstance(matrix, torch.Tensor) or matrix.is_inference():
        return False
    written = matrix._version - bench.recorder.versions.get(id(matrix), matrix._version)
    return written >= max(2, 0.8 * bench.recorder.steps_done)


def _pointer(matrix: Any) -> int:
    return int(matrix.data_ptr() if isinstance(matrix, torch.Tensor) else matrix.ctypes.data)


def structure(held: np.ndarray, want: np.ndarray) -> float | None:
    """Correlation of the words' similarities in the table with those in the source."""
    some = slice(0, 300)
    a, b = unit(held[some]), unit(want[some])
    if len(a) < 12:
        return None
    upper = np.triu_indices(len(a), 1)
    x, y = (a @ a.T)[upper], (b @ b.T)[upper]
    if x.std() < 1e-9 or y.std() < 1e-9:
        return None
    return float(np.corrcoef(x, y)[0, 1])


def unit(matrix: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return matrix / np.maximum(np.linalg.norm(matrix, axis=-1, keepdims=True), 1e-12)
