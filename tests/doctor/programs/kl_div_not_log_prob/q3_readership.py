"""Predict which reader groups open a newsletter, from the keywords in its subject line.

Targets are the observed shares of the five groups among the openers (soft labels)."""
import math
import torch
import torch.nn.functional as F

GROUPS = ["students", "engineers", "parents", "investors", "retired"]
N_WORDS, LINE, DIM, HID = 240, 7, 24, 48

gen = torch.Generator().manual_seed(11)


def randn(*shape, scale=1.0):
    return torch.randn(*shape, generator=gen) * scale


def synth(n):
    """each keyword appeals to the groups in its own way; shares come from 80 counted openers"""
    idx = torch.randint(1, N_WORDS, (n, LINE), generator=gen)
    lens = torch.randint(3, LINE + 1, (n,), generator=gen)
    keep = torch.arange(LINE)[None, :] < lens[:, None]
    idx = idx * keep
    taste = (APPEAL[idx] * keep[..., None]).sum(1) / lens[:, None] ** 0.5
    p = F.softmax(taste, dim=-1)
    counts = torch.stack([torch.bincount(torch.multinomial(row, 80, replacement=True, generator=gen),
                                         minlength=len(GROUPS)) for row in p])
    return idx, counts.float() / 80


def make_params():
    p = {
        "emb": randn(N_WORDS, DIM, scale=0.2),
        "w1": randn(DIM, HID, scale=(2 / DIM) ** 0.5),
        "b1": torch.zeros(HID),
        "w2": randn(HID, len(GROUPS), scale=HID ** -0.5),
        "b2": torch.zeros(len(GROUPS)),
    }
    return {k: v.requires_grad_() for k, v in p.items()}


def forward(p, idx):
    m = (idx > 0).unsqueeze(-1).float()
    e = (p["emb"][idx] * m).sum(1) / m.sum(1).sqrt()
    h = torch.relu(e @ p["w1"] + p["b1"])
    return h @ p["w2"] + p["b2"]


def divergence(scores, shares):
    # fault:
    return F.kl_div(F.softmax(scores, dim=-1), shares, reduction="batchmean")
    # mended:
    #return F.kl_div(F.log_softmax(scores, dim=-1), shares, reduction="batchmean")
    # end


@torch.no_grad()
def report(p, idx, shares):
    q = F.softmax(forward(p, idx), dim=-1)
    tv = 0.5 * (q - shares).abs().sum(-1).mean().item()
    prior = 0.5 * (TRAIN[1].mean(0) - shares).abs().sum(-1).mean().item()
    nll = -(shares * q.clamp_min(1e-12).log()).sum(-1).mean().item()
    return tv, prior, nll


APPEAL = randn(N_WORDS, len(GROUPS), scale=1.0)
TRAIN, TEST = synth(2600), synth(400)


def fit(epochs=11, bs=64, lr=4e-3):
    params = make_params()
    opt = torch.optim.Adam(list(params.values()), lr=lr)
    steps = epochs * math.ceil(len(TRAIN[0]) / bs)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=lr, total_steps=steps)
    for ep in range(epochs):
        order, tot = torch.randperm(len(TRAIN[0]), generator=gen), 0.0
        for b in order.split(bs):
            loss = divergence(forward(params, TRAIN[0][b]), TRAIN[1][b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            sched.step()
            tot += loss.item() * len(b)
        if ep % 3 == 0 or ep == epochs - 1:
            print(f"epoch {ep:2d}  loss {tot / len(order):.4f}  test TV {report(params, *TEST)[0]:.3f}")
    return params


if __name__ == "__main__":
    fitted = fit()
    for name, part in (("train", TRAIN), ("test", TEST)):
        tv, prior, nll = report(fitted, *part)
        print(f"{name}: total variation {tv:.3f} (constant shares {prior:.3f}), cross entropy {nll:.3f}")
