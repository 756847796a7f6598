"""MRPC from the words that only one side has and the share of those that both have."""
import csv
import os
from pathlib import Path

import torch
from torch import nn

folder = Path(os.environ.get("WORDFIT_DATA", "../shared/data")) / "glue/MRPC"
torch.manual_seed(6)


def read(split):
    rows = []
    with open(folder / f"{split}.tsv", encoding="utf-8-sig", newline="") as f:
        # fault:
        for row in csv.DictReader(f, delimiter="\t"):
        # mended:
        # for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
        # end
            if row["#2 String"]:
                rows.append((row["#1 String"].lower().split(), row["#2 String"].lower().split(), int(row["Quality"])))
    return rows


train, dev = read("train"), read("dev")
print(len(train), "training pairs,", len(dev), "development pairs")
counts = {}
for a, b, _ in train:
    for w in a + b:
        counts[w] = counts.get(w, 0) + 1
vocab = {w: i + 2 for i, w in enumerate(sorted(w for w, n in counts.items() if n >= 3))}


class Overlap(nn.Module):
    def __init__(self):
        super().__init__()
        self.only = nn.EmbeddingBag(len(vocab) + 2, 8, mode="mean")
        nn.init.normal_(self.only.weight, std=0.05)
        self.out = nn.Linear(11, 1)

    def forward(self, flat, offsets, shares):
        return self.out(torch.cat([self.only(flat, offsets), shares], 1)).squeeze(1)


def batch(rows):
    bags, shares = [], []
    for a, b, _ in rows:
        sa, sb = set(a), set(b)
        both = len(sa & sb)
        bags.append(torch.tensor(sorted(vocab.get(w, 1) for w in sa ^ sb) or [0]))
        shares.append([4 * both / max(1, len(sa)) - 2, 4 * both / max(1, len(sb)) - 2, abs(len(sa) - len(sb)) / 5])
    offsets = torch.tensor([0] + [len(x) for x in bags[:-1]]).cumsum(0)
    return torch.cat(bags), offsets, torch.tensor(shares), torch.tensor([float(y) for *_, y in rows])


model = Overlap()
optimizer = torch.optim.Adam([{"params": model.only.parameters(), "lr": 5e-4}, {"params": model.out.parameters(), "lr": 2e-2}])
weight = sum(1 - y for *_, y in train) / sum(y for *_, y in train)
dev_batch = batch(dev)
for epoch in range(6):
    losses = []
    order = torch.randperm(len(train)).tolist()
    for i in range(0, len(order), 64):
        flat, offsets, shares, y = batch([train[j] for j in order[i:i + 64]])
        loss = nn.functional.binary_cross_entropy_with_logits(model(flat, offsets, shares), y, pos_weight=torch.tensor(weight))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        p, y = model(*dev_batch[:3]) > 0, dev_batch[3]
        acc = 0.5 * (p[y == 1].float().mean() + (~p[y == 0]).float().mean()).item()
    print(f"epoch {epoch} loss {sum(losses) / len(losses):.4f} dev balanced accuracy {acc:.4f}")
