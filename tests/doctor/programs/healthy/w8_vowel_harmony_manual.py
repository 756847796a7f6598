"""Suffix choice by vowel harmony (four-way, Turkish style), with nothing but tensors.

The stem is read from its end by a small hand-made recurrent net, weights are plain
tensors and are moved by hand: momentum first, then the step."""
import random
import torch

random.seed(29)
torch.manual_seed(29)
CONS = "bcdfgklmnprstvz"
HARM = {"a": "ı", "ı": "ı", "e": "i", "i": "i", "o": "u", "u": "u", "ö": "ü", "ü": "ü"}
VOWELS = list(HARM)
SUFF = sorted(set(HARM.values()))
ALPH = " " + CONS + "".join(VOWELS)


def stem():
    s = ""
    for _ in range(random.randint(1, 3)):
        s += random.choice(CONS) + random.choice(VOWELS)
    for _ in range(random.randint(0, 2)):
        s += random.choice(CONS)
    return s


stems = set()
while len(stems) < 2600:
    stems.add(stem())
stems = sorted(stems)
random.shuffle(stems)


def encode(s):
    tail = s[::-1][:6][::-1]                       # the last six letters, right aligned
    return [ALPH.index(c) for c in tail.rjust(6)]


def gold(s):
    return SUFF.index(HARM[[c for c in s if c in HARM][-1]])


X = torch.tensor([encode(s) for s in stems])
Y = torch.tensor([gold(s) for s in stems])
Xa, Ya, Xb, Yb = X[:2000], Y[:2000], X[2000:], Y[2000:]

H, D = 24, 10
P = {
    "E": torch.randn(len(ALPH), D) * 0.5,
    "Wx": torch.randn(D, H) / D ** 0.5,
    "Wh": torch.eye(H) * 0.9,
    "Wg": torch.randn(D, H) / D ** 0.5,
    "bg": torch.zeros(H),
    "Wo": torch.randn(H, len(SUFF)) / H ** 0.5,
    "bo": torch.zeros(len(SUFF)),
}
for t in P.values():
    t.requires_grad_()


def net(x):
    h = torch.zeros(len(x), H)
    for t in range(x.shape[1]):
        e = P["E"][x[:, t]]
        g = torch.sigmoid(e @ P["Wg"] + P["bg"])
        h = (1 - g) * h + g * torch.tanh(e @ P["Wx"] + h @ P["Wh"])
    return h @ P["Wo"] + P["bo"]


def right(x, y):
    with torch.no_grad():
        return (net(x).argmax(1) == y).float().mean().item()


speed = {k: torch.zeros_like(v) for k, v in P.items()}
RATE, MOM = 0.15, 0.9
for lap in range(8):
    if lap == 6:
        RATE /= 5
    seen = []
    for rows in torch.randperm(len(Xa)).split(50):
        z = net(Xa[rows])
        loss = -z.log_softmax(1)[torch.arange(len(rows)), Ya[rows]].mean()
        grads = torch.autograd.grad(loss, list(P.values()))
        size = torch.sqrt(sum(g.pow(2).sum() for g in grads))
        shrink = min(1.0, 1.0 / (size.item() + 1e-6))
        with torch.no_grad():
            for (k, v), g in zip(P.items(), grads):
                speed[k].mul_(MOM).add_(g * shrink)
                v.sub_(RATE * speed[k])
        seen.append(loss.item())
    print(f"lap {lap} loss {sum(seen) / len(seen):.4f} stems {right(Xa, Ya):.3f} new stems {right(Xb, Yb):.3f}")

for s in ("göz", "kitab", "okul", "deniz"):
    with torch.no_grad():
        print(s, "+", SUFF[net(torch.tensor([encode(s)])).argmax().item()])
