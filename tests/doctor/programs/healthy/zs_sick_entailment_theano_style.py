# Ported from Theano (2014).  `params`, `updates` and `train_fn` keep the shape of the old code:
# gradients are asked for with grad(cost, params), momentum is written out by hand.
import os
import re
import numpy
import torch

rng = numpy.random.RandomState(2014)
PATH = os.path.join(os.environ["WORDFIT_DATA"], "glue", "SICK")
CLASSES = ["NEUTRAL", "ENTAILMENT", "CONTRADICTION"]
NEG = {"no", "not", "nobody", "n't", "without", "none"}
STOP = {"a", "an", "the", "is", "are", "of", "in", "on", "and", "to", "by", "with", "some"}


def tokens(s):
    return re.findall(r"n't|[a-z]+", s.lower())


def features(a, b, score_words):
    A, B = set(tokens(a)), set(tokens(b))
    a_, b_ = A - STOP, B - STOP
    only_a, only_b, both = a_ - b_, b_ - a_, a_ & b_
    bi_a, bi_b = set(zip(tokens(a), tokens(a)[1:])), set(zip(tokens(b), tokens(b)[1:]))
    f = [len(only_a), len(only_b), len(both), len(both) / (len(a_ | b_) + 1.0),
         len(bi_a & bi_b) / (len(bi_a | bi_b) + 1.0),
         bool(A & NEG), bool(B & NEG), bool(A & NEG) != bool(B & NEG), "there" in A, "there" in B,
         len(tokens(a)) - len(tokens(b)), not only_b, not only_a, len(only_a) == 1 and len(only_b) == 1]
    f += [w in only_a for w in score_words] + [w in only_b for w in score_words]
    return f


def read(name):
    rows = []
    for line in open(os.path.join(PATH, name), encoding="utf-8").read().splitlines()[1:]:
        _, a, b, _, label = line.split("\t")
        rows.append((a, b, CLASSES.index(label)))
    return rows


train, test = read("SICK_train.txt"), read("SICK_test_annotated.txt")[:2500]
count = {}
for a, b, _ in train:
    for w in (set(tokens(a)) ^ set(tokens(b))) - STOP:
        count[w] = count.get(w, 0) + 1
score_words = sorted(count, key=lambda w: -count[w])[:60]


def design(rows):
    return numpy.array([features(a, b, score_words) for a, b, _ in rows], dtype="float32")


X, Xt = design(train), design(test)
X_mean, X_std = X.mean(0), X.std(0) + 1e-3
X, Xt = [torch.from_numpy((m - X_mean) / X_std).clamp(-4, 4) for m in (X, Xt)]
Y, Yt = [torch.tensor([r[2] for r in rows]) for rows in (train, test)]
print("majority on the test pairs: %.3f" % (Yt == 0).float().mean())


def shared(value):
    return torch.tensor(value, dtype=torch.float32, requires_grad=True)


n_in, n_hid = X.shape[1], 30
W1 = shared(rng.uniform(-1, 1, (n_in, n_hid)) * numpy.sqrt(6.0 / (n_in + n_hid)))
b1 = shared(numpy.zeros(n_hid))
W2 = shared(numpy.zeros((n_hid, 3)))
b2 = shared(numpy.zeros(3))
params = [W1, b1, W2, b2]
velocity = [torch.zeros_like(p) for p in params]


def probs(x, drop=0.0):
    h = torch.tanh(x @ W1 + b1)
    if drop:
        h = h * (torch.rand_like(h) > drop) / (1 - drop)
    return torch.log_softmax(h @ W2 + b2, dim=1)


def train_fn(x, y, lr, mom=0.9, L2=1e-4):
    lp = probs(x, drop=0.3)
    cost = -lp[torch.arange(len(y)), y].mean() + L2 * ((W1 ** 2).sum() + (W2 ** 2).sum())
    gparams = torch.autograd.grad(cost, params)
    with torch.no_grad():
        for p, g, v in zip(params, gparams, velocity):
            v.mul_(mom).sub_(lr * g)
            p.add_(v)
    return cost.item()


def errors(x, y):
    with torch.no_grad():
        return float((probs(x).argmax(1) != y).float().mean())


torch.manual_seed(7)
learning_rate = 0.03
for epoch in range(6):
    perm = torch.from_numpy(rng.permutation(len(Y)))
    costs = [train_fn(X[i], Y[i], learning_rate) for i in perm.split(40)]
    learning_rate *= 0.75
    print("epoch %i, cost %.4f, train error %.2f %%, test error %.2f %%"
          % (epoch + 1, numpy.mean(costs), 100 * errors(X, Y), 100 * errors(Xt, Yt)))
