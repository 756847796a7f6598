"""How slow will this request be?  Regress log10(ms) of nginx requests on the parts of the URL.

I run this on a Saturday against the access log; here with a generator so that nobody's
log has to be in git.  -- ops
"""
import random, zlib
import torch
import torch.nn as nn

random.seed(404)
torch.manual_seed(404)

VERBS = {"GET": 0.0, "POST": 0.35, "PUT": 0.25, "DELETE": 0.15}
PARTS = {"static": -0.9, "img": -0.6, "api": 0.2, "v1": 0.1, "v2": -0.1, "report": 0.9, "search": 0.6,
         "user": 0.0, "cart": 0.25, "export": 1.0, "login": 0.3, "health": -1.0, "feed": 0.15, "tags": -0.2}
ARGS = {"page": 0.05, "full": 0.5, "cache": -0.5, "debug": 0.3, "lang": 0.0, "sort": 0.2}


def request():
    verb = random.choice(list(VERBS))
    path = random.sample(list(PARTS), random.randint(1, 4))
    args = random.sample(list(ARGS), random.randint(0, 3))
    ms = 2 + VERBS[verb] + sum(PARTS[p] for p in path) + sum(ARGS[a] for a in args) + random.gauss(0, 0.15)
    return f"{verb} /{'/'.join(path)}" + ("?" + "&".join(a + "=1" for a in args) if args else ""), ms


BUCKETS = 512


def hashed(line):
    v = torch.zeros(BUCKETS)
    for tok in line.replace("/", " ").replace("?", " ").replace("&", " ").split():
        v[zlib.crc32(tok.encode()) % BUCKETS] = 1.0
    return v


log = [request() for _ in range(2500)]
X = torch.stack([hashed(l) for l, _ in log])
y = torch.tensor([ms for _, ms in log])
mu, sd = y[:2000].mean(), y[:2000].std()
y = (y - mu) / sd
Xtr, ytr, Xte, yte = X[:2000], y[:2000], X[2000:], y[2000:]

W1 = nn.Parameter(torch.randn(BUCKETS, 16) * 0.1)
b1 = nn.Parameter(torch.zeros(16))
w2 = nn.Parameter(torch.randn(16) * 0.25)
b2 = nn.Parameter(torch.zeros(()))


def predict(x):
    return torch.tanh(x @ W1 + b1) @ w2 + b2


def r2(x, t):
    with torch.no_grad():
        return (1 - ((predict(x) - t) ** 2).mean() / t.var()).item()


sgd = torch.optim.SGD([W1, b1, w2, b2], lr=0.1)
for rnd in range(1, 9):
    order = torch.randperm(len(Xtr))
    tot = 0.0
    for i in range(0, len(order), 32):
        j = order[i:i + 32]
        err = ((predict(Xtr[j]) - ytr[j]) ** 2).mean()
        # fault:
        err.backward()
        # mended:
        # sgd.zero_grad()
        # err.backward()
        # end
        sgd.step()
        tot += err.item() * len(j)
    print(f"round {rnd}: mse {tot / len(order):.4f}   R2 train {r2(Xtr, ytr):.3f}   R2 held out {r2(Xte, yte):.3f}")

for probe in ("GET /static/img", "POST /api/v1/report/export?full=1", "GET /health"):
    with torch.no_grad():
        z = predict(hashed(probe)[None])[0] * sd + mu
    print(f"{probe:40s} {10 ** min(z.item(), 9):10.0f} ms")
