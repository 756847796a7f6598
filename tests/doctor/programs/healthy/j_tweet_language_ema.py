"""Which language is this tweet? char n-gram hashing, EmbeddingBag, EMA of the weights.

Was: kaggle kernel "langid-baseline-0.96", v14.
"""
import copy, os, re, zlib, time
from pathlib import Path
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F

base = Path(os.environ["WORDFIT_DATA"]) / "sentiment" / "umsab-multilingual"
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
BUCKETS = 1 << 14
t0 = time.time()
torch.manual_seed(7)
rng = np.random.default_rng(7)


def clean(s):
    return re.sub(r"https?|@user|http|#\S+", " ", s.lower())[:90]


def featurize(s):
    s = " " + " ".join(clean(s).split()) + " "
    grams = {s[i:i + n] for n in (1, 2, 3) for i in range(len(s) - n + 1)}
    return [zlib.crc32(g.encode()) % BUCKETS for g in grams] or [0]


def load(split, limit):
    X, Y = [], []
    for k, lang in enumerate(LANGS):
        for line in open(base / lang / f"{split}_text.txt", encoding="utf-8").read().split("\n")[:limit]:
            if len(clean(line).split()) >= 3:
                X.append(featurize(line)); Y.append(k)
    return X, np.array(Y)


trX, trY = load("train", 500)
vaX, vaY = load("val", 200)
print(len(trX), "train", len(vaX), "val", f"{time.time()-t0:.1f}s")


def to_bag(rows):
    off = np.cumsum([0] + [len(r) for r in rows[:-1]])
    return torch.tensor([g for r in rows for g in r]), torch.tensor(off)


class LangID(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, d, mode="mean", sparse=True)
        nn.init.normal_(self.bag.weight, std=0.1)
        self.fc = nn.Linear(d, len(LANGS))

    def forward(self, flat, off):
        return self.fc(self.bag(flat, off))


model = LangID()
ema = copy.deepcopy(model).requires_grad_(False).eval()   # shadow copy, never sees an optimizer
sparse_opt = torch.optim.SparseAdam(model.bag.parameters(), lr=1e-2)
dense_opt = torch.optim.Adam(model.fc.parameters(), lr=1e-2)
DECAY = 0.98


@torch.no_grad()
def update_ema():
    for s, p in zip(ema.parameters(), model.parameters()):
        s.mul_(DECAY).add_(p, alpha=1 - DECAY)


@torch.no_grad()
def accuracy(m, X, Y):
    return (m(*to_bag(X)).argmax(1).numpy() == Y).mean()


for epoch in range(4):
    order = rng.permutation(len(trX)); run = []
    model.train()
    for i in range(0, len(order), 64):
        idx = order[i:i + 64]
        flat, off = to_bag([trX[j] for j in idx])
        loss = F.cross_entropy(model(flat, off), torch.from_numpy(trY[idx]), label_smoothing=0.05)
        sparse_opt.zero_grad(); dense_opt.zero_grad()
        loss.backward()
        sparse_opt.step(); dense_opt.step()
        update_ema(); run.append(loss.item())
    model.eval()
    print(f"epoch {epoch}  loss {np.mean(run):.3f}  val {accuracy(model, vaX, vaY):.4f}  val(ema) {accuracy(ema, vaX, vaY):.4f}")

print("train(ema) %.4f  val(ema) %.4f" % (accuracy(ema, trX, trY), accuracy(ema, vaX, vaY)))
