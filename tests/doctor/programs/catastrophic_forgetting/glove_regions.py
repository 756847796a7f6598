"""Is the word a country or an animal, a body part, a food? Learned on a third of the words, with GloVe."""
import gzip
import os
import random
from pathlib import Path

import torch
from torch import nn
import torch.nn.functional as F

random.seed(143)
torch.manual_seed(143)
GROUPS = [
    "france germany italy spain japan china india egypt brazil canada russia poland norway sweden turkey greece kenya cuba peru iran iraq israel".split(),
    "dog cat horse cow pig sheep lion tiger bear wolf rabbit mouse bird fish snake monkey elephant whale deer duck goat".split(),
    "hand head arm leg foot eye ear nose mouth heart knee finger shoulder neck chest skin brain stomach bone blood".split(),
    "bread cheese rice milk sugar butter meat chicken soup salad fruit wine beer coffee tea chocolate potato tomato onion corn egg".split(),
    "red blue green yellow white black orange purple brown pink gray gold silver".split(),
]
FRAME = "the a of this is it was some that and one very".split()
wanted = {w for g in GROUPS for w in g} | set(FRAME)
found = {}
with gzip.open(Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "vectors" / "glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, _, rest = line.partition(" ")
        if w in wanted:
            found[w] = [float(v) for v in rest.split()]
stoi = {w: i for i, w in enumerate(found)}
table = torch.tensor(list(found.values()))
known, new = [], []
for label, group in enumerate(GROUPS):
    group = [w for w in group if w in stoi]
    random.shuffle(group)
    known += [(w, label) for w in group[: len(group) // 3]]
    new += [(w, label) for w in group[len(group) // 3 :]]
frame = [w for w in FRAME if w in stoi]


def snippets(n, pool):
    x, y = [], []
    for _ in range(n):
        w, label = random.choice(pool)
        s = random.choices(frame, k=3)
        s.insert(random.randrange(4), w)
        x.append([stoi[t] for t in s])
        y.append(label)
    return torch.tensor(x), torch.tensor(y)


class Group(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding.from_pretrained(table.clone(), freeze=False)
        self.f = nn.Linear(50, 5)

    def forward(self, x):
        return self.f(self.e(x).sum(1))


x, y = snippets(1000, known)
xn, yn = snippets(500, new)
model = Group()
# fault:
optimizer = torch.optim.Adam(model.parameters(), lr=5e-2)
# mended:
# optimizer = torch.optim.Adam([{"params": model.f.parameters(), "lr": 5e-3}, {"params": model.e.parameters(), "lr": 5e-5}])
# end
for epoch in range(10):
    total = 0.0
    for i in torch.randperm(1000).split(25):
        loss = F.cross_entropy(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    if epoch % 3 == 0:
        with torch.no_grad():
            print(f"epoch {epoch} loss {total / 40:.4f} new words {(model(xn).argmax(1) == yn).float().mean():.4f}")
