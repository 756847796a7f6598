"""Predicts the next screen of an app session. Parameters in a dictionary, output tied to the input table."""
import math

import numpy as np
import torch
import torch.nn.functional as F

CFG = dict(screens=30, length=18, sessions=800, held_out=150, dim=32, hidden=48,
           smoothing=0.1, batch=30, epochs=7, lr=6e-3, seed=3)


def sessions(cfg):
    """The next screen depends on the present one and on whether the user has passed the paywall (screen 0)."""
    rng = np.random.default_rng(cfg["seed"])
    v = cfg["screens"]
    free, paid = rng.permutation(v), rng.permutation(v)
    rows = set()
    total = cfg["sessions"] + cfg["held_out"]
    while len(rows) < total:
        s, member = [int(rng.integers(v))], False
        while len(s) < cfg["length"] + 1:
            member = member or s[-1] == 0
            nxt = (paid if member else free)[s[-1]] if rng.random() < 0.7 else rng.integers(v)
            s.append(int(nxt))
        rows.add(tuple(s))
    rows = np.array(sorted(rows))
    rng.shuffle(rows)
    return torch.from_numpy(rows[cfg["held_out"]:]), torch.from_numpy(rows[:cfg["held_out"]])


def uniform(gen, *shape):
    k = math.sqrt(3.0 / shape[0])
    return torch.empty(*shape).uniform_(-k, k, generator=gen).requires_grad_()


def make_state(cfg, gen):
    d, h = cfg["dim"], cfg["hidden"]
    state = {"table": (torch.randn(cfg["screens"], d, generator=gen) * d ** -0.5).requires_grad_()}
    for gate in "zn":
        state[f"{gate}_x"] = uniform(gen, d, h)
        state[f"{gate}_h"] = uniform(gen, h, h)
        state[f"{gate}_b"] = torch.zeros(h, requires_grad=True)
    state["down"] = uniform(gen, h, d)
    state["prior"] = torch.zeros(cfg["screens"], requires_grad=True)
    return state


def unroll(s, seq):
    x = s["table"][seq]
    h = x.new_zeros(len(seq), s["z_h"].shape[0])
    outs = []
    for xt in x.unbind(1):
        z = torch.sigmoid(xt @ s["z_x"] + h @ s["z_h"] + s["z_b"])
        n = torch.tanh(xt @ s["n_x"] + h @ s["n_h"] + s["n_b"])
        h = (1 - z) * h + z * n
        outs.append(h)
    return torch.stack(outs, 1) @ s["down"] @ s["table"].T + s["prior"]


def loss_of(s, seq, smoothing=0.0):
    logits = unroll(s, seq[:, :-1])
    return F.cross_entropy(logits.flatten(0, 1), seq[:, 1:].flatten(), label_smoothing=smoothing)


def hit_rate(s, seq):
    with torch.no_grad():
        return (unroll(s, seq[:, :-1]).argmax(-1) == seq[:, 1:]).float().mean().item()


def main(cfg):
    gen = torch.Generator().manual_seed(cfg["seed"])
    train, held = sessions(cfg)
    print("most frequent screen:", round(torch.bincount(held[:, 1:].flatten()).max().item() / held[:, 1:].numel(), 3))
    state = make_state(cfg, gen)
    opt = torch.optim.Adam(state.values(), lr=cfg["lr"], betas=(0.9, 0.98))
    for epoch in range(cfg["epochs"]):
        for idx in torch.randperm(len(train), generator=gen).split(cfg["batch"]):
            loss = loss_of(state, train[idx], cfg["smoothing"])
            grads = torch.autograd.grad(loss, list(state.values()))
            for p, g in zip(state.values(), grads):
                p.grad = g
            opt.step()
        with torch.no_grad():
            print(f"{epoch + 1:2d} train {loss_of(state, train).item():.3f} {hit_rate(state, train):.3f} "
                  f"held-out {loss_of(state, held).item():.3f} {hit_rate(state, held):.3f}")


main(CFG)
