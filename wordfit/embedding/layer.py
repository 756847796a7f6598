"""`WordEmbedding`: word vectors as a layer, a drop-in `nn.Module`.

The layer looks rows up and keeps padding at zero. How its rows are stepped stands in `touched_rows`.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from wordfit.embedding.tuning import Tuning


class WordEmbedding(nn.Module):
    """Looks up vectors (B, T) -> (B, T, width); row 0 is padding and stays zero.

    `matrix` (V, D) holds the start of every row, `known` (V,) says which rows are pre-trained (all, when left out).
    Gradients are sparse when `sparse` is true: step them with `TouchedRows` (any optimiser) or `SparseAdam`.
    """

    start: Tensor
    known: Tensor

    def __init__(
        self,
        matrix: np.ndarray | Tensor,
        tuning: Tuning | None = None,
        known: np.ndarray | Tensor | None = None,
        sparse: bool = True,
    ) -> None:
        super().__init__()
        self.tuning = tuning or Tuning()
        self.sparse = sparse
        self.padding_gradient = False
        """Whether the gradient may hold padding, which then the optimiser leaves out (`TouchedRows` does)."""
        start = torch.as_tensor(matrix, dtype=torch.float32).clone()  # (V, D)
        start[0] = 0.0
        moves = not self.tuning.frozen and self.tuning.warm_epochs == 0
        self.weight = nn.Parameter(start, requires_grad=moves)
        needs_start = self.tuning.anchor > 0 or self.tuning.channels == 2
        self.register_buffer("start", start.clone() if needs_start else None, persistent=self.tuning.channels == 2)
        rows = torch.ones(len(start), dtype=torch.bool) if known is None else torch.as_tensor(known).bool()
        self.register_buffer("known", rows.clone(), persistent=False)

    @property
    def width(self) -> int:
        """Values per word that the layer gives: D, or 2 D with two channels."""
        return int(self.weight.shape[1]) * self.tuning.channels

    def forward(self, ids: Tensor) -> Tensor:
        """Look up ids (B, T) -> (B, T, width)."""
        padding = None if self.padding_gradient else 0
        embedded = F.embedding(ids, self.weight, padding_idx=padding, sparse=self.sparse)  # (B, T, D)
        if not self.tuning.known_words and self.weight.requires_grad:
            embedded = torch.where(self.known[ids].unsqueeze(-1), embedded.detach(), embedded)
        if self.tuning.channels == 2:
            embedded = torch.cat([F.embedding(ids, self.start), embedded], dim=-1)  # (B, T, 2 D)
        if self.training and self.tuning.word_dropout:
            kept = torch.rand(ids.shape, device=ids.device) >= self.tuning.word_dropout  # (B, T)
            embedded = embedded * kept.unsqueeze(-1)
        return F.dropout(embedded, self.tuning.dropout, self.training)

    def begin_epoch(self, epoch: int) -> None:
        """Let the vectors move from epoch `warm_epochs` on; epochs count from 0."""
        self.weight.requires_grad_(not self.tuning.frozen and epoch >= self.tuning.warm_epochs)

    def pull(self, rows: Tensor) -> Tensor | None:
        """Gradient (U, D) that anchor and decay add to the touched rows (U,); None where neither is set."""
        weight = self.weight.detach()[rows]  # (U, D)
        total = None
        if self.tuning.anchor:
            total = self.tuning.anchor * (weight - self.start[rows])
        if self.tuning.decay:
            total = (0 if total is None else total) + self.tuning.decay * weight
        return total
