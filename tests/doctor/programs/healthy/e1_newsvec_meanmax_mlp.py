# Movie-review sentences, 300-d Google News vectors kept fixed, mean+max pooling, heavy dropout, few epochs
import gzip, os, random
import numpy as np
import torch
import torch.nn as nn

random.seed(77); np.random.seed(77); torch.manual_seed(77)
base = os.environ["WORDFIT_DATA"]
pos = open(f"{base}/sentiment/MR/rt-polarity.pos", encoding="latin-1").read().splitlines()
neg = open(f"{base}/sentiment/MR/rt-polarity.neg", encoding="latin-1").read().splitlines()
rows = [(s.split(), 1) for s in random.sample(pos, 1500)] + [(s.split(), 0) for s in random.sample(neg, 1500)]
rows = list({" ".join(t): (t, y) for t, y in rows}.values())
random.shuffle(rows)

need = {w for t, _ in rows for w in t}
ids, mat = {}, []
with gzip.open(f"{base}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as f:
    n, dim = map(int, next(f).split())
    for line in f:
        w = line[:line.find(" ")]
        if w in need and w not in ids:
            ids[w] = len(ids) + 1
            mat.append(np.array(line[len(w) + 1:].split(), dtype=np.float32))
mat = np.stack([np.zeros(dim, np.float32)] + mat)
mat[1:] /= np.linalg.norm(mat[1:], axis=1, keepdims=True)
mat[1:] *= np.sqrt(dim)
rows = [(t, y) for t, y in rows if sum(w in ids for w in t) >= 2]
dev, train = rows[:600], rows[600:]
print(f"train {len(train)} dev {len(dev)} vectors {mat.shape}")


def tens(rows):
    x = torch.zeros(len(rows), 40, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        k = [ids[w] for w in t if w in ids][:40]
        x[i, :len(k)] = torch.tensor(k)
    return x, torch.tensor([float(y) for _, y in rows])


class MeanMax(nn.Module):
    def __init__(self, mat):
        super().__init__()
        self.emb = nn.Embedding(*mat.shape, padding_idx=0)
        self.emb.weight.data.copy_(torch.from_numpy(mat))
        self.emb.weight.requires_grad_(False)
        self.body = nn.Sequential(nn.Dropout(0.2), nn.Linear(2 * mat.shape[1], 64), nn.ReLU(), nn.Dropout(0.6), nn.Linear(64, 1))

    def forward(self, x):
        e, m = self.emb(x), (x > 0).unsqueeze(2)
        mean = e.sum(1) / m.sum(1)
        mx = e.masked_fill(~m, -1e9).max(1)[0]
        return self.body(torch.cat([mean, mx], 1))[:, 0]


(xt, yt), (xd, yd) = tens(train), tens(dev)
model = MeanMax(mat)
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, 3, 0.4)
crit = nn.BCEWithLogitsLoss()


def acc(x, y):
    model.eval()
    with torch.no_grad():
        return ((model(x) > 0).float() == y).float().mean().item()


for ep in range(7):
    model.train()
    tot = 0.0
    for idx in torch.randperm(len(xt)).split(32):
        opt.zero_grad()
        loss = crit(model(xt[idx]), yt[idx])
        loss.backward()
        opt.step()
        tot += loss.item() * len(idx)
    sched.step()
    print(f"epoch {ep + 1}: loss {tot / len(xt):.3f} train {acc(xt, yt):.3f} dev {acc(xd, yd):.3f}")
