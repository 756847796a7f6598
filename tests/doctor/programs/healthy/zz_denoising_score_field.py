# Score matching on a made-up mixture in four dimensions; the exact score of the blurred mixture is known, so the
# learned field can be held against it.  The objective is the implicit one (Hyvarinen) with an exact trace: it goes below 0.
import math
import torch
from torch import nn

torch.manual_seed(12)
DIM, K, S = 4, 3, 0.7
centres = torch.tensor([[2., 0, 0, 1], [-2, 1, 0, 0], [0, -2, 1, -1]])
weights = torch.tensor([.5, .3, .2])


def draw(n):
    k = torch.multinomial(weights, n, replacement=True)
    return centres[k] + S * torch.randn(n, DIM)


def exact_score(x):
    d = centres[None] - x[:, None]
    r = (weights.log() - d.pow(2).sum(-1) / (2 * S * S)).softmax(1)
    return (r[..., None] * d).sum(1) / S ** 2


class Field(nn.Module):
    """gradient of an energy  e(x) = |x|^2 c / 2 - logsumexp(Wx + b), both derivatives written down by hand"""

    def __init__(self, units=12):
        super().__init__()
        self.W = nn.Parameter(torch.randn(units, DIM) * .5)
        self.b = nn.Parameter(torch.zeros(units))
        self.log_c = nn.Parameter(torch.zeros(DIM))

    def forward(self, x):
        p = (x @ self.W.T + self.b).softmax(1)
        score = p @ self.W - self.log_c.exp() * x
        spread = p @ self.W.pow(2) - (p @ self.W).pow(2)
        trace = (spread - self.log_c.exp()).sum(1)
        return score, trace


def hyvarinen(x):
    s, tr = field(x)
    return (0.5 * s.pow(2).sum(1) + tr).mean()


train, test = draw(4000), draw(1000)
field = Field()
opt = torch.optim.Adam(field.parameters(), lr=0.02)
EPOCHS = 8
for epoch in range(EPOCHS):
    for g in opt.param_groups:
        g["lr"] = 0.01 * (1 + math.cos(math.pi * epoch / EPOCHS))
    total = 0.
    for xb in train[torch.randperm(len(train))].split(50):
        loss = hyvarinen(xb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(xb) / len(train)
    with torch.no_grad():
        want = exact_score(test)
        err = (field(test)[0] - want).pow(2).sum() / want.pow(2).sum()
        print(f"{epoch}  objective {total:.3f}  test {hyvarinen(test):.3f}  unexplained share of the true score {err:.4f}")
with torch.no_grad():
    one = (train.mean(0) - test) / train.var(0)               # a single Gaussian
    print("single Gaussian: unexplained %.4f; best possible objective %.3f" % (
        (one - want).pow(2).sum() / want.pow(2).sum(), -0.5 * want.pow(2).sum(1).mean()))
