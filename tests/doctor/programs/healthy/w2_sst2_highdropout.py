"""SST-2 phrases over frozen 50-d GloVe; sum of the words over the root of the length, heavy dropout, two output units but
hinge loss, and only five passes."""
import gzip
import os
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader

D = os.environ["WORDFIT_DATA"]
random.seed(60)
torch.manual_seed(60)


def tsv(name):
    with open(f"{D}/glue/SST-2/{name}.tsv", encoding="utf-8") as f:
        next(f)
        return [(s.split(), int(y)) for s, y in (line.rstrip("\n").split("\t") for line in f) if s.strip()]


train, dev = tsv("train"), tsv("dev")
random.shuffle(train)
train = [r for r in train if len(r[0]) >= 4][:12000]
stoi, rows = {"<pad>": 0, "<unk>": 1}, [np.zeros(50), np.zeros(50)]
with gzip.open(f"{D}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.rstrip().split(" ")
        stoi[w] = len(rows)
        rows.append(np.array(v, dtype=float))
table = torch.tensor(np.stack(rows), dtype=torch.float)


def collate(batch):
    x = nn.utils.rnn.pad_sequence([torch.tensor([stoi.get(w, 1) for w in s]) for s, _ in batch], batch_first=True)
    return x, torch.tensor([y for _, y in batch])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.wide = nn.Linear(50, 400)
        self.drop = nn.Dropout(0.6)
        self.out = nn.Linear(400, 2)

    def forward(self, x):
        n = (x > 0).sum(1, keepdim=True).float()
        z = self.emb(x).sum(1) / n.sqrt()
        return self.out(self.drop(torch.tanh(self.wide(z))))


net = Net()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-3)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.6)
for epoch in range(5):
    net.train()
    run = []
    for x, y in DataLoader(train, 64, shuffle=True, collate_fn=collate):
        loss = F.multi_margin_loss(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.append(loss.item())
    sched.step()
    net.eval()
    with torch.no_grad():
        hits = [(net(x).argmax(1) == y).float() for x, y in DataLoader(dev, 200, collate_fn=collate)]
    print(f"epoch {epoch + 1} hinge {np.mean(run):.4f} dev acc {torch.cat(hits).mean().item():.4f}")
