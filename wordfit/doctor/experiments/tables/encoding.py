"""Were files decoded as they were written? Words with other letters than ASCII, as they are and as they are garbled."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from wordfit.doctor.bench import Bench
from wordfit.doctor.experiments.texts.contents import Content, contents
from wordfit.doctor.experiments.texts.corpora import tokens_of
from wordfit.doctor.experiments.texts.mappings import mappings
from wordfit.doctor.survey import keyed

MOST = 2000
MOST_CHARACTERS = 10_000_000  # of a file, from its beginning
TAKEN_FOR = ("latin-1", "cp1252", "cp1250", "iso8859-2", "cp1251", "koi8-r", "cp437", "mac-roman", "ascii")
"""Encodings that a file of UTF-8 is read in by mistake: those that systems and old files have."""
LOST = "\ufffd"  # what stands for bytes that could not be decoded


def encoding(bench: Bench) -> dict[str, Any] | None:
    """Words of the files that were read, among the words that the program holds: right, or garbled?"""
    kept = _kept(bench)
    held = kept | _told(bench)
    files = [row for content in contents(bench) if (row := garbled_words(content, held, kept)) is not None]
    if not files and not any(LOST in w for w in held):
        return None
    return {"files": files, "words": len(held), "undecoded": sum(LOST in w for w in held)}


def _kept(bench: Bench) -> set[str]:
    """Words of mappings and of dictionaries of vectors."""
    kept = {w for _, mapping in mappings(bench) for w in mapping}
    for _, value in bench.recorder.found.get("vectors", []):
        kept.update(list(value)[:200_000] if isinstance(value, dict) else list(keyed(value) or ()))
    return kept


def _told(bench: Bench) -> set[str]:
    """Words of texts."""
    held: set[str] = set()
    for _, value in bench.recorder.found.get("texts", []):
        for item in list(value)[:3000]:
            for part in (item, *item[:4]) if isinstance(item, (tuple, list)) else (item,):
                if isinstance(part, str) or (isinstance(part, (tuple, list)) and part and isinstance(part[0], str)):
                    held.update(str(w) for w in tokens_of(part))
    return held


def garbled_words(content: Content, held: set[str], kept: set[str] | None = None) -> dict[str, Any] | None:
    """How many of a file's words the program holds as they are, and how many as they look decoded wrongly.

    Texts are stripped of accents on purpose, where letters are all that is asked of them: words without these letters
    count among the ones that are `kept` for themselves only.
    """
    kept = held if kept is None else kept
    if content.raw.isascii():
        return None
    tokens = content.text[:MOST_CHARACTERS].replace(content.delimiter or " ", " ").split()
    counts = Counter(w for w in tokens if not w.isascii())
    words = [w for w, _ in counts.most_common(MOST)]
    if not words:
        return None
    wrong, own = _ways(content.raw)
    total = sum(w[0].isalpha() for w in tokens)
    right = garbled = lost = 0
    for word in words:
        whole = word in held or word.lower() in held
        right += whole
        letters = any(c.isalpha() for c in word if not c.isascii())
        ways = [way for way in wrong if letters or way[0] != "ascii"]  # marks and signs are left out on purpose
        forms = {word.encode(own, "replace").decode(name, how) for name, how in ways} - {"", word}
        if whole:  # held rightly in one place: only what no text writes shows that another has it garbled
            forms = {f for f in forms if not f.isascii()}
        known = any({f, f.lower()} & (kept if f.isascii() else held) for f in forms)
        garbled += known
        lost += counts[word] * known
    row = {"file": Path(content.name).name, "words": len(words), "right": right, "garbled": garbled, "encoding": own}
    return row | {"share_of_all_words": lost / max(total, 1)} | _place(content)


def _ways(raw: bytes) -> tuple[list[tuple[str, str]], str]:
    """Encodings that a file may wrongly be taken for, and its own."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return [(name, how) for name in ("utf-8", "ascii") for how in ("replace", "ignore")], "cp1252"
    return [(name, how) for name in TAKEN_FOR for how in ("replace", "ignore")], "utf-8"


def _place(content: Content) -> dict[str, Any]:
    return {"opened_in": content.file, "line": content.line}
