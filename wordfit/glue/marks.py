"""Scores that say nothing, each with its reason.

Judged from the answers alone: a constant answer, a score that the commonest class or chance would reach, and a dev set
that contradicts its training set. Why a model came to it is the doctor's to say, who has to watch it train.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from wordfit.data import Dataset
from wordfit.glue.tasks import GlueTask


def degenerate(task: GlueTask, results: Sequence[dict[str, Any]], majority: dict[str, Any]) -> str:
    """Why the runs of one place say nothing; empty where they do."""
    constant = sum(len(set(map(str, result["answers"]))) == 1 for result in results)
    if constant:
        return f"the same answer for every row in {constant} of {len(results)} runs"
    if task.kind == "score":
        return ""
    share, count = majority["metrics"]["accuracy"], majority["dev_rows"]
    if task.metrics[0] == "matthews":
        return _chance(float(np.mean([result["metrics"]["matthews"] for result in results])), count)
    accuracy = float(np.mean([result["metrics"]["accuracy"] for result in results]))
    half = 1.96 * (share * (1 - share) / count) ** 0.5
    if accuracy < share - half:
        return f"worse than always the commonest class ({share:.3f})"
    if accuracy <= share + half:
        return f"inside the interval of always the commonest class ({share:.3f} +- {half:.3f} on {count} rows)"
    return ""


def _chance(matthews: float, count: int) -> str:
    """Matthews' coefficient is chi squared over the rows: below 1.96 / sqrt(rows) chance reaches it."""
    most = 1.96 / count**0.5
    return f"not told apart from chance (+- {most:.3f} on {count} rows)" if abs(matthews) <= most else ""


def contradicted(train: Dataset, dev: Dataset) -> str:
    """Whether what train says of a text is mostly wrong of the same text in dev, as in WNLI; pairs only."""
    if len(train.texts) < 2 or any(isinstance(target, float) for target in train.targets):
        return ""
    labels: dict[str, Counter[str]] = {}
    for text, target in zip(train.texts[0], train.targets):
        labels.setdefault(text, Counter())[target] += 1
    shared = [(labels[text], target) for text, target in zip(dev.texts[0], dev.targets) if text in labels]
    right = sum(found.most_common(1)[0][0] == target for found, target in shared)
    if len(shared) < len(dev) / 2 or right > len(shared) / 4:
        return ""
    rows = f"{len(shared)} of {len(dev)} first texts stand in train"
    return f"dev contradicts train: {rows}, whose label is right for {right}"
