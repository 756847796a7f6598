"""Average price level of a menu (1 cheap .. 4 expensive per dish), self-attention over the dishes."""
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

random.seed(27)
torch.manual_seed(27)
dishes = {1: "fries toast soup beans egg porridge".split(), 2: "pasta burger salad curry omelette pizza".split(),
          3: "salmon duck lamb risotto ravioli tart".split(), 4: "lobster oysters truffle caviar wagyu turbot".split()}
stoi = {w: i + 1 for i, w in enumerate(w for ws in dishes.values() for w in ws)}


def menu():
    n = random.randint(3, 25)
    low = random.choice([1, 1, 2, 3])
    levels = [random.randint(low, min(4, low + 1)) if random.random() < 0.8 else random.randint(1, 4) for _ in range(n)]
    return tuple(random.choice(dishes[k]) for k in levels), sum(levels) / n


rows = sorted({menu() for _ in range(2000)})
random.shuffle(rows)
train, dev = rows[:1600], rows[1600:]


class MenuModel(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.embed = nn.Embedding(len(stoi) + 1, d, padding_idx=0)
        self.query = nn.Parameter(torch.randn(1, 1, d) * 0.1)
        self.attn = nn.MultiheadAttention(d, 2, batch_first=True)
        self.out = nn.Linear(d, 1)

    def forward(self, x):
        h = self.embed(x)
        q = self.query.expand(len(x), -1, -1)
        # fault:
        a, _ = self.attn(q, h, h)
        # mended:
        # a, _ = self.attn(q, h, h, key_padding_mask=x == 0)
        # end
        return self.out(a[:, 0]).squeeze(1)


def collate(batch):
    return pad_sequence([torch.tensor([stoi[w] for w in ws]) for ws, _ in batch], batch_first=True), torch.tensor([p for _, p in batch])


def buckets(rows, size):
    """menus of similar length together, the batches in random order"""
    rows = sorted(rows, key=lambda r: (len(r[0]), random.random()))
    batches = [rows[i : i + size] for i in range(0, len(rows), size)]
    random.shuffle(batches)
    return map(collate, batches)


model = MenuModel()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
x_dev, y_dev = collate(dev)
for epoch in range(12):
    losses = []
    for x, y in buckets(train, 20):
        loss = nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        mae = (model(x_dev) - y_dev).abs().mean().item()
    print(f"epoch {epoch:2d} train mse {sum(losses) / len(losses):.4f} dev mae {mae:.4f}")
