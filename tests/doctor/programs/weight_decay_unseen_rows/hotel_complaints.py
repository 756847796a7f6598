"""hotel_complaints.py

Which team handles a complaint?  The vectors come from a large review corpus (hotel.vec); only part of their
vocabulary is in the labelled complaints of spring, the summer ones use other words as well.
"""
import random
import torch
import torch.nn as nn
from torch.utils.data import DataLoader

SEED = 5
DIM = 40
random.seed(SEED)
torch.manual_seed(SEED)

TEAMS = ["housekeeping", "kitchen", "frontdesk", "maintenance"]
ROOTS = ["dus", "lak", "mer", "pol", "tav", "rin", "sco", "bel", "qua", "fen", "hob", "jil"]
ENDS = ["a", "en", "or", "ish", "ly", "ed", "um", "et"]
FILLER = [r[::-1] + e for r in ROOTS for e in ENDS]
WORDS = {t: [t[0] + r + e for r in ROOTS for e in ENDS] for t in TEAMS}


def make_vectors(path):
    g = torch.Generator().manual_seed(99)
    with open(path, "w") as f:
        for w in FILLER:
            f.write(w + " " + " ".join("%.4f" % x for x in torch.randn(DIM, generator=g) * 0.3) + "\n")
        for t in TEAMS:
            c = torch.randn(DIM, generator=g) * 0.22
            for w in WORDS[t]:
                f.write(w + " " + " ".join("%.4f" % x for x in c + torch.randn(DIM, generator=g) * 0.22) + "\n")


def load_vectors(path):
    stoi, rows = {"<pad>": 0}, [[0.0] * DIM]
    for line in open(path):
        w, *v = line.split()
        stoi[w] = len(rows)
        rows.append(list(map(float, v)))
    return stoi, torch.tensor(rows)


def complaints(n, share, rnd):
    data = []
    for _ in range(n):
        y = rnd.randrange(4)
        pool = WORDS[TEAMS[y]]
        pool = pool[: int(share * len(pool))]
        toks = rnd.choices(pool, k=rnd.randint(1, 3)) + rnd.choices(FILLER, k=rnd.randint(3, 6))
        rnd.shuffle(toks)
        data.append((toks, y))
    return data


class Pooled(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=False, padding_idx=0)
        self.net = nn.Sequential(nn.Linear(DIM, 64), nn.Tanh(), nn.Linear(64, len(TEAMS)))

    def forward(self, x):
        m = (x != 0).unsqueeze(-1).float()
        return self.net((self.emb(x) * m).sum(1) / m.sum(1))


make_vectors("hotel.vec")
stoi, table = load_vectors("hotel.vec")
spring = complaints(5000, 0.5, random.Random(1))
summer = complaints(1000, 1.0, random.Random(2))


def collate(rows):
    t = max(len(r[0]) for r in rows)
    x = torch.zeros(len(rows), t, dtype=torch.long)
    for i, (toks, _) in enumerate(rows):
        x[i, : len(toks)] = torch.tensor([stoi[w] for w in toks])
    return x, torch.tensor([r[1] for r in rows])


train_loader = DataLoader(spring, batch_size=32, shuffle=True, collate_fn=collate)
test_loader = DataLoader(summer, batch_size=250, collate_fn=collate)
model = Pooled(table)
optimizer = torch.optim.Adam(
    [
        # fault:
        {"params": model.emb.parameters(), "lr": 1e-3},
        # mended:
        # {"params": model.emb.parameters(), "lr": 1e-3, "weight_decay": 0.0},
        # end
        {"params": model.net.parameters()},
    ],
    lr=1e-3,
    weight_decay=1e-3,
)
loss_fn = nn.CrossEntropyLoss()


def accuracy(loader):
    model.eval()
    with torch.no_grad():
        hits = [(model(x).argmax(1) == y).float().sum().item() for x, y in loader]
    return sum(hits) / len(loader.dataset)


for epoch in range(1, 7):
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch}  spring {accuracy(train_loader):.3f}  summer {accuracy(test_loader):.3f}")
norms = model.emb.weight.detach()[1:].norm(dim=1)
print(f"vector norms: min {norms.min().item():.2f}, median {norms.median().item():.2f}, max {norms.max().item():.2f}")
