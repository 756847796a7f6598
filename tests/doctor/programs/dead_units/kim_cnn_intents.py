"""Convolutional intent tagger after Kim (2014); widths 2 and 3, max over time."""
import torch
import torch.nn as nn
import torch.nn.functional as F
import numpy as np

g = torch.Generator().manual_seed(4)
torch.manual_seed(4)
rs = np.random.RandomState(4)

INTENTS = {
    0: [("book", "flight"), ("fly", "to"), ("plane", "ticket")],
    1: [("book", "hotel"), ("double", "room"), ("stay", "overnight")],
    2: [("rent", "car"), ("pick", "up"), ("drive", "to")],
    3: [("cancel", "flight"), ("cancel", "hotel"), ("money", "back")],
}
SINGLES = sorted({w for ps in INTENTS.values() for p in ps for w in p})
NOISE = ("i we would like want need a the for in on my next week monday two people please help with and at paris "
         "rome from soon can you").split()
vocab = ["<pad>"] + SINGLES + NOISE
ix = {w: i for i, w in enumerate(vocab)}


def sample():
    y = rs.randint(4)
    toks = [NOISE[rs.randint(len(NOISE))] for _ in range(rs.randint(5, 14))]
    if rs.rand() < 0.5:                               # a loose word of another intent
        toks.insert(rs.randint(len(toks)), SINGLES[rs.randint(len(SINGLES))])
    pos = rs.randint(len(toks) + 1)
    pair = INTENTS[y][rs.randint(3)]
    toks[pos:pos] = list(pair)
    return [ix[t] for t in toks], y


rows = [sample() for _ in range(4000)]
T = max(len(r) for r, _ in rows)
X = torch.tensor([r + [0] * (T - len(r)) for r, _ in rows])
Y = torch.tensor([y for _, y in rows])
Xtr, Ytr, Xte, Yte = X[:3200], Y[:3200], X[3200:], Y[3200:]


class TextCNN(nn.Module):
    def __init__(self, V, d=24, maps=32, widths=(2, 3), classes=4):
        super().__init__()
        self.lookup = nn.Embedding(V, d, padding_idx=0)
        nn.init.uniform_(self.lookup.weight[1:], -0.25, 0.25)
        self.convs = nn.ModuleList([nn.Conv1d(d, maps, w) for w in widths])
        for c in self.convs:
            nn.init.xavier_uniform_(c.weight)
            # fault:
            nn.init.constant_(c.bias, -2.0)
            # mended:
            # nn.init.constant_(c.bias, 0.01)
            # end
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(maps * len(widths), classes)

    def forward(self, ids):
        z = self.lookup(ids).transpose(1, 2)
        pooled = [F.relu(c(z)).amax(dim=2) for c in self.convs]
        return self.out(self.drop(torch.cat(pooled, 1)))


cnn = TextCNN(len(vocab))
solver = torch.optim.Adam(cnn.parameters(), lr=2e-3)
for it in range(6):
    cnn.train()
    ls = 0.
    perm = torch.randperm(len(Xtr), generator=g)
    for b in perm.split(50):
        solver.zero_grad()
        l = F.cross_entropy(cnn(Xtr[b]), Ytr[b])
        l.backward()
        solver.step()
        ls += l.item() * len(b)
    cnn.eval()
    with torch.no_grad():
        tr = (cnn(Xtr).argmax(1) == Ytr).float().mean()
        te = (cnn(Xte).argmax(1) == Yte).float().mean()
    print(f"pass {it + 1} | xent {ls / len(Xtr):.4f} | acc train {tr:.3f} test {te:.3f}")
