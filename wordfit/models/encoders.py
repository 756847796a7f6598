"""Encoders: the word vectors of a text become one vector, and padding counts for nothing.

`ENCODERS` lists them. Each takes embedded words (B, T, D), a mask (B, T) that is true on the first words of a row and
false on its padding, and the words' weights (B, T) where it has a use for them; it gives (B, width). A text without
any word gives zeros. Recurrent encoders live in `recurrent`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from wordfit.errors import InputError
from wordfit.models.recurrent import Pooling, Recurrent


class Encoder(nn.Module):
    """A text as one vector of `width` values."""

    width: int
    weighted = False
    """Whether it wants a weight for every word."""

    def forward(self, embedded: Tensor, mask: Tensor, weights: Tensor | None = None) -> Tensor:
        """Encode embedded words (B, T, D) under their mask (B, T) -> (B, width)."""
        raise NotImplementedError


class Mean(Encoder):
    """The mean of a text's words."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width

    def forward(self, embedded: Tensor, mask: Tensor, weights: Tensor | None = None) -> Tensor:
        """Average the words of each text; an empty text gives zeros."""
        counted = mask.unsqueeze(-1).to(embedded.dtype)  # (B, T, 1)
        total = (embedded * counted).sum(dim=1)  # (B, D)
        return total / counted.sum(dim=1).clamp(min=1)  # (B, D), an empty text divides by one


class Sif(Mean):
    """The mean with every word weighted by a / (a + p(word)) (Arora et al. 2017, equation 3)."""

    weighted = True

    def forward(self, embedded: Tensor, mask: Tensor, weights: Tensor | None = None) -> Tensor:
        """Weigh the words, then average; without weights it is the plain mean."""
        if weights is not None:
            embedded = embedded * weights.unsqueeze(-1)  # (B, T, D)
        return super().forward(embedded, mask)


class Max(Encoder):
    """The largest value that any word of the text has, by dimension."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.pooling = Pooling("max", width)

    def forward(self, embedded: Tensor, mask: Tensor, weights: Tensor | None = None) -> Tensor:
        """Take the maximum over the words of each text."""
        return self.pooling(embedded, mask)


class Cnn(Encoder):
    """Filters over windows of words, the largest answer of each (Kim 2014).

    Windows reach over both ends of a text into zeros, as in the paper's program, so a short text has windows too.
    """

    def __init__(
        self, width: int, windows: tuple[int, ...] = (3, 4, 5), filters: int = 100, dropout: float = 0.5
    ) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(nn.Conv1d(width, filters, k, padding=k - 1) for k in windows)
        self.dropout = nn.Dropout(dropout)
        self.width = filters * len(windows)

    def forward(self, embedded: Tensor, mask: Tensor, weights: Tensor | None = None) -> Tensor:
        """The largest answer of every filter over the windows that hold a word."""
        words = (embedded * mask.unsqueeze(-1)).transpose(1, 2)  # (B, D, T)
        found = [self._strongest(convolution, words, mask) for convolution in self.convolutions]
        return self.dropout(torch.cat(found, dim=1))  # (B, width)

    @staticmethod
    def _strongest(convolution: nn.Module, words: Tensor, mask: Tensor) -> Tensor:
        answers = F.relu(convolution(words))  # (B, F, T + k - 1)
        extra = answers.shape[2] - mask.shape[1]
        end = mask.sum(dim=1, keepdim=True) + extra  # (B, 1), the first window of padding alone
        end = torch.where(mask.any(dim=1, keepdim=True), end, 0)
        place = torch.arange(answers.shape[2], device=mask.device)
        return (answers * (place < end).unsqueeze(1)).amax(dim=2)  # (B, F), relu is never below zero


class Transformer(Encoder):
    """Self-attention with positions, then the mean of the words (Vaswani et al. 2017, norms before the layers).

    Positions are sinusoids of any length; how strongly they count is learned. Words are projected where their width
    does not divide by the heads.
    """

    def __init__(
        self,
        width: int,
        layers: int = 2,
        heads: int = 4,
        hidden: int | None = None,
        feedforward: int | None = None,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.width = hidden or width + -width % heads
        if self.width % heads:
            raise InputError(f"transformer: hidden {self.width} does not divide by {heads} heads")
        self.enter = nn.Identity() if self.width == width else nn.Linear(width, self.width)
        self.position_scale = nn.Parameter(torch.tensor(0.1))
        layer = nn.TransformerEncoderLayer(
            self.width, heads, feedforward or 2 * self.width, dropout, batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, layers, nn.LayerNorm(self.width), enable_nested_tensor=False)
        self.mean = Mean(self.width)

    def forward(self, embedded: Tensor, mask: Tensor, weights: Tensor | None = None) -> Tensor:
        """Let the words of a text attend to each other, then average them."""
        entered = self.enter(embedded)  # (B, T, H)
        entered = entered + self.position_scale * sinusoids(mask.shape[1], self.width).to(entered)
        states = self.layers(entered, src_key_padding_mask=attendable(mask).logical_not())  # (B, T, H)
        return self.mean(states, mask)


def attendable(mask: Tensor) -> Tensor:
    """The mask (B, T) with one place opened in an empty row, so that its softmax has something to add up to one."""
    opened = mask.clone()
    opened[:, 0] |= ~mask.any(dim=1)
    return opened


def sinusoids(length: int, width: int, start: int = 0) -> Tensor:
    """Positions (length, width) from `start` on, as in Vaswani et al. 2017, section 3.5."""
    place = torch.arange(start, start + length).unsqueeze(1)  # (T, 1)
    rate = torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width))  # (ceil(H / 2),)
    angle = place * rate
    return torch.stack([angle.sin(), angle.cos()], dim=2).flatten(1)[:, :width]


class RecurrentEncoder(Encoder):
    """An LSTM or GRU, one way or both, and a pooling of its states."""

    def __init__(
        self,
        width: int,
        cell: str = "lstm",
        both: bool = False,
        hidden: int = 128,
        layers: int = 1,
        pool: str = "last",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.recurrent = Recurrent(width, hidden, cell, both, layers, dropout)
        self.width = self.recurrent.width
        self.pooling = Pooling(pool, self.width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, embedded: Tensor, mask: Tensor, weights: Tensor | None = None) -> Tensor:
        """Run over the words, then pool; 'last' is the state at the last word, and at the first for the way back."""
        states, last = self.recurrent(embedded, mask)
        return self.dropout(last if self.pooling.kind == "last" else self.pooling(states, mask))


ENCODERS: dict[str, Callable[..., Encoder]] = {
    "mean": Mean,
    "max": Max,
    "sif": Sif,
    "cnn": Cnn,
    "lstm": lambda width, **options: RecurrentEncoder(width, "lstm", False, **options),
    "gru": lambda width, **options: RecurrentEncoder(width, "gru", False, **options),
    "bilstm": lambda width, **options: RecurrentEncoder(width, "lstm", True, **options),
    "bigru": lambda width, **options: RecurrentEncoder(width, "gru", True, **options),
    "transformer": Transformer,
}


def build_encoder(name: str, width: int, **options: Any) -> Encoder:
    """The encoder called `name` over words of `width` values."""
    if name not in ENCODERS:
        raise InputError(f"encoder '{name}' is not known; there are {', '.join(ENCODERS)}")
    try:
        return ENCODERS[name](width, **options)
    except TypeError as error:
        raise InputError(f"encoder '{name}': {error}") from None
