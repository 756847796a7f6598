# Elman tagger, ported from the Theano tutorial: shared variables, an explicit list of updates, no nn.Module, no optimizer.
# Every word of a made-up sentence gets a slot tag (O, FROM, TO, DAY).  scan over time is a python loop; x is (time, batch).
import numpy
import torch

rng = numpy.random.RandomState(234)
CITIES = "boston denver dallas austin seattle miami oakland tampa phoenix memphis newark orlando".split()
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
PRE = ["show flights", "i want to fly", "list all planes", "cheapest trip", "please book me"]
TAGS = ["O", "FROM", "TO", "DAY"]


def query():
    words = PRE[rng.randint(len(PRE))].split()
    tags = [0] * len(words)
    parts = ["FROM", "TO", "DAY"]
    rng.shuffle(parts)
    for p in parts:
        lead, pool = {"FROM": ("from", CITIES), "TO": ("to", CITIES), "DAY": ("on", DAYS)}[p]
        words += [lead, pool[rng.randint(len(pool))]]
        tags += [0, TAGS.index(p)]
    return words, tags


def unique_queries(n):
    found = {}
    while len(found) < n:
        w, t = query()
        found[" ".join(w)] = (w, t)
    return list(found.values())


queries = unique_queries(1900)
vocab = sorted({w for ws, _ in queries for w in ws})
w2i = {w: i for i, w in enumerate(vocab)}
by_length = {}
for ws, ts in queries[:1500]:                         # batches of one length: nothing to pad
    by_length.setdefault(len(ws), []).append(([w2i[w] for w in ws], ts))
test = {}
for ws, ts in queries[1500:]:
    test.setdefault(len(ws), []).append(([w2i[w] for w in ws], ts))


def shared(*shape):
    value = 0.2 * rng.uniform(-1.0, 1.0, shape)
    return torch.tensor(value, dtype=torch.float32, requires_grad=True)


de, nh, nc = 20, 40, len(TAGS)
emb, Wx, Wh, bh = shared(len(vocab), de), shared(de, nh), shared(nh, nh), shared(nh)
W, b, h0 = shared(nh, nc), shared(nc), shared(nh)
params = [emb, Wx, Wh, bh, W, b, h0]


def recurrence(x):
    h, out = h0.expand(x.shape[1], nh), []
    for x_t in x:
        h = torch.sigmoid(emb[x_t] @ Wx + h @ Wh + bh)
        out.append(h @ W + b)
    return torch.stack(out)                           # time, batch, classes


def train(x, y, lr):
    logp = torch.log_softmax(recurrence(x), dim=-1)
    nll = -logp.gather(-1, y.unsqueeze(-1)).mean()
    gradients = torch.autograd.grad(nll, params)
    with torch.no_grad():
        for p, g in zip(params, gradients):           # updates = [(p, p - lr * g)]
            p -= lr * g
        emb.div_(emb.norm(dim=1, keepdim=True).clamp(min=1.0))      # the "normalize" function of the tutorial
    return nll.item()


lr = 1.0
for e in range(8):
    costs = []
    batches = []
    for rows in by_length.values():
        rng.shuffle(rows)
        batches += [rows[i:i + 15] for i in range(0, len(rows), 15)]
    batches = [batches[i] for i in rng.permutation(len(batches))]
    for rows in batches:
        x = torch.tensor([r[0] for r in rows]).T
        y = torch.tensor([r[1] for r in rows]).T
        costs.append(train(x, y, lr))
    with torch.no_grad():
        right = total = 0
        for rows in test.values():
            y = torch.tensor([r[1] for r in rows]).T
            guess = recurrence(torch.tensor([r[0] for r in rows]).T).argmax(-1)
            slots = y > 0
            right += (guess == y)[slots].sum().item()
            total += slots.sum().item()
    print("epoch %d  cost %.4f  slots of the test queries found %.4f" % (e, numpy.mean(costs), right / total))
    if e >= 4:
        lr *= 0.5
