"""The article's three seq2seq programs in PyTorch, as printed, and mended; each with what wordfit says of it.

    python examples/seq2seq_torch.py printed    # frozen vectors; the encoder is connected to nothing
    python examples/seq2seq_torch.py clipped    # the same with the loss clipped to [0, 10]
    python examples/seq2seq_torch.py tuned      # the same with vectors that move
    python examples/seq2seq_torch.py ported     # softmax into NLLLoss, as it is often written in PyTorch: negative
    python examples/seq2seq_torch.py mended     # wordfit's own network: source read, padding masked, words as targets

The language is a toy (16 sentences); its vectors are made from the words' letters, or read from `--vectors FILE`.
"""

import argparse
from zlib import crc32

import torch
from torch import nn
from torch.nn import functional as F

from wordfit import Tuning, WordEmbedding, WordVectors
from wordfit.doctor.loss_examination import examine_loss_call
from wordfit.doctor.loss_floor import describe_loss_call
from wordfit.models.decoding import decode
from wordfit.models.seq2seq import build_seq2seq

NOUNS = {"dog": "chien", "cat": "chat", "horse": "cheval", "bird": "oiseau"}
ADJECTIVES = {"": "", "red": "rouge", "big": "grand", "old": "vieux"}
PAIRS = [(f"the {a} {n}", f"le {NOUNS[n]} {ADJECTIVES[a]}") for n in NOUNS for a in ADJECTIVES]
WORDS = [
    "<pad>",
    "<unk>",
    "<begin>",
    "<end>",
    *sorted({word for pair in PAIRS for text in pair for word in text.split()}),
]
LONGEST, WIDTH = 5, 16


def vectors(path=None):
    """A row (16,) for every word; those that a file lacks, or all, come from the word's letters."""
    rows = [torch.randn(WIDTH, generator=torch.Generator().manual_seed(crc32(w.encode()))) for w in WORDS]
    if path:
        found = WordVectors.load(path)
        fill = torch.randn(len(WORDS), found.vector_size, generator=torch.Generator().manual_seed(0))
        rows = [torch.from_numpy(found[w].copy()) if w in found else fill[i] for i, w in enumerate(WORDS)]
    return torch.stack(rows)


def padded(texts, ended=False):
    """Ids (B, 5), zeros behind each text."""
    rows = [[WORDS.index(w) for w in text.split()] + [3] * ended for text in texts]
    return torch.tensor([row + [0] * (LONGEST - len(row)) for row in rows])


class Printed(nn.Module):
    """The article's model: what the encoder gives is used by nobody."""

    def __init__(self, table, frozen):
        super().__init__()
        self.source = nn.Embedding.from_pretrained(table, freeze=frozen)
        self.target = nn.Embedding.from_pretrained(table, freeze=frozen)
        self.encoder = nn.LSTM(table.shape[1], 32, batch_first=True)
        self.decoder = nn.LSTM(table.shape[1], 32, batch_first=True)
        self.dense = nn.Linear(32, len(table))

    def forward(self, source, before):
        self.encoder(self.source(source))
        return self.dense(self.decoder(self.target(before))[0])  # (B, T, V)


def categorical_crossentropy(probabilities, one_hot):
    """Keras's own: probabilities are kept 1e-7 away from 0 and 1, padding is counted."""
    return -(one_hot * probabilities.clamp(1e-7, 1 - 1e-7).log()).sum(-1)  # (B, T)


def trained(variant, table, steps, seed=0):
    """The model after `steps`, and its losses."""
    torch.manual_seed(seed)
    source, target = padded([s for s, _ in PAIRS]), padded([t for _, t in PAIRS], ended=True)
    before = torch.cat([torch.full_like(target[:, :1], 2), target[:, :-1]], dim=1)
    if variant == "mended":
        tables = (WordEmbedding(table, sparse=False), WordEmbedding(table, Tuning(), sparse=False))
        model = build_seq2seq({"name": "bilstm", "hidden": 32, "dropout": 0.0}, *tables)
    else:
        model = Printed(table, frozen=variant != "tuned")
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.01)
    losses, says = [], ""
    for step in range(steps):
        if variant == "mended":
            loss = model.loss(source, source > 0, target, target > 0)
            call = ("cross_entropy", model(source, source > 0, target)[0][target > 0], target[target > 0])
        else:
            scores = model(source, before)
            if variant == "ported":
                call = ("nll_loss", scores.softmax(-1).flatten(0, 1), target.flatten())
                loss = F.nll_loss(*call[1:])
            else:
                call = ("cross_entropy", scores.flatten(0, 1), target.flatten())
                loss = categorical_crossentropy(scores.softmax(-1), F.one_hot(target, len(WORDS)).float())
                loss = (loss.clamp(0, 10) if variant == "clipped" else loss).mean()
        if step == 0:
            says = examine_loss_call(describe_loss_call(*call), loss.item()).says
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return model, losses, says


@torch.no_grad()
def judged(variant, model):
    """How far another source moves the output, and the share of sources whose target is written word for word."""
    source, target = padded([s for s, _ in PAIRS]), padded([t for _, t in PAIRS], ended=True)
    if variant == "mended":
        change = (
            (model(source, source > 0, target)[0] - model(source.flip(0), source.flip(0) > 0, target)[0]).abs().max()
        )
        found = [answers[0].words for answers in decode(model, source, source > 0)]
    else:
        change = (model(source, target) - model(source.flip(0), target)).abs().max()
        words = torch.full((len(source), 1), 2)
        for _ in range(LONGEST):
            words = torch.cat([words, model(source, words)[:, -1].argmax(-1, keepdim=True)], dim=1)
        found = [row[1 : row.index(3)] if 3 in row else row[1:] for row in words.tolist()]
    right = [[w for w in row if w not in (0, 3)] for row in target.tolist()]
    return change.item(), sum(a == b for a, b in zip(found, right)) / len(right)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("variant", choices=["printed", "clipped", "tuned", "ported", "mended"])
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--vectors", help="a file of word vectors")
    options = parser.parse_args()
    model, losses, says = trained(options.variant, vectors(options.vectors), options.steps)
    change, exact = judged(options.variant, model)
    print(f"{options.variant}: loss {losses[0]:.3f} to {losses[-1]:.3f}, lowest {min(losses):.3f}")
    print(f"another source moves the output by {change:.3g}; {exact:.0%} of the targets are written right")
    print(f"wordfit: {says}")
    if change == 0:
        print("wordfit: the decoder never sees the source (encoder_ignored)")


if __name__ == "__main__":
    main()
