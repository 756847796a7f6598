# Deep ensembles with a predicted variance (Lakshminarayanan et al. 2017). No nn.Module, no torch.optim:
# five members live in one batched set of tensors and are updated by hand (momentum).
import math
import torch

torch.manual_seed(12)
M, H, LR, MOM, STEPS, B = 5, 20, 0.04, 0.9, 2500, 100


def experiment(n):
    x = torch.rand(n, 3) * 2 - 1
    mean = 0.5 * torch.sin(3 * x[:, 0]) + 0.4 * x[:, 1] * x[:, 2]
    noise = 0.03 + 0.10 * (x[:, 0] > 0).float()       # much noisier on the right
    return x, mean + noise * torch.randn(n), noise


x, y, _ = experiment(4000)
xv, yv, noise_v = experiment(1000)

weights = {
    "w1": torch.randn(M, 3, H) * 0.8, "b1": torch.randn(M, 1, H) * 0.3,
    "w2": torch.randn(M, H, H) / math.sqrt(H), "b2": torch.zeros(M, 1, H),
    "w3": torch.randn(M, H, 2) * 0.1, "b3": torch.zeros(M, 1, 2),
}
for w in weights.values():
    w.requires_grad_()
speed = {k: torch.zeros_like(w) for k, w in weights.items()}


def forward(w, inp):
    h = torch.tanh(inp @ w["w1"] + w["b1"])
    h = torch.tanh(h @ w["w2"] + w["b2"])
    mu, log_sd = (h @ w["w3"] + w["b3"]).unbind(-1)
    return mu, log_sd.clamp(-6, 3)


def nll(mu, log_sd, t):
    return (log_sd + 0.5 * ((t - mu) / log_sd.exp()) ** 2 + 0.5 * math.log(2 * math.pi)).mean(-1)


def ensemble(inp):
    with torch.no_grad():
        mu, ls = forward(weights, inp.expand(M, *inp.shape))
    m = mu.mean(0)
    var = (ls.mul(2).exp() + mu ** 2).mean(0) - m ** 2
    return m, var.sqrt()


for step in range(STEPS):
    pick = torch.randint(len(x), (M, B))               # every member draws its own rows
    per_member = nll(*forward(weights, x[pick]), y[pick])
    grads = torch.autograd.grad(per_member.sum(), list(weights.values()))
    norm = torch.sqrt(sum((g ** 2).sum() for g in grads)).item()
    shrink = min(1.0, 10.0 / (norm + 1e-9))
    rate = LR * 0.5 * (1 + math.cos(math.pi * step / STEPS))
    with torch.no_grad():
        for (k, w), g in zip(weights.items(), grads):
            speed[k].mul_(MOM).add_(g, alpha=shrink)
            w.sub_(speed[k], alpha=rate)
    if (step + 1) % 500 == 0:
        m, s = ensemble(xv)
        mt, st = ensemble(x)
        print(f"step {step + 1:4d}  batch nll {per_member.mean().item():.3f}  train nll {nll(mt, st.log(), y).item():.3f}  "
              f"held-out nll {nll(m, s.log(), yv).item():.3f}  rmse {((m - yv) ** 2).mean().sqrt().item():.4f}")

print("nll of the true noise level:", round((noise_v.log() + 0.5 + 0.5 * math.log(2 * math.pi)).mean().item(), 3))
print("R2 held out:", round(1 - (((m - yv) ** 2).mean() / yv.var()).item(), 4))
print("mean predicted sd left / right: %.3f / %.3f" % (s[xv[:, 0] < 0].mean(), s[xv[:, 0] > 0].mean()))
