# What does an exam question ask for?  Text CNN, label smoothing, and the evaluation uses an average of the weights.
import copy
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(6)
torch.manual_seed(6)
PATTERN = {"calculate": ["how large is", "compute the", "determine the value of"],
           "explain": ["explain why", "give reasons for", "discuss the role of"],
           "define": ["define the term", "what is meant by", "state the definition of"],
           "draw": ["sketch the", "draw a diagram of", "plot the"]}
OBJ = "torque current entropy stress voltage flow gain pressure viscosity inertia impedance strain flux friction".split()
TAIL = ["in the circuit", "of the beam", "for small angles", "at constant temperature", "in one sentence", "with two digits",
        "of the machine", "given in table two", "without loss"]
KINDS = list(PATTERN)


def question():
    k = int(rng.integers(4))
    s = f"{rng.choice(PATTERN[KINDS[k]])} {rng.choice(OBJ)} {rng.choice(TAIL)}"
    if rng.random() < 0.5:
        s = f"{rng.choice(TAIL)} {s}"
    if rng.random() < 0.5:
        s += f" and {rng.choice(OBJ)}"
    return s.split(), k


def unique(n):
    seen, rows = set(), []
    while len(rows) < n:
        w, k = question()
        if tuple(w) not in seen:
            seen.add(tuple(w))
            rows.append((w, k))
    return rows


rows = unique(1700)
stoi = {"<pad>": 0}
for w, _ in rows[:1400]:
    for t in w:
        stoi.setdefault(t, len(stoi))
LEN = max(len(w) for w, _ in rows)
X = torch.tensor([[stoi.get(t, 0) for t in w] + [0] * (LEN - len(w)) for w, _ in rows])
Y = torch.tensor([k for _, k in rows])
Xa, Ya, Xb, Yb = X[:1400], Y[:1400], X[1400:], Y[1400:]


class CNN(nn.Module):
    def __init__(self, v):
        super().__init__()
        self.emb = nn.Embedding(v, 16, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(16, 12, k, padding=k // 2) for k in (1, 3))
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(24, 4)

    def forward(self, x):
        e = self.emb(x).transpose(1, 2)
        gone = (x == 0).unsqueeze(1)
        h = [torch.relu(c(e)).masked_fill(gone, 0).amax(2) for c in self.convs]
        return self.fc(self.drop(torch.cat(h, 1)))


net = CNN(len(stoi))
shadow = copy.deepcopy(net).requires_grad_(False).eval()
opt = torch.optim.AdamW(net.parameters(), lr=8e-3, weight_decay=1e-4)
crit = nn.CrossEntropyLoss(label_smoothing=0.1)
DECAY = 0.97
for epoch in range(6):
    net.train()
    total = 0.0
    for idx in torch.randperm(len(Xa)).split(28):
        loss = crit(net(Xa[idx]), Ya[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
        with torch.no_grad():
            for s, p in zip(shadow.parameters(), net.parameters()):
                s.lerp_(p, 1 - DECAY)
    net.eval()
    with torch.no_grad():
        raw = (net(Xb).argmax(1) == Yb).float().mean()
        avg = (shadow(Xb).argmax(1) == Yb).float().mean()
    print(f"epoch {epoch}  smoothed loss {total / 50:.4f} (cannot fall below 0.35)  acc {raw:.3f}  averaged weights {avg:.3f}")
