# Backprop by hand (no autograd): urgent / routine / self-care from a nurse's note. Lecture 6, solution.
import torch

torch.set_grad_enabled(False)
torch.manual_seed(6)
gen = torch.Generator().manual_seed(6)

CUES = [["chest", "unconscious", "bleeding", "stroke", "seizure", "breathless", "collapse", "cyanosis"],
        ["fracture", "fever", "infection", "rash", "vomiting", "sprain", "wound", "migraine"],
        ["cough", "sunburn", "bruise", "insomnia", "blister", "hiccups", "splinter", "tired"]]
COMMON = ["patient", "reports", "since", "morning", "mild", "left", "right", "arm", "no", "history", "of", "age", "male",
          "female", "medication", "none"]
VOC = [w for c in CUES for w in c] + COMMON


def notes(n):
    X, y = torch.zeros(n, len(VOC)), torch.randint(0, 3, (n,), generator=gen)
    for i in range(n):
        k = int(y[i])
        own = torch.randint(0, 8, (2,), generator=gen) + 8 * k
        X[i, own] += 1
        if torch.rand((), generator=gen) < .35:
            X[i, torch.randint(0, 24, (1,), generator=gen)] += 1
        X[i].index_add_(0, torch.randint(24, len(VOC), (6,), generator=gen), torch.ones(6))
    return X / X.sum(1, keepdim=True), y


def forward(P, X):
    h = torch.tanh(X @ P["W1"] + P["b1"])
    o = h @ P["W2"] + P["b2"]
    logp = o - o.logsumexp(1, keepdim=True)
    return h, logp


def gradients(P, X, y):
    h, logp = forward(P, X)
    loss = -logp[torch.arange(len(y)), y].mean()
    d = logp.exp()
    d[torch.arange(len(y)), y] -= 1
    d /= len(y)
    dh = d @ P["W2"].T * (1 - h * h)
    return loss, {"W1": X.T @ dh, "b1": dh.sum(0), "W2": h.T @ d, "b2": d.sum(0)}


X, y = notes(1600)
Xt, yt = notes(400)
H = 16
P = {"W1": torch.randn(len(VOC), H) * .5, "b1": torch.zeros(H), "W2": torch.randn(H, 3) / H ** .5, "b2": torch.zeros(3)}

# finite difference check of a few entries, in double precision
D = {k: v.double() for k, v in P.items()}
_, G = gradients(D, X[:20].double(), y[:20])
for name in P:
    flat = D[name].view(-1)
    keep = flat[0].item()
    flat[0] = keep + 1e-5; up, _ = gradients(D, X[:20].double(), y[:20])
    flat[0] = keep - 1e-5; dn, _ = gradients(D, X[:20].double(), y[:20])
    flat[0] = keep
    assert abs((up - dn) / 2e-5 - G[name].view(-1)[0]) < 1e-7, name
print("gradient check ok")

V = {k: torch.zeros_like(v) for k, v in P.items()}
eta, mu = 0.2, 0.9
for epoch in range(8):
    perm = torch.randperm(len(X), generator=gen)
    tot = 0.
    for idx in perm.split(32):
        loss, G = gradients(P, X[idx], y[idx])
        for k in P:
            V[k] = mu * V[k] - eta * G[k]
            P[k] += V[k]
        tot += loss.item() * len(idx)
    eta *= 0.9
    acc = [(forward(P, a)[1].argmax(1) == b).float().mean().item() for a, b in ((X, y), (Xt, yt))]
    print(f"epoch {epoch}: loss {tot / len(X):.4f}, acc {acc[0]:.3f} (train) {acc[1]:.3f} (test)")
