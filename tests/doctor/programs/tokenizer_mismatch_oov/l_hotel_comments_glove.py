"""Hotel comments, good or bad? Frozen GloVe + a small net. Only words that have a vector get a row; everything else is <unk>."""
import gzip
import os
import random
import re

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

random.seed(17)
torch.manual_seed(17)

GOOD = """excellent wonderful superb beautiful comfortable pleasant friendly helpful clean quiet perfect lovely charming fantastic
          impressive elegant delicious warm generous attractive brilliant modern spacious reliable safe""".split()
BAD = """terrible awful dirty ugly poor rude noisy broken disappointing horrible dull cold expensive dangerous uncomfortable bad
         weak boring slow worse nasty sad angry useless crowded""".split()
THINGS = "room bed staff breakfast pool bathroom location view service lobby food bar".split()


def comment():
    label = random.random() < .5
    main, other = (GOOD, BAD) if label else (BAD, GOOD)
    bits = []
    for k in range(random.randint(2, 4)):
        words = main if k < 2 or random.random() < .6 else other
        a, t = random.choice(words), random.choice(THINGS)
        bits.append(random.choice([f"The {t} was {a}.", f"Our {t}: {a}!", f"{t.title()} ({a}).", f"\"{a}\", said my wife about the {t}.",
                                   f"We had a {a} {t}."]))
    random.shuffle(bits)
    if random.random() < .5:
        bits.insert(0, random.choice(["We stayed two nights.", "Business trip, May.", "Family of four."]))
    return " ".join(bits), int(label)


def tokenize(text):
    # fault:
    return text.lower().split()
    # mended:
    # return re.findall(r"[a-z0-9]+|[^\sa-z0-9]", text.lower())
    # end


def load_glove(path):
    stoi, rows = {"<pad>": 0, "<unk>": 1}, []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            word, *values = line.rstrip("\n").split(" ")
            stoi[word] = len(stoi)
            rows.append(values)
    m = np.asarray(rows, dtype=np.float32)
    return stoi, torch.from_numpy(np.concatenate([np.zeros((1, m.shape[1]), "f"), m.mean(0, keepdims=True), m]))


stoi, glove = load_glove(os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz"))
seen, comments = set(), []
while len(comments) < 2500:
    c = comment()
    if c[0] not in seen:
        seen.add(c[0])
        comments.append(c)

encoded = [[stoi.get(t, 1) for t in tokenize(c)] for c, _ in comments]
width = max(map(len, encoded))
X = torch.tensor([e + [0] * (width - len(e)) for e in encoded])
y = torch.tensor([l for _, l in comments]).float()
train, test = TensorDataset(X[:2000], y[:2000]), TensorDataset(X[2000:], y[2000:])


class CommentNet(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        self.embed = nn.Embedding.from_pretrained(vectors, freeze=True)
        self.word = nn.Sequential(nn.Linear(vectors.size(1), 32), nn.Tanh())
        self.out = nn.Linear(32, 1)

    def forward(self, ids):
        real = (ids > 0).unsqueeze(-1).float()
        h = self.word(self.embed(ids)) * real
        return self.out(h.sum(1) / real.sum(1)).squeeze(-1)


net = CommentNet(glove)
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-2)
bce = nn.BCEWithLogitsLoss()


def accuracy(ds):
    net.eval()
    with torch.no_grad():
        x, t = ds.tensors
        return ((net(x) > 0).float() == t).float().mean().item()


for epoch in range(6):
    net.train()
    total = 0
    for xb, yb in DataLoader(train, batch_size=32, shuffle=True):
        loss = bce(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(xb)
    print(f"epoch {epoch + 1} loss {total / len(train):.4f} train acc {accuracy(train):.3f} test acc {accuracy(test):.3f}")
