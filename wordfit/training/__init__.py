"""The fit loop, and what a run leaves behind. Names load when first used: reading a run folder needs no torch."""

from importlib import import_module
from typing import Any

_HOME = {
    "Observer": "wordfit.training.trainer",
    "RunFolder": "wordfit.training.run_folder",
    "Settings": "wordfit.training.settings",
    "TrainedModel": "wordfit.training.model",
    "Trainer": "wordfit.training.trainer",
    "fit": "wordfit.training.runs",
    "prepare": "wordfit.training.preparation",
    "run": "wordfit.training.runs",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'wordfit.training' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
