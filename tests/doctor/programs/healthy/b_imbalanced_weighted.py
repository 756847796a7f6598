"""Deliberate imbalance: 8 % of the notes are urgent; class weights, macro score, high dropout, frozen random features."""
import random

import torch
from torch import nn

random.seed(309)
torch.manual_seed(309)
URGENT, CALM = "asap fire leak broken help danger stuck smoke".split(), "please when maybe plan later ask soon idea".split()
BOTH = "the in house today we it kitchen door water old".split()
vocab = {w: i for i, w in enumerate(URGENT + CALM + BOTH)}


def note(urgent):
    words = random.choices(BOTH, k=4) + random.choices(URGENT if urgent else CALM, k=2)
    random.shuffle(words)
    return [vocab[w] for w in words]


def make(n):
    y = torch.tensor([float(random.random() < 0.08) for _ in range(n)])
    return torch.tensor([note(bool(v)) for v in y]), y


class Alarm(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 64)
        self.emb.weight.requires_grad_(False)  # random features are enough for such a small vocabulary
        self.drop = nn.Dropout(0.6)
        self.out = nn.Linear(64, 1)

    def forward(self, x):
        return self.out(self.drop(self.emb(x).mean(1))).squeeze(1)


x, y = make(2500)
xd, yd = make(1000)
model = Alarm()
loss_fn = nn.BCEWithLogitsLoss(pos_weight=(1 - y.mean()) / y.mean())
opt = torch.optim.Adam(model.out.parameters(), lr=1e-2)
for epoch in range(8):
    model.train()
    for i in torch.randperm(len(y)).split(50):
        loss = loss_fn(model(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        guess = model(xd) > 0
    recall = [(guess == bool(c))[yd == c].float().mean().item() for c in (0, 1)]
    print(f"epoch {epoch} loss {loss.item():.4f} recall {recall[0]:.3f} {recall[1]:.3f} balanced {sum(recall) / 2:.3f}")
