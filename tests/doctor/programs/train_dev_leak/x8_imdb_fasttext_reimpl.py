# Reimplementation of fastText's classifier (Joulin et al. 2016), hashed unigrams,
# on a slice of IMDB.  We report dev (random slice) and rows put aside from the start.
import gzip, os, re, zlib, itertools
import numpy as np
import torch
from torch import nn

ROOT = os.environ["WORDFIT_DATA"] + "/sentiment/imdb/"
BUCKETS = 1 << 11


def read(fname, n, residues):
    per_class = {"0": [], "1": [], "neg": [], "pos": []}
    with gzip.open(ROOT + fname, "rt", encoding="utf-8") as fh:
        for k, line in enumerate(fh):
            if k % 20 not in residues:
                continue
            lab, _, _, txt = line.rstrip("\n").split("\t", 3)
            if lab in per_class:
                per_class[lab].append(txt)
    rows = []
    for lab, txts in per_class.items():
        y = 1.0 if lab in ("1", "pos") else 0.0
        rows += [(t, y) for t in txts[: n // 2]]
    return rows


def feats(text):
    toks = re.findall(r"[a-z']+", text.lower().replace("<br />", " "))[:200]
    return [zlib.crc32(g.encode()) % BUCKETS for g in toks]


def pack(rows):
    fs = [torch.tensor(f) for f, _ in rows]
    offs = torch.tensor([0] + [len(f) for f in fs[:-1]]).cumsum(0)
    return torch.cat(fs), offs, torch.tensor([y for _, y in rows])


class FastText(nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, dim, mode="mean")
        nn.init.uniform_(self.bag.weight, -1 / dim, 1 / dim)
        self.head = nn.Linear(dim, 1)

    def forward(self, ids, offs):
        return self.head(self.bag(ids, offs)).squeeze(1)


def accuracy(net, rows):
    net.eval()
    with torch.no_grad():
        ids, offs, y = pack(rows)
        return ((net(ids, offs) > 0).float() == y).float().mean().item()


def main(seed=3):
    np.random.seed(seed)
    torch.manual_seed(seed)
    pool = [(feats(t), y) for t, y in read("train.tsv.gz", 5000, (0, 7, 9, 14))]
    test = [(feats(t), y) for t, y in read("train.tsv.gz", 1000, (3,))]
    n, cut = len(pool), int(0.8 * len(pool))
    # fault:
    train = [pool[i] for i in np.random.permutation(n)[:cut]]
    dev = [pool[i] for i in np.random.permutation(n)[cut:]]
    # mended:
    # order = np.random.permutation(n)
    # train = [pool[i] for i in order[:cut]]
    # dev = [pool[i] for i in order[cut:]]
    # end
    print("train/dev/test", len(train), len(dev), len(test))
    net = FastText()
    opt = torch.optim.Adam(net.parameters(), lr=0.006, weight_decay=1e-5)
    crit = nn.BCEWithLogitsLoss()
    for ep in range(3):
        net.train()
        perm = np.random.permutation(len(train))
        running = []
        for s in range(0, len(perm), 32):
            ids, offs, y = pack([train[j] for j in perm[s:s + 32]])
            loss = crit(net(ids, offs), y)
            opt.zero_grad(); loss.backward(); opt.step()
            running.append(loss.item())
        print(f"ep {ep} loss {np.mean(running):.3f} train {accuracy(net, train):.3f} "
              f"dev {accuracy(net, dev):.3f}")
    print("put-aside accuracy %.3f" % accuracy(net, test))


main()
