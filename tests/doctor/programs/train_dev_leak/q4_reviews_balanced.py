#%% [markdown]
# Customer reviews (CR): positive or negative?
# There are clearly fewer complaints than praises so I upsample them.

#%%
import os
import re
import random
from collections import Counter

import torch
import torch.nn as nn
from sklearn.metrics import balanced_accuracy_score, classification_report
from sklearn.model_selection import train_test_split
from sklearn.utils import resample

DATA = os.environ["WORDFIT_DATA"]
random.seed(0)
torch.manual_seed(0)

#%% load
def load(name, label):
    with open(os.path.join(DATA, "sentiment/CR", name), encoding="latin-1") as f:
        return [(" ".join(re.findall(r"[a-z']+|[!?]", line.lower())), label) for line in f]

rows = {}
for text, label in load("custrev.neg", 0) + load("custrev.pos", 1):
    if len(text.split()) > 1:
        rows.setdefault(text, label)
rows = list(rows.items())
print(Counter(label for _, label in rows))

#%% balance + split
def balance(rows):
    neg = [r for r in rows if r[1] == 0]
    pos = [r for r in rows if r[1] == 1]
    neg = resample(neg, replace=True, n_samples=len(pos), random_state=1)
    return neg + pos

# fault:
rows = balance(rows)
train, valid = train_test_split(rows, test_size=0.2, stratify=[r[1] for r in rows], random_state=7)
# mended:
#train, valid = train_test_split(rows, test_size=0.2, stratify=[r[1] for r in rows], random_state=7)
#train = balance(train)
# end
print(len(train), "train /", len(valid), "valid")

#%% vocabulary
counts = Counter(w for t, _ in train for w in t.split())
itos = ["<unk>"] + [w for w, c in counts.most_common() if c >= 8]
stoi = {w: i for i, w in enumerate(itos)}

def encode(text):
    ws = text.split()
    return [stoi.get(w, 0) for w in ws]

def batchify(rows, size, shuffle):
    rows = list(rows)
    if shuffle:
        random.shuffle(rows)
    for i in range(0, len(rows), size):
        part = [(encode(t), y) for t, y in rows[i:i + size]]
        offsets, flat = [], []
        for ids, _ in part:
            offsets.append(len(flat))
            flat += ids
        yield torch.tensor(flat), torch.tensor(offsets), torch.tensor([y for _, y in part])

#%% model
class Bag(nn.Module):
    def __init__(self, n, dim=16):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, dim, mode="mean")
        nn.init.normal_(self.bag.weight, std=0.05)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(dim, 2)

    def forward(self, flat, offsets):
        return self.fc(self.drop(self.bag(flat, offsets)))

model = Bag(len(itos))
opt = torch.optim.Adam(model.parameters(), lr=0.004, weight_decay=2e-3)
lossf = nn.CrossEntropyLoss()

#%% train
def evaluate(rows):
    model.eval()
    ps, ys, ls = [], [], 0.0
    with torch.no_grad():
        for flat, off, y in batchify(rows, 512, False):
            out = model(flat, off)
            ls += lossf(out, y).item() * len(y)
            ps += out.argmax(1).tolist()
            ys += y.tolist()
    return ls / len(ys), balanced_accuracy_score(ys, ps), ys, ps

for epoch in range(7):
    model.train()
    for flat, off, y in batchify(train, 32, True):
        loss = lossf(model(flat, off), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    tr, va = evaluate(train), evaluate(valid)
    print(f"epoch {epoch}  train {tr[0]:.3f} / {tr[1]:.3f}   valid {va[0]:.3f} / {va[1]:.3f}")

#%%
print(classification_report(va[2], va[3], target_names=["complaint", "praise"], digits=3))
