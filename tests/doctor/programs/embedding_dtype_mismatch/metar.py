# StackOverflow style minimal example: weather groups -> "flight category", own recurrent cell, tensors only
import random
import numpy as np
import torch

random.seed(4); np.random.seed(4); torch.manual_seed(4)
CLOUDS = {"SKC": 0, "FEW030": 1, "SCT040": 1, "SCT020": 2, "BKN025": 2, "BKN015": 4, "OVC012": 4, "OVC008": 6, "BKN006": 6, "OVC003": 8, "VV001": 9}
VIS = {"9999": 0, "8000": 1, "6000": 2, "4500": 4, "3000": 5, "1500": 7, "0800": 8, "0300": 9}
WX = {"NSW": 0, "-RA": 1, "RA": 2, "+RA": 3, "BR": 2, "FG": 5, "SN": 4, "+SN": 6, "TSRA": 5, "DZ": 2}
WIND = {"%03d%02dKT" % (d, s): (1 if s > 20 else 0) for d in range(0, 360, 40) for s in (5, 12, 18, 26)}
GROUPS = {**CLOUDS, **VIS, **WX, **WIND}
vocab = {g: i for i, g in enumerate(GROUPS)}


def report():
    r = [random.choice(list(WIND)), random.choice(list(VIS)), random.choice(list(WX))] + random.sample(list(CLOUDS), random.randint(1, 3))
    bad = sum(GROUPS[g] for g in r)
    return [vocab[g] for g in r], 0 if bad < 9 else 1 if bad < 16 else 2


data = [report() for _ in range(2400)]
train, test = data[:2000], data[2000:]

# vectors: severity plus noise, as they came out of the autoencoder (saved with np.savetxt)
np.savetxt("groups.txt", np.array([[GROUPS[g] / 4.0] + list(np.random.randn(11) * 0.5) for g in GROUPS]))
# fault:
table = torch.from_numpy(np.loadtxt("groups.txt"))
# mended:
# table = torch.from_numpy(np.loadtxt("groups.txt")).float()
# end

H = 20
Wx = torch.randn(12, H) * 0.2
Wh = torch.eye(H) * 0.9
b = torch.zeros(H)
Wo = torch.randn(H, 3) * 0.1
bo = torch.zeros(3)
params = [Wx, Wh, b, Wo, bo]
for p in params:
    p.requires_grad_(True)


def run(ids):
    """ids: list of reports of one length"""
    x = torch.nn.functional.embedding(torch.tensor(ids).t(), table)      # T, B, 12
    h = torch.zeros(x.shape[1], H)
    for t in range(x.shape[0]):
        h = torch.tanh(x[t] @ Wx + h @ Wh + b)
    return h @ Wo + bo


def by_length(rows, size):
    groups = {}
    for r in random.sample(rows, len(rows)):
        groups.setdefault(len(r[0]), []).append(r)
    out = [g[k:k + size] for g in groups.values() for k in range(0, len(g), size)]
    random.shuffle(out)
    return out


vel = [torch.zeros_like(p) for p in params]
for epoch in range(30):
    total = 0.0
    for part in by_length(train, 40):
        y = torch.tensor([c for _, c in part])
        loss = torch.nn.functional.cross_entropy(run([r for r, _ in part]), y)
        grads = torch.autograd.grad(loss, params)
        norm = torch.sqrt(sum((g ** 2).sum() for g in grads))
        with torch.no_grad():
            for p, g, v in zip(params, grads, vel):
                v.mul_(0.9).add_(g * min(1.0, 2.0 / norm.item()))
                p -= 0.02 * 0.93 ** epoch * v
        total += loss.item() * len(part)
    if epoch % 5 == 4:
        with torch.no_grad():
            ok = sum((run([r for r, _ in g]).argmax(1) == torch.tensor([c for _, c in g])).sum().item() for g in by_length(test, 500))
        print("epoch", epoch + 1, "loss %.3f" % (total / len(train)), "test acc %.3f" % (ok / len(test)))
