"""Question types with a hand-written optimiser (sign of the momentum, "Lion") and a cosine rate with warm-up."""
import math
import random
import torch
from torch import nn

random.seed(40); torch.manual_seed(40)
ASK = {"person": ["who", "which man", "what woman", "whose"], "place": ["where", "what town", "which country", "in what city"],
       "time": ["when", "what year", "which day", "how long ago"], "number": ["how many", "how much", "what share", "how often"]}
REST = "did the old king build first bridge win war sell house write famous book meet queen leave ship buy garden".split()


class Lion(torch.optim.Optimizer):
    def __init__(self, params, lr, betas=(0.9, 0.99)):
        super().__init__(params, dict(lr=lr, betas=betas))

    @torch.no_grad()
    def step(self, closure=None):
        for g in self.param_groups:
            b1, b2 = g["betas"]
            for p in g["params"]:
                if p.grad is None:
                    continue
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                p.sub_(g["lr"] * (b1 * m + (1 - b1) * p.grad).sign())
                m.mul_(b2).add_(p.grad, alpha=1 - b2)


def question():
    y = random.randrange(4)
    w = random.choice(list(ASK.values())[y]).split() + random.choices(REST, k=random.randint(3, 9))
    return w, y


qs = [question() for _ in range(1800)]
voc = {w: i for i, w in enumerate(sorted({w for q, _ in qs[:1400] for w in q}))}
net = nn.Sequential(nn.EmbeddingBag(len(voc), 16, mode="mean"), nn.LayerNorm(16), nn.Linear(16, 4))


def batch(rs):
    flat = torch.tensor([voc[w] for q, _ in rs for w in q])
    off = torch.tensor([0] + [len(q) for q, _ in rs[:-1]]).cumsum(0)
    return net[2](net[1](net[0](flat, off))), torch.tensor([y for _, y in rs])


opt = Lion(net.parameters(), lr=1.0)
TOTAL, WARM, t = 6 * 56, 20, 0
tr, te = qs[:1400], qs[1400:]
for ep in range(6):
    random.shuffle(tr); s = 0
    for i in range(0, 1400, 25):
        t += 1
        opt.param_groups[0]["lr"] = 0.01 * (t / WARM if t < WARM else 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (t - WARM) / (TOTAL - WARM))))
        z, y = batch(tr[i:i + 25])
        loss = nn.functional.cross_entropy(z, y, label_smoothing=0.05)
        net.zero_grad(); loss.backward(); opt.step()
        s += loss.item() / 56
    with torch.no_grad():
        z, y = batch(te)
    print(f"epoch {ep} loss {s:.4f} test loss {nn.functional.cross_entropy(z, y):.4f} test accuracy {(z.argmax(1) == y).float().mean():.4f}")
