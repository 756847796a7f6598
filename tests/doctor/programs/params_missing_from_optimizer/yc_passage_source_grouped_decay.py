"""Tell encyclopaedia, newswire, fiction/press and film reviews apart. Small words-from-scratch model,
AdamW with decayed and undecayed parameter groups."""
import gzip
import os
import random
import re
from collections import Counter

import torch
import torch.nn as nn

random.seed(6)
torch.manual_seed(6)
DATA = os.environ["WORDFIT_DATA"]
FILES = ["brown.txt.gz", "reuters-21578-bodies.txt.gz", "imdb-unsup-25k.txt.gz", "enwiki-2018-sample.txt.gz"]
PER, LO, HI = 1100, 50, 90


def passages(fn):
    out, buf, want = {}, [], random.randint(LO, HI)
    with gzip.open(os.path.join(DATA, "corpora", fn), "rt", encoding="utf-8") as fh:
        for line in fh:
            buf += re.findall(r"[a-z]+", line.replace("<br />", " ").lower())
            if len(buf) >= want:
                out[" ".join(buf[:want])] = buf[:want]
                buf, want = [], random.randint(LO, HI)
                if len(out) == PER:
                    return list(out.values())


rows = [(p, k) for k, f in enumerate(FILES) for p in passages(f)]
random.shuffle(rows)
train, dev = rows[:3400], rows[3400:]
counts = Counter(w for t, _ in train for w in t)
stoi = {w: i + 2 for i, (w, c) in enumerate(counts.most_common(700))}


def encode(part):
    x = torch.zeros(len(part), HI, dtype=torch.long)
    for i, (t, _) in enumerate(part):
        x[i, :len(t)] = torch.tensor([stoi.get(w, 1) for w in t])
    return x, torch.tensor([k for _, k in part])


class Classifier(nn.Module):
    def __init__(self, vocab, width, classes):
        super().__init__()
        self.tokens = nn.Embedding(vocab, width, padding_idx=0)
        self.norm = nn.LayerNorm(width)
        self.hidden = nn.Linear(width, 16)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(16, classes)

    def forward(self, x):
        mask = (x > 0).float().unsqueeze(-1)
        mean = (self.tokens(x) * mask).sum(1) / mask.sum(1)
        return self.out(self.drop(torch.relu(self.hidden(self.norm(mean)))))


def configure(model, lr, wd):
    decay, no_decay = [], []
    for mod in model.modules():
        for name, p in mod.named_parameters(recurse=False):
            if name == "bias" or isinstance(mod, nn.LayerNorm):
                no_decay.append(p)
            elif isinstance(mod, nn.Linear):
                decay.append(p)
            # fault:
            # mended:
            # elif isinstance(mod, nn.Embedding):
            #     no_decay.append(p)
            # end
    return torch.optim.AdamW([{"params": decay, "weight_decay": wd}, {"params": no_decay, "weight_decay": 0.0}], lr=lr)


Xtr, Ytr = encode(train)
Xdv, Ydv = encode(dev)
model = Classifier(len(stoi) + 2, 6, len(FILES))
optimizer = configure(model, lr=8e-3, wd=1e-2)
EPOCHS = 5
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
criterion = nn.CrossEntropyLoss()


def acc(x, y):
    model.eval()
    with torch.no_grad():
        r = (model(x).argmax(1) == y).float().mean().item()
    model.train()
    return r


for epoch in range(EPOCHS):
    total = 0.0
    for b in torch.randperm(len(Xtr)).split(64):
        optimizer.zero_grad()
        loss = criterion(model(Xtr[b]), Ytr[b])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(b)
    scheduler.step()
    print(f"epoch {epoch + 1} loss {total / len(Xtr):.3f} train {acc(Xtr, Ytr):.3f} dev {acc(Xdv, Ydv):.3f}")
