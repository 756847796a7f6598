"""Book blurbs to genre with twelve tanh layers."""
import random

import torch
from torch import nn

random.seed(233)
torch.manual_seed(233)
GENRE = {"western": "sheriff saloon cattle outlaw".split(), "space": "planet alien shuttle orbit".split(), "gothic": "castle ghost crypt raven".split()}
TEXT = "a young man returns to his where he must face the past and his own".split()
vocab = {w: i + 1 for i, w in enumerate(sorted(set(TEXT) | {w for g in GENRE.values() for w in g}))}


def blurb():
    y = random.randrange(3)
    words = random.choices(TEXT, k=random.randint(5, 9)) + random.choices(list(GENRE.values())[y], k=2)
    random.shuffle(words)
    return torch.tensor([vocab[w] for w in words]), y


def make(n):
    rows = [blurb() for _ in range(n)]
    return nn.utils.rnn.pad_sequence([b for b, _ in rows], batch_first=True), torch.tensor([y for _, y in rows])


class Blurbs(nn.Module):
    def __init__(self, d=32, depth=12):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.layers = nn.ModuleList(nn.Linear(d, d) for _ in range(depth))
        self.top = nn.Linear(d, 3)
        for layer in self.layers:
            # fault:
            nn.init.normal_(layer.weight, std=0.02)
            # mended:
            # nn.init.xavier_normal_(layer.weight, gain=nn.init.calculate_gain("tanh"))
            # end
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        h = self.emb(x).sum(1) / (x != 0).sum(1, keepdim=True)
        for layer in self.layers:
            h = torch.tanh(layer(h))
        return self.top(h)


x, y = make(1500)
xd, yd = make(300)
model = Blurbs()
opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for epoch in range(6):
    total = 0.0
    for i in torch.randperm(1500).split(30):
        loss = nn.functional.cross_entropy(model(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        acc = (model(xd).argmax(1) == yd).float().mean().item()
    print(f"epoch {epoch} loss {total / 50:.4f} dev accuracy {acc:.4f}")
