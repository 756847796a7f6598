# Next step of a process recipe (semiconductor line). Window model over the last
# four steps; the table that reads the steps also writes them (tied), with
# label smoothing. Hand-written everything, tensors only.
import math
import random

import torch

torch.manual_seed(23)
rnd = random.Random(23)

V, CTX, D, H = 36, 4, 20, 48
START = 0
follow = {}
for s in range(V):
    choices = rnd.sample(range(1, V), 4)
    follow[s] = (choices, [0.55, 0.25, 0.12, 0.08])


def recipe():
    seq = [rnd.randrange(1, V)]
    for i in range(15):
        src = seq[-1] if i % 5 else (seq[-1] * 7 + 3) % V          # every fifth step is a change of chamber
        names, p = follow[src]
        seq.append(rnd.choices(names, p)[0] if rnd.random() < 0.9 else rnd.randrange(1, V))
    return tuple(seq)


recipes = set()
while len(recipes) < 900:
    recipes.add(recipe())
recipes = sorted(recipes)
rnd.shuffle(recipes)


def windows(block):
    x, y = [], []
    for r in block:
        padded = [START] * CTX + list(r)
        for i in range(1, len(r)):
            x.append(padded[i:i + CTX])
            y.append(r[i])
    return torch.tensor(x), torch.tensor(y)


x_fit, y_fit = windows(recipes[:750])
x_new, y_new = windows(recipes[750:])

table = torch.randn(V, D).mul_(0.3).requires_grad_()
w_in = (torch.randn(CTX * D, H) / (CTX * D) ** 0.5).requires_grad_()
b_in = torch.zeros(H, requires_grad=True)
w_up = (torch.randn(H, D) / H ** 0.5).requires_grad_()
b_out = torch.zeros(V, requires_grad=True)
weights = [table, w_in, b_in, w_up, b_out]


def model(x):
    h = torch.tanh(table[x].flatten(1) @ w_in + b_in)
    return (h @ w_up) @ table.T + b_out


def smoothed(z, y, eps=0.05):
    logp = torch.log_softmax(z, 1)
    hard = -logp.gather(1, y.unsqueeze(1)).mean()
    return (1 - eps) * hard - eps * logp.mean()


@torch.no_grad()
def perplexity(x, y):
    z = model(x)
    nll = torch.nn.functional.cross_entropy(z, y).item()
    return math.exp(nll), (z.argmax(1) == y).float().mean().item()


share = torch.bincount(y_fit, minlength=V).float() + 1
unigram = math.exp(-(share / share.sum()).log()[y_new].mean().item())
print(f"{len(x_fit)} windows; frequency baseline: perplexity {unigram:.2f} accuracy "
      f"{(y_new == share.argmax()).float().mean():.3f}")

lr, decay = 0.004, 0.8
m = [torch.zeros_like(w) for w in weights]
v = [torch.zeros_like(w) for w in weights]
step = 0
for epoch in range(12):
    total = 0.0
    for part in torch.randperm(len(x_fit)).split(64):
        loss = smoothed(model(x_fit[part]), y_fit[part])
        grads = torch.autograd.grad(loss, weights)
        step += 1
        with torch.no_grad():
            for w, g, a, b in zip(weights, grads, m, v):
                a.mul_(0.9).add_(g, alpha=0.1)
                b.mul_(0.999).addcmul_(g, g, value=0.001)
                w -= lr * (a / (1 - 0.9 ** step)) / ((b / (1 - 0.999 ** step)).sqrt() + 1e-8)
        total += loss.item() * len(part)
    lr *= decay
    print(f"epoch {epoch:2d}  loss {total / len(x_fit):.4f}  unseen recipes: perplexity %.3f accuracy %.3f" % perplexity(x_new, y_new))
print("fitted recipes: perplexity %.3f accuracy %.3f" % perplexity(x_fit, y_fit))
