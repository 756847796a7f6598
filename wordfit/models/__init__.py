"""Text, pair and seq2seq models: what reads the words, and a head.

A name below loads its part when it is first used: `bag` answers without torch.
"""

from importlib import import_module
from typing import Any

_HOME = {  # public name: the module that holds it
    "BagPredictor": "bag",
    "ENCODERS": "encoders",
    "Encoder": "encoders",
    "build_encoder": "encoders",
    "HEADS": "heads",
    "OUTPUTS": "heads",
    "Head": "heads",
    "build_head": "heads",
    "PairNetwork": "networks",
    "TextNetwork": "networks",
    "build_network": "networks",
    "PAIRINGS": "pairings",
    "Pairing": "pairings",
    "build_pairing": "pairings",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'wordfit.models' has no attribute {name!r}")
    value = getattr(import_module(f"wordfit.models.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
