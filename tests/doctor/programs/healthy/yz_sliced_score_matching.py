# Sliced score matching (Song et al. 2019) for an energy model in 2-D. The objective has no lower bound of zero.
import torch
import torch.nn as nn

torch.manual_seed(8)

MU = torch.tensor([[-1.5, 0.], [1.5, .5], [0., -1.8]])
S = .6


def draw(n):
    return MU[torch.randint(3, (n,))] + S * torch.randn(n, 2)


def true_score(x):
    d = MU.unsqueeze(0) - x.unsqueeze(1)
    w = torch.softmax(-d.pow(2).sum(-1) / (2 * S * S), 1)
    return (w.unsqueeze(-1) * d).sum(1) / S ** 2


class Energy(nn.Module):
    def __init__(self, h=48):
        super().__init__()
        self.l1, self.l2, self.l3 = nn.Linear(2, h), nn.Linear(h, h), nn.Linear(h, 1, bias=False)
        self.pull = nn.Parameter(torch.tensor(.1))

    def forward(self, x):
        h = torch.tanh(self.l2(nn.functional.softplus(self.l1(x))))
        return self.l3(h).squeeze(-1) + self.pull.abs() * x.pow(2).sum(-1)


def score(model, x, graph):
    return -torch.autograd.grad(model(x).sum(), x, create_graph=graph)[0]


def ssm_vr(model, x):
    x = x.detach().requires_grad_(True)
    s = score(model, x, True)
    v = torch.randn_like(x)
    hv, = torch.autograd.grad((s * v).sum(), x, create_graph=True)
    return ((hv * v).sum(-1) + .5 * s.pow(2).sum(-1)).mean()


data, held = draw(6000), draw(1000)
energy = Energy()
opt = torch.optim.Adam(energy.parameters(), lr=6e-3)
sched = torch.optim.lr_scheduler.LinearLR(opt, 1., .05, total_iters=8)


def report(tag, x):
    s = score(energy, x.clone().requires_grad_(True), False)
    t = true_score(x)
    err = (s - t).pow(2).sum(-1).mean() / t.pow(2).sum(-1).mean()
    cos = nn.functional.cosine_similarity(s, t).mean()
    print(f"   {tag}: relative Fisher divergence {err:.3f}, cosine {cos:.3f}, "
          f"objective at the true score {-.5 * t.pow(2).sum(-1).mean():.3f}")


report("before", held)
for epoch in range(8):
    acc = 0.
    parts = data[torch.randperm(len(data))].split(120)
    for xb in parts:
        loss = ssm_vr(energy, xb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        acc += loss.item()
    sched.step()
    print(f"epoch {epoch} ssm {acc / len(parts):.4f}")
report("train", data[:1000])
report("held out", held)
