import random
import torch
from torch import nn

# "colour red . shape cube . size huge ... ? shape" -> cube.   Decoder-only, so rows are padded on the LEFT
# and the answer is read off the last column. Positions count from the first real token.

random.seed(0)
torch.manual_seed(0)
ATTR = {'colour': 'red green blue black'.split(), 'shape': 'cube ball cone ring'.split(), 'size': 'tiny small large huge'.split()}
FILL = 'well so then it looks quite nice and i saw that here again'.split()
ANSWERS = [v for vs in ATTR.values() for v in vs]
words = ['<pad>', '?'] + list(ATTR) + ANSWERS + FILL
ix = {w: i for i, w in enumerate(words)}
PAD = 0


def example():
    vals = {a: random.choice(v) for a, v in ATTR.items()}
    toks = []
    for a in random.sample(list(ATTR), 3):
        toks += random.choices(FILL, k=random.randint(0, 3)) + [a, vals[a]]
    ask = random.choice(list(ATTR))
    return toks + ['?', ask], ANSWERS.index(vals[ask])


seen, pool = set(), []
while len(pool) < 4000:
    t, y = example()
    if tuple(t) not in seen:
        seen.add(tuple(t))
        pool.append((t, y))
train, held = pool[:3400], pool[3400:]


def to_batch(rows):
    T = max(len(t) for t, _ in rows)
    x = torch.full((len(rows), T), PAD)
    for i, (t, _) in enumerate(rows):
        x[i, T - len(t):] = torch.tensor([ix[w] for w in t])
    return x, torch.tensor([y for _, y in rows])


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.h = heads
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.o = nn.Linear(d, 3 * d, bias=False), nn.Linear(d, d)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.SiLU(), nn.Linear(2 * d, d))

    def forward(self, x, allowed):
        B, T, d = x.shape
        q, k, v = (z.view(B, T, self.h, -1).transpose(1, 2) for z in self.qkv(self.ln1(x)).chunk(3, -1))
        a = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=allowed)
        x = x + self.o(a.transpose(1, 2).reshape(B, T, d))
        return x + self.ff(self.ln2(x))


class Decoder(nn.Module):
    def __init__(self, d=32, layers=2):
        super().__init__()
        self.tok = nn.Embedding(len(words), d, padding_idx=PAD)
        self.pos = nn.Embedding(24, d)
        self.blocks = nn.ModuleList([Block(d, 4) for _ in range(layers)])
        self.ln = nn.LayerNorm(d)
        self.read = nn.Linear(d, len(ANSWERS))

    def forward(self, x):
        real = x != PAD
        T = x.shape[1]
        pos = (real.cumsum(1) - 1).clamp(min=0)
        causal = torch.ones(T, T, dtype=torch.bool).tril()
        # pads may look at themselves only, so that no row of the softmax is empty
        allowed = (causal & real[:, None, :]) | torch.eye(T, dtype=torch.bool)
        h = self.tok(x) + self.pos(pos)
        for b in self.blocks:
            h = b(h, allowed[:, None])
        return self.read(self.ln(h[:, -1]))


net = Decoder()
decay = [p for p in net.parameters() if p.dim() > 1]
rest = [p for p in net.parameters() if p.dim() < 2]
opt = torch.optim.AdamW([{'params': decay, 'weight_decay': .05}, {'params': rest, 'weight_decay': 0.}], lr=4e-3)
EPOCHS, BS = 4, 68
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=4e-3, total_steps=EPOCHS * (len(train) // BS), pct_start=.2)
for ep in range(EPOCHS):
    random.shuffle(train)
    net.train()
    run = 0.
    for i in range(0, len(train), BS):
        x, y = to_batch(train[i:i + BS])
        loss = nn.functional.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        run += loss.item() * len(y)
    net.eval()
    with torch.no_grad():
        hits = [(net(x).argmax(1) == y).float().mean().item() for x, y in (to_batch(train[:600]), to_batch(held))]
    print(f'{ep}: loss {run / len(train):.3f}  train {hits[0]:.3f}  held-out {hits[1]:.3f}')
