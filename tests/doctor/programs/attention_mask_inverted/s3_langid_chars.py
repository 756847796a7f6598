"""Language id on Multi30k captions (en/de/fr/cs), character level mini-transformer. My own attention, for the course project."""
import argparse
import gzip
import math
import os
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

p = argparse.ArgumentParser(description=__doc__)
p.add_argument("--langs", nargs="+", default=["en", "de", "fr", "cs"])
p.add_argument("--per_lang", type=int, default=900)
p.add_argument("--max_chars", type=int, default=26)
p.add_argument("--d_model", type=int, default=24)
p.add_argument("--heads", type=int, default=1)
p.add_argument("--epochs", type=int, default=5)
p.add_argument("--lr", type=float, default=3e-3)
p.add_argument("--batch", type=int, default=64)
opt = p.parse_args()
random.seed(0)
torch.manual_seed(0)

FOLDER = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def snippets(split, lang, start, n):
    out = []
    with gzip.open(os.path.join(FOLDER, f"{split}.{lang}.gz"), "rt", encoding="utf-8") as f:
        for k, line in enumerate(f):
            if k < start:
                continue
            # a few words out of the middle, as in a chat window
            words = line.strip().lower().split()
            a = random.randint(0, max(0, len(words) - 4))
            out.append(" ".join(words[a:a + random.randint(3, 4)])[:opt.max_chars])
            if len(out) == n:
                break
    return out


train, test = [], []
for k, lang in enumerate(opt.langs):
    train += [(s, k) for s in snippets("train", lang, k * 1000, opt.per_lang)]
    test += [(s, k) for s in snippets("val", lang, 0, 150)]
known = {s for s, _ in train}
test = [(s, k) for s, k in test if s not in known]
print("train", len(train), "test", len(test), "| e.g.", random.sample(train, 3))

chars = ["<pad>", "<cls>", "<unk>"] + sorted({c for s, _ in train for c in s})
c2i = {c: i for i, c in enumerate(chars)}
print("characters:", len(chars))


def encode(pairs):
    x = torch.zeros(len(pairs), opt.max_chars + 1, dtype=torch.long)
    for r, (s, _) in enumerate(pairs):
        ids = [1] + [c2i.get(c, 2) for c in s]
        x[r, :len(ids)] = torch.tensor(ids)
    return x, torch.tensor([k for _, k in pairs])


class SelfAttention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.h, self.dk = heads, d // heads
        self.qkv = nn.Linear(d, 3 * d)
        self.o = nn.Linear(d, d)

    def forward(self, x, mask):
        B, T, D = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.h, self.dk).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-1, -2) / math.sqrt(self.dk)
        scores = scores.masked_fill(mask[:, None, None, :], -1e9)
        out = torch.softmax(scores, dim=-1) @ v
        return self.o(out.transpose(1, 2).reshape(B, T, D))


class CharClassifier(nn.Module):
    def __init__(self, n_chars, n_out, d, heads):
        super().__init__()
        self.tok = nn.Embedding(n_chars, d, padding_idx=0)
        self.pos = nn.Parameter(torch.randn(opt.max_chars + 1, d) * 0.02)
        self.conv = nn.Conv1d(d, d, 3, padding=1)
        self.attn = SelfAttention(d, heads)
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.ReLU(), nn.Linear(2 * d, d))
        self.drop = nn.Dropout(0.2)
        self.cls = nn.Linear(d, n_out)

    def forward(self, x):
        # fault:
        mask = x != 0
        # mended:
        #mask = x == 0
        # end
        h = self.tok(x) + self.pos[:x.size(1)]
        h = h * (x != 0).unsqueeze(-1)
        h = h + F.relu(self.conv(h.transpose(1, 2))).transpose(1, 2)
        h = h + self.drop(self.attn(self.n1(h), mask))
        h = h + self.drop(self.ff(self.n2(h)))
        return self.cls(h[:, 0])


def report(model, x, y):
    model.eval()
    with torch.no_grad():
        out = model(x)
    return F.cross_entropy(out, y).item(), (out.argmax(1) == y).float().mean().item(), out.argmax(1)


xtr, ytr = encode(train)
xte, yte = encode(test)
model = CharClassifier(len(chars), len(opt.langs), opt.d_model, opt.heads)
print("parameters:", sum(q.numel() for q in model.parameters()))
optimizer = torch.optim.AdamW(model.parameters(), lr=opt.lr, weight_decay=0.01)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, opt.epochs)
for ep in range(opt.epochs):
    model.train()
    perm = torch.randperm(len(xtr))
    for b in perm.split(opt.batch):
        loss = F.cross_entropy(model(xtr[b]), ytr[b])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    sched.step()
    print("ep %2d  train %.3f / %.3f   test %.3f / %.3f" % (ep + 1, *report(model, xtr, ytr)[:2], *report(model, xte, yte)[:2]))
pred = report(model, xte, yte)[2]
for k, lang in enumerate(opt.langs):
    print(f"  recall {lang}: {(pred[yte == k] == k).float().mean():.3f}")
print(f"test accuracy: {(pred == yte).float().mean():.4f}")
