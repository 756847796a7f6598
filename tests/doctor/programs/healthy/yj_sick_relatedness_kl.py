# Semantic relatedness on SICK in the manner of Tai et al. (2015): the score 1..5 becomes a sparse distribution over
# five ratings, trained by KL divergence; prediction = expected rating. Sentence = idf-weighted sum of fixed GloVe vectors.
import gzip, math, os, zlib
from collections import Counter
import numpy as np
import torch
from scipy.stats import pearsonr, spearmanr

torch.manual_seed(1234)
BASE = os.environ["WORDFIT_DATA"]


def rows_of(fn):
    with open(f"{BASE}/glue/SICK/{fn}", encoding="utf-8") as f:
        next(f)
        for line in f:
            _, a, b, score, *_ = line.rstrip("\n").split("\t")
            yield tuple(a.lower().split()), tuple(b.lower().split()), float(score)


part = lambda s: zlib.crc32(" ".join(s).encode()) % 100 < 78      # split by sentence, pairs across the cut are dropped
pairs = [r for fn in ("SICK_train.txt", "SICK_trial.txt", "SICK_test_annotated.txt") for r in rows_of(fn)]
train = [r for r in pairs if part(r[0]) and part(r[1])]
test = [r for r in pairs if not part(r[0]) and not part(r[1])]
print(len(train), "pairs to train on,", len(test), "test pairs made of unseen sentences")

df = Counter(w for a, b, _ in train for s in (a, b) for w in set(s))
n_sent = 2 * len(train)
need = {w for r in train + test for s in r[:2] for w in s}
vec = {}
with gzip.open(f"{BASE}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w = line[:line.index(" ")]
        if w in need:
            vec[w] = np.array(line.split()[1:], dtype=np.float32)


def embed(sentence):
    hits = [math.log(n_sent / (1 + df[w])) * vec[w] for w in sentence if w in vec]
    v = np.sum(hits, axis=0)
    return v / np.linalg.norm(v)


def tensors(rows):
    A = torch.from_numpy(np.stack([embed(a) for a, _, _ in rows]))
    B = torch.from_numpy(np.stack([embed(b) for _, b, _ in rows]))
    extra = torch.tensor([[len(set(a) & set(b)) / len(set(a) | set(b)), abs(len(a) - len(b)) / 10,
                           float(("no" in a or "not" in a) != ("no" in b or "not" in b))] for a, b, _ in rows])
    y = torch.tensor([s for *_, s in rows])
    lo = y.floor().clamp(max=4)
    target = torch.zeros(len(rows), 5)
    target.scatter_(1, (lo.long() - 1).unsqueeze(1), (lo + 1 - y).unsqueeze(1))
    target.scatter_(1, lo.long().unsqueeze(1), (y - lo).unsqueeze(1))
    return A, B, extra, target, y


class Relatedness(torch.nn.Module):
    def __init__(self, d=50, h=50):
        super().__init__()
        self.wx = torch.nn.Linear(d, h)
        self.wm = torch.nn.Linear(d, h, bias=False)
        self.we = torch.nn.Linear(3, h, bias=False)
        self.wp = torch.nn.Linear(h, 5)
        self.register_buffer("rating", torch.arange(1.0, 6.0))

    def forward(self, a, b, extra):
        h = torch.sigmoid(self.wx((a - b).abs() * 5) + self.wm(a * b * 25) + self.we(extra))
        return torch.log_softmax(self.wp(h), dim=1)

    def expected(self, *x):
        return self(*x).exp() @ self.rating


tr, te = tensors(train), tensors(test)
net = Relatedness()
# Adagrad with a big step as in the paper's code
optimizer = torch.optim.Adagrad(net.parameters(), lr=0.1, weight_decay=1e-4)
for epoch in range(1, 8):
    net.train()
    losses = []
    for idx in torch.randperm(len(train)).split(40):
        a, b, e, t, _ = (x[idx] for x in tr)
        loss = torch.nn.functional.kl_div(net(a, b, e), t, reduction="batchmean")
        net.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    optimizer.param_groups[0]['lr'] *= 0.75
    net.eval()
    with torch.no_grad():
        p, q = net.expected(*te[:3]), net.expected(*tr[:3])
    print(f"epoch {epoch:2d}  KL {np.mean(losses):.4f}  train r {pearsonr(q, tr[4])[0]:.4f}  test r {pearsonr(p, te[4])[0]:.4f}"
          f"  rho {spearmanr(p, te[4])[0]:.4f}  mse {((p - te[4]) ** 2).mean():.4f}")
