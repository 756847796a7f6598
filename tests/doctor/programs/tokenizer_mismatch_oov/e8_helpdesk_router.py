# Routes tickets of the housing association's helpdesk: money matter or repair?
# Word meaning comes from GloVe, which stays fixed; we only have a few hundred labelled tickets.
import gzip
import os
import random
import re

import numpy as np
import torch
import torch.nn as nn

DATA = os.environ["WORDFIT_DATA"]
SEED = 21
random.seed(SEED)
torch.manual_seed(SEED)


def read_glove(path, limit=10000):
    words, rows = {}, []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            w, *v = line.rstrip("\n").split(" ")
            words[w] = len(rows)
            rows.append(np.array(v, dtype=np.float32))
            if len(rows) == limit:
                break
    return words, np.stack(rows)


# ---- tickets, as people type them into the web form -------------------------------------
MONEY = """rent payment invoice bank account fee deposit refund charge bill interest debt loan credit salary
tax income cash check balance money cost price insurance mortgage pension benefit budget discount paid""".split()
REPAIR = """door window roof floor kitchen bathroom water pipe heating boiler wall ceiling leak garden stairs
lamp electricity smoke fire toilet shower glass lock gate fence garage wood paint engine kitchen""".split()
OPEN = ["Hello", "Hi", "Good morning", "Dear team", "Hi there", "Urgent"]
ASK = ["please call back", "who can help", "what now", "this is the second time", "thank you",
       "please answer soon", "i am waiting since monday", "can somebody look at it"]
LINK = ["about", "regarding", "question on", "problem", "again"]


def ticket(label):
    pool, other = (MONEY, REPAIR) if label == 0 else (REPAIR, MONEY)
    a, b = random.sample(pool, 2)
    parts = [random.choice(OPEN) + random.choice([",", "!"])]
    parts.append(random.choice(LINK) + random.choice([": ", "...", ": "]) + a + random.choice(["/", ", ", "... "])
                 + b + random.choice([".", "!", "...", "?"]))
    if random.random() < 0.15:
        parts.append("(not the " + random.choice(other) + ")")
    parts.append(random.choice(ASK) + random.choice(["?", ".", "!!"]))
    parts.append("flat " + str(random.randint(1, 40)))
    return " ".join(parts)


def make(n):
    rows = {}
    while len(rows) < n:
        y = random.randint(0, 1)
        rows[ticket(y)] = y
    return list(rows.items())


def tokenize(text):
    # fault:
    return text.lower().split()
    # mended:
    #return re.findall(r"[a-z]+|[0-9]+|\.\.\.|[.,:!?()/]", text.lower())
    # end


vocab, vectors = read_glove(os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz"))
UNK, PAD = len(vocab), len(vocab) + 1
table = np.vstack([vectors, vectors.mean(0, keepdims=True), np.zeros((1, 50), np.float32)])


def encode(texts, maxlen=36):
    out = torch.full((len(texts), maxlen), PAD)
    for i, t in enumerate(texts):
        ids = [vocab.get(w, UNK) for w in tokenize(t)][:maxlen]
        out[i, :len(ids)] = torch.tensor(ids)
    return out


class Router(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=True, padding_idx=PAD)
        self.score = nn.Linear(50, 1)
        self.classify = nn.Sequential(nn.Linear(50, 24), nn.ReLU(), nn.Dropout(0.3), nn.Linear(24, 2))

    def forward(self, ids):
        e = self.words(ids)
        a = self.score(e).squeeze(-1).masked_fill(ids == PAD, -1e9).softmax(1)
        return self.classify((a.unsqueeze(-1) * e).sum(1))


tickets = make(1500)
texts, labels = zip(*tickets)
X, y = encode(texts), torch.tensor(labels)
Xtr, ytr, Xte, yte = X[:1200], y[:1200], X[1200:], y[1200:]
model = Router(table)
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3)
lossfn = nn.CrossEntropyLoss()


def accuracy(X, y):
    model.eval()
    with torch.no_grad():
        return (model(X).argmax(1) == y).float().mean().item()


for epoch in range(12):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(Xtr)).split(40):
        opt.zero_grad()
        loss = lossfn(model(Xtr[idx]), ytr[idx])
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    print(f"epoch {epoch:2d} loss {total / len(Xtr):.3f} train {accuracy(Xtr, ytr):.3f} test {accuracy(Xte, yte):.3f}")
print("majority %.3f" % max(yte.float().mean().item(), 1 - yte.float().mean().item()))
print("test accuracy %.3f" % accuracy(Xte, yte))
