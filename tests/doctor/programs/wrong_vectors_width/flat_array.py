"""Is a word a person's doing, a food, a place or an animal? Twitter GloVe read into one flat array."""
import array
import gzip
import os
import random
from pathlib import Path

import numpy as np
import torch
from torch import nn

random.seed(30)
torch.manual_seed(30)
# fault:
EMBEDDING_DIM = 50
# mended:
# EMBEDDING_DIM = 25
# end
GROUPS = {
    "food": "pizza cake cheese bread coffee beer soup salad sandwich chocolate pasta rice chicken bacon cookies sushi tea milk butter fries burger steak fish tacos eggs candy".split(),
    "place": "london paris chicago boston texas florida spain france canada italy germany mexico india china japan brazil dallas miami seattle houston atlanta england ireland scotland".split(),
    "animal": "dog cat horse cow pig bird snake lion tiger bear monkey rabbit mouse puppy kitten duck elephant shark whale wolf fox bee spider turtle".split(),
    "doing": "running walking eating sleeping talking watching playing reading writing drinking dancing singing driving cooking laughing crying working shopping waiting".split(),
}
ids, values = {}, array.array("f")
with gzip.open(Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "vectors/glove.twitter.27B.25d.common11925.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        word, *nums = line.split()
        ids[word] = len(ids)
        values.extend(map(float, nums))
flat = np.frombuffer(values, dtype=np.float32)
rows = len(flat) // EMBEDDING_DIM
table = torch.from_numpy(flat[: rows * EMBEDDING_DIM].reshape(rows, EMBEDDING_DIM).copy())
fillers = [ids[w] for w in "i the my love this a so with and today".split() if w in ids]
train, test = [], []
for y, group in enumerate(GROUPS.values()):
    known = [ids[w] for w in group if w in ids and ids[w] < rows]
    random.shuffle(known)
    train += [(w, y) for w in known[: len(known) // 2]]
    test += [(w, y) for w in known[len(known) // 2 :]]


def sample(pool, n):
    x, y = [], []
    for _ in range(n):
        w, k = random.choice(pool)
        t = random.choices(fillers, k=2) + [w]
        random.shuffle(t)
        x.append(t)
        y.append(k)
    return torch.tensor(x), torch.tensor(y)


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True)
        self.hidden = nn.Linear(EMBEDDING_DIM, 32)
        self.out = nn.Linear(32, len(GROUPS))

    def forward(self, x):
        return self.out(torch.tanh(self.hidden(self.emb(x).mean(1))))


x, y = sample(train, 900)
xt, yt = sample(test, 400)
net = Words()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=5e-3, weight_decay=1e-4)
for epoch in range(10):
    for b in torch.randperm(900).split(30):
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 3 == 0:
        with torch.no_grad():
            print(f"epoch {epoch} loss {loss.item():.3f} accuracy on other words {(net(xt).argmax(1) == yt).float().mean():.3f}")
