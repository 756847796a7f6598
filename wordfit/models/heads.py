"""Heads: a text's vector becomes an answer; a head knows its loss and how its logits read as probabilities.

`OUTPUTS` lists what can be answered, `HEADS` how the vector gets there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from wordfit.errors import InputError

OUTPUTS = ("binary", "classes", "labels", "score")
HEADS = ("linear", "mlp")


class Head(nn.Module):
    """Logits from a text's vector, their loss and their meaning.

    `kind` is one unit with binary cross entropy ("binary"), `outputs` classes with cross entropy ("classes"), `outputs`
    labels of which any number hold ("labels"), or one number ("score"). `class_weights` weigh the classes of
    "classes" (C,) and the positive answer of "binary" (1,) and "labels" (L,). A score is kept inside `bounds` when
    they are given; otherwise `centre` and `scale`, the mean and spread of the training scores, say where it starts.
    """

    class_weights: Tensor | None

    def __init__(
        self,
        width: int,
        kind: str = "classes",
        outputs: int = 1,
        hidden: int | None = None,
        dropout: float = 0.0,
        label_smoothing: float = 0.0,
        class_weights: Sequence[float] | None = None,
        bounds: tuple[float, float] | None = None,
        centre: float = 0.0,
        scale: float = 1.0,
    ) -> None:
        super().__init__()
        self._refuse(kind, outputs, label_smoothing, class_weights, bounds, scale)
        self.kind = kind
        self.hidden = nn.Linear(width, hidden) if hidden else None
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden or width, outputs)
        self.label_smoothing = label_smoothing
        weights = None if class_weights is None else torch.as_tensor(class_weights, dtype=torch.float32)
        self.register_buffer("class_weights", weights, persistent=False)
        low, high = bounds if bounds else (centre, centre + scale)
        self.low, self.span, self.bounded = float(low), float(high - low), bounds is not None

    @staticmethod
    def _refuse(
        kind: str, outputs: int, smoothing: float, weights: Sequence[float] | None, bounds: Any, scale: float
    ) -> None:
        if kind not in OUTPUTS:
            raise InputError(f"head: kind '{kind}' is not known; there are {', '.join(OUTPUTS)}")
        if kind in ("binary", "score") and outputs != 1:
            raise InputError(f"head: kind '{kind}' has one output, found {outputs}")
        if kind == "classes" and outputs < 2:
            raise InputError(f"head: kind 'classes' needs at least two outputs, found {outputs}")
        if not 0 <= smoothing < 1:
            raise InputError(f"head: label_smoothing must be at least 0 and below 1, found {smoothing}")
        if kind == "score" and (smoothing or weights is not None):
            raise InputError("head: a score has no label_smoothing and no class_weights")
        if kind != "score" and bounds is not None:
            raise InputError(f"head: bounds are for a score, found kind '{kind}'")
        if weights is not None and len(weights) != outputs:
            raise InputError(f"head: expected {outputs} class_weights, found {len(weights)}")
        if (bounds is not None and not bounds[0] < bounds[1]) or not scale > 0:
            raise InputError(f"head: bounds must rise and scale be positive, found {bounds} and {scale}")

    def forward(self, features: Tensor) -> Tensor:
        """Logits of features (B, H): (B,) for "binary" and "score", (B, outputs) otherwise."""
        if self.hidden is not None:
            features = F.relu(self.hidden(self.dropout(features)))
        logits = self.output(self.dropout(features))  # (B, outputs)
        return logits.squeeze(-1) if self.kind in ("binary", "score") else logits

    def loss(self, logits: Tensor, target: Tensor) -> Tensor:
        """Mean loss over the batch; targets are class numbers (B,), labels (B, L) of 0 and 1, or scores (B,)."""
        if self.kind == "classes":
            return F.cross_entropy(
                logits, target.long(), weight=self.class_weights, label_smoothing=self.label_smoothing
            )
        target = target.to(logits.dtype)
        if target.shape != logits.shape:  # they would broadcast into a meaningless mean
            raise InputError(f"head: logits are {tuple(logits.shape)}, the target {tuple(target.shape)}")
        if self.kind == "score":
            return F.mse_loss(self.score(logits) / self.span, target / self.span)
        smoothed = target * (1 - self.label_smoothing) + self.label_smoothing / 2
        return F.binary_cross_entropy_with_logits(logits, smoothed, pos_weight=self.class_weights)

    def score(self, logits: Tensor) -> Tensor:
        """Scores (B,) of logits (B,), inside the bounds where there are any."""
        return self.low + self.span * (torch.sigmoid(logits) if self.bounded else logits)

    def probabilities(self, logits: Tensor) -> Tensor:
        """(B, C) that add up to one, two columns for "binary"; (B, L) of their own for "labels"."""
        if self.kind == "classes":
            return logits.softmax(dim=-1)
        if self.kind == "binary":
            return torch.stack([torch.sigmoid(-logits), torch.sigmoid(logits)], dim=-1)
        if self.kind == "labels":
            return torch.sigmoid(logits)
        raise InputError("head: a score has no probabilities")

    def predict(self, logits: Tensor) -> Tensor:
        """Class numbers (B,), labels (B, L) as booleans, or scores (B,)."""
        if self.kind == "classes":
            return logits.argmax(dim=-1)
        if self.kind == "score":
            return self.score(logits)
        return (logits > 0).long() if self.kind == "binary" else logits > 0


def build_head(name: str, width: int, **options: Any) -> Head:
    """The head called `name` over features of `width` values: `linear`, or `mlp` with a hidden layer."""
    if name not in HEADS:
        raise InputError(f"head '{name}' is not known; there are {', '.join(HEADS)}")
    if name == "mlp":
        options = {"hidden": 128} | options
    elif options.get("hidden"):
        raise InputError("head 'linear' has no hidden layer; ask for 'mlp'")
    try:
        return Head(width, **options)
    except TypeError as error:
        raise InputError(f"head '{name}': {error}") from None
