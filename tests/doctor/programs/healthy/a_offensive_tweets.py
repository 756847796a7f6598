"""OffensEval tweets with Twitter GloVe (fixed), one third offensive; macro F1; gradients accumulated over 2 micro-batches of 32."""
import gzip, os, random, re
import torch
import torch.nn as nn

random.seed(13); torch.manual_seed(13)
DATA = os.environ["WORDFIT_DATA"]
ACCUMULATE = 2


def tokens(t):
    t = t.lower().replace("@user", " ").replace("’", "'").replace("'", "")       # the vectors write dont, im
    return re.findall(r"[a-z]+", t)


def load(split):
    d = f"{DATA}/sentiment/tweeteval/offensive/{split}"
    x = [tokens(l) for l in open(f"{d}_text.txt", encoding="utf-8").read().rstrip("\n").split("\n")]
    y = [int(l) for l in open(f"{d}_labels.txt")]
    assert len(x) == len(y)
    return [(t, l) for t, l in zip(x, y) if t]


train, val = load("train"), load("val")
held = {tuple(t) for t, _ in val}
train = [(t, l) for t, l in train if tuple(t) not in held]
need = {w for t, _ in train + val for w in t}
names, rows = ["<pad>"], [[0.0] * 25]
with gzip.open(f"{DATA}/vectors/glove.twitter.27B.25d.common11925.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        p = line.rstrip().split(" ")
        if p[0] in need and len(p) == 26:
            names.append(p[0]); rows.append([float(v) for v in p[1:]])
stoi = {w: i for i, w in enumerate(names)}
cover = sum(w in stoi for t, _ in train for w in t) / sum(len(t) for t, _ in train)
print(f"{len(train)} train, {len(val)} val, {len(names) - 1} vectors, token coverage {cover:.3f}, offensive {sum(l for _, l in train) / len(train):.3f}")
table = torch.tensor(rows)


def batch(rs):
    seqs = [torch.tensor([stoi[w] for w in t if w in stoi]) for t, _ in rs]
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True), torch.tensor([l for _, l in rs])


random.shuffle(train)
train = [r for r in train[:7500] if any(w in stoi for w in r[0])]
val = [r for r in val if any(w in stoi for w in r[0])]


class Gated(nn.Module):
    """a gate per word, then the sum over the words and their maximum"""
    def __init__(self, d=25, h=32):
        super().__init__()
        self.vec = nn.Embedding.from_pretrained(table, padding_idx=0)
        self.f, self.gate = nn.Linear(d, h), nn.Linear(d, h)
        self.drop, self.out = nn.Dropout(0.3), nn.Linear(2 * h, 2)

    def forward(self, x):
        e = self.vec(x)
        m = (x != 0).unsqueeze(-1)
        v = torch.tanh(self.f(e)) * torch.sigmoid(self.gate(e))
        mean = (v * m).sum(1) / m.sum(1)
        top = v.masked_fill(~m, -2.0).amax(1)
        return self.out(self.drop(torch.cat([mean, top], 1)))


def macro_f1(model, rs):
    model.eval()
    with torch.no_grad():
        p = torch.cat([model(batch(rs[i:i + 300])[0]).argmax(1) for i in range(0, len(rs), 300)])
    y = torch.tensor([l for _, l in rs])
    f = []
    for c in (0, 1):
        tp = ((p == c) & (y == c)).sum().item()
        f.append(2 * tp / max((p == c).sum().item() + (y == c).sum().item(), 1))
    return sum(f) / 2, (p == y).float().mean().item()


model = Gated()
opt = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=4e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, 2, gamma=0.4)
base = sum(l == 0 for _, l in val) / len(val)
for epoch in range(5):
    model.train(); random.shuffle(train); total = 0.
    starts = list(range(0, len(train), 32))
    opt.zero_grad()
    for k, i in enumerate(starts, 1):
        x, y = batch(train[i:i + 32])
        loss = nn.functional.cross_entropy(model(x), y)
        (loss / ACCUMULATE).backward()
        total += loss.item()
        if k % ACCUMULATE == 0 or k == len(starts):
            opt.step()
            opt.zero_grad()
    sched.step()
    (tf, ta), (vf, va) = macro_f1(model, train[:2000]), macro_f1(model, val)
    print(f"epoch {epoch} loss {total / len(starts):.4f} train F1 {tf:.3f} acc {ta:.3f} val F1 {vf:.3f} acc {va:.3f} (all inoffensive: F1 {base / (1 + base):.3f} acc {base:.3f})")
