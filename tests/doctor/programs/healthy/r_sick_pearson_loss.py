"""Relatedness of two sentences. The loss is minus the correlation inside the batch, as that is what we report."""
import csv, gzip, os, re
import numpy as np
import torch
from torch import nn

torch.manual_seed(17)
D = os.environ["WORDFIT_DATA"]
vec = {}
for line in gzip.open(D + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8"):
    w, v = line.split(" ", 1)
    vec[w] = v                                   # parsed only if needed
cache = {}


def look(w):
    if w not in cache:
        cache[w] = np.array(vec[w].split(), dtype=np.float32)
    return cache[w]


def read(name, n):
    left, right, gold = [], [], []
    with open(f"{D}/glue/SICK/{name}", encoding="utf-8") as f:
        for r in csv.DictReader(f, delimiter="\t"):
            two = []
            for key in ("sentence_A", "sentence_B"):
                ws = [w for w in re.findall("[a-z]+", r[key].lower()) if w in vec]
                two.append(np.mean([look(w) for w in ws], axis=0))
            left.append(two[0]); right.append(two[1])
            gold.append(float(r["relatedness_score"]))
            if len(gold) == n:
                break
    return [torch.from_numpy(np.array(z, dtype=np.float32)) for z in (left, right, gold)]


def correlation(a, b):
    a, b = a - a.mean(), b - b.mean()
    return (a * b).sum() / (a.norm() * b.norm() + 1e-8)


class Similarity(nn.Module):
    """A linear map of both sentences (one set of weights), scaled features, and a weighted sum of agreements."""

    def __init__(self, mean, d=50):
        super().__init__()
        self.register_buffer("mean", mean)
        self.proj = nn.Linear(d, d, bias=False)
        nn.init.eye_(self.proj.weight)
        self.a = nn.Parameter(torch.full((d,), 1.0 / d))
        self.b = nn.Parameter(torch.full((d,), -1.0 / d))
        self.c = nn.Parameter(torch.ones(()))

    def forward(self, l, r):
        l, r = self.proj(l - self.mean), self.proj(r - self.mean)
        return self.c * torch.cosine_similarity(l, r) + (l * r) @ self.a + (l - r).abs() @ self.b


L, R, y = read("SICK_train.txt", 4000)
Lt, Rt, yt = read("SICK_test_annotated.txt", 1500)
net = Similarity(torch.cat([L, R]).mean(0))
opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
sched = torch.optim.lr_scheduler.StepLR(opt, 2, 0.4)
with torch.no_grad():
    print(f"before training: test r = {correlation(net(Lt, Rt), yt):.3f}")
for epoch in range(8):
    for idx in torch.randperm(len(y)).split(100):
        loss = -correlation(net(L[idx], R[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    with torch.no_grad():
        print(f"epoch {epoch}: last loss {loss.item():.3f}  train r = {correlation(net(L, R), y):.3f}  "
              f"test r = {correlation(net(Lt, Rt), yt):.3f}")
