# Sentence similarity on SICK. The objective is the metric itself: minus Pearson correlation in the batch.
import os, re, gzip
import numpy as np
import torch
from scipy import stats

torch.manual_seed(0)
rng = np.random.default_rng(0)
data = os.environ["WORDFIT_DATA"]

vec = {}
with gzip.open(os.path.join(data, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        vec[w] = np.array(rest.split(), dtype=np.float32)
mean_vec = np.mean(list(vec.values()), axis=0)

STOP = set("a an the is are of and in on to with by some that there".split())


def sentence_vector(s):
    """mean of the word vectors and a negation flag: fixed features, nothing is fine-tuned"""
    ws = [w for w in re.findall(r"[a-z]+", s.lower()) if w not in STOP]
    m = np.stack([vec.get(w, mean_vec) for w in ws] or [mean_vec]) - mean_vec
    neg = float(bool(re.search(r"\b(no|not|nobody|n't)\b", s.lower())))
    return np.concatenate([m.mean(0), [neg]])


def load(name):
    A, B, Y = [], [], []
    with open(os.path.join(data, "glue/SICK", name), encoding="utf-8") as f:
        next(f)
        for l in f:
            _, a, b, s, _ = l.rstrip("\n").split("\t")
            A.append(sentence_vector(a)); B.append(sentence_vector(b)); Y.append(float(s))
    return [torch.tensor(np.array(x), dtype=torch.float32) for x in (A, B, Y)]


train, trial = load("SICK_train.txt"), load("SICK_trial.txt")
dim = train[0].shape[1]
# raw parameters, no nn.Module
P = torch.nn.Parameter(torch.eye(dim, 32) + 0.02 * torch.randn(dim, 32))
w1 = torch.nn.Parameter(torch.randn(64, 12) * 0.1)
b1 = torch.nn.Parameter(torch.zeros(12))
w2 = torch.nn.Parameter(torch.randn(12) * 0.1)
params = [P, w1, b1, w2]


def score(a, b):
    u, v = torch.tanh(a @ P), torch.tanh(b @ P)
    h = torch.cat([(u - v).abs(), u * v], 1)
    return torch.relu(h @ w1 + b1) @ w2


def pearson(x, y):
    x, y = x - x.mean(), y - y.mean()
    return (x * y).mean() / (x.var(unbiased=False) * y.var(unbiased=False) + 1e-8).sqrt()


opt = torch.optim.AdamW(params, lr=2e-3, weight_decay=0.5)
epochs, bs = 7, 150
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs)
for e in range(epochs):
    idx = rng.permutation(len(train[2]))
    ls = []
    for k in range(0, len(idx), bs):
        a, b, y = (t[idx[k:k + bs]] for t in train)
        loss = -pearson(score(a, b), y)
        opt.zero_grad(); loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 1.0)
        opt.step()
        ls.append(loss.item())
    sched.step()
    with torch.no_grad():
        p = score(*trial[:2]).numpy()
    print("ep %2d  loss %.4f   trial r %.4f  rho %.4f" % (e, np.mean(ls), stats.pearsonr(p, trial[2])[0], stats.spearmanr(p, trial[2])[0]))
with torch.no_grad():
    print("train r %.4f" % pearson(score(*train[:2]), train[2]).item())
