"""Who opened the meeting? The first word names the speaker, the rest is talk; GRU cell, step by step."""
import random

import torch
from torch import nn

random.seed(51)
torch.manual_seed(51)
SPEAKERS = [f"spk{i:02d}" for i in range(24)]
TALK = [f"t{i}" for i in range(30)]
index = {w: i for i, w in enumerate(SPEAKERS + TALK)}
TEAM = [random.randrange(6) for _ in SPEAKERS]
STEPS = 14


def meeting():
    s = random.randrange(24)
    return [index[SPEAKERS[s]]] + [index[w] for w in random.choices(TALK, k=STEPS - 1)], TEAM[s]


class Minutes(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(len(index), 16)
        self.cell = nn.GRUCell(16, 32)
        self.team = nn.Linear(32, 6)

    def forward(self, x):
        h = x.new_zeros(x.size(1), 32, dtype=torch.float)
        for word in x:                      # x is (time, batch)
            # fault:
            h = self.cell(self.table(word), h.detach())
            # mended:
            # h = self.cell(self.table(word), h)
            # end
        return self.team(h)


rows = [meeting() for _ in range(2600)]
x = torch.tensor([t for t, _ in rows]).t().contiguous()
y = torch.tensor([k for _, k in rows])
xd, yd, x, y = x[:, :400], y[:400], x[:, 400:], y[400:]
model = Minutes()
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
for epoch in range(7):
    for i in torch.randperm(x.size(1)).split(40):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x[:, i]), y[i])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
    with torch.no_grad():
        print(f"epoch {epoch}, loss {loss.item():.4f}, dev accuracy {(model(xd).argmax(1) == yd).float().mean():.4f}")
