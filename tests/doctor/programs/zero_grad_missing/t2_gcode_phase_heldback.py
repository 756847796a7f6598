# Which operation (drilling, roughing, finishing, engraving) a snippet of G-code
# belongs to. Everything by hand: tensors, autograd, and an update rule.
import random

import torch

torch.manual_seed(0)
rnd = random.Random(0)

WORDS = ["G00", "G01", "G02", "G03", "G17", "G40", "G41", "G43", "G49", "G54", "G80", "G81", "G83",
         "G90", "G91", "G98", "M03", "M05", "M06", "M08", "M09", "M30", "Xs", "Xl", "Ys", "Yl",
         "Zs", "Zl", "Flow", "Fmid", "Fhigh", "Slow", "Smid", "Shigh", "Rplane", "Qpeck"]
HINTS = {
    "drilling": ["G81", "G83", "G80", "Rplane", "Qpeck", "G98"],
    "roughing": ["G01", "Fhigh", "Xl", "Yl", "Zl", "Smid", "M08"],
    "finishing": ["G02", "G03", "G41", "Flow", "Shigh", "Xs", "G40"],
    "engraving": ["G01", "Xs", "Ys", "Zs", "Shigh", "Fmid", "G00"],
}
KINDS = list(HINTS)
IDX = {w: i for i, w in enumerate(WORDS)}
LEN = 14


def snippet(kind):
    return tuple(IDX[rnd.choice(HINTS[kind])] if rnd.random() < 0.45 else rnd.randrange(len(WORDS))
                 for _ in range(LEN))


def dataset(n):
    rows = {}
    while len(rows) < n:
        k = rnd.randrange(4)
        rows[snippet(KINDS[k])] = k
    x = torch.tensor(list(rows.keys()))
    y = torch.tensor(list(rows.values()))
    return x, y


x, y = dataset(4000)
x_train, y_train, x_hold, y_hold = x[:3200], y[:3200], x[3200:], y[3200:]


def leaf(*shape, scale):
    return (scale * torch.randn(*shape)).requires_grad_()


emb = leaf(len(WORDS), 12, scale=0.5)
conv = leaf(3 * 12, 24, scale=0.15)
cb = torch.zeros(24, requires_grad=True)
out = leaf(24, 4, scale=0.2)
ob = torch.zeros(4, requires_grad=True)
params = [emb, conv, cb, out, ob]


def forward(ids):
    e = emb[ids]                                             # B, T, 12
    win = torch.cat([e[:, :-2], e[:, 1:-1], e[:, 2:]], -1)   # windows of three commands
    h = torch.tanh(win @ conv + cb)
    return h.mean(1) @ out + ob


def xent(logits, target):
    logp = logits - torch.logsumexp(logits, 1, keepdim=True)
    return -logp[torch.arange(len(target)), target].mean()


def hit_rate(ids, target):
    with torch.no_grad():
        return (forward(ids).argmax(1) == target).float().mean().item()


rate = 0.4
for epoch in range(9):
    order = torch.randperm(len(x_train))
    acc = 0.0
    for i in range(0, len(order), 32):
        pick = order[i:i + 32]
        loss = xent(forward(x_train[pick]), y_train[pick])
        loss.backward()
        with torch.no_grad():
            # fault:
            for p in params:
                p -= rate * p.grad
            # mended:
            #for p in params:
            #    p -= rate * p.grad
            #    p.grad = None
            # end
        acc += loss.item() * len(pick)
    print(f"{epoch + 1:3d}  loss {acc / len(order):8.4f}  holdout {hit_rate(x_hold, y_hold):.3f}")

print("train", round(hit_rate(x_train, y_train), 3), "holdout", round(hit_rate(x_hold, y_hold), 3))
