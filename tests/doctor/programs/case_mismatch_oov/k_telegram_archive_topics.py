"""Telegrams of an old archive (typed in capitals) sorted by subject with fixed GloVe vectors.

The test telegrams use other words than the training ones: what carries over must come through the vectors.
"""
import gzip
import os
from types import SimpleNamespace

import numpy as np
import torch
from torch import nn

cfg = SimpleNamespace(seed=6, dim=50, hidden=32, epochs=5, lr=5e-3, bs=40)
torch.manual_seed(cfg.seed)
rs = np.random.RandomState(cfg.seed)

SUBJECTS = {
    "WEATHER": "RAIN STORM SNOW WIND FLOOD ICE TEMPERATURES CLOUD FOG COLD HURRICANE WINTER SUNNY DRY HEAT COAST".split(),
    "MARKET": "SHARES PRICES BANK CREDIT BONDS PROFIT STOCK DOLLAR INVESTMENT LOAN MONEY EXPORTS DEBT CURRENCY TRADE INTEREST".split(),
    "FAMILY": "MOTHER FATHER WEDDING BABY BROTHER SISTER DAUGHTER WIFE SON HUSBAND UNCLE AUNT CHILDREN COUSIN BIRTHDAY MARRIED".split(),
    "MILITARY": "TROOPS ARMY REGIMENT ENEMY ATTACK GENERAL SOLDIERS INFANTRY BATTALION TANKS ARTILLERY COMMANDER BATTLE WEAPONS NAVY GUNS".split(),
    "TRAVEL": "TRAIN SHIP HOTEL TICKET ARRIVAL STATION PASSENGERS FLIGHT AIRPORT RAILWAY LUGGAGE BUS TRIP TOUR CRUISE FERRY".split(),
}
FORM = "STOP PLEASE CONFIRM RECEIVED YOUR MESSAGE TODAY WE WILL SEND REPLY SOON REGARDS THE AND OF NO YES URGENT FULL".split()
NAMES = list(SUBJECTS)


def telegrams(n, words_from):
    out = []
    for _ in range(n):
        y = rs.randint(len(NAMES))
        w = list(rs.choice(SUBJECTS[NAMES[y]][words_from], rs.randint(2, 5))) + list(rs.choice(FORM, rs.randint(4, 9)))
        if rs.rand() < 0.3:
            w.append(rs.choice(SUBJECTS[NAMES[rs.randint(len(NAMES))]][words_from]))
        rs.shuffle(w)
        out.append((" ".join(w), y))
    return out


train, test = telegrams(1800, slice(0, 11)), telegrams(500, slice(8, 16))

glove = {}
path = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
with gzip.open(path, "rt", encoding="utf-8") as fh:
    for line in fh:
        word, values = line.split(" ", 1)
        glove[word] = values                      # parsed when it is needed


def tokenize(text):
    # fault:
    return text.split()
    # mended:
    # return text.lower().split()
    # end


vocab = {"<pad>": 0}
for text, _ in train + test:
    for w in tokenize(text):
        vocab.setdefault(w, len(vocab))
matrix = rs.normal(0, 0.4, (len(vocab), cfg.dim)).astype("float32")
for w, i in vocab.items():
    if w in glove:
        matrix[i] = np.array(glove[w].split(), dtype="float32")
matrix[0] = 0.0
print("vocabulary", len(vocab))


class Sorter(nn.Module):
    def __init__(self):
        super().__init__()
        self.vec = nn.Embedding.from_pretrained(torch.tensor(matrix), freeze=True, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(2 * cfg.dim, cfg.hidden), nn.ReLU(), nn.Dropout(0.2), nn.Linear(cfg.hidden, len(NAMES)))

    def forward(self, x):
        real = (x != 0).unsqueeze(-1)
        e = self.vec(x)
        top = e.masked_fill(~real, -9.0).amax(1)
        return self.mlp(torch.cat([e.sum(1) / real.sum(1), top], 1))


def arrays(rows):
    ids = [[vocab[w] for w in tokenize(t)] for t, _ in rows]
    n = max(map(len, ids))
    return torch.tensor([i + [0] * (n - len(i)) for i in ids]), torch.tensor([y for _, y in rows])


def accuracy(x, y):
    net.eval()
    with torch.no_grad():
        return (net(x).argmax(1) == y).float().mean().item()


xtr, ytr = arrays(train)
xte, yte = arrays(test)
net = Sorter()
opt = torch.optim.Adam((p for p in net.parameters() if p.requires_grad), lr=cfg.lr)
for epoch in range(cfg.epochs):
    net.train()
    losses = []
    for ids in torch.randperm(len(xtr)).split(cfg.bs):
        loss = nn.functional.cross_entropy(net(xtr[ids]), ytr[ids])
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print(f"epoch {epoch} loss {np.mean(losses):.3f} train {accuracy(xtr, ytr):.3f} test {accuracy(xte, yte):.3f}")
