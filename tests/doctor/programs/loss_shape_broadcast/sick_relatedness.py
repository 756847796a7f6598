"""Sentence relatedness (SICK, 1..5) on top of frozen GloVe: features |u-v|, u*v -> small net, log-cosh loss."""
import gzip
import os
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(17)
D = os.environ["WORDFIT_DATA"]


def rows(name):
    with open(f"{D}/glue/SICK/{name}") as f:
        next(f)
        for line in f:
            p = line.rstrip("\n").split("\t")
            yield p[1].lower().split(), p[2].lower().split(), float(p[3])


train, trial = list(rows("SICK_train.txt")), list(rows("SICK_trial.txt"))
need = {w for a, b, _ in train + trial for w in a + b}
vec = {}
with gzip.open(f"{D}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        if w in need:
            vec[w] = np.array(rest.split(), dtype=np.float32)
print(len(train), "pairs,", len(vec), "of", len(need), "words have a vector")


def sent(tokens):
    hits = [vec[t] for t in tokens if t in vec]
    return np.mean(hits, axis=0) if hits else np.zeros(50, dtype=np.float32)


def pack(data):
    u = torch.tensor(np.stack([sent(a) for a, _, _ in data]))
    v = torch.tensor(np.stack([sent(b) for _, b, _ in data]))
    lap = torch.tensor([[len(set(a) & set(b)) / len(set(a) | set(b)), abs(len(a) - len(b)) / 10] for a, b, _ in data])
    return torch.cat([(u - v).abs(), u * v, lap], 1), torch.tensor([s for _, _, s in data])


Xtr, ytr = pack(train)
Xde, yde = pack(trial)
mu, sd = Xtr.mean(0), Xtr.std(0)
Xtr, Xde = (Xtr - mu) / sd, (Xde - mu) / sd
mean_score = ytr.mean()


def log_cosh(e):
    return (e.abs() + torch.log1p(torch.exp(-2 * e.abs())) - 0.6931472).mean()


net = nn.Sequential(nn.Linear(Xtr.shape[1], 64), nn.Tanh(), nn.Dropout(0.3), nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-4)
for epoch in range(12):
    net.train()
    for idx in torch.randperm(len(Xtr)).split(32):
        out = net(Xtr[idx])
        # fault:
        loss = log_cosh(out + mean_score - ytr[idx])
        # mended:
        # loss = log_cosh(out.squeeze(1) + mean_score - ytr[idx])
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        p = net(Xde).squeeze(1) + mean_score
    r = np.corrcoef(p.numpy(), yde.numpy())[0, 1]
    print(f"epoch {epoch + 1:2d}  trial RMSE {((p - yde) ** 2).mean().sqrt():.3f}  Pearson {r:.3f}  spread of predictions {p.std():.3f}")
