"""Echo state network on letters: which of four invented languages is a phrase from?

The recurrent part is random and stays random (spectral radius 0.9); only the linear read-out is trained.  So the states
are computed once, without a graph, and kept."""
import numpy as np
import torch

torch.manual_seed(4)
g = np.random.default_rng(4)

SYL = {
    "kelani": (["ka", "le", "ni", "lo", "ma", "hu", "pe", "wai"], ["", "", "n"]),
    "drosk": (["dro", "sku", "kra", "vost", "gri", "pla", "zem", "bro"], ["k", "sk", "v"]),
    "shenyu": (["shen", "xi", "yu", "lang", "fei", "tao", "min", "zhu"], ["", "ng", "i"]),
    "arvello": (["ar", "vel", "lo", "mi", "ra", "tor", "ne", "sca"], ["o", "a", "ti"]),
}
ALPHA = " abcdefghijklmnopqrstuvwxyz"


def phrase(lang):
    stems, ends = SYL[lang]
    ws = ["".join(g.choice(stems, g.integers(1, 4))) + g.choice(ends) for _ in range(g.integers(1, 4))]
    # one letter in eight is misheard
    return "".join(ALPHA[g.integers(1, 27)] if c != " " and g.random() < 0.125 else c for c in " ".join(ws))


seen, X, Y = set(), [], []
while len(X) < 2400:
    k = int(g.integers(4))
    p = phrase(list(SYL)[k])
    if 4 <= len(p) and p not in seen:
        seen.add(p)
        X.append(p)
        Y.append(k)
Y = torch.tensor(Y)

N = 120
W_in = torch.randn(len(ALPHA), N) * 0.6
W = torch.randn(N, N) * (torch.rand(N, N) < 0.1)
W *= 0.9 / torch.linalg.eigvals(W).abs().max()
leak = 0.6


@torch.no_grad()
def states(texts):
    n = torch.tensor([len(t) for t in texts])
    h = torch.zeros(len(texts), N)
    acc = torch.zeros(len(texts), N)
    for t in range(int(n.max())):
        live = (t < n).float()[:, None]
        x = torch.stack([W_in[ALPHA.index(s[t])] if t < len(s) else torch.zeros(N) for s in texts])
        new = (1 - leak) * h + leak * torch.tanh(x + h @ W)
        h = live * new + (1 - live) * h
        acc += live * h
    return torch.cat([h, acc / n[:, None]], 1)


S = states(X)
tr, te = slice(0, 1900), slice(1900, None)
S = (S - S[tr].mean(0)) / (S[tr].std(0) + 1e-6)
readout = torch.nn.Linear(2 * N, 4)
print("trained parameters:", sum(p.numel() for p in readout.parameters()), "  random and fixed:", W_in.numel() + W.numel())
opt = torch.optim.SGD(readout.parameters(), lr=0.1, weight_decay=0.01)
for epoch in range(8):
    for idx in torch.randperm(1900).split(20):
        loss = torch.nn.functional.multi_margin_loss(readout(S[idx]), Y[idx], p=2)
        opt.zero_grad()
        loss.backward()
        opt.step()
    opt.param_groups[0]["lr"] *= 0.7
    with torch.no_grad():
        acc = [(readout(S[s]).argmax(1) == Y[s]).float().mean().item() for s in (tr, te)]
    print(f"epoch {epoch}: train accuracy {acc[0]:.3f}, new phrases {acc[1]:.3f}")
