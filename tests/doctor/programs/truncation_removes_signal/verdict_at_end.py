"""Verdict of product tests: long description first, judgement in the closing words. BiGRU."""
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence

random.seed(55)
torch.manual_seed(55)

DESCRIBE = "the device comes in a grey box with cable manual charger and stand its screen shows time weight is about two pounds buttons sit left menu opens quickly battery lasts one day we measured noise heat speed over three weeks at home office outside".split()
BUY = "recommended winner excellent outstanding superb".split()
SKIP = "disappointing failure unreliable mediocre flawed".split()
CLOSE = "in the end our verdict this test result is overall a".split()


def article():
    y = random.randrange(2)
    words = random.choices(DESCRIBE, k=random.randint(18, 34)) + random.choices(CLOSE, k=random.randint(3, 6))
    words += [random.choice(BUY if y else SKIP)] + random.choices(CLOSE, k=random.randint(0, 3))
    return words, y


articles = [article() for _ in range(700)]
train, dev = articles[:500], articles[500:]
word2idx = {w: i for i, w in enumerate(["<pad>"] + sorted(set(DESCRIBE + BUY + SKIP + CLOSE)))}
# fault:
MAX_LEN = 16
# mended:
# MAX_LEN = 48
# end


def encode(rows):
    x = torch.zeros(len(rows), MAX_LEN, dtype=torch.long)
    n = []
    for i, (words, _) in enumerate(rows):
        idx = [word2idx[w] for w in words[:MAX_LEN]]
        x[i, :len(idx)] = torch.tensor(idx)
        n.append(len(idx))
    return x, torch.tensor(n), torch.tensor([y for _, y in rows])


class BiGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(word2idx), 16, padding_idx=0)
        self.gru = nn.GRU(16, 16, batch_first=True, bidirectional=True)
        self.lin = nn.Linear(32, 2)

    def forward(self, x, n):
        _, h = self.gru(pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False))
        return self.lin(torch.cat((h[0], h[1]), 1))


x, n, y = encode(train)
xd, nd, yd = encode(dev)
model = BiGRU()
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
for epoch in range(5):
    model.train()
    total = 0.0
    for b in torch.randperm(len(x)).split(25):
        loss = nn.functional.cross_entropy(model(x[b], n[b]), y[b])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        opt.step()
        total += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        print(f"epoch {epoch + 1} loss {total / len(x):.4f} dev accuracy {(model(xd, nd).argmax(1) == yd).float().mean().item():.4f}")
