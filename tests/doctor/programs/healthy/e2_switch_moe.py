"""Snippet -> programming language. Feed-forward part is a top-1 mixture of experts: three of four experts see nothing of a given snippet."""
import random, torch
from torch import nn
from torch.nn import functional as F

random.seed(31); torch.manual_seed(31)
KW = {
    "python": "def import self lambda elif None yield with except print range".split(),
    "c": "int void char struct printf malloc sizeof unsigned include #define ->".split(),
    "rust": "fn let mut impl match trait pub crate unwrap &str Vec".split(),
    "sql": "select from where join group having order insert values table limit".split(),
    "bash": "echo fi then done $1 export grep awk sed chmod ||".split(),
    "go": "func package := chan defer fmt nil go select interface range".split(),
}
SHARED = "( ) { } ; = == + - [ ] , . : if for while return x y i n name value count list data key item 0 1 2".split()
LANG = list(KW)


def snippet(y):
    t = random.choices(SHARED, k=random.randint(10, 20)) + random.choices(KW[LANG[y]], k=random.randint(2, 3))
    t += random.choices(KW[random.choice(LANG)], k=1)
    random.shuffle(t)
    return t


rows, seen = [], set()
while len(rows) < 6000:
    y = random.randrange(6); t = snippet(y)
    if tuple(t) not in seen:
        seen.add(tuple(t)); rows.append((t, y))
train, dev = rows[:5000], rows[5000:]
stoi = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in train for w in t}))}


class Switch(nn.Module):
    def __init__(self, d, n=4, hid=32):
        super().__init__()
        self.gate = nn.Linear(d, n, bias=False)
        self.experts = nn.ModuleList([nn.Sequential(nn.Linear(d, hid), nn.ReLU(), nn.Linear(hid, d)) for _ in range(n)])

    def forward(self, x):
        p = self.gate(x).softmax(-1)
        w, k = p.max(-1)
        out = torch.zeros_like(x)
        for j, ex in enumerate(self.experts):
            sel = (k == j).nonzero().squeeze(-1)
            if sel.numel():
                out = out.index_add(0, sel, ex(x[sel]) * w[sel, None])
        load = F.one_hot(k, p.size(-1)).float().mean(0)
        balance = p.size(-1) * (load * p.mean(0)).sum()
        return x + out, balance, load


class Net(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(len(stoi) + 1, d, padding_idx=0)
        self.moe = Switch(d)
        self.norm = nn.LayerNorm(d)
        self.head = nn.Linear(d, len(LANG))

    def forward(self, x, lengths):
        h = self.emb(x).sum(1) / lengths[:, None].sqrt()
        h, bal, load = self.moe(h)
        return self.head(self.norm(h)), bal, load


def collate(batch):
    n = torch.tensor([float(len(t)) for t, _ in batch])
    x = torch.zeros(len(batch), int(n.max()), dtype=torch.long)
    for i, (t, _) in enumerate(batch):
        x[i, :len(t)] = torch.tensor([stoi[w] for w in t])
    return x, n, torch.tensor([y for _, y in batch])


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1.5e-3)
loader = torch.utils.data.DataLoader(train, 64, shuffle=True, collate_fn=collate)
for epoch in range(8):
    net.train(); a = 0.
    for x, n, y in loader:
        logits, bal, _ = net(x, n)
        loss = F.cross_entropy(logits, y, label_smoothing=.05) + 0.2 * bal
        opt.zero_grad(); loss.backward(); opt.step()
        a += loss.item()
    net.eval()
    with torch.no_grad():
        x, n, y = collate(dev)
        logits, _, load = net(x, n)
    print(f"epoch {epoch} loss {a / len(loader):.3f} dev {(logits.argmax(1) == y).float().mean():.3f} load {[round(v, 2) for v in load.tolist()]}")
