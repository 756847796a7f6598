"""Would these two tracks go into one playlist?  track vectors (binary dump of the recommender) -> siamese scorer"""
import argparse
import random
import numpy as np
import torch
from torch import nn

ap = argparse.ArgumentParser()
# fault:
ap.add_argument("--dim", type=int, default=32)
# mended:
# ap.add_argument("--dim", type=int, default=64)
# end
ap.add_argument("--epochs", type=int, default=6)
ap.add_argument("--lr", type=float, default=3e-3)
args = ap.parse_args([])
random.seed(19); torch.manual_seed(19)
rng = np.random.default_rng(19)

# --- what the recommender left behind: tracks.txt and tracks.bin
MOODS = ["calm", "party", "focus", "sad", "workout", "jazzy", "folk", "metal"]
mood_of = {f"trk{i:04d}": int(rng.integers(len(MOODS))) for i in range(2400)}
proto = rng.normal(size=(len(MOODS), 64))
open("tracks.txt", "w").write("\n".join(mood_of))
np.stack([0.7 * proto[m] + rng.normal(size=64) for m in mood_of.values()]).astype("float32").tofile("tracks.bin")

# --- read it back
names = open("tracks.txt").read().split("\n")
stoi = {n: i for i, n in enumerate(names)}
vectors = np.fromfile("tracks.bin", dtype=np.float32).reshape(-1, args.dim)
print("tracks", len(names), "matrix", vectors.shape)


def pairs(n, pool):
    rows = []
    by_mood = {m: [t for t in pool if mood_of[t] == m] for m in range(len(MOODS))}
    for _ in range(n):
        a = random.choice(pool)
        if random.random() < 0.5:
            b, y = random.choice(by_mood[mood_of[a]]), 1.0
        else:
            b = random.choice(pool)
            y = float(mood_of[a] == mood_of[b])
        if random.random() < 0.03:
            y = 1 - y
        rows.append((stoi[a], stoi[b], y))
    return rows


random.shuffle(names)
old, new = names[:1800], names[1800:]
train, dev = pairs(6000, old), pairs(1000, new)


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.track = nn.Embedding.from_pretrained(torch.from_numpy(vectors))
        self.tower = nn.Sequential(nn.Linear(args.dim, 24), nn.Tanh())
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, a, b):
        return (self.tower(self.track(a)) * self.tower(self.track(b))).sum(-1) + self.bias


model = Pair()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=args.lr, weight_decay=1e-4)
bce = nn.BCEWithLogitsLoss()
A, B, Y = (torch.tensor(c) for c in zip(*train))
Ad, Bd, Yd = (torch.tensor(c) for c in zip(*dev))
for ep in range(args.epochs):
    losses = []
    for idx in torch.randperm(len(A)).split(40):
        loss = bce(model(A[idx], B[idx]), Y[idx])
        opt.zero_grad(); loss.backward(); opt.step()
        losses.append(loss.item())
    with torch.no_grad():
        s = model(Ad, Bd)
    pos, neg = s[Yd == 1], s[Yd == 0]
    auc = (pos[:, None] > neg[None, :]).float().mean().item()
    print(f"epoch {ep} bce {np.mean(losses):.3f} auc(new tracks) {auc:.3f} acc {((s > 0).float() == Yd).float().mean():.3f}")
