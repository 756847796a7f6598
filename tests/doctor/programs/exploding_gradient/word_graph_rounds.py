"""Message passing on sentence graphs: every word hears the words within four places, eight rounds; polarity of the target word."""
import random

import torch
from torch import nn

random.seed(27)
torch.manual_seed(27)
N, REACH, ROUNDS = 16, 4, 8
NAMES, GOOD, BAD, REST = range(1, 31), range(31, 46), range(46, 61), range(61, 120)


def graph():
    words = random.choices(REST, k=N)
    at, kind = random.randrange(N), random.randrange(2)
    words[at] = random.choice(NAMES)
    near = [i for i in range(max(0, at - 2), min(N, at + 3)) if i != at]
    far = [i for i in range(N) if abs(i - at) > 5]
    words[random.choice(near)] = random.choice([GOOD, BAD][kind])
    words[random.choice(far)] = random.choice([GOOD, BAD][random.randrange(2)])
    return words, at, kind


i = torch.arange(N)
edges = ((i[:, None] - i).abs() <= REACH).float()
edges.fill_diagonal_(0)


class Rounds(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(120, d)
        self.self_lin = nn.ModuleList(nn.Linear(d, d) for _ in range(ROUNDS))
        self.msg_lin = nn.ModuleList(nn.Linear(d, d) for _ in range(ROUNDS))
        self.read = nn.Linear(d, 2)

    def forward(self, words, at):
        h = self.emb(words)
        for s, m in zip(self.self_lin, self.msg_lin):
            # fault:
            incoming = edges @ h
            # mended:
            # incoming = edges @ h / edges.sum(1, keepdim=True)
            # end
            h = h + torch.relu(s(h) + m(incoming))
        return self.read(h[torch.arange(len(h)), at])


rows = [graph() for _ in range(2300)]
X, A, Y = (torch.tensor(c) for c in zip(*rows))
net = Rounds()
opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
for epoch in range(8):
    tot = 0.0
    for b in (torch.randperm(2000) + 300).split(40):
        loss = nn.functional.cross_entropy(net(X[b], A[b]), Y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / 50
    with torch.no_grad():
        acc = (net(X[:300], A[:300]).argmax(1) == Y[:300]).float().mean().item()
    print(f"epoch {epoch} loss {tot:.4g} dev accuracy {acc:.3f}")
