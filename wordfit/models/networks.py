"""`TextNetwork` and `PairNetwork`: a word embedding, what reads the words, and a head; built from plain data.

A configuration is JSON: `{"encoder": {"name": "mean"}, "head": {"name": "linear", "kind": "classes", "outputs": 2}}`
for texts; pairs have, in the encoder's place,
`"pairing": {"name": "siamese", "encoder": {"name": "bilstm", "pool": "max"}}`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from wordfit.embedding import WordEmbedding
from wordfit.errors import InputError
from wordfit.models.encoders import Encoder, build_encoder
from wordfit.models.heads import Head, build_head
from wordfit.models.pairings import Pairing, build_pairing


class Network(nn.Module):
    """What text and pair networks share: the embedding, the head, and a weight (V,) of each word if one is wanted."""

    word_weights: Tensor | None

    def __init__(self, embedding: WordEmbedding, head: Head, weighted: bool, word_weights: Tensor | None) -> None:
        super().__init__()
        self.embedding = embedding
        self.head = head
        rows = embedding.weight.shape[0]
        weights = None
        if weighted:
            weights = torch.ones(rows) if word_weights is None else torch.as_tensor(word_weights, dtype=torch.float32)
            if weights.shape != (rows,):
                raise InputError(f"word weights: expected {rows}, one for each word, found {tuple(weights.shape)}")
        self.register_buffer("word_weights", weights)

    def _embed(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        return self.embedding(ids), mask, None if self.word_weights is None else self.word_weights[ids]


class TextNetwork(Network):
    """Embedding, encoder, head: ids (B, T) and mask (B, T) to logits."""

    def __init__(
        self, embedding: WordEmbedding, encoder: Encoder, head: Head, word_weights: Tensor | None = None
    ) -> None:
        super().__init__(embedding, head, encoder.weighted, word_weights)
        self.encoder = encoder

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Logits of texts."""
        return self.head(self.encoder(*self._embed(ids, mask)))  # type: ignore[no-any-return]


class PairNetwork(Network):
    """Embedding, pairing, head: ids and mask of two texts to logits."""

    def __init__(
        self, embedding: WordEmbedding, pairing: Pairing, head: Head, word_weights: Tensor | None = None
    ) -> None:
        super().__init__(embedding, head, pairing.weighted, word_weights)
        self.pairing = pairing

    def forward(self, ids1: Tensor, mask1: Tensor, ids2: Tensor, mask2: Tensor) -> Tensor:
        """Logits of pairs of texts (B, S) and (B, T)."""
        return self.head(self.pairing(self._embed(ids1, mask1), self._embed(ids2, mask2)))  # type: ignore[no-any-return]


def build_network(
    config: dict[str, Any], embedding: WordEmbedding, word_weights: Tensor | None = None
) -> TextNetwork | PairNetwork:
    """The network that a configuration describes, over an embedding; SIF wants a weight (V,) for each word."""
    if ("encoder" in config) == ("pairing" in config) or "head" not in config:
        raise InputError(
            f"network: expected 'head' and one of 'encoder' and 'pairing', found {', '.join(config) or 'none'}"
        )
    if "pairing" in config:
        pairing = build_pairing(width=embedding.width, **config["pairing"])
        return PairNetwork(embedding, pairing, build_head(width=pairing.width, **config["head"]), word_weights)
    encoder = build_encoder(width=embedding.width, **config["encoder"])
    return TextNetwork(embedding, encoder, build_head(width=encoder.width, **config["head"]), word_weights)
