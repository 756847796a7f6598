"""Kim (2014) with two channels: GloVe kept as it is, and a copy that is tuned with half the learning rate. SST-2 sentences, dropout 0.4."""
import gzip
import os
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(80); torch.manual_seed(80)
ROOT = os.environ["WORDFIT_DATA"]


def sentences(part):
    with open(os.path.join(ROOT, "sentiment/SST-2-sentences/stsa.binary." + part), encoding="utf-8") as f:
        return [(line.split()[1:], int(line[0])) for line in f]


train, dev = sentences("train"), sentences("dev")
vec = {}
with gzip.open(os.path.join(ROOT, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, _, rest = line.partition(" ")
        vec[w] = np.array(rest.split(), dtype=np.float32)
vocab = {"<pad>": 0, "<unk>": 1}
for words, _ in train:
    for w in words:
        vocab.setdefault(w, len(vocab))
for words, _ in dev:
    for w in words:
        if w in vec:
            vocab.setdefault(w, len(vocab))
spread = float(np.std(np.stack(list(vec.values()))))
table = torch.randn(len(vocab), 50) * spread
for w, i in vocab.items():
    if w in vec:
        table[i] = torch.from_numpy(vec[w])
table[:2] = 0


class TwoChannels(nn.Module):
    def __init__(self):
        super().__init__()
        self.static = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.tuned = nn.Embedding.from_pretrained(table.clone(), freeze=False, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(50, 32, w, padding=w - 1) for w in (1, 3))
        self.out = nn.Linear(64, 2)

    def forward(self, x):
        pooled = []
        for conv in self.convs:
            h = F.relu(conv(self.static(x).transpose(1, 2)) + conv(self.tuned(x).transpose(1, 2)))
            pooled.append(h.amax(2))
        return self.out(F.dropout(torch.cat(pooled, 1), 0.4, self.training))


def batches(rows, size):
    rows = sorted(random.sample(rows, len(rows)), key=lambda r: len(r[0]))
    parts = [rows[i:i + size] for i in range(0, len(rows), size)]
    random.shuffle(parts)
    for p in parts:
        yield nn.utils.rnn.pad_sequence([torch.tensor([vocab.get(w, 1) for w in t]) for t, _ in p], batch_first=True), torch.tensor([y for _, y in p])


model = TwoChannels()
rest = [p for n, p in model.named_parameters() if p.requires_grad and not n.startswith("tuned")]
opt = torch.optim.Adam([{"params": rest, "lr": 2e-3}, {"params": model.tuned.parameters(), "lr": 1e-3}])
for epoch in range(5):
    model.train()
    tot = 0
    for x, y in batches(train, 50):
        loss = F.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        acc = sum((model(x).argmax(1) == y).sum().item() for x, y in batches(dev, 200)) / len(dev)
    print(f"epoch {epoch} loss {tot / len(train):.3f} dev acc {acc:.4f}")
