"""Dense product search: one bag-of-tokens encoder, cosine similarity, in-batch negatives.

Titles are long-winded, queries are short - data is generated from a small attribute grammar.
"""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(21)
torch.manual_seed(21)

KINDS = [f"kind{i}" for i in range(30)]
BRANDS = [f"brand{i}" for i in range(25)]
COLORS = [f"color{i}" for i in range(10)]
ADS = [f"ad{i}" for i in range(40)]
NICK = {w: w.upper() for w in KINDS + BRANDS + COLORS}       # customers use other words than the shop
vocab = {w: i + 1 for i, w in enumerate(KINDS + BRANDS + COLORS + ADS + list(NICK.values()) + ["cheap", "buy"])}


def pair():
    attrs = [random.choice(KINDS), random.choice(BRANDS), random.choice(COLORS)]
    title = attrs + random.choices(ADS, k=random.randint(2, 20))
    random.shuffle(title)
    query = [NICK[a] for a in attrs] + random.choices(["cheap", "buy"], k=random.randint(0, 2))
    random.shuffle(query)
    return tuple(attrs), query, title


seen, data = set(), []
while len(data) < 2300:
    key, q, t = pair()
    if key not in seen:
        seen.add(key)
        data.append((q, t))
train, test = data[:2000], data[2000:]
MAXLEN = 48


def encode(texts):
    m = torch.zeros(len(texts), MAXLEN, dtype=torch.long)
    for r, toks in enumerate(texts):
        m[r, :len(toks)] = torch.tensor([vocab[w] for w in toks])
    return m


class Encoder(nn.Module):
    def __init__(self, n, dim=32):
        super().__init__()
        self.tok = nn.Embedding(n, dim, padding_idx=0)
        self.reset()

    def reset(self):
        nn.init.normal_(self.tok.weight, std=0.5)
        # fault:
        # mended:
        # with torch.no_grad():
        #     self.tok.weight[self.tok.padding_idx].zero_()
        # end

    def forward(self, ids):
        n = (ids > 0).sum(1, keepdim=True)
        return F.normalize(self.tok(ids).sum(1) / n, dim=-1)


enc = Encoder(len(vocab) + 1)
opt = torch.optim.Adam(enc.parameters(), lr=0.02)
TEMP = 0.1


def recall_at_1():
    with torch.no_grad():
        q, t = enc(encode([a for a, _ in test])), enc(encode([b for _, b in test]))
        return ((q @ t.T).argmax(1) == torch.arange(len(test))).float().mean().item()


for epoch in range(6):
    random.shuffle(train)
    total, steps = 0.0, 0
    for k in range(0, len(train), 50):
        part = train[k:k + 50]
        q, t = enc(encode([a for a, _ in part])), enc(encode([b for _, b in part]))
        sim = q @ t.T / TEMP
        gold = torch.arange(len(part))
        loss = (F.cross_entropy(sim, gold) + F.cross_entropy(sim.T, gold)) / 2
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item(); steps += 1
    print(f"epoch {epoch}: nce {total / steps:.3f}   recall@1 among {len(test)} titles {recall_at_1():.3f}")
