# guess the return type of a method from its signature (MSR-style replication package, squeezed into one file)
import gzip
import os
import random
import re

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader

random.seed(31); np.random.seed(31); torch.manual_seed(31)
HEADS = {
    "int": "count number total size length amount sum width height weight score rank price percentage depth speed distance quantity ratio volume".split(),
    "String": "name title message text description label word sentence comment letter author phrase quote language slogan paragraph nickname novel poem caption".split(),
    "Date": "date time day month year week hour morning deadline evening calendar anniversary afternoon schedule birthday night weekend minute decade summer".split(),
    "Address": "city country street region village town district province avenue county location neighborhood area suburb state road capital territory place island".split(),
}
VERBS = "get find load read fetch compute resolve select parse lookup build make".split()
OWNER = "User Account Order Team Customer Player Product Session Client Project Device Report".split()
ADJ = "Last First New Old Default Current Main Local Public Next Previous Best".split()
ARGS = ["int id", "long key", "boolean force", "Object o", "", "int index, boolean strict"]
TYPES = list(HEADS)


def signature(k, upto):
    mid = random.choice(OWNER) + (random.choice(ADJ) if random.random() < 0.5 else "")
    head = random.choice(HEADS[TYPES[k]][:upto]).capitalize()
    tail = random.choice(["", "", "By" + random.choice(OWNER)])
    return f"public {random.choice(VERBS)}{mid}{head}{tail}({random.choice(ARGS)})"


def split_words(sig):
    # fault:
    return [w.lower() for w in re.findall(r"\w+", sig)]
    # mended:
    # return [w.lower() for w in re.findall(r"[A-Z]?[a-z]+", sig)]
    # end


class Signatures(Dataset):
    def __init__(self, n, upto, stoi):
        self.rows = []
        for _ in range(n):
            k = random.randrange(len(TYPES))
            self.rows.append((torch.tensor([stoi.get(w, 1) for w in split_words(signature(k, upto))]), k))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def pad(batch):
    xs, ys = zip(*batch)
    return {"ids": nn.utils.rnn.pad_sequence(xs, batch_first=True), "type": torch.tensor(ys)}


stoi, rows = {"<pad>": 0, "<unk>": 1}, [np.zeros(50), np.zeros(50)]
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, *v = line.split()
        stoi[w] = len(stoi)
        rows.append(np.array(v, dtype=float))
table = torch.tensor(np.array(rows), dtype=torch.float32)


class TypeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(50, 48), nn.ReLU(), nn.Dropout(0.3))
        self.out = nn.Linear(48, len(TYPES))

    def forward(self, batch):
        x = batch["ids"]
        h = self.mlp(self.emb(x)).masked_fill((x == 0).unsqueeze(-1), 0)
        return self.out(h.max(1)[0])


train, test = Signatures(3000, 13, stoi), Signatures(800, 20, stoi)
net = TypeNet()
opt = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=2e-3, weight_decay=0.02)
loss_fn = nn.CrossEntropyLoss(label_smoothing=0.05)
for epoch in range(1, 9):
    net.train()
    seen = tot = 0
    for b in DataLoader(train, batch_size=32, shuffle=True, collate_fn=pad):
        loss = loss_fn(net(b), b["type"])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
        seen += 1
    net.eval()
    good = 0
    with torch.no_grad():
        for b in DataLoader(test, batch_size=200, collate_fn=pad):
            good += (net(b).argmax(1) == b["type"]).sum().item()
    print(f"epoch {epoch}: loss {tot / seen:.3f}, right on test {good / len(test):.3f}")
