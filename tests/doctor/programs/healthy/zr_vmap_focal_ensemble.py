# Five models at once with torch.func: stacked weights, vmap over the models, SGD with Nesterov momentum by hand.
# Data: alarm messages, one in eight is urgent -> focal loss, threshold chosen on a validation part.
import numpy as np
import torch
from torch.func import functional_call, stack_module_state, grad_and_value, vmap

rs = np.random.RandomState(17)
torch.manual_seed(17)
URG = ["fire", "smoke", "leak", "intruder", "collapse", "flood"]
CALM = ["test", "drill", "reported", "resolved", "cleared", "routine"]
PLACE = ["basement", "lobby", "roof", "garage", "floor", "corridor", "office", "lift"]
FILL = ["sensor", "in", "the", "at", "alarm", "signal", "from", "unit", "seen", "by", "guard", "now"]
W = URG + CALM + PLACE + FILL
pos = {w: i for i, w in enumerate(W)}


def message():
    # urgent = a danger word and nothing that takes it back
    danger, calm = rs.rand() < .3, rs.rand() < .55
    toks = list(rs.choice(PLACE, rs.randint(1, 3))) + list(rs.choice(FILL, rs.randint(3, 8)))
    if danger:
        toks.append(rs.choice(URG))
    if calm:
        toks.append(rs.choice(CALM))
    x = np.zeros(len(W), np.float32)
    for t in toks:
        x[pos[t]] += 1
    return x, float(danger and not calm)


rows = [message() for _ in range(6000)]
X = torch.tensor(np.stack([r[0] for r in rows])); Y = torch.tensor([r[1] for r in rows])
Xtr, Ytr, Xva, Yva, Xte, Yte = X[:4000], Y[:4000], X[4000:5000], Y[4000:5000], X[5000:], Y[5000:]
print(f"share of urgent messages: train {Ytr.mean():.3f}  val {Yva.mean():.3f}  test {Yte.mean():.3f}")


def mlp():
    return torch.nn.Sequential(torch.nn.Linear(len(W), 16), torch.nn.ReLU(), torch.nn.Linear(16, 1))


nets = [mlp() for _ in range(5)]
params, buffers = stack_module_state(nets)
params = {k: v.detach() for k, v in params.items()}
skeleton = mlp().to("meta")


def focal(p, x, y, gamma=2.0, alpha=0.75):
    z = functional_call(skeleton, (p, {}), (x,)).squeeze(-1)
    ce = torch.nn.functional.binary_cross_entropy_with_logits(z, y, reduction="none")
    pt = torch.exp(-ce)
    a = alpha * y + (1 - alpha) * (1 - y)
    return (a * (1 - pt) ** gamma * ce).mean()


step_all = vmap(grad_and_value(focal), in_dims=(0, 0, 0))         # each model gets a batch of its own
predict_all = vmap(lambda p, x: functional_call(skeleton, (p, {}), (x,)).squeeze(-1), in_dims=(0, None))
velocity = {k: torch.zeros_like(v) for k, v in params.items()}
lr, mom = 0.5, 0.9


def f1(score, y, thr):
    p = (score > thr).float()
    return (2 * (p * y).sum() / (p.sum() + y.sum()).clamp(min=1)).item()


for epoch in range(6):
    orders = torch.stack([torch.randperm(len(Xtr)) for _ in nets])
    sums = torch.zeros(len(nets))
    for i in range(0, len(Xtr), 50):
        b = orders[:, i:i + 50]
        g, l = step_all(params, Xtr[b], Ytr[b])
        for k in params:
            velocity[k] = mom * velocity[k] + g[k]
            params[k] = params[k] - lr * (g[k] + mom * velocity[k])
        sums += l
    lr *= 0.8
    s = predict_all(params, Xva).sigmoid().mean(0)
    grid = np.linspace(.2, .8, 25)
    best = max(grid, key=lambda t: f1(s, Yva, t))
    tr = predict_all(params, Xtr).sigmoid().mean(0)
    print(f"epoch {epoch + 1} focal loss {(sums / (len(Xtr) / 50)).mean():.5f} (models {(sums / (len(Xtr) / 50)).min():.5f} to "
          f"{(sums / (len(Xtr) / 50)).max():.5f})  val F1 {f1(s, Yva, best):.3f} at {best:.2f}  train F1 {f1(tr, Ytr, best):.3f}")

s = predict_all(params, Xte).sigmoid().mean(0)
print(f"test F1 {f1(s, Yte, best):.3f}; calling everything urgent has F1 {f1(torch.ones_like(s), Yte, .5):.3f}")
