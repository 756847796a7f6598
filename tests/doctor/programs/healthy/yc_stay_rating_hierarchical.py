# Hotel stays as documents (list of sentences): words -> sentence vector -> document score, regression on 0..10.
# The last epochs run at a constant rate and their weights are averaged (SWA).
import numpy as np
import torch
import torch.nn as nn
from torch.optim.swa_utils import AveragedModel, SWALR

rng = np.random.default_rng(12)
torch.manual_seed(12)
ASPECT = ["room", "staff", "food", "bed", "pool", "view", "bath", "lobby"]
VALUE = {"awful": -2, "poor": -1, "dull": -.5, "fine": .5, "nice": 1, "great": 1.5, "superb": 2}
JUNK = ["we", "arrived", "by", "train", "with", "friends", "in", "may", "it", "rained", "again", "then", "left"]
MAXS, MAXW = 6, 7


def doc():
    sents, score = [], []
    for _ in range(rng.integers(2, MAXS + 1)):
        if rng.random() < .3 and score:
            sents.append(list(rng.choice(JUNK, rng.integers(3, MAXW + 1))))
        else:
            v = rng.choice(list(VALUE))
            s = ["the", rng.choice(ASPECT), "was"]
            if rng.random() < .3:
                s += ["very", v]; score.append(1.5 * VALUE[v])
            else:
                s += [v]; score.append(VALUE[v])
            sents.append(s)
    return sents, float(np.clip(5 + 1.6 * np.mean(score) + rng.normal(0, .25), 0, 10))


docs = [doc() for _ in range(2600)]
words = ["_", "the", "was", "very"] + ASPECT + list(VALUE) + JUNK
at = {w: i for i, w in enumerate(words)}
X = torch.zeros(len(docs), MAXS, MAXW, dtype=torch.long)
for i, (ss, _) in enumerate(docs):
    for j, s in enumerate(ss):
        X[i, j, :len(s)] = torch.tensor([at[str(w)] for w in s])
y = torch.tensor([r for _, r in docs])
tr, va = slice(0, 2000), slice(2000, None)
mu, sd = y[tr].mean(), y[tr].std()


class Han(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.emb = nn.Embedding(len(words), d, padding_idx=0)
        self.conv = nn.Conv1d(d, d, 2, padding=1)
        self.gate = nn.Linear(d, 1)
        self.fin = nn.Linear(d, 1)

    def forward(self, x):
        b, s, w = x.shape
        flat = x.reshape(b * s, w)
        h = torch.relu(self.conv(self.emb(flat).transpose(1, 2)))[:, :, :w]     # position t sees words t-1 and t
        h = h.masked_fill((flat == 0).unsqueeze(1), 0.).amax(2).view(b, s, -1)  # relu: nothing lies below zero
        there = (x != 0).any(2)
        a = torch.softmax(self.gate(h).squeeze(2).masked_fill(~there, float("-inf")), dim=1)   # every document has 2+ sentences
        return (a * self.fin(h).squeeze(2)).sum(1)


model = Han()
averaged = AveragedModel(model)
opt = torch.optim.RAdam(model.parameters(), lr=.01)
swa = SWALR(opt, swa_lr=.002, anneal_epochs=1)
huber = nn.SmoothL1Loss(beta=.5)
START, EPOCHS = 5, 8


def r2(m, part):
    with torch.no_grad():
        p = m(X[part]) * sd + mu
    return 1 - ((p - y[part]) ** 2).mean().item() / y[part].var(unbiased=False).item()


for ep in range(EPOCHS):
    total = 0.
    idx = torch.randperm(2000).split(40)
    for ix in idx:
        loss = huber(model(X[ix]), (y[ix] - mu) / sd)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() / len(idx)
    if ep >= START:
        averaged.update_parameters(model)
        swa.step()
    print(f"epoch {ep} huber {total:.4f} R2 train {r2(model, tr):.3f} valid {r2(model, va):.3f}")
print(f"averaged weights: R2 train {r2(averaged, tr):.3f} valid {r2(averaged, va):.3f}")
