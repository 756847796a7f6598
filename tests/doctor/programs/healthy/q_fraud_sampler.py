"""Rare fraud in bank transfer texts: sampling with replacement, focal loss, EMA of the weights, average precision."""
import copy
import random
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

random.seed(9)
torch.manual_seed(9)

NORMAL = ("rent salary groceries insurance dinner tickets school fees gym phone electricity water gift birthday train hotel "
          "books coffee lunch taxi parking fuel dentist shoes donation garden concert").split()
SHADY = "crypto voucher urgent unlock prize inheritance customs courier wallet release anonymous giftcard".split()
NAMES = [f"{a}{b}" for a in "ka mi so lu re ti no va".split() for b in "rin dor lan mek bas".split()]
GLUE = "for from to payment invoice transfer thanks march april may june part second final ref".split()


def transfer():
    fraud = random.random() < 0.06
    w = random.choices(GLUE, k=random.randint(2, 5)) + random.choices(NAMES, k=random.randint(1, 2))
    if fraud:
        w += random.choices(SHADY, k=random.randint(1, 3)) + random.choices(NORMAL, k=random.randint(0, 2))
    else:
        w += random.choices(NORMAL, k=random.randint(1, 3))
        if random.random() < 0.06:
            w.append(random.choice(SHADY))           # an honest customer may buy a voucher
    random.shuffle(w)
    cents = random.random() < (0.75 if fraud else 0.35)  # fraudsters like round sums
    return tuple(w), float(cents), float(fraud)


rows = list({r[0]: r for r in (transfer() for _ in range(9000))}.values())
random.shuffle(rows)
vocab = {w: i + 1 for i, w in enumerate(NORMAL + SHADY + NAMES + GLUE)}
width = max(len(r[0]) for r in rows)
x = torch.tensor([[vocab[w] for w in r[0]] + [0] * (width - len(r[0])) for r in rows])
extra = torch.tensor([[r[1]] for r in rows])
y = torch.tensor([r[2] for r in rows])
n = len(rows)
a, b = int(0.6 * n), int(0.8 * n)
train = TensorDataset(x[:a], extra[:a], y[:a])

share = y[:a].mean().item()
row_weight = torch.where(y[:a] == 1, 0.3 / share, 0.7 / (1 - share))     # about 3 frauds in 10 drawn rows
loader = DataLoader(train, batch_size=64, sampler=WeightedRandomSampler(row_weight, num_samples=a, replacement=True))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 16, padding_idx=0)
        self.hidden = nn.Linear(33, 24)
        self.out = nn.Linear(24, 1)
        nn.init.constant_(self.out.bias, -0.8)       # log(0.3 / 0.7), the share among drawn rows

    def forward(self, ids, extra):
        e = self.emb(ids)
        m = (ids > 0).unsqueeze(-1)
        mean = e.sum(1) / m.sum(1)
        top = e.masked_fill(~m, -1e4).amax(1)
        return self.out(F.dropout(F.gelu(self.hidden(torch.cat([mean, top, extra], 1))), 0.2, self.training)).squeeze(1)


def focal(logit, target, gamma=1.5):
    ce = F.binary_cross_entropy_with_logits(logit, target, reduction="none")
    return ((1 - torch.exp(-ce)) ** gamma * ce).mean()


def average_precision(score, target):
    t = target[score.argsort(descending=True)]
    precision = t.cumsum(0) / torch.arange(1, len(t) + 1)
    return ((precision * t).sum() / t.sum()).item()


net = Net()
slow = copy.deepcopy(net).requires_grad_(False).eval()        # what is evaluated
opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.01)


@torch.no_grad()
def judge(lo, hi):
    z = slow(x[lo:hi], extra[lo:hi])
    t = y[lo:hi]
    balanced = 0.5 * ((z > 0)[t == 1].float().mean() + (z <= 0)[t == 0].float().mean())
    return average_precision(z, t), balanced.item()


print(f"fraud share {share:.3f}: AP of chance {share:.3f}, balanced accuracy of one class 0.500")
for epoch in range(8):
    s = 0.0
    for ids, ex, t in loader:
        loss = focal(net(ids, ex), t)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(net.parameters(), 1.0)
        opt.step()
        s += loss.item()
        with torch.no_grad():
            for p, q in zip(slow.parameters(), net.parameters()):
                p.lerp_(q, 0.05)
    out = {k: judge(*v) for k, v in {"train": (0, a), "dev": (a, b), "test": (b, n)}.items()}
    print(f"epoch {epoch} loss {s / len(loader):.4f} " + " ".join(f"{k} AP {v[0]:.3f} bal {v[1]:.3f}" for k, v in out.items()))
