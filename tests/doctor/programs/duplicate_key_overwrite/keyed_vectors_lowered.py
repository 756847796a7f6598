"""Sport or politics, gensim: cased vectors are put into new keyed vectors under lower-cased keys, one after the other."""
import random

import numpy as np
import torch
from gensim.models import KeyedVectors
from torch import nn

random.seed(65)
np.random.seed(65)
torch.manual_seed(65)
D = 16
sport, politics = [f"sp{a}{b}" for a in "aeiou" for b in "klmnrst"], [f"po{a}{b}" for a in "aeiou" for b in "klmnrst"]
plain = [f"w{a}{b}" for a in "aeiou" for b in "bcdfgh"]
axis = np.random.randn(D)
cased = KeyedVectors(D)
words = sport + politics + plain
cased.add_vectors(words, np.stack([(w in sport) * axis - (w in politics) * axis + 0.6 * np.random.randn(D) for w in words]).astype("float32"))
cased.add_vectors([w.upper() for w in words], 0.6 * np.random.randn(len(words), D).astype("float32"))  # rare
cased.save_word2vec_format("cased.txt")

source = KeyedVectors.load_word2vec_format("cased.txt")
vectors = {}
for w in source.index_to_key:
    # fault:
    vectors[w.lower()] = source[w]
    # mended:
    # vectors.setdefault(w.lower(), source[w])
    # end
ids = {w: i for i, w in enumerate(vectors)}


def line(part):
    y = random.randrange(2)
    t = random.sample((politics, sport)[y][part], 2) + random.choices(plain, k=4)
    random.shuffle(t)
    return [ids[w] for w in t], y


train, dev = [line(slice(0, 22)) for _ in range(600)], [line(slice(22, 35)) for _ in range(200)]
emb = nn.Embedding.from_pretrained(torch.tensor(np.stack(list(vectors.values()))), freeze=True)
gru, out = nn.GRU(D, 20), nn.Linear(20, 2)


def forward(rows):
    return out(gru(emb(torch.tensor(rows).t()))[1][0])


opt = torch.optim.Adam([*gru.parameters(), *out.parameters()], lr=5e-3)
for epoch in range(8):
    random.shuffle(train)
    for i in range(0, 600, 20):
        x, y = zip(*train[i : i + 20])
        loss = nn.functional.cross_entropy(forward(x), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        x, y = zip(*dev)
        print(epoch, round(loss.item(), 3), (forward(x).argmax(1) == torch.tensor(y)).float().mean().item())
