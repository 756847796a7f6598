#!/usr/bin/env python
# Reading numerals: "forty two thousand and seven" -> 4 2 0 0 7
# One recurrent pass over the words, five digit positions predicted at once (no decoder needed).
import argparse
import numpy as np
import torch
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--hidden", type=int, default=48)
p.add_argument("--n", type=int, default=4000)
p.add_argument("--epochs", type=int, default=7)
args = p.parse_args()

rng = np.random.default_rng(2)
torch.manual_seed(2)
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()


def below_thousand(n):
    out = []
    if n >= 100:
        out += [ONES[n // 100], "hundred"]
        n %= 100
        if n and rng.random() < .5:
            out.append("and")
    if n >= 20:
        out.append(TENS[n // 10])
        n %= 10
        if n:
            out.append(ONES[n])
    elif n:
        out.append(ONES[n])
    return out


def spell(n):
    if n == 0:
        return ["zero"]
    out = []
    if n >= 1000:
        out += below_thousand(n // 1000) + ["thousand"]
    return out + below_thousand(n % 1000)


# magnitudes are drawn log-uniformly, otherwise nearly everything has five digits
numbers = np.unique(np.exp(rng.uniform(0, np.log(99999), 4 * args.n)).astype(int))
rng.shuffle(numbers)
numbers = numbers[:args.n]
vocab = {w: i + 1 for i, w in enumerate(ONES + TENS[2:] + ["hundred", "thousand", "and"])}
L = max(len(spell(n)) for n in numbers)
X = np.zeros((len(numbers), L + 1), dtype=np.int64)
for i, n in enumerate(numbers):
    s = [vocab[w] for w in spell(n)]
    X[i, L + 1 - len(s):] = s                     # padded on the left, so the last step is always a word
Y = np.array([[int(c) for c in f"{n:05d}"] for n in numbers])
X, Y = torch.from_numpy(X), torch.from_numpy(Y)
cut = int(.85 * len(X))
Xtr, Ytr, Xte, Yte = X[:cut], Y[:cut], X[cut:], Y[cut:]


class Reader(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.e = nn.Embedding(len(vocab) + 1, 24, padding_idx=0)
        self.cell = nn.GRUCell(24, h)
        self.digits = nn.Linear(h, 50)

    def forward(self, ids):
        state = ids.new_zeros(len(ids), self.cell.hidden_size, dtype=torch.float)
        for t in range(ids.size(1)):
            new = self.cell(self.e(ids[:, t]), state)
            state = torch.where(ids[:, t, None] > 0, new, state)
        return self.digits(state).view(-1, 5, 10)


model = Reader(args.hidden)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
spe = -(-cut // 64)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, total_steps=spe * args.epochs)


@torch.no_grad()
def exact(x, y):
    model.eval()
    return (model(x).argmax(-1) == y).all(1).double().mean().item()


for epoch in range(args.epochs):
    model.train()
    order = torch.randperm(cut)
    losses = []
    for idx in order.split(64):
        logits = model(Xtr[idx])
        loss = nn.functional.cross_entropy(logits.transpose(1, 2), Ytr[idx])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        sched.step()
        losses.append(loss.item())
    print(f"[{epoch}] nll/digit {np.mean(losses):.4f}   whole numbers right: train {exact(Xtr[:700], Ytr[:700]):.3f}  held out {exact(Xte, Yte):.3f}")
