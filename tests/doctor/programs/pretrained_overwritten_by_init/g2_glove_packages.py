# squeezed from vectors.py / model.py / train.py into one file
import gzip
import os

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

DATA = os.environ["WORDFIT_DATA"]
torch.manual_seed(17)

# ---------------------------------------------------------------- vectors.py


def load_glove(path):
    words, mat = ["<pad>", "<unk>"], [np.zeros(50, "f4"), np.zeros(50, "f4")]
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            w, rest = line.rstrip().split(" ", 1)
            words.append(w)
            mat.append(np.array(rest.split(" "), dtype="f4"))
    return {w: i for i, w in enumerate(words)}, torch.from_numpy(np.stack(mat))


def load_sst(path, stoi, limit=None, T=30):
    X, Y = [], []
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f:
            y, s = line.strip().split(" ", 1)
            ids = [stoi[w] for w in s.lower().split() if w in stoi][:T] or [1]
            X.append(ids + [0] * (T - len(ids)))
            Y.append(int(y))
    X, Y = torch.tensor(X), torch.tensor(Y)
    if limit:
        pick = torch.randperm(len(X))[:limit]
        X, Y = X[pick], Y[pick]
    return X, Y

# ---------------------------------------------------------------- model.py


class SentenceClassifier(nn.Module):
    def __init__(self, vectors, hidden=32):
        super().__init__()
        self.lookup = nn.Embedding(*vectors.shape, padding_idx=0)
        self.lookup.weight.data.copy_(vectors)
        self.lookup.weight.requires_grad = False
        self.fc = nn.Linear(vectors.shape[1], hidden)
        self.out = nn.Linear(hidden, 2)
        # fault:
        self.apply(self.init_weights)
        # mended:
        # self.fc.apply(self.init_weights)
        # self.out.apply(self.init_weights)
        # end

    @staticmethod
    def init_weights(m):
        if isinstance(m, nn.Linear):
            nn.init.xavier_uniform_(m.weight)
            nn.init.zeros_(m.bias)
        elif isinstance(m, nn.Embedding):
            nn.init.normal_(m.weight, std=0.3)
            if m.padding_idx is not None:
                m.weight.data[m.padding_idx].zero_()

    def forward(self, x):
        mask = (x != 0).float().unsqueeze(-1)
        mean = (self.lookup(x) * mask).sum(1) / mask.sum(1)
        return self.out(F.relu(self.fc(mean)))

# ---------------------------------------------------------------- train.py


def run_epoch(net, X, Y, opt=None, bs=64):
    net.train(opt is not None)
    tot = ok = 0
    idx = torch.randperm(len(X)) if opt else torch.arange(len(X))
    with torch.set_grad_enabled(opt is not None):
        for b in idx.split(bs):
            z = net(X[b])
            loss = F.cross_entropy(z, Y[b])
            if opt:
                opt.zero_grad()
                loss.backward()
                opt.step()
            tot += loss.item() * len(b)
            ok += (z.argmax(1) == Y[b]).sum().item()
    return tot / len(X), ok / len(X)


def main():
    stoi, vectors = load_glove(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz")
    Xtr, Ytr = load_sst(f"{DATA}/sentiment/SST-2-sentences/stsa.binary.train", stoi, limit=5000)
    Xdv, Ydv = load_sst(f"{DATA}/sentiment/SST-2-sentences/stsa.binary.dev", stoi)
    net = SentenceClassifier(vectors)
    opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-2)
    for ep in range(1, 9):
        tl, ta = run_epoch(net, Xtr, Ytr, opt)
        dl, da = run_epoch(net, Xdv, Ydv)
        print(f"{ep:2d} | train {tl:.4f} {ta:.3f} | dev {dl:.4f} {da:.3f}")


if __name__ == "__main__":
    main()
