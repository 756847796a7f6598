# Readability with an error bar: predicts mean and log-variance of a score from a bag of words.
# All by hand: a dict of tensors, an Adam in ten lines.  The negative log-likelihood goes below zero (densities!).
import math
import torch

g = torch.Generator().manual_seed(8)
V, L, D, N, M = 100, 16, 8, 9000, 800
weight = torch.randn(V, generator=g) * 0.25
fuzzy = (torch.rand(V, generator=g) < 0.4).float()       # words that make raters disagree


def docs(n):
    x = torch.randint(V, (n, L), generator=g)
    n_tok = torch.randint(8, L + 1, (n, 1), generator=g)
    m = (torch.arange(L)[None] < n_tok).float()
    mu = (weight[x] * m).sum(1) / m.sum(1)
    share = (fuzzy[x] * m).sum(1) / m.sum(1)
    sd = 0.02 * torch.exp(2.5 * share)
    return x, m, mu + sd * torch.randn(n, generator=g), mu, sd


xtr, mtr, ytr, *_ = docs(N)
xte, mte, yte, mu_te, sd_te = docs(M)

P = {
    "emb": torch.randn(V, D, generator=g) * 0.1,
    "w_mu": torch.randn(D, generator=g) * 0.1, "b_mu": ytr.mean().clone(),
    "w_lv": torch.randn(D, generator=g) * 0.1, "b_lv": ytr.var().log().clone(),
}
for v in P.values():
    v.requires_grad_(True)


def forward(p, x, m):
    h = torch.einsum("btd,bt->bd", p["emb"][x], m) / m.sum(1, keepdim=True)
    return h @ p["w_mu"] + p["b_mu"], h @ p["w_lv"] + p["b_lv"]


def nll(mu, lv, y):
    return 0.5 * (lv + (y - mu) ** 2 * torch.exp(-lv) + math.log(2 * math.pi)).mean()


state = {k: (torch.zeros_like(v), torch.zeros_like(v)) for k, v in P.items()}


def adam(t, grads, lr, b1=0.9, b2=0.99, eps=1e-8):
    with torch.no_grad():
        for (k, p), gr in zip(P.items(), grads):
            m, v = state[k]
            m.mul_(b1).add_(gr, alpha=1 - b1)
            v.mul_(b2).addcmul_(gr, gr, value=1 - b2)
            p -= lr * (m / (1 - b1 ** t)) / ((v / (1 - b2 ** t)).sqrt() + eps)


t, EPOCHS = 0, 6
for epoch in range(EPOCHS):
    run = 0.0
    for idx in torch.randperm(N, generator=g).split(50):
        t += 1
        mu, lv = forward(P, xtr[idx], mtr[idx])
        loss = nll(mu, lv, ytr[idx])
        grads = torch.autograd.grad(loss, list(P.values()))
        adam(t, grads, lr=0.02 * 0.5 * (1 + math.cos(math.pi * t / (EPOCHS * N / 50))) + 1e-5)
        run += loss.item() * len(idx)
    if epoch % 2:
        with torch.no_grad():
            mu, lv = forward(P, xte, mte)
            inside = ((yte - mu).abs() < 1.96 * (0.5 * lv).exp()).float().mean()
            r_mu = torch.corrcoef(torch.stack([mu, mu_te]))[0, 1]
            r_sd = torch.corrcoef(torch.stack([lv, sd_te.log()]))[0, 1]
        print(f"epoch {epoch + 1} nll train {run / N:.3f} test {nll(mu, lv, yte):.3f} | r(mean) {r_mu:.3f} "
              f"r(log sd) {r_sd:.3f} | 95% interval covers {inside:.3f}")
c = 0.5 * (math.log(2 * math.pi * ytr.var().item()) + 1)
print(f"constant predictor nll {c:.3f}; oracle {-torch.distributions.Normal(mu_te, sd_te).log_prob(yte).mean():.3f}")
