"""Prototype network for bird calls written down by listeners: similarity of a call to 24 learned prototypes, then a linear vote."""
import random

import torch
import torch.nn as nn

random.seed(36)
torch.manual_seed(36)
SYLL = ["tsip", "tsee", "chak", "hoo", "krr", "fiu", "tuk", "wit"]
BIRDS = {b: [random.random() ** 3 for _ in SYLL] for b in ["tit", "jay", "owl", "wren", "crow", "finch"]}


def call(bird):
    return random.choices(range(len(SYLL)), weights=BIRDS[bird], k=random.randint(8, 16))


class PrototypeNet(nn.Module):
    def __init__(self, n_proto=24, d=12):
        super().__init__()
        self.emb = nn.Embedding(len(SYLL) + 1, d, padding_idx=len(SYLL))
        self.prototypes = nn.Parameter(torch.randn(n_proto, d) * 0.5)
        self.vote = nn.Linear(n_proto, len(BIRDS))

    def forward(self, ids):
        real = (ids != len(SYLL)).unsqueeze(2)
        v = (self.emb(ids) * real).sum(1) / real.sum(1)
        d2 = (v.unsqueeze(1) - self.prototypes).pow(2).sum(2)
        # fault:
        similarity = torch.relu(-d2)
        # mended:
        # similarity = torch.exp(-d2)
        # end
        return self.vote(similarity)


def split(n):
    rows = [(call(b), k) for _ in range(n) for k, b in enumerate(BIRDS)]
    random.shuffle(rows)
    x = nn.utils.rnn.pad_sequence([torch.tensor(c) for c, _ in rows], batch_first=True, padding_value=len(SYLL))
    return x, torch.tensor([k for _, k in rows])


x, y = split(300)
xd, yd = split(60)
net = PrototypeNet()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(12):
    for i in torch.randperm(len(x)).split(30):
        loss = nn.functional.cross_entropy(net(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (net(xd).argmax(1) == yd).float().mean().item()
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1}: loss {loss.item():.4f}, held-out accuracy {acc:.4f}")
