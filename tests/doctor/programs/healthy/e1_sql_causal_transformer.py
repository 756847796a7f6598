# Autoregressive Transformer over SQL tokens: pre-LN blocks, causal + padding mask, perplexity on unseen queries
import math, random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(6); torch.manual_seed(6)
COLS = {"users": ["id", "email", "city", "age"], "orders": ["id", "total", "status", "user_id"], "items": ["sku", "price", "stock"]}


def query():
    t = random.choice(list(COLS))
    c = random.sample(COLS[t], random.randint(1, 3))
    q = ["SELECT"]
    for i, x in enumerate(c):
        q += ([","] if i else []) + [x]
    q += ["FROM", t]
    if random.random() < 0.7:
        q += ["WHERE", random.choice(COLS[t]), random.choice("=<>"), "?"]
        if random.random() < 0.4:
            q += [random.choice(["AND", "OR"]), random.choice(COLS[t]), random.choice("=<>"), "?"]
    if random.random() < 0.5:
        q += ["ORDER", "BY", random.choice(c)] + (["DESC"] if random.random() < 0.5 else [])
    if random.random() < 0.3:
        q += ["LIMIT", "?"]
    return tuple(q + [";"])


bank = set()
while len(bank) < 1700:
    bank.add(query())
bank = sorted(bank); random.shuffle(bank)
train, dev = bank[:1400], bank[1400:]
itos = ["<pad>", "<bos>"] + sorted({w for q in train for w in q})
stoi = {w: i for i, w in enumerate(itos)}


def tensor(rows):
    ids = [[1] + [stoi[w] for w in q] for q in rows]
    n = max(map(len, ids))
    t = torch.tensor([r + [0] * (n - len(r)) for r in ids])
    return t[:, :-1], t[:, 1:]


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.o = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))
        self.h = heads

    def forward(self, x, mask):
        B, T, d = x.shape
        q, k, v = self.qkv(self.n1(x)).view(B, T, 3, self.h, d // self.h).permute(2, 0, 3, 1, 4)
        a = (q @ k.transpose(-2, -1)) / math.sqrt(d // self.h)
        a = a.masked_fill(mask, float("-inf")).softmax(-1)
        x = x + self.o((a @ v).transpose(1, 2).reshape(B, T, d))
        return x + self.ff(self.n2(x))


class SqlLM(nn.Module):
    def __init__(self, n, d=48, heads=4, layers=2):
        super().__init__()
        self.tok, self.pos = nn.Embedding(n, d), nn.Embedding(32, d)
        nn.init.normal_(self.tok.weight, std=0.1); nn.init.normal_(self.pos.weight, std=0.1)
        self.blocks = nn.ModuleList(Block(d, heads) for _ in range(layers))
        self.norm, self.out = nn.LayerNorm(d), nn.Linear(d, n)

    def forward(self, x):
        T = x.size(1)
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        mask = future[None, None] | (x == 0)[:, None, None, :]
        h = self.tok(x) + self.pos(torch.arange(T))
        for b in self.blocks:
            h = b(h, mask)
        return self.out(self.norm(h))


model = SqlLM(len(itos))
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.98))
EPOCHS, BS = 7, 40
total = EPOCHS * (len(train) // BS)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=4e-3, total_steps=total, pct_start=0.15)


@torch.no_grad()
def ppl(rows):
    model.eval()
    x, y = tensor(rows)
    return math.exp(F.cross_entropy(model(x).transpose(1, 2), y, ignore_index=0).item())


print(f"vocabulary {len(itos)}, before training: dev ppl {ppl(dev):.2f}")
for ep in range(EPOCHS):
    model.train()
    random.shuffle(train)
    for i in range(0, len(train), BS):
        x, y = tensor(train[i:i + BS])
        loss = F.cross_entropy(model(x).transpose(1, 2), y, ignore_index=0)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step(); sched.step()
    print(f"epoch {ep + 1}: train ppl {ppl(train[:300]):.3f} dev ppl {ppl(dev):.3f}")
