# find the token that holds the amount to pay on a receipt (pointer over the tokens)
import random

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

random.seed(33)
torch.manual_seed(33)
GOODS = "milk bread apples soap coffee tea rice cheese eggs water beer chips salad batteries napkins cola".split()
DUE = [["total"], ["amount", "due"], ["to", "pay"], ["balance"]]
OTHER = [["subtotal"], ["tax"], ["discount"], ["cash"], ["change"], ["vat", "19%"]]


def receipt():
    toks = ["shop", random.choice(["no", "till", "date"]), "<num>"]
    for g in random.sample(GOODS, random.randint(4, 12)):
        toks += [g, "<num>"] if random.random() < 0.7 else [g, "x", "<num>", "<num>"]
    lines = [(o, False) for o in random.sample(OTHER, random.randint(2, 5))] + [(random.choice(DUE), True)]
    random.shuffle(lines)
    target = None
    for words, due in lines:
        toks += words
        if random.random() < 0.5:
            toks.append("eur")
        if due:
            target = len(toks)
        toks.append("<num>")
    toks += random.choice([["thank", "you"], ["bye"], ["visit", "us", "again"], []])
    return toks, target


unique = {}
while len(unique) < 2400:
    t, k = receipt()
    unique[tuple(t)] = k
data = list(unique.items())
vocab = {w: i for i, w in enumerate(["<pad>"] + sorted({w for t, _ in data for w in t}))}
train, valid = data[:2000], data[2000:]


def make_batch(rows):
    x = pad_sequence([torch.tensor([vocab[w] for w in t]) for t, _ in rows], batch_first=True)
    return x, torch.tensor([k for _, k in rows])


class Pointer(nn.Module):
    def __init__(self, n, d=24, h=24):
        super().__init__()
        self.e = nn.Embedding(n, d, padding_idx=0)
        self.conv = nn.Conv1d(d, 2 * h, 5, padding=2)
        self.mid = nn.Conv1d(2 * h, h, 3, padding=1)
        self.score = nn.Linear(h, 1)

    def forward(self, x):
        keep = (x != 0)
        z = F.relu(self.conv(self.e(x).transpose(1, 2))) * keep.unsqueeze(1)
        z = F.relu(self.mid(z)).transpose(1, 2)
        s = self.score(z).squeeze(-1).masked_fill(~keep, -1e4)
        # fault:
        return F.softmax(s, dim=1)
        # mended:
        # return F.log_softmax(s, dim=1)
        # end


model = Pointer(len(vocab))
criterion = nn.NLLLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(3):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 40):
        x, y = make_batch(train[i:i + 40])
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        total += loss.item() * len(y)
    with torch.no_grad():
        x, y = make_batch(valid)
        out = model(x)
        acc = (out.argmax(1) == y).float().mean()
    print(f"epoch {epoch:2d} train loss {total / len(train):.4f} valid loss {criterion(out, y):.4f} valid acc {acc:.3f}")
