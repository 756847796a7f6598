"""`Tuning`: how far training may move the word vectors, as numbers with named presets.

The dial runs from frozen (`lr_multiplier` 0) to tuned (1); the other numbers pull back towards the pre-trained
point, keep rows still, or drop words. Any combination is allowed; a contradiction is refused when it is made.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from wordfit.errors import InputError


@dataclass(frozen=True)
class Tuning:
    """How far training may move the vectors; every number acts only on rows that a batch touched."""

    lr_multiplier: float = 1.0
    """Learning rate of the vectors as a multiple of the model's; 0 keeps them frozen."""
    anchor: float = 0.0
    """Weight of the L2 distance to the pre-trained point (L2-SP, Li et al. 2018): anchor * (w - w0) in the gradient."""
    decay: float = 0.0
    """Weight of the L2 distance to zero, the usual weight decay: decay * w in the gradient."""
    known_words: bool = True
    """Whether words that have a pre-trained vector may move; False tunes only the others."""
    channels: int = 1
    """2 adds a frozen copy beside the tuned table (Kim 2014, CNN-multichannel): the width doubles."""
    warm_epochs: int = 0
    """Epochs at the start in which the vectors stay frozen."""
    dropout: float = 0.0
    """Share of the values of a word's vector that training drops."""
    word_dropout: float = 0.0
    """Share of the words of a text that training drops (Iyyer et al. 2015)."""

    def __post_init__(self) -> None:
        for name in ("lr_multiplier", "anchor", "decay", "warm_epochs"):
            if getattr(self, name) < 0:
                raise InputError(f"tuning: {name} must not be negative, found {getattr(self, name)}")
        for name in ("dropout", "word_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise InputError(f"tuning: {name} must be at least 0 and below 1, found {getattr(self, name)}")
        if self.channels not in (1, 2):
            raise InputError(f"tuning: channels must be 1 or 2, found {self.channels}")
        if self.frozen:
            idle = [n for n in ("anchor", "decay", "warm_epochs") if getattr(self, n)]
            idle += ["known_words=false"] if not self.known_words else []
            idle += ["channels=2"] if self.channels == 2 else []
            if idle:
                raise InputError(f"tuning: frozen vectors do not move, so {', '.join(idle)} would do nothing")

    @property
    def frozen(self) -> bool:
        """Whether no row ever moves."""
        return self.lr_multiplier == 0

    @classmethod
    def parse(cls, text: str) -> Tuning:
        """Read a preset with changes: `slow`, `anchored,anchor=0.1,dropout=0.2`, `lr_multiplier=0.3`."""
        first, *rest = [part.strip() for part in text.split(",")]
        tuning = cls()
        if "=" in first:
            rest.insert(0, first)
        elif first in TUNINGS:
            tuning = TUNINGS[first]
        else:
            raise InputError(f"tuning '{first}' is not known; there are {', '.join(TUNINGS)}")
        kinds = {f.name: type(getattr(tuning, f.name)) for f in fields(cls)}
        changes: dict[str, Any] = {}
        for part in rest:
            name, _, value = part.partition("=")
            if name not in kinds:
                raise InputError(f"tuning has no number '{name}'; there are {', '.join(kinds)}")
            changes[name] = _number(name, value, kinds[name])
        return replace(tuning, **changes)


def _number(name: str, value: str, kind: type) -> float | int | bool:
    if kind is bool:
        if value.lower() not in ("true", "false"):
            raise InputError(f"tuning: {name} takes true or false, found '{value}'")
        return value.lower() == "true"
    try:
        return kind(value)  # type: ignore[no-any-return]
    except ValueError:
        raise InputError(f"tuning: {name} takes a number, found '{value}'") from None


TUNINGS = {
    "frozen": Tuning(lr_multiplier=0.0),
    "tuned": Tuning(),
    "slow": Tuning(lr_multiplier=0.1),
    "anchored": Tuning(anchor=0.01),
    "decayed": Tuning(decay=0.0001),
    "unknown-only": Tuning(known_words=False),
    "two-channel": Tuning(channels=2),
    "warm-up": Tuning(warm_epochs=1),
}
