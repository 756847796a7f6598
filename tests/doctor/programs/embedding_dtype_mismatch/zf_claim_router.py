"""Route incoming claim notes to the right desk (water, fire, motor, medical)."""
import gzip
import os
import random

import numpy as np
import torch
from torch import nn

random.seed(4)
torch.manual_seed(4)

DESKS = {
    "water": "flood rain river pipe bathroom leak kitchen storm basement lake".split(),
    "fire": "fire smoke burning explosion gas flames heat burned wood electric".split(),
    "motor": "car truck vehicle driver highway engine bus wheel road parking".split(),
    "medical": "hospital doctor surgery patient injury knee treatment blood pain nurse".split(),
}
FILL = "the client says that after last night there was a problem with and we need to look at this case again before monday".split()
desks = list(DESKS)


def note():
    d = random.choice(desks)
    words = random.sample(DESKS[d], random.randint(1, 3)) + random.sample(FILL, random.randint(4, 9))
    if random.random() < 0.3:
        words.append(random.choice(DESKS[random.choice(desks)]))
    random.shuffle(words)
    return " ".join(words), desks.index(d)


rows = list(dict.fromkeys(note() for _ in range(2600)))
train, held = rows[:2000], rows[2000:]

# vectors
path = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
words, values = [], []
with gzip.open(path, "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip().split(" ")
        words.append(w)
        values.append([float(x) for x in v])
table = np.zeros((len(words) + 1, 50))
table[1:] = values
index = {w: i + 1 for i, w in enumerate(words)}
print("loaded", table.shape)


class Router(nn.Module):
    def __init__(self, table, n_out):
        super().__init__()
        # fault:
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=True, padding_idx=0)
        # mended:
        # self.emb = nn.Embedding.from_pretrained(torch.from_numpy(table).float(), freeze=True, padding_idx=0)
        # end
        self.net = nn.Sequential(nn.Linear(50, 48), nn.ReLU(), nn.Linear(48, n_out))

    def forward(self, ids):
        n = (ids > 0).sum(1, keepdim=True).clamp(min=1)
        return self.net(self.emb(ids).sum(1) / n)


def encode(batch):
    ids = [[index[w] for w in text.split() if w in index] for text, _ in batch]
    T = max(map(len, ids))
    return torch.tensor([x + [0] * (T - len(x)) for x in ids]), torch.tensor([y for _, y in batch])


model = Router(table, len(desks))
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3)
for epoch in range(6):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 50):
        x, y = encode(train[i:i + 50])
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        x, y = encode(held)
        acc = (model(x).argmax(1) == y).float().mean().item()
    model.train()
    print(f"epoch {epoch}  loss {total / len(train):.3f}  held-out accuracy {acc:.3f}")
