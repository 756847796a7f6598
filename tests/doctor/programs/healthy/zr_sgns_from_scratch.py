#!/usr/bin/env python
# skip-gram with negative sampling, two tables, sparse gradients, made-up corpus with known word classes
import numpy as np
import torch

g = np.random.RandomState(5)
torch.manual_seed(5)
N_CLASS, PER = 8, 25
V = N_CLASS * PER
cls = np.repeat(np.arange(N_CLASS), PER)
# each class is followed by two others most of the time: a little grammar
trans = np.full((N_CLASS, N_CLASS), 0.02)
for c in range(N_CLASS):
    trans[c, (c * 3 + 1) % N_CLASS] += 0.6
    trans[c, (c * 5 + 2) % N_CLASS] += 0.3
trans /= trans.sum(1, keepdims=True)
zipf = 1 / (np.arange(PER) + 3.0); zipf /= zipf.sum()


def corpus(n):
    c = 0
    out = np.empty(n, dtype=np.int64)
    draws, members = g.rand(n), g.choice(PER, size=n, p=zipf)
    cum = trans.cumsum(1)
    for i in range(n):
        c = min(int(np.searchsorted(cum[c], draws[i])), N_CLASS - 1)
        out[i] = c * PER + members[i]
    return out


def pairs(tokens):
    # the next word only (window of one, to the right): input = left word, output = right word
    return torch.from_numpy(np.stack([tokens[:-1], tokens[1:]], 1))


train, test = pairs(corpus(40000)), pairs(corpus(5000))
freq = np.bincount(train[:, 1].numpy(), minlength=V) ** 0.75
neg_p = torch.tensor(freq / freq.sum(), dtype=torch.float)
K, D = 5, 10

syn0 = torch.nn.Embedding(V, D, sparse=True)
syn1 = torch.nn.Embedding(V, D, sparse=True)
torch.nn.init.uniform_(syn0.weight, -0.5 / D, 0.5 / D)
torch.nn.init.zeros_(syn1.weight)                       # as in the C code of word2vec
opt = torch.optim.SparseAdam(list(syn0.parameters()) + list(syn1.parameters()), lr=0.025)


def nsloss(p, negs):
    v = syn0(p[:, 0])
    pos = (v * syn1(p[:, 1])).sum(1)
    neg = torch.bmm(syn1(negs), v.unsqueeze(2)).squeeze(2)
    return -(torch.nn.functional.logsigmoid(pos) + torch.nn.functional.logsigmoid(-neg).sum(1)).mean()


def draw(n):
    return torch.multinomial(neg_p, n * K, replacement=True).view(n, K)


test_negs = draw(len(test))
B = 500
for epoch in range(5):
    tot = 0.0
    order = torch.randperm(len(train))
    for i in range(0, len(train), B):
        b = train[order[i:i + B]]
        opt.zero_grad()
        l = nsloss(b, draw(len(b)))
        l.backward()
        opt.step()
        tot += l.item() * len(b)
    with torch.no_grad():
        held = nsloss(test, test_negs).item()
        w = torch.nn.functional.normalize(syn0.weight, dim=1)
        sim = w @ w.T - 2 * torch.eye(V)
        nn5 = sim.topk(5, dim=1).indices.numpy()
        purity = (cls[nn5] == cls[:, None]).mean()
    print(f"epoch {epoch + 1}  train {tot / len(train):.4f}  held-out {held:.4f}  5-nn purity {purity:.3f}")
    for grp in opt.param_groups:
        grp["lr"] *= 0.6
print(f"start loss {(K + 1) * np.log(2):.3f}, purity by chance {(PER - 1) / (V - 1):.3f}")
