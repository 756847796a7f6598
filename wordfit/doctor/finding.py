"""`Finding`: one cause with where it sits, its evidence, what it explains and its remedy; and reading a record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from wordfit.record import Record

ERROR, WARNING, INFO = "error", "warning", "info"
DEAD = 0.95  # of a layer's units
ABSENT = "nothing of the kind was seen in this program"  # why a question was not examined


@dataclass
class Finding:
    """A cause, judged from a record. Confidence is between 0 and 1."""

    cause: str
    confidence: float
    evidence: list[dict[str, Any]]
    remedy: str
    where: dict[str, Any] = field(default_factory=dict)
    severity: str = ERROR
    explains: list[str] = field(default_factory=list)
    ruled_out: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """The finding in the schema of `wordfit doctor --json`."""
        return {
            "cause": self.cause,
            "severity": self.severity,
            "confidence": round(self.confidence, 2),
            "where": {k: self.where.get(k) for k in ("module", "file", "line")},
            "evidence": self.evidence,
            "explains": self.explains,
            "ruled_out": self.ruled_out,
            "remedy": {"text": self.remedy},
        }


def seen(experiment: str, expected: Any = None, **found: Any) -> dict[str, Any]:
    """One line of evidence."""
    return {"experiment": experiment, "found": found, "expected": expected}


class View:
    """A record, read by names that may be missing."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.watched: dict[str, Any] = record.watched or {}
        self.error: dict[str, Any] | None = (record.program or {}).get("error")

    def of(self, experiment: str) -> dict[str, Any]:
        """What an experiment measured; empty if it was not made."""
        return self.record.experiments.get(experiment) or {}

    def place(self, row: dict[str, Any] | None) -> dict[str, Any]:
        """Where a call was."""
        return {k: row.get(k) for k in ("module", "file", "line")} if row else {}

    @property
    def classed(self) -> dict[str, Any]:
        """What was fed and answered in classes, in training, evaluation and at the end: rows, or single words."""
        data = self.of("data")
        return data.get("words") or data

    @property
    def loss_place(self) -> dict[str, Any]:
        """The user's line that made the loss."""
        for call in self.of("losses").get("calls", []):
            return self.place(call)
        site = self.watched.get("layout", {}).get("loss_site")
        return {"module": None, "file": site[0], "line": site[1]} if site else {}

    @property
    def optimizer_place(self) -> dict[str, Any]:
        """The user's line that made the first optimizer."""
        for optimizer in self.watched.get("optimizers", []):
            return {"module": optimizer["class"], "file": optimizer["file"], "line": optimizer["line"]}
        return {}

    @property
    def model_place(self) -> dict[str, Any]:
        """The user's line that made the first model."""
        for model in self.watched.get("models", []):
            return {"module": model.get("name", model["class"]), "file": model["file"], "line": model["line"]}
        return {}

    @property
    def ops(self) -> list[dict[str, Any]]:
        """The calls of the step."""
        return self.watched.get("ops", [])

    @property
    def curve(self) -> dict[str, Any]:
        """The loss curve in a few numbers."""
        return self.watched.get("curve") or {}

    @property
    def means(self) -> list[float]:
        """The loss by tenths, of the models that were trained last where several were, one after the other."""
        return [number(m) for m in self.curve.get("means_of_last") or self.curve.get("means") or []]

    @property
    def layout(self) -> dict[str, Any]:
        """Shapes of ids, answer and target."""
        return self.watched.get("layout") or {}

    @property
    def tables(self) -> list[dict[str, Any]]:
        """The embedding tables."""
        return self.of("tables").get("tables", [])

    @property
    def dead_layer(self) -> bool:
        """Whether all units of a layer give zero for every row, next to none apart."""
        activations = self.of("units").get("activations") or []
        return any(number((a.get("end") or {}).get("dead")) > DEAD for a in activations)

    def site_of_module(self, name: str | None) -> dict[str, Any]:
        """Where a module was made, by its path."""
        for model in self.watched.get("models", []):
            for module in model["modules"]:
                full = ".".join(p for p in (model.get("name", model["class"]), module["path"]) if p)
                if full == name:
                    return {"module": name, "file": model.get("file"), "line": module["line"]}
        return {"module": name}


Check = Any
Findings = Iterator[Finding]


def number(value: Any) -> float:
    """A number from a record, where not-a-number and infinities stand by name."""
    if value is None:
        return float("nan")
    return float(value)
