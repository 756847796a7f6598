"""A recurrent encoder-decoder: (bi)LSTM or GRU encoder, attention over the source, decoder with input feeding.

The decoder of Luong et al. 2015: the last attentional state goes in beside the word (their figure 4), and the answer
comes from the state and the attended source (their equation 5). The score of attention is theirs or Bahdanau's.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from wordfit.errors import InputError
from wordfit.models.recurrent import Recurrent, masked_softmax

ATTENTIONS = ("luong", "bahdanau", "dot")


class Memory(NamedTuple):
    """A source that was read: states (B, S, H), what attention compares (B, S, A), mask (B, S), first state (B, H)."""

    states: Tensor
    keys: Tensor
    mask: Tensor
    first: Tensor

    def rows(self, index: Tensor) -> Memory:
        """The sources of some rows."""
        return Memory(*(part[index] for part in self))


State = tuple[Tensor, ...]
"""What a decoder carries from word to word, each (B, ...)."""


class Attention(nn.Module):
    """Which words of the source a state looks at.

    "dot" and "luong" are h . s and h . W s (Luong et al. 2015, equation 8), "bahdanau" is v . tanh(W h + U s)
    (Bahdanau et al. 2015, appendix A.1.2).
    """

    def __init__(self, kind: str, query_width: int, memory_width: int) -> None:
        super().__init__()
        if kind not in ATTENTIONS:
            raise InputError(f"attention '{kind}' is not known; there are {', '.join(ATTENTIONS)}")
        if kind == "dot" and query_width != memory_width:
            raise InputError(f"attention 'dot' needs equal widths, found {query_width} and {memory_width}")
        self.kind = kind
        self.key = nn.Identity() if kind == "dot" else nn.Linear(memory_width, query_width, bias=False)
        if kind == "bahdanau":
            self.query = nn.Linear(query_width, query_width)
            self.score = nn.Linear(query_width, 1, bias=False)

    def forward(self, query: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """The attended source (B, H) of a query (B, Q), and the share of each word (B, S)."""
        if self.kind == "bahdanau":
            scores = self.score(torch.tanh(self.query(query).unsqueeze(1) + memory.keys)).squeeze(-1)  # (B, S)
        else:
            scores = (memory.keys @ query.unsqueeze(-1)).squeeze(-1)  # (B, S)
        share = masked_softmax(scores, memory.mask)
        return (share.unsqueeze(1) @ memory.states).squeeze(1), share


class RecurrentSeq2Seq(nn.Module):
    """Reads a source, writes a target; `width` is that of the features which the output layer gets."""

    def __init__(
        self,
        source_width: int,
        target_width: int,
        hidden: int = 256,
        cell: str = "lstm",
        both: bool = True,
        layers: int = 1,
        attention: str = "luong",
        dropout: float = 0.3,
        width: int | None = None,
    ) -> None:
        super().__init__()
        self.width = width or hidden
        self.hidden = hidden
        self.gates = {"lstm": 4, "gru": 3}.get(cell, 0)
        self.encoder = Recurrent(source_width, hidden // 2 if both else hidden, cell, both, layers, dropout)
        read = self.encoder.width
        self.bridge = nn.Linear(read, hidden)
        self.attention = Attention(attention, hidden, read)
        self.from_word = nn.Linear(target_width, self.gates * hidden)
        if self.gates == 4:
            self.from_past = nn.Linear(self.width + hidden, 4 * hidden)
        else:
            self.from_feed, self.from_state = nn.Linear(self.width, 3 * hidden), nn.Linear(hidden, 3 * hidden)
        self.combine = nn.Linear(read + hidden, self.width)
        self.dropout = nn.Dropout(dropout)

    def encode(self, embedded: Tensor, mask: Tensor) -> Memory:
        """Read embedded sources (B, S, D) under their mask (B, S)."""
        states, last = self.encoder(self.dropout(embedded), mask)
        states = self.dropout(states.masked_fill(~mask.unsqueeze(-1), 0.0))
        return Memory(states, self.attention.key(states), mask, torch.tanh(self.bridge(last)))

    def begin(self, memory: Memory) -> State:
        """The state before the first word: hidden state, cell of an LSTM, and what is fed back."""
        cell = [torch.zeros_like(memory.first)] if self.gates == 4 else []
        return (memory.first, *cell, memory.first.new_zeros(len(memory.first), self.width))

    def decode(self, embedded: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Features (B, T, width) and attention (B, T, S) when the words (B, T, D) go in one after the other."""
        words = self.from_word(self.dropout(embedded))  # (B, T, G H), all steps at once
        state, features, shares = self.begin(memory), [], []
        for word in words.unbind(dim=1):
            feature, share, state = self._step(word, state, memory)
            features.append(feature)
            shares.append(share)
        return torch.stack(features, dim=1), torch.stack(shares, dim=1)

    def step(self, embedded: Tensor, state: State, memory: Memory) -> tuple[Tensor, Tensor, State]:
        """Features (B, width), attention (B, S) and the next state for one word (B, D) more."""
        return self._step(self.from_word(self.dropout(embedded)), state, memory)

    def _step(self, word: Tensor, state: State, memory: Memory) -> tuple[Tensor, Tensor, State]:
        hidden, *cell, feed = state
        if self.gates == 4:
            hidden, *cell = self._lstm(word, hidden, cell[0], feed)
        else:
            hidden = self._gru(word, hidden, feed)
        attended, share = self.attention(hidden, memory)
        feature = self.dropout(torch.tanh(self.combine(torch.cat([attended, hidden], dim=1))))  # (B, width)
        return feature, share, (hidden, *cell, feature)

    def _lstm(self, word: Tensor, hidden: Tensor, cell: Tensor, feed: Tensor) -> tuple[Tensor, Tensor]:
        gates = word + self.from_past(torch.cat([feed, hidden], dim=1))  # (B, 4 H)
        enter, forget, new, leave = gates.chunk(4, dim=1)
        cell = torch.sigmoid(forget + 1.0) * cell + torch.sigmoid(enter) * torch.tanh(new)  # remembers from the start
        return torch.sigmoid(leave) * torch.tanh(cell), cell

    def _gru(self, word: Tensor, hidden: Tensor, feed: Tensor) -> Tensor:
        reset, update, new = (word + self.from_feed(feed)).chunk(3, dim=1)  # (B, H) each
        own_reset, own_update, own_new = self.from_state(hidden).chunk(3, dim=1)
        update = torch.sigmoid(update + own_update)
        new = torch.tanh(new + torch.sigmoid(reset + own_reset) * own_new)
        return (1 - update) * new + update * hidden
