import os, zlib, random
import torch, torch.nn.functional as F
from torch import nn

ROOT = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "umsab-multilingual")
LANGS = ["english", "french", "german", "italian", "portuguese", "spanish"]
BUCKETS = 4096
random.seed(1); torch.manual_seed(1)


class MyAdam:
    """Kingma & Ba, algorithm 1, with linear decay"""

    def __init__(self, params, lr, total, betas=(.9, .999), eps=1e-8):
        self.p = [q for q in params if q.requires_grad]
        self.lr, self.total, (self.b1, self.b2), self.eps, self.t = lr, total, betas, eps, 0
        self.m = [torch.zeros_like(q) for q in self.p]
        self.v = [torch.zeros_like(q) for q in self.p]

    def clear(self):
        for q in self.p:
            q.grad = None

    @torch.no_grad()
    def update(self):
        self.t += 1
        lr = self.lr * max(.05, 1 - self.t / self.total)
        for q, m, v in zip(self.p, self.m, self.v):
            m.mul_(self.b1).add_(q.grad, alpha=1 - self.b1)
            v.mul_(self.b2).addcmul_(q.grad, q.grad, value=1 - self.b2)
            mh = m / (1 - self.b1 ** self.t)
            vh = v / (1 - self.b2 ** self.t)
            q.sub_(lr * mh / (vh.sqrt() + self.eps))


def grams(text, n=3):
    t = " " + " ".join(w for w in text.lower().split() if w[0] not in "@#" and not w.startswith("http")) + " "
    return [zlib.crc32(t[i:i + n].encode()) % BUCKETS for i in range(min(len(t) - n + 1, 70))]


def load(split, cap):
    rows = []
    for y, lang in enumerate(LANGS):
        with open(os.path.join(ROOT, lang, f"{split}_text.txt"), encoding="utf-8") as f:
            got = [(grams(l), y) for l in f if len(l.split()) > 3]
        rows += [r for r in got if len(r[0]) > 10][:cap]
    random.shuffle(rows)
    return rows


def batches(rows, size):
    for i in range(0, len(rows), size):
        part = rows[i:i + size]
        off, flat = [], []
        for g, _ in part:
            off.append(len(flat)); flat.extend(g)
        yield torch.tensor(flat), torch.tensor(off), torch.tensor([y for _, y in part])


class LangId(nn.Module):
    def __init__(self, d=24, h=48):
        super().__init__()
        self.table = nn.Parameter(torch.randn(BUCKETS, d) * .3)
        self.l1 = nn.Linear(d, h)
        self.l2 = nn.Linear(h, h)
        self.l3 = nn.Linear(h, len(LANGS))

    def forward(self, flat, off):
        x = F.embedding_bag(flat, self.table, off, mode="mean")
        x = torch.tanh(self.l1(x))
        x = torch.tanh(self.l2(x))
        return self.l3(x)


train, val = load("train", 700), load("val", 150)
net = LangId()
EPOCHS, BS = 4, 64
# fault:
opt = MyAdam(net.parameters(), lr=2.0, total=EPOCHS * len(train) // BS)
# mended:
# opt = MyAdam(net.parameters(), lr=3e-3, total=EPOCHS * len(train) // BS)
# end
print(len(train), "tweets to train on,", len(val), "to validate")

for ep in range(EPOCHS):
    net.train()
    random.shuffle(train)
    seen = run = right = 0
    for flat, off, y in batches(train, BS):
        out = net(flat, off)
        loss = F.cross_entropy(out, y)
        opt.clear(); loss.backward(); opt.update()
        seen += len(y); run += loss.item() * len(y); right += int((out.argmax(1) == y).sum())
    net.eval()
    with torch.no_grad():
        preds = torch.cat([net(f, o).argmax(1) for f, o, _ in batches(val, 256)])
    gold = torch.tensor([y for _, y in val])
    print(f"epoch {ep}: train loss {run / seen:.3f} acc {right / seen:.3f}  val acc {(preds == gold).float().mean():.3f}")
for k, lang in enumerate(LANGS):
    m = gold == k
    print(f"  {lang:11s} recall {(preds[m] == k).float().mean():.2f}")
