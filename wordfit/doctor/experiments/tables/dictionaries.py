"""A dictionary of vectors in memory beside the file that it seems to come from: what was lost on the way?"""

from __future__ import annotations

import difflib
import re
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np

from wordfit.doctor.experiments.tables.encoding import TAKEN_FOR
from wordfit.doctor.experiments.tables.sources import Truth, row_keys


def dictionary(held: Truth, file: Truth) -> dict[str, Any]:
    """A dictionary in memory beside the file that it seems to come from."""
    shared = [w for w in held.words if w in file.place]
    same = 0
    width = min(held.matrix.shape[1], file.matrix.shape[1])
    for word in shared[:2000]:
        a, b = held.matrix[held.place[word]][:width], file.matrix[file.place[word]][:width]
        same += bool(np.allclose(a, b, rtol=1e-2, atol=1e-3))
    header = file.notes.get("header") or []
    cut = [w.split(" ")[0] for w in file.words if " " in w]
    pieces = {w for w in cut if w not in file.place}
    accents = [w for w in file.words if not w.isascii()]
    garbled = 0
    held_set = set(held.words)
    for w in accents[:2000]:
        raw = w.encode("utf-8")
        wrong = {raw.decode(e, errors=how) for e in TAKEN_FOR for how in ("replace", "ignore")}
        garbled += w not in held_set and bool(wrong & held_set - {""})
    variants = _overwritten(held, file)
    return {
        "held": held.name,
        "file": Path(file.name).name,
        "shared": len(shared),
        "same": same / max(min(len(shared), 2000), 1),
        "header_word": bool(header and header[0] in held_set and header[0] not in file.place),
        "cut_words": sum(w in held_set for w in set(cut)),
        "cut_of": len(cut),
        "cut_only": sum(w in held_set for w in pieces),
        "accents": len(accents),
        "accents_held": sum(w in held_set for w in accents),
        "garbled": garbled,
        "held_width": int(held.matrix.shape[1]),
        "file_width": int(file.matrix.shape[1]),
        **variants,
    }


def _overwritten(held: Truth, file: Truth) -> dict[str, Any]:
    """Keys of the dictionary whose vector is that of a later, rarer form, though an earlier one is there."""
    if held.matrix.shape[1] != file.matrix.shape[1]:
        return {"several_spellings": 0, "overwritten": 0, "overwritten_examples": []}
    groups: dict[str, list[str]] = {}
    for word in file.words[:500_000]:
        for folded in {_key(word), _key(_stem(word))}:
            groups.setdefault(folded, []).append(word)
    taken, of, examples = 0, 0, []
    words = held.words[:20_000]
    for word, key in zip(words, row_keys(held.matrix[: len(words)])):
        group, place = groups.get(_key(word), []), file.keys.get(key)
        first = word if word in file.place else (group[0] if group else None)
        if first is None or place is None or (len(group) < 2 and place == file.place[first]):
            continue
        owner = file.words[place]
        of += 1
        if place > file.place[first] and (owner in group or owner.lower().startswith(word.lower())):
            taken += 1
            examples.append([word, first, owner])
    return {"several_spellings": of, "overwritten": taken, "overwritten_examples": examples[:5]}


def _key(word: str) -> str:
    folded = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if c.isalnum())
    return folded or word.lower()


def _stem(word: str) -> str:
    """What stands before the first mark inside a word: `bank` of `bank|NOUN`, `bank_2` and `bank#geo`."""
    return _MARK.split(word, maxsplit=1)[0]


_MARK = re.compile(r"(?<=\w\w)[|#/:@_~^.](?=\w)")


def spelt_alike(a: str, b: str) -> bool:
    """Two spellings of one word: the same without accents, case and marks, or nearly so."""
    return _key(a) == _key(b) or (len(a) > 3 and difflib.SequenceMatcher(None, a, b).ratio() >= 0.85)
