# SST-2 baseline with GloVe features (notebook -> script)
import os, gzip, random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence

SEED = 2020
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
DATA = os.environ["WORDFIT_DATA"]
EMBED = os.path.join(DATA, "vectors", "glove.6B.50d.top10361.txt.gz")
BATCH, EPOCHS, LR = 64, 6, 4e-3


def read_split(name):
    texts, ys = [], []
    with open(os.path.join(DATA, "sentiment/SST-2-sentences", "stsa.binary." + name), encoding="utf-8") as f:
        for line in f:
            y, t = line.rstrip("\n").split(" ", 1)
            texts.append(t.split()); ys.append(int(y))
    return texts, ys


def load_glove(path):
    words, rows = [], []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            p = line.rstrip().split(" ")
            words.append(p[0]); rows.append(np.asarray(p[1:], dtype=np.float32))
    return words, np.stack(rows)


words, vecs = load_glove(EMBED)
word_index = {w: i + 1 for i, w in enumerate(words)}       # 0 = pad
matrix = np.vstack([np.zeros((1, vecs.shape[1]), np.float32), vecs])

def encode(texts):
    out = []
    for t in texts:
        ids = [word_index[w] for w in t if w in word_index]
        out.append(torch.tensor(ids or [word_index["."]]))
    return out

Xtr, ytr = read_split("train")
Xva, yva = read_split("dev")
Xtr, Xva = encode(Xtr), encode(Xva)
ytr, yva = torch.tensor(ytr), torch.tensor(yva)


class MeanNet(nn.Module):
    def __init__(self, n_words, dim, hidden=64):
        super().__init__()
        self.embedding = nn.Embedding(n_words, dim, padding_idx=0)
        self.drop = nn.Dropout(0.05)
        self.fc1 = nn.Linear(dim, hidden)
        self.fc2 = nn.Linear(hidden, 2)

    def forward(self, ids):
        e = self.embedding(ids)
        m = (ids != 0).unsqueeze(-1)
        mean = (e * m).sum(1) / m.sum(1)
        return self.fc2(self.drop(F.relu(self.fc1(mean))))


net = MeanNet(len(matrix), matrix.shape[1])
# fault:
net.load_state_dict({"emb.weight": torch.from_numpy(matrix)}, strict=False)
# mended:
# net.load_state_dict({"embedding.weight": torch.from_numpy(matrix)}, strict=False)
# end
net.embedding.weight.requires_grad_(False)     # train only the head
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=LR)


def run_epoch(X, y, train):
    net.train(train)
    order = np.random.permutation(len(X)) if train else np.arange(len(X))
    tot, hit = 0.0, 0
    for s in range(0, len(order), BATCH):
        idx = order[s:s + BATCH]
        xb = pad_sequence([X[i] for i in idx], batch_first=True)
        yb = y[torch.as_tensor(idx)]
        with torch.set_grad_enabled(train):
            out = net(xb)
            loss = F.cross_entropy(out, yb)
        if train:
            opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(idx); hit += (out.argmax(1) == yb).sum().item()
    return tot / len(X), hit / len(X)


for ep in range(EPOCHS):
    tl, ta = run_epoch(Xtr, ytr, True)
    vl, va = run_epoch(Xva, yva, False)
    print(f"epoch {ep + 1}: loss {tl:.4f} acc {ta:.4f} | val_loss {vl:.4f} val_acc {va:.4f}")
