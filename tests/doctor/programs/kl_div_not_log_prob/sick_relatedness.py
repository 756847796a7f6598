"""SICK relatedness after Tai et al. 2015: the gold score becomes a distribution over the grades 1..5, the model predicts a
distribution from |u-v| and u*v, the score is its mean."""
import os, gzip, random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from scipy.stats import pearsonr

random.seed(12); np.random.seed(12); torch.manual_seed(12)
root = os.environ["WORDFIT_DATA"]


def sick(name):
    with open(os.path.join(root, "glue", "SICK", name), encoding="utf-8") as f:
        next(f)
        for line in f:
            _, a, b, s, _ = line.rstrip("\n").split("\t")
            yield a.lower().split(), b.lower().split(), float(s)


train, dev = random.sample(list(sick("SICK_train.txt")), 3200), list(sick("SICK_trial.txt"))
words = {w for a, b, _ in train + dev for w in a + b}
vecs = {}
for line in gzip.open(os.path.join(root, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8"):
    w, rest = line.split(" ", 1)
    if w in words:
        vecs[w] = np.array(rest.split(), dtype=np.float32)
itos = ["<pad>", "<unk>"] + sorted(vecs)
stoi = {w: i for i, w in enumerate(itos)}
table = torch.from_numpy(np.stack([np.zeros(50, np.float32), np.mean(list(vecs.values()), 0)] + [vecs[w] for w in itos[2:]]))


def grades(score, k=5):
    p = torch.zeros(k)
    f = int(np.floor(score))
    if f >= k:
        p[k - 1] = 1
    else:
        p[f - 1] = f + 1 - score
        p[f] = score - f
    return p


def collate(rows):
    def side(j):
        t = [[stoi.get(w, 1) for w in r[j]] for r in rows]
        T = max(map(len, t))
        return torch.tensor([x + [0] * (T - len(x)) for x in t])
    return side(0), side(1), torch.stack([grades(r[2]) for r in rows]), torch.tensor([r[2] for r in rows])


class Sim(nn.Module):
    def __init__(self, h=64):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.proj = nn.Linear(50, h)
        self.wh = nn.Linear(2 * h + 1, 40)
        self.wp = nn.Linear(40, 5)

    def enc(self, x):
        m = (x > 0).float().unsqueeze(-1)
        return (torch.tanh(self.proj(self.emb(x))) * m).sum(1) / m.sum(1)

    def forward(self, a, b):
        u, v = self.enc(a), self.enc(b)
        z = torch.cat([u * v, (u - v).abs(), F.cosine_similarity(u, v).unsqueeze(1)], 1)
        return self.wp(torch.sigmoid(self.wh(z)))


net = Sim()
opt = torch.optim.Adagrad([p for p in net.parameters() if p.requires_grad], lr=0.12)
grade = torch.arange(1., 6.)
loader = torch.utils.data.DataLoader(train, batch_size=25, shuffle=True, collate_fn=collate)
for epoch in range(8):
    net.train()
    tot = 0.
    for a, b, p, _ in loader:
        # fault:
        q = F.softmax(net(a, b), dim=1)
        # mended:
        # q = F.log_softmax(net(a, b), dim=1)
        # end
        loss = F.kl_div(q, p, reduction="batchmean")
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    net.eval()
    with torch.no_grad():
        a, b, _, s = collate(dev)
        e = F.softmax(net(a, b), 1) @ grade
    print(f"epoch {epoch} loss {tot / len(loader):.4f}  trial pearson {pearsonr(e.numpy(), s.numpy())[0]:.3f}  mse {((e - s) ** 2).mean():.3f}")
