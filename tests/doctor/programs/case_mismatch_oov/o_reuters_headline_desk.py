# Reuters-21578: which desk does a headline belong to? (earnings / takeovers / commodities / money)
# No topic tags in our copy, so the desk is inferred from tell-tale words of the *body*; the model sees the title only.
import collections
import gzip
import os
import re

import numpy as np
import torch
import torch.nn as nn

DATA = os.environ["WORDFIT_DATA"]
torch.manual_seed(12)
rng = np.random.default_rng(12)

RULES = [
    re.compile(r"\b(shr|shrs|oper shr|net loss|qtly div)\b"),
    re.compile(r"\b(acquire|acquisition|merger|tender offer|takeover)\b"),
    re.compile(r"\b(wheat|corn|crude|barrels?|tonnes|coffee|sugar)\b"),
    re.compile(r"\b(central bank|money market|interest rates?|bundesbank|exchange rates?)\b"),
]
DESKS = ["earnings", "takeovers", "commodities", "money"]


def stories():
    with gzip.open(f"{DATA}/corpora/reuters-21578-bodies.txt.gz", "rt", encoding="utf-8") as fh:
        block = []
        for line in fh:
            if line.strip():
                block.append(line.strip())
            elif block:
                yield block[0], " ".join(block[1:])
                block = []


rows = collections.OrderedDict()
for k, (title, body) in enumerate(stories()):
    if k >= 9000:
        break
    hits = [i for i, r in enumerate(RULES) if r.search(body.lower())]
    if len(hits) == 1 and title.isupper():
        rows.setdefault(title, hits[0])
per = [[t for t, d in rows.items() if d == k] for k in range(4)]
data = [(t, k) for k in range(4) for t in per[k][:700]]
order = rng.permutation(len(data))
test = [data[i] for i in order[:500]]
train = [data[i] for i in order[500:]]
print({DESKS[k]: sum(d == k for _, d in train) for k in range(4)}, len(test))


def tokens(title):
    # fault:
    return re.findall(r"[A-Za-z]+|\d+", title)
    # mended:
    # return re.findall(r"[a-z]+|\d+", title.lower())
    # end


glove = {}
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for line in fh:
        w, *v = line.split()
        glove[w] = np.array(v, dtype=np.float32)
keys = list(glove)
stack = np.stack([glove[w] for w in keys])
stack = (stack - stack.mean(0)) / stack.std(0)
PAD, UNK = 0, 1
lookup = {w: i + 2 for i, w in enumerate(keys)}
weights = torch.from_numpy(np.concatenate([np.zeros((1, 50), np.float32), rng.normal(size=(1, 50)).astype(np.float32), stack]))


def encode(part, width=14):
    x = torch.full((len(part), width), PAD)
    for i, (t, _) in enumerate(part):
        ids = [lookup.get(w, UNK) for w in tokens(t)][:width] or [UNK]
        x[i, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([d for _, d in part])


class HeadlineModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=PAD)
        self.project = nn.Linear(50, 48)
        self.classify = nn.Linear(96, 4)
        self.dropout = nn.Dropout(0.3)

    def forward(self, x):
        m = (x != PAD).unsqueeze(-1)
        h = torch.relu(self.project(self.embed(x))) * m
        return self.classify(self.dropout(torch.cat([h.sum(1) / m.sum(1), h.amax(1)], dim=-1)))


model = HeadlineModel()
trainable = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(trainable, lr=3e-3, weight_decay=0.01)
X, Y = encode(train)
Xt, Yt = encode(test)
for epoch in range(6):
    model.train()
    perm = torch.randperm(len(X))
    tot = 0.0
    for b in range(0, len(X), 50):
        sel = perm[b:b + 50]
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(X[sel]), Y[sel])
        loss.backward()
        optimizer.step()
        tot += loss.item() * len(sel)
    model.eval()
    with torch.no_grad():
        acc = [(model(a).argmax(1) == b).float().mean().item() for a, b in ((X, Y), (Xt, Yt))]
    print("epoch %d loss %.4f train acc %.3f test acc %.3f" % (epoch, tot / len(X), *acc))
