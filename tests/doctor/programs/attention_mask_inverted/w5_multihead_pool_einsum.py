"""Multi-head attention pooling, written with einsum, over frozen GloVe; own trainer with callbacks."""
import os, gzip
import numpy as np
import torch
from torch import nn, einsum

D = os.environ["WORDFIT_DATA"]
np.random.seed(21); torch.manual_seed(21)


def load_glove(path):
    vocab, vecs = {}, []
    for line in gzip.open(path, "rt", encoding="utf-8"):
        p = line.split(" ")
        vocab[p[0]] = len(vocab) + 1
        vecs.append(np.array(p[1:], dtype="f4"))
    return vocab, np.vstack([np.zeros((1, len(vecs[0])), "f4")] + vecs)


def sst(name, lo, n=None):
    with open(f"{D}/glue/SST-2/{name}.tsv", encoding="utf-8") as f:
        next(f)
        rows = [l.rstrip("\n").split("\t") for l in f]
    rows = [(t.split(), int(y)) for t, y in rows]
    rows = [r for r in rows if len(r[0]) >= lo]
    pick = np.random.permutation(len(rows))[:n]
    return [rows[i] for i in pick]


vocab, table = load_glove(f"{D}/vectors/glove.6B.50d.top10361.txt.gz")
T = 40


def tensorise(rows):
    x = np.zeros((len(rows), T), dtype=np.int64)
    for i, (toks, _) in enumerate(rows):
        k = [vocab[t] for t in toks if t in vocab][:T] or [vocab["."]]
        x[i, :len(k)] = k
    return torch.from_numpy(x), torch.tensor([y for _, y in rows])


class MultiHeadPool(nn.Module):
    def __init__(self, d, heads=4, dh=16):
        super().__init__()
        self.q = nn.Parameter(torch.randn(heads, dh) * dh ** -.5)
        self.wk = nn.Parameter(torch.randn(heads, d, dh) * d ** -.5)
        self.wv = nn.Parameter(torch.randn(heads, d, dh) * d ** -.5)

    def forward(self, x, is_pad):
        k = einsum("btd,hde->bhte", x, self.wk)
        v = einsum("btd,hde->bhte", x, self.wv)
        score = einsum("he,bhte->bht", self.q, k)
        # fault:
        score = score.masked_fill(~is_pad[:, None, :], -1e4)
        # mended:
        # score = score.masked_fill(is_pad[:, None, :], -1e4)
        # end
        return einsum("bht,bhte->bhe", score.softmax(-1), v).flatten(1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.vectors = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=True, padding_idx=0)
        self.pool = MultiHeadPool(table.shape[1])
        self.cls = nn.Sequential(nn.Dropout(.3), nn.Linear(64, 2))

    def forward(self, ids):
        return self.cls(self.pool(self.vectors(ids), ids == 0))


class History:
    def __init__(self): self.rows = []
    def on_epoch(self, tr, **kw):
        self.rows.append(kw); print("  ".join(f"{k}={v:.4f}" if isinstance(v, float) else f"{k}={v}" for k, v in kw.items()))


class HalveRate:
    def __init__(self, after): self.after = after
    def on_epoch(self, tr, epoch, **kw):
        if epoch >= self.after:
            for g in tr.opt.param_groups: g["lr"] *= .5


class Trainer:
    def __init__(self, net, callbacks, lr=3e-3, bs=64):
        self.net, self.callbacks, self.bs = net, callbacks, bs
        self.opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=lr)
        self.crit = nn.CrossEntropyLoss()

    def run(self, train, dev, epochs):
        x, y = train
        for e in range(1, epochs + 1):
            self.net.train(); s = 0.
            for b in torch.randperm(len(x)).split(self.bs):
                self.opt.zero_grad()
                loss = self.crit(self.net(x[b]), y[b])
                loss.backward(); self.opt.step()
                s += loss.item() * len(b)
            for c in self.callbacks:
                c.on_epoch(self, epoch=e, loss=s / len(x), train=self.acc(x, y), dev=self.acc(*dev))

    @torch.no_grad()
    def acc(self, x, y):
        self.net.eval()
        return (torch.cat([self.net(c) for c in x.split(500)]).argmax(1) == y).float().mean().item()


train, dev = tensorise(sst("train", 7, 4000)), tensorise(sst("dev", 2))
t = Trainer(Net(), [History(), HalveRate(2)])
t.run(train, dev, 4)
final = t.callbacks[0].rows[-1]
print("dev accuracy %.3f, majority %.3f" % (final["dev"], max(dev[1].float().mean(), 1 - dev[1].float().mean())))
