# Relatedness of sentence pairs (SICK) after Tai et al. 2015: the score 1..5 becomes a distribution over five bins, trained
# with KL, read off as an expectation. Word vectors stay as they are.
import csv
import gzip
import os
import re
import torch
import torch.nn as nn
import torch.nn.functional as F

ROOT = os.environ["WORDFIT_DATA"]
torch.manual_seed(2015)


def read(name):
    with open(f"{ROOT}/glue/SICK/{name}", encoding="utf-8", newline="") as f:
        return [(r["sentence_A"], r["sentence_B"], float(r["relatedness_score"])) for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)]


tok = lambda s: re.findall(r"[a-z]+", s.lower())
train, dev = read("SICK_train.txt"), read("SICK_test_annotated.txt")[:900]
words = {w for a, b, _ in train + dev for w in tok(a) + tok(b)}
ids, rows = {}, [torch.zeros(50)]
with gzip.open(f"{ROOT}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.split(" ", 1)
        if w in words:
            ids[w] = len(rows)
            rows.append(torch.tensor([float(x) for x in v.split()]))
table = F.normalize(torch.stack(rows), dim=1)                       # the zero row stays zero
table[1:] -= table[1:].mean(0)
print(len(words), "words,", len(ids), "with a vector;", len(train), "training pairs,", len(dev), "test pairs")


def pad(texts):
    s = [[ids[w] for w in tok(t) if w in ids] or [ids["the"]] for t in texts]
    T = max(map(len, s))
    return torch.tensor([r + [0] * (T - len(r)) for r in s])


def target(y):
    lo = y.floor().clamp(1, 4)
    p = torch.zeros(len(y), 5)
    p.scatter_(1, (lo - 1).long()[:, None], (lo + 1 - y)[:, None])
    p.scatter_(1, lo.long()[:, None], (y - lo)[:, None])
    return p


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.v = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.map = nn.Linear(50, 64)
        self.h = nn.Linear(64 * 2 + 4, 48)
        self.o = nn.Linear(48, 5)
        self.drop = nn.Dropout(0.2)

    def enc(self, x):
        m = (x != 0).unsqueeze(-1)
        return (torch.tanh(self.map(self.v(x)) * 2) * m).sum(1) / m.sum(1)

    def forward(self, a, b):
        u, w = self.enc(a), self.enc(b)
        S = (F.normalize(self.v(a), dim=-1, eps=1e-6) @ F.normalize(self.v(b), dim=-1, eps=1e-6).transpose(1, 2))
        S = S.masked_fill((a == 0)[:, :, None] | (b == 0)[:, None, :], -1.0)
        ma, mb = (a != 0).float(), (b != 0).float()
        ra, rb = (S.amax(2) * ma), (S.amax(1) * mb)
        align = torch.stack([ra.sum(1) / ma.sum(1), rb.sum(1) / mb.sum(1), ra.masked_fill(a == 0, 1).amin(1), rb.masked_fill(b == 0, 1).amin(1)], 1)
        z = torch.cat([(u - w).abs(), u * w, align], 1)
        return F.log_softmax(self.o(self.drop(torch.relu(self.h(z)))), -1)


bins = torch.arange(1.0, 6.0)
Ad, Bd, yd = pad([a for a, _, _ in dev]), pad([b for _, b, _ in dev]), torch.tensor([y for *_, y in dev])
At, Bt, yt = pad([a for a, _, _ in train]), pad([b for _, b, _ in train]), target(torch.tensor([y for *_, y in train]))
net = Pair()
opt = torch.optim.Adagrad([p for p in net.parameters() if p.requires_grad], lr=0.06)
kl = nn.KLDivLoss(reduction="batchmean")
for epoch in range(1, 9):
    net.train()
    s = 0.0
    for i in torch.randperm(len(train)).split(32):
        loss = kl(net(At[i], Bt[i]), yt[i])
        opt.zero_grad(); loss.backward(); opt.step()
        s += loss.item() * len(i)
    net.eval()
    if epoch % 2 == 0:
        with torch.no_grad():
            lp = net(Ad, Bd)
        p = lp.exp() @ bins
        r = torch.corrcoef(torch.stack([p, yd]))[0, 1]
        print(f"epoch {epoch:2d} KL {s / len(train):.4f} dev KL {kl(lp, target(yd)):.4f} Pearson {r:.4f} MSE {((p - yd) ** 2).mean():.4f} (mean predictor {yd.var():.4f})")
