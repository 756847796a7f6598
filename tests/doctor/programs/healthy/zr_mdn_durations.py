# Mixture density network: from a one-line job description to a density over its duration (days / 100).
# The same words can mean a short visit or a long stay, so a single Gaussian would put its mass in between.
import random, math
import torch, torch.nn as nn
random.seed(0); torch.manual_seed(0)

verbs = {"replace": .02, "inspect": .01, "paint": .05, "rebuild": .16, "clean": .015}
things = {"roof": .05, "window": .01, "engine": .04, "fence": .02, "kitchen": .06, "pump": .03}
extra = ["for", "the", "customer", "in", "village", "town", "near", "station", "old", "new"]
vocab = {w: i + 1 for i, w in enumerate([*verbs, *things, *extra])}


def sample():
    v, t = random.choice(list(verbs)), random.choice(list(things))
    base = verbs[v] + things[t]
    # with a third of the jobs a part must be ordered first
    late = random.random() < 1 / 3
    y = random.gauss(base + (.12 if late else 0), .02)
    words = [v, "the", t] + random.choices(extra, k=random.randint(0, 4))
    return [vocab[w] for w in words], y, base


def tensors(n):
    rows = [sample() for _ in range(n)]
    ids = nn.utils.rnn.pad_sequence([torch.tensor(r[0]) for r in rows], batch_first=True)
    return ids, torch.tensor([r[1] for r in rows]), torch.tensor([r[2] for r in rows])


class MDN(nn.Module):
    def __init__(self, k=3, d=16, h=32):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.body = nn.Sequential(nn.Linear(d, h), nn.Tanh())
        self.pi, self.mu, self.ls = nn.Linear(h, k), nn.Linear(h, k), nn.Linear(h, k)
        with torch.no_grad():                       # components start apart from each other
            self.mu.bias.copy_(torch.linspace(0.02, 0.3, k)); self.mu.weight.mul_(0.1)
            self.ls.bias.fill_(math.log(.06)); self.ls.weight.mul_(0.1)

    def forward(self, ids):
        m = (ids != 0).unsqueeze(-1)
        h = self.body((self.emb(ids) * m).sum(1) / m.sum(1))
        return self.pi(h).log_softmax(-1), self.mu(h), self.ls(h).clamp(-6, 1)


def nll(out, y):
    logpi, mu, ls = out
    z = (y.unsqueeze(1) - mu) / ls.exp()
    return -(logpi - .5 * z ** 2 - ls - .5 * math.log(2 * math.pi)).logsumexp(1).mean()


ids, y, _ = tensors(3000)
vids, vy, vbase = tensors(800)
single = .5 * math.log(2 * math.pi * math.e * y.var().item())
net = MDN()
opt = torch.optim.Adam(net.parameters(), lr=6e-3)
plan = torch.optim.lr_scheduler.OneCycleLR(opt, 2e-2, epochs=8, steps_per_epoch=len(ids) // 40)
for ep in range(8):
    perm, tot = torch.randperm(len(ids)), 0.
    for i in range(len(ids) // 40):
        b = perm[i * 40:i * 40 + 40]
        loss = nll(net(ids[b]), y[b])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.)
        opt.step(); plan.step()
        tot += loss.item()
    with torch.no_grad():
        held = nll(net(vids), vy).item()
    print(f"epoch {ep}: nll {tot / (i + 1):.3f}  held-out nll {held:.3f}   (one Gaussian for all: {single:.3f})")

with torch.no_grad():
    logpi, mu, ls = net(vids)
    true = -torch.stack([math.log(2 / 3) - .5 * ((vy - vbase) / .02) ** 2, math.log(1 / 3) - .5 * ((vy - vbase - .12) / .02) ** 2]
                        ).logsumexp(0).mean() + math.log(.02 * math.sqrt(2 * math.pi))
    print(f"nll of the generator itself {true:.3f}; mean weights {[round(v, 2) for v in logpi.exp().mean(0).tolist()]}")
