"""Soft matches: how well each word of a text is found again in the other, counted in bins of the cosine.

After the kernel pooling of Xiong et al. (2017, "End-to-End Neural Ad-hoc Ranking with Kernel Pooling", section 3), here
over each word's best match alone, both ways, and as shares of the text, so that length does not count.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Matches(nn.Module):
    """Two texts as `width` numbers: the shares of words that match so well, and how well they match on average.

    The kernels stand at even places from -0.1 to 1; the last is narrow, so that only the same word (or a near copy of
    its vector) reaches it. Shares are taken twice: every word alike, and by the words' weights.
    """

    centres: Tensor
    widths: Tensor

    def __init__(self, kernels: int = 11) -> None:
        super().__init__()
        centres = torch.linspace(-0.1, 1.0, kernels)  # (K,)
        widths = torch.full_like(centres, 1.1 / (kernels - 1) / 1.5)  # (K,), neighbours overlap
        widths[-1] = 0.01
        self.register_buffer("centres", centres, persistent=False)
        self.register_buffer("widths", widths, persistent=False)
        self.width = 4 * (kernels + 1)

    def forward(self, a: Tensor, a_weights: Tensor, b: Tensor, b_weights: Tensor, seen: Tensor) -> Tensor:
        """Matches (B, width) of words (B, S, D) and (B, T, D), their weights (B, S), (B, T), 0 on padding.

        `seen` (B, S, T) says where both places hold a word. A word beside an empty text matches with cosine -1.
        """
        cosine = unit(a) @ unit(b).transpose(1, 2)  # (B, S, T)
        cosine = torch.where(seen, cosine, -1.0)
        of_a = self._shares(cosine.amax(dim=2), a_weights)
        of_b = self._shares(cosine.amax(dim=1), b_weights)
        return torch.cat([*of_a, *of_b], dim=1)

    def _shares(self, best: Tensor, weights: Tensor) -> list[Tensor]:
        """Means (B, K + 1) over the words, alike and weighted, of each word's kernels and its best match (B, T)."""
        kernels = torch.exp(-((best.unsqueeze(2) - self.centres) / self.widths).square() / 2)  # (B, T, K)
        values = torch.cat([kernels, best.unsqueeze(2)], dim=2)  # (B, T, K + 1)
        alike = (weights > 0).to(values.dtype)
        return [
            (values * w.unsqueeze(2)).sum(dim=1) / w.sum(dim=1, keepdim=True).clamp(min=1e-6) for w in (alike, weights)
        ]


def unit(vectors: Tensor) -> Tensor:
    """Vectors (..., D) at length one; a zero vector stays zero, and has a gradient of zero."""
    return vectors / vectors.square().sum(dim=-1, keepdim=True).clamp(min=1e-12).sqrt()
