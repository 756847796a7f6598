# What was the loom doing? Machine log codes to activities, plain functions and a dictionary of tensors.
import random
import torch
import torch.nn.functional as F

ACTIVITY = ["weaving", "stopped", "cleaning", "repair", "setup", "inspection"]
TAG = {t: i for i, t in enumerate(ACTIVITY)}
SHARE = [0.62, 0.14, 0.09, 0.06, 0.05, 0.04]
STAY = 0.55
OWN, COMMON = 10, 25


def shift(rng):
    codes, tags = [], []
    now = rng.choices(ACTIVITY, SHARE)[0]
    for _ in range(rng.randint(8, 14)):
        if rng.random() > STAY:
            now = rng.choices(ACTIVITY, SHARE)[0]
        if rng.random() < 0.45:
            codes.append(f"common-{rng.randrange(COMMON)}")
        else:
            codes.append(f"{now[:3]}-{rng.randrange(OWN)}")
        tags.append(now)
    return tuple(codes), tuple(tags)


def corpus(n, seed):
    rng, found = random.Random(seed), {}
    while len(found) < n:
        w, t = shift(rng)
        found[w] = t
    return list(found.items())


def pack(rows, vocab):
    T = max(len(w) for w, _ in rows)
    x = torch.zeros(len(rows), T, dtype=torch.long)
    y = torch.full((len(rows), T), -1)
    for i, (w, t) in enumerate(rows):
        x[i, :len(w)] = torch.tensor([vocab[a] for a in w])
        y[i, :len(t)] = torch.tensor([TAG[a] for a in t])
    return x, y


def init(n_words, dim=16, hidden=32, seed=3):
    g = torch.Generator().manual_seed(seed)
    p = {"emb": torch.randn(n_words, dim, generator=g) * 0.3,
         "conv.w": torch.randn(hidden, dim, 5, generator=g) / (5 * dim) ** 0.5, "conv.b": torch.zeros(hidden),
         "out.w": torch.randn(len(ACTIVITY), hidden, generator=g) / hidden ** 0.5, "out.b": torch.zeros(len(ACTIVITY))}
    p["emb"][0] = 0
    return {k: v.requires_grad_() for k, v in p.items()}


def log_probs(p, x):
    """(batch, time) code numbers to (batch, time, activities)"""
    e = F.embedding(x, p["emb"], padding_idx=0).transpose(1, 2)
    h = F.relu(F.conv1d(e, p["conv.w"], p["conv.b"], padding=2)).transpose(1, 2)
    scores = F.linear(h, p["out.w"], p["out.b"])
    # fault:
    return F.log_softmax(scores, dim=1)
    # mended:
    #return F.log_softmax(scores, dim=2)
    # end


def nll(logp, y):
    real = y >= 0
    return -logp[real].gather(1, y[real][:, None]).mean()


@torch.no_grad()
def evaluate(p, x, y):
    logp = log_probs(p, x)
    real, best = y >= 0, logp.argmax(2)
    return nll(logp, y).item(), (best == y)[real].float().mean().item()


data = corpus(3000, seed=14)
vocab = {w: i + 1 for i, w in enumerate(sorted({w for row, _ in data for w in row}))}
train_x, train_y = pack(data[:2500], vocab)
dev_x, dev_y = pack(data[2500:], vocab)
params = init(len(vocab) + 1)
opt = torch.optim.Adam(params.values(), lr=3e-3)
torch.manual_seed(3)
for epoch in range(6):
    for idx in torch.randperm(len(train_x)).split(32):
        loss = nll(log_probs(params, train_x[idx]), train_y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 2:
        print("epoch %d  dev loss %.4f  accuracy %.3f" % (epoch + 1, *evaluate(params, dev_x, dev_y)))
print("train loss %.4f accuracy %.3f" % evaluate(params, train_x, train_y))
