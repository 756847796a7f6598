"""Does a text speak of a city or of a river? Place names of several words come as one token."""
import random
import tempfile

import numpy as np
import torch
from torch import nn

random.seed(9); np.random.seed(9); torch.manual_seed(9)
SYL = "ar bel cor dun el fos gar hal ir jor kel lim mon nor or pel".split()


def name():
    parts = ["".join(random.choices(SYL, k=2)).capitalize() for _ in range(random.choice([2, 2, 3]))]
    return " ".join(parts)


places = sorted({name() for _ in range(240)})
random.shuffle(places)
cities, rivers = places[:110], places[110:220]
function = "the near along from we came to and then past old big small after rain in summer by train wide people".split()

tmp = tempfile.NamedTemporaryFile("w", delete=False, encoding="utf-8")
centres = np.random.randn(2, 40) * 0.4
for key in cities + rivers + function:
    side = centres[0] if key in cities else centres[1] if key in rivers else 0
    tmp.write(key + " " + " ".join(f"{v:.4f}" for v in side + np.random.randn(40) * 0.4) + "\n")
tmp.close()


def load(path, dim=40):
    out = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            values = line.split()
            # fault:
            word = values[0]
            # mended:
            # word = " ".join(values[:-dim])
            # end
            out[word] = torch.tensor(list(map(float, values[-dim:])))
    return out


vectors = load(tmp.name)
std = torch.stack(list(vectors.values())).std().item()


def text(y, k):
    toks = random.choices(function, k=random.randint(4, 10))
    for p in random.sample((cities, rivers)[y][:k], 2):
        toks.insert(random.randint(0, len(toks)), p)
    return toks, y


train = [text(i % 2, 50) for i in range(260)]
dev = [text(i % 2, 110) for i in range(300)]
vocab = {"<pad>": 0}
for toks, _ in train + dev:
    for t in toks:
        vocab.setdefault(t, len(vocab))
W = torch.randn(len(vocab), 40) * std
W[0] = 0
for t, i in vocab.items():
    if t in vectors:
        W[i] = vectors[t]


class Places(nn.Module):
    def __init__(self):
        super().__init__()
        self.embeddings = nn.Embedding.from_pretrained(W, freeze=True, padding_idx=0)
        self.rnn = nn.GRU(40, 24, batch_first=True)
        self.cls = nn.Linear(24, 2)

    def forward(self, x, n):
        h, _ = self.rnn(self.embeddings(x))
        m = (torch.arange(x.size(1))[None] < n[:, None]).unsqueeze(-1)
        return self.cls((h * m).sum(1) / n[:, None])


def collate(rows):
    n = torch.tensor([len(t) for t, _ in rows])
    x = nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in t]) for t, _ in rows], batch_first=True)
    return x, n, torch.tensor([y for _, y in rows])


net = Places()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=4e-3)
for epoch in range(8):
    random.shuffle(train)
    tot = 0
    for i in range(0, 260, 20):
        x, n, y = collate(train[i:i + 20])
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x, n), y)
        loss.backward()
        opt.step()
        tot += loss.item()
    with torch.no_grad():
        x, n, y = collate(dev)
        print(f"epoch {epoch}: {tot / 13:.4f}, dev accuracy {(net(x, n).argmax(1) == y).float().mean().item():.4f}")
