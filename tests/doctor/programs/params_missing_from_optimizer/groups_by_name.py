"""Category of a shop item from its title; weight decay for the layers but not for the biases."""
import random

import torch
from torch import nn

random.seed(21)
torch.manual_seed(21)
kinds = 10
terms = [[f"k{k}t{i}" for i in range(16)] for k in range(kinds)]
vague = [f"v{i}" for i in range(50)]
ids = {w: i for i, w in enumerate(vague + sum(terms, []))}


def titles(n):
    x, y = [], []
    for _ in range(n):
        k = random.randrange(kinds)
        w = random.choices(vague, k=4) + random.sample(terms[k], 2)
        random.shuffle(w)
        x.append([ids[t] for t in w])
        y.append(k)
    return torch.tensor(x), torch.tensor(y)


class Items(nn.Module):
    def __init__(self, d=10):
        super().__init__()
        self.wte = nn.Embedding(len(ids), d)
        self.encoder = nn.Linear(d, 32)
        self.norm = nn.LayerNorm(32)
        self.classifier = nn.Linear(32, kinds)

    def forward(self, x):
        return self.classifier(torch.relu(self.norm(self.encoder(self.wte(x).mean(1)))))


def parameter_groups(model):
    decay, plain = [], []
    for name, p in model.named_parameters():
        if name.endswith("bias") or "norm" in name:
            plain.append(p)
        # fault:
        elif "encoder" in name or "classifier" in name:
            decay.append(p)
        # mended:
        # elif "encoder" in name or "classifier" in name:
        #     decay.append(p)
        # else:
        #     plain.append(p)
        # end
    return [{"params": decay, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}]


model = Items()
opt = torch.optim.AdamW(parameter_groups(model), lr=5e-3)
x, y = titles(2000)
xt, yt = titles(400)
for epoch in range(8):
    total = 0.0
    for b in torch.randperm(2000).split(40):
        loss = nn.functional.cross_entropy(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        print(f"epoch {epoch} loss {total / 50:.4f} accuracy {(model(xt).argmax(1) == yt).float().mean():.4f}")
