# Softmax regression by hand: no autograd, no optimizer object. Four languages, hashed letter pairs/triples.
import gzip
import os
import zlib

import torch

torch.set_grad_enabled(False)
gen = torch.Generator().manual_seed(42)
folder = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/multi30k")
LANG = ("cs", "de", "en", "fr")
B = 1024


def features(line):
    x = torch.zeros(B)
    line = " " + line.strip().lower() + " "
    for k in (2, 3):
        for i in range(len(line) - k + 1):
            x[zlib.crc32(line[i:i + k].encode("utf8")) % B] += 1
    return x / x.norm()


X, Y = [], []
for y, lang in enumerate(LANG):
    with gzip.open(os.path.join(folder, f"val.{lang}.gz"), "rt", encoding="utf8") as f:
        for i, line in zip(range(250), f):
            X.append(features(line[:40]))
            Y.append(y)
X, Y = torch.stack(X), torch.tensor(Y)
# the same caption number is one picture in all four languages: split by picture
picture = torch.arange(250).repeat(4)
test = picture % 5 == 0
Xtr, Ytr, Xte, Yte = X[~test], Y[~test], X[test], Y[test]

W = torch.zeros(B, 4)
c = torch.zeros(4)
vW, vc = torch.zeros_like(W), torch.zeros_like(c)
LR, MU = 2.0, 0.9

for epoch in range(8):
    nll = 0.0
    for rows in torch.randperm(len(Xtr), generator=gen).split(32):
        x, y = Xtr[rows], Ytr[rows]
        logp = torch.log_softmax(x @ W + c, 1)
        nll -= logp[torch.arange(len(y)), y].sum().item()
        g = logp.exp()
        g[torch.arange(len(y)), y] -= 1          # d loss / d logits
        g /= len(y)
        vW.mul_(MU).add_(x.t() @ g + 1e-4 * W)
        vc.mul_(MU).add_(g.sum(0))
        W -= LR * vW * (1 - epoch / 8)
        c -= LR * vc * (1 - epoch / 8)
    a = ((Xtr @ W + c).argmax(1) == Ytr).float().mean()
    b = ((Xte @ W + c).argmax(1) == Yte).float().mean()
    print(f"{epoch} nll {nll / len(Xtr):.4f} train {a:.4f} test {b:.4f}")
