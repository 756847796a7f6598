"""Greedy and beam decoding: batched, and never endless.

A row is written until it has as many ended answers as the beam is wide, or to its length limit, which hangs on its
source; finished rows leave the batch. A beam of one is greedy decoding. Scores are sums of log-probabilities divided
by ((5 + length) / 6) ** penalty (Wu et al. 2016, equation 14).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from wordfit.models.seq2seq import BEGIN, END, Seq2SeqNetwork
from wordfit.models.seq2seq_recurrent import Memory, State

NEVER = float("-inf")


@dataclass(frozen=True)
class Answer:
    """A target that was written: its words without END, its score, and where each word looked (T, S)."""

    words: list[int]
    score: float
    attention: Tensor


@dataclass(frozen=True)
class Beam:
    """How to look for the best target."""

    size: int = 1
    penalty: float = 1.0
    """0 favours short answers, 1 takes the mean log-probability almost as it is."""
    no_repeat: int = 0
    """No sequence of so many words occurs twice in an answer; 0 allows it."""
    longest: int = 100
    """Words of an answer at the most; beside it, twice the source's and ten more."""


@torch.no_grad()
def decode(network: Seq2SeqNetwork, source: Tensor, mask: Tensor, beam: Beam | None = None) -> list[list[Answer]]:
    """For every source (B, S) its answers, the best first: `beam.size` of them at the most."""
    beam = beam or Beam()
    network.eval()
    memory = network.core.encode(network.source(source), mask)
    limits = (2 * mask.sum(dim=1) + 10).clamp(max=beam.longest).tolist()
    return _Search(network, memory, beam, limits).run()


class _Search:
    """Beam search over the rows of a batch; each unfinished row has `beam.size` hypotheses side by side."""

    def __init__(self, network: Seq2SeqNetwork, memory: Memory, beam: Beam, limits: list[int]) -> None:
        self.network, self.beam, self.limits = network, beam, limits
        self.done: list[list[Answer]] = [[] for _ in limits]
        self.rows = list(range(len(limits)))  # rows still being written
        hypotheses = torch.arange(len(limits)).repeat_interleave(beam.size)
        self.memory = memory.rows(hypotheses)
        self.state: State = network.core.begin(self.memory)
        self.words = torch.full((len(hypotheses), 1), BEGIN)  # (R K, t)
        self.scores = torch.full((len(limits), beam.size), NEVER)  # (R, K)
        self.scores[:, 0] = 0.0  # the hypotheses start equal: one of them is enough
        self.attention = torch.zeros(len(hypotheses), 0, memory.mask.shape[1])  # (R K, t, S)

    def run(self) -> list[list[Answer]]:
        """Write until every row has its answers."""
        while self.rows:
            log_probabilities, share = self._next_words()
            self._extend(log_probabilities, share)
        for answers in self.done:
            answers.sort(key=lambda answer: -answer.score)
        return [answers[: self.beam.size] for answers in self.done]

    def _next_words(self) -> tuple[Tensor, Tensor]:
        """Log-probabilities (R K, V) of the next word, and where each hypothesis looks (R K, S)."""
        embedded = self.network.target(self.words[:, -1])
        features, share, self.state = self.network.core.step(embedded, self.state, self.memory)
        found = self.network.output(features).log_softmax(dim=-1)
        found[:, 0] = NEVER  # padding and BEGIN are no answers
        found[:, BEGIN] = NEVER
        if self.beam.no_repeat:
            for row, words in enumerate(self.words.tolist()):
                found[row, _repeating(words[1:], self.beam.no_repeat)] = NEVER
        return found, share

    def _extend(self, log_probabilities: Tensor, share: Tensor) -> None:
        """Keep the best hypotheses of each row; those that end become answers."""
        size, length = self.beam.size, self.words.shape[1]
        vocabulary = log_probabilities.shape[1]
        total = self.scores.unsqueeze(-1) + log_probabilities.view(len(self.rows), size, vocabulary)  # (R, K, V)
        best, place = total.flatten(1).topk(min(2 * size, size * vocabulary), dim=1)  # (R, 2 K): K at least go on
        origin, word = place // vocabulary, place % vocabulary
        ended = word == END
        index = origin + torch.arange(len(self.rows)).unsqueeze(1) * size  # (R, 2 K) into the hypotheses
        for row, column in (ended & (best > NEVER)).nonzero().tolist():
            if column < size:
                self._finish(row, index[row, column], best[row, column])
        best = best.masked_fill(ended, NEVER)
        scores, order = best.topk(size, dim=1)  # (R, K)
        index, word = index.gather(1, order), word.gather(1, order)
        going = [i for i, row in enumerate(self.rows) if self._goes_on(row, scores[i, 0].item(), length)]
        for i in sorted(set(range(len(self.rows))) - set(going)):
            self._cut_off(i, index[i], word[i], scores[i], share)
        self._take(going, index, word, scores, share)

    def _goes_on(self, row: int, best: float, length: int) -> bool:
        return length < self.limits[row] and best > NEVER and len(self.done[row]) < self.beam.size

    def _finish(self, row: int, hypothesis: Tensor, score: Tensor) -> None:
        words = self.words[hypothesis, 1:].tolist()
        found = score.item() / _penalty(len(words) + 1, self.beam.penalty)
        self.done[self.rows[row]].append(Answer(words, found, self.attention[hypothesis].clone()))

    def _cut_off(self, row: int, index: Tensor, word: Tensor, scores: Tensor, share: Tensor) -> None:
        """A row at its limit without enough answers gives what it has."""
        for k in range(self.beam.size - len(self.done[self.rows[row]])):
            if scores[k] > NEVER:
                words = [*self.words[index[k], 1:].tolist(), int(word[k])]
                looked = torch.cat([self.attention[index[k]], share[index[k]].unsqueeze(0)])
                found = scores[k].item() / _penalty(len(words), self.beam.penalty)
                self.done[self.rows[row]].append(Answer(words, found, looked))

    def _take(self, going: list[int], index: Tensor, word: Tensor, scores: Tensor, share: Tensor) -> None:
        keep = index[going].flatten()  # (R' K,)
        self.words = torch.cat([self.words[keep], word[going].view(-1, 1)], dim=1)
        self.attention = torch.cat([self.attention[keep], share[keep].unsqueeze(1)], dim=1)
        self.state = tuple(part[keep] for part in self.state)
        if len(going) < len(self.rows):
            self.memory = self.memory.rows(keep)
        self.scores = scores[going]
        self.rows = [self.rows[i] for i in going]


def _penalty(length: int, strength: float) -> float:
    return float(((5 + length) / 6) ** strength)


def _repeating(words: list[int], size: int) -> list[int]:
    """Words that would end a sequence of `size` words that is there already."""
    last = words[len(words) - size + 1 :]
    return [words[i + size - 1] for i in range(len(words) - size + 1) if words[i : i + size - 1] == last]
