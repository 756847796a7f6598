"""SST-2 with GloVe 50d and a CNN; what is evaluated (and kept) is an exponential average of the weights, not the weights
that the optimiser moves.  Word dropout, label smoothing, vectors tuned at a tenth of the rate; five epochs are enough."""
import copy
import gzip
import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(5)
ROOT = os.environ["WORDFIT_DATA"]


def read(name, n, skip=0, every=1):
    out = []
    with open(os.path.join(ROOT, "glue", "SST-2", name), encoding="utf-8") as f:
        next(f)
        for i, line in enumerate(f):
            if i % every == skip:
                s, y = line.rstrip("\n").split("\t")
                out.append((s.split(), int(y)))
            if len(out) == n:
                break
    return out


train, dev = read("train.tsv", 6500, every=10), read("dev.tsv", 872)
count = {}
for s, _ in train:
    for w in s:
        count[w] = count.get(w, 0) + 1
vocab = {"<pad>": 0, "<unk>": 1}
for w, c in count.items():
    if c > 1:
        vocab[w] = len(vocab)
table = torch.randn(len(vocab), 50) * 0.35
table[0] = 0
with gzip.open(os.path.join(ROOT, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        if w in vocab:
            table[vocab[w]] = torch.tensor([float(v) for v in rest.split()])


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=False, padding_idx=0)
        self.convs = nn.ModuleList([nn.Conv1d(50, 50, k, padding=k // 2) for k in (1, 3)])
        self.out = nn.Linear(100, 2)

    def forward(self, x):
        if self.training:
            x = torch.where((torch.rand(x.shape) < 0.1) & (x > 0), torch.tensor(1), x)
        m = (x > 0).unsqueeze(1)
        e = F.dropout(self.emb(x), 0.1, self.training).transpose(1, 2) * m
        h = torch.cat([F.relu(c(e)).masked_fill(~m, 0).amax(2) for c in self.convs], 1)
        return self.out(F.dropout(h, 0.4, self.training))


def batch(rows):
    T = max(len(s) for s, _ in rows)
    return torch.tensor([[vocab.get(w, 1) for w in s] + [0] * (T - len(s)) for s, _ in rows]), torch.tensor([y for _, y in rows])


model = CNN()
average = copy.deepcopy(model).eval()
for p in average.parameters():
    p.requires_grad_(False)
opt = torch.optim.AdamW([{"params": model.emb.parameters(), "lr": 5e-4, "weight_decay": 0.0},
                         {"params": [*model.convs.parameters(), *model.out.parameters()], "lr": 5e-3}])
for epoch in range(5):
    model.train()
    run, order = 0.0, torch.randperm(len(train)).tolist()
    for i in range(0, len(order), 50):
        x, y = batch([train[j] for j in order[i:i + 50]])
        loss = F.cross_entropy(model(x), y, label_smoothing=0.05)
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item() * len(y)
        with torch.no_grad():
            for a, p in zip(average.parameters(), model.parameters()):
                a.lerp_(p, 0.02)
    x, y = batch(dev)
    with torch.no_grad():
        acc = (average(x).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch + 1} train loss {run / len(train):.3f} dev accuracy of the average {acc:.3f}")
torch.save(average.state_dict(), "sst2_ema.pt")
