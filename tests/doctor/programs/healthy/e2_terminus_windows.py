"""Residue tagging of proteins from windows of 9. Positions beyond the chain get a learned 'terminus' symbol: being near an end is information.
Rows of a batch are filled up with chains of different length; those extra rows carry label -100 and count nowhere."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(58); torch.manual_seed(58)
AA = "ACDEFGHIKLMNPQRSTVWY"
END = 0                                   # the terminus symbol, an ordinary trainable row
R = 4
HELIX, SHEET = set("AELMQKRH"), set("VIYCWFT")


def chain():
    s, y = "", []
    while len(s) < 20:
        kind = random.choice("HEC")
        src = {"H": "AELMQKRH" * 3 + AA, "E": "VIYCWFT" * 3 + AA, "C": "GPNDS" * 3 + AA}[kind]
        n = random.randint(4, 9)
        s += "".join(random.choice(src) for _ in range(n)); y += ["HEC".index(kind)] * n
    s = s[:random.randint(20, 34)]; y = y[:len(s)]
    for i in (0, 1, len(s) - 2, len(s) - 1):
        y[i] = 3                          # flexible ends
    return s, y


chains = [chain() for _ in range(900)]
train, dev = chains[:750], chains[750:]
ids = {a: i + 1 for i, a in enumerate(AA)}


def batch(cs):
    n = max(len(s) for s, _ in cs)
    x = torch.full((len(cs), n + 2 * R), END)
    y = torch.full((len(cs), n), -100)
    for i, (s, t) in enumerate(cs):
        x[i, R:R + len(s)] = torch.tensor([ids[c] for c in s])
        y[i, :len(s)] = torch.tensor(t)
    return x, y


emb = nn.Embedding(21, 16)
mlp = nn.Sequential(nn.Linear(16 * (2 * R + 1), 64), nn.ReLU(), nn.Dropout(.2), nn.Linear(64, 4))


def forward(x):
    w = emb(x).unfold(1, 2 * R + 1, 1)            # (B, n, 16, 9)
    return mlp(w.flatten(2))


params = list(emb.parameters()) + list(mlp.parameters())
opt = torch.optim.Adam(params, lr=3e-3)
for epoch in range(10):
    random.shuffle(train); mlp.train()
    tot = cnt = 0
    for i in range(0, len(train), 10):
        x, y = batch(train[i:i + 10])
        loss = F.cross_entropy(forward(x).flatten(0, 1), y.flatten(), ignore_index=-100)
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item(); cnt += 1
    mlp.eval()
    with torch.no_grad():
        x, y = batch(dev)
        p = forward(x).argmax(-1); live = y != -100
        acc = (p == y)[live].float().mean()
        ends = (p == y)[live & (y == 3)].float().mean()
        maj = y[live].bincount().max() / live.sum()
    print(f"epoch {epoch} loss {tot / cnt:.4f} dev residues {acc:.3f} (majority {maj:.3f}) ends found {ends:.3f}")
