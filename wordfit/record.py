"""`Record`: what happened in a run, as plain data; JSON in and out.

Sections are plain dictionaries and lists: a record reads the same from memory and from disk, ours or not,
today's or last week's. The trainer fills the upper half, the doctor's recorder and experiments the lower.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from wordfit.errors import InputError
from wordfit.files import write_whole

SCHEMA = 1


@dataclass
class Record:
    """One run. Every value is JSON: numbers, strings, lists, dictionaries with string keys."""

    program: dict[str, Any] = field(default_factory=dict)
    """What ran: name, argv, seconds, seed, versions of Python and the libraries."""
    settings: dict[str, Any] = field(default_factory=dict)
    """What was asked for: task, model, tuning, training; enough to run it again."""
    data: dict[str, Any] = field(default_factory=dict)
    """Per split: rows, labels with counts, lengths; the warnings said before training."""
    coverage: dict[str, Any] = field(default_factory=dict)
    """Per split: which words have vectors, by type, token and label, and why the rest have not."""
    epochs: list[dict[str, Any]] = field(default_factory=list)
    """One row an epoch: loss, metrics, rows per second, learning rate, drift."""
    evaluation: dict[str, Any] = field(default_factory=dict)
    """The dev set under the best model: metrics, confusion, score by length and coverage, deciding words."""
    embedding: dict[str, Any] = field(default_factory=dict)
    """How far the vectors moved, and which neighbours changed."""
    watched: dict[str, Any] = field(default_factory=dict)
    """What the recorder saw: models, tables, losses, optimisers, batches, phases."""
    experiments: dict[str, Any] = field(default_factory=dict)
    """Experiment name to what it measured."""
    diagnosis: dict[str, Any] = field(default_factory=dict)
    """The doctor's answer, in the schema of `wordfit doctor --json`."""
    schema: int = SCHEMA

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the record as JSON, whole or not at all."""
        with write_whole(path) as file:
            json.dump(plain(asdict(self)), file, indent=1, ensure_ascii=False, allow_nan=False)
            file.write("\n")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Record:
        """Read a record; a file that is none, or of a later schema, is refused."""
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise InputError(f"{path}: no such file") from None
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise InputError(f"{path}: expected a record in JSON, found: {error}") from None
        if not isinstance(content, dict) or "schema" not in content:
            raise InputError(f"{path}: expected a record of wordfit with a field 'schema', found none")
        if content["schema"] != SCHEMA:
            raise InputError(f"{path}: expected a record of schema {SCHEMA}, found schema {content['schema']!r}")
        known = {f.name for f in fields(cls)}
        return cls(**{name: value for name, value in content.items() if name in known})


def plain(value: Any) -> Any:
    """Make a value JSON: NumPy numbers to Python's, arrays and tuples to lists, not-a-number to its name."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, Path):
        return str(value)
    return value
