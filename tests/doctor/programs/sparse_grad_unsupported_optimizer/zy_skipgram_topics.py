"""Skip-gram with negative sampling on a made-up corpus of documents about one topic each."""
import argparse

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser()
parser.add_argument("--dim", type=int, default=16)
parser.add_argument("--window", type=int, default=2)
parser.add_argument("--negative", type=int, default=4)
parser.add_argument("--epochs", type=int, default=5)
parser.add_argument("--lr", type=float, default=0.01)
args = parser.parse_args()

TOPICS, PER_TOPIC, COMMON = 8, 40, 30
V = TOPICS * PER_TOPIC + COMMON
rng = np.random.default_rng(0)
torch.manual_seed(0)


def document():
    t = rng.integers(TOPICS)
    topical = t * PER_TOPIC + rng.integers(0, PER_TOPIC, 25)
    common = TOPICS * PER_TOPIC + rng.integers(0, COMMON, 25)
    return np.where(rng.random(25) < 0.8, topical, common)


def pairs(docs):
    out = []
    for d in docs:
        for k in range(1, args.window + 1):
            out.append(np.stack([d[:-k], d[k:]], 1))
            out.append(np.stack([d[k:], d[:-k]], 1))
    return np.concatenate(out)


docs = [document() for _ in range(700)]
train, held = torch.from_numpy(pairs(docs[:600])), torch.from_numpy(pairs(docs[600:]))
freq = np.bincount(np.concatenate(docs[:600]), minlength=V) ** 0.75
noise = torch.from_numpy(freq / freq.sum())
print(len(train), "pairs,", V, "words")


class SkipGram(nn.Module):
    def __init__(self):
        super().__init__()
        self.center = nn.Embedding(V, args.dim, sparse=True)
        self.context = nn.Embedding(V, args.dim, sparse=True)
        nn.init.uniform_(self.center.weight, -0.5 / args.dim, 0.5 / args.dim)
        nn.init.uniform_(self.context.weight, -0.5 / args.dim, 0.5 / args.dim)

    def score(self, c, o):
        return (self.center(c).unsqueeze(1) * self.context(o)).sum(-1)


def draw(n):
    return torch.multinomial(noise, n * args.negative, replacement=True).view(n, args.negative)


model = SkipGram()
bce = nn.BCEWithLogitsLoss(reduction="none")
# fault:
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
# mended:
# optimizer = torch.optim.SparseAdam(list(model.parameters()), lr=args.lr)
# end


@torch.no_grad()
def evaluate(p):
    pos = model.score(p[:, 0], p[:, 1:]).squeeze(1)
    neg = model.score(p[:, 0], draw(len(p)))
    auc = (pos[:, None] > neg).float().mean().item()
    return auc


def purity():
    w = nn.functional.normalize(model.center.weight.detach()[:TOPICS * PER_TOPIC], dim=1)
    near = (w @ w.T).fill_diagonal_(-2).topk(5, dim=1).indices
    own = torch.arange(TOPICS * PER_TOPIC)[:, None] // PER_TOPIC
    return (near // PER_TOPIC == own).float().mean().item()


for epoch in range(args.epochs):
    total = 0.0
    for (batch,) in DataLoader(TensorDataset(train), batch_size=512, shuffle=True):
        labels = torch.zeros(len(batch), 1 + args.negative)
        labels[:, 0] = 1
        words = torch.cat([batch[:, 1:], draw(len(batch))], 1)
        loss = bce(model.score(batch[:, 0], words), labels).sum(1).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    print(f"epoch {epoch + 1} loss {total / len(train):.4f} pair AUC train {evaluate(train[:5000]):.3f} held-out {evaluate(held):.3f} neighbours of own topic {purity():.3f}")
