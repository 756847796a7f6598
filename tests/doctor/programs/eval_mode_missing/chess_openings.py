import random, math
import torch, torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence

random.seed(3); torch.manual_seed(3)

# ---- synthetic PGN: ten opening families, each with its own preferred moves, transpositions and odd moves
FILES, RANKS = "abcdefgh", "345678"
ALL = [p + f + r for p in ("", "N", "B", "Q") for f in FILES for r in "3456"] + ["O-O", "O-O-O"]
FAM = ["Sicilian", "French", "CaroKann", "Ruy", "Italian", "QGD", "Slav", "KID", "English", "Dutch"]
pref = {f: random.sample(ALL, 22) for f in FAM}

def game():
    f = random.choice(FAM)
    n = random.randint(8, 18)
    moves = [random.choice(pref[f]) if random.random() < .42 else random.choice(ALL) for _ in range(n)]
    return moves, FAM.index(f)

data = [game() for _ in range(2100)]
train, valid = data[:1700], data[1700:]
stoi = {m: i + 1 for i, m in enumerate(ALL)}

class OpeningNet(nn.Module):
    def __init__(self, v, k, d=32, h=32, p=0.5):
        super().__init__()
        self.p = p
        self.moves = nn.Embedding(v, d, padding_idx=0)
        self.rnn = nn.GRU(d, h, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * h, k)

    def forward(self, x, lens):
        # fault:
        e = F.dropout(self.moves(x), self.p)
        # mended:
        # e = F.dropout(self.moves(x), self.p, self.training)
        # end
        _, h = self.rnn(pack_padded_sequence(e, lens, batch_first=True, enforce_sorted=False))
        h = torch.cat([h[0], h[1]], 1)
        # fault:
        h = F.dropout(h, self.p)
        # mended:
        # h = F.dropout(h, self.p, self.training)
        # end
        return self.fc(h)

def batches(rows, bs, shuffle):
    rows = random.sample(rows, len(rows)) if shuffle else rows
    for i in range(0, len(rows), bs):
        b = rows[i:i + bs]
        x = pad_sequence([torch.tensor([stoi[m] for m in g]) for g, _ in b], batch_first=True)
        yield x, torch.tensor([len(g) for g, _ in b]), torch.tensor([y for _, y in b])

@torch.no_grad()
def validate(net):
    net.eval()
    good, nll = 0, 0.
    for x, l, y in batches(valid, 100, False):
        o = net(x, l)
        good += (o.argmax(1) == y).sum().item()
        nll += F.cross_entropy(o, y, reduction="sum").item()
    return good / len(valid), nll / len(valid)

net = OpeningNet(len(stoi) + 1, len(FAM))
optimizer = torch.optim.Adam(net.parameters(), lr=8e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 8)
for epoch in range(1, 8):
    net.train()
    s = 0.
    for x, l, y in batches(train, 50, True):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x, l), y)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.)
        optimizer.step()
        s += loss.item() * len(y)
    sched.step()
    acc, nll = validate(net)
    print(f"[{epoch:02d}] train {s / len(train):.3f}  valid nll {nll:.3f}  valid acc {acc:.3f}")
