# STS-B with frozen GloVe: learn only a scale per dimension and an affine map of the cosine
import csv, gzip, os
import numpy as np
import torch
import torch.nn as nn
from scipy.stats import pearsonr

np.random.seed(6); torch.manual_seed(6)
DATA = os.environ["WORDFIT_DATA"]
MAXLEN, DIM = 50, 50


def read(split, n):
    out = []
    with open(f"{DATA}/glue/STS-B/{split}.tsv", encoding="utf-8") as f:
        next(f)
        for line in f:
            c = line.rstrip("\n").split("\t")
            out.append((c[7].lower().replace(".", " .").replace(",", " ,").split(), c[8].lower().replace(".", " .").replace(",", " ,").split(), float(c[9])))
    keep = np.random.permutation(len(out))[:n]
    return [out[i] for i in keep]


train, dev = read("train", 2500), read("dev", 700)
glove = {}
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, v = line.split(" ", 1)
        glove[w] = np.array(v.split(), dtype=np.float32)

vocab = {"<pad>": 0, "<unk>": 1}
for a, b, _ in train + dev:
    for w in a + b:
        if w in glove:
            vocab.setdefault(w, len(vocab))
centre = np.mean(list(glove.values()), axis=0)
weights = np.random.normal(0, 0.6, (len(vocab), DIM)).astype(np.float32)
for w, i in vocab.items():
    if w in glove:
        weights[i] = glove[w] - centre
# fault:
weights[1] = 0
# mended:
# weights[:2] = 0
# end


def ids(tokens):
    t = [vocab.get(w, 1) for w in tokens[:MAXLEN]]
    return t + [0] * (MAXLEN - len(t)), len(t)


def encode(rows):
    a, la = zip(*(ids(r[0]) for r in rows))
    b, lb = zip(*(ids(r[1]) for r in rows))
    return torch.tensor(a), torch.tensor(la), torch.tensor(b), torch.tensor(lb), torch.tensor([r[2] / 5 for r in rows])


class DiagCosine(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(weights), freeze=True, padding_idx=0)
        self.scale = nn.Parameter(torch.ones(DIM))
        self.affine = nn.Linear(1, 1)
        nn.init.ones_(self.affine.weight)
        nn.init.zeros_(self.affine.bias)

    def side(self, x, n):
        return self.emb(x).sum(1) / n.unsqueeze(1) * self.scale

    def forward(self, a, la, b, lb):
        c = torch.cosine_similarity(self.side(a, la), self.side(b, lb))
        return self.affine(c.unsqueeze(1)).squeeze(1)


net = DiagCosine()
opt = torch.optim.Adam(filter(lambda p: p.requires_grad, net.parameters()), lr=0.02)
T = torch.utils.data.TensorDataset(*encode(train))
V = encode(dev)
for epoch in range(8):
    tot = 0.0
    for a, la, b, lb, y in torch.utils.data.DataLoader(T, batch_size=64, shuffle=True):
        loss = ((net(a, la, b, lb) - y) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(y)
    with torch.no_grad():
        p = net(*V[:4])
    print(f"epoch {epoch} train mse {tot / len(T):.4f} dev mse {((p - V[4]) ** 2).mean().item():.4f} dev pearson {pearsonr(p.numpy(), V[4].numpy())[0]:.3f}")
