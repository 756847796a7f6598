"""German dates -> ISO. Teacher forcing in training; both the forced token accuracy and the greedy, free-running exact match are reported."""
import random
import torch
import torch.nn as nn

random.seed(23); torch.manual_seed(23)
MON = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
TAG = "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag".split()


def datum():
    y, m, d = random.randint(1950, 2029), random.randint(1, 12), random.randint(1, 28)
    src = []
    if random.random() < .5:
        src += [random.choice(TAG), ","]
    if random.random() < .3:
        src += ["den"]
    src += list(str(d)) + ["."]
    src += [MON[m - 1]] if random.random() < .6 else list(str(m)) + ["."]
    src += list(str(y))
    return tuple(src), f"{y}-{m:02d}-{d:02d}"


rows = {}
while len(rows) < 9000:
    s, t = datum()
    rows[s] = t
rows = list(rows.items()); random.shuffle(rows)
held = set(random.sample(sorted({t for _, t in rows}), 800))
train = [r for r in rows if r[1] not in held]
dev = [r for r in rows if r[1] in held][:250]
S = {w: i + 1 for i, w in enumerate(sorted({w for s, _ in rows for w in s}))}
T = {c: i + 2 for i, c in enumerate("0123456789-")}          # 0 = start, 1 = end
INV = {i: c for c, i in T.items()}


def batch(rs):
    n = torch.tensor([len(s) for s, _ in rs])
    x = torch.zeros(len(rs), int(n.max()), dtype=torch.long)
    for i, (s, _) in enumerate(rs):
        x[i, :len(s)] = torch.tensor([S[w] for w in s])
    y = torch.tensor([[T[c] for c in t] + [1] for _, t in rs])
    return x, n, y


class Seq2Seq(nn.Module):
    def __init__(self, d=64):
        super().__init__()
        self.es, self.et = nn.Embedding(len(S) + 1, 32, padding_idx=0), nn.Embedding(13, 32)
        self.enc = nn.GRU(32, d // 2, batch_first=True, bidirectional=True)
        self.cell = nn.GRUCell(32 + d, d)
        self.q = nn.Linear(d, d, bias=False)
        self.out = nn.Linear(2 * d, 13)
        self.d = d

    def encode(self, x, n):
        p = nn.utils.rnn.pack_padded_sequence(self.es(x), n, batch_first=True, enforce_sorted=False)
        o, _ = self.enc(p)
        return nn.utils.rnn.pad_packed_sequence(o, batch_first=True)[0]

    def step(self, prev, h, mem, mask):
        a = (mem @ self.q(h).unsqueeze(-1)).squeeze(-1).masked_fill(~mask, -1e9).softmax(-1)
        c = (a.unsqueeze(1) @ mem).squeeze(1)
        h = self.cell(torch.cat([self.et(prev), c], -1), h)
        a = (mem @ self.q(h).unsqueeze(-1)).squeeze(-1).masked_fill(~mask, -1e9).softmax(-1)
        c = (a.unsqueeze(1) @ mem).squeeze(1)
        return self.out(torch.cat([h, c], -1)), h

    def forward(self, x, n, y=None, steps=14):
        mem, mask = self.encode(x, n), x > 0
        h, prev, outs = mem.new_zeros(len(x), self.d), torch.zeros(len(x), dtype=torch.long), []
        for t in range(y.size(1) if y is not None else steps):
            o, h = self.step(prev, h, mem, mask)
            outs.append(o)
            prev = y[:, t] if y is not None else o.argmax(-1)
        return torch.stack(outs, 1)


def text(ids):
    s = ""
    for i in ids:
        if i == 1:
            return s
        s += INV.get(i, "?")
    return s + "..."


net = Seq2Seq()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
STEPS = 150
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 8e-3, total_steps=STEPS)
run = 0.
for step in range(1, STEPS + 1):
    net.train()
    x, n, y = batch(random.sample(train, 64))
    loss = nn.functional.cross_entropy(net(x, n, y).flatten(0, 1), y.flatten())
    opt.zero_grad(); loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step(); sched.step(); run += loss.item()
    if step % 50 == 0:
        net.eval()
        with torch.no_grad():
            x, n, y = batch(dev)
            forced = (net(x, n, y).argmax(-1) == y).float().mean().item()
            free = net(x, n).argmax(-1).tolist()
        exact = sum(text(f) == t for f, (_, t) in zip(free, dev)) / len(dev)
        print(f"step {step} loss {run / 50:.4f} dev token accuracy, teacher-forced {forced:.4f}; exact match, free-running {exact:.4f}")
        run = 0.
print(" ".join(dev[0][0]), "->", text(free[0]))
