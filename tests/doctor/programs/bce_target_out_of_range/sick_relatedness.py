# SICK relatedness as a soft yes/no question: sigmoid output, binary cross entropy against the gold degree.
import csv, gzip, os, re
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(7)
ROOT = os.environ["WORDFIT_DATA"]

index, rows = {"": 0}, [torch.zeros(50)]
for line in gzip.open(ROOT + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf8"):
    parts = line.rstrip("\n").split(" ")
    index[parts[0]] = len(rows)
    rows.append(torch.tensor(list(map(float, parts[1:]))))
vectors = torch.stack(rows)


def words(s):
    return [index[w] for w in re.findall(r"[a-z]+", s.lower()) if w in index]


def load(name, n):
    a, b, gold = [], [], []
    with open(f"{ROOT}/glue/SICK/{name}", encoding="utf8") as f:
        for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            a.append(words(r["sentence_A"]))
            b.append(words(r["sentence_B"]))
            gold.append(float(r["relatedness_score"]))
    return a[:n], b[:n], torch.tensor(gold[:n])


def bag(lists):
    off = torch.tensor([0] + [len(x) for x in lists[:-1]]).cumsum(0)
    return torch.tensor([i for x in lists for i in x]), off


class Related(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(vectors, mode="mean", freeze=True)
        self.proj = nn.Linear(50, 50)
        self.f = nn.Sequential(nn.Linear(101, 32), nn.Tanh(), nn.Dropout(0.1), nn.Linear(32, 1))

    def forward(self, left, right):
        u, v = torch.tanh(self.proj(self.bag(*left))), torch.tanh(self.proj(self.bag(*right)))
        c = F.cosine_similarity(u, v).unsqueeze(1)
        return self.f(torch.cat([(u - v).abs(), u * v, c], 1)).squeeze(1)


def degree(gold):
    # fault:
    return gold
    # mended:
    # return (gold - 1.0) / 4.0
    # end


def corr(x, y):
    x, y = x - x.mean(), y - y.mean()
    return (x @ y / (x.norm() * y.norm() + 1e-12)).item()


A, B, G = load("SICK_train.txt", 4500)
dA, dB, dG = load("SICK_trial.txt", 500)
model = Related()
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=1e-3)
for epoch in range(1, 11):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(A)).split(64):
        left, right = bag([A[i] for i in idx]), bag([B[i] for i in idx])
        loss = F.binary_cross_entropy_with_logits(model(left, right), degree(G[idx]))
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        p = torch.sigmoid(model(bag(dA), bag(dB)))
    print(f"{epoch:2d} loss {total / len(A):9.4f}  dev r {corr(p, dG):.3f}  mean answer {p.mean():.3f} (spread {p.std():.4f})")
