# Echo state network for bird call sequences: the recurrent part is drawn at random, scaled and left alone,
# only the linear readout learns (Jaeger 2001).  Which of five species is singing?
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(21)
rng = np.random.default_rng(21)
SYLL, SPECIES, T, UNITS = 8, 5, 20, 150

trans = rng.dirichlet(np.ones(SYLL) * .2, size=(SPECIES, SYLL))


def song(sp):
    s = [rng.integers(SYLL)]
    while len(s) < T:
        s.append(rng.choice(SYLL, p=trans[sp, s[-1]]))
    return s


y = rng.integers(SPECIES, size=1500)
x = torch.tensor([song(sp) for sp in y])
y = torch.from_numpy(y)


class EchoState(nn.Module):
    def __init__(self, units, radius=.8, leak=.6):
        super().__init__()
        w = torch.randn(units, units) * (torch.rand(units, units) < .1)
        w *= radius / torch.linalg.eigvals(w).abs().max()
        self.register_buffer("w", w)
        self.drive = nn.Embedding(SYLL, units)
        self.drive.weight.requires_grad_(False)
        self.leak = leak
        self.readout = nn.Linear(units, SPECIES)

    @torch.no_grad()
    def states(self, x):
        h = torch.zeros(len(x), self.w.shape[0])
        total = torch.zeros_like(h)
        for t in range(x.shape[1]):
            h = (1 - self.leak) * h + self.leak * torch.tanh(h @ self.w + self.drive(x[:, t]))
            total += h
        return total / x.shape[1]

    def forward(self, x):
        return self.readout(self.states(x))


esn = EchoState(UNITS)
print("learned:", sum(p.numel() for p in esn.parameters() if p.requires_grad), "of",
      sum(p.numel() for p in esn.parameters()) + esn.w.numel())
opt = torch.optim.Adam(filter(lambda p: p.requires_grad, esn.parameters()), lr=.1)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 9)
for ep in range(9):
    tot = 0
    for b in torch.randperm(1200).split(60):
        loss = nn.functional.cross_entropy(esn(x[b]), y[b])
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item()
    sched.step()
    if ep % 3 == 2:
        with torch.no_grad():
            a, d = [(esn(x[k]).argmax(1) == y[k]).float().mean().item() for k in (slice(0, 1200), slice(1200, None))]
        print(f"epoch {ep + 1:2d} loss {tot / 20:.3f} train {a:.3f} test {d:.3f}")
