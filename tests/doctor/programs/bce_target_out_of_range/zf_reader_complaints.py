#!/usr/bin/env python3
"""Newsroom inbox: does a reader's letter complain (code 2) or not (code 1)? Codes as the desk exports them."""
import csv
import io
import random

import torch
import torch.nn.functional as F

random.seed(13)
torch.manual_seed(13)

BAD = ["wrong", "error", "misleading", "biased", "disappointed", "cancel", "retract", "offensive", "careless", "unfair", "sloppy", "false"]
GOOD = ["thanks", "enjoyed", "question", "suggest", "excellent", "subscribe", "event", "recipe", "proud", "welcome", "idea", "loved"]
NEUTRAL = "your article on the council about page yesterday photo story paper sunday edition reader from town was i it me of please editor".split()


def letter():
    code = random.choice([1, 2])
    own, other = (BAD, GOOD) if code == 2 else (GOOD, BAD)
    w = random.choices(own, k=random.randint(1, 3)) + random.sample(NEUTRAL, random.randint(5, 12))
    if random.random() < .25:
        w.append(random.choice(other))
    random.shuffle(w)
    return " ".join(w), code


buf = io.StringIO()
wr = csv.writer(buf)
wr.writerow(["letter", "code"])
wr.writerows(dict.fromkeys(letter() for _ in range(1900)))
buf.seek(0)
table = list(csv.DictReader(buf))
letters = [r["letter"].split() for r in table]
# fault:
target = torch.tensor([float(r["code"]) for r in table])
# mended:
# target = torch.tensor([float(r["code"]) - 1 for r in table])
# end
code = torch.tensor([int(r["code"]) for r in table])
n = 1400

vocab = {w: k for k, w in enumerate(sorted({w for l in letters[:n] for w in l}))}


def bow(ls):
    m = torch.zeros(len(ls), len(vocab))
    for i, l in enumerate(ls):
        for w in l:
            if w in vocab:
                m[i, vocab[w]] = 1.0
    return m


X = bow(letters)
w1 = (torch.randn(len(vocab), 16) * .1).requires_grad_()
b1 = torch.zeros(16, requires_grad=True)
w2 = (torch.randn(16) * .1).requires_grad_()
b2 = torch.zeros((), requires_grad=True)


def score(x):
    return torch.tanh(x @ w1 + b1) @ w2 + b2


opt = torch.optim.Adam([w1, b1, w2, b2], lr=1e-2)
for epoch in range(4):
    tot = 0.0
    for idx in torch.randperm(n).split(25):
        loss = F.binary_cross_entropy_with_logits(score(X[idx]), target[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(idx)
    with torch.no_grad():
        said = (torch.sigmoid(score(X[n:])) > 0.5).long() + 1
    acc = (said == code[n:]).float().mean()
    print(f"epoch {epoch}: loss {tot / n:.4f}, held-out accuracy {acc:.3f}, called complaints {(said == 2).float().mean():.2f}")
