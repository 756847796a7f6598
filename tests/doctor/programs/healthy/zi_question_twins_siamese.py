"""Duplicate question detector for the course forum. Siamese encoder, |u-v| and u*v features."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.RandomState(5)
torch.manual_seed(5)

syn = [["homework", "assignment", "coursework"], ["deadline", "due", "submission"], ["exam", "test", "final"],
       ["grade", "mark", "score"], ["lecture", "class", "session"], ["room", "hall", "venue"],
       ["slides", "notes", "handout"], ["tutor", "assistant", "ta"], ["group", "team", "partner"],
       ["extension", "delay", "postpone"], ["book", "textbook", "reading"], ["recording", "video", "stream"]]
fill = "when where is the how do i get a for can we our any please know about to of".split()
vocab = ["<pad>"] + [w for s in syn for w in s] + fill
w2i = {w: i for i, w in enumerate(vocab)}


def render(concepts):
    words = [syn[c][rng.randint(3)] for c in concepts] + list(rng.choice(fill, rng.randint(2, 6)))
    rng.shuffle(words)
    return [w2i[w] for w in words]


def make(n):
    out = []
    for _ in range(n):
        a = rng.choice(12, 2, replace=False)
        if rng.rand() < 0.5:
            b, y = a, 1.0
        else:
            b, y = a.copy(), 0.0
            b[rng.randint(2)] = rng.choice([c for c in range(12) if c not in a])
        out.append((render(a), render(b), y))
    return out


def pad(seqs):
    m = max(map(len, seqs))
    return torch.tensor([s + [0] * (m - len(s)) for s in seqs])


class Twin(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 32, padding_idx=0)
        self.proj = nn.Linear(32, 32)
        self.out = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))

    def encode(self, x):
        keep = (x != 0).unsqueeze(-1).float()
        h = torch.tanh(self.proj(self.emb(x))) * keep
        return h.sum(1) / keep.sum(1)

    def forward(self, a, b):
        u, v = self.encode(a), self.encode(b)
        return self.out(torch.cat([(u - v).abs(), u * v], 1)).squeeze(1)


train, dev = make(5000), make(800)
net = Twin()
optim = torch.optim.Adam(net.parameters(), lr=8e-3, weight_decay=1e-5)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optim, T_max=7)


def evaluate(rows):
    net.eval()
    with torch.no_grad():
        z = net(pad([r[0] for r in rows]), pad([r[1] for r in rows]))
    y = torch.tensor([r[2] for r in rows])
    return ((z > 0).float() == y).float().mean().item()


for ep in range(7):
    net.train()
    total = 0
    perm = rng.permutation(len(train))
    for i in range(0, len(perm), 80):
        rows = [train[j] for j in perm[i:i + 80]]
        y = torch.tensor([r[2] for r in rows])
        loss = F.binary_cross_entropy_with_logits(net(pad([r[0] for r in rows]), pad([r[1] for r in rows])), y)
        optim.zero_grad()
        loss.backward()
        optim.step()
        total += loss.item() * len(rows)
    sched.step()
    print("ep", ep, "bce", round(total / len(train), 4), "dev acc", round(evaluate(dev), 4))
print("train acc", evaluate(train[:1000]), "dev acc", evaluate(dev))
