"""Puts pre-trained word vectors to work in a model, and proves why when they don't work.

Importing `wordfit` is cheap: a name below loads its part of the package when it is first used.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {  # public name: the module that holds it
    "InputError": "wordfit.errors",
    "Observer": "wordfit.training",
    "PairClassifier": "wordfit.training.estimators",
    "PairRegressor": "wordfit.training.estimators",
    "Record": "wordfit.record",
    "Settings": "wordfit.training",
    "Task": "wordfit.data",
    "TextClassifier": "wordfit.training.estimators",
    "TextRegressor": "wordfit.training.estimators",
    "Tokenizer": "wordfit.data",
    "TouchedRows": "wordfit.embedding",
    "Trainer": "wordfit.training",
    "Tuning": "wordfit.embedding",
    "Vocabulary": "wordfit.data",
    "WordEmbedding": "wordfit.embedding",
    "WordVectors": "wordfit.vectors",
}

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'wordfit' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
