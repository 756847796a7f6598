"""The rule behind the advice: a shallow tree and the figures it was fitted on, read from `rule.json`.

`benchmarks/claims.py --rule` fits it to measured runs and writes the file; nothing here learns. A leaf holds, for each
strategy, by how much it stood behind the best of its case on average, in points of the metric.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from wordfit.errors import InputError

FILE = Path(__file__).parent / "rule.json"


@dataclass(frozen=True)
class Condition:
    """One question of the tree, as these data answer it."""

    name: str
    at: float
    above: bool
    value: float


@dataclass(frozen=True)
class Leaf:
    """Where the questions lead: the strategy, and what stands behind it."""

    strategy: str
    behind: dict[str, float]
    """Strategy to its mean distance from the best of each case: 0 is the best, -0.02 two points below."""
    cases: int
    within: float
    """Share of the leaf's cases in which the strategy was within one standard error of the best."""
    path: tuple[Condition, ...]
    lr: float | None = None
    """The learning rate that dev chose most often in these cases, under the compiled engine."""
    about: str = ""
    """What these cases are, where they are not of those that the tree was fitted on."""


@dataclass(frozen=True)
class Rule:
    """The tree with its evidence, as `rule.json` holds them."""

    tree: dict[str, Any]
    evidence: dict[str, Any]

    def follow(self, numbers: dict[str, float]) -> Leaf:
        """Ask the questions of the tree; a number that it asks for must be there."""
        node, path = self.tree, []
        while "asks" in node:
            name = node["asks"]
            if name not in numbers:
                raise InputError(f"the rule asks for '{name}', which was not measured")
            above = numbers[name] > node["at"]
            path.append(Condition(name, node["at"], above, numbers[name]))
            node = node["above" if above else "below"]
        told = (node["strategy"], node["behind"], node["cases"], node["within"])
        return Leaf(*told, tuple(path), node.get("lr"), node.get("about", ""))


@lru_cache(maxsize=1)
def load_rule() -> Rule:
    """The rule that comes with wordfit."""
    content = json.loads(FILE.read_text("utf-8"))
    return Rule(content["tree"], content["evidence"])
