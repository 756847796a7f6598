"""Window tagger for street addresses. No nn.Module: a dict of tensors, F.* and a home-made momentum SGD."""
import random
import numpy as np
import torch
import torch.nn.functional as F

rng = random.Random(11)
torch.manual_seed(11)

FIRST = ["oak", "elm", "mill", "king", "queen", "high", "station", "church", "park", "lake", "river", "hill"]
KIND = ["street", "road", "lane", "avenue", "way", "close"]
CITY = ["leeds", "york", "bath", "derby", "king", "lincoln", "church", "ely", "wells", "hill"]
FILL = ["please", "send", "it", "to", "we", "moved", "from", "near", "at", "the", "old", "shop", "last", "year", "and"]
TAGS = {"O": 0, "NUM": 1, "STREET": 2, "CITY": 3}


def sentence():
    toks, tags = [], []
    def put(ws, t):
        toks.extend(ws); tags.extend([t] * len(ws))
    put(rng.choices(FILL, k=rng.randint(1, 5)), "O")
    for _ in range(rng.choice([1, 1, 2])):
        if rng.random() < .8:
            put([str(rng.randint(1, 250))], "NUM")
        put([rng.choice(FIRST), rng.choice(KIND)], "STREET")
        if rng.random() < .75:
            put(["in"], "O"); put([rng.choice(CITY)], "CITY")
        put(rng.choices(FILL, k=rng.randint(1, 4)), "O")
    return toks, [TAGS[t] for t in tags]


seen, data = set(), []
while len(data) < 1500:
    s = sentence()
    if tuple(s[0]) not in seen:
        seen.add(tuple(s[0])); data.append(s)
train, test = data[:1200], data[1200:]

shape = lambda w: "<num>" if w.isdigit() else w
vocab = {"<s>": 0, "<unk>": 1}
for toks, _ in train:
    for w in toks:
        vocab.setdefault(shape(w), len(vocab))


def windows(rows, k=2):
    X, Y = [], []
    for toks, tags in rows:
        ids = [0] * k + [vocab.get(shape(w), 1) for w in toks] + [0] * k
        for i, t in enumerate(tags):
            X.append(ids[i:i + 2 * k + 1]); Y.append(t)
    return torch.tensor(X), torch.tensor(Y)


Xtr, Ytr = windows(train)
Xte, Yte = windows(test)
D, H, K = 16, 48, 5


def leaf(*size, scale):
    return (torch.randn(*size) * scale).requires_grad_()


P = {"E": leaf(len(vocab), D, scale=.3),
     "W1": leaf(H, D * K, scale=(D * K) ** -.5), "b1": torch.zeros(H, requires_grad=True),
     "W2": leaf(4, H, scale=H ** -.5), "b2": torch.zeros(4, requires_grad=True)}
V = {k: torch.zeros_like(v) for k, v in P.items()}


def forward(p, x):
    e = F.embedding(x, p["E"]).flatten(1)
    return F.linear(torch.tanh(F.linear(e, p["W1"], p["b1"])), p["W2"], p["b2"])


def score(x, y):
    with torch.no_grad():
        return (forward(P, x).argmax(1) == y).float().mean().item()


batch, steps_per_epoch = 64, len(Xtr) // 64
for epoch in range(6):
    order = torch.from_numpy(np.random.RandomState(epoch).permutation(len(Xtr)))
    lr, tot = .15 * .5 ** epoch, 0.
    for i in range(steps_per_epoch):
        idx = order[i * batch:(i + 1) * batch]
        loss = F.cross_entropy(forward(P, Xtr[idx]), Ytr[idx])
        grads = torch.autograd.grad(loss, list(P.values()))
        with torch.no_grad():
            for (name, p), g in zip(P.items(), grads):
                V[name].mul_(.9).add_(g)
                p -= lr * V[name]
        tot += loss.item()
    print(f"epoch {epoch} lr {lr:.3f} loss {tot / steps_per_epoch:.4f} train {score(Xtr, Ytr):.4f} test {score(Xte, Yte):.4f}")
print("majority", (Yte == 0).float().mean().item())
