"""Proportional odds model for a 5 step difficulty scale; thresholds are ordered by construction."""
import torch
from torch.nn import functional as F

g = torch.Generator().manual_seed(10)
torch.manual_seed(10)
VOC, LEVELS = 250, 5
hard = torch.randn(VOC, generator=g)
docs, lens = torch.randint(0, VOC, (4500, 15), generator=g), torch.randint(5, 16, (4500,), generator=g)
mask = (torch.arange(15)[None] < lens[:, None]).float()
latent = (hard[docs] * mask).sum(1) / lens.sqrt() + 0.25 * torch.randn(4500, generator=g)
level = torch.bucketize(latent, torch.tensor([-1.0, -0.3, 0.3, 1.0]))


class Ordinal(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.w = torch.nn.Parameter(torch.randn(VOC) * 0.05)
        self.first = torch.nn.Parameter(torch.tensor(-1.0))
        self.gaps = torch.nn.Parameter(torch.zeros(LEVELS - 2))

    def cuts(self):
        return torch.cat([self.first[None], self.first + F.softplus(self.gaps).cumsum(0)])

    def forward(self, d, m):
        score = (self.w[d] * m).sum(1) / m.sum(1).sqrt()
        above = torch.sigmoid(score[:, None] - self.cuts())              # P(y > k)
        one, zero = torch.ones(len(d), 1), torch.zeros(len(d), 1)
        above = torch.cat([one, above, zero], 1)
        return (above[:, :-1] - above[:, 1:]).clamp_min(1e-8)             # P(y = k)


model = Ordinal()
opt = torch.optim.Adam(model.parameters(), lr=0.1)
fit, val = slice(0, 3800), slice(3800, None)


@torch.no_grad()
def scores(s):
    p = model(docs[s], mask[s])
    guess = p.argmax(1)
    return (guess == level[s]).float().mean().item(), (guess - level[s]).abs().float().mean().item()


for epoch in range(7):
    run = []
    for i in torch.randperm(3800).split(76):
        loss = F.nll_loss(model(docs[i], mask[i]).log(), level[i])
        model.zero_grad(); loss.backward(); opt.step()
        run.append(loss.item())
    opt.param_groups[0]["lr"] *= 0.8
    print(epoch, "nll %.3f" % (sum(run) / len(run)), "| exact / mean distance: fit %.3f %.3f" % scores(fit), "val %.3f %.3f" % scores(val))
print("cut points", [round(c, 2) for c in model.cuts().tolist()])
