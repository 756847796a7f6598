"""How many visitors will an event have? Counts, Poisson likelihood: the loss is negative and that is right."""
import random

import torch
from torch import nn

random.seed(7)
torch.manual_seed(7)
draw = {"concert": 1.2, "fireworks": 1.5, "lecture": -0.6, "market": 0.8, "meeting": -1.0, "parade": 1.0}
plain = "free in the park on sunday at hall old town with".split()
ids = {w: i for i, w in enumerate(list(draw) + plain)}


def event():
    t = random.sample(list(draw), random.randint(1, 2)) + random.choices(plain, k=5)
    t += random.choices(plain, k=2 - len(t) + 5)
    random.shuffle(t)
    rate = torch.exp(torch.tensor(2.5 + sum(draw.get(w, 0) for w in t)))
    return [ids[w] for w in t], torch.poisson(rate).item(), rate.item()


rows = [event() for _ in range(1800)]
x = torch.tensor([t for t, _, _ in rows])
n = torch.tensor([c for _, c, _ in rows])
rate = torch.tensor([r for _, _, r in rows])
model = nn.Sequential(nn.EmbeddingBag(len(ids), 8, mode="sum"), nn.Linear(8, 1), nn.Flatten(0))
criterion = nn.PoissonNLLLoss(log_input=True)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(10):
    for b in torch.randperm(1500).split(30):
        loss = criterion(model(x[b]), n[b])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
    if epoch % 2:
        with torch.no_grad():
            p = model(x[1500:])
            r = torch.corrcoef(torch.stack([p, rate[1500:].log()]))[0, 1]
        print(f"epoch {epoch + 1} loss {criterion(p, n[1500:]):.3f} correlation with the true log rate {r:.3f}")
