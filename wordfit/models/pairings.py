"""Pairings: two texts become one vector of features for the head.

`PAIRINGS` lists them. Siamese and cosine encode each text alone with one encoder; the others let the words of one
text look at those of the other; matching does both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from wordfit.errors import InputError
from wordfit.models.encoders import Encoder, build_encoder
from wordfit.models.matches import Matches, unit
from wordfit.models.recurrent import Pooling, Recurrent, masked_softmax

Text = tuple[Tensor, Tensor, Tensor | None]
"""Embedded words (B, T, D), their mask (B, T) and their weights (B, T) where the encoder wants them."""


class Pairing(nn.Module):
    """Two texts as one vector of `width` features."""

    width: int
    weighted = False

    def forward(self, first: Text, second: Text) -> Tensor:
        """Features (B, width) of two texts."""
        raise NotImplementedError


class Siamese(Pairing):
    """One encoder for both texts, compared as [u; v; |u - v|; u * v] (Mou et al. 2016; Conneau et al. 2017)."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.weighted = encoder.weighted
        self.width = 4 * encoder.width

    def forward(self, first: Text, second: Text) -> Tensor:
        """Encode each text alone and compare."""
        return compared(self.encoder(*first), self.encoder(*second))


class Cosine(Pairing):
    """One encoder for both texts and the cosine of what it gives: a single feature; 0 beside an empty text."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.weighted = encoder.weighted
        self.width = 1

    def forward(self, first: Text, second: Text) -> Tensor:
        """Encode each text alone and take the cosine."""
        u, v = self.encoder(*first), self.encoder(*second)  # (B, H) each
        return (unit(u) * unit(v)).sum(dim=1, keepdim=True)  # (B, 1)


class WordMatches(Pairing):
    """How the words of each text match those of the other, and nothing of what the texts say by themselves."""

    weighted = True

    def __init__(self, _width: int = 0, kernels: int = 11) -> None:
        super().__init__()
        self.matches = Matches(kernels)
        self.width = self.matches.width  # of the features: cosines do not ask for the words' own width

    def forward(self, first: Text, second: Text) -> Tensor:
        """Shares of words by their best match, both ways; words without weights all weigh 1."""
        (a, a_mask, a_weights), (b, b_mask, b_weights) = first, second
        of_a, of_b = (m.to(a.dtype) * (1 if w is None else w) for m, w in ((a_mask, a_weights), (b_mask, b_weights)))
        return self.matches(a, of_a, b, of_b, a_mask.unsqueeze(2) & b_mask.unsqueeze(1))


class Matching(WordMatches):
    """Word matches beside one encoder for both texts, compared as in Siamese and by cosine."""

    def __init__(self, encoder: Encoder, kernels: int = 11) -> None:
        super().__init__(kernels=kernels)
        self.encoder = encoder
        self.width += 4 * encoder.width + 1

    def forward(self, first: Text, second: Text) -> Tensor:
        """Compare the texts as wholes and word by word."""
        u, v = self.encoder(*first), self.encoder(*second)  # (B, H) each
        cosine = (unit(u) * unit(v)).sum(dim=1, keepdim=True)  # (B, 1)
        return torch.cat([super().forward(first, second), cosine, compared(u, v)], dim=1)


class DecomposableAttention(Pairing):
    """Attend, compare, aggregate (Parikh et al. 2016, equations 1 to 5)."""

    def __init__(self, width: int, hidden: int = 200, dropout: float = 0.2) -> None:
        super().__init__()
        self.enter = nn.Linear(width, hidden, bias=False)
        self.attend = _feed_forward(hidden, hidden, dropout)
        self.compare = _feed_forward(2 * hidden, hidden, dropout)
        self.width = 2 * hidden

    def forward(self, first: Text, second: Text) -> Tensor:
        """Align the words of the texts, compare each with what it is aligned to, and add the answers up."""
        (a, a_mask, _), (b, b_mask, _) = first, second
        a, b = self.enter(a), self.enter(b)  # (B, S, H), (B, T, H)
        scores = self.attend(a) @ self.attend(b).transpose(1, 2)  # (B, S, T)
        seen_a, seen_b = attended(scores, a, b, a_mask, b_mask)
        answers = [
            (self.compare(torch.cat([own, seen], dim=2)) * mask.unsqueeze(-1)).sum(dim=1)  # (B, H)
            for own, seen, mask in ((a, seen_a, a_mask), (b, seen_b, b_mask))
        ]
        return torch.cat(answers, dim=1)


class BiLstmAttention(Pairing):
    """The GLUE baseline's cross-sentence attention (Wang et al. 2018, section 5).

    A BiLSTM over each text, dot-product attention between the states, a second BiLSTM over state and attended state,
    max-pooling, and [u; v; |u - v|; u * v].
    """

    def __init__(self, width: int, hidden: int = 128, dropout: float = 0.2) -> None:
        super().__init__()
        self.read = Recurrent(width, hidden, both=True)
        self.reread = Recurrent(4 * hidden, hidden, both=True)
        self.pooling = Pooling("max", 2 * hidden)
        self.dropout = nn.Dropout(dropout)
        self.width = 8 * hidden

    def forward(self, first: Text, second: Text) -> Tensor:
        """Read both texts, let each see the other, read again, and compare."""
        (a_words, a_mask, _), (b_words, b_mask, _) = first, second
        a = self.dropout(self.read(a_words, a_mask)[0])  # (B, S, 2 H)
        b = self.dropout(self.read(b_words, b_mask)[0])  # (B, T, 2 H)
        seen_a, seen_b = attended(a @ b.transpose(1, 2), a, b, a_mask, b_mask)
        u, v = (
            self.pooling(self.reread(torch.cat([own, seen], dim=2), mask)[0], mask)
            for own, seen, mask in ((a, seen_a, a_mask), (b, seen_b, b_mask))
        )
        return compared(u, v)


def compared(u: Tensor, v: Tensor) -> Tensor:
    """[u; v; |u - v|; u * v] (B, 4 H) of two vectors (B, H)."""
    return torch.cat([u, v, (u - v).abs(), u * v], dim=1)


def attended(scores: Tensor, a: Tensor, b: Tensor, a_mask: Tensor, b_mask: Tensor) -> tuple[Tensor, Tensor]:
    """What each word of `a` (B, S, H) sees of `b` (B, T, H) under scores (B, S, T), and the other way round."""
    over_b = masked_softmax(scores, b_mask.unsqueeze(1).expand_as(scores))  # (B, S, T)
    over_a = masked_softmax(scores.transpose(1, 2), a_mask.unsqueeze(1).expand_as(scores.transpose(1, 2)))
    return over_b @ b, over_a @ a


def _feed_forward(width: int, hidden: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(
        nn.Dropout(dropout),
        nn.Linear(width, hidden),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(hidden, hidden),
        nn.ReLU(),
    )


PAIRINGS: dict[str, Callable[..., Pairing]] = {
    "siamese": Siamese,
    "cosine": Cosine,
    "matching": Matching,
    "matches": WordMatches,
    "attention": DecomposableAttention,
    "bilstm-attention": BiLstmAttention,
}
ENCODED = ("siamese", "cosine", "matching")  # pairings over an encoder; the others read the words themselves


def build_pairing(name: str, width: int, encoder: dict[str, Any] | None = None, **options: Any) -> Pairing:
    """The pairing called `name` over words of `width` values; those of `ENCODED` take an `encoder`."""
    if name not in PAIRINGS:
        raise InputError(f"pairing '{name}' is not known; there are {', '.join(PAIRINGS)}")
    if (encoder is not None) != (name in ENCODED):
        raise InputError(f"pairing '{name}' " + ("needs an encoder" if name in ENCODED else "takes no encoder"))
    try:
        return PAIRINGS[name](build_encoder(width=width, **encoder) if encoder else width, **options)
    except TypeError as error:
        raise InputError(f"pairing '{name}': {error}") from None
