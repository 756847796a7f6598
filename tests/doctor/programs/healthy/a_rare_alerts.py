"""Rare incidents in a stream of log messages: 4 % positives, left as they are; ranked, so average precision and recall among the top are what counts."""
import math, random
import torch
import torch.nn as nn

random.seed(70); torch.manual_seed(70)
SVC = "auth cart mail search queue cache gateway".split()
CALM = ["started", "stopped cleanly", "config reloaded", "health check ok", "request served in {n} ms", "retry {n} succeeded", "cache warmed", "user {n} logged in", "rotated log {n}", "slow response from peer"]
LOUD = ["connection refused by peer", "timeout after {n} ms", "disk nearly full", "retry {n} failed", "memory pressure"]


def window():
    """several messages; an incident needs two loud ones out of the same service"""
    y = random.random() < .04
    msgs = []
    svc = random.sample(SVC, random.randint(2, 4))
    for _ in range(random.randint(3, 6)):
        msgs.append((random.choice(svc), random.choice(CALM)))
    if y:
        s = random.choice(svc); msgs += [(s, m) for m in random.sample(LOUD, random.randint(2, 3))]
    elif random.random() < .25:
        msgs.append((random.choice(svc), random.choice(LOUD)))
    random.shuffle(msgs)
    return " ; ".join(f"{s} {m.replace('{n}', str(random.randint(1, 40)))}" for s, m in msgs), int(y)


rows = {}
while len(rows) < 9000:
    t, y = window(); rows[t] = y
rows = list(rows.items()); random.shuffle(rows)
train, valid = rows[:7000], rows[7000:]
vocab = {}
for t, _ in train:
    for w in t.split(): vocab.setdefault("#" if w.isdigit() else w, len(vocab) + 1)


def tensorise(rs):
    seqs = [torch.tensor([vocab["#" if w.isdigit() else w] for w in t.split()]) for t, _ in rs]
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True), torch.tensor([float(y) for _, y in rs])


X, Y = tensorise(train); Xv, Yv = tensorise(valid)


class Net(nn.Module):
    def __init__(self, prior, d=24):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.att = nn.Linear(d, 1)
        self.mlp = nn.Sequential(nn.Linear(d, 32), nn.ReLU(), nn.Linear(32, 1))
        nn.init.zeros_(self.mlp[2].weight)
        nn.init.constant_(self.mlp[2].bias, math.log(prior / (1 - prior)))     # start from the base rate

    def forward(self, x):
        e = self.emb(x)
        w = torch.sigmoid(self.att(e)) * (x != 0).unsqueeze(-1)
        return self.mlp((w * e).sum(1)).squeeze(-1)


def average_precision(score, y):
    y = y[score.argsort(descending=True)]
    prec = y.cumsum(0) / torch.arange(1, len(y) + 1)
    return ((prec * y).sum() / y.sum()).item()


net = Net(Y.mean().item())
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
lossf = nn.BCEWithLogitsLoss()
print(f"incidents: train {Y.mean():.4f}, valid {Yv.mean():.4f}")
for epoch in range(8):
    net.train(); tot = 0.
    for i in torch.randperm(len(X)).split(64):
        loss = lossf(net(X[i]), Y[i])
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(i)
    for g in opt.param_groups: g["lr"] *= .8
    net.eval()
    with torch.no_grad():
        s = net(Xv)
        vl = lossf(s, Yv).item()
    k = int(Yv.sum())
    hit = (s > 0) & (Yv == 1)
    print(f"epoch {epoch} loss {tot / len(X):.4f} valid {vl:.4f} AP {average_precision(s, Yv):.3f} R-precision {Yv[s.topk(k).indices].mean():.3f} recall at 0.5 {hit.sum().item() / k:.3f}")
