"""Small character Transformer on the Brown corpus: pre-norm, causal, tied input/output table, label smoothing."""
import gzip
import math
import os

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1961)
CTX, DIM, HEADS, LAYERS, STEPS, BATCH = 48, 64, 4, 2, 420, 24

with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "corpora", "brown.txt.gz"), "rt", encoding="utf-8") as f:
    text = "".join(line.lower() for _, line in zip(range(6000), f))
alphabet = sorted(set(text))
ids = torch.tensor([alphabet.index(c) for c in text])
cut = int(0.92 * len(ids))
train_ids, dev_ids = ids[:cut], ids[cut:]


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.n1, self.n2 = nn.LayerNorm(DIM), nn.LayerNorm(DIM)
        self.qkv = nn.Linear(DIM, 3 * DIM, bias=False)
        self.proj = nn.Linear(DIM, DIM)
        self.ff = nn.Sequential(nn.Linear(DIM, 4 * DIM), nn.GELU(), nn.Linear(4 * DIM, DIM))
        self.drop = nn.Dropout(0.05)

    def forward(self, x):
        b, t, _ = x.shape
        q, k, v = (u.view(b, t, HEADS, -1).transpose(1, 2) for u in self.qkv(self.n1(x)).chunk(3, -1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.drop(self.proj(y.transpose(1, 2).reshape(b, t, -1)))
        return x + self.drop(self.ff(self.n2(x)))


class CharLM(nn.Module):
    def __init__(self, v):
        super().__init__()
        self.tok = nn.Embedding(v, DIM)
        self.pos = nn.Parameter(torch.randn(CTX, DIM) * 0.02)
        self.blocks = nn.Sequential(*[Block() for _ in range(LAYERS)])
        self.norm = nn.LayerNorm(DIM)
        self.head = nn.Linear(DIM, v, bias=False)
        nn.init.normal_(self.tok.weight, std=0.04)
        self.head.weight = self.tok.weight

    def forward(self, x):
        return self.head(self.norm(self.blocks(self.tok(x) + self.pos[: x.size(1)])))


def windows(data, n):
    at = torch.randint(0, len(data) - CTX - 1, (n,))
    rows = torch.stack([data[i:i + CTX + 1] for i in at.tolist()])
    return rows[:, :-1], rows[:, 1:]


lm = CharLM(len(alphabet))
decay = [p for p in lm.parameters() if p.dim() >= 2]
plain = [p for p in lm.parameters() if p.dim() < 2]
opt = torch.optim.AdamW([{"params": decay, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}], lr=3e-3, betas=(0.9, 0.95))
lr_at = lambda s: min(1.0, (s + 1) / 40) * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * s / STEPS)))
sched = torch.optim.lr_scheduler.LambdaLR(opt, lr_at)
freq = torch.bincount(train_ids, minlength=len(alphabet)).float() + 1
print(f"{len(alphabet)} characters; unigram {-(freq / freq.sum()).log()[dev_ids].mean() / math.log(2):.3f} bits")

dev_x, dev_y = zip(*[(dev_ids[i:i + CTX], dev_ids[i + 1:i + CTX + 1]) for i in range(0, len(dev_ids) - CTX - 1, CTX * 6)])
dev_x, dev_y = torch.stack(dev_x), torch.stack(dev_y)
for step in range(1, STEPS + 1):
    lm.train()
    x, y = windows(train_ids, BATCH)
    loss = F.cross_entropy(lm(x).flatten(0, 1), y.flatten(), label_smoothing=0.02)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
    opt.step()
    sched.step()
    if step % 70 == 0:
        lm.eval()
        with torch.no_grad():
            bits = F.cross_entropy(lm(dev_x).flatten(0, 1), dev_y.flatten()).item() / math.log(2)
        print(f"step {step:4d}  loss {loss.item():.3f}  dev {bits:.3f} bits per character")
