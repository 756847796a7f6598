"""Learn which GloVe dimensions matter for human relatedness judgements (MEN).

A pair's score is a weighted cosine, sum_k g_k u_k v_k / (|u|_g |v|_g), g = softplus(raw).
Pairs of pairs are ranked with a soft margin.  Only 50 + 1 numbers are trained.
"""
import gzip, os
import numpy as np
import torch
import torch.nn.functional as F
from scipy.stats import spearmanr

torch.manual_seed(8)
home = os.environ["WORDFIT_DATA"]
lex = {}
with gzip.open(os.path.join(home, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf8") as fh:
    for ln in fh:
        head, tail = ln.split(" ", 1)
        lex[head] = tail
pairs = []
for ln in open(os.path.join(home, "wordsim/EN-MEN-TR-3k.txt"), encoding="utf8"):
    a, b, s = ln.split()
    if a in lex and b in lex:
        pairs.append((a, b, float(s) / 50))
arr = {w: np.array(lex[w].split(), dtype=np.float32) for p in pairs for w in p[:2]}
A = torch.tensor(np.stack([arr[p[0]] for p in pairs]))
B = torch.tensor(np.stack([arr[p[1]] for p in pairs]))
S = torch.tensor([p[2] for p in pairs])
order = torch.randperm(len(pairs))
fit, held = order[:int(.75 * len(order))], order[int(.75 * len(order)):]
print(f"{len(fit)} pairs to fit, {len(held)} held out")

raw = torch.full((50,), 0.5413, requires_grad=True)       # softplus(raw) = 1: starts as the plain cosine
log_scale = torch.tensor(1.5, requires_grad=True)


def sim(i):
    g = F.softplus(raw)
    u, v = A[i], B[i]
    return (g * u * v).sum(-1) / ((g * u * u).sum(-1) * (g * v * v).sum(-1)).sqrt()


def rho(i):
    with torch.no_grad():
        return spearmanr(sim(i).numpy(), S[i].numpy())[0]


print(f"start  rho fit {rho(fit):.3f}  held {rho(held):.3f}")
optimizer = torch.optim.RMSprop([{"params": [raw], "lr": 0.01}, {"params": [log_scale], "lr": 0.003}])
for epoch in range(8):
    losses = []
    for chunk in fit[torch.randperm(len(fit))].split(128):
        s, t = sim(chunk) * log_scale.exp(), S[chunk]
        diff = t[:, None] - t[None, :]
        wins = diff > 0.1                                  # i is clearly closer than j
        loss = F.softplus(-(s[:, None] - s[None, :]))[wins].mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print(f"{epoch + 1:5d}  rho fit {rho(fit):.3f}  held {rho(held):.3f}  rank loss {np.mean(losses):.4f}")
g = F.softplus(raw).detach()
print("strongest dims", g.topk(5).indices.tolist(), "weakest", (-g).topk(5).indices.tolist())
