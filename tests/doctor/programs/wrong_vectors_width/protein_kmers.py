"""Membrane protein or not?  Fragments are cut into 3-mers, each with a vector from a raw float32 dump (ProtVec style)."""
import itertools

import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(21)
torch.manual_seed(21)
LETTERS = "ACDEFGHIKLMNPQRSTVWY"
KMERS = ["".join(t) for t in itertools.product(LETTERS, repeat=3)]
INDEX = {k: i for i, k in enumerate(KMERS)}

# what the other group sent us: kmers.f32 and its order (alphabetical)
letter_props = rng.normal(size=(20, 8))
mix = rng.normal(size=(8, 24)) / np.sqrt(8)
dump = np.stack([(letter_props[[LETTERS.index(c) for c in k]].mean(0)) @ mix for k in KMERS])
dump = (dump + 0.25 * rng.normal(size=dump.shape)).astype(np.float32)
dump.tofile("kmers.f32")

# fragments: the membrane ones prefer letters that are high in the first property
prefer = np.exp(0.45 * letter_props[:, 0])
prefer /= prefer.sum()
uniform = np.full(20, 1 / 20)


def fragment():
    y = int(rng.integers(2))
    n = int(rng.integers(24, 46))
    return "".join(LETTERS[i] for i in rng.choice(20, n, p=prefer if y else uniform)), y


data = [fragment() for _ in range(1400)]
train, test = data[:600], data[600:]

# fault:
WIDTH = 20
# mended:
# WIDTH = 24
# end
raw = np.fromfile("kmers.f32", dtype=np.float32)
table = torch.from_numpy(raw[:len(KMERS) * WIDTH].reshape(len(KMERS), WIDTH).copy())


def encode(seqs):
    ids = [torch.tensor([INDEX[s[i:i + 3]] for i in range(len(s) - 2)]) for s, _ in seqs]
    return torch.cat(ids), torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0), torch.tensor([y for _, y in seqs])


bag = nn.EmbeddingBag.from_pretrained(table, freeze=True, mode="mean")
head = nn.Sequential(nn.BatchNorm1d(WIDTH), nn.Linear(WIDTH, 2))
opt = torch.optim.SGD(head.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-3)
for epoch in range(25):
    head.train()
    for part in torch.randperm(len(train)).split(40):
        ids, off, y = encode([train[i] for i in part])
        loss = nn.functional.cross_entropy(head(bag(ids, off)), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 4:
        head.eval()
        with torch.no_grad():
            score = []
            for rows in (train, test):
                ids, off, y = encode(rows)
                score.append((head(bag(ids, off)).argmax(1) == y).double().mean().item())
        print(f"epoch {epoch + 1:2d}  train {score[0]:.3f}  test {score[1]:.3f}")
