# Energy-based model over spellings: E(word) low for English words, high for everything else.
# Contrastive training: hinge on the gap + a small L2 on the energies; negatives made afresh every epoch.
import gzip, os, random
import numpy as np
import torch
from torch import nn
from sklearn.metrics import roc_auc_score

rng = random.Random(17)
torch.manual_seed(17)
path = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
lex = [l.split(" ", 1)[0] for l in gzip.open(path, "rt", encoding="utf-8")]
lex = [w for w in lex if w.isascii() and w.isalpha() and 4 <= len(w) <= 11]
rng.shuffle(lex)
everything = set(lex)
test_words, train_words = lex[:800], lex[800:4800]
L = 13                                                  # ^ word $ and fill
code = {c: i + 3 for i, c in enumerate("abcdefghijklmnopqrstuvwxyz")}


def ids(ws):
    out = np.zeros((len(ws), L), dtype=np.int64)
    for r, w in enumerate(ws):
        out[r, :len(w) + 2] = [1] + [code[c] for c in w] + [2]
    return torch.from_numpy(out)


def corrupt(w):
    for _ in range(20):
        c = list(w)
        kind = rng.randrange(3)
        if kind == 0:
            rng.shuffle(c)
        elif kind == 1:
            for p in rng.sample(range(len(c)), 2):
                c[p] = chr(97 + rng.randrange(26))
        else:
            i, j = rng.sample(range(len(c)), 2)
            c[i], c[j] = c[j], c[i]
        v = "".join(c)
        if v not in everything:
            return v
    return "q" + w[:-1]


class Energy(nn.Module):
    def __init__(self, d=20, h=32):
        super().__init__()
        self.c = nn.Embedding(29, d, padding_idx=0)
        self.f = nn.ModuleList([nn.Conv1d(d, h, k) for k in (2, 3)])
        self.e = nn.ModuleList([nn.Conv1d(h, 1, 1) for _ in self.f])

    def forward(self, x):
        z, n, total = self.c(x).transpose(1, 2), (x > 0).sum(1), 0.
        for f, e in zip(self.f, self.e):
            local = e(torch.tanh(f(z)))[:, 0]           # energy of each window
            ok = torch.arange(local.size(1))[None] < (n - f.kernel_size[0] + 1)[:, None]
            total = total + (local * ok).sum(1)          # energies add up
        return total


model = Energy()
opt = torch.optim.RMSprop(model.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, total_iters=4)
test_pos, test_neg = ids(test_words), ids([corrupt(w) for w in test_words])
pos = ids(train_words)


def auc(p, n):
    model.eval()
    with torch.no_grad():
        s = torch.cat([model(p), model(n)])
    return roc_auc_score([0] * len(p) + [1] * len(n), s.numpy()), s[:len(p)].mean().item(), s[len(p):].mean().item()


for ep in range(5):
    neg = ids([corrupt(w) for w in train_words])
    model.train()
    hist = []
    for b in torch.randperm(len(pos)).split(64):
        ep_, en = model(pos[b]), model(neg[b])
        loss = torch.relu(2.0 + ep_ - en).mean() + 0.005 * (ep_ ** 2 + en ** 2).mean()
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_value_(model.parameters(), 1.0)
        opt.step()
        hist.append(loss.item())
    sched.step()
    a, e1, e0 = auc(test_pos, test_neg)
    print(f"{ep} loss {np.mean(hist):.3f}  train AUC {auc(pos, neg)[0]:.3f}  unseen words AUC {a:.3f}  E(word) {e1:+.2f}  E(noise) {e0:+.2f}")
