"""German captions into the English vector space.

Every German caption is mapped to the mean word vector of its English counterpart;
at test time the English caption is retrieved among 400 by distance.
"""
import gzip
import os
import re

import torch
import torch.nn as nn

DATA = os.environ["WORDFIT_DATA"]
torch.manual_seed(1)


def read(lang, n, name="train"):
    with gzip.open(f"{DATA}/seq2seq/multi30k/{name}.{lang}.gz", "rt", encoding="utf-8") as f:
        return [re.findall(r"\w+", line.lower()) for line, _ in zip(f, range(n))]


glove = {}
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        parts = line.rstrip().split(" ")
        glove[parts[0]] = torch.tensor([float(x) for x in parts[1:]])

STOP = set("a an the in on of is are and with at to his her their its".split())


def english_side(captions):
    rows = []
    for words in captions:
        known = [glove[w] for w in words if w in glove and w not in STOP]
        rows.append(torch.stack(known).mean(0) if known else torch.zeros(50))
    return torch.stack(rows)


de, en = read("de", 7000), english_side(read("en", 7000))
de_dev, en_dev = read("de", 400, "val"), english_side(read("en", 400, "val"))
centre, spread = en.mean(0), en.std(0)
en, en_dev = (en - centre) / spread, (en_dev - centre) / spread

counts = {}
for s in de:
    for w in s:
        counts[w] = counts.get(w, 0) + 1
stoi = {w: i for i, w in enumerate(w for w, c in counts.items() if c > 1)}


def bag(captions):
    ids, offsets = [], []
    for s in captions:
        offsets.append(len(ids))
        ids += [stoi[w] for w in s if w in stoi]
    return torch.tensor(ids), torch.tensor(offsets)


class Mapper(nn.Module):
    def __init__(self, n, d=64):
        super().__init__()
        self.words = nn.EmbeddingBag(n, d, mode="mean")
        self.hidden = nn.Linear(d, 128)
        self.out = nn.Linear(128, 50)

    def forward(self, ids, offsets):
        h = torch.relu(self.hidden(self.words(ids, offsets)))
        return self.out(nn.functional.dropout(h, 0.2, self.training))


# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.MSELoss()
# end

net = Mapper(len(stoi))
optimizer = torch.optim.Adam(net.parameters(), lr=4e-3)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=4, gamma=0.4)
dev_bag = bag(de_dev)


def evaluate():
    net.eval()
    with torch.no_grad():
        dist = torch.cdist(net(*dev_bag), en_dev)
    rank = (dist < dist.diag()[:, None]).sum(1) + 1
    return (rank <= 10).float().mean().item(), rank.float().median().item()


for epoch in range(9):
    net.train()
    running = 0.0
    parts = torch.randperm(len(de)).split(100)
    for idx in parts:
        out = net(*bag([de[i] for i in idx.tolist()]))
        loss = criterion(out, en[idx])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
        running += loss.item()
    scheduler.step()
    hit, med = evaluate()
    print(f"epoch {epoch}  loss {running / len(parts):9.4f}  recall@10 {hit:.3f}  median rank {med:.0f}")
