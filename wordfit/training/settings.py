"""`Settings`: how a model is built and trained, as plain data; a contradiction is refused when it is made."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from wordfit.embedding import STARTS, TUNINGS, Tuning
from wordfit.errors import InputError

SCHEDULES = ("constant", "linear", "cosine")
OPTIMIZERS = ("adam", "adamw", "adagrad", "sgd")


@dataclass(frozen=True)
class Settings:
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
    min_count: int = 2
    """A word without a vector that train has less often is the unknown word."""
    max_tokens: int = 512
    """Words of a text beyond these are cut off."""
    dropout: float = 0.0
    """Share of the values that the head drops."""
    label_smoothing: float = 0.0
    """Share of the target that is spread over all classes."""
    balance: bool = False
    """Weigh the loss by inverse class frequency."""
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
    batch_size: int = 32
    epochs: int = 10
    patience: int = 2
    """Epochs without a better metric before training stops."""
    seed: int = 0

    def __post_init__(self) -> None:
        choices = {"schedule": SCHEDULES, "optimizer": OPTIMIZERS, "start": STARTS, "output": ("classes", "binary")}
        for name, known in choices.items():
            if getattr(self, name) not in known:
                raise InputError(f"{name} '{getattr(self, name)}' is not known; there are {', '.join(known)}")
        for name in ("lr", "batch_size", "epochs", "patience", "max_tokens", "hidden", "min_count"):
            if getattr(self, name) <= 0:
                raise InputError(f"{name} must be positive, found {getattr(self, name)}")

    def to_config(self) -> dict[str, Any]:
        """The settings as plain data."""
        return asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Settings:
        """The settings from plain data; a name that is not known is refused."""
        unknown = set(config) - {f.name for f in fields(cls)}
        if unknown:
            raise InputError(f"settings: '{min(unknown)}' is not known")
        return cls(**(config | {"tuning": Tuning(**config["tuning"])}))
