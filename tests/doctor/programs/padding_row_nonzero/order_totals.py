"""What does the order cost? Items are summed up; a batch is as wide as its longest order."""
import random

import torch
import torch.nn as nn

random.seed(50)
torch.manual_seed(50)
ITEMS = [f"item{i}" for i in range(120)]
PRICE = {w: random.uniform(0.5, 6) for w in ITEMS}
IDS = {w: i + 1 for i, w in enumerate(ITEMS)}


def orders(n):
    out = []
    for _ in range(n):
        k = random.choice([1, 2, 2, 3, 3, 4, 5, 6, 15, 30])
        o = random.choices(ITEMS, k=k)
        out.append((torch.tensor([IDS[w] for w in o]), sum(PRICE[w] for w in o)))
    return out


def collate(batch):
    x = nn.utils.rnn.pad_sequence([o for o, _ in batch], batch_first=True, padding_value=0)
    return x, torch.tensor([p for _, p in batch]) / 10


class Till(nn.Module):
    def __init__(self):
        super().__init__()
        self.items = nn.Embedding(len(IDS) + 1, 1, padding_idx=0)      # what each item costs
        self.delivery = nn.Parameter(torch.zeros(1))
        self.reset_parameters()

    def reset_parameters(self):
        # fault:
        nn.init.normal_(self.items.weight, std=0.3)
        # mended:
        # nn.init.normal_(self.items.weight, std=0.3)
        # nn.init.zeros_(self.items.weight[0].detach())
        # end

    def forward(self, x):
        return self.items(x).sum(dim=(1, 2)) + self.delivery


train, dev = orders(1500), orders(400)
keys = {tuple(o.tolist()) for o, _ in train}
dev = [d for d in dev if tuple(d[0].tolist()) not in keys]
till = Till()
opt = torch.optim.Adam(till.parameters(), lr=1e-2)
loader = torch.utils.data.DataLoader(train, batch_size=16, shuffle=True, collate_fn=collate)
dev_loader = torch.utils.data.DataLoader(dev, batch_size=16, collate_fn=collate)
for epoch in range(12):
    for x, y in loader:
        loss = nn.functional.mse_loss(till(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        err = torch.cat([(till(x) - y).abs() for x, y in dev_loader]).mean()
    print(f"epoch {epoch} loss {loss.item():.5f} dev off by {10 * err.item():.3f}")
