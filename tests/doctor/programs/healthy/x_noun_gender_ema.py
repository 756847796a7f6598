"""Grammatical gender from word form (nonce German), averaged weights used for evaluation only."""
import copy
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(15)
torch.manual_seed(15)

SUFFIX = {0: ["er", "ling", "ismus", "ig"], 1: ["ung", "heit", "keit", "schaft", "ion"], 2: ["chen", "lein", "tum", "ment"]}
GENDERS = ["der", "die", "das"]
ONSET, NUC, CODA = "b d f g k l m n p r s t st br kl".split(), list("aeiou"), ["", "n", "l", "r", "t"]


def noun():
    g = random.randrange(3)
    stem = "".join(random.choice(ONSET) + random.choice(NUC) + random.choice(CODA) for _ in range(random.choice([1, 2, 2, 3])))
    w = stem + random.choice(SUFFIX[g])
    if random.random() < 0.03:
        g = random.randrange(3)                 # exceptions
    return w, g


seen, lexicon = set(), []
while len(lexicon) < 2200:
    w, g = noun()
    if w not in seen:
        seen.add(w)
        lexicon.append((w, g))
WIDTH = 24


def encode(words):
    # right-aligned, so that the ending sits in the same place for all
    return torch.tensor([[0] * (WIDTH - len(w[-WIDTH:])) + [ord(c) - 96 for c in w[-WIDTH:]] for w, _ in words])


X, y = encode(lexicon), torch.tensor([g for _, g in lexicon])
Xtr, ytr, Xte, yte = X[:1700], y[:1700], X[1700:], y[1700:]

net = nn.Sequential(
    nn.Embedding(27, 12, padding_idx=0),
    nn.Flatten(),
    nn.Linear(12 * WIDTH, 48),
    nn.ReLU(),
    nn.Dropout(0.4),
    nn.Linear(48, 3),
)
shadow = copy.deepcopy(net).requires_grad_(False)      # never sees an optimizer
shadow.eval()
DECAY = 0.97

opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
for epoch in range(8):
    net.train()
    tot = 0
    for b in torch.randperm(len(Xtr)).split(34):
        loss = F.cross_entropy(net(Xtr[b]), ytr[b], label_smoothing=0.1)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        tot += loss.item()
        with torch.no_grad():
            for s, p in zip(shadow.parameters(), net.parameters()):
                s.lerp_(p, 1 - DECAY)
    net.eval()
    with torch.no_grad():
        raw = (net(Xte).argmax(1) == yte).float().mean()
        ema = (shadow(Xte).argmax(1) == yte).float().mean()
        fit = (shadow(Xtr).argmax(1) == ytr).float().mean()
    print(f"epoch {epoch} loss {tot / 50:.3f}  raw test {raw:.3f}  averaged: train {fit:.3f} test {ema:.3f}")
