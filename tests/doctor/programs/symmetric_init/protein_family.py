# Assign short peptide fragments to one of ten families from their residue composition.
import math
import numpy as np
import torch

rng = np.random.default_rng(12)
torch.manual_seed(12)

AA = "ACDEFGHIKLMNPQRSTVWY"
FAMILIES = ["kinase", "globin", "zincfinger", "collagen", "lectin", "defensin", "serpin", "ferritin", "annexin", "cystatin"]
profiles = rng.dirichlet(np.full(20, 1.0), size=(len(FAMILIES), 2))    # two subfamilies each


def draw(n):
    fam = rng.integers(0, len(FAMILIES), n)
    out = []
    for f in fam:
        length = rng.integers(25, 60)
        out.append("".join(AA[i] for i in rng.choice(20, length, p=profiles[f, rng.integers(2)])))
    return out, torch.tensor(fam)


def encode(seqs):
    """residue frequencies followed by the frequencies of the pairs of residue groups"""
    groups = {c: i for i, g in enumerate(["AVLIMC", "FWYH", "STNQ", "KR", "DE", "GP"]) for c in g}
    x = torch.zeros(len(seqs), 20 + 36)
    for r, s in enumerate(seqs):
        for c in s:
            x[r, AA.index(c)] += 1 / len(s)
        for a, b in zip(s, s[1:]):
            x[r, 20 + 6 * groups[a] + groups[b]] += 1 / len(s)
    return x


train_s, train_y = draw(2600)
test_s, test_y = draw(600)
train_x, test_x = encode(train_s), encode(test_s)
mu, sd = train_x.mean(0), train_x.std(0) + 1e-6
train_x, test_x = (train_x - mu) / sd, (test_x - mu) / sd

n_in, n_hid, n_out = train_x.shape[1], 48, len(FAMILIES)


def new_params():
    # fault:
    w1 = torch.full((n_in, n_hid), 1 / math.sqrt(n_in))
    w2 = torch.full((n_hid, n_out), 1 / math.sqrt(n_hid))
    # mended:
    # w1 = torch.randn(n_in, n_hid) / math.sqrt(n_in)
    # w2 = torch.randn(n_hid, n_out) / math.sqrt(n_hid)
    # end
    p = {"w1": w1, "b1": torch.zeros(n_hid), "w2": w2, "b2": torch.zeros(n_out)}
    for t in p.values():
        t.requires_grad_(True)
    return p


def net(p, x):
    h = torch.tanh(x @ p["w1"] + p["b1"])
    return h @ p["w2"] + p["b2"]


def nll(p, x, y):
    z = net(p, x)
    return (torch.logsumexp(z, 1) - z.gather(1, y[:, None])[:, 0]).mean()


params = new_params()
velocity = {k: torch.zeros_like(t) for k, t in params.items()}
lr, momentum = 0.05, 0.9
for epoch in range(10):
    perm = torch.randperm(len(train_x))
    running = 0.0
    for b in perm.split(40):
        loss = nll(params, train_x[b], train_y[b])
        grads = torch.autograd.grad(loss, list(params.values()))
        with torch.no_grad():
            for (k, t), g in zip(params.items(), grads):
                velocity[k].mul_(momentum).add_(g)
                t.sub_(lr * velocity[k])
        running += loss.item() * len(b)
    lr *= 0.9
    with torch.no_grad():
        tr = (net(params, train_x).argmax(1) == train_y).float().mean().item()
        te = (net(params, test_x).argmax(1) == test_y).float().mean().item()
    print(f"epoch {epoch:2d}  nll {running / len(train_x):.4f}  train acc {tr:.3f}  test acc {te:.3f}")
with torch.no_grad():
    pred = net(params, test_x).argmax(1)
for i, f in enumerate(FAMILIES):
    print(f"{f:12s} recall {(pred[test_y == i] == i).float().mean().item():.2f}")
