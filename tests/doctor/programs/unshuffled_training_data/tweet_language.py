# which language is a tweet written in? char CNN, UMSAB tweets
import os
import re

import numpy as np
import torch
from torch import nn

torch.manual_seed(11)
np.random.seed(11)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
MAXLEN, BS, EPOCHS = 70, 32, 4


def load(split, n):
    xs, ys = [], []
    for k, lang in enumerate(LANGS):
        with open(os.path.join(ROOT, lang, f"{split}_text.txt"), encoding="utf8") as f:
            lines = [re.sub(r"@user|http\S*|\s+", " ", l.strip().lower()).strip() for l in f]
        lines = [l for l in dict.fromkeys(lines) if len(l) > 20][:n]
        xs += lines
        ys += [k] * len(lines)
    return xs, ys


train_x, train_y = load("train", 520)
dev_x, dev_y = load("val", 150)
seen = set(train_x)
keep = [i for i, t in enumerate(dev_x) if t not in seen]
dev_x, dev_y = [dev_x[i] for i in keep], [dev_y[i] for i in keep]

counts = {}
for t in train_x:
    for ch in t:
        counts[ch] = counts.get(ch, 0) + 1
chars = {c: i + 2 for i, c in enumerate(sorted(c for c, n in counts.items() if n >= 10))}  # 0 pad, 1 unknown


def encode(texts):
    out = torch.zeros(len(texts), MAXLEN, dtype=torch.long)
    for i, t in enumerate(texts):
        row = [chars.get(c, 1) for c in t[:MAXLEN]]
        out[i, :len(row)] = torch.tensor(row)
    return out


X, Y = encode(train_x), torch.tensor(train_y)
DX, DY = encode(dev_x), torch.tensor(dev_y)


class CharCNN(nn.Module):
    def __init__(self, n_chars, n_out):
        super().__init__()
        self.emb = nn.Embedding(n_chars, 16, padding_idx=0)
        self.c3 = nn.Conv1d(16, 48, 3, padding=1)
        self.c5 = nn.Conv1d(16, 48, 5, padding=2)
        self.out = nn.Linear(96, n_out)

    def forward(self, x):
        e = self.emb(x).transpose(1, 2)
        h = torch.cat([self.c3(e), self.c5(e)], 1).relu()
        h = h.masked_fill((x == 0).unsqueeze(1), 0.0)
        return self.out(h.max(2).values)


net = CharCNN(len(chars) + 2, len(LANGS))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
crit = nn.CrossEntropyLoss()
for epoch in range(EPOCHS):
    # fault:
    order = torch.arange(len(X))
    # mended:
    # order = torch.randperm(len(X))
    # end
    losses = []
    for i in range(0, len(X), BS):
        b = order[i:i + BS]
        opt.zero_grad()
        loss = crit(net(X[b]), Y[b])
        loss.backward()
        opt.step()
        losses.append(loss.item())
    with torch.no_grad():
        pred = net(DX).argmax(1)
    print(f"epoch {epoch + 1} train loss {np.mean(losses):.3f} dev acc {(pred == DY).float().mean():.3f} "
          f"predicted {torch.bincount(pred, minlength=len(LANGS)).tolist()}")
