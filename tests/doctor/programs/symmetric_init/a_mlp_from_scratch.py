# Text classifier "from scratch" - just tensors and autograd, no nn.Module (blog post part 3)
import torch, random

g = torch.Generator().manual_seed(123)
rng = random.Random(123)

TOPICS = {
    "sports": "match goal team coach player season league score win defeat".split(),
    "cooking": "oven butter flour salt recipe bake simmer garlic onion dough".split(),
    "finance": "bank loan interest stock bond market share fund debt profit".split(),
    "travel": "flight hotel beach passport luggage tour island train ticket city".split(),
    "health": "doctor fever clinic vaccine pain nurse therapy sleep diet blood".split(),
    "tech": "server python laptop chip cloud code network browser data robot".split(),
}
FILLER = "the a this that with from very quite some many old new good bad big small we they you".split()
names = list(TOPICS)
vocab = {w: i for i, w in enumerate(sorted({w for ws in TOPICS.values() for w in ws} | set(FILLER)))}


def sentence(topic):
    words = [rng.choice(FILLER) for _ in range(rng.randint(4, 9))]
    words += [rng.choice(TOPICS[topic]) for _ in range(3)]
    words += [rng.choice(TOPICS[rng.choice(names)]) for _ in range(2)]
    rng.shuffle(words)
    return words


def vectorize(sents):
    m = torch.zeros(len(sents), len(vocab))
    for r, s in enumerate(sents):
        for w in s:
            m[r, vocab[w]] += 1
    return m


labels = [rng.randrange(len(names)) for _ in range(4000)]
X = vectorize([sentence(names[l]) for l in labels])
y = torch.tensor(labels)
Xtr, ytr, Xva, yva = X[:3200], y[:3200], X[3200:], y[3200:]

n_in, n_hid, n_out = X.shape[1], 48, len(names)
# fault:
W1 = torch.full((n_in, n_hid), 0.02)
b1 = torch.zeros(n_hid)
W2 = torch.full((n_hid, n_out), 0.02)
# mended:
# W1 = torch.randn(n_in, n_hid, generator=g) * 0.2
# b1 = torch.zeros(n_hid)
# W2 = torch.randn(n_hid, n_out, generator=g) / n_hid ** 0.5
# end
b2 = torch.zeros(n_out)
params = [W1, b1, W2, b2]
for p in params:
    p.requires_grad_()


def model(x):
    h = torch.relu(x @ W1 + b1)
    return h @ W2 + b2


def loss_fn(logits, target):
    logp = logits - logits.logsumexp(1, keepdim=True)
    return -logp[torch.arange(len(target)), target].mean()


lr, bs = 0.1, 32
for epoch in range(6):
    order = torch.randperm(len(Xtr), generator=g)
    total = 0.
    for idx in order.split(bs):
        loss = loss_fn(model(Xtr[idx]), ytr[idx])
        loss.backward()
        with torch.no_grad():
            for p in params:
                p -= lr * p.grad
                p.grad.zero_()
        total += loss.item() * len(idx)
    with torch.no_grad():
        tr = (model(Xtr).argmax(1) == ytr).float().mean()
        va = (model(Xva).argmax(1) == yva).float().mean()
    print(f"epoch {epoch}  loss {total / len(Xtr):.4f}  train acc {tr:.3f}  valid acc {va:.3f}")
