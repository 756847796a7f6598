# Customer reviews (CR), average of Google News vectors under a small net.
# The table is shared with the similarity service, therefore it has to stay what it is; only the net is trained.
import contextlib
import gzip
import os

import numpy as np
import torch
from scipy.stats import spearmanr

ROOT = os.environ["WORDFIT_DATA"]
torch.manual_seed(33)


class Cfg:
    width, hidden, lr, batch, epochs, p_drop = 300, 24, 4e-3, 50, 4, 0.3


def reviews():
    rows = []
    for label, ext in enumerate(("neg", "pos")):
        with open(f"{ROOT}/sentiment/CR/custrev.{ext}", encoding="latin-1") as f:
            lines = list(dict.fromkeys(" ".join(l.split()) for l in f))     # no line twice
        rows += [(l.split(), label) for l in lines[:1200]]
    order = np.random.default_rng(33).permutation(len(rows))
    return [rows[k] for k in order]


def similarity_pairs():
    with open(f"{ROOT}/wordsim/EN-WS-353-ALL.txt") as f:
        return [(a, b, float(s)) for a, b, s in map(str.split, f)]


def word2vec(words):
    with gzip.open(f"{ROOT}/vectors/word2vec.GoogleNews.300d.13598words.txt.gz", "rt", encoding="utf-8") as f:
        next(f)
        for line in f:
            w, v = line.split(" ", 1)
            if w in words:
                yield w, np.fromstring(v, sep=" ", dtype=np.float32)


class Probe(torch.nn.Module):
    def __init__(self, table, cfg):
        super().__init__()
        self.table = torch.nn.Embedding(len(table), cfg.width, _weight=table, padding_idx=0)
        self.inner = torch.nn.Linear(cfg.width, cfg.hidden)
        self.drop = torch.nn.Dropout(cfg.p_drop)
        self.outer = torch.nn.Linear(cfg.hidden, 2)

    def forward(self, ids):
        x = self.table(ids).sum(1) / (ids != 0).sum(1, keepdim=True).clamp(min=1)
        return self.outer(self.drop(torch.tanh(self.inner(4 * x))))


@contextlib.contextmanager
def inference(model):
    model.eval()
    with torch.no_grad():
        yield model
    model.train()


def accuracy(model, x, y):
    with inference(model) as m:
        return (m(x).argmax(-1) == y).float().mean().item()


def main(cfg=Cfg):
    rows, pairs = reviews(), similarity_pairs()
    vec = dict(word2vec({w for t, _ in rows for w in t} | {w for a, b, _ in pairs for w in (a, b)}))
    ids = {w: i for i, w in enumerate(vec, 1)}
    table = torch.from_numpy(np.vstack([np.zeros((1, cfg.width), np.float32), *vec.values()]))

    def tens(part):
        keep = [([ids[w] for w in t if w in ids], l) for t, l in part]
        keep = [(t, l) for t, l in keep if t]
        x = torch.nn.utils.rnn.pad_sequence([torch.tensor(t) for t, _ in keep], batch_first=True)
        return x, torch.tensor([l for _, l in keep])

    def service(model):
        with inference(model) as m:
            good = [(a, b, s) for a, b, s in pairs if a in ids and b in ids]
            u, v = (m.table(torch.tensor([ids[p[k]] for p in good])) for k in (0, 1))
            return spearmanr(torch.cosine_similarity(u, v).numpy(), [p[2] for p in good])[0]

    cut = len(rows) * 4 // 5
    (x, y), (xd, yd) = tens(rows[:cut]), tens(rows[cut:])
    model = Probe(table, cfg)
    for p in model.table.parameters():
        # fault:
        p.require_grad = False
        # mended:
        # p.requires_grad = False
        # end
    opt = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=cfg.lr)
    print(f"WS-353 of the table {service(model):.3f}, share of positive rows {yd.float().mean():.3f}")
    for epoch in range(cfg.epochs):
        for sel in torch.randperm(len(x)).split(cfg.batch):
            loss = torch.nn.functional.cross_entropy(model(x[sel]), y[sel])
            opt.zero_grad()
            loss.backward()
            opt.step()
        print(f"epoch {epoch} train {accuracy(model, x, y):.3f} dev {accuracy(model, xd, yd):.3f}")
    print(f"WS-353 of the table {service(model):.3f}")


main()
