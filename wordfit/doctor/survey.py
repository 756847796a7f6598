"""Among the program's live objects: word-to-id mappings, vectors by word, texts and labels, matrices.

Looked for at the first optimizer step, and when a table is made or filled, in the frames that are running and in what
they refer to, so that the locals of a `main()` and of what builds the model are found as well. Only references are
kept.
"""

from __future__ import annotations

import functools
import os
import re
import types
import weakref
from traceback import walk_tb
from typing import Any

import numpy as np
import torch

from wordfit.doctor.sites import is_users

DEPTH = 6
MOST = 4000


KINDS = ("ids", "words", "vectors", "texts", "numbers", "matrices", "modules", "pairs", "blobs", "flags")
TABLE = "emb|vec|word|glove|w2v|table|lookup"
STILL = re.compile(rf"(freez|frozen|static|fixed).*({TABLE})|({TABLE}).*(freez|frozen|static|fixed)", re.IGNORECASE)
TUNED = re.compile(rf"(train|tune|learn).*({TABLE})|({TABLE}).*(trainable|tune|learn)", re.IGNORECASE)


def running(frame: Any) -> list[Any]:
    """A frame and those that called it, up to what called the program."""
    frames = []
    while frame is not None and not frame.f_code.co_filename.endswith(_OUR_START):
        frames.append(frame)
        frame = frame.f_back
    return frames


def raised(traceback: Any) -> list[Any]:
    """The frames that an exception passed through, the innermost first."""
    return [frame for frame, _ in walk_tb(traceback)][::-1]


def survey_frames(
    frames: list[Any], found: dict[str, list[Any]] | None = None, largest: int | None = None
) -> dict[str, list[Any]]:
    """Sort what frames hold into mappings, vectors, texts and matrices, on top of what was found before.

    With `largest`, what is longer is passed over: so early it may be of no further use, and should not be kept alive.
    """
    found = found if found else {kind: [] for kind in KINDS}
    before = {id(value) for kind in KINDS for _, value in found[kind]}
    fresh: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    level: list[tuple[str, Any]] = []
    for frame in frames:
        if is_users(frame.f_code.co_filename):
            level += list(frame.f_locals.items())
            if frame.f_globals is not frame.f_locals:
                level += list(frame.f_globals.items())
    _look_through(level, fresh)
    for kind in KINDS:
        names = {name for name, _ in found[kind]}
        for name, value in fresh[kind]:
            whole = kind in ("modules", "flags") or not _has(value, "__len__")
            short = largest is None or whole or len(value) <= largest
            if kind == "flags" and name in names:
                continue
            if (kind == "flags" or id(value) not in before) and short:
                found[kind].append((f"{name} (later)" if name in names else name, value))
    return found


def sizes_of_vocabularies(found: dict[str, list[Any]]) -> set[int]:
    """How many words have a number of their own in the program's mappings: so many rows may be a table's."""
    maps = [mapping for _, mapping in found.get("ids", []) if len(mapping) >= 50]
    return {len(mapping) for mapping in maps if len(set(mapping.values())) == len(mapping)}


_OUR_START = os.path.join("wordfit", "doctor", "run.py")  # what called the doctor is not the program's


def _look_through(level: list[tuple[str, Any]], found: dict[str, list[Any]]) -> None:
    """Sort values, then what they refer to, and so on: what is near has its turn before what lies deep."""
    seen: set[int] = set()
    for _ in range(DEPTH):
        next_level: list[tuple[str, Any]] = []
        for name, value in level:
            if len(seen) < MOST and _is_looked_into(name, value, found) and id(value) not in seen:
                seen.add(id(value))
                kind = sort_of(value)
                if kind is not None:
                    found[kind].append((name, value))
                if kind in (None, "modules"):
                    next_level += [(f"{name}.{child}", below) for child, below in _children(value)]
        level = next_level


def _is_looked_into(name: str, value: Any, found: dict[str, list[Any]]) -> bool:
    """Whether a value may hold what is looked for; long texts and flags are taken as they are."""
    if isinstance(value, str) and len(value) > 2000 and value.count("\n") > 10 and len(found["blobs"]) < 6:
        found["blobs"].append((name, value))
    if isinstance(value, bool) and wish_of(name, value) is not None and len(found["flags"]) < 20:
        found["flags"].append((name, value))
    if isinstance(value, _PLAIN) and not _is_own(value):
        return False
    if name.startswith("__") and name.endswith("__") or type(value).__module__.startswith("wordfit."):
        return False
    if type(value) in weakref.ProxyTypes:  # stands for something that is found elsewhere
        return False
    return not (isinstance(value, types.FunctionType) and hasattr(value, "__wrapped__"))  # one of the recorder's own


def _has(value: Any, name: str) -> bool:
    """Whether an object has an attribute; one that looks names up among its keys may raise what it likes."""
    try:
        return hasattr(value, name)
    except Exception:
        return False


def keyed(value: Any) -> dict[str, int] | None:
    """The ids of gensim's keyed vectors, by their words."""
    return value.key_to_index if _has(value, "key_to_index") and isinstance(value.key_to_index, dict) else None


_PLAIN = (int, float, complex, str, bytes, bool, type(None), type, types.ModuleType, types.BuiltinFunctionType)


def wish_of(name: str, value: bool) -> str | None:
    """What a flag asks for the table by its name: to be held still, or to be tuned."""
    last = name.rsplit(".", 1)[-1]
    if STILL.search(last):
        return "still" if value else "tuned"
    if TUNED.search(last) and not last.startswith("pre"):
        return "tuned" if value else "still"
    return None


def _is_own(value: Any) -> bool:
    """A class or a module of the user's own may hold mappings and texts as well."""
    if isinstance(value, types.ModuleType):
        return is_users(getattr(value, "__file__", None) or "<built in>")
    return isinstance(value, type) and value.__module__ == "__main__"


def _children(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, (type, types.ModuleType)):
        return [(k, v) for k, v in list(vars(value).items())[:80] if not k.startswith("__")]
    if isinstance(value, dict):
        return [(str(k), v) for k, v in list(value.items())[:40]]
    if isinstance(value, (list, tuple)):
        return [(str(i), v) for i, v in enumerate(value[:12])]
    if isinstance(value, types.FunctionType):
        cells = value.__closure__ or ()
        return [(n, c.cell_contents) for n, c in zip(value.__code__.co_freevars, cells) if _filled(c)]
    if isinstance(value, types.MethodType):
        return [("self", value.__self__)]
    if isinstance(value, (np.ndarray, torch.Tensor, torch.optim.Optimizer)):  # what optimizers keep is their own
        return []
    if isinstance(value, types.GeneratorType):
        return list(value.gi_frame.f_locals.items()) if value.gi_frame is not None else []
    if isinstance(value, functools.partial):
        return [("func", value.func), *value.keywords.items(), *((str(i), v) for i, v in enumerate(value.args))]
    attributes = getattr(value, "__dict__", None)
    if attributes is None and not type(value).__module__.startswith(("torch", "numpy")):
        slots = [n for k in type(value).__mro__ for n in getattr(k, "__slots__", ()) if isinstance(n, str)]
        return [(n, getattr(value, n)) for n in slots[:40] if _has(value, n)]
    if isinstance(value, torch.nn.Module):  # its own weights are seen elsewhere
        return [(k, v) for k, v in value.__dict__.items() if not k.startswith("_")][:40]
    return list(attributes.items())[:60] if isinstance(attributes, dict) else []


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def sort_of(value: Any) -> str | None:
    """What a container holds, judged by a few of its items; None for what is of no interest."""
    if isinstance(value, torch.nn.Module):
        return "modules"
    if isinstance(value, torch.utils.data.DataLoader):
        return None
    if isinstance(value, dict):
        return _sort_of_mapping(value)
    if isinstance(value, (list, tuple)) and len(value) >= 8:
        return _sort_of_list(value)
    if isinstance(value, np.ndarray) and value.ndim in (1, 2) and len(value) >= 8:
        if value.dtype.kind in "US" or (value.dtype.kind == "O" and isinstance(value.flat[0], str)):
            return "texts"
        return "matrices" if value.ndim == 2 and value.dtype.kind in "fiu" else "numbers"
    if isinstance(value, torch.Tensor) and value.layout == torch.strided and value.dim() in (1, 2) and len(value) >= 8:
        return "matrices" if value.dim() == 2 else "numbers"
    if _has(value, "key_to_index") and _has(value, "vectors"):
        return "vectors"
    return None


def is_mapping(value: Any) -> bool:
    """Whether a value gives words their ids."""
    return isinstance(value, dict) and len(value) >= 8 and _sort_of_mapping(value) == "ids"


def _sort_of_mapping(value: dict[Any, Any]) -> str | None:
    if not value:
        return None
    items = [pair for pair, _ in zip(value.items(), range(3))]
    if not all(isinstance(k, str) for k, _ in items):
        if all(isinstance(k, (int, np.integer)) and isinstance(v, str) for k, v in items) and len(value) >= 8:
            return "words"
        return None
    first = items[-1][1]
    if _is_whole(first) and len(value) >= 2:
        return "ids"
    if isinstance(first, (np.ndarray, torch.Tensor)) and first.ndim == 1:
        return "vectors"
    if len(value) >= 8 and isinstance(first, (list, tuple)) and len(first) >= 4 and isinstance(first[0], float):
        return "vectors"
    return None


def _is_whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _is_vector(value: Any) -> bool:
    if isinstance(value, (np.ndarray, torch.Tensor)):
        return value.ndim == 1 and len(value) >= 4
    return isinstance(value, (list, tuple)) and len(value) >= 4 and isinstance(value[0], float)


def _sort_of_list(value: Any) -> str | None:
    some = value[0], value[len(value) // 2], value[-1]
    if all(isinstance(v, str) for v in some):
        return "texts"
    if all(isinstance(v, (int, float, np.number)) for v in some):
        return "numbers"
    if all(isinstance(v, (np.ndarray, torch.Tensor)) for v in some):
        return "texts" if all(v.ndim == 1 for v in some) else None
    if all(isinstance(v, (list, tuple)) for v in some):
        if all(len(v) == 2 and isinstance(v[0], str) and _is_vector(v[1]) for v in some):
            return "pairs"
        return "texts"
    return None
