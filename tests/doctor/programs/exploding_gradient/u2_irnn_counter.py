# IRNN (Le, Jaitly and Hinton 2015): a ReLU network whose recurrent matrix starts as the identity,
# here on a topic-scope task: every marker sets a running state, fillers must leave it alone,
# and after each word the network says which of three states the discourse is in.
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(2)
rng = np.random.RandomState(2)

LENGTH = 64
FILLERS = 12
VOCAB = FILLERS + 3            # fillers, then the three topic markers
HIDDEN = 48


def make(n):
    x = rng.randint(0, FILLERS, size=(n, LENGTH))
    x[:, 0] = FILLERS + rng.randint(0, 3, size=n)
    marks = rng.rand(n, LENGTH) < 0.06
    x[marks] = FILLERS + rng.randint(0, 3, size=marks.sum())
    y = np.zeros_like(x)
    state = np.zeros(n, dtype=int)
    for t in range(LENGTH):
        hit = x[:, t] >= FILLERS
        state = np.where(hit, x[:, t] - FILLERS, state)
        y[:, t] = state
    return torch.from_numpy(x), torch.from_numpy(y)


def init_irnn():
    def p(t):
        return t.requires_grad_()
    return {
        "E": p(torch.randn(VOCAB, 16) * 0.5),
        "W": p(torch.randn(16, HIDDEN) * 0.25),
        "U": p(torch.eye(HIDDEN)),
        "b": p(torch.zeros(HIDDEN)),
        "V": p(torch.randn(HIDDEN, 3) * 0.1),
        "c": p(torch.zeros(3)),
    }


def run(P, x):
    h = torch.zeros(len(x), HIDDEN)
    inp = F.embedding(x, P["E"]) @ P["W"] + P["b"]
    outs = []
    for t in range(x.shape[1]):
        h = F.relu(inp[:, t] + h @ P["U"])
        outs.append(h)
    return torch.stack(outs, 1) @ P["V"] + P["c"]


def score(P, x, y):
    with torch.no_grad():
        out = run(P, x)
        return F.cross_entropy(out.reshape(-1, 3), y.reshape(-1)).item(), (out.argmax(-1) == y).float().mean().item()


xtr, ytr = make(700)
xte, yte = make(200)
P = init_irnn()
params = list(P.values())
opt = torch.optim.SGD(params, lr=0.05, momentum=0.9)
for epoch in range(11):
    losses = []
    for idx in torch.randperm(len(xtr)).split(32):
        loss = F.cross_entropy(run(P, xtr[idx]).reshape(-1, 3), ytr[idx].reshape(-1))
        opt.zero_grad()
        # fault:
        loss.backward()
        # mended:
        #loss.backward()
        #nn.utils.clip_grad_norm_(params, 0.5)
        # end
        opt.step()
        losses.append(loss.item())
    tl, ta = score(P, xte, yte)
    print("epoch %d  train loss %.3f  test loss %.3f  test acc %.3f" % (epoch, np.mean(losses), tl, ta))
