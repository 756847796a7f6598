"""What kind of word is it? capital / country / nationality / comparative / -ing form / past tense, from frozen GloVe.

The vectors stay as they are on purpose (words in the test part are never seen in training), only the small head learns.
Batches are tiny, so gradients of 4 batches are added up before a step.
"""
import gzip
import os
from pathlib import Path

import numpy as np
import torch
from torch import nn
from sklearn.model_selection import train_test_split

root = Path(os.environ["WORDFIT_DATA"])
SECTIONS = {"capital-world": ("capital", "country"), "gram6-nationality-adjective": (None, "nationality"),
            "gram3-comparative": (None, "comparative"), "gram5-present-participle": (None, "ing"),
            "gram7-past-tense": (None, "past"), "gram8-plural": (None, "plural")}

labels = {}
section = None
for line in (root / "wordsim/analogy/questions-words.txt").read_text(encoding="utf-8").splitlines():
    if line.startswith(":"):
        section = line[2:].strip()
    elif section in SECTIONS:
        parts = line.lower().split()
        for word, kind in zip(parts, SECTIONS[section] * 2):
            if kind:
                labels.setdefault(word, set()).add(kind)
labels = {w: k.pop() for w, k in labels.items() if len(k) == 1}

vecs = {}
with gzip.open(root / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for line in fh:
        w = line[:line.index(" ")]
        if w in labels:
            vecs[w] = np.fromstring(line[len(w) + 1:], sep=" ", dtype=np.float32)
words = sorted(vecs)
kinds = sorted({labels[w] for w in words})
table = torch.from_numpy(np.stack([vecs[w] for w in words]))
y = torch.tensor([kinds.index(labels[w]) for w in words])
ids = torch.arange(len(words))
tr, te = train_test_split(ids, test_size=0.25, random_state=0, stratify=y)
print(len(tr), "train words,", len(te), "test words,", {k: int((y == i).sum()) for i, k in enumerate(kinds)})

torch.manual_seed(0)
net = nn.Sequential(
    nn.Embedding.from_pretrained(table, freeze=True),
    nn.Dropout(0.15),
    nn.Linear(50, 32), nn.GELU(), nn.Dropout(0.25),
    nn.Linear(32, len(kinds)),
)
head = [p for p in net.parameters() if p.requires_grad]
opt = torch.optim.AdamW(head, lr=6e-3, weight_decay=0.05)
ACCUM, MICRO, EPOCHS = 4, 8, 20
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
ce = nn.CrossEntropyLoss()


def report(idx):
    net.eval()
    with torch.no_grad():
        out = net(idx)
    return ce(out, y[idx]).item(), (out.argmax(1) == y[idx]).float().mean().item()


for epoch in range(EPOCHS):
    net.train()
    opt.zero_grad()
    chunks = tr[torch.randperm(len(tr))].split(MICRO)
    for step, b in enumerate(chunks, 1):
        (ce(net(b), y[b]) / ACCUM).backward()
        if step % ACCUM == 0 or step == len(chunks):
            opt.step()
            opt.zero_grad()
    sched.step()
    if epoch % 5 == 4:
        print("epoch %2d train %.3f/%.3f test %.3f/%.3f" % ((epoch + 1,) + report(tr) + report(te)))

majority = torch.bincount(y[te]).max().item() / len(te)
print(f"test accuracy {report(te)[1]:.3f}   largest class {majority:.3f}")
