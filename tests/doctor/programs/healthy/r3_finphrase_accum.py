import argparse
import gzip
import os
import random
from collections import Counter

import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import classification_report, f1_score

"""
Financial phrasebank, 3 classes (negative is rare). Frozen GloVe under a small trainable projection.
class weights + gradient accumulation (kept from the time when this ran on my laptop GPU).
"""

ap = argparse.ArgumentParser()
ap.add_argument("--micro", type=int, default=16)
ap.add_argument("--accum", type=int, default=4)
ap.add_argument("--epochs", type=int, default=6)
ap.add_argument("--lr", type=float, default=3e-3)
ap.add_argument("--max_len", type=int, default=30)
ap.add_argument("--seed", type=int, default=3)
args = ap.parse_args()
random.seed(args.seed)
torch.manual_seed(args.seed)
DATA = os.environ["WORDFIT_DATA"]
LABELS = ["negative", "neutral", "positive"]

rows = {}
with open(f"{DATA}/sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="utf-8") as f:
    for line in f:
        text, lab = line.strip().rsplit("@", 1)
        toks = tuple("0" if any(c.isdigit() for c in t) else t for t in text.lower().split())
        rows.setdefault(toks, LABELS.index(lab))
rows = sorted(rows.items())
random.shuffle(rows)
cut = int(0.8 * len(rows))
train, test = rows[:cut], rows[cut:]
print("train", len(train), Counter(LABELS[y] for _, y in train), "test", len(test))

need = {w for t, _ in rows for w in t}
stoi, vecs = {}, [np.zeros(50, "float32"), np.zeros(50, "float32")]
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.rstrip("\n").split(" ", 1)
        if w in need:
            stoi[w] = len(vecs)
            vecs.append(np.array(v.split(), "float32"))
vecs[1] = np.mean(vecs[2:], 0)
table = torch.tensor(np.array(vecs))
cover = np.mean([w in stoi for t, _ in train for w in t])
print(f"vocab {len(stoi)}, token coverage {cover:.3f}")


def pad(part):
    ids = [[stoi.get(w, 1) for w in t][:args.max_len] for t, _ in part]
    T = max(len(i) for i in ids)
    return torch.tensor([i + [0] * (T - len(i)) for i in ids]), torch.tensor([y for _, y in part])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.proj = nn.Sequential(nn.Linear(50, 40), nn.Tanh())
        self.conv = nn.Conv1d(40, 40, 3, padding=1)
        self.head = nn.Sequential(nn.Dropout(0.4), nn.Linear(80, 3))

    def forward(self, ids):
        m = (ids != 0).unsqueeze(-1)
        p = self.proj(self.words(ids)) * m
        c = torch.relu(self.conv(p.transpose(1, 2)).transpose(1, 2)) * m
        return self.head(torch.cat([p.sum(1) / m.sum(1), c.max(1).values], 1))


net = Net()
freq = torch.tensor([sum(y == c for _, y in train) for c in range(3)], dtype=torch.float)
weight = (freq.sum() / (3 * freq)).sqrt()
print("class weights", weight.tolist())
ce = nn.CrossEntropyLoss(weight=weight)
trainable = [p for p in net.parameters() if p.requires_grad]
opt = torch.optim.AdamW(trainable, lr=args.lr, weight_decay=0.05)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, args.epochs, eta_min=1e-4)


def evaluate(part):
    net.eval()
    with torch.no_grad():
        outs = [(net(x), y) for x, y in (pad(part[i:i + 256]) for i in range(0, len(part), 256))]
    out, y = torch.cat([o for o, _ in outs]), torch.cat([y for _, y in outs])
    return ce(out, y).item(), y.numpy(), out.argmax(1).numpy()


for epoch in range(args.epochs):
    net.train()
    random.shuffle(train)
    micro = [train[i:i + args.micro] for i in range(0, len(train), args.micro)]
    total = 0.0
    opt.zero_grad()
    for k, part in enumerate(micro):
        x, y = pad(part)
        loss = ce(net(x), y)
        (loss / args.accum).backward()
        total += loss.item()
        if (k + 1) % args.accum == 0 or k + 1 == len(micro):
            nn.utils.clip_grad_norm_(trainable, 2.0)
            opt.step()
            opt.zero_grad()
    sched.step()
    l, g, p = evaluate(test)
    print(f"epoch {epoch} train {total / len(micro):.3f} test {l:.3f} acc {(g == p).mean():.3f} macro f1 {f1_score(g, p, average='macro'):.3f}")

_, gt, pt = evaluate(train)
print(f"train acc {(gt == pt).mean():.3f} macro f1 {f1_score(gt, pt, average='macro'):.3f}")
print(classification_report(g, p, target_names=LABELS, digits=3))
