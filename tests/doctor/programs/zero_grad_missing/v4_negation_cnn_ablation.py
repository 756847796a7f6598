"""Ablation: filter width of a small CNN on aspect polarity with negation, two seeds per setting."""
import math
import random
import statistics as st

import torch
from torch import nn
import torch.nn.functional as F

rnd = random.Random(17)
POS = "good great lovely tasty superb friendly fresh".split()
NEG = "bad awful bland rude stale boring cold".split()
ASPECT = "food service music wine pasta waiter terrace".split()
FILL = "last week i went there with my sister and we stayed for an hour or two before the rain came".split()


def review():
    y = rnd.randrange(2)
    negate = rnd.random() < 0.4
    word = rnd.choice(POS if y != negate else NEG)
    clause = ["the", rnd.choice(ASPECT), "was"] + (["not"] if negate else []) + [word]
    pre, post = rnd.sample(FILL, rnd.randint(2, 7)), rnd.sample(FILL, rnd.randint(2, 7))
    if not negate and rnd.random() < 0.6:          # a "not" that has nothing to do with the verdict
        (pre if rnd.random() < 0.5 else post).insert(1, "not")
    return pre + clause + post, y


data = [review() for _ in range(2400)]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for s, _ in data for w in s}))}
T = max(len(s) for s, _ in data)
X = torch.tensor([[vocab[w] for w in s] + [0] * (T - len(s)) for s, _ in data])
Y = torch.tensor([y for _, y in data])
Xtr, Ytr, Xte, Yte = X[:2000], Y[:2000], X[2000:], Y[2000:]


class KimCNN(nn.Module):
    def __init__(self, width, dim=20, maps=24):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, dim, padding_idx=0)
        self.conv = nn.Conv1d(dim, maps, width, padding=width - 1)
        self.drop = nn.Dropout(0.1)
        self.lin = nn.Linear(maps, 2)

    def forward(self, x):
        h = F.relu(self.conv(self.emb(x).transpose(1, 2)))
        return self.lin(self.drop(h.amax(-1)))


def lr_factor(step, total, warm=15):
    return (step + 1) / warm if step < warm else 0.5 * (1 + math.cos(math.pi * (step - warm) / (total - warm)))


def run(width, seed, epochs=5, bs=40, peak=0.1):
    torch.manual_seed(seed)
    net = KimCNN(width)
    sgd = torch.optim.SGD(net.parameters(), lr=peak, momentum=0.9)
    total, step = epochs * math.ceil(len(Xtr) / bs), 0
    for ep in range(epochs):
        net.train()
        acc_loss = 0.0
        for idx in torch.randperm(len(Xtr)).split(bs):
            sgd.param_groups[0]["lr"] = peak * lr_factor(step, total)
            loss = F.cross_entropy(net(Xtr[idx]), Ytr[idx])
            # fault:
            loss.backward()
            # mended:
            # sgd.zero_grad()
            # loss.backward()
            # end
            sgd.step()
            step += 1
            acc_loss += loss.item() * len(idx)
        if seed == 0:
            print(f"   width {width} epoch {ep} loss {acc_loss / len(Xtr):.4f}")
    net.eval()
    with torch.no_grad():
        return [(net(a).argmax(1) == b).float().mean().item() for a, b in ((Xtr, Ytr), (Xte, Yte))]


for width in (2, 3):
    res = [run(width, s) for s in (0, 1)]
    print(f"width {width}: train {st.mean(r[0] for r in res):.3f}  test {st.mean(r[1] for r in res):.3f} "
          f"(sd {st.pstdev([r[1] for r in res]):.3f})")
