# surname -> language, no nn.Module: plain tensors and autograd (exercise sheet 3)
# letters are described by vectors from an SVD of letter co-occurrences
import random
import numpy as np
import torch
import torch.nn.functional as F

random.seed(4)
torch.manual_seed(4)
SYL = {
    "italian": (["ros", "bian", "fer", "mar", "gal", "ricc", "lomb", "con", "bru", "mor"], ["etti", "ini", "ari", "ino", "ucci", "elli", "one", "ano"]),
    "polish": (["kow", "wisn", "nowa", "ziel", "szyma", "woz", "kozl", "jank", "maz", "kra"], ["alski", "iewski", "czyk", "owicz", "inska", "niak", "ecki", "wczak"]),
    "german": (["schm", "mull", "schn", "fisch", "web", "wagn", "beck", "hoff", "sch", "koch"], ["idt", "er", "eider", "mann", "bach", "berger", "heim", "stein"]),
    "japanese": (["tana", "yama", "saka", "kobaya", "mori", "naka", "wata", "hashi", "ino", "taka"], ["moto", "shi", "da", "mura", "hashi", "guchi", "naka", "be"]),
}
langs = list(SYL)


def surname():
    y = random.randrange(4)
    a, b = SYL[langs[y]]
    s = random.choice(a) + random.choice(b)
    if random.random() < 0.3:
        i = random.randrange(len(s))
        s = s[:i] + random.choice("aeioutnrs") + s[i + 1:]
    return s, y


pool = list({surname() for _ in range(14000)})
pool.sort()
random.shuffle(pool)
names, labels = zip(*pool)
cut = int(0.85 * len(names))

letters = ".abcdefghijklmnopqrstuvwxyz"
code = {c: i for i, c in enumerate(letters)}
co = np.ones((27, 27))
for s in names[:cut]:
    for a, b in zip("." + s, s + "."):
        co[code[a], code[b]] += 1
        co[code[b], code[a]] += 1
u, sv, _ = np.linalg.svd(np.log(co))
letter_vecs = u[:, :12] * np.sqrt(sv[:12]) / 2

L = 12
ids = torch.tensor([[code[c] for c in ("." + s)[-L:].rjust(L, ".")] for s in names])
y = torch.tensor(labels)
# fault:
E = torch.tensor(letter_vecs, requires_grad=True)
# mended:
# E = torch.tensor(letter_vecs, dtype=torch.float32, requires_grad=True)
# end
W1 = (torch.randn(L * 12, 48) * (L * 12) ** -0.5).requires_grad_()
b1 = torch.zeros(48, requires_grad=True)
W2 = (torch.randn(48, 4) * 48 ** -0.5).requires_grad_()
b2 = torch.zeros(4, requires_grad=True)
params = [E, W1, b1, W2, b2]


def net(x):
    h = torch.tanh(E[x].flatten(1) @ W1 + b1)
    return h @ W2 + b2


velocity = [torch.zeros_like(p) for p in params]
lr, mom = 0.05, 0.9
print(f"{cut} names to learn from, {len(names) - cut} to test on")
for epoch in range(12):
    losses = []
    for idx in torch.randperm(cut).split(32):
        loss = F.cross_entropy(net(ids[idx]), y[idx])
        grads = torch.autograd.grad(loss, params)
        with torch.no_grad():
            for p, g, v in zip(params, grads, velocity):
                v.mul_(mom).add_(g)
                p -= lr * v
        losses.append(loss.item())
    if epoch == 8:
        lr /= 5
    with torch.no_grad():
        z = net(ids[cut:])
        print(f"{epoch:2d} train {np.mean(losses):.4f} test {F.cross_entropy(z, y[cut:]).item():.4f} acc {(z.argmax(1) == y[cut:]).float().mean().item():.3f}")
