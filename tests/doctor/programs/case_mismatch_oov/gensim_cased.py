"""Subject of a school question: gensim's keyed vectors (lower case), questions as typed in capitals."""
import random

import numpy as np
import torch
from gensim.models import KeyedVectors
from torch import nn

random.seed(19)
np.random.seed(19)
torch.manual_seed(19)
D = 20
subjects = ["biology", "physics", "history"]
own = {s: [f"{s[:3]}{a}{b}" for a in "aeiou" for b in "klmnrst"] for s in subjects}
plain = [f"q{a}{b}{c}" for a in "aeiou" for b in "klmn" for c in "rst"]
centre = {s: np.random.randn(D) for s in subjects}
kv = KeyedVectors(vector_size=D)
names = [w for s in subjects for w in own[s]] + plain
kv.add_vectors(names, np.stack([(centre[s] if (s := next((k for k in subjects if w in own[k]), None)) else 0) + 0.6 * np.random.randn(D) for w in names]))
kv.save_word2vec_format("school.txt")
vectors = KeyedVectors.load_word2vec_format("school.txt")


def question(part):
    s = random.choice(subjects)
    t = random.sample(own[s][part], 2) + random.choices(plain, k=5)
    random.shuffle(t)
    return " ".join(t).upper(), subjects.index(s)


train, dev = [question(slice(0, 20)) for _ in range(600)], [question(slice(20, 35)) for _ in range(200)]


def tokens(text):
    # fault:
    return text.split()
    # mended:
    # return text.lower().split()
    # end


itos = ["<pad>", *sorted({w for t, _ in train for w in tokens(t)})]
stoi = {w: i for i, w in enumerate(itos)}
weights = np.random.randn(len(itos), D).astype(np.float32) * 0.6
hits = 0
for w, i in stoi.items():
    if w in vectors:
        weights[i] = vectors[w]
        hits += 1
print(hits, "of", len(itos))


def encode(rows):
    return torch.tensor([[stoi.get(w, 0) for w in tokens(t)] for t, _ in rows]), torch.tensor([y for _, y in rows])


class Mean(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(weights), freeze=False, padding_idx=0)
        self.out = nn.Sequential(nn.Linear(D, 32), nn.ReLU(), nn.Linear(32, 3))

    def forward(self, x):
        return self.out(self.emb(x).mean(1))


net = Mean()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
x, y = encode(train)
for epoch in range(6):
    for b in torch.randperm(len(x)).split(20):
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        xd, yd = encode(dev)
        print(epoch, round(loss.item(), 3), (net(xd).argmax(1) == yd).float().mean().item())
