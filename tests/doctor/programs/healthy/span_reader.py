"""Tiny extractive QA: find the answer span for (relation) in a passage of facts."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(23); torch.manual_seed(23)
REL = ["born", "works", "likes"]
CUE = {"born": [["born", "in"], ["comes", "from"]], "works": [["works", "at"], ["employed", "by"]], "likes": [["likes"], ["fond", "of"]]}
OBJ = [f"x{i}" for i in range(40)]
END = [".", "and", ";"]
words = ["<pad>"] + sorted({w for c in CUE.values() for p in c for w in p} | set(OBJ) | set(END) | {"she", "he"})
idx = {w: i for i, w in enumerate(words)}


def make():
    order = random.sample(REL, 3)
    toks, span = [], {}
    for r in order:
        toks.append(random.choice(["she", "he"])); toks += random.choice(CUE[r])
        s = len(toks)
        toks += random.choices(OBJ, k=random.randint(1, 3))
        span[r] = (s, len(toks) - 1)
        toks.append(random.choice(END))
    q = random.randrange(3)
    return [idx[t] for t in toks], q, span[REL[q]]


def batchify(rows):
    L = max(len(r[0]) for r in rows)
    x = torch.tensor([r[0] + [0] * (L - len(r[0])) for r in rows])
    return x, torch.tensor([r[1] for r in rows]), torch.tensor([r[2] for r in rows])


class Reader(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.w = nn.Embedding(len(words), d, padding_idx=0)
        self.q = nn.Embedding(len(REL), d)
        self.c1 = nn.Conv1d(2 * d, 48, 5, padding=2)
        self.c2 = nn.Conv1d(48, 48, 3, padding=1)
        self.ptr = nn.Linear(48, 2)

    def forward(self, x, q):
        m = x.ne(0)
        h = torch.cat([self.w(x), self.q(q)[:, None].expand(-1, x.size(1), -1)], -1) * m[..., None]
        h = F.relu(self.c1(h.transpose(1, 2))) * m[:, None]
        h = F.relu(self.c2(h)).transpose(1, 2)
        return self.ptr(h).masked_fill(~m[..., None], float("-inf")).unbind(-1)      # start, end


def em(rows):
    net.eval()
    x, q, s = batchify(rows)
    with torch.no_grad():
        a, b = net(x, q)
    return ((a.argmax(1) == s[:, 0]) & (b.argmax(1) == s[:, 1])).float().mean().item()


rows = [make() for _ in range(2600)]
train, dev = rows[:2200], rows[2200:]
net = Reader()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for ep in range(6):
    net.train(); random.shuffle(train); tot = 0
    for i in range(0, len(train), 40):
        x, q, s = batchify(train[i:i + 40])
        a, b = net(x, q)
        loss = 0.5 * (F.cross_entropy(a, s[:, 0]) + F.cross_entropy(b, s[:, 1]))
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(x)
    print(f"epoch {ep + 1} span loss {tot / len(train):.3f} EM train {em(train[:400]):.3f} dev {em(dev):.3f}")
