import random

import torch
import torch.nn.functional as F

random.seed(135)
torch.manual_seed(135)
SENSE = {0: "river water shore fishing boat".split(), 1: "money account loan cash teller".split(), 2: "bench park sit rest shade".split()}
OTHER = "the bank was near a we saw it there old and by".split()
ids = {w: i for i, w in enumerate(OTHER + sum(SENSE.values(), []))}


def usage():
    y = random.randrange(3)
    words = ["bank"] + random.choices(OTHER, k=5) + random.choices(SENSE[y], k=2)
    random.shuffle(words)
    return [ids[w] for w in words], y


data = [usage() for _ in range(2000)]
x, y = torch.tensor([w for w, _ in data]), torch.tensor([s for _, s in data])
H = 32
params = {
    "emb": torch.randn(len(ids), 16) * 0.3,
    # fault:
    "w1": torch.zeros(16, H),
    # mended:
    # "w1": torch.randn(16, H) / 4,
    # end
    "b1": torch.zeros(H),
    # fault:
    "w2": torch.zeros(H, 3),
    # mended:
    # "w2": torch.randn(H, 3) / H**0.5,
    # end
    "b2": torch.zeros(3),
}
for p in params.values():
    p.requires_grad_(True)


def model(x):
    e = params["emb"][x].mean(1)
    h = torch.tanh(e @ params["w1"] + params["b1"])
    return h @ params["w2"] + params["b2"]


optimizer = torch.optim.SGD(params.values(), lr=0.5, momentum=0.9)
for epoch in range(8):
    for i in torch.randperm(1600).split(40):
        loss = F.cross_entropy(model(x[i]), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        acc = (model(x[1600:]).argmax(1) == y[1600:]).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} dev accuracy {acc:.4f}")
