"""Predict how a panel of tasters splits its vote over six kitchens from a recipe's ingredient list."""
import numpy as np
import torch
import torch.nn.functional as F

torch.manual_seed(11)
rng = np.random.default_rng(11)

KITCHENS = ["levantine", "nordic", "sichuan", "oaxacan", "punjabi", "ligurian"]
K = len(KITCHENS)
N_ING = 180          # ids 1..N_ING, 0 is padding
MAXLEN = 12
PANEL = 40           # tasters per recipe


def draw_recipes(n):
    """Every ingredient leans towards one or two kitchens, staples lean nowhere."""
    lean = np.zeros((N_ING + 1, K))
    for i in range(1, N_ING + 1):
        if i <= 30:
            continue                      # salt, oil, onion ...
        lean[i, rng.integers(K)] += rng.uniform(1.5, 3.0)
        lean[i, rng.integers(K)] += rng.uniform(0.0, 1.5)
    ids = np.zeros((n, MAXLEN), dtype=np.int64)
    votes = np.zeros((n, K), dtype=np.float32)
    for r in range(n):
        size = rng.integers(4, MAXLEN + 1)
        theme = rng.integers(K)
        p = np.where(lean[1:, theme] > 0.5, 4.0, 1.0)
        chosen = rng.choice(N_ING, size=size, replace=False, p=p / p.sum()) + 1
        ids[r, :size] = chosen
        score = 2.0 * lean[chosen].mean(0)
        q = np.exp(score - score.max())
        votes[r] = rng.multinomial(PANEL, q / q.sum()) / PANEL
    return torch.from_numpy(ids), torch.from_numpy(votes)


ids, votes = draw_recipes(3600)
X_tr, Y_tr, X_te, Y_te = ids[:2800], votes[:2800], ids[2800:], votes[2800:]

D, H = 24, 32
P = {
    "table": torch.randn(N_ING + 1, D) * 0.3,
    "w1": torch.randn(D, H) / D ** 0.5,
    "b1": torch.zeros(H),
    "w2": torch.randn(H, K) / H ** 0.5,
    "b2": torch.zeros(K),
}
for t in P.values():
    t.requires_grad_(True)


def scores(P, x):
    m = (x != 0).float()
    e = F.embedding(x, P["table"])
    bag = torch.einsum("bld,bl->bd", e, m) / m.sum(1, keepdim=True)
    h = torch.tanh(bag @ P["w1"] + P["b1"])
    return h @ P["w2"] + P["b2"]


def objective(P, x, y):
    # fault:
    pred = F.softmax(scores(P, x), dim=-1)
    # mended:
    #pred = F.log_softmax(scores(P, x), dim=-1)
    # end
    return F.kl_div(pred, y, reduction="batchmean")


def report(P, x, y):
    with torch.no_grad():
        q = F.softmax(scores(P, x), dim=-1)
        dist = 0.5 * (q - y).abs().sum(1).mean().item()
        xent = -(y * q.clamp_min(1e-9).log()).sum(1).mean().item()
        top = (q.argmax(1) == y.argmax(1)).float().mean().item()
    return dist, xent, top


opt = torch.optim.Adam(list(P.values()), lr=0.008)
BS, EPOCHS = 60, 12
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
for epoch in range(EPOCHS):
    total, order = 0.0, torch.randperm(len(X_tr))
    for chunk in order.split(BS):
        loss = objective(P, X_tr[chunk], Y_tr[chunk])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(chunk)
    sched.step()
    if epoch % 2 == 0 or epoch == EPOCHS - 1:
        d, x, t = report(P, X_te, Y_te)
        print(f"epoch {epoch:2d}  loss {total / len(X_tr):.4f}  held out: half L1 {d:.3f}  cross entropy {x:.3f}  same winner {t:.3f}")

flat = Y_tr.mean(0, keepdim=True).expand_as(Y_te)
print("half L1 of the average vote   : %.3f" % (0.5 * (flat - Y_te).abs().sum(1).mean().item()))
print("half L1 on training recipes   : %.3f" % report(P, X_tr, Y_tr)[0])
print("half L1 on held-out recipes   : %.3f" % report(P, X_te, Y_te)[0])
