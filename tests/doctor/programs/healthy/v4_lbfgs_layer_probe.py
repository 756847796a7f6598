"""Layer-wise probing with L-BFGS: is word order still readable from a *random, frozen* reservoir encoder?
Only the probe is fitted (full batch, closure); the reservoir is never trained, on purpose (Wieting & Kiela 2019)."""
import numpy as np
import torch

torch.manual_seed(4)
gen = np.random.default_rng(4)
N_TRAIN, N_TEST, LEN = 4500, 600, 10
fillers = np.arange(2, 40)


def sample(n):
    """does the marker 0 come before the marker 1?"""
    x = gen.choice(fillers, (n, LEN))
    y = gen.integers(0, 2, n)
    for i in range(n):
        a, b = np.sort(gen.choice(LEN, 2, replace=False))
        x[i, a], x[i, b] = (0, 1) if y[i] else (1, 0)
    return torch.from_numpy(x), torch.from_numpy(y).float()


class Reservoir(torch.nn.Module):
    """embedding -> tanh recurrences, all random; returns one summary per layer"""

    def __init__(self, d=128, depth=2):
        super().__init__()
        self.emb = torch.nn.Embedding(40, d)
        self.win = torch.nn.ParameterList(torch.nn.Parameter(torch.randn(d, d) / d ** 0.5) for _ in range(depth))
        self.rec = torch.nn.ParameterList(torch.nn.Parameter(0.95 * torch.nn.init.orthogonal_(torch.empty(d, d))) for _ in range(depth))

    def forward(self, x):
        e = self.emb(x)
        out = [e.mean(1)]
        for win, rec in zip(self.win, self.rec):
            h, hs = torch.zeros_like(e[:, 0]), []
            for t in range(e.size(1)):
                h = torch.tanh(0.6 * e[:, t] @ win + h @ rec)
                hs.append(h)
            e = torch.stack(hs, 1)
            out.append(e[:, -1])
        return out


(xa, ya), (xb, yb) = sample(N_TRAIN), sample(N_TEST)
enc = Reservoir().eval().requires_grad_(False)
layers_a, layers_b = enc(xa), enc(xb)


def fit_probe(f, y, l2=2e-3):
    w = torch.zeros(f.size(1), requires_grad=True)      # convex: zeros are as good as anything
    b = torch.zeros((), requires_grad=True)
    opt = torch.optim.LBFGS([w, b], lr=1, max_iter=20, line_search_fn="strong_wolfe")

    def closure():
        opt.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(f @ w + b, y) + l2 * w.square().sum()
        loss.backward()
        return loss

    for _ in range(4):
        last = opt.step(closure)
    return w.detach(), b.detach(), last.item()


for name, fa, fb in [("layer 1", layers_a[1], layers_b[1]), ("layer 2", layers_a[2], layers_b[2]),
                     ("concat", torch.cat(layers_a[1:], 1), torch.cat(layers_b[1:], 1))]:
    m, s = fa.mean(0), fa.std(0)
    fa, fb = (fa - m) / s, (fb - m) / s
    w, b, loss = fit_probe(fa, ya)
    acc = lambda f, y: (((f @ w + b) > 0).float() == y).float().mean().item()
    print(f"{name:8s} objective {loss:.4f}  train {acc(fa, ya):.3f}  test {acc(fb, yb):.3f}")
