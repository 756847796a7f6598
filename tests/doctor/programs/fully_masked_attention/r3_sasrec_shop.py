# next-item model for the shop competition (SASRec-ish, from my baseline notebook)
import math
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader

class CFG:
    n_items = 120
    n_groups = 12
    n_users = 1500
    max_len = 12
    dim = 32
    heads = 2
    layers = 2
    dropout = 0.1
    lr = 4e-3
    epochs = 9
    bs = 64
    seed = 2024

np.random.seed(CFG.seed)
torch.manual_seed(CFG.seed)

def simulate():
    """customers walk from shelf to shelf, mostly in the order of the shop, and pick the popular items first"""
    per = CFG.n_items // CFG.n_groups
    pop = 1.0 / np.arange(1, per + 1) ** 1.3
    pop /= pop.sum()
    rows = []
    for _ in range(CFG.n_users):
        shelf = np.random.randint(CFG.n_groups)
        jump = np.random.choice([1, 5])
        seq = []
        for _ in range(np.random.randint(4, CFG.max_len + 2)):
            seq.append(1 + shelf * per + int(np.random.choice(per, p=pop)))
            if np.random.rand() < 0.85:
                shelf = (shelf + jump) % CFG.n_groups
            else:
                shelf = np.random.randint(CFG.n_groups)
        rows.append(seq)
    return rows

class Seqs(Dataset):
    def __init__(self, rows):
        self.x = torch.zeros(len(rows), CFG.max_len, dtype=torch.long)
        self.y = torch.zeros(len(rows), CFG.max_len, dtype=torch.long)
        for i, s in enumerate(rows):
            src, tgt = s[:-1][-CFG.max_len:], s[1:][-CFG.max_len:]
            self.x[i, -len(src):] = torch.tensor(src)
            self.y[i, -len(tgt):] = torch.tensor(tgt)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]

class SelfAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(CFG.dim, 3 * CFG.dim)
        self.proj = nn.Linear(CFG.dim, CFG.dim)
        self.drop = nn.Dropout(CFG.dropout)

    def forward(self, x, blocked):
        B, T, D = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, CFG.heads, D // CFG.heads).permute(2, 0, 3, 1, 4)
        att = q @ k.transpose(-2, -1) / math.sqrt(D // CFG.heads)
        att = att.masked_fill(blocked.unsqueeze(1), float("-inf"))
        att = self.drop(F.softmax(att, dim=-1))
        return self.proj((att @ v).transpose(1, 2).reshape(B, T, D))

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(CFG.dim), nn.LayerNorm(CFG.dim)
        self.att = SelfAttention()
        self.ff = nn.Sequential(nn.Linear(CFG.dim, 2 * CFG.dim), nn.GELU(), nn.Dropout(CFG.dropout),
                                nn.Linear(2 * CFG.dim, CFG.dim))

    def forward(self, x, blocked):
        x = x + self.att(self.ln1(x), blocked)
        return x + self.ff(self.ln2(x))

class SASRec(nn.Module):
    def __init__(self):
        super().__init__()
        self.item = nn.Embedding(CFG.n_items + 1, CFG.dim, padding_idx=0)
        self.pos = nn.Parameter(torch.randn(CFG.max_len, CFG.dim) * 0.1)
        self.blocks = nn.ModuleList([Block() for _ in range(CFG.layers)])
        self.ln = nn.LayerNorm(CFG.dim)
        self.head = nn.Linear(CFG.dim, CFG.n_items + 1)

    def forward(self, x):
        T = x.size(1)
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        blocked = future | (x == 0).unsqueeze(1)
        # fault:
        # mended:
        #blocked = blocked & ~torch.eye(T, dtype=torch.bool)
        # end
        h = self.item(x) + self.pos
        for block in self.blocks:
            h = block(h, blocked)
        return self.head(self.ln(h))

def run_eval(model, dl):
    model.eval()
    ce, n, hit1, hit5, rows = 0.0, 0, 0, 0, 0
    with torch.no_grad():
        for x, y in dl:
            out = model(x)
            ce += F.cross_entropy(out.flatten(0, 1), y.flatten(), ignore_index=0, reduction="sum").item()
            n += (y != 0).sum().item()
            top = out[:, -1].topk(5).indices
            hit1 += (top[:, 0] == y[:, -1]).sum().item()
            hit5 += (top == y[:, -1:]).any(1).sum().item()
            rows += len(x)
    return ce / n, hit1 / rows, hit5 / rows

rows = simulate()
cut = int(0.85 * len(rows))
train_dl = DataLoader(Seqs(rows[:cut]), batch_size=CFG.bs, shuffle=True)
valid_dl = DataLoader(Seqs(rows[cut:]), batch_size=256)
model = SASRec()
opt = torch.optim.AdamW(model.parameters(), lr=CFG.lr, weight_decay=0.05)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, CFG.lr, total_steps=CFG.epochs * len(train_dl))
print(f"users {cut}/{len(rows) - cut}  params {sum(p.numel() for p in model.parameters())}")

for epoch in range(CFG.epochs):
    model.train()
    tot = 0.0
    for x, y in train_dl:
        loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten(), ignore_index=0)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        tot += loss.item()
    vl, h1, h5 = run_eval(model, valid_dl)
    print(f"ep {epoch}  train {tot / len(train_dl):.4f}  valid {vl:.4f}  hit@1 {h1:.3f}  hit@5 {h5:.3f}")

pop = np.bincount([i for r in rows[:cut] for i in r[1:]], minlength=CFG.n_items + 1).argsort()[::-1][:5]
base = np.mean([r[-1] in pop for r in rows[cut:]])
print(f"final hit@1 {h1:.3f} hit@5 {h5:.3f}   (most popular five: {base:.3f})")
