# Collobert & Weston (2008): a window of text should score higher than the same window with its middle word replaced.
# Ported from a Theano script, which is why there is a list of (variable, new value) "updates" and no optimizer object.
import numpy as np
import torch

rng = np.random.RandomState(1234)
torch.manual_seed(1234)


def shared(value):
    return torch.tensor(value, dtype=torch.float32, requires_grad=True)


# ---- text: a little phrase grammar with agreement between noun, verb and place -----------------------------------
animals = ["cat", "dog", "horse", "mouse", "cow", "goat"]
people = ["doctor", "teacher", "farmer", "pilot", "singer", "writer"]
things = ["lamp", "table", "bottle", "engine", "door", "wheel"]
verbs = {"a": ["eats", "sleeps", "runs", "bites"], "p": ["speaks", "writes", "thinks", "laughs"], "t": ["breaks", "falls", "shines", "turns"]}
places = {"a": ["stable", "field", "barn"], "p": ["office", "school", "theatre"], "t": ["garage", "factory", "cellar"]}
adv = ["slowly", "often", "never", "again"]
adj = {"a": ["hungry", "wild"], "p": ["polite", "clever"], "t": ["rusty", "wooden"]}


def sentence():
    k = "apt"[rng.randint(3)]
    noun = {"a": animals, "p": people, "t": things}[k]
    pick = lambda xs: xs[rng.randint(len(xs))]
    return ["the", pick(adj[k]), pick(noun), pick(verbs[k]), pick(adv), "in", "the", pick(places[k]), "."]


corpus = [w for _ in range(1500) for w in sentence()]
vocab = sorted(set(corpus))
w2i = {w: i for i, w in enumerate(vocab)}
ids = np.array([w2i[w] for w in corpus])
windows = np.stack([ids[i:i + 7] for i in range(len(ids) - 6)])
test_from = int(len(windows) * 0.85)
train_x, test_x = windows[:test_from], windows[test_from + 7:]
known = set(map(bytes, train_x))
test_x = np.stack([w for w in test_x if bytes(w) not in known])          # only windows that were never trained on

# ---- parameters -------------------------------------------------------------------------------------------------
V, D, H = len(vocab), 12, 32
E = shared(rng.uniform(-0.1, 0.1, (V, D)))
W = shared(rng.uniform(-1, 1, (7 * D, H)) * np.sqrt(6.0 / (7 * D + H)))
b = shared(np.zeros(H))
u = shared(rng.uniform(-1, 1, H) * np.sqrt(6.0 / (H + 1)))
params = [E, W, b, u]
velocity = [torch.zeros_like(p) for p in params]


def score(x):
    return torch.tanh(E[x].reshape(len(x), -1) @ W + b) @ u


def corrupt(x):
    y = x.copy()
    y[:, 3] = (x[:, 3] + rng.randint(1, V, len(x))) % V                  # always another word
    return y


def train_fn(x, y, lr, mu=0.9):
    cost = torch.clamp(1.0 - score(torch.from_numpy(x)) + score(torch.from_numpy(y)), min=0.0)
    grads = torch.autograd.grad(cost.mean(), params)
    updates = []
    for p, v, g in zip(params, velocity, grads):
        nv = mu * v - lr * g
        updates += [(v, nv), (p, p + nv)]
    with torch.no_grad():
        for var, new in updates:
            var.copy_(new)
    return cost.mean().item(), (cost > 0).float().mean().item()


def rank_fn(x):
    """mean rank of the true middle word among all V candidates, and how often it beats one random word"""
    with torch.no_grad():
        every = np.repeat(x, V, 0)
        every[:, 3] = np.tile(np.arange(V), len(x))
        s = score(torch.from_numpy(every)).reshape(len(x), V)
        true = s[torch.arange(len(x)), torch.from_numpy(x[:, 3])]
        better = (s > true[:, None]).sum(1).float()
        return 1 + better.mean().item(), 1 - better.mean().item() / (V - 1)


print("V =", V, " windows:", len(train_x), "train,", len(test_x), "test;  random mean rank %.1f" % ((V + 1) / 2))
print("start     test mean rank %.2f  pairs %.3f" % rank_fn(test_x[::3]))
for epoch in range(5):
    lr = 0.1 / (1 + 0.5 * epoch)
    hist = []
    perm = rng.permutation(len(train_x))
    for i in range(0, len(perm), 32):
        x = train_x[perm[i:i + 32]]
        hist.append(train_fn(x, corrupt(x), lr))
    print("epoch %d   cost %.4f  violated %.3f" % ((epoch,) + tuple(np.mean(hist, 0))),
          "  test mean rank %.2f  pairs %.3f" % rank_fn(test_x[::3]))
print("train mean rank %.2f  pairs %.3f" % rank_fn(train_x[:len(test_x)][::3]))
