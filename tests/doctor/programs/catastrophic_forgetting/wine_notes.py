"""Tasting notes -> grape family.

The labelled notes come from one magazine with its own vocabulary; the model is used on notes from everywhere.
Vectors (notes.vec) are trained on all magazines, the synonyms of a flavour lie close together there.
"""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1855)
random.seed(1855)
DIM = 32
FAMILIES = ["riesling", "syrah", "pinot", "chardonnay", "malbec"]
FLAVOURS = 8          # per family
SYNONYMS = 6          # words for one flavour; the magazine knows the first two
GENERAL = 80


def vectors_file(path):
    g = torch.Generator().manual_seed(3)
    with open(path, "w") as f:
        f.write(f"{len(FAMILIES) * FLAVOURS * SYNONYMS + GENERAL} {DIM}\n")
        for k in range(len(FAMILIES)):
            for a in range(FLAVOURS):
                c = torch.randn(DIM, generator=g) * 0.35
                for s in range(SYNONYMS):
                    v = c + torch.randn(DIM, generator=g) * 0.12
                    f.write(f"{FAMILIES[k][:3]}_{a}_{s} " + " ".join(f"{x:.4f}" for x in v.tolist()) + "\n")
        for i in range(GENERAL):
            v = torch.randn(DIM, generator=g) * 0.2
            f.write(f"note_{i} " + " ".join(f"{x:.4f}" for x in v.tolist()) + "\n")


def load(path):
    with open(path) as f:
        n, d = map(int, f.readline().split())
        stoi, table = {}, torch.zeros(n + 1, d)
        for i, line in enumerate(f, 1):
            w, *v = line.split()
            stoi[w] = i
            table[i] = torch.tensor([float(x) for x in v])
    return stoi, table


def notes(n, synonyms, rnd):
    rows = []
    for _ in range(n):
        k = rnd.randrange(len(FAMILIES))
        toks = [f"{FAMILIES[k][:3]}_{rnd.randrange(FLAVOURS)}_{rnd.choice(synonyms)}" for _ in range(rnd.randint(1, 3))]
        toks += [f"note_{rnd.randrange(GENERAL)}" for _ in range(rnd.randint(3, 7))]
        if rnd.random() < 0.2:
            j = rnd.randrange(len(FAMILIES))
            toks.append(f"{FAMILIES[j][:3]}_{rnd.randrange(FLAVOURS)}_{rnd.choice(synonyms)}")
        rnd.shuffle(toks)
        rows.append((toks, k))
    return rows


class Reader(nn.Module):
    def __init__(self, table):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(table.clone(), freeze=False, padding_idx=0)
        self.att = nn.Linear(DIM, 1)
        self.hid = nn.Linear(DIM, 64)
        self.out = nn.Linear(64, len(FAMILIES))

    def forward(self, x):
        e = self.words(x)
        a = self.att(e).squeeze(-1).masked_fill(x == 0, float("-inf")).softmax(1)
        return self.out(F.relu(self.hid(torch.bmm(a.unsqueeze(1), e).squeeze(1))))


def pack(rows, stoi):
    w = max(len(t) for t, _ in rows)
    return torch.tensor([[stoi[t] for t in toks] + [0] * (w - len(toks)) for toks, _ in rows]), torch.tensor([k for _, k in rows])


vectors_file("notes.vec")
stoi, table = load("notes.vec")
rnd = random.Random(7)
x, y = pack(notes(6000, [0, 1], rnd), stoi)
x_mag, y_mag = pack(notes(500, [0, 1], rnd), stoi)
x_all, y_all = pack(notes(1000, list(range(SYNONYMS)), rnd), stoi)

model = Reader(table)
rest = [p for n, p in model.named_parameters() if not n.startswith("words")]
optimizer = torch.optim.Adam([
    {"params": rest, "lr": 2e-3},
    # fault:
    {"params": model.words.parameters(), "lr": 5e-2},
    # mended:
    # {"params": model.words.parameters(), "lr": 1e-4},
    # end
])


def acc(a, b):
    model.eval()
    with torch.no_grad():
        return (model(a).argmax(1) == b).float().mean().item()


def synonym_cosine():
    w = model.words.weight.detach()
    vals = []
    for fam in FAMILIES:
        for a in range(FLAVOURS):
            ids = [stoi[f"{fam[:3]}_{a}_{s}"] for s in range(SYNONYMS)]
            vals.append(F.cosine_similarity(w[ids[0]], w[ids[2:]]).mean().item())
    return sum(vals) / len(vals)


print(f"before: cosine between synonyms {synonym_cosine():.3f}")
for epoch in range(1, 9):
    model.train()
    for idx in torch.randperm(len(x)).split(48):
        optimizer.zero_grad()
        F.cross_entropy(model(x[idx]), y[idx]).backward()
        optimizer.step()
    print(f"epoch {epoch}  magazine {acc(x_mag, y_mag):.3f}  everywhere {acc(x_all, y_all):.3f}  cosine between synonyms {synonym_cosine():.3f}")
