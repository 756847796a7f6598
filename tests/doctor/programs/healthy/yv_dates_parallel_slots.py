# Non-autoregressive date normaliser: all eight digits YYYYMMDD come out at once.
# Eight learned queries look at the encoded characters; there is neither a start nor an end symbol, length is fixed.
import random, datetime as dt, math
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader

R = random.Random(3)
torch.manual_seed(3)
MONTHS = "January February March April May June July August September October November December".split()

def render(d):
    suf = {1: "st", 2: "nd", 3: "rd"}.get(d.day % 10 if d.day not in (11, 12, 13) else 0, "th")
    k = R.randrange(5)
    if k == 0: return f"{d.day} {MONTHS[d.month-1]} {d.year}"
    if k == 1: return f"{MONTHS[d.month-1][:3]} {d.day}{suf}, {d.year}"
    if k == 2: return f"on the {d.day}{suf} of {MONTHS[d.month-1]} {d.year}"
    if k == 3: return f"{d.year}, {MONTHS[d.month-1].upper()} {d.day:02d}"
    return f"{d.day:02d}.{d.month:02d}.{d.year}"

days = [dt.date(1950, 1, 1) + dt.timedelta(i) for i in R.sample(range(27000), 2400)]
pairs = [(render(d), d.strftime("%Y%m%d")) for d in days]
chars = sorted({c for s, _ in pairs for c in s})
cid = {c: i for i, c in enumerate(chars)}         # no entry for padding: it lies behind the last character
PAD = len(chars)

class Dates(Dataset):
    def __init__(self, p): self.p = p
    def __len__(self): return len(self.p)
    def __getitem__(self, i):
        s, t = self.p[i]
        return torch.tensor([cid[c] for c in s]), torch.tensor([int(c) for c in t])

def left_pad(batch):
    xs, ys = zip(*batch)
    w = max(map(len, xs))
    x = torch.stack([torch.cat([torch.full((w - len(v),), PAD), v]) for v in xs])
    return x, torch.stack(ys)

class Slots(nn.Module):
    def __init__(self, d=40):
        super().__init__()
        self.e = nn.Embedding(PAD + 1, d, padding_idx=PAD)
        self.c1 = nn.Conv1d(d, d, 5, padding=2)
        self.c2 = nn.Conv1d(d, d, 5, padding=2, dilation=1)
        self.q = nn.Parameter(torch.randn(8, d) / math.sqrt(d))
        self.k, self.v = nn.Linear(d, d), nn.Linear(d, d)
        self.mlp = nn.Sequential(nn.Linear(d, 2 * d), nn.ReLU())
        self.w = nn.Parameter(torch.randn(8, 10, 2 * d) * 0.05)      # one small classifier per slot
        self.b = nn.Parameter(torch.zeros(8, 10))
    def forward(self, x):
        gone = x.eq(PAD)
        h = self.e(x).transpose(1, 2)
        h = h + torch.relu(self.c1(h)).masked_fill(gone[:, None], 0)
        h = (h + torch.relu(self.c2(h)).masked_fill(gone[:, None], 0)).transpose(1, 2)
        a = torch.einsum("sd,btd->bst", self.q, self.k(h)) / math.sqrt(h.size(-1)) * 4
        a = a.masked_fill(gone[:, None], float("-inf")).softmax(-1)
        z = self.mlp(a @ self.v(h))
        return torch.einsum("bsd,snd->bsn", z, self.w) + self.b

tr = DataLoader(Dates(pairs[:2000]), 50, shuffle=True, collate_fn=left_pad)
te = DataLoader(Dates(pairs[2000:]), 250, collate_fn=left_pad)
net = Slots()
opt = torch.optim.Adam(net.parameters(), 3e-3)
EP = 4
sch = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1, (s + 1) / 20) * max(0.02, 1 - s / (EP * len(tr))))
for ep in range(EP):
    net.train(); acc = []
    for x, y in tr:
        loss = nn.functional.cross_entropy(net(x).permute(0, 2, 1), y)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        opt.step(); sch.step(); acc.append(loss.item())
    net.eval(); whole = digit = 0
    with torch.no_grad():
        for x, y in te:
            hit = net(x).argmax(-1) == y
            whole += hit.all(1).sum().item(); digit += hit.float().mean(1).sum().item()
    print(f"{ep} nll {sum(acc)/len(acc):.3f} digits {digit/400:.3f} dates {whole/400:.3f}")
