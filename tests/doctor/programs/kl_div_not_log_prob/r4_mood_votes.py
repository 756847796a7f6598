"""
Listeners heard short chord progressions and each voted for one of five moods.
We predict the distribution of the votes (not the winner) from the chord sequence.
Study 2, main model. Metrics: mean Jensen-Shannon distance, total variation and winner accuracy.
"""
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

MOODS = ["calm", "sad", "bright", "tense", "nostalgic"]
ROOTS = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]
QUALITIES = ["", "m", "7", "maj7", "dim"]
CHORDS = [r + q for r in ROOTS for q in QUALITIES]


@dataclass
class Config:
    n_train: int = 2400
    n_test: int = 600
    length: int = 8
    listeners: int = 40
    dim: int = 24
    hidden: int = 32
    lr: float = 4e-3
    batch: int = 48
    epochs: int = 14
    seed: int = 11


cfg = Config()
rng = np.random.default_rng(cfg.seed)
torch.manual_seed(cfg.seed)

# ---------------------------------------------------------------- stimuli
quality_mood = np.array([
    [0.6, -0.4, 0.9, -0.5, 0.0],     # major
    [0.1, 1.1, -0.9, 0.1, 0.4],      # minor
    [-0.6, -0.3, 0.3, 0.8, 0.0],     # dominant seventh
    [0.9, 0.0, -0.1, -0.8, 0.9],     # major seventh
    [-1.0, 0.2, -0.8, 1.6, -0.3],    # diminished
])
root_mood = rng.normal(0, 0.35, (len(ROOTS), len(MOODS)))


def stimuli(n):
    chords = np.zeros((n, cfg.length), dtype=np.int64)
    votes = np.zeros((n, len(MOODS)), dtype=np.float32)
    for i in range(n):
        palette = rng.dirichlet(np.full(len(QUALITIES), 0.6))
        roots = rng.integers(0, len(ROOTS), cfg.length)
        quals = rng.choice(len(QUALITIES), cfg.length, p=palette)
        score = (quality_mood[quals] + root_mood[roots]).mean(0) * 1.6
        p = np.exp(score) / np.exp(score).sum()
        votes[i] = rng.multinomial(cfg.listeners, p) / cfg.listeners
        chords[i] = roots * len(QUALITIES) + quals
    return torch.from_numpy(chords), torch.from_numpy(votes)


X_train, Y_train = stimuli(cfg.n_train)
X_test, Y_test = stimuli(cfg.n_test)
known = {tuple(r) for r in X_train.tolist()}
fresh = torch.tensor([tuple(r) not in known for r in X_test.tolist()])
X_test, Y_test = X_test[fresh], Y_test[fresh]


class MoodNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.chord = nn.Embedding(len(CHORDS), cfg.dim)
        self.conv = nn.Conv1d(cfg.dim, cfg.hidden, 2)
        self.out = nn.Linear(cfg.hidden, len(MOODS))

    def forward(self, x):
        h = self.conv(self.chord(x).transpose(1, 2))
        return self.out(torch.tanh(h).mean(2))


net = MoodNet()
opt = torch.optim.Adam(net.parameters(), lr=cfg.lr, weight_decay=1e-4)


def vote_loss(scores, votes):
    # fault:
    return F.kl_div(F.softmax(scores, dim=-1), votes, reduction="batchmean")
    # mended:
    #return F.kl_div(F.log_softmax(scores, dim=-1), votes, reduction="batchmean")
    # end


def js_distance(p, q, eps=1e-9):
    m = (p + q) / 2
    kl = lambda a, b: (a * ((a + eps).log() - (b + eps).log())).sum(-1)
    return ((kl(p, m) + kl(q, m)) / 2).clamp(min=0).sqrt()


def report(x, y):
    net.eval()
    with torch.no_grad():
        p = net(x).softmax(-1)
    js = js_distance(p, y).mean().item()
    tv = (p - y).abs().sum(-1).mean().item() / 2
    win = (p.argmax(-1) == y.argmax(-1)).float().mean().item()
    return js, tv, win


for epoch in range(cfg.epochs):
    net.train()
    running = 0.0
    order = torch.randperm(len(X_train))
    for idx in order.split(cfg.batch):
        opt.zero_grad()
        loss = vote_loss(net(X_train[idx]), Y_train[idx])
        loss.backward()
        opt.step()
        running += loss.item() * len(idx)
    if epoch % 3 == 2 or epoch == cfg.epochs - 1:
        js, tv, win = report(X_test, Y_test)
        print(f"epoch {epoch + 1:2d}  loss {running / len(X_train):.4f}  JS {js:.3f}  TV {tv:.3f}  winner {win:.3f}")

prior = Y_train.mean(0).expand_as(Y_test)
print(f"always the mean vote: JS {js_distance(prior, Y_test).mean():.3f}")
js, tv, win = report(X_train, Y_train)
print(f"training set: JS {js:.3f}  TV {tv:.3f}  winner {win:.3f}")
