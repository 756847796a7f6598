"""A small Transformer encoder-decoder over word vectors (Vaswani et al. 2017, norms before the layers)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from wordfit.errors import InputError
from wordfit.models.encoders import attendable, sinusoids
from wordfit.models.seq2seq_recurrent import Memory, State


class DecoderLayer(nn.Module):
    """Self-attention over the words so far, attention over the source, a feed-forward layer."""

    def __init__(self, width: int, heads: int, feedforward: int, dropout: float) -> None:
        super().__init__()
        self.own = nn.MultiheadAttention(width, heads, dropout, batch_first=True)
        self.source = nn.MultiheadAttention(width, heads, dropout, batch_first=True)
        self.forth = nn.Sequential(
            nn.Linear(width, feedforward), nn.ReLU(), nn.Dropout(dropout), nn.Linear(feedforward, width)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Tensor, memory: Memory, future: Tensor) -> tuple[Tensor, Tensor]:
        """The next states (B, T, H), and the attention (B, T, S) over the source, averaged over the heads."""
        own = self.norms[0](states)
        states = states + self.dropout(self.own(own, own, own, attn_mask=future, need_weights=False)[0])
        found, share = self.source(
            self.norms[1](states), memory.states, memory.states, key_padding_mask=~attendable(memory.mask)
        )
        states = states + self.dropout(found)
        return states + self.dropout(self.forth(self.norms[2](states))), share


class TransformerSeq2Seq(nn.Module):
    """Reads a source, writes a target; `width` is that of the features which the output layer gets."""

    def __init__(
        self,
        source_width: int,
        target_width: int,
        hidden: int = 256,
        layers: int = 3,
        heads: int = 4,
        feedforward: int | None = None,
        dropout: float = 0.1,
        width: int | None = None,
    ) -> None:
        super().__init__()
        if hidden % heads:
            raise InputError(f"transformer: hidden {hidden} does not divide by {heads} heads")
        forth = feedforward or 2 * hidden
        self.width = width or hidden
        self.hidden = hidden
        self.enter_source = nn.Linear(source_width, hidden)
        self.enter_target = nn.Linear(target_width, hidden)
        layer = nn.TransformerEncoderLayer(hidden, heads, forth, dropout, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers, nn.LayerNorm(hidden), enable_nested_tensor=False)
        self.decoder = nn.ModuleList(DecoderLayer(hidden, heads, forth, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(hidden)
        self.leave = nn.Identity() if self.width == hidden else nn.Linear(hidden, self.width)
        self.dropout = nn.Dropout(dropout)

    def encode(self, embedded: Tensor, mask: Tensor) -> Memory:
        """Read embedded sources (B, S, D) under their mask (B, S)."""
        entered = self._placed(self.enter_source(embedded))
        states = self.encoder(entered, src_key_padding_mask=~attendable(mask))  # (B, S, H)
        return Memory(states, states.new_zeros(len(states), 0), mask, states[:, 0])

    def begin(self, memory: Memory) -> State:
        """The state before the first word: no word yet."""
        return (memory.states.new_zeros(len(memory.states), 0, self.enter_target.in_features),)

    def decode(self, embedded: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Features (B, T, width) of words (B, T, D) that see none behind them, and the attention (B, T, S)."""
        length = embedded.shape[1]
        future = torch.ones(length, length, dtype=torch.bool, device=embedded.device).triu(1)  # (T, T)
        states = self._placed(self.enter_target(embedded))
        for layer in self.decoder:
            states, share = layer(states, memory, future)
        return self.leave(self.norm(states)), share * memory.mask.unsqueeze(1)

    def step(self, embedded: Tensor, state: State, memory: Memory) -> tuple[Tensor, Tensor, State]:
        """Features (B, width), attention (B, S) and the next state for one word (B, D) more; all are read again."""
        words = torch.cat([state[0], embedded.unsqueeze(1)], dim=1)
        features, share = self.decode(words, memory)
        return features[:, -1], share[:, -1], (words,)

    def _placed(self, entered: Tensor) -> Tensor:
        return self.dropout(entered + sinusoids(entered.shape[1], self.hidden).to(entered))
