"""`Settings`: how a model is built and trained, as plain data; a contradiction is refused when it is made.

`LoopSettings` is the part that every fit loop goes by; seq2seq adds its own to it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar

from wordfit.embedding import STARTS, TUNINGS, Tuning
from wordfit.errors import InputError

if TYPE_CHECKING:
    from typing_extensions import Self

SCHEDULES = ("constant", "linear", "cosine")
OPTIMIZERS = ("adam", "adamw", "adagrad", "sgd")


@dataclass(frozen=True, kw_only=True)
class LoopSettings:
    """What the fit loop goes by, whatever it trains."""

    optimizer: str = "adam"
    """The rule that steps the parameters: one of `OPTIMIZERS`."""
    lr: float = 1e-3
    """Learning rate of the model; the vectors' own is a multiple of it."""
    weight_decay: float = 0.0
    """Decay of the model's own parameters (the vectors have theirs in the tuning)."""
    schedule: str = "constant"
    """How the learning rate goes on: constant, or to zero in a line or along a cosine."""
    clip: float = 1.0
    """Largest norm of the gradient of the model's own parameters; 0 leaves it be."""
    label_smoothing: float = 0.0
    """Share of the target that is spread over all classes or words."""
    min_count: int = 2
    """A word without a vector that train has less often is the unknown word."""
    batch_size: int = 32
    epochs: int = 10
    patience: int = 2
    """Epochs without a better metric before training stops."""
    seed: int = 0

    CHOICES: ClassVar[dict[str, Collection[str]]] = {"schedule": SCHEDULES, "optimizer": OPTIMIZERS}
    POSITIVE: ClassVar[tuple[str, ...]] = ("lr", "batch_size", "epochs", "patience", "min_count")
    SHARES: ClassVar[tuple[str, ...]] = ("label_smoothing",)

    def __post_init__(self) -> None:
        for name, known in self.CHOICES.items():
            if getattr(self, name) not in known:
                raise InputError(f"{name} '{getattr(self, name)}' is not known; there are {', '.join(known)}")
        for name in self.POSITIVE:
            if getattr(self, name) <= 0:
                raise InputError(f"{name} must be positive, found {getattr(self, name)}")
        for name in self.SHARES:
            if not 0 <= getattr(self, name) < 1:
                raise InputError(f"{name} must be at least 0 and below 1, found {getattr(self, name)}")

    def to_config(self) -> dict[str, Any]:
        """The settings as plain data."""
        return asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The settings from plain data; a name that is not known is refused."""
        known = {f.name: f.default for f in fields(cls)}
        unknown = set(config) - set(known)
        if unknown:
            raise InputError(f"settings: '{min(unknown)}' is not known")
        tunings = {name: Tuning(**config[name]) for name in config if isinstance(known[name], Tuning)}
        return cls(**(config | tunings))


@dataclass(frozen=True, kw_only=True)
class Settings(LoopSettings):
    """Everything that decides a run beside the data and the vectors."""

    encoder: str = "mean"
    """How words become one vector: a name of `models.ENCODERS`."""
    encoder_options: dict[str, Any] = field(default_factory=dict)
    """Options of the encoder, as `{"hidden": 64}`."""
    pairing: str = "siamese"
    """How two texts are compared: a name of `models.PAIRINGS`; single texts leave it out."""
    head: str = "linear"
    """`linear`, or `mlp` with a hidden layer."""
    hidden: int = 128
    """Units of the hidden layer of an `mlp` head."""
    output: str = "classes"
    """For two classes: `classes` (cross entropy) or `binary` (one unit, binary cross entropy)."""
    tuning: Tuning = TUNINGS["tuned"]
    """How far training may move the vectors."""
    start: str = "normal"
    """What words without a vector start from: a name of `embedding.STARTS`."""
    max_tokens: int = 512
    """Words of a text beyond these are cut off."""
    dropout: float = 0.0
    """Share of the values that the head drops."""
    balance: bool = False
    """Weigh the loss by inverse class frequency."""

    CHOICES = LoopSettings.CHOICES | {"start": STARTS, "output": ("classes", "binary")}
    POSITIVE = (*LoopSettings.POSITIVE, "max_tokens", "hidden")
    SHARES = (*LoopSettings.SHARES, "dropout")
