#!/usr/bin/env python3
"""char-lm.py: next-letter model on text of a small random grammar; all by hand (Nesterov momentum, weight tying, no optim).

The source is a second-order Markov chain, so the best reachable loss is known and printed beside ours.
"""
import numpy as np
import torch

SEED, K, D, H, STEPS, T, B = 17, 12, 24, 64, 600, 40, 16
gen = np.random.default_rng(SEED)
torch.manual_seed(SEED)


def source():
    p = np.full((K, K, K), 0.05 / K)
    for a in range(K):
        for b in range(K):
            p[a, b, gen.choice(K, 3, replace=False)] += np.array([0.6, 0.25, 0.1])
    return p


def sample(p, n):
    cum, s = p.cumsum(-1), [0, 1]
    for u in gen.random(n):
        s.append(min(int(np.searchsorted(cum[s[-2], s[-1]], u)), K - 1))
    return np.array(s[2:])


def entropy(p, text):
    q = p[text[:-2], text[1:-1]]
    return -np.log(q[np.arange(len(q)), text[2:]]).mean()


def chunks(text):
    """B parallel streams of T letters, in a new random place every time"""
    t = torch.from_numpy(text)
    while True:
        at = torch.randint(0, len(t) - T - 1, (B,))
        yield torch.stack([t[i:i + T + 1] for i in at.tolist()])


theta = {
    "e": torch.randn(K, D) * 0.5,                 # shared by input and output
    "u": torch.randn(3, D, H) * (2 * D) ** -0.5,  # one matrix for each of the last letters
    "c": torch.zeros(H),
    "v": torch.randn(H, D) * H ** -0.5,
    "o": torch.zeros(K),
}
for w in theta.values():
    w.requires_grad_(True)
speed = {k: torch.zeros_like(w) for k, w in theta.items()}


def forward(x):
    e = theta["e"][x]                                      # (B, T, D)
    prev = torch.nn.functional.pad(e, (0, 0, 1, 0))[:, :-1]
    h = torch.relu(e @ theta["u"][0] + prev @ theta["u"][1] + (e * prev) @ theta["u"][2] + theta["c"])
    return h @ theta["v"] @ theta["e"].T + theta["o"]


def nll(x):
    z = forward(x[:, :-1])[:, 1:]                          # the first letter has no past
    y = x[:, 2:]
    return (z.logsumexp(-1) - z.gather(-1, y[..., None])[..., 0]).mean()


def update(lr, mu=0.9):
    grads = torch.autograd.grad
    def apply(loss):
        for (k, w), g in zip(theta.items(), grads(loss, list(theta.values()))):
            speed[k].mul_(mu).add_(g)
            with torch.no_grad():
                w -= lr * (g + mu * speed[k])
    return apply


p = source()
train, test = sample(p, 40000), sample(p, 6000)
held = torch.from_numpy(test[:5945]).unfold(0, T + 1, T + 1)
seen = torch.from_numpy(train[:5945]).unfold(0, T + 1, T + 1)
stream = chunks(train)
for step in range(1, STEPS + 1):
    lr = 0.1 * min(1.0, 2 * (1 - step / (STEPS + 1)))
    loss = nll(next(stream))
    update(lr)(loss)
    if step % 100 == 0:
        with torch.no_grad():
            print(f"step {step}: train {nll(seen):.3f} test {nll(held):.3f} nats  (floor {entropy(p, test):.3f}, uniform {np.log(K):.3f})")
