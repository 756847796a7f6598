"""IMDB reviews as bags of sentences: only the review has a label, a gate says which sentences count (Ilse et al. 2018)."""
import gzip
import os
import re
import numpy as np
import torch
from torch import nn
from sklearn.metrics import accuracy_score, roc_auc_score

torch.manual_seed(1)
root = os.environ["WORDFIT_DATA"]
seen_vec = {}
with gzip.open(f"{root}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for rank, line in enumerate(f):
        w, *v = line.split(" ")
        if 120 <= rank < 8000:                                # the commonest words say nothing here
            seen_vec[w] = np.array(v, dtype=np.float32)
mean = np.mean(list(seen_vec.values()), 0)


def bags(split, every):
    out = []
    with gzip.open(f"{root}/sentiment/imdb/{split}.tsv.gz", "rt", encoding="utf-8") as f:
        for k, line in enumerate(f):
            if k == 0 or k % every:
                continue
            c = line.rstrip("\n").split("\t")
            rating = int(c[1])
            rows = []
            for s in re.split(r"[.!?]+|<br />", c[3].lower())[:15]:
                v = [seen_vec[w] for w in re.findall(r"[a-z]+", s) if w in seen_vec]
                if len(v) >= 2:
                    rows.append(np.mean(v, 0) - mean)
            if rows:
                out.append((torch.tensor(np.stack(rows)), float(rating > 5)))
    return out


class GatedBag(nn.Module):
    def __init__(self, d=50, h=24):
        super().__init__()
        self.lift = nn.Sequential(nn.Linear(d, h), nn.ReLU())
        self.v, self.u, self.w = nn.Linear(h, 12), nn.Linear(h, 12), nn.Linear(12, 1)
        self.out = nn.Linear(h, 1)

    def forward(self, sentences, owner, n):
        h = self.lift(sentences * 2)
        a = self.w(torch.tanh(self.v(h)) * torch.sigmoid(self.u(h))).squeeze(1).clamp(-8, 8).exp()
        norm = torch.zeros(n).index_add(0, owner, a)
        z = torch.zeros(n, h.size(1)).index_add(0, owner, h * a[:, None]) / norm[:, None]
        return self.out(z).squeeze(1)


def join(rows):
    owner = torch.repeat_interleave(torch.arange(len(rows)), torch.tensor([len(r[0]) for r in rows]))
    return torch.cat([r[0] for r in rows]), owner, len(rows), torch.tensor([r[1] for r in rows])


reviews = bags("train", 10)
order = torch.randperm(len(reviews)).tolist()                # the file is sorted by label
train, test = [reviews[i] for i in order[600:]], [reviews[i] for i in order[:600]]
print(len(train), "training reviews,", len(test), "test reviews, share positive", np.mean([y for _, y in test]))
net = GatedBag()
opt = torch.optim.AdamW(net.parameters(), lr=6e-3, weight_decay=1e-2)
sched = torch.optim.lr_scheduler.StepLR(opt, 1, 0.7)
for epoch in range(6):
    tot = 0
    for idx in torch.randperm(len(train)).split(40):
        x, o, n, y = join([train[i] for i in idx.tolist()])
        z = net(x, o, n)
        loss = (nn.functional.softplus(z) - y * z).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * n
    sched.step()
    with torch.no_grad():
        tr = join(train)
        ta = accuracy_score(tr[3], net(*tr[:3]) > 0)
        logits, truth = [], []                          # in chunks, compared at once
        for k in range(0, len(test), 300):
            x, o, n, y = join(test[k:k + 300])
            logits.append(net(x, o, n)); truth.append(y)
        logits, truth = torch.cat(logits), torch.cat(truth)
    print("epoch %d loss %.4f  train acc %.3f  test acc %.3f  AUC %.3f" % (
        epoch, tot / len(train), ta, accuracy_score(truth, logits > 0), roc_auc_score(truth, logits)))
