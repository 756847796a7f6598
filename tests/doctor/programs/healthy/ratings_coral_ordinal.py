"""Star ratings 1..5 from comments, as four cumulative yes/no questions that share one score (CORAL)."""
import random
import numpy as np
import torch
import torch.nn as nn
from torch.optim.lr_scheduler import LambdaLR

random.seed(0); torch.manual_seed(0)
LEVELS = [["awful", "disgusting", "unusable", "horrible"], ["poor", "weak", "disappointing", "flimsy"],
          ["okay", "average", "acceptable", "fair"], ["good", "solid", "pleasant", "handy"],
          ["superb", "fantastic", "brilliant", "flawless"]]
NOUN = "handle cable lid case button strap motor box manual colour".split()


def comment():
    star = random.randint(0, 4)
    words = []
    for _ in range(random.randint(3, 6)):
        lev = min(4, max(0, star + random.choice([0, 0, 0, 0, -1, 1])))
        words += ["the", random.choice(NOUN), "is", random.choice(LEVELS[lev])]
    return words, star


rows = [comment() for _ in range(3000)]
vocab = {w: i for i, w in enumerate(sorted({w for r, _ in rows[:2400] for w in r}))}


class Coral(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, 12, mode="mean")
        self.score = nn.Linear(12, 1, bias=False)
        self.cut = nn.Parameter(torch.tensor([1.5, 0.5, -0.5, -1.5]))   # one threshold per question

    def forward(self, flat, off):
        return self.score(self.bag(flat, off)) + self.cut


def batch(rs):
    flat = torch.tensor([vocab[w] for r, _ in rs for w in r])
    off = torch.tensor(np.cumsum([0] + [len(r) for r, _ in rs[:-1]]))
    return flat, off, torch.tensor([s for _, s in rs])


def ordinal(y):
    return (y[:, None] > torch.arange(4)).float()


net = Coral(len(vocab))
opt = torch.optim.AdamW(net.parameters(), lr=0.02, weight_decay=1e-3)
steps = 7 * 60
sched = LambdaLR(opt, lambda s: min((s + 1) / 40, max(0.05, (steps - s) / (steps - 40))))   # warm-up, then linear
tr, te = rows[:2400], rows[2400:]
for ep in range(7):
    net.train(); random.shuffle(tr); run = 0
    for i in range(0, 2400, 40):
        flat, off, y = batch(tr[i:i + 40])
        loss = nn.functional.binary_cross_entropy_with_logits(net(flat, off), ordinal(y))
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        run += loss.item() / 60
    net.eval()
    with torch.no_grad():
        flat, off, y = batch(te)
        pred = (net(flat, off) > 0).sum(1)
    print(f"{ep}: loss {run:.4f}  test exact {(pred == y).float().mean():.3f}  "
          f"mean abs. error {(pred - y).abs().float().mean():.3f}  lr {sched.get_last_lr()[0]:.4f}")
