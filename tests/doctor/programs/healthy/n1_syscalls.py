"""Rare intrusions in system call traces.

Calls have fixed random signatures (nothing to learn in them, they only have to be told apart);
detectors look at windows of three calls and the strongest hit in the trace counts.
About one trace in twelve is an attack, so positives weigh more and average precision is reported.
"""
import random

import torch
import torch.nn.functional as F
from sklearn.metrics import average_precision_score

random.seed(77)
torch.manual_seed(77)

CALLS = 60
PAD = CALLS
SIG = 32
LEN = 40
ATTACK = [(5, 17, 42), (8, 33, 2), (51, 9, 28)]


def trace():
    n = random.randint(12, LEN)
    seq = [random.randrange(CALLS) for _ in range(n)]
    bad = random.random() < 0.085
    if bad:
        at = random.randrange(n - 2)
        seq[at:at + 3] = random.choice(ATTACK)
    elif random.random() < 0.5:                     # same calls, other order
        at = random.randrange(n - 2)
        tri = list(random.choice(ATTACK))
        seq[at:at + 3] = tri[::-1]
    return tuple(seq), int(bad)


seen = {}
while len(seen) < 7000:
    s, y = trace()
    seen[s] = y
data = list(seen.items())
random.shuffle(data)


def tensors(rows):
    ids = torch.full((len(rows), LEN), PAD)
    for i, (s, _) in enumerate(rows):
        ids[i, :len(s)] = torch.tensor(s)
    return ids, torch.tensor([float(y) for _, y in rows])


x_test, y_test = tensors(data[:2000])
x, y = tensors(data[2000:])

signature = F.normalize(torch.randn(CALLS + 1, SIG), dim=1)
signature[PAD] = 0

K = 24
p = {
    "det": torch.randn(3, SIG, K) * (1.0 / 3 / SIG ** 0.5) * 3,
    "thr": torch.full((K,), -0.3),
    "out": torch.rand(K) * 0.3,
    "bias": torch.tensor(-1.0),
}
for t in p.values():
    t.requires_grad_(True)


def forward(ids):
    e = F.embedding(ids, signature)
    win = torch.stack([e[:, :-2], e[:, 1:-1], e[:, 2:]], dim=2)            # n, L-2, 3, SIG
    hit = torch.einsum("nlcs,csk->nlk", win, p["det"]) + p["thr"]
    whole = (ids[:, 2:] != PAD).unsqueeze(-1)
    hit = hit.masked_fill(~whole, float("-inf")).amax(dim=1)
    return F.softplus(3 * hit) @ p["out"] + p["bias"]


# Lion: sign of an interpolated momentum, decoupled decay
mom = {k: torch.zeros_like(t) for k, t in p.items()}


@torch.no_grad()
def lion(lr, b1=0.9, b2=0.98, decay=0.05):
    for k, t in p.items():
        step = (b1 * mom[k] + (1 - b1) * t.grad).sign()
        t.mul_(1 - lr * decay).sub_(lr * step)
        mom[k].mul_(b2).add_(t.grad, alpha=1 - b2)
        t.grad = None


weight = (y == 0).sum() / (y == 1).sum()
epochs, bs = 5, 100
total_steps, step = epochs * len(x) // bs, 0
for epoch in range(epochs):
    run = 0.0
    for chunk in torch.randperm(len(x)).split(bs):
        loss = F.binary_cross_entropy_with_logits(forward(x[chunk]), y[chunk], pos_weight=weight)
        loss.backward()
        lion(0.006 * (1 - step / (total_steps + 1)))
        step += 1
        run += loss.item() * len(chunk)
    with torch.no_grad():
        z, zt = forward(x_test), forward(x[:2000])
    f1 = 2 * ((z > 0) & (y_test == 1)).sum().item() / max(1, ((z > 0).sum() + (y_test == 1).sum()).item())
    print(f"{epoch} loss {run / len(x):.4f}  AP train {average_precision_score(y[:2000], zt):.3f} "
          f"test {average_precision_score(y_test, z):.3f} (base rate {y_test.mean():.3f})  F1 {f1:.3f}")
