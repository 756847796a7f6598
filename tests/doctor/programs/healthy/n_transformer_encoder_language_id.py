"""Transformer encoder written out step by step (course notes, week 6).
Task: which of four languages is this Multi30k caption snippet written in? Characters as tokens."""
import gzip, math, os, random, itertools
import torch
from torch import nn

torch.manual_seed(0); random.seed(0)
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGS = ["en", "de", "fr", "cs"]
WIDTH = 24

def read(split, n):
    rows = []
    for y, lang in enumerate(LANGS):
        with gzip.open(f"{ROOT}/{split}.{lang}.gz", "rt", encoding="utf-8") as f:
            for line in itertools.islice(f, n):
                line = line.strip().lower()
                start = random.randint(0, max(0, len(line) - WIDTH))
                rows.append((line[start:start + random.randint(16, WIDTH)], y))
    random.shuffle(rows)
    return rows

train_rows, test_rows = read("train", 600), read("val", 120)
chars = sorted({c for t, _ in train_rows for c in t})
stoi = {c: i + 2 for i, c in enumerate(chars)}        # 0 padding, 1 unknown

def tensorise(rows):
    x = torch.zeros(len(rows), WIDTH, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        x[i, :len(t)] = torch.tensor([stoi.get(c, 1) for c in t])
    return x, torch.tensor([y for _, y in rows])

class Head(nn.Module):
    def __init__(self, d, k):
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(d, k, bias=False) for _ in range(3))
    def forward(self, x, keep):
        s = self.q(x) @ self.k(x).transpose(-2, -1) / math.sqrt(self.q.out_features)
        s = s.masked_fill(~keep[:, None, :], float("-inf"))
        return s.softmax(-1) @ self.v(x)

class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = nn.ModuleList(Head(d, d // heads) for _ in range(heads))
        self.proj = nn.Linear(d, d)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.drop = nn.Dropout(0.1)
    def forward(self, x, keep):
        z = self.ln1(x)
        x = x + self.drop(self.proj(torch.cat([h(z, keep) for h in self.heads], -1)))
        return x + self.drop(self.ff(self.ln2(x)))

class Encoder(nn.Module):
    def __init__(self, n, d=24, heads=2, layers=2, classes=4):
        super().__init__()
        self.tok = nn.Embedding(n, d, padding_idx=0)
        pe, pos = torch.zeros(WIDTH, d), torch.arange(WIDTH)[:, None]
        div = torch.exp(torch.arange(0, d, 2) * (-math.log(10000.0) / d))
        pe[:, 0::2], pe[:, 1::2] = torch.sin(pos * div), torch.cos(pos * div)
        self.register_buffer("pe", pe)
        self.blocks = nn.ModuleList(Block(d, heads) for _ in range(layers))
        self.ln = nn.LayerNorm(d)
        self.out = nn.Linear(d, classes)
    def forward(self, x):
        keep = x.ne(0)
        h = self.tok(x) + self.pe
        for b in self.blocks:
            h = b(h, keep)
        h = self.ln(h).masked_fill(~keep[..., None], 0.0)
        return self.out(h.sum(1) / keep.sum(1, keepdim=True))

Xtr, ytr = tensorise(train_rows)
Xte, yte = tensorise(test_rows)
net = Encoder(len(stoi) + 2)
EPOCHS, BS = 4, 48
steps = EPOCHS * (len(Xtr) // BS)
opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.01)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=4e-3, total_steps=steps, pct_start=0.2)
ce = nn.CrossEntropyLoss()

@torch.no_grad()
def accuracy(X, y):
    net.eval()
    return (net(X).argmax(-1) == y).float().mean().item()

for ep in range(EPOCHS):
    net.train()
    running = 0
    for idx in torch.randperm(len(Xtr)).split(BS):
        loss = ce(net(Xtr[idx]), ytr[idx])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step(); sched.step()
        running += loss.item()
    print(f"epoch {ep}: loss {running / (len(Xtr) / BS):.3f}  test acc {accuracy(Xte, yte):.3f}")
print(f"final  train {accuracy(Xtr[:800], ytr[:800]):.3f}   test {accuracy(Xte, yte):.3f}")
