"""MRPC, overlap features on word embeddings learned from scratch."""
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


def ids(sents):
    return nn.utils.rnn.pad_sequence([torch.tensor([vocab.get(w, 1) for w in s]) for s in sents], batch_first=True)


class Overlap(nn.Module):
    """Best match of every word of one side on the other side, averaged."""

    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 2, 16, padding_idx=0)
        self.out = nn.Linear(4, 1)

    def forward(self, a, b):
        ea, eb = nn.functional.normalize(self.emb(a), dim=-1, eps=1e-6), nn.functional.normalize(self.emb(b), dim=-1, eps=1e-6)
        sim = ea @ eb.transpose(1, 2)
        ma, mb = a > 0, b > 0
        sim = sim.masked_fill(~(ma.unsqueeze(2) & mb.unsqueeze(1)), -1.0)
        fa = (sim.amax(2) * ma).sum(1) / ma.sum(1)
        fb = (sim.amax(1) * mb).sum(1) / mb.sum(1)
        size = torch.stack([ma.sum(1), mb.sum(1)], 1).float().log()
        return self.out(torch.cat([torch.stack([fa, fb], 1) * 4 - 3, (size - 3)], 1)).squeeze(1)


A, B = ids([r[0] for r in train]), ids([r[1] for r in train])
Y = torch.tensor([float(r[2]) for r in train])
DA, DB, DY = ids([r[0] for r in dev]), ids([r[1] for r in dev]), torch.tensor([float(r[2]) for r in dev])
model = Overlap()
optimizer = torch.optim.Adam([{"params": model.emb.parameters(), "lr": 5e-4}, {"params": model.out.parameters(), "lr": 2e-2}])
for epoch in range(3):
    losses = []
    for b in torch.randperm(len(Y)).split(64):
        loss = nn.functional.binary_cross_entropy_with_logits(model(A[b], B[b]), Y[b], pos_weight=(1 - Y).sum() / Y.sum())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        p = model(DA, DB) > 0
        acc = 0.5 * ((p[DY == 1]).float().mean() + (~p[DY == 0]).float().mean()).item()
    print(f"epoch {epoch} loss {sum(losses) / len(losses):.4f} dev balanced accuracy {acc:.4f}")
