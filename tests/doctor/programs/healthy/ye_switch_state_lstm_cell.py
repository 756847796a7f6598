# Is the pump running at the end of the log? An LSTM written out by hand: parameters live in a dict, plain SGD with momentum.
import math, random
import torch

random.seed(6); torch.manual_seed(6)
ON = "on start started enable boot resume engaged up".split()
OFF = "off stop stopped disable halt pause released down".split()
NOISE = [f"msg{i}" for i in range(40)]
V = {w: i for i, w in enumerate(ON + OFF + NOISE)}
T = 10


def log_line():
    words = [random.choice(NOISE) for _ in range(T)]
    state = None
    for p in sorted(random.sample(range(T), random.randint(1, 4))):
        state = random.random() < 0.5
        words[p] = random.choice(ON if state else OFF)
    return tuple(V[w] for w in words), float(state)


rows = list({k: y for k, y in (log_line() for _ in range(2600))}.items())
X = torch.tensor([k for k, _ in rows]).T.contiguous()       # time first
Y = torch.tensor([y for _, y in rows])
ntrain = 2100
D, H = 16, 24
u = lambda *s: torch.empty(*s).uniform_(-1 / math.sqrt(H), 1 / math.sqrt(H))
theta = {"E": torch.randn(len(V), D) * 0.5, "Wx": u(D, 4 * H), "Wh": u(H, 4 * H), "b": torch.zeros(4 * H),
         "v": u(H), "c": torch.zeros(())}
theta["b"][H:2 * H] = 1.0                                   # forget gate opens at the start
for p in theta.values():
    p.requires_grad_()
mom = {k: torch.zeros_like(p) for k, p in theta.items()}


def net(x):
    h = c = torch.zeros(x.shape[1], H)
    for t in range(T):
        z = theta["E"][x[t]] @ theta["Wx"] + h @ theta["Wh"] + theta["b"]
        i, f, o, g = z.split(H, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
    return h @ theta["v"] + theta["c"]


def acc(sl):
    with torch.no_grad():
        return ((net(X[:, sl]) > 0) == (Y[sl] > 0.5)).float().mean().item()


EPOCHS = 6
for e in range(EPOCHS):
    order, tot = torch.randperm(ntrain), 0.0
    lr = 0.6 if e < 3 else 0.15
    for s in range(0, ntrain, 30):
        i = order[s:s + 30]
        z = net(X[:, i])
        loss = (torch.clamp(z, min=0) - z * Y[i] + torch.log1p(torch.exp(-z.abs()))).mean()
        for p in theta.values():
            p.grad = None
        loss.backward()
        norm = math.sqrt(sum(p.grad.pow(2).sum().item() for p in theta.values()))
        with torch.no_grad():
            for k, p in theta.items():
                mom[k] = 0.8 * mom[k] + p.grad * min(1.0, 1.0 / norm)
                p -= lr * mom[k]
        tot += loss.item() * len(i)
    print(f"epoch {e} loss {tot / ntrain:.4f} train {acc(slice(0, ntrain)):.3f} test {acc(slice(ntrain, None)):.3f}")
