"""`Seq2SeqNetwork`: two word embeddings, an encoder-decoder between them, an output layer, and the loss.

Target rows are words with END behind them. The decoder gets them moved one place to the right behind BEGIN, so that
its answer at a place has seen only what stands before it. Decoding is in `decoding`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from wordfit.embedding import WordEmbedding
from wordfit.errors import InputError
from wordfit.models.seq2seq_recurrent import RecurrentSeq2Seq
from wordfit.models.seq2seq_transformer import TransformerSeq2Seq

BEGIN, END = 2, 3
SPECIAL = ["<pad>", "<unk>", "<begin>", "<end>"]
"""The first words of a target vocabulary."""

SEQ2SEQ: dict[str, Callable[..., RecurrentSeq2Seq | TransformerSeq2Seq]] = {
    "lstm": lambda s, t, **options: RecurrentSeq2Seq(s, t, cell="lstm", both=False, **options),
    "bilstm": lambda s, t, **options: RecurrentSeq2Seq(s, t, cell="lstm", both=True, **options),
    "gru": lambda s, t, **options: RecurrentSeq2Seq(s, t, cell="gru", both=False, **options),
    "bigru": lambda s, t, **options: RecurrentSeq2Seq(s, t, cell="gru", both=True, **options),
    "transformer": TransformerSeq2Seq,
}


class Seq2SeqNetwork(nn.Module):
    """Logits of target words given source words; with `tied`, the output layer is the target embedding's table."""

    def __init__(
        self,
        source: WordEmbedding,
        target: WordEmbedding,
        core: RecurrentSeq2Seq | TransformerSeq2Seq,
        tied: bool = False,
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__()
        self.source, self.target, self.core = source, target, core
        self.label_smoothing = label_smoothing
        words, width = target.weight.shape
        self.output = nn.Linear(core.width, words)
        if tied:
            if core.width != width:
                raise InputError(f"a tied output needs features of the vectors' width {width}, found {core.width}")
            self.output.weight = target.weight
        nn.init.zeros_(self.output.bias)

    @property
    def tied(self) -> bool:
        """Whether output and target embedding share their table."""
        return self.output.weight is self.target.weight

    @property
    def embeddings(self) -> list[WordEmbedding]:
        """The two embeddings, or one when source and target share it."""
        return [self.source] if self.source is self.target else [self.source, self.target]

    def begin_epoch(self, epoch: int) -> None:
        """Let the vectors move from their own epoch on."""
        for embedding in self.embeddings:
            embedding.begin_epoch(epoch)

    def forward(self, source: Tensor, source_mask: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (B, T, V) and attention (B, T, S) under the right answers so far."""
        features, share = self.features(source, source_mask, shifted(target))
        return self.output(features), share

    def features(self, source: Tensor, source_mask: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        """Features (B, T, F) when the words `before` (B, T) go into the decoder, and the attention (B, T, S)."""
        memory = self.core.encode(self.source(source), source_mask)
        return self.core.decode(self.target(before), memory)

    def loss(
        self, source: Tensor, source_mask: Tensor, target: Tensor, target_mask: Tensor, sampling: float = 0.0
    ) -> Tensor:
        """Mean cross entropy of the target's words; `sampling` is the share of inputs that are the model's own."""
        before = shifted(target)
        if sampling:
            before = self._sampled(source, source_mask, before, sampling)
        features, _ = self.features(source, source_mask, before)
        logits = self.output(features[target_mask])  # (N, V), padding never reaches the output layer
        smoothing = self.label_smoothing if self.training else 0.0
        return F.cross_entropy(logits, target[target_mask], label_smoothing=smoothing)

    @torch.no_grad()
    def _sampled(self, source: Tensor, source_mask: Tensor, before: Tensor, share: float) -> Tensor:
        """Inputs (B, T) of which a share are the model's own answers one pass earlier (Duckworth et al. 2019)."""
        features, _ = self.features(source, source_mask, before)
        answers = self.output(features).argmax(dim=-1)  # (B, T)
        own = torch.cat([before[:, :1], answers[:, :-1]], dim=1)
        swap = torch.rand(before.shape, device=before.device) < share
        swap[:, 0] = False
        return torch.where(swap & (before != 0), own, before)


def shifted(target: Tensor) -> Tensor:
    """What goes into the decoder (B, T) for a target (B, T): BEGIN, then all but its last word; END is never read."""
    before = torch.cat([torch.full_like(target[:, :1], BEGIN), target[:, :-1]], dim=1)
    return before.masked_fill(before == END, 0)


def build_seq2seq(config: dict[str, Any], source: WordEmbedding, target: WordEmbedding) -> Seq2SeqNetwork:
    """The network of plain data: `{"name": "bilstm", "hidden": 256, "tied": false, "label_smoothing": 0.1, ...}`."""
    options = dict(config)
    name, tied = options.pop("name", "bilstm"), options.pop("tied", False)
    smoothing = options.pop("label_smoothing", 0.0)
    if name not in SEQ2SEQ:
        raise InputError(f"the seq2seq model '{name}' is not known; there are {', '.join(SEQ2SEQ)}")
    if tied:
        if target.tuning.channels != 1:
            raise InputError("a tied output needs one channel of vectors, found 2")
        options["width"] = target.width
    try:
        core = SEQ2SEQ[name](source.width, target.width, **options)
    except TypeError as error:
        raise InputError(f"seq2seq model '{name}': {error}") from None
    return Seq2SeqNetwork(source, target, core, tied, smoothing)
