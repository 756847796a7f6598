# Support-ticket router without nn.Module: a dict of tensors, torch.func.grad_and_value, hand-made Adam, bfloat16 forward.
import math, random
import torch
import torch.nn.functional as F
from torch.func import grad_and_value

g = torch.Generator().manual_seed(17)
random.seed(17)
TOPICS = {
    "billing": "invoice refund charge card payment price receipt tax".split(),
    "network": "router wifi signal cable speed outage modem latency".split(),
    "account": "password login email username reset profile locked code".split(),
    "delivery": "parcel courier address late tracking box driver door".split(),
}
NOISE = "my the a is was again since yesterday please help with about still now very not can you i it".split()
vocab = {w: i for i, w in enumerate(["<pad>"] + NOISE + sum(TOPICS.values(), []))}
names = list(TOPICS)


def ticket():
    k = random.randrange(4)
    n = random.randint(6, 14)
    w = [random.choice(TOPICS[names[k]]) if random.random() < .3 else random.choice(NOISE) for _ in range(n)]
    w[random.randrange(n)] = random.choice(TOPICS[names[k]])
    if random.random() < .4:
        w[random.randrange(n)] = random.choice(TOPICS[random.choice(names)])     # a stray word of another topic
    return [vocab[x] for x in w] + [0] * (14 - n), k


rows = [ticket() for _ in range(3600)]
rows = list({tuple(r): (r, k) for r, k in rows}.values())
X = torch.tensor([r for r, _ in rows]); Y = torch.tensor([k for _, k in rows])
n_tr = int(.7 * len(X))
H = 24
P = {
    "E": torch.randn(len(vocab), H, generator=g) * .3,
    "q": torch.zeros(H),
    "W1": torch.randn(H, H, generator=g) / math.sqrt(H), "b1": torch.zeros(H),
    "W2": torch.randn(H, 4, generator=g) / math.sqrt(H), "b2": torch.zeros(4),
}


def logits(p, x):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        e = F.embedding(x, p["E"])
        a = (e @ p["q"]).float().masked_fill(x == 0, -1e9).softmax(-1)       # attention pooling, padding gets nothing
        h = torch.einsum("bt,bth->bh", a, e.float())
        h = F.gelu(h @ p["W1"] + p["b1"])
        return (h @ p["W2"] + p["b2"]).float()


def objective(p, x, y):
    return F.cross_entropy(logits(p, x), y)


step_fn = grad_and_value(objective)
m = {k: torch.zeros_like(v) for k, v in P.items()}
v2 = {k: torch.zeros_like(v) for k, v in P.items()}
t, EPOCHS, BS = 0, 8, 48
T = EPOCHS * math.ceil(n_tr / BS)
for ep in range(EPOCHS):
    tot = 0.
    for ix in torch.randperm(n_tr, generator=g).split(BS):
        grads, loss = step_fn(P, X[ix], Y[ix])
        t += 1
        lr = 6e-3 * min(1., t / 20) * .5 * (1 + math.cos(math.pi * t / T))
        for k in P:
            m[k].mul_(.9).add_(grads[k], alpha=.1)
            v2[k].mul_(.99).addcmul_(grads[k], grads[k], value=.01)
            P[k] = P[k] - lr * (m[k] / (1 - .9 ** t)) / ((v2[k] / (1 - .99 ** t)).sqrt() + 1e-8)
        tot += loss.item() * len(ix)
    acc = [(logits(P, X[s]).argmax(-1) == Y[s]).float().mean().item() for s in (slice(0, n_tr), slice(n_tr, None))]
    print(f"epoch {ep} loss {tot / n_tr:.3f} | train {acc[0]:.3f} | held out {acc[1]:.3f}")
