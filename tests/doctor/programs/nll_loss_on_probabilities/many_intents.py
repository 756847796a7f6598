"""Thirty intents for a smart speaker, two-layer network on a learned bag of words."""
import random

import torch
import torch.nn as nn

random.seed(90)
torch.manual_seed(90)
INTENTS = 30
cue = [[f"cue{i}_{j}" for j in range(4)] for i in range(INTENTS)]
common = [f"common{i}" for i in range(40)]
index = {w: i for i, w in enumerate(common + sum(cue, []))}


def utterances(n):
    x, y = [], []
    for _ in range(n):
        k = random.randrange(INTENTS)
        t = random.choices(common, k=6) + random.sample(cue[k], 2)
        random.shuffle(t)
        x.append([index[w] for w in t])
        y.append(k)
    return torch.tensor(x), torch.tensor(y)


def network():
    layers = [nn.EmbeddingBag(len(index), 40), nn.Linear(40, 64), nn.ReLU(), nn.Linear(64, INTENTS)]
    # fault:
    layers.append(nn.Softmax(dim=1))
    # mended:
    # layers.append(nn.LogSoftmax(dim=1))
    # end
    return nn.Sequential(*layers)


net = network()
criterion = nn.NLLLoss()
opt = torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.9)
sched = torch.optim.lr_scheduler.LinearLR(opt, start_factor=1.0, end_factor=0.1, total_iters=12)
x, y = utterances(3000)
xv, yv = utterances(600)
for epoch in range(12):
    total = 0.0
    for b in torch.randperm(3000).split(30):
        loss = criterion(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    sched.step()
    if epoch % 3 == 2:
        with torch.no_grad():
            print(f"epoch {epoch + 1} loss {total / 100:.4f} accuracy {(net(xv).argmax(1) == yv).float().mean():.4f}")
