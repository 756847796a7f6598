"""SimCLR on token bags: two random crops of a document are a positive pair.
No labels are touched in pretraining; afterwards a logistic probe reads the frozen vectors."""
import math
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression

SEED, TOPICS, VOCAB, LEN = 13, 8, 800, 24
rs = np.random.RandomState(SEED)
torch.manual_seed(SEED)


def corpus(n):
    own = rs.permutation(VOCAB)[: TOPICS * 80].reshape(TOPICS, 80) if not hasattr(corpus, "own") else corpus.own
    corpus.own = own
    y = rs.randint(0, TOPICS, n)
    docs = rs.randint(0, VOCAB, (n, LEN))
    themed = rs.rand(n, LEN) < 0.6
    docs[themed] = own[np.repeat(y, LEN).reshape(n, LEN)[themed], rs.randint(0, 80, themed.sum())]
    return torch.as_tensor(docs), y


class Encoder(nn.Module):
    def __init__(self, d=64, proj=32):
        super().__init__()
        self.bag = nn.EmbeddingBag(VOCAB, d, mode="mean")
        self.body = nn.Sequential(nn.Linear(d, d), nn.ReLU())
        self.head = nn.Sequential(nn.Linear(d, d), nn.ReLU(), nn.Linear(d, proj))

    def forward(self, ids):
        return self.body(self.bag(ids))


def crop(ids, keep=12):
    pick = torch.rand(ids.shape).argsort(1)[:, :keep]
    return ids.gather(1, pick)


def nt_xent(a, b, tau=0.5):
    z = F.normalize(torch.cat([a, b]), dim=1)
    sim = z @ z.t() / tau
    sim.fill_diagonal_(-1e9)
    n = len(a)
    target = torch.cat([torch.arange(n) + n, torch.arange(n)])
    return F.cross_entropy(sim, target)


def probe(enc):
    enc.eval()
    with torch.no_grad():
        f, g = enc(train_x).numpy(), enc(test_x).numpy()
    clf = LogisticRegression(max_iter=400, C=10.0).fit(f, train_y)
    return clf.score(f, train_y), clf.score(g, test_y)


train_x, train_y = corpus(5000)
test_x, test_y = corpus(1000)
enc = Encoder()
print("probe before pretraining  train %.3f  test %.3f" % probe(enc))
opt = torch.optim.Adam(enc.parameters(), lr=3e-3)
EPOCHS, BS = 6, 250
total = EPOCHS * (len(train_x) // BS)
step = 0
for ep in range(EPOCHS):
    enc.train()
    tot = 0.0
    for ix in torch.randperm(len(train_x)).split(BS):
        for g in opt.param_groups:
            g["lr"] = 3e-3 * 0.5 * (1 + math.cos(math.pi * step / total))
        x = train_x[ix]
        loss = nt_xent(enc.head(enc(crop(x))), enc.head(enc(crop(x))))
        opt.zero_grad()
        loss.backward()
        opt.step()
        step += 1
        tot += loss.item() * len(ix)
    print(f"epoch {ep + 1:2d}  nt-xent {tot / len(train_x):.4f}   (log 2N-1 = {math.log(2 * BS - 1):.3f})")
print("probe after pretraining   train %.3f  test %.3f" % probe(enc))
