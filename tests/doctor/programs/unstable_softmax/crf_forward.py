"""Linear-chain CRF over part-of-speech tags, forward algorithm by hand; long sentences."""
import random

import torch
from torch import nn

random.seed(215)
torch.manual_seed(215)
LEX = {0: "the a".split(), 1: "dog cat park run walk".split(), 2: "sees likes run walk".split(), 3: "and but".split()}
NEXT = {0: [1], 1: [2, 3], 2: [0], 3: [0]}
vocab = {w: i for i, w in enumerate(sorted({w for ws in LEX.values() for w in ws}))}
T, K = 32, 4


def sentence():
    tag, words, tags = 0, [], []
    for _ in range(T):
        tags.append(tag)
        words.append(vocab[random.choice(LEX[tag])])
        tag = random.choice(NEXT[tag])
    return words, tags


def batch(n):
    rows = [sentence() for _ in range(n)]
    return torch.tensor([w for w, _ in rows]), torch.tensor([t for _, t in rows])


class CRF(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), d)
        self.emit = nn.Linear(d, K)
        self.trans = nn.Parameter(torch.zeros(K, K))

    def loss(self, x, y):
        e = self.emit(self.emb(x))  # (B, T, K)
        score = e.gather(2, y.unsqueeze(2)).squeeze(2).sum(1) + self.trans[y[:, :-1], y[:, 1:]].sum(1)
        # fault:
        alpha = e[:, 0].exp()
        for t in range(1, T):
            alpha = (alpha.unsqueeze(2) * self.trans.exp()).sum(1) * e[:, t].exp()
        log_z = alpha.sum(1).log()
        # mended:
        # alpha = e[:, 0]
        # for t in range(1, T):
        #     alpha = torch.logsumexp(alpha.unsqueeze(2) + self.trans, dim=1) + e[:, t]
        # log_z = torch.logsumexp(alpha, dim=1)
        # end
        return (log_z - score).mean()

    def decode(self, x):
        e = self.emit(self.emb(x))
        best, back = e[:, 0], []
        for t in range(1, T):
            s = best.unsqueeze(2) + self.trans
            best, arg = s.max(1)
            best = best + e[:, t]
            back.append(arg)
        path = [best.argmax(1)]
        for arg in reversed(back):
            path.append(arg.gather(1, path[-1].unsqueeze(1)).squeeze(1))
        return torch.stack(path[::-1], 1)


crf = CRF()
optimizer = torch.optim.Adam(crf.parameters(), lr=3e-2)
for step in range(1, 151):
    x, y = batch(24)
    loss = crf.loss(x, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 30 == 0:
        print(f"step {step} negative log likelihood {loss.item():.4f}")
with torch.no_grad():
    x, y = batch(200)
    print("tag accuracy", (crf.decode(x) == y).float().mean().item())
