"""Categorise bank statement lines (character trigram hashing, one hidden layer)."""
import zlib
import numpy as np
import torch
import torch.nn as nn

PAD = 0
BUCKETS = 2 ** 12
gen = np.random.default_rng(77)
torch.manual_seed(77)

MERCHANTS = {
    "groceries": ["ALDI", "TESCO STORES", "SAINSBURYS", "LIDL GB", "WHOLEFOODS", "COOP FOOD"],
    "transport": ["TFL TRAVEL", "UBER TRIP", "SHELL FUEL", "TRAINLINE", "BP CONNECT", "LYFT RIDE"],
    "salary": ["PAYROLL BGC", "SALARY ACME LTD", "WAGES GLOBEX", "MONTHLY PAY"],
    "housing": ["RENT STO", "COUNCIL TAX", "EON ENERGY", "THAMES WATER", "MORTGAGE DD"],
    "leisure": ["NETFLIX.COM", "SPOTIFY P", "ODEON CINEMA", "STEAM GAMES", "PUREGYM"],
}
CATEGORIES = list(MERCHANTS)
TOWNS = ["LONDON", "LEEDS", "BRISTOL", "YORK", "BATH", "READING", "DERBY"]


def statement_line():
    cat = gen.choice(len(CATEGORIES), p=[.28, .22, .12, .18, .2])
    m = str(gen.choice(MERCHANTS[CATEGORIES[cat]]))
    if gen.random() < .3:                                   # terminals cut and garble names
        m = m[: max(5, len(m) - 2)]
    if gen.random() < .15:
        k = gen.integers(1, len(m)); m = m[:k] + "*" + m[k:]
    line = f"{gen.choice(['POS', 'CRD', 'DD', 'BGC'])} {m} {gen.integers(100, 9999)} {gen.choice(TOWNS)} {gen.integers(1, 29):02d}/{gen.integers(1, 13):02d}"
    return line, int(cat)


def featurise(line):
    grams = [line[i:i + 3] for i in range(len(line) - 2)]
    return [1 + zlib.crc32(g.encode()) % (BUCKETS - 1) for g in grams]


def to_tensors(lines):
    feats = [featurise(t) for t, _ in lines]
    out = np.full((len(feats), max(len(f) for f in feats)), PAD)
    for row, f in zip(out, feats):
        row[:len(f)] = f
    return torch.from_numpy(out), torch.tensor([c for _, c in lines])


data = [statement_line() for _ in range(2400)]
X, Y = to_tensors(data)
Xtr, Ytr, Xva, Yva = X[:1900], Y[:1900], X[1900:], Y[1900:]


class LineClassifier(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.bag = nn.EmbeddingBag(BUCKETS, d, mode="mean", padding_idx=PAD)
        self.net = nn.Sequential(nn.Linear(d, 32), nn.ReLU(), nn.Linear(32, len(CATEGORIES)))

    def forward(self, x):
        return self.net(self.bag(x))


clf = LineClassifier()
# fault:
criterion = nn.CrossEntropyLoss(ignore_index=PAD)
# mended:
# criterion = nn.CrossEntropyLoss()
# end
opt = torch.optim.Adam(clf.parameters(), lr=5e-3)
for epoch in range(1, 6):
    clf.train()
    total = 0.0
    for idx in torch.randperm(len(Xtr)).split(32):
        loss = criterion(clf(Xtr[idx]), Ytr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    clf.eval()
    with torch.no_grad():
        guess = clf(Xva).argmax(1)
    print(f"epoch {epoch} loss {total / len(Xtr):.4f} accuracy {(guess == Yva).float().mean():.4f}")

for i, c in enumerate(CATEGORIES):
    rows = Yva == i
    print(f"  {c:10s} recall {(guess[rows] == i).float().mean():.3f}  n={rows.sum().item()}")
