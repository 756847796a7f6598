"""`TrainedModel`: a network with its task and tokenizer; texts in, answers out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from wordfit.data import Dataset, Encoded, Task, Tokenizer, batches
from wordfit.data.answers import decide
from wordfit.models.networks import Network
from wordfit.record import Record
from wordfit.training.metrics import score
from wordfit.training.preparation import Split, targets
from wordfit.training.settings import Settings


@dataclass(frozen=True)
class TrainedModel:
    """What `run` leaves: answers texts, scores rows."""

    task: Task
    settings: Settings
    tokenizer: Tokenizer
    network: Network
    config: dict[str, Any]
    """The network as plain data, in the form of `models.build_network`."""
    record: Record

    @torch.no_grad()
    def logits(self, texts: Sequence[Encoded], size: int = 256) -> Tensor:
        """Logits of encoded texts (one list, or two for pairs), in their order: (B,) or (B, C)."""
        self.network.eval()
        rows = np.arange(len(texts[0]))
        parts, places = [torch.zeros(0)], []
        for batch in batches(tuple(texts), rows, size, None, self.settings.max_tokens):
            inputs = (torch.from_numpy(part) for text in batch.texts for part in text)
            parts.append(self.network(*inputs))
            places.append(torch.from_numpy(batch.rows))
        if not places:
            return torch.zeros(0)
        logits = torch.cat(parts[1:])
        return torch.empty_like(logits).index_copy_(0, torch.cat(places), logits)

    def encode(self, texts: Sequence[list[str]]) -> tuple[Encoded, ...]:
        """Texts as ids: one list of texts, or two for pairs."""
        return tuple(Encoded.of(list(column), self.tokenizer) for column in texts)

    def scores(self, texts: Sequence[list[str]]) -> np.ndarray:
        """Probabilities (B, C), or scores (B,)."""
        return self.read(self.logits(self.encode(texts)))

    def read(self, logits: Tensor) -> np.ndarray:
        """Logits as probabilities (B, C), or as scores (B,)."""
        head = self.network.head
        return (head.score(logits) if head.kind == "score" else head.probabilities(logits)).numpy()  # type: ignore[no-any-return]

    def answers(self, split: Split) -> np.ndarray:
        """Answers for encoded rows as numbers: classes (B,), labels (B, L), scores (B,)."""
        return decide(self.task, self.read(self.logits(split.texts)))

    def evaluate(self, rows: Dataset) -> dict[str, float]:
        """Every metric of the task on labelled rows."""
        return score(self.task.kind, targets(self.task, rows), decide(self.task, self.scores(rows.texts)))
