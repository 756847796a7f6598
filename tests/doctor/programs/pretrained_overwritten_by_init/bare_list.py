"""Position or colour? A tagger written with bare tensors; a helper draws every matrix of the list."""
import random

import torch
import torch.nn.functional as F

random.seed(31)
torch.manual_seed(31)
D = 16
colours, places, rest = [f"col{i}" for i in range(50)], [f"pos{i}" for i in range(50)], [f"r{i}" for i in range(60)]
means = torch.randn(3, D)
with open("tags.vec", "w") as f:
    for k, ws in enumerate((rest, colours, places)):
        for w in ws:
            f.write(w + " " + " ".join(f"{x:.4f}" for x in (means[k] * 0.8 + 0.5 * torch.randn(D)).tolist()) + "\n")
table, at = [], {}
for line in open("tags.vec"):
    w, values = line.split(" ", 1)
    at[w] = len(at)
    table.append(torch.tensor([float(v) for v in values.split()]))


def start(matrices):
    with torch.no_grad():
        for m in matrices:
            bound = (6 / sum(m.shape)) ** 0.5
            m.uniform_(-bound, bound)


E = torch.stack(table).requires_grad_()
W, U, V = (torch.empty(*s).requires_grad_() for s in ((D, 24), (24, 24), (24, 3)))
# fault:
weights = [E, W, U, V]
start(weights)
# mended:
# weights = [E, W, U, V]
# start(weights[1:])
# end


def tag(ids):  # T x B -> T x B x 3
    x, h, out = E[ids] @ W, torch.zeros(ids.shape[1], 24), []
    for t in range(ids.shape[0]):
        h = torch.tanh(x[t] + h @ U)
        out.append(h @ V)
    return torch.stack(out)


def sentence(part):
    ws = [random.choice(random.choice((rest, colours[part], places[part]))) for _ in range(7)]
    return [at[w] for w in ws], [1 if w in colours else 2 if w in places else 0 for w in ws]


train, dev = [sentence(slice(0, 20)) for _ in range(300)], [sentence(slice(20, 50)) for _ in range(100)]
opt = torch.optim.Adam(weights, lr=3e-3)
for epoch in range(8):
    random.shuffle(train)
    for i in range(0, len(train), 20):
        x, y = (torch.tensor(v).t() for v in zip(*train[i : i + 20]))
        loss = F.cross_entropy(tag(x).reshape(-1, 3), y.reshape(-1))
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        x, y = (torch.tensor(v).t() for v in zip(*dev))
        print(epoch, round(loss.item(), 3), (tag(x).argmax(2) == y).float().mean().item())
