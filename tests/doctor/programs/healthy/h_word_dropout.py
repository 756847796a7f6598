"""Deep averaging network on customer reviews: Google News vectors frozen, 40 % of the words dropped, three layers with dropout 0.5."""
import gzip
import os
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

D = os.environ.get("WORDFIT_DATA", "../shared/data")
random.seed(203)
torch.manual_seed(203)
rows = sorted({(line.strip(), y) for name, y in (("pos", 1), ("neg", 0)) for line in open(f"{D}/sentiment/CR/custrev.{name}", encoding="latin-1")})
random.shuffle(rows)
wanted = {w for t, _ in rows for w in t.split()}
table, stoi = [torch.zeros(300)], {}
with gzip.open(f"{D}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as f:
    next(f)
    for line in f:
        w, v = line.split(" ", 1)
        if w in wanted:
            stoi[w] = len(table)
            table.append(torch.tensor([float(a) for a in v.split()]))
table = torch.stack(table)


def batch(part):
    ids = [torch.tensor([stoi[w] for w in t.split() if w in stoi] or [0]) for t, _ in part]
    return nn.utils.rnn.pad_sequence(ids, batch_first=True), torch.tensor([y for _, y in part])


class DAN(nn.Module):
    def __init__(self, p_word=0.4):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.p = p_word
        self.layers = nn.ModuleList([nn.Linear(300, 100), nn.Linear(100, 100), nn.Linear(100, 2)])

    def forward(self, x):
        keep = (x > 0).float()
        if self.training:
            keep = keep * (torch.rand_like(keep) > self.p)
        h = (self.emb(x) * keep.unsqueeze(2)).sum(1) / keep.sum(1, keepdim=True).clamp(min=1)
        for layer in self.layers[:-1]:
            h = F.dropout(F.relu(layer(h)), 0.5, self.training)
        return self.layers[-1](h)


train, dev = rows[:3000], rows[3000:]
net = DAN()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1.5e-3)
xd, yd = batch(dev)
for epoch in range(15):
    net.train()
    random.shuffle(train)
    tot = 0
    for i in range(0, len(train), 50):
        x, y = batch(train[i:i + 50])
        loss = F.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / 60
    net.eval()
    with torch.no_grad():
        print(f"epoch {epoch} loss {tot:.4f} dev accuracy {(net(xd).argmax(1) == yd).float().mean().item():.4f}")
