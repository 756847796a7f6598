"""Mean and standard deviation of word vectors as text features; queries can be one word long."""
import random

import torch
from torch import nn

random.seed(216)
torch.manual_seed(216)
SHELF = {"fiction": "novel saga thriller fable".split(), "cooking": "recipes baking soups grill".split(), "nature": "birds forests rivers moss".split(), "history": "wars empires kings castles".split()}
OPT = "book about with pictures for kids new used cheap".split()
vocab = {w: i + 1 for i, w in enumerate(OPT + [w for s in SHELF.values() for w in s])}


def search():
    y = random.randrange(4)
    words = random.choices(OPT, k=random.choice([0, 1, 2, 3])) + [random.choice(list(SHELF.values())[y])]
    random.shuffle(words)
    return [vocab[w] for w in words], y


def tensors(n):
    rows = [search() for _ in range(n)]
    return nn.utils.rnn.pad_sequence([torch.tensor(r) for r, _ in rows], batch_first=True), torch.tensor([y for _, y in rows])


class StatPool(nn.Module):
    def forward(self, e, mask):
        m = mask.unsqueeze(-1).float()
        n = m.sum(1)
        mean = (e * m).sum(1) / n
        var = (((e - mean.unsqueeze(1)) * m) ** 2).sum(1) / n
        # fault:
        return torch.cat([mean, var.sqrt()], dim=-1)
        # mended:
        # return torch.cat([mean, (var + 1e-6).sqrt()], dim=-1)
        # end


class Search(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(vocab) + 1, 16, padding_idx=0)
        self.pool = StatPool()
        self.output = nn.Linear(32, 4)

    def forward(self, x):
        return self.output(self.pool(self.embedding(x), x != 0))


x, y = tensors(1600)
xd, yd = tensors(400)
model = Search()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(5):
    total = 0.0
    for i in torch.randperm(1600).split(40):
        loss = nn.functional.cross_entropy(model(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        acc = (model(xd).argmax(1) == yd).float().mean().item()
    print(f"epoch {epoch} loss {total / 40:.4f} dev accuracy {acc:.4f}")
