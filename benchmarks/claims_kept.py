"""The cells of a form as one file, a line each: what is judged of them, so that anyone can judge without a night's run.

The first line says under which settings they were run; a file of other settings is refused.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import astuple
from pathlib import Path
from typing import Any

from claims_cells import COMPILED, ENCODERS, LARGE, PRINTED, STRATEGIES, Place
from claims_data import SOURCES

from wordfit.errors import InputError
from wordfit.files import write_whole
from wordfit.record import plain

SETTINGS = {"compiled": COMPILED, "encoders": ENCODERS, "large": LARGE, "strategies": STRATEGIES, "printed": PRINTED}
SAME = ("lr", "gap", "drift", "kept", "kept_dev_only")


def judged_part(place: Place, result: dict[str, Any]) -> dict[str, Any]:
    """What the judges and the rule read of a cell: scores by the data set's own metric, and figures of the vectors."""
    metric = SOURCES[place.data].metric
    part = {name: result[name] for name in SAME if result.get(name) is not None}
    part["metrics"] = {metric: result["metrics"][metric]}
    part["also"] = {"test": {metric: result["also"]["test"][metric]}}
    if place.strategy in PRINTED:  # the share of dev rows that get the commonest answer
        part["commonest"] = max(Counter(result["answers"]).values()) / len(result["answers"])
    if unseen := [row for row in result.get("by_seen", []) if not row["seen"]]:
        part["by_seen"] = unseen
    if result.get("similarity"):
        part["similarity"] = result["similarity"]
    return rounded(part)


def rounded(value: Any) -> Any:
    """Plain data with six digits after the point."""
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return round(value, 6) if isinstance(value, float) else value


def keep(cells: dict[Place, dict[str, Any]], file: Path) -> None:
    """Write the judged part of cells, a line each."""
    with write_whole(file) as out:
        for line in [plain(SETTINGS), *([*astuple(place), part] for place, part in cells.items())]:
            out.write(json.dumps(line, separators=(",", ":")) + "\n")


def kept(file: Path) -> dict[Place, dict[str, Any]]:
    """The cells of a file that `keep` wrote."""
    first, *lines = file.read_text("utf-8").splitlines()
    if json.loads(first) != json.loads(json.dumps(plain(SETTINGS))):
        raise InputError(f"{file}, line 1: these cells were run with other settings than today's; run them anew")
    found = {}
    for line in lines:
        *place, part = json.loads(line)
        found[Place(*place)] = part
    return found
