# Pointer network demo for the tutorial: "ann 12 bob 7 eve 31 ? bob" -> point at the position of 7.
# There are no classes: the output is a distribution over the positions of the very input (softmax over time).
import random
import torch
import torch.nn as nn

random.seed(4)
torch.manual_seed(4)
NAMES = list(range(1, 21))
DESKS = list(range(21, 61))


def example():
    k = random.randint(2, 7)
    who = random.sample(NAMES, k)
    seq = []
    for w in who:
        seq += [w, random.choice(DESKS)]
    j = random.randrange(k)
    return seq, who[j], 2 * j + 1


def make(n):
    ex = [example() for _ in range(n)]
    T = max(len(s) for s, _, _ in ex)
    x = torch.tensor([s + [0] * (T - len(s)) for s, _, _ in ex])
    return x, torch.tensor([q for _, q, _ in ex]), torch.tensor([p for _, _, p in ex])


class Pointer(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.tok = nn.Embedding(61, d, padding_idx=0)
        self.rnn = nn.GRU(d, d, batch_first=True)            # forward only: padding stands behind
        self.key = nn.Linear(d, d, bias=False)

    def forward(self, x, q):
        h, _ = self.rnn(self.tok(x))
        score = (self.key(h) * self.tok(q).unsqueeze(1)).sum(-1) / h.size(-1) ** 0.5
        return score.masked_fill(x == 0, float("-inf"))


X, Q, P = make(1500)
Xv, Qv, Pv = make(300)
net = Pointer()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
steps = 7 * (len(X) // 50)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=1.5e-2, total_steps=steps)
for epoch in range(7):
    net.train()
    tot = 0.0
    for idx in torch.randperm(len(X)).chunk(30):
        logp = net(X[idx], Q[idx]).log_softmax(dim=1)
        loss = -logp.gather(1, P[idx, None]).mean()
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        sched.step()
        tot += loss.item()
    net.eval()
    with torch.no_grad():
        hit = (net(Xv, Qv).argmax(1) == Pv).float().mean()
        hit_tr = (net(X[:300], Q[:300]).argmax(1) == P[:300]).float().mean()
    print(f"epoch {epoch} loss {tot / 30:.4f} pointed right: train {hit_tr:.3f} new {hit:.3f}")
