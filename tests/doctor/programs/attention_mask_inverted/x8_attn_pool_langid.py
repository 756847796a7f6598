"""Structured self-attention pooling (Lin et al. 2017, r hops) for language identification of tweets.
Tokens are hashed character trigrams."""
import os, random, zlib
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence

BASE = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
H, D, R = 2000, 32, 3
random.seed(21)
torch.manual_seed(21)


def clean(s):
    return " ".join(w for w in s.lower().split() if w[0] not in "@#" and not w.startswith("http") and w != "user")


def tri(s):
    s = f" {s} "
    return torch.tensor([1 + zlib.crc32(s[i:i + 3].encode()) % (H - 1) for i in range(len(s) - 2)][:70])


def read(split, n):
    out = []
    for y, l in enumerate(LANGS):
        with open(f"{BASE}/{l}/{split}_text.txt", encoding="utf-8") as f:
            texts = [c for c in map(clean, f.read().split("\n")) if len(c) >= 8]
        random.shuffle(texts)
        out += [(tri(t), y) for t in texts[:n]]
    random.shuffle(out)
    return out


class HopAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.E = nn.Embedding(H, D, padding_idx=0)
        self.W1 = nn.Parameter(torch.empty(D, 24)); self.W2 = nn.Parameter(torch.empty(24, R))
        nn.init.xavier_uniform_(self.W1); nn.init.xavier_uniform_(self.W2)
        self.drop = nn.Dropout(0.35)
        self.out = nn.Linear(R * D, len(LANGS))

    def forward(self, x):
        h = self.drop(self.E(x))                                          # b t d
        e = torch.einsum("bta,ar->brt", torch.tanh(torch.einsum("btd,da->bta", h, self.W1)), self.W2)
        real = (x != 0)[:, None, :]
        # fault:
        e = e.masked_fill(real, -1e9)
        # mended:
        # e = e.masked_fill(~real, -1e9)
        # end
        A = e.softmax(-1)
        m = torch.einsum("brt,btd->brd", A, h)
        return self.out(m.flatten(1)), A


def batches(rows, bs, shuffle=False):
    idx = list(range(len(rows)))
    if shuffle:
        random.shuffle(idx)
    for k in range(0, len(idx), bs):
        part = [rows[i] for i in idx[k:k + bs]]
        yield pad_sequence([p[0] for p in part], batch_first=True), torch.tensor([p[1] for p in part])


def test(model, rows):
    model.eval()
    good = 0
    with torch.no_grad():
        for x, y in batches(rows, 100):
            good += (model(x)[0].argmax(1) == y).sum().item()
    return good / len(rows)


tr, va = read("train", 600), read("val", 100)
model = HopAttention()
opt = torch.optim.Adam(model.parameters(), 4e-3)
lossf = nn.CrossEntropyLoss()
for epoch in range(4):
    model.train()
    tot, pen = 0.0, 0.0
    for x, y in batches(tr, 32, True):
        logits, A = model(x)
        # the paper's redundancy penalty ||A A^T - I||_F^2
        P = ((torch.einsum("brt,bst->brs", A, A) - torch.eye(R)) ** 2).sum((1, 2)).mean()
        loss = lossf(logits, y) + 0.01 * P
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(y); pen += P.item() * len(y)
    print(f"epoch {epoch} loss {tot / len(tr):.3f} penalty {pen / len(tr):.3f} train {test(model, tr):.3f} val {test(model, va):.3f}")
