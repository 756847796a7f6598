"""Two epochs with the vectors fixed, then they join the optimiser at a smaller rate."""
import gzip
import os
import random
from pathlib import Path

import torch
from torch import nn

random.seed(9)
torch.manual_seed(9)
root = Path(os.environ.get("WORDFIT_DATA", "../shared/data"))
rows = []
for name, y in (("rt-polarity.pos", 1), ("rt-polarity.neg", 0)):
    rows += [(tuple(l.split()), y) for l in (root / "sentiment/MR" / name).read_text(encoding="latin-1").split("\n") if l.strip()]
rows = list(dict(rows).items())
random.shuffle(rows)
train, test = rows[:5000], rows[5000:6000]
vectors = {}
with gzip.open(root / "vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.split(" ", 1)
        vectors[w] = v
vocab = {w: i + 2 for i, w in enumerate(sorted({w for t, _ in train for w in t if w in vectors}))}
table = torch.zeros(len(vocab) + 2, 50)
table[2:] = torch.tensor([[float(a) for a in vectors[w].split()] for w in vocab])
table[1] = table[2:].mean(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.fc = nn.Sequential(nn.Linear(50, 48), nn.ReLU(), nn.Dropout(0.2), nn.Linear(48, 2))

    def forward(self, x):
        return self.fc(self.emb(x).sum(1) / (x > 0).sum(1, keepdim=True))


def tensors(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([vocab.get(w, 1) for w in t]) for t, _ in rows], batch_first=True)
    return x, torch.tensor([y for _, y in rows])


model = Net()
opt = torch.optim.Adam(model.fc.parameters(), lr=5e-3)
x, y = tensors(train)
xt, yt = tensors(test)
for epoch in range(6):
    if epoch == 2:
        model.emb.weight.requires_grad_(True)
        opt.add_param_group({"params": model.emb.parameters(), "lr": 3e-3})
    model.train()
    for b in torch.randperm(len(y)).split(50):
        loss = nn.functional.cross_entropy(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        p = model(xt)
    print(f"epoch {epoch} loss {loss.item():.3f} test loss {nn.functional.cross_entropy(p, yt):.3f} accuracy {(p.argmax(1) == yt).float().mean():.3f}")
