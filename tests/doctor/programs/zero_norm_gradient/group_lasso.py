"""Which words matter for the price class of a flat? Group penalty on the rows of the embedding table."""
import random

import torch
from torch import nn

random.seed(58)
torch.manual_seed(58)
price = {"balcony": 1, "lift": 1, "garden": 2, "noisy": -1, "damp": -2, "dark": -1, "bright": 1, "basement": -2}
useless = [f"u{i}" for i in range(40)]
vocab = {w: i + 1 for i, w in enumerate(list(price) + useless)}


def advert():
    t = random.sample(list(price), random.randint(1, 4)) + random.choices(useless, k=random.randint(3, 8))
    random.shuffle(t)
    s = sum(price.get(w, 0) for w in t)
    return torch.tensor([vocab[w] for w in t]), 0 if s < 0 else 1 if s == 0 else 2


def collate(rows):
    return nn.utils.rnn.pad_sequence([t for t, _ in rows], batch_first=True), torch.tensor([y for _, y in rows])


class Flats(nn.Module):
    def __init__(self, d=8):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.net = nn.Sequential(nn.Linear(d, 24), nn.Tanh(), nn.Linear(24, 3))

    def forward(self, x):
        return self.net(self.emb(x).sum(1))

    def penalty(self):
        # fault:
        return torch.sqrt((self.emb.weight**2).sum(1)).sum()
        # mended:
        # return torch.sqrt((self.emb.weight**2).sum(1) + 1e-8).sum()
        # end


rows = [advert() for _ in range(1200)]
train = torch.utils.data.DataLoader(rows[:900], 30, shuffle=True, collate_fn=collate)
x, y = collate(rows[900:])
model = Flats()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(6):
    for xb, yb in train:
        loss = nn.functional.cross_entropy(model(xb), yb) + 1e-3 * model.penalty()
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        size = model.emb.weight.norm(dim=1)
        print(f"epoch {epoch} loss {loss.item():.3f} accuracy {(model(x).argmax(1) == y).float().mean():.3f} row length: telling {size[1:9].mean():.2f} useless {size[9:].mean():.2f}")
