#!/usr/bin/env python3
# Routes support tickets to one of four desks. The vectors come from our in-house trainer, which writes the
# GloVe text format (no header) and treats frequent collocations as one token. Vectors are kept fixed.
import os
import random
import tempfile

import numpy as np
import torch

rng = np.random.default_rng(17)
random.seed(17)
torch.manual_seed(17)
DIM = 30
DESKS = ["billing", "shipping", "account", "technical"]

# ---------------------------------------------------------------- the vector file
syll = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
lexicon = []
while len(lexicon) < 400:
    w = "".join(random.choices(syll, k=random.choice([2, 3])))
    if w not in lexicon:
        lexicon.append(w)
centre = rng.normal(size=(5, DIM))            # four desks and small talk
topic_of = {w: i % 5 for i, w in enumerate(lexicon)}
by_topic = {t: [w for w in lexicon if topic_of[w] == t] for t in range(5)}


def draw(t):
    return 0.45 * centre[t] + 0.5 * rng.normal(size=DIM)


path = os.path.join(tempfile.mkdtemp(), "tickets.30d.txt")
with open(path, "w", encoding="utf-8") as f:
    entries = [(w, draw(topic_of[w])) for w in lexicon]
    # collocations are rarer than words, so they stand further down; they mean something of their own
    for w in lexicon:
        for other in random.sample(lexicon, random.choice([0, 1, 2, 2])):
            entries.append((w + " " + other, draw(random.randrange(5))))
    for token, v in entries:
        f.write(token + " " + " ".join("%.5f" % x for x in v) + "\n")


# ---------------------------------------------------------------- tickets
def ticket():
    y = random.randrange(4)
    n = random.randint(6, 14)
    return [random.choice(by_topic[y] if random.random() < 0.35 else by_topic[random.choice([0, 1, 2, 3, 4, 4, 4, 4])]) for _ in range(n)], y


train = [ticket() for _ in range(2000)]
test = [ticket() for _ in range(600)]


# ---------------------------------------------------------------- reading it
def load_vectors(fname, dim):
    table = {}
    with open(fname, encoding="utf-8") as f:
        for line in f:
            # fault:
            parts = line.rstrip("\n").split(" ")
            table[parts[0]] = np.asarray(parts[-dim:], dtype=np.float32)
            # mended:
            # parts = line.rstrip("\n").rsplit(" ", dim)
            # table[parts[0]] = np.asarray(parts[1:], dtype=np.float32)
            # end
    return table


table = load_vectors(path, DIM)
w2i = {w: i + 1 for i, w in enumerate(table)}
weights = torch.zeros(len(table) + 1, DIM)
for w, i in w2i.items():
    weights[i] = torch.from_numpy(table[w])
print(f"{len(entries)} lines in the file, {len(table)} vectors loaded, "
      f"{sum(w in w2i for t, _ in train for w in t) / sum(len(t) for t, _ in train):.1%} of the training tokens known")


def tensors(rows):
    width = max(len(t) for t, _ in rows)
    x = torch.zeros(len(rows), width, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        x[i, : len(t)] = torch.tensor([w2i.get(w, 0) for w in t])
    return x, torch.tensor([y for _, y in rows])


class Router(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = torch.nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.net = torch.nn.Sequential(torch.nn.Linear(DIM, 16), torch.nn.ReLU(), torch.nn.Linear(16, len(DESKS)))

    def forward(self, x):
        n = (x != 0).sum(1, keepdim=True).clamp(min=1)
        return self.net(self.emb(x).sum(1) / n)


router = Router()
opt = torch.optim.Adam([p for p in router.parameters() if p.requires_grad], lr=1e-2)
X, Y = tensors(train)
Xt, Yt = tensors(test)
for epoch in range(8):
    for b in torch.randperm(len(X)).split(50):
        loss = torch.nn.functional.cross_entropy(router(X[b]), Y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        tr = (router(X).argmax(1) == Y).float().mean()
        te = (router(Xt).argmax(1) == Yt).float().mean()
    print(f"epoch {epoch}: loss {loss.item():.3f}  train acc {tr:.3f}  test acc {te:.3f}")
