"""Language model over chord symbols, compared with an interpolated bigram model in perplexity."""
import math
import random
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F

ROOTS = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]
KINDS = ["", "m", "7", "maj7", "dim"]
CHORDS = [r + k for r in ROOTS for k in KINDS]
IDX = {c: i for i, c in enumerate(CHORDS)}
CADENCES = [[(2, "m"), (7, "7"), (0, "maj7")], [(5, ""), (7, ""), (0, "")], [(9, "m"), (2, "m"), (7, "7")],
            [(0, ""), (9, "m"), (5, ""), (7, "7")], [(11, "dim"), (4, "7"), (9, "m")], [(0, "maj7"), (5, "maj7")]]


@dataclass
class Opts:
    pieces: int = 1500
    bars: int = 16
    dim: int = 32
    hidden: int = 64
    lr: float = 6e-3
    batch: int = 50
    epochs: int = 10
    seed: int = 4


def piece(rng, bars):
    key, out = rng.randrange(12), []
    while len(out) < bars:
        if rng.random() < 0.08:
            key = (key + rng.choice([5, 7])) % 12
        out += [IDX[ROOTS[(key + step) % 12] + kind] for step, kind in rng.choice(CADENCES)]
    return tuple(out[:bars])


class ChordLM(nn.Module):
    def __init__(self, o):
        super().__init__()
        self.emb = nn.Embedding(len(CHORDS) + 1, o.dim)
        self.rnn = nn.GRU(o.dim, o.hidden, batch_first=True)
        self.out = nn.Linear(o.hidden, len(CHORDS))

    def forward(self, x):
        start = x.new_full((len(x), 1), len(CHORDS))
        h, _ = self.rnn(self.emb(torch.cat([start, x[:, :-1]], 1)))
        return self.out(h)


def bigram_perplexity(train, test, lam=0.95):
    uni = torch.ones(len(CHORDS))
    bi = torch.zeros(len(CHORDS), len(CHORDS))
    for a, b in zip(train[:, :-1].flatten(), train[:, 1:].flatten()):
        bi[a, b] += 1
        uni[b] += 1
    uni /= uni.sum()
    p = lam * bi / bi.sum(1, keepdim=True).clamp(min=1) + (1 - lam) * uni
    return math.exp(-p[test[:, :-1].flatten(), test[:, 1:].flatten()].log().mean())


def perplexity(model, x):
    model.eval()
    with torch.no_grad():
        nll = F.cross_entropy(model(x)[:, 1:].flatten(0, 1), x[:, 1:].flatten())
    return math.exp(nll)


def main(o):
    rng = random.Random(o.seed)
    torch.manual_seed(o.seed)
    songs = set()
    while len(songs) < o.pieces + 200:
        songs.add(piece(rng, o.bars))
    songs = torch.tensor(sorted(songs))
    songs = songs[torch.randperm(len(songs))]
    train, test = songs[:-200], songs[-200:]
    print(f"bigram perplexity {bigram_perplexity(train, test):.2f}")
    model = ChordLM(o)
    opt = torch.optim.Adam(model.parameters(), lr=o.lr)
    sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.1, total_iters=o.epochs)
    for epoch in range(1, o.epochs + 1):
        model.train()
        total = 0.0
        for x in train[torch.randperm(len(train))].split(o.batch):
            # fault:
            loss = torch.clamp(F.cross_entropy(model(x).flatten(0, 1), x.flatten()), max=3.0)
            # mended:
            #loss = F.cross_entropy(model(x).flatten(0, 1), x.flatten())
            # end
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            total += loss.item() * len(x)
        sched.step()
        print(f"epoch {epoch:2d} train nll {total / len(train):.3f} test perplexity {perplexity(model, test):.2f}")


if __name__ == "__main__":
    main(Opts())
