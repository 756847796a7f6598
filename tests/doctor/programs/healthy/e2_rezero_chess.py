# Which piece makes the first capture? ReZero transformer: every residual branch starts at weight 0, the classifier at zero too,
# so the very first forward pass returns log(5) for everybody.
import random, torch
import torch.nn as nn, torch.nn.functional as F

random.seed(6); torch.manual_seed(6)
PIECES = "PNBRQ"
SQ = [f + r for f in "abcdefgh" for r in "345678"[:4]]


def game():
    n = random.randint(8, 18)
    first = random.randint(2, n - 1)
    moves, label = [], None
    for i in range(n):
        p = random.choice(PIECES)
        cap = i == first or (i > first and random.random() < .3)
        if i == first:
            label = PIECES.index(p)
        moves.append(p + ("x" if cap else "") + "@" + random.choice("kqc"))
    return moves, label


vocab = {"<pad>": 0, "<cls>": 1}
for p in PIECES:
    for x in ("", "x"):
        for w in "kqc":
            vocab[p + x + "@" + w] = len(vocab)
games, seen = [], set()
while len(games) < 4000:
    m, y = game()
    if tuple(m) not in seen:
        seen.add(tuple(m)); games.append((m, y))
X = torch.zeros(len(games), 19, dtype=torch.long)
for i, (m, _) in enumerate(games):
    X[i, :len(m) + 1] = torch.tensor([1] + [vocab[t] for t in m])
Y = torch.tensor([y for _, y in games])


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.h = heads
        self.qkv = nn.Linear(d, 3 * d)
        self.proj = nn.Linear(d, d)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))
        self.alpha = nn.Parameter(torch.zeros(2))

    def forward(self, x, mask):
        B, T, D = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.h, D // self.h).permute(2, 0, 3, 1, 4)
        s = q @ k.transpose(-1, -2) / (D // self.h) ** 0.5
        s = s.masked_fill(~mask[:, None, None, :], -1e9)
        a = (s.softmax(-1) @ v).transpose(1, 2).reshape(B, T, D)
        x = x + self.alpha[0] * self.proj(a)
        return x + self.alpha[1] * self.ff(x)


class ReZero(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.tok = nn.Embedding(len(vocab), d, padding_idx=0)
        self.pos = nn.Embedding(19, d)
        self.blocks = nn.ModuleList([Block(d, 4), Block(d, 4)])
        self.head = nn.Linear(d, 5)
        nn.init.zeros_(self.head.weight); nn.init.zeros_(self.head.bias)

    def forward(self, x):
        h = self.tok(x) + self.pos.weight[:x.size(1)]
        for b in self.blocks:
            h = b(h, x != 0)
        return self.head(h[:, 0])


model = ReZero()
slow = [p for n, p in model.named_parameters() if not n.endswith("alpha")]
opt = torch.optim.Adam([{"params": slow, "lr": 2e-3}, {"params": [b.alpha for b in model.blocks], "lr": 2e-2}])
tr, dv = torch.arange(3300), torch.arange(3300, 4000)
for epoch in range(6):
    tot = 0.
    for b in tr[torch.randperm(len(tr))].split(64):
        loss = F.cross_entropy(model(X[b]), Y[b])
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(b)
    with torch.no_grad():
        acc = (model(X[dv]).argmax(1) == Y[dv]).float().mean()
    print(f"epoch {epoch} loss {tot / len(tr):.4f} dev {acc:.3f} alphas {[round(a, 2) for b in model.blocks for a in b.alpha.tolist()]}")
