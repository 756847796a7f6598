# Tone of financial news sentences (negative / neutral / positive), Financial PhraseBank.
# GloVe stays fixed, own words of the domain get trainable vectors, classes are weighted.
import collections
import gzip
import os
import re

import torch
import torch.nn.functional as F

torch.manual_seed(6)
DATA = os.environ["WORDFIT_DATA"]
TONES = ["negative", "neutral", "positive"]

rows = {}
with open(os.path.join(DATA, "sentiment/financial-phrasebank/Sentences_50Agree.txt"), encoding="utf-8") as fh:
    for line in fh:
        text, _, tone = line.strip().rpartition("@")
        tokens = tuple(re.findall(r"[a-z]+(?:'[a-z]+)?|%", text.lower()))
        if len(tokens) > 2:
            rows.setdefault(tokens, TONES.index(tone))
data = list(rows.items())
perm = torch.randperm(len(data)).tolist()
dev = [data[i] for i in perm[:900]]
train = [data[i] for i in perm[900:]]

counts = collections.Counter(t for tokens, _ in train for t in tokens)
vocab = {w: i for i, w in enumerate((w for w, c in counts.most_common() if c >= 2), start=1)}

glove = torch.zeros(len(vocab) + 1, 50)
found = 0
with gzip.open(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as fh:
    for line in fh:
        word, _, values = line.partition(" ")
        if word in vocab:
            glove[vocab[word]] = torch.tensor([float(v) for v in values.split()])
            found += 1
print(len(train), "train,", len(dev), "dev,", len(vocab), "words,", found, "with GloVe")

OWN = 8
own = (torch.randn(len(vocab) + 1, OWN) * 0.1).requires_grad_()
w1 = (torch.randn(50 + OWN, 32) * 0.1).requires_grad_()
b1 = torch.zeros(32, requires_grad=True)
w2 = (torch.randn(64, 3) * 0.1).requires_grad_()
b2 = torch.zeros(3, requires_grad=True)


def encode(examples, longest=40):
    return [(torch.tensor([vocab.get(t, 0) for t in tokens[:longest]]), y) for tokens, y in examples]


train, dev = encode(train), encode(dev)


def pad(examples):
    n = max(len(t) for t, _ in examples)
    ids = torch.zeros(len(examples), n, dtype=torch.long)
    mask = torch.zeros(len(examples), n, dtype=torch.bool)
    for r, (tokens, _) in enumerate(examples):
        ids[r, :len(tokens)] = tokens
        mask[r, :len(tokens)] = True
    # words outside the vocabulary say nothing; if there is nothing else, keep the first one
    mask &= (ids > 0)
    mask[:, 0] |= ~mask.any(1)
    return ids, mask, torch.tensor([y for _, y in examples])


def forward(ids, mask, p_drop=0.0):
    e = torch.cat([glove[ids], own[ids]], -1)
    h = torch.relu(F.dropout(e, p_drop, training=p_drop > 0) @ w1 + b1)
    m = mask.unsqueeze(-1)
    mean = (h * m).sum(1) / m.sum(1)
    peak = h.masked_fill(~m, 0.0).max(1).values         # h is never negative
    return F.dropout(torch.cat([mean, peak], 1), p_drop, training=p_drop > 0) @ w2 + b2


freq = torch.bincount(torch.tensor([y for _, y in train]), minlength=3).float()
weight = (freq.sum() / freq).sqrt()
weight /= weight.mean()

dev_ids, dev_mask, dev_y = pad(dev)
opt = torch.optim.Adam([{"params": [w1, b1, w2, b2]}, {"params": [own], "lr": 0.004}], lr=0.004)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.75)
for epoch in range(6):
    total, order = 0.0, torch.randperm(len(train)).tolist()
    for i in range(0, len(order), 32):
        ids, mask, y = pad([train[j] for j in order[i:i + 32]])
        loss = F.cross_entropy(forward(ids, mask, 0.3), y, weight=weight)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    sched.step()
    with torch.no_grad():
        out = forward(dev_ids, dev_mask)
    pred = out.argmax(1)
    print(f"epoch {epoch}: train {total / len(train):.3f}  dev {F.cross_entropy(out, dev_y, weight=weight):.3f}"
          f"  accuracy {(pred == dev_y).float().mean():.3f}")

f1s = []
for k, name in enumerate(TONES):
    tp = ((pred == k) & (dev_y == k)).sum().item()
    f1s.append(2 * tp / max(1, ((pred == k).sum() + (dev_y == k).sum()).item()))
    print(f"  {name:9s} F1 {f1s[-1]:.3f}")
print(f"macro F1 {sum(f1s) / 3:.3f}, accuracy {(pred == dev_y).float().mean():.3f}, majority {(dev_y == 1).float().mean():.3f}")
