"""Word-to-id mappings among the program's objects, and which of them a table goes with."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from wordfit.doctor.bench import Bench
from wordfit.doctor.survey import keyed

SPECIAL = re.compile(r"^[<\[_{(|].*[>\]_})|]$|^(pad|unk|PAD|UNK|oov|OOV)$")


FEW = 4  # words: so many have a row where a program keeps those that it finds, and finds next to none


def mappings(bench: Bench) -> list[tuple[str, dict[str, int]]]:
    """Word-to-id mappings among the program's objects, also those that are kept as a list of words."""
    found: list[tuple[str, dict[str, int]]] = []
    for name, value in bench.recorder.found.get("ids", []):
        if len(value) >= FEW or any(isinstance(k, str) and SPECIAL.match(k) for k in value):
            found.append(
                (name, {k: int(v) for k, v in value.items() if isinstance(k, str) and isinstance(v, (int, np.integer))})
            )
    for name, value in bench.recorder.found.get("words", []):
        found.append((name, {w: int(i) for i, w in value.items()}))
    for name, value in bench.recorder.found.get("texts", []):
        if (
            isinstance(value, (list, tuple))
            and all(isinstance(w, str) for w in value[:50])
            and len(set(value)) == len(value)
        ) and sum(" " in w for w in value[:200]) < 20:
            found.append((name, {w: i for i, w in enumerate(value)}))
    for name, value in bench.recorder.found.get("vectors", []):
        if (keys := keyed(value)) is not None:
            found.append((name + ".key_to_index", dict(keys)))
    return found


def best_mapping(maps: list[tuple[str, dict[str, int]]], rows: int) -> tuple[str, dict[str, int]] | None:
    """The mapping whose ids fill the table best; of several that fill it as well, the first that ends where it ends.

    Two that leave less than a third of it free fill it as well: words may have been counted by chance as many.
    """
    best, score = None, (0.0, False)
    for name, mapping in maps:
        values = list(mapping.values())
        if not values or max(values) >= rows or len(set(values)) < 0.9 * len(values):
            continue
        found = len(values) / rows, max(values) == rows - 1
        as_well = abs(found[0] - score[0]) < 0.002 or min(found[0], score[0]) > 2 / 3
        if found[0] >= 0.3 and ((as_well and found[1] > score[1]) or (not as_well and found[0] > score[0])):
            best, score = (name, mapping), found
    return best


def two_mappings(maps: list[tuple[str, dict[str, int]]]) -> list[dict[str, Any]]:
    """Pairs of mappings that share words and give them other ids."""
    found = []
    for a in range(len(maps)):
        for b in range(a + 1, len(maps)):
            shared = [w for w in maps[a][1] if w in maps[b][1]]
            largest = max(len(m) for _, m in maps)
            if min(len(maps[a][1]), len(maps[b][1])) < 0.4 * largest:
                continue
            if len(shared) < 8 or len(shared) < 0.3 * min(len(maps[a][1]), len(maps[b][1])):
                continue
            same = sum(maps[a][1][w] == maps[b][1][w] for w in shared) / len(shared)
            if same < 0.9:
                found.append(
                    {
                        "first": maps[a][0],
                        "second": maps[b][0],
                        "shared": len(shared),
                        "same": same,
                        "sizes": [len(maps[a][1]), len(maps[b][1])],
                    }
                )
    return found[:10]
