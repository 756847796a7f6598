"""Two restarts with different seeds, the better one is kept (SST sentences, GloVe)."""
import gzip
import os
from pathlib import Path

import torch
from torch import nn

HOME = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))


def read(split, limit=None):
    with open(HOME / f"sentiment/SST-2-sentences/stsa.binary.{split}", encoding="utf-8") as f:
        rows = [(line[2:].split(), float(line[0])) for line in f]
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(0)).tolist()
    return [rows[i] for i in order][:limit]


train, dev = read("train", 3500), read("dev")
with gzip.open(HOME / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    raw = dict(line.rstrip().split(" ", 1) for line in f)
words = sorted({w for toks, _ in train + dev for w in toks if w in raw})
index = {w: k + 1 for k, w in enumerate(words)}
matrix = torch.zeros(len(words) + 1, 50)
for w, k in index.items():
    matrix[k] = torch.tensor([float(v) for v in raw[w].split()])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.vectors = nn.Embedding.from_pretrained(matrix, freeze=True, padding_idx=0)
        self.hidden = nn.Linear(50, 50)
        self.drop = nn.Dropout(0.3)
        self.score = nn.Linear(50, 1)

    def reset(self):
        for m in self.modules():
            # fault:
            if hasattr(m, "reset_parameters"):
            # mended:
            # if hasattr(m, "reset_parameters") and any(p.requires_grad for p in m.parameters()):
            # end
                m.reset_parameters()

    def forward(self, x):
        m = (x > 0).float().unsqueeze(-1)
        mean = (self.vectors(x) * m).sum(1) / m.sum(1).clamp(min=1)
        return self.score(self.drop(torch.relu(self.hidden(mean)))).squeeze(-1)


def tensors(rows):
    seqs = [torch.tensor([index[w] for w in t if w in index], dtype=torch.long) for t, _ in rows]
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True), torch.tensor([y for _, y in rows])


x, y = tensors(train)
xd, yd = tensors(dev)
net = Net()
best = 0.0
for restart in range(2):
    torch.manual_seed(restart)
    net.reset()
    opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=3e-3)
    for epoch in range(5):
        net.train()
        total = 0.0
        for b in torch.randperm(len(x)).split(50):
            loss = nn.functional.binary_cross_entropy_with_logits(net(x[b]), y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(b) / len(x)
        net.eval()
        with torch.no_grad():
            acc = ((net(xd) > 0) == (yd > 0.5)).float().mean().item()
        print(f"restart {restart} epoch {epoch} loss {total:.4f} dev accuracy {acc:.4f}")
    best = max(best, acc)
print(f"best restart: {best:.4f}")
