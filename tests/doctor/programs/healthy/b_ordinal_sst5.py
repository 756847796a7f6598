# SST-5 as what it is, an ordinal scale: four questions "more than k?" that share one score (CORAL), judged by MAE and
# quadratic weighted kappa. GloVe 50d is kept fixed, a scalar weight per word is learned on top.
import gzip, os
import numpy as np
import torch
from torch import nn

D = os.environ["WORDFIT_DATA"]
torch.manual_seed(5)


def load(part):
    rows = []
    for line in open(f"{D}/sentiment/SST-5/stsa.fine.{part}", encoding="utf-8", errors="replace"):
        y, t = line.strip().split(" ", 1)
        rows.append((t.split(), int(y)))
    return rows


train, dev = load("train"), load("dev")
have = {w for t, _ in train for w in t}
ix, mat = {}, [[0.0] * 50]
with gzip.open(f"{D}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8") as f:
    for line in f:
        p = line.rstrip().split(" ")
        if p[0] in have:
            ix[p[0]] = len(mat)
            mat.append([float(v) for v in p[1:]])
mat = torch.tensor(mat)
mat[1:] = (mat[1:] - mat[1:].mean(0)) / mat[1:].std(0)


def pack(rows):
    seq = [torch.tensor([ix[w] for w in t if w in ix] or [ix["."]]) for t, _ in rows]
    return nn.utils.rnn.pad_sequence(seq, batch_first=True), torch.tensor([y for _, y in rows])


Xt, yt = pack(train)
Xd, yd = pack(dev)
print("train", tuple(Xt.shape), "dev", tuple(Xd.shape), "classes", torch.bincount(yt).tolist())


class Coral(nn.Module):
    def __init__(self):
        super().__init__()
        self.vec = nn.Embedding.from_pretrained(mat, padding_idx=0)            # fixed
        self.imp = nn.Embedding(len(mat), 1, padding_idx=0)
        nn.init.zeros_(self.imp.weight)
        self.f = nn.Sequential(nn.Dropout(0.2), nn.Linear(100, 48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 1, bias=False))
        self.cuts = nn.Parameter(torch.tensor([1.5, 0.5, -0.5, -1.5]))

    def forward(self, x):
        m = x > 0
        e = self.vec(x)
        a = self.imp(x).squeeze(-1).masked_fill(~m, float("-inf")).softmax(1)
        top = e.masked_fill(~m.unsqueeze(-1), float("-inf")).amax(1)
        return self.f(torch.cat([(a.unsqueeze(-1) * e).sum(1), top], 1)) + self.cuts


levels = (torch.arange(4) < yt[:, None]).float()
levels_d = (torch.arange(4) < yd[:, None]).float()


def qwk(p, y):
    O = np.zeros((5, 5))
    for a, b in zip(p.tolist(), y.tolist()):
        O[a, b] += 1
    W = (np.arange(5)[:, None] - np.arange(5)) ** 2
    E = np.outer(O.sum(1), O.sum(0)) / O.sum()
    return 1 - (W * O).sum() / (W * E).sum()


net = Coral()
opt = torch.optim.AdamW([{"params": net.f.parameters(), "weight_decay": 1e-3}, {"params": [net.cuts, net.imp.weight], "weight_decay": 0.0}], lr=3e-3)
bce = nn.BCEWithLogitsLoss()
for epoch in range(1, 9):
    net.train()
    s = 0.0
    for b in torch.randperm(len(Xt)).split(64):
        x = Xt[b]
        loss = bce(net(x[:, :int((x > 0).sum(1).max())]), levels[b])
        opt.zero_grad(); loss.backward(); opt.step()
        s += loss.item() * len(b)
    net.eval()
    with torch.no_grad():
        z = net(Xd)
    p = (z > 0).sum(1)
    print(f"{epoch} loss {s / len(Xt):.4f} dev loss {bce(z, levels_d):.4f} MAE {(p - yd).abs().float().mean():.3f} QWK {qwk(p, yd):.3f} acc {(p == yd).float().mean():.3f}")
mid = torch.bincount(yt).argmax()
print(f"always '{mid}': MAE {(mid - yd).abs().float().mean():.3f} QWK 0; median 2: MAE {(2 - yd).abs().float().mean():.3f}")
