"""fastText-like classifier with hashed bigrams: movie snippet (MR) or shop review (CR)?"""
import os, zlib
import numpy as np
import torch
from torch import nn

torch.manual_seed(0)
rng = np.random.default_rng(0)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "sentiment")
N_HASH = 20000


def read(folder, files, n):
    found = {}
    for f in files:
        with open(os.path.join(ROOT, folder, f), encoding="latin-1") as fh:
            for line in fh:
                w = line.lower().split()
                if len(w) > 3:
                    found[" ".join(w)] = w
    keys = sorted(found)
    return [found[keys[i]] for i in rng.permutation(len(keys))[:n]]


def features(words):
    grams = words + [a + " " + b for a, b in zip(words, words[1:])]
    return torch.tensor([zlib.adler32(g.encode()) % N_HASH for g in grams])


mr = read("MR", ["rt-polarity.neg", "rt-polarity.pos"], 1900)
cr = read("CR", ["custrev.neg", "custrev.pos"], 1900)
data = [(features(w), 0) for w in mr] + [(features(w), 1) for w in cr]
data = [data[i] for i in rng.permutation(len(data))]
valid, train = data[:800], data[800:]


class FastText(nn.Module):
    def __init__(self, dim=10):
        super().__init__()
        self.emb = nn.EmbeddingBag(N_HASH, dim, mode="mean", sparse=True)
        nn.init.normal_(self.emb.weight, std=0.1)
        self.fc = nn.Linear(dim, 2)

    def forward(self, batch):
        off = torch.tensor([0] + [len(b) for b in batch[:-1]]).cumsum(0)
        return self.fc(self.emb(torch.cat(batch), off))


model = FastText()
# fault:
optimizers = [torch.optim.Adam(model.parameters(), lr=5e-3)]
# mended:
# optimizers = [torch.optim.SparseAdam(list(model.emb.parameters()), lr=5e-3), torch.optim.Adam(model.fc.parameters(), lr=5e-3)]
# end
schedulers = [torch.optim.lr_scheduler.ExponentialLR(o, 0.7) for o in optimizers]
criterion = nn.CrossEntropyLoss()


def accuracy(rows):
    with torch.no_grad():
        pred = model([x for x, _ in rows]).argmax(1)
    return (pred == torch.tensor([y for _, y in rows])).float().mean().item()


print(f"{len(train)} train, {len(valid)} valid, untrained accuracy {accuracy(valid):.3f}")
for epoch in range(5):
    total = 0.0
    order = rng.permutation(len(train))
    for i in range(0, len(order), 30):
        rows = [train[j] for j in order[i:i + 30]]
        loss = criterion(model([x for x, _ in rows]), torch.tensor([y for _, y in rows]))
        for o in optimizers:
            o.zero_grad()
        loss.backward()
        for o in optimizers:
            o.step()
        total += loss.item() * len(rows)
    for s in schedulers:
        s.step()
    print(f"epoch {epoch + 1}: loss {total / len(train):.4f}  train acc {accuracy(train):.3f}  valid acc {accuracy(valid):.3f}")
