"""Status codes of pumps -> which controller firmware is running.

Echo state reading: the code vectors and the recurrent web are drawn once and stay as they are (a reservoir),
only the linear readout on top of the averaged states is fitted.
"""
import torch

torch.manual_seed(12)
g = torch.Generator().manual_seed(12)

CODES, FIRMWARES, TMAX = 24, 4, 40
UNITS, CODE_DIM = 160, 12


def chains():
    """All firmwares send every code equally often in the long run; only what follows what differs."""
    out = []
    for _ in range(FIRMWARES):
        p = torch.full((CODES, CODES), 0.35 / CODES)
        a, b = torch.randperm(CODES, generator=g), torch.randperm(CODES, generator=g)
        p[torch.arange(CODES), a] += 0.4
        p[torch.arange(CODES), b] += 0.25
        out.append(p)
    return torch.stack(out)


def streams(n, P):
    kind = torch.randint(FIRMWARES, (n,), generator=g)
    length = torch.randint(16, TMAX + 1, (n,), generator=g)
    seq = torch.zeros(n, TMAX, dtype=torch.long)
    seq[:, 0] = torch.randint(CODES, (n,), generator=g)
    for t in range(1, TMAX):
        seq[:, t] = torch.multinomial(P[kind, seq[:, t - 1]], 1, generator=g)[:, 0]
    return seq, length, kind


P = chains()
seq, length, kind = streams(3200, P)
fit, check = slice(0, 2600), slice(2600, 3200)

# ---- the fixed part -------------------------------------------------------
codes = torch.randn(CODES, CODE_DIM)
w_in = torch.randn(CODE_DIM, UNITS) * 0.7 / CODE_DIM ** 0.5
web = torch.randn(UNITS, UNITS) * (torch.rand(UNITS, UNITS) < 0.15)
web = web * (0.6 / torch.linalg.eigvals(web).abs().max())


@torch.no_grad()
def reservoir(seq, length):
    h = torch.zeros(len(seq), UNITS)
    total, square = torch.zeros_like(h), torch.zeros_like(h)
    for t in range(seq.shape[1]):
        h = torch.tanh(codes[seq[:, t]] @ w_in + h @ web + 0.1)
        on = (t < length).float()[:, None]
        total += on * h
        square += on * h * h
    n = length[:, None].float()
    return torch.cat([total / n, square / n], 1)


S = reservoir(seq, length)
mu, sd = S[fit].mean(0), S[fit].std(0)
S = (S - mu) / sd

# ---- the fitted part ------------------------------------------------------
readout = torch.zeros(S.shape[1], FIRMWARES, requires_grad=True)
bias = torch.zeros(FIRMWARES, requires_grad=True)
velocity = [torch.zeros_like(readout), torch.zeros_like(bias)]
RIDGE = 3e-3


def logloss(rows):
    z = S[rows] @ readout + bias
    return -(z.gather(1, kind[rows][:, None])[:, 0] - z.logsumexp(1)).mean()


def accuracy(rows):
    with torch.no_grad():
        return ((S[rows] @ readout + bias).argmax(1) == kind[rows]).float().mean().item()


everyone = torch.arange(2600)
for epoch in range(25):
    lr = 0.02 if epoch < 18 else 0.004
    for pick in everyone[torch.randperm(2600)].split(50):
        loss = logloss(pick) + RIDGE * readout.square().sum()
        loss.backward()
        with torch.no_grad():
            for p, v in zip((readout, bias), velocity):
                v.mul_(0.9).add_(p.grad)
                p.sub_(lr * v)
                p.grad = None
    if epoch % 4 == 0:
        with torch.no_grad():
            print(f"epoch {epoch:2d}  logloss fit {logloss(fit).item():.3f}  check {logloss(check).item():.3f}")

print(f"fitted {readout.numel() + bias.numel()} numbers, {codes.numel() + w_in.numel() + web.numel()} drawn and left alone")
print(f"accuracy fit {accuracy(fit):.3f}  check {accuracy(check):.3f}  guessing {1 / FIRMWARES:.2f}")
