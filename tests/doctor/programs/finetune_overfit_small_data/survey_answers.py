"""A hundred and twenty hand-labelled survey answers, vectors trained elsewhere on plenty of text."""
import random

import torch
from torch import nn

random.seed(6)
torch.manual_seed(6)
V, D = 900, 30
mood = torch.randn(V) * 1.2
pretrained = torch.randn(V, D) * 0.7
direction = nn.functional.normalize(torch.randn(D), dim=0)
pretrained += mood[:, None] * direction
zipf = 1.0 / (torch.arange(V) + 12.0)


def answers(n, slips):
    xs, ys = [], []
    while len(ys) < n:
        words = torch.multinomial(zipf, random.randint(5, 9), replacement=True)
        m = mood[words].mean().item()
        if abs(m) < 0.15:
            continue
        y = int(m > 0)
        xs.append(words)
        ys.append(1 - y if random.random() < slips else y)
    return xs, torch.tensor(ys)


class Opinion(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.bag = nn.EmbeddingBag.from_pretrained(pretrained.clone(), mode="mean", freeze=False)
        # mended:
        # self.bag = nn.EmbeddingBag.from_pretrained(pretrained.clone(), mode="mean", freeze=True)
        # end
        self.linear = nn.Linear(D, 2)

    def forward(self, texts):
        offsets = torch.tensor([0] + [len(t) for t in texts[:-1]]).cumsum(0)
        return self.linear(self.bag(torch.cat(texts), offsets))


train_x, train_y = answers(120, slips=0.15)
test_x, test_y = answers(600, slips=0.0)
model = Opinion()
opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-2)
for epoch in range(1, 16):
    order = torch.randperm(120).tolist()
    total = 0.0
    for i in range(0, 120, 12):
        b = order[i:i + 12]
        loss = nn.functional.cross_entropy(model([train_x[j] for j in b]), train_y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    if epoch % 3 == 0:
        with torch.no_grad():
            a = (model(train_x).argmax(1) == train_y).float().mean()
            out = model(test_x)
            b = (out.argmax(1) == test_y).float().mean()
            tl = nn.functional.cross_entropy(out, test_y)
        print(f"epoch {epoch} train loss {total / 10:.3f} acc {a:.3f} | test loss {tl:.3f} acc {b:.3f}")
