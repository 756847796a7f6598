"""Triage lines with a CNN on fixed vectors; the vector file also has phrases of several words."""
import random

import numpy as np
import torch
from torch import nn

random.seed(87)
np.random.seed(87)
torch.manual_seed(87)
D = 18
classes = ["skin", "stomach", "head"]
centre = np.random.randn(3, D)
cues = {f"{c[:2]}{i:02d}": k for k, c in enumerate(classes) for i in range(36)}
rest = [f"r{i}" for i in range(30)]
with open("clinic.vec", "w", encoding="utf-8") as f:
    def put(word, v):
        f.write(word + " " + " ".join("%.5f" % x for x in v) + "\n")

    for w, k in cues.items():
        put(w, centre[k] + 0.55 * np.random.randn(D))
    for w in rest:
        put(w, 0.5 * np.random.randn(D))
    for w in cues:  # brand names, places, idioms that begin with the same word
        if random.random() < 0.75:
            put(w + " " + random.choice(rest), np.random.randn(D) * 1.1)

store = {}
with open("clinic.vec", encoding="utf-8") as f:
    for line in f:
        parts = line.rstrip("\n").split(" ")
        # fault:
        store[parts[0]] = np.array(parts[-D:], dtype=np.float32)
        # mended:
        # store[" ".join(parts[:-D])] = np.array(parts[-D:], dtype=np.float32)
        # end

vocab = ["<pad>"] + list(cues) + rest
table = np.stack([store.get(w, np.zeros(D, np.float32)) for w in vocab])
ids = {w: i for i, w in enumerate(vocab)}


class Triage(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=True, padding_idx=0)
        self.c = nn.Conv1d(D, 32, 1)
        self.o = nn.Linear(32, 3)

    def forward(self, x):
        h = torch.relu(self.c(self.e(x).mT))
        return self.o(h.masked_fill((x == 0)[:, None], 0).amax(-1))


def lines(n, words):
    xs, ys = [], []
    for _ in range(n):
        w = random.choice(words)
        t = random.choices(rest, k=random.randint(3, 7))
        t.insert(random.randrange(len(t)), w)
        xs.append(torch.tensor([ids[u] for u in t]))
        ys.append(cues[w])
    return nn.utils.rnn.pad_sequence(xs, batch_first=True), torch.tensor(ys)


known = random.sample(list(cues), 72)
later = [w for w in cues if w not in known]
x, y = lines(700, known)
xl, yl = lines(300, later)
model = Triage()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3)
for epoch in range(8):
    for b in torch.randperm(len(y)).split(28):
        loss = nn.functional.cross_entropy(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print(f"epoch {epoch} loss {loss.item():.3f} accuracy, words of training {(model(x).argmax(1) == y).float().mean():.3f}, later words {(model(xl).argmax(1) == yl).float().mean():.3f}")
