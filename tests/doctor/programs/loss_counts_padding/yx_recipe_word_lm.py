"""Next-word model for recipe steps; rows have a fixed width as on the device. Raw parameters, momentum by hand, (T, B) inside."""
import math
import random
import torch
import torch.nn.functional as F

random.seed(19); torch.manual_seed(19)
WIDTH = 40
VERB = {"chop": ["onions", "carrots", "herbs", "nuts"], "boil": ["pasta", "rice", "potatoes", "eggs"], "whisk": ["cream", "eggs", "sugar"],
        "fry": ["onions", "bacon", "eggs", "potatoes"], "bake": ["bread", "potatoes", "fish"]}
HOW = {"chop": ["finely", "coarsely"], "boil": ["for ten minutes", "in salted water"], "whisk": ["until stiff", "by hand"],
       "fry": ["in butter", "until brown"], "bake": ["for an hour", "in the oven"]}
words = lambda s: s.split()


def step():
    v = random.choice(list(VERB))
    s = [v] + random.choice(["the", "some", "all the"]).split() + [random.choice(VERB[v])] + words(random.choice(HOW[v]))
    if random.random() < .3:
        w = random.choice(list(VERB))
        s += ["then", w, random.choice(VERB[w])]
    return tuple(s)


pool = sorted({step() for _ in range(6000)})
random.shuffle(pool)
train, dev = pool[:1200], pool[1200:1500]
stoi = {"<pad>": 0, "<s>": 1, "</s>": 2}
for s in train:
    for w in s:
        stoi.setdefault(w, len(stoi))


def rows(part):
    m = torch.zeros(len(part), WIDTH, dtype=torch.long)
    for i, s in enumerate(part):
        ids = [1] + [stoi[w] for w in s] + [2]
        m[i, :len(ids)] = torch.tensor(ids)
    return m


V, D, H = len(stoi), 20, 48
P = {"E": torch.randn(V, D) * .3, "Wx": torch.randn(D, H) * D ** -.5, "Wh": torch.eye(H) * .5, "bh": torch.zeros(H),
     "Wo": torch.randn(H, V) * H ** -.5, "bo": torch.zeros(V)}
for p in P.values():
    p.requires_grad_()
M = {k: torch.zeros_like(p) for k, p in P.items()}


def logits(x):                                     # x: (B, T)
    pre = P["E"][x.T] @ P["Wx"] + P["bh"]
    h, out = torch.zeros(x.shape[0], H), []
    for t in range(len(pre)):
        h = torch.tanh(pre[t] + h @ P["Wh"])
        out.append(h)
    return torch.stack(out) @ P["Wo"] + P["bo"]


def objective(z, y):
    # fault:
    return F.cross_entropy(z.reshape(-1, V), y.reshape(-1))
    # mended:
    # return F.cross_entropy(z.reshape(-1, V), y.reshape(-1), ignore_index=0)
    # end


@torch.no_grad()
def word_perplexity(part):
    x = rows(part)
    y = x[:, 1:].T
    lp = logits(x[:, :-1]).log_softmax(-1)
    nll = -lp.gather(2, y[..., None]).squeeze(2)[y > 0].mean().item()
    return math.exp(nll)


X = rows(train)
EPOCHS = 8
for epoch in range(EPOCHS):
    lr, total, n = .11 * (1 - epoch / EPOCHS), 0., 0
    for b in torch.randperm(len(X)).split(40):
        x = X[b]
        loss = objective(logits(x[:, :-1]), x[:, 1:].T)
        loss.backward()
        with torch.no_grad():
            norm = torch.sqrt(sum(p.grad.pow(2).sum() for p in P.values()))
            for k, p in P.items():
                M[k].mul_(.9).add_(p.grad * min(1., 1. / norm.item()))
                p -= lr * M[k]
                p.grad = None
        total += loss.item(); n += 1
    print("epoch %d loss %.4f word perplexity train %.2f dev %.2f" % (epoch, total / n, word_perplexity(train[:300]), word_perplexity(dev)))
