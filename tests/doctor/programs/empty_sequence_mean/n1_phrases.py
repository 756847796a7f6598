# Phrase polarity on SST-2: content words only, mean of their vectors, logistic output.
import os
import random
from collections import Counter

import torch
import torch.nn.functional as F

random.seed(4)
torch.manual_seed(4)
BASE = os.path.join(os.environ["WORDFIT_DATA"], "glue", "SST-2")
STOP = set("""a an the of to in on at for with and or but as by from is are was were be been it its it's 's this that
these those i you he she they we his her their our my your there here which who what so than then , . : ; ' `` '' -- ... ? !
-lrb- -rrb- do does did has have had will would can could one into about up out if when""".split())


def load(name):
    with open(os.path.join(BASE, name), encoding="utf-8") as f:
        next(f)
        for line in f:
            text, label = line.rstrip("\n").split("\t")
            yield text.split(), int(label)


everything = list(load("train.tsv"))
random.shuffle(everything)
train = everything[:7000]
dev = list(load("dev.tsv"))
dev_texts = {" ".join(t) for t, _ in dev}
train = [(t, y) for t, y in train if " ".join(t) not in dev_texts]

freq = Counter(w for t, _ in train for w in t if w not in STOP)
vocab = {w: i for i, w in enumerate(sorted(w for w, n in freq.items() if n >= 3))}
print(len(train), "phrases", len(vocab), "words")


def encode(rows):
    out = []
    for tokens, y in rows:
        out.append((torch.tensor([vocab[w] for w in tokens if w in vocab], dtype=torch.long), float(y)))
    return out


D = 12
state = {
    "vec": (torch.randn(len(vocab), D) * 0.1).requires_grad_(),
    "out": (torch.randn(D) * 0.3).requires_grad_(),
    "bias": torch.zeros(1, requires_grad=True),
}


def forward(batch, drop=0.0):
    ids = torch.cat([r for r, _ in batch])
    owner = torch.repeat_interleave(torch.arange(len(batch)), torch.tensor([len(r) for r, _ in batch]))
    looked_up = state["vec"][ids]
    total = torch.zeros(len(batch), D).index_add(0, owner, looked_up)
    count = torch.bincount(owner, minlength=len(batch)).unsqueeze(1)
    # fault:
    mean = total / count
    # mended:
    #mean = total / count.clamp(min=1)
    # end
    mean = F.dropout(mean, drop, training=drop > 0)
    return mean @ state["out"] + state["bias"]


train_rows, dev_rows = encode(train), encode(dev)
y_dev = torch.tensor([y for _, y in dev_rows])
opt = torch.optim.Adam(list(state.values()), lr=0.01, weight_decay=3e-4)
for epoch in range(3):
    random.shuffle(train_rows)
    seen, loss_sum, hits = 0, 0.0, 0
    for i in range(0, len(train_rows), 100):
        batch = train_rows[i:i + 100]
        y = torch.tensor([t for _, t in batch])
        z = forward(batch, drop=0.2)
        loss = F.binary_cross_entropy_with_logits(z, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        seen += len(batch)
        loss_sum += loss.item() * len(batch)
        hits += ((z > 0) == (y > 0.5)).sum().item()
    with torch.no_grad():
        z = forward(dev_rows)
        acc = ((z > 0) == (y_dev > 0.5)).float().mean().item()
        dl = F.binary_cross_entropy_with_logits(z, y_dev).item()
    print(f"epoch {epoch} loss {loss_sum / seen:.4f} acc {hits / seen:.3f} | dev loss {dl:.4f} acc {acc:.3f}")
