#!/usr/bin/env python3
# Language of a tweet from its characters (six languages in Latin script). Port of an old Lua/Torch7 exercise.
import os
import random
import re

import torch
import torch.nn as nn
import torch.nn.functional as F

LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
root = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
random.seed(10)
torch.manual_seed(10)


def tweets(lang, split):
    with open(os.path.join(root, lang, split + "_text.txt"), encoding="utf-8") as f:
        for line in f:
            line = re.sub(r"http\S*|@\w*|#\w*", " ", line.lower())
            line = re.sub(r"\s+", " ", line).strip()
            if len(line) >= 40:
                yield line[:80]


def collect(split, per_lang):
    rows = []
    for k, lang in enumerate(LANGS):
        got = sorted(set(tweets(lang, split)))
        random.shuffle(got)
        rows += [(t, k) for t in got[:per_lang]]
    random.shuffle(rows)
    return rows


train, test = collect("train", 500), collect("test", 100)
test = [r for r in test if r[0] not in {t for t, _ in train}]
alphabet = sorted({c for t, _ in train for c in t if c.isalpha() or c in " '.,!?"})
cidx = {c: i + 2 for i, c in enumerate(alphabet)}             # 0 is padding, 1 any other character


def tensorise(rows):
    x = torch.zeros(len(rows), 80, dtype=torch.long)
    for r, (t, _) in enumerate(rows):
        x[r, :len(t)] = torch.tensor([cidx.get(c, 1) for c in t])
    return x, torch.tensor([y for _, y in rows])


class CharCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.lookup = nn.Embedding(len(cidx) + 2, 12, padding_idx=0)
        self.conv = nn.Conv1d(12, 32, 4)
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(32, len(LANGS))

    def forward(self, x):
        h = F.relu(self.conv(self.lookup(x).transpose(1, 2)))            # (B, 32, 77)
        whole = (x[:, 3:] != 0).unsqueeze(1)                             # windows without padding
        h = h.masked_fill(~whole, 0.0).max(2).values
        return self.fc(self.drop(h))


X, Y = tensorise(train)
XT, YT = tensorise(test)
net = CharCNN()
opt = torch.optim.SGD(net.parameters(), lr=0.15, momentum=0.9)
print(len(train), "tweets for training,", len(test), "for testing,", len(cidx), "characters")
for epoch in range(7):
    net.train()
    perm = torch.randperm(len(X))
    running = 0.0
    for i in range(0, len(X), 50):
        j = perm[i:i + 50]
        # fault:
        out = net(X[j])
        # mended:
        # opt.zero_grad()
        # out = net(X[j])
        # end
        loss = F.cross_entropy(out, Y[j])
        loss.backward()
        opt.step()
        running += loss.item() * len(j)
    opt.param_groups[0]["lr"] *= 0.7
    net.eval()
    with torch.no_grad():
        a = (net(X).argmax(1) == Y).float().mean().item()
        z = net(XT)
        b = (z.argmax(1) == YT).float().mean().item()
    print("epoch %d  loss %.4f  train %.3f  test %.3f  test loss %.3f" % (epoch + 1, running / len(X), a, b, F.cross_entropy(z, YT).item()))
