# Facies from driller's descriptions: each interval is a handful of abbreviated terms.
# The interval vector is the mean of the term vectors weighted with a learned term importance.
import numpy as np
import torch
import torch.nn.functional as F

rs = np.random.RandomState(13)
torch.manual_seed(13)

FACIES = ["sandstone", "shale", "limestone", "dolomite", "coal", "anhydrite", "marl", "conglomerate"]
N_TERMS = 240
K = len(FACIES)

# a term is typical of one facies (a third of the terms) or of none
typical = np.where(rs.rand(N_TERMS) < 0.4, rs.randint(0, K, N_TERMS), -1)
by_facies = [np.flatnonzero(typical == k) for k in range(K)]


def interval(k):
    n = rs.randint(5, 12)
    terms = [int(rs.choice(by_facies[k])) if rs.rand() < 0.4 else int(rs.randint(N_TERMS)) for _ in range(n)]
    return terms


facies_tr = rs.randint(0, K, 3200)
facies_te = rs.randint(0, K, 700)
train = [interval(k) for k in facies_tr]
test = [interval(k) for k in facies_te]
facies_tr, facies_te = torch.as_tensor(facies_tr), torch.as_tensor(facies_te)

DIM = 16
terms_vec = (torch.randn(N_TERMS, DIM) * 0.3).requires_grad_()
importance = torch.zeros(N_TERMS, requires_grad=True)
W = (torch.randn(DIM, K) * DIM ** -0.5).requires_grad_()
bias = torch.zeros(K, requires_grad=True)
params = [terms_vec, importance, W, bias]


def interval_vector(terms):
    # fault:
    v = terms_vec.detach().numpy()[terms]
    a = importance.detach().numpy()[terms]
    a = np.exp(a) / np.exp(a).sum()
    return torch.from_numpy(a @ v)
    # mended:
    #a = torch.softmax(importance[terms], dim=0)
    #return a @ terms_vec[terms]
    # end


def predict(batch):
    return torch.stack([interval_vector(t) for t in batch]) @ W + bias


opt = torch.optim.Adam(params, lr=0.01, weight_decay=3e-4)
STEP = 50
for epoch in range(4):
    order = rs.permutation(len(train))
    cost = hits = 0.0
    for s in range(0, len(order), STEP):
        rows = order[s:s + STEP]
        out = predict([train[r] for r in rows])
        y = facies_tr[rows]
        loss = F.cross_entropy(out, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        cost += loss.item() * len(rows)
        hits += (out.argmax(1) == y).sum().item()
    with torch.no_grad():
        out = predict(test)
        tl = F.cross_entropy(out, facies_te).item()
        ta = (out.argmax(1) == facies_te).float().mean().item()
    print("epoch %d  train %.3f / %.3f   test %.3f / %.3f" % (epoch, cost / len(train), hits / len(train), tl, ta))

confusion = np.zeros((K, K), int)
for t, p in zip(facies_te.tolist(), out.argmax(1).tolist()):
    confusion[t, p] += 1
for k, name in enumerate(FACIES):
    print("  %-13s recall %.2f" % (name, confusion[k, k] / confusion[k].sum()))
print("facies recognised: %.3f" % (np.trace(confusion) / len(test)))
